/** Calls about many users, taken apart into one call for each user's object, and their answers put together. */
import type { Message } from "@bufbuild/protobuf";
import { FailureEffect } from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { ServedBy } from "../../../gen/rollcall/v1/options_pb.ts";
import type { RequestOf, ResponseOf, UserRpc } from "../../model/user-rpcs.ts";
import type { Rpc } from "../operations.ts";
import type { Tally } from "../reporting/request-event.ts";
import { type UserCall, userRpc } from "./user-call.ts";

/** The rpcs about many users: their responses have errors beside what went well. */
type BatchRpc = { [Each in UserRpc]: "errors" extends keyof ResponseOf<Each> ? Each : never }[UserRpc];

/** A user who was not served, though others were. */
export type UserError = ResponseOf<BatchRpc>["errors"][number];

export interface Batch {
  /** One for each user, in the order in which the request names them. */
  readonly calls: readonly UserCall[];
  /** The response, given what each user's object answered, or why it did not, by the user's ARN. */
  gather(answers: ReadonlyMap<string, ResponseOf<UserRpc> | UserError>): Gathered;
}

interface Gathered {
  readonly response: ResponseOf<BatchRpc>;
  readonly tally: Tally;
}

/** Whether an operation is about as many users as its request names. */
export function isBatch({ servedBy }: Rpc): boolean {
  return servedBy === ServedBy.EACH_USER;
}

/** The batch that an operation about many users comes to, with a request that keeps its constraints. */
export function batchOf(operation: Rpc, request: Message): Batch {
  const rpc = userRpc(operation);
  if (!isBatchRpc(rpc)) {
    throw new TypeError(`${operation.method} is not about many users`);
  }
  const batch = BATCHES[rpc] as (request: Message) => Batch;
  return batch(request);
}

const BATCHES: { readonly [Each in BatchRpc]: (request: RequestOf<Each>) => Batch } = {
  resolveAppInstanceUserEndpoints: (request) =>
    takeApart("resolveAppInstanceUserEndpoints", [...new Set(request.appInstanceUserArns)], {
      userOf: (arn) => arn,
      part: (appInstanceUserArns) => ({ ...request, appInstanceUserArns }),
      answered: ({ users }) => users,
      response: (users, errors) => ({ users, errors }),
      count: (users) => ({ endpoints: users.reduce((sum, { endpoints }) => sum + endpoints.length, 0) }),
    }),
  reportAppInstanceUserEndpointFailures: (request) =>
    takeApart("reportAppInstanceUserEndpointFailures", request.failures, {
      userOf: ({ appInstanceUserArn }) => appInstanceUserArn,
      part: (failures) => ({ ...request, failures }),
      answered: ({ results }) => results,
      response: (results, errors) => ({ results, errors }),
      count: (results) => ({
        endpoints: results.length,
        ignored: results.filter(({ effect }) => effect === FailureEffect.REASON_IGNORED).length,
      }),
    }),
};

function isBatchRpc(rpc: UserRpc): rpc is BatchRpc {
  return rpc in BATCHES;
}

/** A request is a list of entries, each of which names a user; a user's object answers each of its entries, in their order. */
interface Parts<Each extends BatchRpc, Entry, Answered> {
  userOf(entry: Entry): string;
  /** The same request with some of its entries. */
  part(entries: Entry[]): RequestOf<Each>;
  answered(response: ResponseOf<Each>): readonly Answered[];
  response(answered: Answered[], errors: UserError[]): ResponseOf<Each>;
  count(answered: readonly Answered[]): Omit<Tally, "users" | "errors">;
}

function takeApart<Each extends BatchRpc, Entry, Answered>(
  rpc: Each,
  entries: readonly Entry[],
  { userOf, part, answered, response, count }: Parts<Each, Entry, Answered>,
): Batch {
  const byUser = Map.groupBy(entries, userOf);
  return {
    calls: Array.from(byUser, ([arn, own]) => ({ rpc, arn, request: part(own) })),
    gather: (answers) => {
      const left = new Map<string, Answered[]>();
      const errors: UserError[] = [];
      for (const arn of byUser.keys()) {
        const answer = answers.get(arn) as ResponseOf<Each> | UserError;
        if ("errorCode" in answer) {
          errors.push(answer);
        } else {
          errors.push(...answer.errors);
          left.set(arn, [...answered(answer)]);
        }
      }
      const all = entries.flatMap((entry) => left.get(userOf(entry))?.shift() ?? []);
      const tally = { users: byUser.size, errors: errors.length, ...count(all) };
      return { response: response(all, errors), tally };
    },
  };
}
