/** Requests and answers that are valid: one story of one phone, told by every example. Part of it stands in the proto. */
import type { DescField } from "@bufbuild/protobuf";
import { REST } from "../worker/transport/messages/dialect.ts";
import { exampleIn } from "../worker/transport/messages/example.ts";
import { OPERATIONS } from "../worker/transport/operations.ts";
import type { JsonObject } from "./json.ts";

/** By the proto's name of the member; a message is made of its members unless it stands here. */
const VALUES: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    OPERATIONS.flatMap(({ method }) => method.input.fields.map((member) => [member.name, exampleIn(member)])),
  ),
  name: "Alice's phone",
  device_token: "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad",
  voip_device_token: "1aeb8d8e9c1d4b6f2c3a5e7f9081726354a5b6c7d8e9fa0b1c2d3e4f50617283",
  next_token: "MDFhMjA5ZWEtMjk3My03NTFmLWJlMzQtNmViY2FjNWViYTM5LnNlYWwtb2YtdGhlLXVzZXI",
  created_timestamp: 1_795_462_670.707,
  last_updated_timestamp: 1_795_462_670.707,
  endpoint_state: { Status: "ACTIVE" },
};

export const ENDPOINT_ID = String(VALUES.endpoint_id);

/** An example of these members of a message. */
export function exampleOfMembers(members: readonly DescField[]): JsonObject {
  return Object.fromEntries(members.map((member) => [REST.names(member)[0], exampleOf(member)]));
}

/** Throws where a member has none. */
export function exampleOf(member: DescField): unknown {
  const value = VALUES[member.name];
  if (value !== undefined) {
    return value;
  }
  switch (member.fieldKind) {
    case "enum":
      return member.enum.values.filter(({ number }) => number !== 0).map(REST.enumName)[0];
    case "message":
      return exampleOfMembers(member.message.fields);
    case "list":
      if (member.listKind === "message") {
        return [exampleOfMembers(member.message.fields)];
      }
  }
  throw new Error(`There is no example of ${member}: add one to VALUES in ${import.meta.filename}`);
}
