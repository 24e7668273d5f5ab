/** The objects of a class, as they are reached by its binding. */
export interface Objects<Stub> {
  getByName(name: string, options?: DurableObjectNamespaceGetDurableObjectOptions): Stub;
  jurisdiction(jurisdiction: DurableObjectJurisdiction): Objects<Stub>;
}
