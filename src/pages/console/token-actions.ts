import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AppInstanceUserEndpointSummary,
  EndpointStatus,
  FailureEffectSchema,
} from "../../gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { describeCall, registerCall, reportCall, updateCall } from "../shared/api/call.ts";
import { madeUpDeviceToken, newRequestToken } from "../shared/made-up.ts";
import { revealLater } from "../shared/views/focus.ts";
import { type FailureDraft, timeMeant, tokenMeant, wordMeant } from "./failure.ts";
import type { Journal } from "./journal.ts";
import { refresh } from "./refresh.ts";
import { type Particulars, takeRoll } from "./roll.ts";
import { nameOf, refused } from "./said.ts";
import { REPORTED_ID } from "./state.ts";
import type { Store } from "./store.ts";

/** What a person can do with tokens: what apps do at their launch, and what senders do. */
export class TokenActions {
  readonly #store: Store;
  readonly #journal: Journal;

  constructor(store: Store, journal: Journal) {
    this.#store = store;
    this.#journal = journal;
  }

  /** Asks what a sender gets, of one application or, where that is empty, of any. */
  resolve(application: string): Promise<void> {
    return this.#store.during("resolve", async () => {
      const { roll, arn } = this.#store.state;
      this.#store.update({ application });
      const user = roll.kind === "unknown" ? arn : roll.arn;
      const taken = await takeRoll(this.#journal, { arn: user, application, shown: "Resolve" });
      this.#store.update({ roll: taken });
      this.say(sent(taken));
    });
  }

  confirm(endpoint: AppInstanceUserEndpointSummary): Promise<void> {
    return this.#store.during(endpoint.endpointId, async () => {
      const known = await this.#particularsOf(endpoint);
      if (known?.endpointAttributes !== undefined) {
        const { deviceToken } = known.endpointAttributes;
        await this.#name(endpoint, deviceToken, `Confirmed: ${nameOf(endpoint)} still has its token.`);
      }
    });
  }

  rotate(endpoint: AppInstanceUserEndpointSummary, deviceToken: string): Promise<void> {
    return this.#store.during(endpoint.endpointId, () =>
      this.#name(endpoint, deviceToken, `Rotated: pushes to ${nameOf(endpoint)} go to the new token.`),
    );
  }

  /** Registers a device that is INACTIVE, as its app does at its next launch. */
  registerAgain(endpoint: AppInstanceUserEndpointSummary): Promise<void> {
    const { appInstanceUserArn, endpointId, type } = endpoint;
    return this.#store.during(endpointId, async () => {
      const known = await this.#particularsOf(endpoint);
      if (known?.endpointAttributes === undefined) {
        return;
      }
      const { resourceArn, endpointAttributes } = known;
      const device = { appInstanceUserArn, type, resourceArn, endpointAttributes };
      const call = registerCall({ ...device, clientRequestToken: newRequestToken() });
      const { outcome } = await this.#journal.perform("Register", appInstanceUserArn, call);
      await refresh(this.#store, this.#journal, appInstanceUserArn, endpointId);
      this.say(
        outcome.refusal !== undefined
          ? refused("Register", outcome.refusal)
          : outcome.response.endpointId === endpointId
            ? `${nameOf(endpoint)} is ACTIVE again: the same endpoint.`
            : "Registered anew.",
      );
    });
  }

  editFailure(changes: Partial<FailureDraft>): void {
    this.#store.update({ failure: { ...this.#store.state.failure, ...changes } });
  }

  report(endpoint: AppInstanceUserEndpointSummary): Promise<void> {
    const { appInstanceUserArn, endpointId } = endpoint;
    return this.#store.during("report", async () => {
      const { failure } = this.#store.state;
      const known = failure.token === "other" ? undefined : await this.#particularsOf(endpoint);
      const reason = wordMeant(failure);
      const call = reportCall({
        failures: [
          {
            ...{ appInstanceUserArn, endpointId, reason },
            deviceToken: tokenMeant(failure, known) ?? "",
            timestamp: timestampFromMs(timeMeant(failure)),
          },
        ],
      });
      const { outcome, entry } = await this.#journal.perform("Report", appInstanceUserArn, call);
      const error = outcome.response?.errors[0];
      const refusal = outcome.refusal ?? (error && { reason: error.errorCode, message: error.errorMessage });
      const result = outcome.response?.results[0];
      if (refusal !== undefined || result === undefined) {
        this.#store.update({ reported: undefined });
        this.say(refusal ? refused("Report", refusal) : "The server did not say what came of it.");
        return;
      }
      await refresh(this.#store, this.#journal, appInstanceUserArn, endpointId);
      const { effect, endpointState } = result;
      const isActive = endpointState?.status === EndpointStatus.ACTIVE;
      this.#store.update({ reported: { endpoint, reason, effect, isActive, entry: entry.id } });
      this.say(`Reported: ${FailureEffectSchema.value[effect]?.localName}.`);
      revealLater(REPORTED_ID);
    });
  }

  say(said: string): void {
    this.#store.update({ said });
  }

  async #name(endpoint: AppInstanceUserEndpointSummary, deviceToken: string, done: string): Promise<void> {
    const { appInstanceUserArn, endpointId } = endpoint;
    const call = updateCall({ appInstanceUserArn, endpointId, endpointAttributes: { deviceToken } });
    const { outcome } = await this.#journal.perform("Update", appInstanceUserArn, call);
    await refresh(this.#store, this.#journal, appInstanceUserArn, endpointId);
    if (outcome.refusal !== undefined) {
      this.say(refused("Update", outcome.refusal));
      return;
    }
    const isHealed = endpoint.endpointState?.status === EndpointStatus.INACTIVE;
    this.#store.update({ naming: undefined, newToken: madeUpDeviceToken() });
    this.say(isHealed ? `${done} It is ACTIVE again.` : done);
  }

  /** What is known of an endpoint beside its summary; where that can't be asked, says so. */
  async #particularsOf({ appInstanceUserArn, endpointId }: AppInstanceUserEndpointSummary) {
    const { roll } = this.#store.state;
    const known: Particulars | undefined = roll.kind === "known" ? roll.particulars.get(endpointId) : undefined;
    if (known !== undefined) {
      return known;
    }
    const call = describeCall({ appInstanceUserArn, endpointId });
    const { outcome } = await this.#journal.perform("Describe", appInstanceUserArn, call);
    if (outcome.refusal !== undefined) {
      this.say(refused("Describe", outcome.refusal));
    }
    return outcome.response?.appInstanceUserEndpoint;
  }
}

function sent(roll: Awaited<ReturnType<typeof takeRoll>>): string {
  if (roll.kind !== "known") {
    return roll.kind === "refused" ? refused("List", roll.refusal) : "";
  }
  const { sending, endpoints } = roll;
  return sending.kind === "refused"
    ? refused("Resolve", sending.refusal)
    : `A sender gets ${sending.answered.length} of ${endpoints.length} endpoints.`;
}
