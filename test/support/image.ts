/** Images of containers, as far as they can be tried on a machine that has no images to begin with and no runtime. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** What the image that ours is made from has, beside Node, and ours needs. */
const PROGRAMS = ["sh", "flock"];

const FOLDERS = ["usr/bin", "usr/lib", "usr/lib64", "dev", "proc"];

/** Makes a root folder that stands in for an image: a Node and other programs, with the libraries that they and `more` load. */
export function makeRoot(root: string, node: string, more: string): void {
  for (const folder of FOLDERS) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const folder of ["bin", "lib", "lib64"]) {
    symlinkSync(`usr/${folder}`, join(root, folder));
  }
  const found = PROGRAMS.map((name) => execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim());
  for (const program of [node, ...found]) {
    cpSync(realpathSync(program), join(root, "usr/bin", basename(program)));
  }
  const loaded = execFileSync("ldd", [node, more, ...found], { encoding: "utf8" }).matchAll(/\/\S+\.so[\w.]*/g);
  for (const library of new Set(Array.from(loaded, ([path]) => path.replace(/^\/usr/, "")))) {
    mkdirSync(dirname(join(root, "usr", library)), { recursive: true });
    cpSync(realpathSync(library), join(root, "usr", library));
  }
}

/** What an image says of itself. */
export interface ImageConfig {
  readonly User: string;
  readonly WorkingDir: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
  readonly Volumes: Record<string, unknown>;
}

/** $0 is the root, $1 the user, $2 the volume and $3 the folder; what follows is the command. */
const START = `set -e
ip link set lo up
mount --bind "$0" "$0"
mount --bind "$0$2" "$0$2"
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
mount -o remount,bind,ro "$0"
root=$0 user=$1 folder=$3
shift 3
exec chroot --userspec="$user" --groups= "$root" /bin/sh -c 'cd "$0" && exec "$@"' "$folder" "$@"`;

/** Runs an image with a network of its own, and can write nowhere but to its volume. */
export function runImage(root: string, config: ImageConfig, variables: Record<string, string>): ChildProcess {
  const [volume = ""] = Object.keys(config.Volumes);
  const command = [config.User, volume, config.WorkingDir, ...config.Entrypoint, ...config.Cmd];
  const env = { ...environment(config), ...variables };
  return spawn("unshare", ["--mount", "--net", "sh", "-c", START, root, ...command], { env });
}

/** The exit code of the image's health check, made beside what runs. */
export async function healthOf(running: ChildProcess, config: ImageConfig): Promise<number | null> {
  const [user = "", group = ""] = config.User.split(":");
  const beside = ["--target", String(running.pid), "--mount", "--net", "--root", "--setuid", user, "--setgid", group];
  const check = spawn("nsenter", [...beside, ...config.Healthcheck.Test.slice(1)], { env: environment(config) });
  return new Promise((resolve) => check.once("exit", resolve));
}

function environment({ Env }: ImageConfig): Record<string, string> {
  return Object.fromEntries(Env.map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]));
}
