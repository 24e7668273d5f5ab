/** Reads what strace writes of workerd, as far as it tells in which order data is written, synced and answered for. */

/** What happened, in the order in which it did. */
export type Event =
  | { readonly kind: "written" | "synced"; readonly file: string }
  /** The head of an answer went to a socket. */
  | { readonly kind: "answered"; readonly requestId: string };

/** The options that make strace write what `eventsIn` reads: paths, all threads, and enough text for an answer's head. */
export const STRACE_OPTIONS = [
  "-f",
  "-y",
  "-s",
  "1000",
  "-e",
  "signal=none",
  "-e",
  "trace=write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg,fsync,fdatasync,ftruncate",
];

/**
 * The name of the call, the file that it is about, and how it ended. A call that another thread came between stands on
 * two lines, of which the second does not tell the file.
 */
const LINE = /^(?<thread>\d+)\s+(?:(?<name>\w+)\(\d+<(?<file>[^>]*)>|<\.\.\. (?<resumed>\w+) resumed>)(?<rest>.*)$/;

export function eventsIn(trace: string): Event[] {
  const interrupted = new Map<string, string>();
  return trace.split("\n").flatMap((line): Event[] => {
    const { thread = "", name, file, resumed, rest = "" } = LINE.exec(line)?.groups ?? {};
    const about = file ?? interrupted.get(thread) ?? "";
    if (rest.endsWith("<unfinished ...>")) {
      interrupted.set(thread, about);
    }
    return eventOf(name, resumed, about, rest);
  });
}

/** A sync counts once it has succeeded, and what is written or answered from its beginning. */
function eventOf(name: string | undefined, resumed: string | undefined, file: string, rest: string): Event[] {
  if (/^f(data)?sync$/.test(name ?? resumed ?? "")) {
    return / = 0$/.test(rest) ? [{ kind: "synced", file }] : [];
  }
  if (name === undefined) {
    return [];
  }
  const requestId = /x-amzn-requestid: ([\w-]{36})/i.exec(rest)?.[1];
  if (file.startsWith("socket:")) {
    return requestId === undefined ? [] : [{ kind: "answered", requestId }];
  }
  return [{ kind: "written", file }];
}
