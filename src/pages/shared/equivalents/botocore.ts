import type { Call } from "../api/call.ts";
import type { Credentials } from "../api/credentials.ts";
import { restRequest } from "../api/rest.ts";

/** The call for Python, signed by what boto3 itself signs with; undefined where AWS's clients would never send this. */
export function botocore(origin: string, call: Call, { aws }: Credentials): string | undefined {
  if (aws === undefined) {
    return undefined;
  }
  const { verb, path, body } = restRequest(call);
  const imports = [
    ...(aws === "none" ? [] : ["from botocore.auth import SigV4Auth"]),
    "from botocore.awsrequest import AWSRequest",
    ...(typeof aws === "object" ? ["from botocore.credentials import Credentials"] : []),
    "from botocore.httpsession import URLLib3Session",
    ...(aws === "theirs" ? ["from botocore.session import Session"] : []),
  ];
  const hasBody = body !== "";
  return `${hasBody ? "import json\n\n" : ""}${imports.join("\n")}

${hasBody ? `body = ${JSON.stringify(JSON.parse(body), null, 4)}\n` : ""}request = AWSRequest(
    method=${JSON.stringify(verb)},
    url=${JSON.stringify(origin + path)},${hasBody ? WITH_BODY : ""}
)
${signed(aws)}response = URLLib3Session().send(request.prepare())
print(response.status_code, response.text)`;
}

const WITH_BODY = `
    headers={"Content-Type": "application/json"},
    data=json.dumps(body),`;

function signed(aws: NonNullable<Credentials["aws"]>): string {
  if (aws === "none") {
    return "";
  }
  const credentials =
    aws === "theirs"
      ? "Session().get_credentials()"
      : `Credentials(${JSON.stringify(aws.accessKeyId)}, ${JSON.stringify(aws.secretAccessKey)})`;
  return `SigV4Auth(${credentials}, "chime", "us-east-1").add_auth(request)\n`;
}
