/** Sends what no honest client would, over both wires and below them, to a server that has to keep its countenance. */
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { callerFor } from "../test/support/calls.ts";
import { freshUserArn } from "../test/support/requests.ts";
import { type Attack, type Round, Tally } from "./attack.ts";
import { badCompression, badEnvelope, badProtobuf } from "./hostile/binary.ts";
import { badBody, badMember, mutatedBody } from "./hostile/bodies.ts";
import { badPresigned, badSession, badSignature, badToken } from "./hostile/credentials.ts";
import { badFraming, type Pieces } from "./hostile/framing.ts";
import { anyType, headerFlood, oddHeader, oddHost } from "./hostile/headers.ts";
import { secretsIn, wrongInAnswer, wrongInLines } from "./hostile/judge.ts";
import { exchange } from "./hostile/raw.ts";
import { type Arsenal, type Attacker, bytesOf, endpointsOf } from "./hostile/request.ts";
import { anyMethod, badPath, badQuery, connectGet, madeUpArn, oddTarget } from "./hostile/targets.ts";
import { Random } from "./random.ts";
import { openFiles, residentMiB, type Server, withServer } from "./server.ts";

const REQUESTS_PER_ROUND = 1_200;
const AT_ONCE = 8;

/** Connections that send a byte now and then, for as long as the round lasts. */
const SLOW_CONNECTIONS = 40;
const SLOW_BYTE_MS = 250;

/** Far above what a server under attack was seen to take, and far below what a leak of bodies would. */
const RESIDENT_MAX_MIB = 768;

const ATTACKERS: Readonly<Record<string, Attacker | ((arsenal: Arsenal) => Pieces)>> = {
  badBody,
  badMember,
  mutatedBody,
  badProtobuf,
  badEnvelope,
  badCompression,
  badSignature,
  badPresigned,
  badSession,
  badToken,
  badPath,
  oddTarget,
  badQuery,
  anyMethod,
  connectGet,
  madeUpArn,
  headerFlood,
  anyType,
  oddHeader,
  oddHost,
  badFraming,
};

export const hostile: Attack = {
  name: "hostile",
  shortRounds: 1,
  weight: 3,
  round: (seed, bundle) => withServer(bundle, { LOCAL_MODE: "true" }, (server) => new Siege(seed, server).round()),
};

class Siege {
  readonly #tally = new Tally();
  readonly #losses: string[] = [];
  readonly #secrets = new Set<string>();
  readonly #requestIds: string[] = [];
  readonly #seed: string;
  readonly #server: Server;

  constructor(seed: string, server: Server) {
    this.#seed = seed;
    this.#server = server;
  }

  async round(): Promise<Round> {
    const secret = `5ec2e7${new Random(this.#seed).hex(24)}`;
    const caller = await callerFor(freshUserArn());
    const slow = new SlowConnections(this.#server, endpointsOf(caller));
    const numbers = Array.from({ length: REQUESTS_PER_ROUND }, (_, n) => n).values();
    const attackers = Array.from({ length: AT_ONCE }, async () => {
      for (const n of numbers) {
        const random = new Random(`${this.#seed}/${n}`);
        await this.#attack({ random, url: this.#server.url, caller, secret });
      }
    });
    await Promise.all(attackers);
    slow.end();
    const samples = { "resident MiB": this.#resident(), "open files": this.#files() };
    await this.#look();
    return { counts: this.#tally.counts, samples, losses: this.#losses };
  }

  async #attack(arsenal: Arsenal): Promise<void> {
    const [name, attacker] = arsenal.random.pick(Object.entries(ATTACKERS));
    const made = await attacker(arsenal);
    const { pieces, pauseMs } = "pieces" in made ? made : { pieces: [bytesOf(made, arsenal.url)], pauseMs: 0 };
    const request = Buffer.concat(pieces).toString("latin1");
    const secrets = secretsIn(request, arsenal.secret);
    for (const each of secrets) {
      this.#secrets.add(each);
    }
    const answer = await exchange(arsenal.url, pieces, pauseMs);
    this.#tally.add("requests");
    this.#tally.add(`requests: ${name}`);
    if (answer === undefined) {
      this.#tally.add("closed without an answer");
      return;
    }
    const { status, requestId } = answer;
    this.#tally.add(`answers: ${requestId === undefined ? "the runtime's own" : "the Worker's"}, ${status}`);
    this.#requestIds.push(...(requestId === undefined ? [] : [requestId]));
    const wrong = wrongInAnswer(answer, request, secrets);
    if (wrong !== undefined) {
      this.#losses.push(`${name} was ${wrong}: ${request.slice(0, 200).replaceAll(arsenal.secret, "SECRET")}`);
    }
  }

  /** At what the server said and whether it still serves. */
  async #look(): Promise<void> {
    if (this.#server.hasEnded()) {
      this.#losses.push("workerd ended");
      return;
    }
    const health = await fetch(`${this.#server.url}/health`);
    if (health.status !== 200) {
      this.#losses.push(`afterwards /health answers ${health.status}`);
    }
    // A line is written before its answer is sent, and read when Node gets to it.
    await wait(100);
    const { said } = this.#server;
    this.#losses.push(...wrongInLines(said, this.#secrets));
    const text = said.join("\n");
    const untold = this.#requestIds.filter((requestId) => !text.includes(requestId)).length;
    if (untold > 0) {
      this.#losses.push(`${untold} requests were answered and have no line in the log`);
    }
  }

  #resident(): number[] {
    const mib = residentMiB(this.#server);
    if (mib !== undefined && mib > RESIDENT_MAX_MIB) {
      this.#losses.push(`workerd holds ${Math.round(mib)} MiB`);
    }
    return mib === undefined ? [] : [mib];
  }

  #files(): number[] {
    const files = openFiles(this.#server);
    return files === undefined ? [] : [files];
  }
}

/** Heads and bodies that never end, a byte at a time. */
class SlowConnections {
  readonly #sockets: Socket[];
  readonly #timer: NodeJS.Timeout;

  constructor({ url }: Server, target: string) {
    const { hostname, port } = new URL(url);
    this.#sockets = Array.from({ length: SLOW_CONNECTIONS }, (_, n) => {
      const socket = connect(Number(port), hostname).on("error", () => socket.destroy());
      socket.write(`POST ${target} HTTP/1.1\r\nhost: localhost\r\n`);
      socket.write(n % 2 === 0 ? "x-slow: " : "content-length: 100000\r\n\r\n");
      return socket;
    });
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets.filter(({ writable }) => writable)) {
        socket.write("x");
      }
    }, SLOW_BYTE_MS);
  }

  end(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }
}
