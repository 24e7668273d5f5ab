/** Requests and answers that are valid: one story of one phone, told by every example. Part of it stands in the proto. */
import type { DescField } from "@bufbuild/protobuf";
import { isTimestamp, REST } from "../worker/transport/messages/dialect.ts";
import { exampleIn } from "../worker/transport/messages/example.ts";
import { OPERATIONS } from "../worker/transport/operations.ts";
import type { JsonObject } from "./json.ts";

/** By the proto's name of the member, or of message and member; a message is made of its members unless it stands here. */
const VALUES: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    OPERATIONS.flatMap(({ method }) => method.input.fields)
      .filter(({ fieldKind }) => fieldKind !== "list")
      .map((member) => [member.name, exampleIn(member)]),
  ),
  name: "Alice's phone",
  device_token: "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad",
  voip_device_token: "1aeb8d8e9c1d4b6f2c3a5e7f9081726354a5b6c7d8e9fa0b1c2d3e4f50617283",
  next_token: "MDFhMjA5ZWEtMjk3My03NTFmLWJlMzQtNmViY2FjNWViYTM5LnNlYWwtb2YtdGhlLXVzZXI",
  created_timestamp: 1_795_462_670.707,
  last_updated_timestamp: 1_795_462_670.707,
  device_token_timestamp: 1_795_462_670.707,
  endpoint_state: { Status: "ACTIVE" },
  // The phone is wiped a day later. Bob can't be served at the moment.
  timestamp: 1_795_549_070.123,
  "FailureResult.endpoint_state": { Status: "INACTIVE", StatusReason: "INVALID_DEVICE_TOKEN" },
  "ResolveAppInstanceUserEndpointsRequest.app_instance_user_arns": [arnOf("alice"), arnOf("bob")],
  "ReportAppInstanceUserEndpointFailuresResponse.errors": [],
  "UserError.app_instance_user_arn": arnOf("bob"),
  error_code: "Throttled",
  error_message: "Too many calls for this user. Try again in 1000 ms.",
  retry_after_seconds: 1,
};

function arnOf(user: string): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/${user}`;
}

export const ENDPOINT_ID = String(VALUES.endpoint_id);

/** An example of these members of a message. */
export function exampleOfMembers(members: readonly DescField[]): JsonObject {
  return Object.fromEntries(members.map((member) => [REST.names(member)[0], exampleOf(member)]));
}

/** Throws where a member has none. */
export function exampleOf(member: DescField): unknown {
  const value = VALUES[`${member.parent.name}.${member.name}`] ?? VALUES[member.name];
  return value ?? (member.fieldKind === "list" ? [exampleOfOne(member)] : exampleOfOne(member));
}

/** Of a value of the member, or of one item where it is a list. */
function exampleOfOne(member: DescField): unknown {
  const { enum: values, message } = member;
  if (values !== undefined) {
    return values.values.filter(({ number }) => number !== 0).map(REST.enumName)[0];
  }
  if (message !== undefined && !isTimestamp(message)) {
    return exampleOfMembers(message.fields);
  }
  const example = exampleIn(member);
  if (example === undefined) {
    throw new Error(`There is no example of ${member}: add one to VALUES in ${import.meta.filename}`);
  }
  return example;
}
