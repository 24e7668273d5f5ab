import type { Quartiles } from "../../scripts/spread.ts";
import type { CallResult } from "../calls/rounds.ts";
import type { Results } from "./results.ts";
import { usualConnections } from "./usual.ts";

const WIDTH = 900;
const LABEL_WIDTH = 370;
const PLOT_WIDTH = WIDTH - LABEL_WIDTH - 70;
const BAR = 11;
const GAP = 10;
const TOP = 56;

/** A colour of their own for each wire, told apart also by who sees few colours. */
const COLOURS: Record<string, string> = {
  "bare, REST": "#a9bfd6",
  "bare, JSON": "#eccba6",
  "bare, binary": "#bdd3b4",
  "REST, SigV4": "#3b6ea8",
  "Connect JSON, JWT": "#d9822b",
  "Connect binary, JWT": "#6b9e5b",
};

/** What each call costs in processor time, as a bar to the floor, with the quartiles of the rounds as a whisker. */
export function toSvg({ calls, date }: Results): string {
  const connections = usualConnections(calls);
  const shown = calls.filter((call) => COLOURS[call.wire] !== undefined && call.connections === connections);
  const rows = shown.flatMap((call) => (call.ratios.cpuMicros ? [{ call, ratio: call.ratios.cpuMicros }] : []));
  const max = Math.max(2, ...rows.map(({ ratio }) => ratio.upper));
  const scale = (ratio: number) => LABEL_WIDTH + (ratio / max) * PLOT_WIDTH;
  let y = TOP;
  let group = "";
  const bars = rows.map(({ call, ratio }) => {
    const title = call.title === group ? "" : `${call.title}, to ${call.baseline}`;
    y += title === "" || group === "" ? 0 : GAP;
    group = call.title;
    const row = bar(call, ratio, title, y, scale);
    y += BAR + 2;
    return row;
  });
  const height = y + 30;
  const ticks = Array.from({ length: Math.floor(max) + 1 }, (_, tick) => tick).filter(
    (tick) => tick === 1 || tick % Math.ceil(max / 10) === 0,
  );
  const title = `Processor time of a call, to the floor's or hello-world's (${connections} connections, ${date})`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="22" font-size="15" font-weight="bold">${title}</text>`,
    legend(),
    ...ticks.map((tick) => line(scale(tick), TOP - 6, height - 22, tick === 1 ? "#222" : "#ddd", String(tick))),
    ...bars,
    "</svg>",
    "",
  ].join("\n");
}

function bar({ wire }: CallResult, ratio: Quartiles, title: string, y: number, scale: (ratio: number) => number) {
  const [left, right, middle] = [scale(ratio.lower), scale(ratio.upper), y + BAR / 2];
  const ends = `x="${(Math.max(right, scale(ratio.median)) + 6).toFixed(1)}" y="${y + BAR - 1}"`;
  return [
    `<text x="${LABEL_WIDTH - 8}" y="${y + BAR - 1}" text-anchor="end">${title}</text>`,
    `<rect x="${scale(0)}" y="${y}" width="${(scale(ratio.median) - scale(0)).toFixed(1)}" height="${BAR}" fill="${COLOURS[wire]}"/>`,
    `<path d="M${left.toFixed(1)} ${middle}H${right.toFixed(1)}" stroke="#222"/>`,
    `<text ${ends} font-size="10">${ratio.median.toFixed(2)}</text>`,
  ].join("");
}

function line(x: number, top: number, bottom: number, colour: string, label: string): string {
  return (
    `<path d="M${x.toFixed(1)} ${top}V${bottom}" stroke="${colour}"/>` +
    `<text x="${x.toFixed(1)}" y="${bottom + 14}" text-anchor="middle">${label}</text>`
  );
}

function legend(): string {
  return Object.entries(COLOURS)
    .map(([wire, colour], index) => {
      const x = 10 + index * 148;
      return `<rect x="${x}" y="32" width="10" height="10" fill="${colour}"/><text x="${x + 15}" y="41">${wire}</text>`;
    })
    .join("");
}
