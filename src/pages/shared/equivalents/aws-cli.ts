import { kebabCase, REST } from "../../../worker/transport/messages/dialect.ts";
import { writeMessage } from "../../../worker/transport/messages/write.ts";
import type { Call } from "../api/call.ts";
import type { Credentials } from "../api/credentials.ts";
import { snakeCase } from "./boto3.ts";
import { command, quote } from "./shell.ts";

/** The call for the AWS CLI, which signs with an access key; undefined where it makes no such call. */
export function awsCli(origin: string, call: Call, { aws }: Credentials): string | undefined {
  if (aws === undefined) {
    return undefined;
  }
  return command(
    ...environment(aws),
    `aws chime-sdk-identity ${kebabCase(snakeCase(call.operation.name))}`,
    `--endpoint-url ${quote(origin)} --region us-east-1`,
    ...(aws === "none" ? ["--no-sign-request"] : []),
    ...members(call),
  );
}

function environment(aws: Credentials["aws"]): string[] {
  return typeof aws === "object"
    ? [`AWS_ACCESS_KEY_ID=${quote(aws.accessKeyId)} AWS_SECRET_ACCESS_KEY=${quote(aws.secretAccessKey)}`]
    : [];
}

function members({ operation: { method }, request }: Call): string[] {
  const written = writeMessage(method.input, request);
  // The AWS CLI would read such a value out of that file.
  if (Object.values(written).some((value) => typeof value === "string" && /^fileb?:\/\//.test(value))) {
    return [`--cli-input-json ${quote(JSON.stringify(written))}`];
  }
  return method.input.fields
    .map((member) => [kebabCase(member.name), written[REST.names(member)[0]]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => option(name, typeof value === "object" ? JSON.stringify(value) : String(value)));
}

/** What begins as an option does must be one word with its own. */
function option(name: string, value: string): string {
  return value.startsWith("-") ? `--${name}=${quote(value)}` : `--${name} ${quote(value)}`;
}
