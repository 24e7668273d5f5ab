import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/command/local.ts";
import { bearer } from "../../src/pages/shared/api/credentials.ts";
import { botocore } from "../../src/pages/shared/equivalents/botocore.ts";
import { ownCalls } from "../support/console-calls.ts";

/**
 * What the console offers Python for calls that boto3 does not know: programs to run one after the other, in JSON, each with
 * what it prints; once with the key in them, and once with that of the environment.
 */
export async function consoleCalls(url: string): Promise<string> {
  const local = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
  const programs = [];
  for (const [user, credentials] of [["local", bearer("", local)] as const, ["theirs", bearer("")] as const]) {
    const calls = await ownCalls(url, `arn:aws:chime:us-east-1:123456789012:app-instance/console/user/${user}`);
    programs.push(...calls.map(([call, answer]) => ({ text: botocore(url, call, credentials), answer })));
  }
  return JSON.stringify(programs);
}
