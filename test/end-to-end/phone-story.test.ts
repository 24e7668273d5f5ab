import { describe, expect, it } from "vitest";
import { ENDPOINTS_PER_USER_DEFAULT } from "../../src/worker/model/limits.ts";
import { CONNECT_TRANSPORTS } from "../support/clients.ts";
import { awsPhone, connectPhone, type Described, type Phone } from "../support/phone.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

// Five readers at once are more than a user's usual rate.
const server = serveOnWorkerd({ LOCAL_MODE: "true", OPERATION_RATE_PER_SECOND: "1000" });

/** A phone of a user, by the client that it has. */
const PHONES: Record<string, (user: string) => Phone> = {
  "the AWS SDK for JavaScript": (user) => awsPhone(server.url, user),
  ...Object.fromEntries(
    Object.entries(CONNECT_TRANSPORTS).map(([name, transport]) => [
      name,
      (user: string) => connectPhone(transport(server.url), user),
    ]),
  ),
};

const OLD_PHONE = { deviceToken: "  d\u00e9vice/+=\ud83d\ude00 ", voipDeviceToken: "voip", name: "Ada's phone" };
const NEW_PHONE = { deviceToken: "a new device token", name: "" };

/** What a call is refused with, in the words of either wire. */
async function refusal(phone: Phone, call: Promise<unknown>): Promise<{ kind: string | undefined; message: string }> {
  const error = await call.then(
    () => expect.fail("the call succeeded"),
    (reason: Error) => reason,
  );
  return { kind: phone.kindOf(error), message: error.message };
}

/** A phone's life. Answers the ids of its endpoints in the order of registration. */
async function livePhone(phone: Phone, user: string): Promise<string[]> {
  const installed = { ...OLD_PHONE, requestToken: "install" };
  const id = await phone.register(installed);
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(await phone.register(installed)).toBe(id);

  const relaunched = await refusal(phone, phone.register({ ...OLD_PHONE, requestToken: "relaunch" }));
  expect(relaunched).toEqual({
    kind: "conflict",
    message: expect.stringContaining(`The device is registered for this user as endpoint ${id}.`),
  });

  const described = await phone.describe(id);
  expect(described).toEqual({
    user,
    id,
    name: OLD_PHONE.name,
    type: "APNS",
    allowMessages: "ALL",
    status: "ACTIVE",
    resource: RESOURCE_ARN,
    deviceToken: OLD_PHONE.deviceToken,
    voipDeviceToken: OLD_PHONE.voipDeviceToken,
    created: expect.any(Date),
    lastUpdated: described.created,
  });

  expect(await phone.update(id, { allowMessages: "NONE" })).toBe(id);
  const muted = await phone.describe(id);
  expect(muted).toEqual({ ...described, allowMessages: "NONE", lastUpdated: muted.lastUpdated });
  expect(muted.lastUpdated?.getTime()).toBeGreaterThan(described.created?.getTime() ?? Number.NaN);
  expect(await phone.register(installed)).toBe(id);

  const reinstalled = await phone.register({ ...NEW_PHONE, requestToken: "reinstall" });
  const summary = { user, type: "APNS", status: "ACTIVE" };
  expect(await phone.list()).toEqual({
    endpoints: [
      { ...summary, id, name: OLD_PHONE.name, allowMessages: "NONE" },
      { ...summary, id: reinstalled, name: "", allowMessages: "ALL" },
    ],
    token: undefined,
  });

  const ids = [id, reinstalled];
  while (ids.length < ENDPOINTS_PER_USER_DEFAULT) {
    const n = ids.length;
    ids.push(await phone.register({ deviceToken: `device ${n}`, requestToken: `request-${n}` }));
  }
  expect(await refusal(phone, phone.register({ deviceToken: "one more", requestToken: "one-more" }))).toEqual({
    kind: "limit_exceeded",
    message: expect.stringContaining(String(ENDPOINTS_PER_USER_DEFAULT)),
  });
  expect(await idsByPage(phone, 4)).toEqual([ids.slice(0, 4), ids.slice(4, 8), ids.slice(8)]);
  expect(await refusal(phone, phone.list({ token: "made-up" }))).toMatchObject({ kind: "invalid" });

  await phone.deregister(id);
  await phone.deregister(id);
  expect(await refusal(phone, phone.describe(id))).toMatchObject({ kind: "not_found" });
  expect(await refusal(phone, phone.update(id, { name: "gone" }))).toMatchObject({ kind: "not_found" });
  expect(await refusal(phone, phone.register(installed))).toEqual({
    kind: "conflict",
    message: expect.stringContaining(id),
  });
  const again = await phone.register({ ...OLD_PHONE, requestToken: "again" });
  expect(ids).not.toContain(again);
  return [...ids.slice(1), again];
}

async function idsByPage(phone: Phone, max: number): Promise<unknown[]> {
  const pages: unknown[] = [];
  let token: string | undefined;
  do {
    const page = await phone.list({ max, token });
    pages.push(page.endpoints.map(({ id }) => id));
    token = page.token;
  } while (token !== undefined);
  return pages;
}

/** All that a user has, in the order of registration. */
async function everythingOf(phone: Phone): Promise<Described[]> {
  const { endpoints } = await phone.list();
  return Promise.all(endpoints.map(({ id }) => phone.describe(id ?? "")));
}

describe("a phone's life: install, relaunch, mute, reinstall, fill, deregister, register again", () => {
  it.each(Object.entries(PHONES))("goes its way over %s, and leaves what every wire leaves", async (_, phoneOf) => {
    const user = freshUserArn();
    const ids = await livePhone(phoneOf(user), user);

    const left = ids.map((id, n) => ({
      user,
      id,
      type: "APNS",
      allowMessages: "ALL",
      status: "ACTIVE",
      resource: RESOURCE_ARN,
      created: expect.any(Date),
      lastUpdated: expect.any(Date),
      ...{ name: undefined, voipDeviceToken: undefined, deviceToken: `device ${n + 1}` },
      ...(n === 0 && NEW_PHONE),
      ...(n === ids.length - 1 && OLD_PHONE),
    }));
    const [first, ...others] = await Promise.all(Object.values(PHONES).map((reader) => everythingOf(reader(user))));
    expect(first).toEqual(left);
    expect(others).toEqual(others.map(() => first));
  });
});
