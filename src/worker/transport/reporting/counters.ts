import { version } from "../../../../package.json";
import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import type { AwakeUsers } from "../../objects/awake-users.ts";
import type { Waiting } from "../../objects/waiting.ts";
import { Counter, exposition, type Family, Histogram } from "./exposition.ts";
import type { Told } from "./report.ts";

/** In seconds. The runtime's clock has whole milliseconds. */
const DURATIONS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

const REGISTER = AppInstanceUserEndpointService.method.registerAppInstanceUserEndpoint.name;

/**
 * What one process has counted since it started, for Prometheus. Labels are names out of the code and of principals: their number is
 * bounded, and none tells of a user.
 */
export class Counters {
  readonly #requests = new Counter("rollcall_requests_total", "Requests, and how they ended.");
  readonly #durations = new Histogram(
    "rollcall_request_duration_seconds",
    "Time that a request spent waiting for its body, for objects, and for the disk.",
    DURATIONS,
  );
  readonly #callers = new Counter("rollcall_caller_requests_total", "Requests of each principal, once it is known.");
  readonly #registrations = new Counter(
    "rollcall_registrations_total",
    "Registrations that succeeded: new ones, replays of one, and those that adopted an endpoint that was there.",
  );
  readonly #moved = new Counter("rollcall_devices_moved_total", "Devices that another user has lost.", {});
  readonly #users = new Counter("rollcall_batch_users_total", "Users whom calls about many were about.");
  readonly #retries = new Counter("rollcall_object_retries_total", "Calls of users' objects that were made again.", {});
  readonly #unreached = new Counter("rollcall_objects_unreached_total", "Calls of objects that failed for good.", {});
  readonly #bugs = new Counter("rollcall_bugs_total", "Bugs: each has a line in the log, with its stack.", {});

  count(told: Told): void {
    const { operation, wire, kind, reason, ms, principal, users, errors = 0, retries, moved } = told;
    this.#requests.add(1, { operation, wire, kind, reason });
    this.#durations.observe(ms / 1_000, { operation });
    if (principal !== undefined) {
      this.#callers.add(1, { principal, kind });
    }
    if (operation === REGISTER && kind === "ok") {
      this.#registrations.add(1, { outcome: told.replayed ? "replayed" : told.adopted ? "adopted" : "new" });
    }
    if (users !== undefined) {
      this.#users.add(users - errors, { operation, result: "served" });
      this.#users.add(errors, { operation, result: "failed" });
    }
    this.#moved.add(moved);
    this.#retries.add(retries);
    this.#unreached.add(told.unreached ?? 0);
    this.#bugs.add(told.bugs ?? 0);
  }

  /** All of it, as Prometheus reads it, with what is as it is at this moment. */
  text({ awakeUsers, waiting }: Levels, now: number): string {
    return exposition([
      gauge("rollcall_build_info", "The version that runs.", 1, { version }),
      this.#requests,
      this.#durations,
      this.#callers,
      this.#registrations,
      this.#moved,
      this.#users,
      this.#retries,
      this.#unreached,
      this.#bugs,
      ...(awakeUsers === undefined ? [] : room(awakeUsers, now)),
      ...(waiting === undefined ? [] : directory(waiting, now)),
    ]);
  }
}

/** What is there to be told besides; absent where there is none. */
interface Levels {
  readonly awakeUsers?: AwakeUsers | undefined;
  readonly waiting?: Waiting | undefined;
}

function room(awakeUsers: AwakeUsers, now: number): Family[] {
  return [
    gauge(
      "rollcall_awake_users",
      "Users for whom there was a call lately: each takes three open files.",
      awakeUsers.count(now),
    ),
    gauge("rollcall_awake_users_max", "How many there may be: calls for more are refused.", awakeUsers.max),
  ];
}

function directory({ losers, events, since = Number.POSITIVE_INFINITY, bytes }: Waiting, now: number): Family[] {
  return [
    gauge("rollcall_directory_losers_waiting", "Users who have yet to be told that they have lost a device.", losers),
    gauge("rollcall_directory_events_waiting", "Events that are not delivered yet.", events),
    gauge(
      "rollcall_directory_oldest_event_seconds",
      "For how long the oldest has waited.",
      Math.max(0, now - since) / 1_000,
    ),
    gauge(
      "rollcall_directory_bytes",
      "Databases of the shards that have told or sent something since the start.",
      bytes,
    ),
  ];
}

function gauge(name: string, help: string, value: number, labels = {}): Family {
  return { name, help, type: "gauge", samples: [{ labels, value }] };
}
