import { decideDelete } from "./core/delete.ts";
import { decideDeregister } from "./core/deregister.ts";
import { decideDescribe } from "./core/describe.ts";
import { decideList } from "./core/list.ts";
import { decideReport } from "./core/report.ts";
import { decideResolve } from "./core/resolve.ts";
import { decideUpdate } from "./core/update.ts";
import type { UnknownUser } from "./model/user-rpcs.ts";

const NO_ROWS = () => [];
const NO_ROW = () => undefined;

/** No rule asks what time it is where there are no rows. */
const NEVER = Number.NaN;

/** The object's own decisions, on no rows. */
export const UNKNOWN_USER: UnknownUser = {
  describeAppInstanceUserEndpoint: (request) => decideDescribe(NO_ROW(), request).answer,
  listAppInstanceUserEndpoints: (request, userKey) => decideList(NO_ROWS, request, userKey).answer,
  updateAppInstanceUserEndpoint: (request) => decideUpdate(NO_ROW(), request, NEVER, NO_ROWS).answer,
  deregisterAppInstanceUserEndpoint: (request) => decideDeregister(NO_ROWS(), request, NEVER).answer,
  deleteAppInstanceUser: () => decideDelete(NO_ROWS(), NEVER).answer,
  resolveAppInstanceUserEndpoints: (request) =>
    decideResolve(NO_ROWS(), request, { now: NEVER, staleAfterMs: NEVER }).answer,
  reportAppInstanceUserEndpointFailures: (request) => decideReport(NO_ROW, request, NEVER).answer,
};
