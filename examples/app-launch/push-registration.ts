import {
  type Device,
  deregisterAtSignOut,
  type LaunchClient,
  type RegisteredDevice,
  RollcallError,
  registerAtLaunch,
  type SignOutClient,
} from "rollcall-client";

/** Where the app keeps what it registered: on this device, and nowhere that a backup restores to another one. */
export interface Kept {
  load(): Promise<RegisteredDevice | undefined>;
  save(device: RegisteredDevice | undefined): Promise<void>;
}

/** Keeps the register true to this device, one thing after the other: a launch that something newer follows is called off. */
export class PushRegistration {
  readonly #kept: Kept;
  #under: { readonly ending: AbortController; readonly end: Promise<unknown> } | undefined;

  constructor(kept: Kept) {
    this.#kept = kept;
  }

  /**
   * At each launch with a user signed in, when a user signs in, and whenever the push service gives another token. It may fail, as
   * where there is no network: the next launch makes up for it. `rollcall` has this user's credentials.
   */
  launch(rollcall: LaunchClient, device: Device): Promise<string> {
    return this.#next(async (signal) => {
      try {
        const launched = await registerAtLaunch(rollcall, device, await this.#kept.load(), { signal });
        await this.#kept.save(launched.device);
        return launched.outcome;
      } catch (error) {
        if (error instanceof RollcallError && error.failure.kind === "canceled") {
          return "called off";
        }
        throw error;
      }
    });
  }

  /** When the user signs out, **before** their credentials are thrown away. It may fail, as where there is no network: sign out all the same. */
  signOut(rollcall: SignOutClient, device: Device): Promise<void> {
    return this.#next(async () => {
      await deregisterAtSignOut(rollcall, device, await this.#kept.load());
      await this.#kept.save(undefined);
    });
  }

  /** Calls off the launch that is under way, if one is, and begins when it has ended. A sign-out is waited for. */
  #next<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#under?.ending.abort();
    const ending = new AbortController();
    const result = Promise.resolve(this.#under?.end).then(() => work(ending.signal));
    this.#under = { ending, end: result.catch(() => undefined) };
    return result;
  }
}
