import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { AllowMessages, AppInstanceUserEndpointType } from "../../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import type { PageSettings } from "../../../worker/model/page-settings.ts";
import { deregisterCall, registerCall } from "../../shared/api/call.ts";
import { callConnect, type Outcome } from "../../shared/api/connect.ts";
import type { Credentials } from "../../shared/api/credentials.ts";
import { type Exchange, isOk } from "../../shared/api/exchange.ts";
import { restRequest } from "../../shared/api/rest.ts";
import { send } from "../../shared/api/send.ts";
import { localToken, userOf } from "../../shared/caller.ts";
import { madeUpDeviceToken, newRequestToken } from "../../shared/made-up.ts";
import type { Journal } from "../journal.ts";
import { listEndpoints } from "../roll.ts";
import type { Entry } from "../state.ts";
import { type Bench, CannotProvoke, type Provocation, type Recipe } from "./recipe.ts";

/** Whom and what it is tried on. */
interface Ground {
  readonly arn: string;
  readonly resourceArn: string;
  readonly settings: PageSettings;
}

/** Has a call refused over Connect and over REST, and leaves the register as it was. */
export async function provoke(
  recipe: Recipe,
  ground: Ground,
  journal: Journal,
): Promise<Omit<Entry, "id"> | { cannot: string }> {
  const own = await journal.credentialsFor(ground.arn);
  const registered = new Set<string>();
  try {
    const provocation = await recipe.prepare(benchFor(ground, journal, own, registered));
    const told = await refuse(provocation, own);
    for (const endpointId of told.exchanges.flatMap(registeredBy)) {
      registered.add(endpointId);
    }
    return { title: recipe.reason, does: `${recipe.does}.`, ...told };
  } catch (error) {
    if (error instanceof CannotProvoke) {
      return { cannot: error.message };
    }
    throw error;
  } finally {
    await Promise.all(Array.from(registered, (endpointId) => deregister(ground.arn, endpointId, own)));
  }
}

async function refuse(provocation: Provocation, own: Credentials): Promise<Omit<Entry, "id" | "title">> {
  const { call, credentials = own, tamper, flood = 1, note } = provocation;
  // Together, because a flood lasts for less time than it takes to make two.
  const [connect, rest] = await Promise.all([
    firstRefused(
      flood,
      () => callConnect(call, credentials, tamper?.Connect),
      ({ refusal }) => refusal !== undefined,
    ),
    firstRefused(
      flood,
      () => callRest(provocation, credentials),
      (exchange) => !isOk(exchange),
    ),
  ]);
  const exchanges = [connect.exchange, rest];
  return { call, credentials, refusal: connect.refusal, isTampered: tamper !== undefined, exchanges, note };
}

/** What was registered by a call that was not refused after all. */
function registeredBy(exchange: Exchange): string[] {
  const id = isOk(exchange) && /^\{[^[]*"endpointId":"([^"]+)"/i.exec(exchange.answer?.body ?? "")?.[1];
  return id ? [id] : [];
}

function callRest({ call, tamper }: Provocation, credentials: Credentials): Promise<Exchange> {
  const request = restRequest(call);
  const sent = { ...request, headers: { ...request.headers, ...credentials.headers } };
  return send("REST", tamper?.REST(sent) ?? sent, credentials);
}

/** What the first of so many calls came to that was refused; if none was, what the last came to. */
async function firstRefused<T>(times: number, make: () => Promise<T>, isRefused: (made: T) => boolean): Promise<T> {
  const made = await Promise.all(Array.from({ length: times }, make));
  return made.find(isRefused) ?? (made.at(-1) as T);
}

function benchFor(ground: Ground, journal: Journal, own: Credentials, registered: Set<string>): Bench {
  const { arn, resourceArn, settings } = ground;
  const register: Bench["register"] = async ({ deviceToken, requestToken }) => {
    const call = registerCall({
      appInstanceUserArn: arn,
      resourceArn,
      type: AppInstanceUserEndpointType.GCM,
      endpointAttributes: { deviceToken },
      clientRequestToken: requestToken,
      name: "Made up by the console",
      allowMessages: AllowMessages.NONE,
    });
    const { endpointId } = succeeded(await callConnect(call, own), "A made-up device can't be registered");
    registered.add(endpointId);
    return endpointId;
  };
  return {
    ...ground,
    register,
    async registerMore(devices) {
      const one = () => register({ deviceToken: madeUpDeviceToken(), requestToken: newRequestToken() });
      // Settled, so that none is left behind which comes after another has failed.
      const made = await Promise.allSettled(Array.from({ length: devices }, one));
      const failed = made.find((one) => one.status === "rejected");
      if (failed !== undefined) {
        throw failed.reason;
      }
    },
    async deregister(endpointId) {
      succeeded(await deregister(arn, endpointId, own), "The made-up device can't be deregistered");
      registered.delete(endpointId);
    },
    async slotsUsed() {
      const endpoints = await listEndpoints(arn, (_, call) => journal.ask(arn, call));
      if ("refusal" in endpoints) {
        throw new CannotProvoke("The user's endpoints can't be listed, so it is not known how many slots are free.");
      }
      return endpoints.length;
    },
    async expiredToken() {
      if (settings.localTokens === undefined) {
        throw new CannotProvoke("Only in local mode can this page make a token.");
      }
      return localToken(settings.localTokens, userOf(arn), "1 hour ago");
    },
  };
}

function deregister(appInstanceUserArn: string, endpointId: string, own: Credentials) {
  return callConnect(deregisterCall({ appInstanceUserArn, endpointId }), own);
}

function succeeded<Output extends DescMessage>(outcome: Outcome<Output>, otherwise: string): MessageShape<Output> {
  if (outcome.refusal !== undefined) {
    throw new CannotProvoke(`${otherwise}: ${outcome.refusal.reason}. ${outcome.refusal.message}`);
  }
  return outcome.response;
}
