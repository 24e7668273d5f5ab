import type { Burst } from "../parts/burst.ts";

const WIDTH = 900;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = WIDTH - 170;
const TOP = 60;
const BOTTOM = HEIGHT - 50;

/** Told apart also by who sees few colours. */
const COLOURS = ["#6b9e5b", "#3b6ea8", "#d9822b"];

/** What users wait for by when they come, in a burst of calls at several rates: on a scale where each step is ten times the last. */
export function burstSvg({ results }: Burst, date: string): string {
  const seconds = results[0]?.seconds ?? 0;
  const waits = results.flatMap(({ course }) => course.flatMap(({ p50, p99 }) => [p50, p99])).filter(Number.isFinite);
  const from = Math.floor(Math.log10(Math.min(...waits)));
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...waits))));
  const y = (millis: number) => BOTTOM - ((Math.log10(millis) - from) / (to - from)) * (BOTTOM - TOP);
  const x = (second: number) => LEFT + (second / seconds) * (RIGHT - LEFT);
  const title = `What users wait for who come within ${seconds} seconds, on one machine (${date})`;
  const decades = Array.from({ length: to - from + 1 }, (_, n) => from + n);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="10" y="22" font-size="15" font-weight="bold">${title}</text>`,
    ...decades.flatMap((decade) => [
      `<path d="M${LEFT} ${y(10 ** decade).toFixed(1)}H${RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${(y(10 ** decade) + 4).toFixed(1)}" text-anchor="end">${told(10 ** decade)}</text>`,
    ]),
    `<text x="${LEFT}" y="${BOTTOM + 20}" text-anchor="middle">0 s</text>`,
    `<text x="${RIGHT}" y="${BOTTOM + 20}" text-anchor="middle">${seconds} s</text>`,
    `<text x="${(LEFT + RIGHT) / 2}" y="${BOTTOM + 38}" text-anchor="middle">when a user's app first called</text>`,
    ...results.flatMap(({ times, course }, n) => {
      const line = (part: "p50" | "p99", dashes: string) => {
        const points = course.map(
          (spread, part_) => [x(((part_ + 0.5) / course.length) * seconds), spread[part]] as const,
        );
        const drawn = points.filter(([, millis]) => Number.isFinite(millis));
        const path = drawn.map(([at, millis]) => `${at.toFixed(1)} ${y(millis).toFixed(1)}`).join("L");
        return `<path d="M${path}" fill="none" stroke="${COLOURS[n]}" stroke-width="2"${dashes}/>`;
      };
      const at = TOP + 20 + n * 60;
      return [
        line("p50", ""),
        line("p99", ' stroke-dasharray="5 4"'),
        `<text x="${RIGHT + 12}" y="${at}" fill="${COLOURS[n]}" font-weight="bold">${times} × its rate</text>`,
        `<path d="M${RIGHT + 12} ${at + 12}h26" stroke="${COLOURS[n]}" stroke-width="2"/><text x="${RIGHT + 44}" y="${at + 16}">half of them</text>`,
        `<path d="M${RIGHT + 12} ${at + 28}h26" stroke="${COLOURS[n]}" stroke-width="2" stroke-dasharray="5 4"/><text x="${RIGHT + 44}" y="${at + 32}">99 of 100</text>`,
      ];
    }),
    "</svg>",
    "",
  ].join("\n");
}

function told(millis: number): string {
  return millis < 1_000 ? `${millis} ms` : `${millis / 1_000} s`;
}
