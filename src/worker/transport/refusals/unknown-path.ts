/** What is told of a path that is none of this server's: the path, as far as it may be repeated, and what is wrong with it. */
import type { Page } from "../../config.ts";
import type { UnknownPath } from "../../model/failure.ts";
import { OPERATIONS, ROOTS as REST_ROOTS, SERVICE_NAME } from "../operations.ts";

/** The paths that Rollcall's operations begin with, over REST and over Connect. */
const ROOTS = [...REST_ROOTS, `/${SERVICE_NAME}/`];

/** A refusal of this path, by a server that serves these pages. */
export function unknownPath({ pathname }: URL, pages: readonly Page[] = []): UnknownPath {
  const mistake = mistakeIn(pathname, pages);
  return { kind: "unknown_operation", reason: "UNKNOWN_OPERATION", path: shown(pathname), ...(mistake && { mistake }) };
}

function mistakeIn(path: string, pages: readonly Page[]): UnknownPath["mistake"] {
  // Where there are sessions, this path is not unknown.
  if (path === "/credentials") {
    return "SESSIONS_ARE_OFF";
  }
  if (ROOTS.some((root) => path.startsWith(root))) {
    return path.endsWith("/") ? "SLASH_AT_END" : undefined;
  }
  if (ROOTS.some((root) => path.includes(root))) {
    return "NOT_AT_ROOT";
  }
  const page = /^\/(docs|console|openapi\.json)(?:\/|$)/.exec(path)?.[1];
  const isServed = pages.some((served) => served === (page === "console" ? "console" : "docs"));
  return page !== undefined && !isServed ? "PAGE_IS_OFF" : undefined;
}

/** No device token is as short as this: APNs' have 64 digits, FCM's more than 140. */
const WORD_MAX = 48;
const SHOWN_MAX = 160;
/** No path that is meant for an operation is as long; what is looked for in one takes the square of its length. */
const LOOKED_AT_MAX = 8_192;

/** An ARN, with what stands after its slashes where they are not encoded: all but the end of an endpoint's path. */
const ARN = /\barn(?::|%3a)(?![^/]*%2f)(?:.*(?=\/endpoints(?:\/[^/]*)?\/?$)|.*)/i;
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** A path with the words in it, and a mark for what else is there: an ARN, an id, or what was put there by mistake. */
function shown(path: string): string {
  const isWord = (text: string) => /^[\w.~-]*$/.test(text) && text.length <= WORD_MAX && !UUID.test(text);
  const words = path
    .slice(0, LOOKED_AT_MAX)
    .replace(ARN, "…")
    .split("/")
    .map((text) => (isWord(text) ? text : "…"));
  const text = words.join("/");
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}

/** In words, for all protocols. */
export function explainUnknownPath({ path, mistake }: UnknownPath): string {
  switch (mistake) {
    case "SLASH_AT_END":
      return `There is nothing at ${path}: leave out the slash at its end.`;
    case "NOT_AT_ROOT":
      return `There is nothing at ${path}: Rollcall's paths begin at the root of the server, with ${ROOTS.join(" or ")}. Leave out the path of the client's endpoint URL, even a single slash.`;
    case "PAGE_IS_OFF":
      return `The page at ${path} is off. The variable PAGES switches pages on, and in local mode all of them are.`;
    case "SESSIONS_ARE_OFF":
      return `There is nothing at ${path}: no sessions are configured. The secret SESSION_SECRETS switches them on, and in local mode they are.`;
    default:
      return `There is nothing at ${path}. Rollcall has the endpoint operations of Chime SDK Identity, and some of its own: ${OPERATIONS.map(({ name }) => name).join(", ")}.`;
  }
}
