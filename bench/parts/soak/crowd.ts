/** Users with their phones, as many all the time, and what they and their sender do next. */
import type { Signing } from "../../../test/support/credentials.ts";
import { RESOURCE_ARN } from "../../../test/support/requests.ts";
import type { Came, Expected, SoakCall } from "./ways.ts";

interface Phone {
  token: string;
  endpointId: string;
  /** The token of the last registration, where repeating that is a replay or a launch. */
  requestToken?: string;
}

export interface Person {
  readonly arn: string;
  phones: Phone[];
  isCalling: boolean;
  /** What their app signs with, once it has asked for it. */
  session?: { readonly signing: Signing; readonly until: number };
}

/** A call, and what its answer means. */
export interface Next {
  readonly call: SoakCall;
  readonly person: Person;
  /** Only over REST, where the caller is a backend that may act for all. */
  readonly isSenders?: true;
  readonly done?: (answer: Came) => void;
}

/** Of each hundred calls or so; what refers to phones makes one where there is none. */
export const MIX = {
  ...{ launch: 30, replay: 10, describe: 9, list: 9, "resolve 1": 14, "resolve 100": 1, report: 4 },
  ...{ "new user": 4, "another phone": 3, rotate: 4, "take-over": 4, deregister: 3, erase: 1 },
  ...{ invalid: 2, unauthenticated: 2 },
} as const satisfies Record<string, number>;

export type Kind = keyof typeof MIX;

const KINDS = Object.entries(MIX).flatMap(([kind, share]) => Array<Kind>(share).fill(kind as Kind));

/** Below what a user may have. */
const PHONES_MAX = 4;

const BATCH = 100;

const INSTANCE = "arn:aws:chime:us-east-1:123456789012:app-instance/soak";

/** As many as are in play all the time: who comes takes the place of one who is seen no more, and sleeps from then on. */
export class Crowd {
  readonly #sizeMax: number;
  readonly #people: Person[] = [];
  /** All who ever came. */
  users = 0;
  /** Phones that somebody registered first. */
  phones = 0;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  /** Those in play. */
  get size(): number {
    return this.#people.length;
  }

  /** A call of this kind, or of any. */
  next(asked?: Kind): Next & { readonly kind: Kind } {
    for (;;) {
      const kind = asked ?? pick(KINDS) ?? "launch";
      const next = this.#make(kind);
      if (next !== undefined) {
        next.person.isCalling = true;
        return { kind, ...next };
      }
    }
  }

  /** Undefined where nobody can make it now. */
  #make(kind: Kind): Next | undefined {
    if (kind === "new user" || this.#people.length === 0) {
      return this.#comes();
    }
    const person = this.#idle();
    const phone = person && pick(person.phones);
    if (person === undefined || (phone === undefined && NEEDS_PHONE.has(kind))) {
      return person && this.#register(person, this.#newPhone(person));
    }
    return phone === undefined
      ? this.#ofPerson(kind, person)
      : (this.#ofPhone(kind, person, phone) ?? this.#ofPerson(kind, person));
  }

  #ofPhone(kind: Kind, person: Person, phone: Phone): Next | undefined {
    const { endpointId } = phone;
    switch (kind) {
      case "launch":
        return this.#register(person, phone);
      case "replay":
        return this.#register(person, phone, phone.requestToken);
      case "describe":
        return asked(person, "Describe", { endpointId });
      case "rotate": {
        const token = this.#token(person);
        const update = asked(person, "Update", { endpointId, endpointAttributes: { deviceToken: token } });
        return {
          ...update,
          done: () => {
            phone.token = token;
            delete phone.requestToken;
          },
        };
      }
      case "report": {
        const failure = { endpointId, deviceToken: phone.token, reason: "UNREGISTERED", timestamp: new Date() };
        return { ...asked(person, "Report", { failures: [failure] }), isSenders: true };
      }
      case "deregister":
        return {
          ...asked(person, "Deregister", { endpointId }),
          done: () => {
            person.phones = person.phones.filter((other) => other !== phone);
          },
        };
      default:
        return undefined;
    }
  }

  #ofPerson(kind: Kind, person: Person): Next | undefined {
    switch (kind) {
      case "list":
        return asked(person, "List");
      case "resolve 1":
        return asked(person, "Resolve");
      case "resolve 100": {
        const some = new Set(Array.from({ length: BATCH }, () => pick(this.#people)?.arn));
        return { ...asked(person, "Resolve", { appInstanceUserArns: [...some] }), isSenders: true };
      }
      case "another phone":
        return person.phones.length < PHONES_MAX ? this.#register(person, this.#newPhone(person)) : undefined;
      case "take-over": {
        const token = pick(pick(this.#people)?.phones ?? [])?.token;
        const isTaken = token !== undefined && person.phones.every((phone) => phone.token !== token);
        return isTaken && person.phones.length < PHONES_MAX
          ? this.#register(person, { token, endpointId: "" })
          : undefined;
      }
      case "erase":
        return { ...asked(person, "Erase"), done: () => void this.#people.splice(this.#people.indexOf(person), 1) };
      case "invalid":
        return refused(person, { type: "UNSPECIFIED" }, "invalid");
      case "unauthenticated":
        return refused(person, {}, "unauthenticated");
      default:
        return undefined;
    }
  }

  /** A user whom nobody has seen before. */
  #comes(): Next {
    this.users += 1;
    const person: Person = { arn: `${INSTANCE}/user/soak-${this.users}`, phones: [], isCalling: false };
    const register = this.#register(person, this.#newPhone(person));
    return {
      ...register,
      done: (answer) => {
        register.done?.(answer);
        const place = this.#people.length < this.#sizeMax ? this.#people.length : this.#placeOfIdle();
        this.#people[place] = person;
      },
    };
  }

  /** By another request token, if no other is given, as an app has that makes one up at each launch. */
  #register(person: Person, phone: Phone, requestToken: string = crypto.randomUUID()): Next {
    return {
      ...asked(person, "Register", registration(phone.token, requestToken)),
      done: ({ body }) => {
        phone.endpointId = endpointIdIn(body) || phone.endpointId;
        phone.requestToken = requestToken;
        if (!person.phones.includes(phone)) {
          person.phones.push(phone);
        }
      },
    };
  }

  #newPhone(person: Person): Phone {
    return { token: this.#token(person), endpointId: "" };
  }

  /** As long as those of FCM. */
  #token({ arn }: Person): string {
    this.phones += 1;
    return `${arn.split("/").at(-1)}-${this.phones}-`.padEnd(163, "x");
  }

  /** Nobody calls twice at a time: what that comes to is for other tests. */
  #idle(): Person | undefined {
    for (let tries = 0; tries < 100; tries++) {
      const person = pick(this.#people);
      if (person !== undefined && !person.isCalling) {
        return person;
      }
    }
    return undefined;
  }

  #placeOfIdle(): number {
    const idle = this.#idle();
    return idle === undefined ? this.#people.length : this.#people.indexOf(idle);
  }
}

const NEEDS_PHONE: ReadonlySet<Kind> = new Set(["launch", "replay", "describe", "rotate", "report", "deregister"]);

function registration(deviceToken: string, clientRequestToken: string) {
  return { type: "GCM", resourceArn: RESOURCE_ARN, endpointAttributes: { deviceToken }, clientRequestToken };
}

function asked(person: Person, operation: SoakCall["operation"], members: SoakCall["members"] = {}): Next {
  const { arn, session } = person;
  const isSigned = session !== undefined && Date.now() < session.until;
  return { person, call: { operation, arn, members, expects: "ok", ...(isSigned && { session: session.signing }) } };
}

/** Registrations that are refused. */
function refused(person: Person, changes: SoakCall["members"], expects: Expected): Next {
  const members = { ...registration("refused", crypto.randomUUID()), ...changes };
  return { person, call: { operation: "Register", arn: person.arn, members, expects } };
}

function endpointIdIn(body: string): string {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(body)?.[0] ?? "";
}

function pick<Item>(items: readonly Item[]): Item | undefined {
  return items[Math.floor(Math.random() * items.length)];
}
