import type { DescMessage } from "@bufbuild/protobuf";
import type {
  AppInstanceUserEndpoint,
  AppInstanceUserEndpointSummary,
  DeliverableEndpoint,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { type Call, describeCall, listCall, resolveCall } from "../shared/api/call.ts";
import type { Outcome, Refusal } from "../shared/api/connect.ts";
import type { Journal } from "./journal.ts";

/** A user's endpoints, as far as they are known. */
export type Roll =
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly arn: string; readonly refusal: Refusal }
  | KnownRoll;

export interface KnownRoll {
  readonly kind: "known";
  readonly arn: string;
  readonly endpoints: readonly AppInstanceUserEndpointSummary[];
  readonly sending: Sending;
  /** By endpoint id, what a list does not tell: of those that a sender gets, and of some that none gets. */
  readonly particulars: ReadonlyMap<string, Particulars>;
}

/** What Resolve tells of an endpoint, and Describe as well. */
export type Particulars = Pick<DeliverableEndpoint | AppInstanceUserEndpoint, keyof DeliverableEndpoint & Described>;
type Described = Exclude<keyof AppInstanceUserEndpoint, "$typeName">;

/** What a sender is answered. */
export type Sending =
  | { readonly kind: "refused"; readonly refusal: Refusal }
  | {
      readonly kind: "known";
      /** The application that was asked for; empty: any. */
      readonly application: string;
      /** The endpoints that may be woken, of any application. */
      readonly deliverable: readonly DeliverableEndpoint[];
      /** Those of them that are of the application asked for. */
      readonly answered: readonly DeliverableEndpoint[];
    };

/** More are described when a person asks for them: each costs a call. */
const DESCRIBED_MAX = 10;

/** How a call is made: shown to the person, or not. */
type Make = <Output extends DescMessage>(title: string, call: Call<Output>) => Promise<Outcome<Output>>;

/** Takes the roll of a user: asks for all that this page has of them. Of one operation, if of any, the first call is shown. */
export async function takeRoll(
  journal: Journal,
  { arn, application, shown }: { arn: string; application: string; shown?: "Resolve" | "List" },
): Promise<Roll> {
  const ask: Make = (_, call) => journal.ask(arn, call);
  const tell: Make = async (title, call) => (await journal.perform(title, arn, call)).outcome;
  const [sending, endpoints] = await Promise.all([
    resolve(arn, application, ask, shown === "Resolve" ? tell : ask),
    listEndpoints(arn, ask, shown === "List" ? tell : ask),
  ]);
  return "refusal" in endpoints
    ? { kind: "refused", arn, refusal: endpoints.refusal }
    : { kind: "known", arn, endpoints, sending, particulars: await particularsOf(endpoints, sending, ask) };
}

/** All endpoints of a user, page by page. */
export async function listEndpoints(
  appInstanceUserArn: string,
  ask: Make,
  tell: Make = ask,
): Promise<readonly AppInstanceUserEndpointSummary[] | { readonly refusal: Refusal }> {
  const endpoints: AppInstanceUserEndpointSummary[] = [];
  let nextToken = "";
  do {
    const make = nextToken === "" ? tell : ask;
    const { response, refusal } = await make("List", listCall({ appInstanceUserArn, nextToken }));
    if (refusal !== undefined) {
      return { refusal };
    }
    endpoints.push(...response.appInstanceUserEndpoints);
    nextToken = response.nextToken;
  } while (nextToken !== "");
  return endpoints;
}

async function resolve(arn: string, application: string, ask: Make, tell: Make): Promise<Sending> {
  const of = async (make: Make, resourceArn?: string) => {
    const request = { appInstanceUserArns: [arn], ...(resourceArn !== undefined && { resourceArn }) };
    const { response, refusal } = await make("Resolve", resolveCall(request));
    const error = response?.errors[0];
    return error === undefined
      ? { refusal, deliverable: response?.users[0]?.endpoints ?? [] }
      : { refusal: { reason: error.errorCode, message: error.errorMessage } };
  };
  const { refusal, deliverable = [] } = await of(application === "" ? tell : ask);
  if (refusal !== undefined) {
    return { kind: "refused", refusal };
  }
  const { deliverable: answered = [] } = application === "" ? { deliverable } : await of(tell, application);
  return { kind: "known", application, deliverable, answered };
}

async function particularsOf(
  endpoints: readonly AppInstanceUserEndpointSummary[],
  sending: Sending,
  ask: Make,
): Promise<ReadonlyMap<string, Particulars>> {
  const resolved = sending.kind === "known" ? sending.deliverable : [];
  const isResolved = new Set(resolved.map(({ endpointId }) => endpointId));
  const others = endpoints.filter(({ endpointId }) => !isResolved.has(endpointId)).slice(0, DESCRIBED_MAX);
  const described = await Promise.all(
    others.map(async ({ appInstanceUserArn, endpointId }) => {
      const { response } = await ask("Describe", describeCall({ appInstanceUserArn, endpointId }));
      return response?.appInstanceUserEndpoint;
    }),
  );
  const known = [...resolved, ...described].filter((endpoint) => endpoint !== undefined);
  return new Map(known.map((endpoint) => [endpoint.endpointId, endpoint]));
}
