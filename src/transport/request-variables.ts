/** What the choke point of all wires knows of every request. */
export interface RequestVariables {
  /** A UUID: in the answer's headers, and in what is logged of the request. */
  requestId: string;
}
