import { writeMessage } from "../../../worker/transport/messages/write.ts";
import type { Call } from "../api/call.ts";
import type { Credentials } from "../api/credentials.ts";

/** The call for boto3, AWS's SDK for Python; undefined where it makes no such call. */
export function boto3(origin: string, { operation, request }: Call, { aws }: Credentials): string | undefined {
  if (aws === undefined) {
    return undefined;
  }
  const { input } = operation.method;
  const client = ['"chime-sdk-identity"', `endpoint_url=${literal(origin)}`, 'region_name="us-east-1"'];
  if (aws === "none") {
    client.push("config=Config(signature_version=UNSIGNED)");
  } else if (aws !== "theirs") {
    client.push(`aws_access_key_id=${literal(aws.accessKeyId)}`);
    client.push(`aws_secret_access_key=${literal(aws.secretAccessKey)}`);
  }
  const members = Object.entries(writeMessage(input, request)).map(([name, value]) => `${name}=${literal(value)}`);
  return `import boto3
${aws === "none" ? "from botocore import UNSIGNED\nfrom botocore.config import Config\n" : ""}
client = boto3.client(${lines(client)})
response = client.${snakeCase(operation.name)}(${lines(members)})
print(response)`;
}

function lines(args: readonly string[]): string {
  return `\n${args.map((arg) => `    ${arg},\n`).join("")}`;
}

/** Strings, numbers and objects of them are spelled in Python as in JSON. */
function literal(value: unknown): string {
  return JSON.stringify(value);
}

/** "RegisterAppInstanceUserEndpoint" to "register_app_instance_user_endpoint". */
export function snakeCase(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, "_$&").toLowerCase();
}
