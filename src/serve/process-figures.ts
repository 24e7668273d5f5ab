import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Family } from "../worker/transport/reporting/exposition.ts";

/** Of a second: Linux tells processor time in them whatever the machine is. Source: USER_HZ in man 5 proc */
const TICKS = 100;

/**
 * What the system accounts to a process, by the names that Prometheus's own clients use for it: workerd ends when it has no file left
 * for a connection, and can't tell by itself how many it has. Nothing where there is no /proc, as on macOS.
 */
export function processFigures(pid: number): Family[] {
  const folder = `/proc/${pid}`;
  if (!existsSync(folder)) {
    return [];
  }
  const read = (file: string) => readFileSync(`${folder}/${file}`, "utf8");
  const [, openFilesMax] = /^Max open files\s+(\d+)/m.exec(read("limits")) ?? [];
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(read("status")) ?? [];
  // Behind the name of the program, which may hold spaces, the times stand in the 12th and 13th place.
  const times = read("stat")
    .replace(/^.*\) /s, "")
    .split(" ")
    .slice(11, 13);
  return [
    {
      name: "process_cpu_seconds_total",
      help: "Processor time of workerd.",
      type: "counter",
      samples: [{ value: times.reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS }],
    },
    gauge("process_resident_memory_bytes", "Memory of workerd.", Number(kibibytes) * 1_024),
    gauge(
      "process_open_fds",
      "Files that workerd has open: users' databases, and connections.",
      readdirSync(`${folder}/fd`).length,
    ),
    gauge(
      "process_max_fds",
      "How many it may have open. It ends when there is none left for a connection.",
      Number(openFilesMax),
    ),
  ];
}

function gauge(name: string, help: string, value: number): Family {
  return { name, help, type: "gauge", samples: [{ value }] };
}
