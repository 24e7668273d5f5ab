/** JSON that is none, or not the one that is expected. */
import { BODY_MAX_BYTES } from "../../src/worker/model/limits.ts";
import type { Random } from "../random.ts";
import { type Arsenal, anyRegister, type Hostile } from "./request.ts";

/** Valid JSON or not, put in the place of a whole body. `secret` stands where a careless message would repeat it. */
function wholes(random: Random, secret: string): (string | Uint8Array)[] {
  const deep = random.between(1_000, BODY_MAX_BYTES / 2);
  return [
    "",
    " ",
    "{",
    "}",
    "[]",
    "null",
    "true",
    "0",
    "-",
    "1e999",
    `"${secret}"`,
    `{"${secret}"`,
    `{${secret}: 1}`,
    "\0",
    "{}{}",
    "[".repeat(deep),
    "[".repeat(deep) + "]".repeat(deep),
    '{"a":'.repeat(deep / 4),
    `${'{"a":'.repeat(deep / 8)}1${"}".repeat(deep / 8)}`,
    `{"__proto__": {"Type": "GCM"}, "constructor": {"prototype": {"x": "${secret}"}}}`,
    `{"Name": "${secret}", "Name": "a", "name": "b", "name": ["${secret}"]}`,
    Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(`{"Name": "${secret}"}`)]),
    Buffer.from(`{"Name": "${secret}"}`, "utf16le"),
    Buffer.concat([
      Buffer.from('{"Name": "'),
      Buffer.from([0xff, 0xc0, 0xae, 0xed, 0xa0, 0x80]),
      Buffer.from(`${secret}"}`),
    ]),
    random.bytes(random.between(1, 500)),
    Buffer.alloc(BODY_MAX_BYTES + 1, "{"),
    Buffer.alloc(BODY_MAX_BYTES, " "),
  ];
}

/** What no member takes, or only just; each put in the place of one member of a valid body. */
function values(random: Random, secret: string): string[] {
  return [
    "null",
    "true",
    "0",
    "-0",
    "1e400",
    "123456789012345678901234567890",
    "[]",
    "{}",
    `["${secret}"]`,
    `{"x":"${secret}"}`,
    '""',
    `"\\ud800${secret}"`,
    `"\\udc00"`,
    `"\\u0000${secret}"`,
    `"\\uffff"`,
    `"${"é".repeat(1_600)}"`,
    `"${"x".repeat(1_601)}"`,
    `"${secret.repeat(2_000)}"`,
    `"${"\\ud83d\\ude00".repeat(1_600)}"`,
    `"\\r\\n${secret}"`,
    `"${secret}\\u2028"`,
    '"__proto__"',
    JSON.stringify(random.bytes(random.between(1, 200)).toString("latin1")),
  ];
}

export function badBody(arsenal: Arsenal): Hostile {
  const { random, secret } = arsenal;
  return { ...anyRegister(arsenal), body: Buffer.from(random.pick(wholes(random, secret))) };
}

export function badMember(arsenal: Arsenal): Hostile {
  const { random, secret } = arsenal;
  const request = anyRegister(arsenal);
  const members = JSON.parse(Buffer.from(request.body).toString()) as Record<string, unknown>;
  const text = JSON.stringify(members, (name, value) => (name === random.pick(NAMES) ? "PLACE" : value));
  const added = text.includes('"PLACE"') ? text : `${text.slice(0, -1)},"${random.pick(NAMES)}":"PLACE"}`;
  return { ...request, body: Buffer.from(added.replaceAll('"PLACE"', () => random.pick(values(random, secret)))) };
}

/** Names of members on both wires, and some that no object should lend. */
const NAMES = [
  "Type",
  "ResourceArn",
  "ClientRequestToken",
  "Name",
  "EndpointAttributes",
  "DeviceToken",
  "VoipDeviceToken",
  "AllowMessages",
  "type",
  "resourceArn",
  "clientRequestToken",
  "name",
  "endpointAttributes",
  "deviceToken",
  "appInstanceUserArn",
  "allowMessages",
  "resource_arn",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "",
];

/** A piece of the body replaced by chance. */
export function mutatedBody(arsenal: Arsenal): Hostile {
  const { random } = arsenal;
  const request = anyRegister(arsenal);
  const at = random.between(0, request.body.length);
  const put = random.bytes(random.between(0, 6));
  const end = at + random.between(0, 10);
  return { ...request, body: Buffer.concat([request.body.subarray(0, at), put, request.body.subarray(end)]) };
}
