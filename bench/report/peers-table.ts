import type { Quartiles } from "../../scripts/spread.ts";
import { SLEEP } from "../peers/player.ts";
import type { PeerResults } from "../peers/results.ts";
import type { PeerCall, Ratios } from "../peers/rounds.ts";
import { STEPS_AS_TOLD } from "../peers/steps.ts";
import { decimals, markdownTable } from "./table.ts";

/** What was measured beside peers, as Markdown: where Rollcall is behind stands first. */
export function peersMarkdown(results: PeerResults): string {
  return [
    "# Rollcall beside its peers",
    "",
    ...circumstances(results),
    ...behind(results),
    ...calling(results),
    ...keeping(results),
    ...racing(results),
    ...resting(results),
  ].join("\n");
}

function circumstances({ form, date, versions, machine, peers, rounds: { rounds, users, connections } }: PeerResults) {
  const ran = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `The ${form} form of \`npm run bench:peers\`, ${date}: ${ran.join(", ")}; ${machine.processors} processors (${machine.model}), ` +
      `${machine.memoryGiB} GiB. ${rounds} rounds of ${users} users over ${connections} connections; in each, all take turns in another order. ` +
      "Each value is a median, with the quartiles behind it, and each ratio is made within a round.",
    "",
    ...markdownTable(
      ["", "what it is", "what it keeps, as it says", "how often it has a device, as it says"],
      peers.map(({ name, what, promises }) => [name, what, promises.durability, promises.doubles]),
    ),
  ];
}

/** Where three quarters of the rounds say so, against either way in which Rollcall runs. */
function behind({ peers, rounds: { calls, atRest } }: PeerResults): string[] {
  const ours = peers.filter(({ role }) => role === "ours").map(({ name }) => name);
  const others = peers.filter(({ role }) => role === "peer").map(({ name }) => name);
  const rows = ours.flatMap((own) =>
    calls
      .filter(({ peer }) => others.includes(peer))
      .map(({ title, peer, ratios }) => [title, own, peer, ...ahead(ratios[own])])
      .filter((cells) => cells.slice(3).some((cell) => cell !== "")),
  );
  const onDisk = ours.flatMap((own) => {
    const bytes = bytesOf(own, atRest);
    return atRest
      .filter(({ peer, diskBytes }) => others.includes(peer) && diskBytes < bytes)
      .map(
        ({ peer, diskBytes }) =>
          `- A device takes ${diskBytes.toFixed(0)} bytes on the disk of ${peer}, and ${bytes.toFixed(0)} with ${own}.`,
      );
  });
  return [
    "## Where Rollcall is behind",
    "",
    "What the peer takes or serves, to what Rollcall does; empty where Rollcall is ahead, or where the rounds do not tell.",
    "",
    ...markdownTable(["", "of ours", "behind", "CPU", "calls a second", "p99"], rows),
    ...onDisk,
    "",
  ];
}

/** Of a peer's ratios, those that are better than ours. */
function ahead(ratios: Ratios | undefined): string[] {
  const told = (ratio: Quartiles | undefined, isAhead: (ratio: Quartiles) => boolean) =>
    ratio !== undefined && isAhead(ratio) ? decimals(ratio, 2) : "";
  const isLess = ({ upper }: Quartiles) => upper < 1;
  return [
    told(ratios?.cpuMicros, isLess),
    told(ratios?.perSecond, ({ lower }) => lower > 1),
    told(ratios?.p99Millis, isLess),
  ];
}

function bytesOf(peer: string, atRest: PeerResults["rounds"]["atRest"]): number {
  return atRest.find((each) => each.peer === peer)?.diskBytes ?? Number.NaN;
}

function calling({ peers, rounds }: PeerResults): string[] {
  const ours = peers.filter(({ role }) => role === "ours").map(({ name }) => name);
  const head = [
    "",
    "CPU µs",
    ...ours.map(to),
    "a second",
    ...ours.map(to),
    "p50 ms",
    "p99 ms",
    "bytes to disk",
    "failed",
    "sender",
  ];
  return [
    "## Calls",
    "",
    "CPU is that of all processes of a server, by the call. The sender is a process besides, and its column is the part of one processor that it took. " +
      "Failed are calls that were answered by a status of 500 or more; they are made again outside of the time.",
    "",
    ...STEPS_AS_TOLD.flatMap(({ name, title }) => {
      const rows = rounds.calls.filter(({ step }) => step === name).map((call) => callCells(call, ours));
      return [`### ${title[0]?.toUpperCase()}${title.slice(1)}`, "", ...markdownTable(head, rows)];
    }),
  ];
}

function to(name: string): string {
  return `to ${name}`;
}

function callCells({ peer, figures, ratios }: PeerCall, ours: readonly string[]): string[] {
  const toOurs = (of: keyof Ratios) =>
    ours.map((own) => (ratios[own] === undefined || own === peer ? "" : decimals(ratios[own][of], 2)));
  return [
    ...[peer, decimals(figures.cpuMicros, 0), ...toOurs("cpuMicros")],
    ...[decimals(figures.perSecond, 0), ...toOurs("perSecond")],
    ...[decimals(figures.p50Millis, 1), decimals(figures.p99Millis, 1)],
    ...[decimals(figures.diskBytes, 0), percent(figures.failedShare.median), decimals(figures.senderShare, 2)],
  ];
}

function keeping({ kills, syncs }: PeerResults): string[] {
  const killed = kills.map(({ peer, kills, acknowledged, lost }) => [peer, kills, acknowledged, lost].map(String));
  const synced = syncs.map(({ peer, perCall }) => [
    peer,
    ...[...STEPS_AS_TOLD, { name: SLEEP }].map(({ name }) => perCall[name]?.toFixed(2) ?? ""),
  ]);
  return [
    "## What is kept",
    "",
    "All processes of a server are ended by SIGKILL in the middle of registrations, and started again on what they have left.",
    "",
    ...markdownTable(["", "kills", "registrations acknowledged", "of these lost"], killed),
    ...(synced.length === 0
      ? []
      : [
          "That is what a crash costs. A power cut takes also what was not synced: how often a server waits for the disk, by the call. Several calls may " +
            "share a sync.",
          "",
          ...markdownTable(["syncs", ...STEPS_AS_TOLD.map(({ title }) => title), "a user falls asleep"], synced),
        ]),
  ];
}

function racing({ races }: PeerResults): string[] {
  const [race] = races;
  const rows = races.map(({ peer, by, devices, callers, refused, failed, left, later }) => [
    ...[peer, by, percent(refused / (devices * callers)), percent(failed / (devices * callers))],
    ...[left.one, left.several, left.none, left.most, later.several].map(String),
  ]);
  return [
    "## Doubles",
    "",
    `Each of ${race?.devices} devices is registered by ${race?.callers} callers at once: of one user, who each know nothing of the others, or of as many users. ` +
      "Then the endpoints are counted that have its token and get its pushes; and once more when the last of the callers has called again, alone.",
    "",
    ...markdownTable(
      [
        "",
        "callers of",
        "refused",
        "failed",
        "devices with one",
        "with several",
        "with none",
        "most of one device",
        "with several, later",
      ],
      rows,
    ),
  ];
}

function resting({ rounds: { atRest } }: PeerResults): string[] {
  const rows = atRest.map(({ peer, devices, memoryBytes, diskBytes }) => [
    ...[peer, devices.toLocaleString("en"), (memoryBytes / 2 ** 20).toFixed(0), diskBytes.toFixed(0)],
  ]);
  return [
    "## After all rounds",
    "",
    "Each user has two devices. What is on the disk is counted when the server has ended, without logs to recover from.",
    "",
    ...markdownTable(["", "devices", "memory, MiB", "bytes on the disk for a device"], rows),
  ];
}

function percent(part: number): string {
  return `${(part * 100).toFixed(part > 0 && part < 0.01 ? 1 : 0)} %`;
}
