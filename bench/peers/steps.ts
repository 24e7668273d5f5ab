import type { User } from "../calls/wires.ts";
import type { Api } from "./peer.ts";

/** One thing that each of some users does. */
export interface Step {
  readonly name: string;
  readonly title: string;
  /** "old": those of the round before, whose objects sleep where there are objects. "new": those of this round. */
  readonly users: "old" | "new";
  readonly call: (api: Api, user: User) => Promise<Uint8Array>;
}

/** In this order: each finds users as the one before has left them. */
export const STEPS: readonly Step[] = [
  {
    ...{ name: "again-later", title: "a known device, again after a while", users: "old" },
    call: (api, user) => api.again(user),
  },
  {
    ...{ name: "rotate", title: "a known device, with a new token", users: "old" },
    call: (api, user) => api.rotate(user, 3),
  },
  {
    ...{ name: "new", title: "the first device of a new user", users: "new" },
    call: (api, user) => api.register(user, 1),
  },
  {
    ...{ name: "second", title: "another device of a known user", users: "new" },
    call: (api, user) => api.register(user, 2),
  },
  {
    ...{ name: "again", title: "a known device, again", users: "new" },
    call: (api, user) => api.again(user),
  },
];

/** As they happen in the life of a user. */
export const STEPS_AS_TOLD: readonly Step[] = STEPS.toSorted((a, b) => a.users.localeCompare(b.users));
