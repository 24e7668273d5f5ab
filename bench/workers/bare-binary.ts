import { CONNECT } from "./bare/connect.ts";
import { bareWorker } from "./bare/steps.ts";

export { AppInstanceUser, Directory } from "./bare/steps.ts";

/** By their numbers in the proto. */
const TYPES = [undefined, "APNS", "APNS_SANDBOX", "GCM"];

/** Of the wire types of Protobuf the one that has a length. */
const LENGTH_DELIMITED = 2;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });
const encoder = new TextEncoder();

/** Over Connect in Protobuf's binary format, by a token. */
export default bareWorker({
  ...CONNECT,
  contentType: "application/proto",
  read: (body) => {
    let [arn, type, resourceArn, deviceToken, clientRequestToken] = ["", 0, "", "", ""];
    eachField(body, (number, value) => {
      switch (number) {
        case 1:
          arn = textOf(value);
          break;
        case 3:
          type = Number(value);
          break;
        case 4:
          resourceArn = textOf(value);
          break;
        case 5:
          eachField(value as Uint8Array, (_, token) => {
            deviceToken = textOf(token);
          });
          break;
        case 6:
          clientRequestToken = textOf(value);
      }
    });
    return { arn, type: TYPES[type], resourceArn, deviceToken, clientRequestToken };
  },
  accepted: (arn, endpointId) => {
    const bytes = new Uint8Array(4 + arn.length + endpointId.length);
    bytes.set([0x0a, arn.length]);
    encoder.encodeInto(arn, bytes.subarray(2));
    bytes.set([0x12, endpointId.length], 2 + arn.length);
    encoder.encodeInto(endpointId, bytes.subarray(4 + arn.length));
    return bytes;
  },
});

/** No number is larger than 127 here, and no length than two bytes of seven bits each. */
function eachField(bytes: Uint8Array, take: (number: number, value: number | Uint8Array) => void): void {
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++] ?? 0;
    let value = bytes[at++] ?? 0;
    if (value > 127) {
      value = (value & 127) | ((bytes[at++] ?? 0) << 7);
    }
    const isLength = (tag & 7) === LENGTH_DELIMITED;
    take(tag >> 3, isLength ? bytes.subarray(at, at + value) : value);
    at += isLength ? value : 0;
  }
}

function textOf(value: number | Uint8Array): string {
  return utf8.decode(value as Uint8Array);
}
