/**
 * Every operation, and every kind of error that a server or its absence can cause, through the client package as its
 * users have it. Runs in Node, in workerd and in browsers; what came of it is told as plain data.
 */
import {
  AppInstanceUserEndpointType,
  type AwsCredentials,
  createRollcallClient,
  type RollcallClient,
  type RollcallClientOptions,
  RollcallError,
} from "rollcall-client";

export interface Given {
  /** A server in local mode. */
  readonly url: string;
  /** Where a server drops every connection. */
  readonly droppingUrl: string;
  /** Where a server takes connections and never answers. */
  readonly silentUrl: string;
  /** Those of the user alice. */
  readonly credentials: string | AwsCredentials;
  /** A token by an issuer whose keys the server can't get. */
  readonly orphanToken: string;
}

/** What came of each scene, in the order in which they are played. */
export type Told = Record<string, string>;

export async function tell(given: Given): Promise<Told> {
  const { url, credentials } = given;
  const client = createRollcallClient({ baseUrl: url, credentials });
  return { ...(await tellOperations(client)), ...(await tellRefusals(client)), ...(await tellFailures(given)) };
}

async function tellOperations(client: RollcallClient): Promise<Told> {
  const user = freshUser();
  // So long that its description is compressed.
  const phone = device(user, 1, { name: "phone", deviceToken: "d".repeat(1_600) });
  const { endpointId } = await client.registerAppInstanceUserEndpoint(phone);
  const again = await client.registerAppInstanceUserEndpoint(phone);
  await client.registerAppInstanceUserEndpoint({ ...device(user, 2), clientRequestToken: "" });
  const one = { appInstanceUserArn: user, endpointId };
  const { appInstanceUserEndpoint: described } = await client.describeAppInstanceUserEndpoint(one);
  const updated = await client.updateAppInstanceUserEndpoint({ ...one, name: "old phone" });
  const page = await client.listAppInstanceUserEndpoints({ appInstanceUserArn: user });
  const all: (string | undefined)[] = [];
  for await (const { name } of client.listAllAppInstanceUserEndpoints({ appInstanceUserArn: user, maxResults: 1 })) {
    all.push(name);
  }
  await client.deregisterAppInstanceUserEndpoint(one);
  const left = await client.listAppInstanceUserEndpoints({ appInstanceUserArn: user });
  return {
    "register, attempted twice with one token": endpointId === again.endpointId ? "one endpoint" : "two endpoints",
    describe: described?.endpointAttributes?.deviceToken === "d".repeat(1_600) ? "the token as it was sent" : "another",
    update: updated.endpointId === endpointId ? "the endpoint's id" : "another id",
    list: page.appInstanceUserEndpoints.map(({ name }) => name).join(),
    "list all, by pages of one": all.join(),
    deregister: `${left.appInstanceUserEndpoints.length} left`,
  };
}

async function tellRefusals(client: RollcallClient): Promise<Told> {
  const user = freshUser();
  const { endpointId } = await client.registerAppInstanceUserEndpoint(device(user, 1));
  const gone = await client.registerAppInstanceUserEndpoint(device(user, 2));
  await client.deregisterAppInstanceUserEndpoint({ appInstanceUserArn: user, endpointId: gone.endpointId });
  const register = (request: ReturnType<typeof device>) =>
    outcome(client.registerAppInstanceUserEndpoint(request), { [endpointId]: "first", [gone.endpointId]: "second" });
  return {
    "register a registered device": await register({ ...device(user, 1), clientRequestToken: "other" }),
    "register with a used token": await register({ ...device(user, 3), clientRequestToken: "request-1" }),
    "register with the token of an endpoint that is gone": await register(device(user, 2)),
    "register with broken constraints": await register(device(user, 4, { deviceToken: "", name: "n".repeat(1_601) })),
    "register with a huge token": await register(device(user, 4, { deviceToken: "d".repeat(200_000) })),
    "register one too many": await registerTooMany(client),
    "describe what is not there": await outcome(
      client.describeAppInstanceUserEndpoint({ appInstanceUserArn: user, endpointId: "nothing" }),
    ),
    "list with a wrong token": await outcome(
      client.listAppInstanceUserEndpoints({ appInstanceUserArn: user, nextToken: "wrong" }),
    ),
    "list another's": await outcome(
      client.listAppInstanceUserEndpoints({ appInstanceUserArn: user.replace("alice", "bob") }),
    ),
  };
}

async function registerTooMany(client: RollcallClient): Promise<string> {
  const user = freshUser();
  for (let n = 1; n <= 10; n++) {
    await client.registerAppInstanceUserEndpoint(device(user, n));
  }
  return outcome(client.registerAppInstanceUserEndpoint(device(user, 11)));
}

async function tellFailures({ url, droppingUrl, silentUrl, credentials, orphanToken }: Given): Promise<Told> {
  const appInstanceUserArn = freshUser();
  // One machine answers for a user whom nobody has registered without the user's object, which is what throttles.
  await createRollcallClient({ baseUrl: url, credentials }).registerAppInstanceUserEndpoint(
    device(appInstanceUserArn, 1),
  );
  const list = (options: Partial<RollcallClientOptions>, callOptions = {}) =>
    outcome(
      createRollcallClient({ baseUrl: url, credentials, maxAttempts: 1, ...options }).listAppInstanceUserEndpoints(
        { appInstanceUserArn },
        callOptions,
      ),
    );
  const wrong =
    typeof credentials === "string" ? "of-nobody" : { ...credentials, secretAccessKey: "of-nobody-who-is-known-here" };
  return {
    "with wrong credentials": await list({ credentials: wrong }),
    "without credentials": await list({ credentials: () => Promise.reject(new Error("signed out")) }),
    "when too many calls are made": await throttled(() => list({})),
    "when the token can't be checked": await list({ credentials: orphanToken }),
    "where there is no such operation": await list({ baseUrl: `${url}/elsewhere` }),
    "where connections are dropped": await list({ baseUrl: droppingUrl }),
    "where nothing answers in time": await list({ baseUrl: silentUrl }, { timeoutMs: 300 }),
    "until it is canceled": await list({ baseUrl: silentUrl }, { signal: AbortSignal.timeout(300) }),
  };
}

/** Calls until one is refused; their number is bounded. */
async function throttled(call: () => Promise<string>): Promise<string> {
  for (let batch = 0; batch < 10; batch++) {
    const told = await Promise.all(Array.from({ length: 30 }, call));
    const refused = told.find((outcome) => outcome !== "success");
    if (refused !== undefined) {
      return refused;
    }
  }
  return "success";
}

/** A failure in a line, as a caller's own switch would tell it. Ids are told by their names. */
async function outcome(call: Promise<unknown>, names: Record<string, string> = {}): Promise<string> {
  try {
    await call;
    return "success";
  } catch (error) {
    if (!(error instanceof RollcallError)) {
      throw error;
    }
    const answered = error.requestId === undefined ? "" : ", request id";
    return explain(error, names) + answered;
  }
}

function explain({ failure }: RollcallError, names: Record<string, string>): string {
  switch (failure.kind) {
    case "conflict":
      return `${failure.kind} ${failure.reason}, ${names[failure.endpointId]} endpoint`;
    case "throttled":
    case "unavailable":
      return `${failure.kind} ${failure.reason}, ${Number(failure.retryAfterMs) > 0 ? "ms" : "no ms"}`;
    case "limit_exceeded":
      return `${failure.kind} ${failure.reason}, ${failure.limit}`;
    case "invalid":
      return [
        failure.kind,
        failure.reason,
        ...failure.violations.map(({ field, ruleId }) => `${field}: ${ruleId}`),
      ].join(" ");
    case "forbidden":
      return `${failure.kind} ${failure.reason}, ${failure.action}`;
    case "deadline_exceeded":
    case "canceled":
    case "network":
    case "credentials":
      return failure.kind;
    default:
      return `${failure.kind} ${failure.reason ?? "for no reason given"}`;
  }
}

function freshUser(): string {
  return `arn:aws:chime:us-east-1:123456789012:app-instance/${crypto.randomUUID()}/user/alice`;
}

function device(appInstanceUserArn: string, n: number, changes: { deviceToken?: string; name?: string } = {}) {
  const { deviceToken = `device-${n}`, ...more } = changes;
  return {
    appInstanceUserArn,
    resourceArn: "arn:aws:mobiletargeting:us-east-1:123456789012:apps/test",
    type: AppInstanceUserEndpointType.GCM,
    endpointAttributes: { deviceToken },
    clientRequestToken: `request-${n}`,
    ...more,
  };
}
