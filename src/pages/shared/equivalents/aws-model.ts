import { isFieldSet } from "@bufbuild/protobuf";
import type { Call } from "../api/call.ts";

/**
 * What is ours alone: AWS's model of Chime SDK Identity (2021-04-20) does not have it, and so neither do AWS's CLI and SDKs.
 * A test holds this against one of them.
 */
const OPERATIONS: readonly string[] = [
  "ResolveAppInstanceUserEndpoints",
  "ReportAppInstanceUserEndpointFailures",
  "LookupAppInstanceUserEndpoints",
  "ListEndpointsByAppInstance",
];
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  UpdateAppInstanceUserEndpoint: ["endpoint_attributes"],
};

/** What of a call AWS's clients don't know, in words; undefined where they can make it. */
export function unknownToAws({ operation: { method, name }, request }: Call): string | undefined {
  if (OPERATIONS.includes(name)) {
    return "do not have this operation: it is Rollcall’s own.";
  }
  const isOwn = method.input.fields.some((field) => MEMBERS[name]?.includes(field.name) && isFieldSet(request, field));
  return isOwn ? "can’t name a token in an update: that is Rollcall’s own." : undefined;
}
