/** What a request's headers say of its body, read once. Whatever else they say is one protocol's own. */
export interface RequestHead {
  /** As it was sent, with its parameters; "" where there is none. */
  readonly contentType: string;
  /** The content coding, in lower case: "identity" where none is named. */
  readonly encoding: string;
}

/** The content codings that requests may come in. */
export const ENCODINGS: readonly string[] = ["gzip", "identity"];

export function readHead(headers: Headers): RequestHead {
  return {
    contentType: headers.get("content-type") ?? "",
    encoding: (headers.get("content-encoding") || "identity").toLowerCase(),
  };
}
