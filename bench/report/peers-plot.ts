import type { Quartiles } from "../../scripts/spread.ts";
import type { PeerResults } from "../peers/results.ts";
import type { PeerCall } from "../peers/rounds.ts";
import { STEPS_AS_TOLD } from "../peers/steps.ts";

const WIDTH = 1_000;
const LEFT = 260;
const PANEL = 300;
const GAP = 70;
const TOP = 92;
const BAR = 12;

/** Of those of a role in their order; told apart also by who sees few colours. */
const COLOURS = { ours: ["#3b6ea8", "#8fb3d9"], peer: ["#d9822b", "#6b9e5b"], again: ["#c9c9c9"] };

const PANELS = [
  { title: "processor time of a call, µs: less is better", of: "cpuMicros" },
  { title: "calls a second: more is better", of: "perSecond" },
] as const;

/** What each call takes of each server, and how many it serves, with the quartiles of the rounds as whiskers. */
export function peersSvg({ rounds: { calls, connections }, peers, date }: PeerResults): string {
  const colours = peers.map(
    ({ role }, n) => COLOURS[role][peers.slice(0, n).filter((peer) => peer.role === role).length],
  );
  const groupHeight = peers.length * (BAR + 2) + 14;
  const height = TOP + STEPS_AS_TOLD.length * groupHeight + 12;
  const title = `Rollcall beside its peers, on one machine (${connections} connections, ${date})`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="22" font-size="15" font-weight="bold">${title}</text>`,
    ...peers.map(({ name }, n) => {
      const x = 10 + n * 175;
      return `<rect x="${x}" y="36" width="10" height="10" fill="${colours[n]}"/><text x="${x + 15}" y="45">${name}</text>`;
    }),
    ...STEPS_AS_TOLD.map(({ title }, n) => {
      const y = TOP + n * groupHeight + (peers.length * (BAR + 2)) / 2 + 4;
      return `<text x="${LEFT - 12}" y="${y}" text-anchor="end">${title}</text>`;
    }),
    ...PANELS.flatMap(({ title, of }, n) => {
      const x = LEFT + n * (PANEL + GAP);
      const max = Math.max(...calls.map(({ figures }) => figures[of].upper));
      const bars = STEPS_AS_TOLD.flatMap(({ name }, group) =>
        peers.map((peer, place) => {
          const call = calls.find((each) => each.step === name && each.peer === peer.name) as PeerCall;
          const y = TOP + group * groupHeight + place * (BAR + 2);
          return bar(call.figures[of], { x, y, colour: colours[place] ?? "", scale: PANEL / max });
        }),
      );
      return [`<text x="${x}" y="${TOP - 14}" font-weight="bold">${title}</text>`, ...bars];
    }),
    "</svg>",
    "",
  ].join("\n");
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly colour: string;
  /** Pixels for one. */
  readonly scale: number;
}

function bar({ lower, median, upper }: Quartiles, { x, y, colour, scale }: Place): string {
  const [left, middle, right] = [lower, median, upper].map((value) => x + value * scale);
  return [
    `<rect x="${x}" y="${y}" width="${((middle ?? x) - x).toFixed(1)}" height="${BAR}" fill="${colour}"/>`,
    `<path d="M${left?.toFixed(1)} ${y + BAR / 2}H${right?.toFixed(1)}" stroke="#222"/>`,
    `<text x="${((right ?? x) + 5).toFixed(1)}" y="${y + BAR - 2}" font-size="10">${median.toFixed(0)}</text>`,
  ].join("");
}
