import { AppInstanceUserEndpointType } from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { describeCall, listCall, registerCall } from "../../shared/api/call.ts";
import type { Tamper } from "../../shared/api/connect.ts";
import { expired, forgedSignature, MALFORMED_TOKEN, NO_CREDENTIALS, unknownKey } from "../../shared/api/credentials.ts";
import type { Wire } from "../../shared/api/exchange.ts";
import { madeUpDeviceToken, newRequestToken } from "../../shared/made-up.ts";
import { type Bench, CannotProvoke, type Recipe } from "./recipe.ts";

export interface Kind {
  readonly title: string;
  readonly recipes: readonly Recipe[];
}

/** More calls than this are too many for a try. */
const FLOOD_MAX = 200;

/** And more made-up devices than this. */
const FILL_MAX = 15;

const HOUR_MS = 3_600_000;

/** One more than a body may have: BODY_MAX_BYTES of model/limits, and it need not even be JSON. */
const BODY_TOO_LARGE_BYTES = 128 * 1_024 + 1;

/** Every refusal that a caller can bring about, in the order in which a call meets them. */
export const KINDS: readonly Kind[] = [
  {
    title: "No such thing",
    recipes: [
      {
        reason: "UNKNOWN_OPERATION",
        does: "Calls an operation that there is not",
        prepare: (bench) => ({
          call: list(bench),
          tamper: both((sent) => ({ ...sent, path: sent.path.replace(/ListApp\w+$|endpoints$/, "NoSuchThing") })),
        }),
      },
      {
        reason: "METHOD_NOT_ALLOWED",
        does: "Sends DELETE where no operation takes it",
        prepare: (bench) => ({ call: list(bench), tamper: both((sent) => ({ ...sent, verb: "DELETE" })) }),
      },
      {
        reason: "UNSUPPORTED_MEDIA_TYPE",
        does: "Sends a registration as text/plain",
        prepare: (bench) => ({
          call: registerCall(aRegistration(bench)),
          tamper: both((sent) => ({ ...sent, headers: { ...sent.headers, "content-type": "text/plain" } })),
        }),
      },
      {
        reason: "BODY_TOO_LARGE",
        does: "Sends one byte more than 128 KiB",
        prepare: (bench) => ({
          call: registerCall(aRegistration(bench)),
          tamper: both((sent) => ({ ...sent, body: "x".repeat(BODY_TOO_LARGE_BYTES) })),
        }),
      },
    ],
  },
  {
    title: "Unauthenticated",
    recipes: [
      {
        reason: "CREDENTIALS_MISSING",
        does: "Calls without a token or a signature",
        prepare: (bench) => ({ call: list(bench), credentials: NO_CREDENTIALS }),
      },
      {
        reason: "TOKEN_REFUSED",
        does: "Bears a token that is none",
        prepare: (bench) => ({ call: list(bench), credentials: MALFORMED_TOKEN }),
      },
      {
        reason: "TOKEN_EXPIRED",
        does: "Bears a token that expired an hour ago",
        localModeOnly: true,
        prepare: async (bench) => ({ call: list(bench), credentials: expired(await bench.expiredToken()) }),
      },
      {
        reason: "SIGNATURE_REFUSED",
        does: "Signs with an access key that nobody has",
        prepare: (bench) => ({ call: list(bench), credentials: unknownKey(new Date()) }),
      },
      {
        reason: "SIGNATURE_EXPIRED",
        does: "Signs with a clock that is an hour slow",
        prepare: (bench) => ({ call: list(bench), credentials: forgedSignature(new Date(Date.now() - HOUR_MS)) }),
      },
    ],
  },
  {
    title: "Invalid",
    recipes: [
      {
        reason: "UNREADABLE_REQUEST",
        does: "Sends half of a registration",
        prepare: (bench) => ({
          call: registerCall(aRegistration(bench)),
          tamper: both((sent) => ({ ...sent, body: sent.body.slice(0, sent.body.length / 2) })),
        }),
      },
      {
        reason: "CONSTRAINTS_VIOLATED",
        does: "Registers with a request token that has spaces, for a resource that is no ARN; both are told",
        prepare: (bench) => ({
          call: registerCall({ ...aRegistration(bench), clientRequestToken: "has spaces", resourceArn: "not-an-arn" }),
        }),
      },
      {
        reason: "NEXT_TOKEN_INVALID",
        does: "Lists from a next token that was made up",
        prepare: ({ arn }) => ({ call: listCall({ appInstanceUserArn: arn, nextToken: "made-up" }) }),
      },
    ],
  },
  {
    title: "Forbidden, not found",
    recipes: [
      {
        reason: "NOT_AUTHORIZED",
        does: "Lists another user's endpoints; refused unless your policy allows it",
        prepare: ({ arn }) => ({ call: listCall({ appInstanceUserArn: `${arn}-and-somebody-else` }) }),
      },
      {
        reason: "ENDPOINT_NOT_FOUND",
        does: "Describes an endpoint that there is not",
        prepare: ({ arn }) => ({
          call: describeCall({ appInstanceUserArn: arn, endpointId: "00000000-0000-7000-8000-000000000000" }),
        }),
      },
    ],
  },
  {
    title: "Throttled",
    recipes: [
      {
        reason: "OPERATION_RATE_EXCEEDED",
        does: "Lists more often at once than a user's endpoints may be listed",
        prepare: (bench) => {
          const { burst, perSecond } = bench.settings.operationRate;
          // Twice what passes in a second: where machines are slow, calls at once take several.
          const flood = 2 * (burst + perSecond);
          if (flood > FLOOD_MAX) {
            throw new CannotProvoke(`It would take more than ${burst} calls at once, which is too many for a try.`);
          }
          return { call: list(bench), flood, note: `One of ${2 * flood} calls at once, half of them over each wire.` };
        },
      },
    ],
  },
  {
    title: "Conflict",
    recipes: [
      {
        reason: "DEVICE_ALREADY_REGISTERED",
        does: "Registers one device twice, with two request tokens",
        writes: "one made-up device",
        prepare: async (bench) => {
          if (bench.settings.adopts) {
            throw new CannotProvoke("This server takes a device that is registered again as the same endpoint.");
          }
          const deviceToken = madeUpDeviceToken();
          await bench.register({ deviceToken, requestToken: newRequestToken() });
          return {
            call: registerCall({ ...aRegistration(bench), endpointAttributes: { deviceToken } }),
            note: WRITTEN,
          };
        },
      },
      {
        reason: "REQUEST_TOKEN_REUSED",
        does: "Registers two devices with one request token",
        writes: "one made-up device",
        prepare: async (bench) => {
          const requestToken = newRequestToken();
          await bench.register({ deviceToken: madeUpDeviceToken(), requestToken });
          return { call: registerCall({ ...aRegistration(bench), clientRequestToken: requestToken }), note: WRITTEN };
        },
      },
      {
        reason: "ENDPOINT_DEREGISTERED",
        does: "Repeats a registration after its endpoint was deregistered",
        writes: "one made-up device",
        prepare: async (bench) => {
          const [deviceToken, requestToken] = [madeUpDeviceToken(), newRequestToken()];
          await bench.deregister(await bench.register({ deviceToken, requestToken }));
          const registration = { ...aRegistration(bench), clientRequestToken: requestToken };
          return { call: registerCall({ ...registration, endpointAttributes: { deviceToken } }), note: WRITTEN };
        },
      },
    ],
  },
  {
    title: "Limit",
    recipes: [
      {
        reason: "ENDPOINT_LIMIT_EXCEEDED",
        does: "Fills the free slots, and registers one device more",
        writes: "a made-up device in each free slot",
        prepare: async (bench) => {
          const free = Math.max(0, bench.settings.endpointsPerUser - (await bench.slotsUsed()));
          if (free > FILL_MAX) {
            throw new CannotProvoke(`The user has ${free} free slots, which are too many to fill for a try.`);
          }
          await bench.registerMore(free);
          const note = free === 0 ? undefined : `Filled ${free} free slots first, and freed them afterwards.`;
          return { call: registerCall(aRegistration(bench)), ...(note && { note }) };
        },
      },
    ],
  },
];

const WRITTEN = "Registered a made-up device first, and deregistered it afterwards.";

function list({ arn }: Bench) {
  return listCall({ appInstanceUserArn: arn });
}

/** One that would succeed. */
function aRegistration({ arn, resourceArn }: Bench) {
  return {
    appInstanceUserArn: arn,
    resourceArn,
    type: AppInstanceUserEndpointType.GCM,
    endpointAttributes: { deviceToken: madeUpDeviceToken() },
    clientRequestToken: newRequestToken(),
  };
}

function both(tamper: Tamper): Readonly<Record<Wire, Tamper>> {
  return { Connect: tamper, REST: tamper };
}
