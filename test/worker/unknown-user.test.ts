import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import {
  ReportAppInstanceUserEndpointFailuresRequestSchema as Report,
  ResolveAppInstanceUserEndpointsRequestSchema as Resolve,
} from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { pageToken } from "../../src/worker/core/page-token.ts";
import type { RequestOf, UnknownUser, UserRpc } from "../../src/worker/model/user-rpcs.ts";
import { UNKNOWN_USER } from "../../src/worker/unknown-user.ts";
import { deleting, deregistering, describing, listing, USER_ARN, updating } from "../support/requests.ts";
import { idOf } from "../support/rows.ts";
import { freshUser } from "../support/user-object.ts";

const resolving = create(Resolve, { appInstanceUserArns: [USER_ARN] }) as RequestOf<"resolveAppInstanceUserEndpoints">;

const failure = {
  ...{ appInstanceUserArn: USER_ARN, endpointId: idOf(0), deviceToken: "device-0", reason: "Unregistered" },
  timestamp: timestampFromMs(Date.now()),
};
const reporting = create(Report, { failures: [failure, failure] });

/** Whatever an answer depends on, for each rpc but the one that makes rows. */
const CALLS: { readonly [Rpc in keyof UnknownUser]: (userKey: string) => unknown[] } = {
  describeAppInstanceUserEndpoint: () => [describing(idOf(0))],
  listAppInstanceUserEndpoints: (userKey) => [
    listing(),
    listing({ nextToken: pageToken(idOf(0), userKey) }),
    listing({ nextToken: "another user's" }),
  ],
  updateAppInstanceUserEndpoint: () => [
    updating(idOf(0), { name: "new" }),
    { ...updating(idOf(0)), endpointAttributes: { deviceToken: "device-0" } },
  ],
  deregisterAppInstanceUserEndpoint: () => [deregistering(idOf(0))],
  deleteAppInstanceUser: () => [deleting()],
  resolveAppInstanceUserEndpoints: () => [resolving],
  reportAppInstanceUserEndpointFailures: () => [reporting],
};

it.each(Object.entries(CALLS))("a user who is unknown is answered as their object would, by %s", async (rpc, calls) => {
  const user = freshUser();
  const userKey = user.id.toString();
  type Method = (request: unknown, userKey?: string) => unknown;
  const known = UNKNOWN_USER as unknown as Record<string, Method>;
  for (const request of calls(userKey)) {
    const answer = await (user[rpc as UserRpc] as unknown as Method)(request);
    expect(known[rpc]?.(request, userKey)).toEqual(answer);
  }
});
