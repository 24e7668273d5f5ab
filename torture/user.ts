/** One user under load: calls that overlap, the ledger of what they were told, and looks at what is stored. */

import { type Answer, type Caller, call, type Operation, type Wire } from "../test/support/calls.ts";
import { RESOURCE_ARN } from "../test/support/requests.ts";
import { type Device, Entry, type Seen, type Settings, tick } from "./ledger.ts";
import type { Random } from "./random.ts";

/** More would only make every look longer. */
const ENTRIES_MAX = 120;

/** As many of the latest are fought over. */
const RECENT = 4;

/** A call that changes something. Its retry is the same call again. */
type Change =
  | { readonly operation: "Register" | "Deregister"; readonly entry: Entry }
  | { readonly operation: "Update"; readonly entry: Entry; readonly settings: Settings };

export class User {
  readonly losses: string[] = [];
  /** Changes whose answers were lost. */
  unanswered: Change[] = [];
  answers = 0;
  readonly #caller: Caller;
  readonly #random: Random;
  readonly #entries: Entry[] = [];
  #names = 0;

  constructor(caller: Caller, random: Random) {
    this.#caller = caller;
    this.#random = random;
  }

  /** One call more, of whatever kind. Answers false where no answer came: the server is gone. */
  async step(url: string): Promise<boolean> {
    const change = this.#nextChange();
    if (change !== undefined) {
      return this.#change(url, change);
    }
    const answer = await this.#call(url, "List");
    this.#expect(answer, [200], "a list");
    return answer !== undefined;
  }

  /** Makes every call again whose answer was lost. */
  async retry(url: string): Promise<number> {
    const changes = this.unanswered;
    this.unanswered = [];
    for (const change of changes) {
      await this.#change(url, change);
    }
    return changes.length;
  }

  /**
   * Compares all that is stored with the ledger: by a list, a description of each endpoint, and, since what was
   * deregistered shows in neither, the refusal of its registration.
   */
  async look(url: string): Promise<void> {
    const seen = await this.#seen(url);
    const byDevice = Map.groupBy(seen, ({ endpointAttributes }) => endpointAttributes.deviceToken);
    for (const entry of this.#entries) {
      const { deviceToken } = entry.device.endpointAttributes;
      const [endpoint, ...more] = byDevice.get(deviceToken) ?? [];
      byDevice.delete(deviceToken);
      this.#lose(entry.settle(endpoint));
      this.#lose(more.length > 0 ? `registration ${entry.device.clientRequestToken} made two endpoints` : undefined);
    }
    this.#lose(byDevice.size > 0 ? `${byDevice.size} endpoints were never registered` : undefined);
    for (const entry of this.#entries.filter(({ deregistration }) => deregistration === "acknowledged")) {
      await this.#register(url, entry);
    }
  }

  #nextChange(): Change | undefined {
    const entry = this.#someEntry();
    const chance = this.#random.next();
    if (entry === undefined || (chance < 0.4 && this.#entries.length < ENTRIES_MAX)) {
      return { operation: "Register", entry: this.#newEntry() };
    }
    if (chance < 0.6) {
      return { operation: "Register", entry };
    }
    if (entry.id === undefined || chance > 0.97) {
      return undefined;
    }
    return chance < 0.87
      ? { operation: "Update", entry, settings: this.#settings() }
      : { operation: "Deregister", entry };
  }

  /** Mostly one that others are likely to be at as well. */
  #someEntry(): Entry | undefined {
    const recent = this.#entries.slice(this.#random.next() < 0.7 ? -RECENT : 0);
    return recent.length === 0 ? undefined : this.#random.pick(recent);
  }

  #newEntry(): Entry {
    const n = this.#entries.length;
    const device: Device = {
      clientRequestToken: `request-${n}`,
      type: this.#random.pick(["APNS", "APNS_SANDBOX", "GCM"]),
      endpointAttributes: { deviceToken: `device-${n}`, ...(n % 3 === 0 && { voipDeviceToken: `voip-${n}` }) },
    };
    const entry = new Entry(device, this.#settings());
    this.#entries.push(entry);
    return entry;
  }

  /** No two have the same name, so that each is known by it. */
  #settings(): Settings {
    this.#names += 1;
    return { name: `name-${this.#names}`, allowMessages: this.#random.pick(["ALL", "NONE"]) };
  }

  /** Makes a change, and enters in the ledger what was told of it. */
  async #change(url: string, change: Change): Promise<boolean> {
    const answer = await this.#sent(url, change);
    if (answer === undefined) {
      this.unanswered.push(change);
    }
    return answer !== undefined;
  }

  #sent(url: string, change: Change): Promise<Answer | undefined> {
    switch (change.operation) {
      case "Register":
        return this.#register(url, change.entry);
      case "Update":
        return this.#update(url, change.entry, change.settings);
      case "Deregister":
        return this.#deregister(url, change.entry);
    }
  }

  async #register(url: string, entry: Entry): Promise<Answer | undefined> {
    const wasGone = entry.deregistration === "acknowledged";
    const answer = await this.#call(url, "Register", { ...entry.device, ...entry.initial, resourceArn: RESOURCE_ARN });
    this.#expect(answer, statuses(entry, wasGone, 409), "a registration");
    const id = answer?.body.endpointId as string | undefined;
    if (id !== undefined) {
      this.#lose(
        entry.id !== undefined && entry.id !== id ? `a registration was answered ${entry.id}, then ${id}` : "",
      );
      entry.id = id;
      entry.isAcknowledged = true;
    }
    return answer;
  }

  async #update(url: string, entry: Entry, settings: Settings): Promise<Answer | undefined> {
    const wasGone = entry.deregistration === "acknowledged";
    const write = entry.sent(settings);
    const answer = await this.#call(url, "Update", { endpointId: entry.id, ...settings });
    this.#expect(answer, statuses(entry, wasGone, 404), "an update");
    if (answer?.status === 200) {
      write.answeredAt = tick();
    }
    return answer;
  }

  async #deregister(url: string, entry: Entry): Promise<Answer | undefined> {
    if (entry.deregistration === "none") {
      entry.deregistration = "unanswered";
    }
    const answer = await this.#call(url, "Deregister", { endpointId: entry.id });
    this.#expect(answer, [200], "a deregistration");
    if (answer?.status === 200) {
      entry.deregistration = "acknowledged";
    }
    return answer;
  }

  async #seen(url: string): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const endpointId of await this.#listed(url)) {
      const answer = await this.#call(url, "Describe", { endpointId });
      this.#expect(answer, [200], "a description");
      const { name, allowMessages, type, endpointAttributes } = (answer?.body.appInstanceUserEndpoint ?? {}) as Seen &
        Settings;
      seen.push({ endpointId, type, endpointAttributes, settings: { name, allowMessages } });
    }
    return seen;
  }

  async #listed(url: string): Promise<string[]> {
    const ids: string[] = [];
    let nextToken: unknown;
    do {
      const answer = await this.#call(url, "List", { ...(nextToken !== undefined && { nextToken }) });
      this.#expect(answer, [200], "a list");
      const page = (answer?.body.appInstanceUserEndpoints ?? []) as { readonly endpointId: string }[];
      ids.push(...page.map(({ endpointId }) => endpointId));
      nextToken = answer?.body.nextToken;
    } while (nextToken !== undefined);
    return ids;
  }

  async #call(url: string, operation: Operation, members?: object): Promise<Answer | undefined> {
    const wire = this.#random.pick<Wire>(["rest", "connect"]);
    const answer = await call(url, this.#caller, wire, operation, members as Record<string, unknown>);
    this.answers += answer === undefined ? 0 : 1;
    return answer;
  }

  #expect(answer: Answer | undefined, statuses: readonly number[], what: string): void {
    if (answer !== undefined && !statuses.includes(answer.status)) {
      this.#lose(`${what} was answered ${answer.status} (request ${answer.requestId})`);
    }
  }

  #lose(loss: string | undefined): void {
    if (loss) {
      this.losses.push(loss);
    }
  }
}

/** What a call about an endpoint may be answered, given whether it was gone before the call was sent. */
function statuses({ deregistration }: Entry, wasGone: boolean, whenGone: number): number[] {
  return wasGone ? [whenGone] : deregistration === "none" ? [200] : [200, whenGone];
}
