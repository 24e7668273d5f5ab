/** Made-up endpoints as Pinpoint's export jobs wrote them, and what is to become of each. */

export interface MadeUp {
  /** A line of JSON for each; every twentieth is broken off. */
  readonly lines: readonly string[];
  /** Those that can be registered, by their tokens. */
  readonly registered: ReadonlyMap<string, { readonly user: string; readonly type: string; readonly isMuted: boolean }>;
  /** How many of the others are left out, and how many can't be read. */
  readonly leftOut: number;
  readonly failed: number;
}

/** What the endpoints are, over and over: twelve of twenty can be registered, three of them muted. */
const KINDS: readonly Readonly<Record<string, unknown>>[] = [
  ...Array.from({ length: 5 }, () => ({ ChannelType: "GCM" })),
  ...Array.from({ length: 3 }, () => ({ ChannelType: "APNS" })),
  { ChannelType: "APNS_SANDBOX" },
  { ChannelType: "GCM", OptOut: "ALL" },
  { ChannelType: "APNS", OptOut: "ALL" },
  { ChannelType: "APNS_SANDBOX", OptOut: "ALL" },
  { ChannelType: "APNS_VOIP" },
  { ChannelType: "EMAIL", Address: "somebody@example.com" },
  { ChannelType: "SMS", Address: "+4915100000000" },
  { ChannelType: "GCM", EndpointStatus: "INACTIVE" },
  { ChannelType: "APNS", User: {} },
  // What follows can't be registered by a mistake of the file.
  { ChannelType: "GCM", Address: "" },
  { ChannelType: "GCM", User: { UserId: " somebody" } },
  { ChannelType: "GCM", isBrokenOff: true },
];
const REGISTERED = 12;
const LEFT_OUT = 5;

/** Each user has four that stand one after the other, which is within the limit. */
export function madeUpEndpoints(count: number): MadeUp {
  const lines: string[] = [];
  const registered = new Map<string, { user: string; type: string; isMuted: boolean }>();
  const counts = { leftOut: 0, failed: 0 };
  for (let number = 0; number < count; number++) {
    const { isBrokenOff, ...kind } = KINDS[number % KINDS.length] ?? {};
    const user = `user-${number >> 2}@example.com`;
    const endpoint = {
      ...{ Id: `endpoint/${number}`, Address: `made-up-token-${number}`, EndpointStatus: "ACTIVE", OptOut: "NONE" },
      ...{ User: { UserId: user }, ApplicationId: "8f1c2d3e4b5a69788796a5b4c3d2e1f0", CohortId: `${number % 100}` },
      ...{ EffectiveDate: "2026-09-01T08:00:00.000Z", Demographic: { AppVersion: "2.1" }, Metrics: { launches: 12.5 } },
      ...kind,
    };
    const line = JSON.stringify(endpoint);
    lines.push(isBrokenOff ? line.slice(0, 40) : line);
    const of = number % KINDS.length;
    if (of < REGISTERED) {
      registered.set(endpoint.Address, { user, type: String(kind.ChannelType), isMuted: endpoint.OptOut === "ALL" });
    } else {
      counts[of < REGISTERED + LEFT_OUT ? "leftOut" : "failed"]++;
    }
  }
  return { lines, registered, ...counts };
}
