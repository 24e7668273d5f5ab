import type { Soak, SoakSample } from "../parts/soak/soak.ts";

const WIDTH = 900;
const LEFT = 70;
const RIGHT = WIDTH - 190;
const TOP = 50;
const PANEL = 110;
const GAP = 42;

/** Told apart also by who sees few colours. */
const COLOURS = ["#3b6ea8", "#d9822b", "#6b9e5b"];

interface Line {
  readonly name: string;
  readonly of: (sample: SoakSample) => number | undefined;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const PANELS: readonly Panel[] = [
  {
    title: "memory, MiB",
    lines: [
      { name: "workerd", of: ({ workerd }) => workerd.memoryMiB },
      { name: "the gateway", of: ({ gateway }) => gateway.memoryMiB },
    ],
  },
  {
    title: "open files",
    lines: [
      { name: "workerd", of: ({ workerd }) => workerd.files },
      { name: "the gateway", of: ({ gateway }) => gateway.files },
    ],
  },
  {
    title: "threads",
    lines: [
      { name: "workerd", of: ({ workerd }) => workerd.threads },
      { name: "the gateway", of: ({ gateway }) => gateway.threads },
    ],
  },
  {
    title: "latency of all calls, ms",
    lines: [
      { name: "99 of 100", of: ({ millis }) => millis.p99 },
      { name: "half of them", of: ({ millis }) => millis.p50 },
    ],
  },
  { title: "processor time of a call, µs", lines: [{ name: "workerd", of: ({ cpuMicros }) => cpuMicros }] },
  {
    title: "what is kept, MiB",
    lines: [
      { name: "users' files", of: ({ kept }) => kept?.usersMiB },
      { name: "the Directory's files", of: ({ kept }) => kept?.directoryMiB },
    ],
  },
  { title: "users who have a file", lines: [{ name: "users", of: ({ kept }) => kept?.users }] },
];

/** How a soak went: a panel for each kind of figure, all over the same time, each from nothing on. */
export function soakSvg({ minutes, perSecond, samples }: Soak, date: string): string {
  const height = TOP + PANELS.length * (PANEL + GAP);
  const end = samples.at(-1)?.atSeconds ?? 1;
  const x = (seconds: number) => LEFT + (seconds / end) * (RIGHT - LEFT);
  const title = `${minutes} minutes at half of what one machine takes, ${perSecond.toFixed(0)} calls a second (${date})`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="22" font-size="15" font-weight="bold">${title}</text>`,
    ...PANELS.flatMap((panel, n) => drawn(panel, samples, x, TOP + n * (PANEL + GAP))),
    `<text x="${LEFT}" y="${height - 12}" text-anchor="middle">0</text>`,
    `<text x="${RIGHT}" y="${height - 12}" text-anchor="middle">${(end / 60).toFixed(1)} minutes</text>`,
    "</svg>",
    "",
  ].join("\n");
}

function drawn({ title, lines }: Panel, samples: readonly SoakSample[], x: (seconds: number) => number, top: number) {
  const bottom = top + PANEL;
  const courses = lines.map(({ name, of }) => ({
    name,
    points: samples.map((sample) => [sample.atSeconds, of(sample) ?? Number.NaN] as const).filter(([, y]) => y >= 0),
  }));
  const max = roundUp(Math.max(...courses.flatMap(({ points }) => points.map(([, value]) => value))));
  const y = (value: number) => bottom - (value / max) * PANEL;
  return [
    `<text x="${LEFT}" y="${top - 6}" font-weight="bold">${title}</text>`,
    ...[0, max / 2, max].flatMap((tick) => [
      `<path d="M${LEFT} ${y(tick).toFixed(1)}H${RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${(y(tick) + 4).toFixed(1)}" text-anchor="end">${tick}</text>`,
    ]),
    ...courses.flatMap(({ name, points }, n) => {
      const path = points.map(([at, value]) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L");
      const label = top + 14 + n * 18;
      return [
        `<path d="M${path}" fill="none" stroke="${COLOURS[n]}" stroke-width="1.5"/>`,
        `<path d="M${RIGHT + 12} ${label - 4}h26" stroke="${COLOURS[n]}" stroke-width="2"/>`,
        `<text x="${RIGHT + 44}" y="${label}">${name}</text>`,
      ];
    }),
  ];
}

/** To a number that half of can be read: 1, 2, 4, 6 or 10 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return power * ([1, 2, 4, 6, 10].find((times) => times * power >= value) ?? 10);
}
