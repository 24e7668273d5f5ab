/**
 * `npm run trace < LINES`: lines of a log, with the places of stack traces as the sources have them. The Worker is deployed
 * minified, and nobody else does this for its lines: Cloudflare has the source map, and uses it for exceptions that nobody caught.
 */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { text } from "node:stream/consumers";
import { answerHelp } from "../src/command/help.ts";
import { bundle } from "./bundle.ts";

const USAGE = `Usage: npm run --silent trace < LINES, in a clone that has checked out what wrote the lines`;

answerHelp(process.argv.slice(2), USAGE);
const map = new SourceMap(JSON.parse(readFileSync(`${bundle("src/worker/index.ts")}.map`, "utf8")));

process.stdout.write((await text(process.stdin)).replaceAll(/\b(?:index|worker)\.js:(\d+):(\d+)/g, placeInSource));

function placeInSource(place: string, line: string, column: string): string {
  const origin = map.findOrigin(Number(line), Number(column));
  return "fileName" in origin
    ? `${origin.fileName.replace(/^(?:\.\.\/)+/, "")}:${origin.lineNumber}:${origin.columnNumber}`
    : place;
}
