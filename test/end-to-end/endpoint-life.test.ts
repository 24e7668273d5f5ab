import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { CONNECT_TRANSPORTS, connectClient } from "../support/clients.ts";
import { freshUserArn, RESOURCE_ARN } from "../support/requests.ts";
import { restRegister, send } from "../support/wire.ts";
import { serveOnWorkerd } from "../support/workerd.ts";

const server = serveOnWorkerd();

/** A call as it goes over REST, and what comes back. */
async function rest(method: string, user: string, path = "", body: object | null = null) {
  const { status, error, text } = await send(server.url, {
    method,
    path: `/app-instance-users/${encodeURIComponent(user)}/endpoints${path}`,
    headers: { "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  return { status, error, body: text === "" ? undefined : JSON.parse(text) };
}

/** Registers a device of a user; answers the endpoint's id. */
async function register(user: string, n = 1): Promise<string> {
  const members = { EndpointAttributes: { DeviceToken: `device-${n}` }, ClientRequestToken: `request-${n}` };
  return JSON.parse((await send(server.url, restRegister(members, user))).text).EndpointId;
}

describe("an endpoint's life over REST", () => {
  it("is described with seconds since 1970, and without what was not given", async () => {
    const user = freshUserArn();
    const id = await register(user);
    const now = Date.now() / 1_000;
    const { status, body } = await rest("GET", user, `/${id}`);

    expect({ status, body }).toEqual({
      status: 200,
      body: {
        AppInstanceUserEndpoint: {
          AppInstanceUserArn: user,
          EndpointId: id,
          Type: "GCM",
          ResourceArn: RESOURCE_ARN,
          EndpointAttributes: { DeviceToken: "device-1" },
          CreatedTimestamp: expect.closeTo(now, -1),
          LastUpdatedTimestamp: body.AppInstanceUserEndpoint.CreatedTimestamp,
          AllowMessages: "ALL",
          EndpointState: { Status: "ACTIVE" },
          DeviceTokenTimestamp: body.AppInstanceUserEndpoint.CreatedTimestamp,
        },
      },
    });
  });

  it("is updated with 200, and removed with 204 and no body, as often as one likes", async () => {
    const user = freshUserArn();
    const id = await register(user);

    expect(await rest("PUT", user, `/${id}`, { Name: "" })).toMatchObject({
      status: 200,
      body: { AppInstanceUserArn: user, EndpointId: id },
    });
    for (const path of [`/${id}`, `/${id}`, "/unknown"]) {
      expect(await rest("DELETE", user, path)).toEqual({ status: 204, error: "", body: undefined });
    }
    expect(await rest("GET", user, `/${id}`)).toMatchObject({ status: 404, error: "NotFoundException" });
    expect(await rest("PUT", user, `/${id}`, {})).toMatchObject({ status: 404, error: "NotFoundException" });
  });

  it("is listed by the page, and only as the pages were answered", async () => {
    const [user, other] = [freshUserArn(), freshUserArn()];
    const ids = [await register(user, 1), await register(user, 2)];
    const first = await rest("GET", user, "?max-results=1");
    const token: string = first.body.NextToken;

    expect(first.body.AppInstanceUserEndpoints).toEqual([
      {
        AppInstanceUserArn: user,
        EndpointId: ids[0],
        Type: "GCM",
        AllowMessages: "ALL",
        EndpointState: { Status: "ACTIVE" },
      },
    ]);
    const second = await rest("GET", user, `?max-results=1&next-token=${token}`);
    expect(second.body).toEqual({ AppInstanceUserEndpoints: [expect.objectContaining({ EndpointId: ids[1] })] });

    const refused = { status: 400, error: "BadRequestException", body: { Code: "BadRequest" } };
    expect(await rest("GET", other, `?next-token=${token}`)).toMatchObject(refused);
    expect(await rest("GET", user, `?next-token=${token.slice(1)}`)).toMatchObject(refused);
    expect(await rest("GET", user, "?next-token=1")).toMatchObject(refused);
    expect(await rest("GET", user, "?max-results=0")).toMatchObject(refused);
    expect(await rest("GET", user, "?max-results=51")).toMatchObject(refused);
  });
});

describe.each(Object.entries(CONNECT_TRANSPORTS))("an endpoint's life over %s", (_, transport) => {
  it("is refused with a code and a reason that say why", async () => {
    const user = { appInstanceUserArn: freshUserArn() };
    const client = connectClient(transport(server.url));
    const refusal = (call: Promise<unknown>) =>
      call.then(
        () => expect.fail("the call succeeded"),
        (error) => [ConnectError.from(error).code, ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason],
      );

    const notFound = [Code.NotFound, "ENDPOINT_NOT_FOUND"];
    expect(await refusal(client.describeAppInstanceUserEndpoint({ ...user, endpointId: "x" }))).toEqual(notFound);
    expect(await refusal(client.updateAppInstanceUserEndpoint({ ...user, endpointId: "x" }))).toEqual(notFound);
    expect(await refusal(client.listAppInstanceUserEndpoints({ ...user, nextToken: "x" }))).toEqual([
      Code.InvalidArgument,
      "NEXT_TOKEN_INVALID",
    ]);
    expect(await client.deregisterAppInstanceUserEndpoint({ ...user, endpointId: "x" })).toMatchObject({});
  });
});
