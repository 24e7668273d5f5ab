/**
 * `GET /directory`: how the Directory is, for those who operate it. No operation of the service: it is about no app instance, and
 * names nobody.
 */
import { authorise } from "../auth/authorise.ts";
import { type DirectoryState, directoryState } from "../directory/state.ts";
import type { ShardState } from "../model/directory-calls.ts";
import type { Failure } from "../model/failure.ts";
import { whyUnreached } from "../objects/reach.ts";
import { jsonReply, respond } from "./http/respond.ts";
import type { Incoming, Routes } from "./incoming.ts";
import type { Service } from "./perform.ts";
import { refuseInRest, refuseOtherMethods } from "./refuse.ts";
import { directoryUnreachable } from "./users/ask-user.ts";
import { admit } from "./users/caller-rate.ts";

const DIRECTORY_PATH = "/directory";

/** What its lines in the log call it, and policies. */
const GET_DIRECTORY = "GetDirectory";

/** It is about all app instances, so a policy that names some of them does not allow it. */
const ALL = "*";

export function addDirectory(routes: Routes, service: Service): void {
  routes.get(DIRECTORY_PATH, async ({ env }) => {
    env.event.operation = GET_DIRECTORY;
    const outcome = await stateFor(env, service);
    if ("kind" in outcome) {
      return refuseInRest(env.event, outcome);
    }
    env.event.outcome = { kind: "ok" };
    return respond(env.event, jsonReply({ status: 200, body: documentOf(outcome) }));
  });
  routes.all(DIRECTORY_PATH, refuseOtherMethods(["GET", "HEAD"]));
}

async function stateFor({ request, url, body, event }: Incoming, service: Service): Promise<DirectoryState | Failure> {
  if ("kind" in body) {
    return body;
  }
  const caller = await admit(await service.authenticate({ request, url, body }), service.batchRate, event);
  if (caller.kind !== "caller") {
    return caller;
  }
  const action = `chime:${GET_DIRECTORY}`;
  if (!authorise(caller, action, ALL)) {
    return { kind: "forbidden", reason: "NOT_AUTHORIZED", action, on: "the Directory" };
  }
  const { directory: shards, config } = service;
  if (shards === undefined) {
    return { kind: "not_configured", reason: "DIRECTORY_NOT_CONFIGURED" };
  }
  try {
    return await directoryState({ shards, placement: config.placement }, url.searchParams.get("region") ?? "");
  } catch (error) {
    if (whyUnreached(error) === undefined) {
      throw error;
    }
    return directoryUnreachable(event, error as Error);
  }
}

function documentOf({ all, shards }: DirectoryState) {
  return { ...figures(all), Shards: Array.from(shards, ([Shard, state]) => ({ Shard, ...figures(state) })) };
}

function figures({ devices, losers, losersForSeconds, events, eventsForSeconds, bytes }: ShardState) {
  return {
    Devices: devices,
    Losers: losers,
    LosersForSeconds: losersForSeconds,
    Events: events,
    EventsForSeconds: eventsForSeconds,
    Bytes: bytes,
  };
}
