import {
  AllowMessages,
  type AppInstanceUserEndpointSummary,
  AppInstanceUserEndpointType,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { deregisterCall, describeCall, registerCall, updateCall } from "../shared/api/call.ts";
import { userOf } from "../shared/caller.ts";
import { revealLater } from "../shared/views/focus.ts";
import { linkTo } from "./address.ts";
import type { Journal } from "./journal.ts";
import { refresh } from "./refresh.ts";
import { provoke } from "./refusals/provoke.ts";
import type { Recipe } from "./refusals/recipe.ts";
import { isReplay, type Registered } from "./replay.ts";
import { takeRoll } from "./roll.ts";
import { nameOf, refused } from "./said.ts";
import { type Draft, freshTokens, NOTHING_OPEN, REGISTERED_ID, type Registration } from "./state.ts";
import type { Store } from "./store.ts";
import { TokenActions } from "./token-actions.ts";

/** What a view changes by itself. */
type Shown = ("arn" | "token" | "shown" | "part" | "language") | ("renaming" | "naming" | "newToken" | "leaving");

/** What a person can do, each a method. Every one of them says at its end what it came to. */
export class Actions {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly tokens: TokenActions;

  constructor(store: Store, journal: Journal) {
    this.#store = store;
    this.#journal = journal;
    this.tokens = new TokenActions(store, journal);
  }

  edit(changes: Partial<Draft>): void {
    this.#store.update({ draft: { ...this.#store.state.draft, ...changes } });
  }

  show(changes: Partial<Pick<Store["state"], Shown>>): void {
    this.#store.update(changes);
  }

  say(said: string): void {
    this.#store.update({ said });
  }

  lookUp(): Promise<void> {
    return this.#store.during("look up", async () => {
      const { arn } = this.#store.state;
      const roll = await takeRoll(this.#journal, { arn, application: "", shown: "List" });
      this.#store.update({ roll, described: new Map(), ...NOTHING_OPEN });
      if (roll.kind === "refused") {
        this.say(refused("Look up", roll.refusal));
        return;
      }
      this.#store.update({ recent: new Set([arn, ...this.#store.state.recent]) });
      linkTo(arn);
      // Nobody registers users: one without endpoints and one who never was are the same.
      this.say(this.#slots(`Looked up ${userOf(arn)}.`));
    });
  }

  register(): Promise<void> {
    return this.#store.during("register", async () => {
      const { arn, draft } = this.#store.state;
      const call = registerCall(registration(arn, draft));
      const { outcome, entry } = await this.#journal.perform("Register", arn, call);
      if (outcome.refusal !== undefined) {
        this.say(refused("Register", outcome.refusal));
        return;
      }
      const { endpointId } = outcome.response;
      const first = await this.#registered(endpointId, outcome.exchange.sentAt, arn);
      this.#store.update({ registered: { arn, call, first, entry: entry.id } });
      this.edit({ ...freshTokens(), name: "", voipDeviceToken: "" });
      this.say(this.#slots(`Registered as ${endpointId}.`));
      revealLater(REGISTERED_ID);
    });
  }

  /** Makes the last registration again, with the same request token. */
  replay({ arn, call, first }: Registration): Promise<void> {
    return this.#store.during("replay", async () => {
      const { outcome, entry } = await this.#journal.perform("Register again", arn, call);
      if (outcome.refusal !== undefined) {
        this.say(refused("Register again", outcome.refusal));
        return;
      }
      const again = await this.#registered(outcome.response.endpointId, outcome.exchange.sentAt, arn);
      const replay = { first, again };
      this.#journal.amend(entry, { replay });
      this.#store.update({ registered: { arn, call, first, entry: entry.id, replay } });
      this.say(isReplay(replay) ? "A replay: the same endpoint, and nothing was registered." : "Registered anew.");
    });
  }

  describe({ appInstanceUserArn, endpointId }: AppInstanceUserEndpointSummary): Promise<void> {
    return this.#store.during(`describe ${endpointId}`, async () => {
      const call = describeCall({ appInstanceUserArn, endpointId });
      const { outcome } = await this.#journal.perform("Describe", appInstanceUserArn, call);
      const endpoint = outcome.response?.appInstanceUserEndpoint;
      if (endpoint !== undefined) {
        this.#store.update({ described: new Map([...this.#store.state.described, [endpointId, endpoint]]) });
      }
      this.say(outcome.refusal ? refused("Describe", outcome.refusal) : "Its details are shown.");
    });
  }

  forgetDetails({ endpointId }: AppInstanceUserEndpointSummary): void {
    const described = [...this.#store.state.described].filter(([id]) => id !== endpointId);
    this.#store.update({ described: new Map(described) });
  }

  setMuted(endpoint: AppInstanceUserEndpointSummary, muted: boolean): Promise<void> {
    const done = `${nameOf(endpoint)} is ${muted ? "muted" : "no longer muted"}.`;
    return this.#update(endpoint, { allowMessages: muted ? AllowMessages.NONE : AllowMessages.ALL }, done);
  }

  async rename(endpoint: AppInstanceUserEndpointSummary, name: string): Promise<void> {
    await this.#update(endpoint, { name }, name === "" ? "The name is gone." : `Its name is ${name} now.`);
    this.show({ renaming: undefined });
  }

  deregister(endpoint: AppInstanceUserEndpointSummary): Promise<void> {
    const { appInstanceUserArn, endpointId } = endpoint;
    return this.#store.during(endpointId, async () => {
      const call = deregisterCall({ appInstanceUserArn, endpointId });
      const { outcome } = await this.#journal.perform("Deregister", appInstanceUserArn, call);
      await refresh(this.#store, this.#journal, appInstanceUserArn, endpointId);
      this.say(
        outcome.refusal ? refused("Deregister", outcome.refusal) : this.#slots(`${nameOf(endpoint)} is deregistered.`),
      );
    });
  }

  provoke(recipe: Recipe): Promise<void> {
    return this.#store.during(recipe.reason, async () => {
      const { arn, draft, settings } = this.#store.state;
      const told = await provoke(recipe, { arn, resourceArn: draft.resourceArn, settings }, this.#journal);
      if ("cannot" in told) {
        this.say(told.cannot);
        return;
      }
      const entry = this.#journal.add(told);
      if (recipe.writes !== undefined) {
        await refresh(this.#store, this.#journal, arn);
      }
      this.say(entry.refusal ? `Refused, as asked: ${entry.refusal.reason}.` : "It was not refused.");
    });
  }

  #update(
    { appInstanceUserArn, endpointId }: AppInstanceUserEndpointSummary,
    changes: { name?: string; allowMessages?: AllowMessages },
    done: string,
  ): Promise<void> {
    return this.#store.during(endpointId, async () => {
      const call = updateCall({ appInstanceUserArn, endpointId, ...changes });
      const { outcome } = await this.#journal.perform("Update", appInstanceUserArn, call);
      await refresh(this.#store, this.#journal, appInstanceUserArn, endpointId);
      this.say(outcome.refusal ? refused("Update", outcome.refusal) : done);
    });
  }

  async #registered(endpointId: string, calledAt: number, arn: string): Promise<Registered> {
    await refresh(this.#store, this.#journal, arn);
    const { roll } = this.#store.state;
    return { endpointId, calledAt, slotsUsed: roll.kind === "known" ? roll.endpoints.length : undefined };
  }

  #slots(done: string): string {
    const { roll, settings } = this.#store.state;
    return roll.kind === "known"
      ? `${done} ${roll.endpoints.length} of ${settings.endpointsPerUser} slots used.`
      : done;
  }
}

function registration(appInstanceUserArn: string, draft: Draft) {
  const { type, name, resourceArn, deviceToken, voipDeviceToken, requestToken, muted } = draft;
  return {
    appInstanceUserArn,
    type: AppInstanceUserEndpointType[type],
    resourceArn,
    endpointAttributes: { deviceToken, ...(voipDeviceToken !== "" && { voipDeviceToken }) },
    clientRequestToken: requestToken,
    ...(name !== "" && { name }),
    ...(muted && { allowMessages: AllowMessages.NONE }),
  };
}
