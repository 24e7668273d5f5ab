/** Calls with a user's token through the AWS SDK for JavaScript, in Node or in a browser: what each step came to. */
import {
  type ChimeSDKIdentityClient,
  type ChimeSDKIdentityClientConfig,
  ListAppInstanceUserEndpointsCommand,
} from "@aws-sdk/client-chime-sdk-identity";

/** Longer than a token in the file is good, and a session that was made of one. */
export const EXPIRED_AFTER_MS = 71_000;

/** What each of the SDKs that test/interop-all runs comes to as well. */
export const EXPECTED = {
  "own user": "ok",
  "another user": "ForbiddenException",
  "altered session": "UnauthorizedClientException",
  "expired session": "ExpiredTokenException",
  "own user after expiry": "ok",
};

/** Credentials that a client is given, and does not fetch. */
export type Held = NonNullable<ChimeSDKIdentityClientConfig["credentials"]>;

/** `clientOf` makes a client that fetches credentials by itself, or that has these. */
export async function sessionStory(
  clientOf: (credentials?: Held) => ChimeSDKIdentityClient,
  user: string,
): Promise<Record<string, string>> {
  const client = clientOf();
  const first = { "own user": await list(client, user), "another user": await list(client, "another") };
  const { accessKeyId, secretAccessKey, sessionToken = "" } = await client.config.credentials();
  const withToken = (token: string) => clientOf({ accessKeyId, secretAccessKey, sessionToken: token });
  const altered = sessionToken.slice(0, -4) + (sessionToken.endsWith("AAAA") ? "BBBB" : "AAAA");
  const second = { "altered session": await list(withToken(altered), user) };
  await new Promise((resolve) => setTimeout(resolve, EXPIRED_AFTER_MS));
  return {
    ...{ ...first, ...second },
    "expired session": await list(withToken(sessionToken), user),
    "own user after expiry": await list(client, user),
  };
}

/** "ok", or the name of an exception. */
async function list(client: ChimeSDKIdentityClient, user: string): Promise<string> {
  const AppInstanceUserArn = `arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/${user}`;
  try {
    await client.send(new ListAppInstanceUserEndpointsCommand({ AppInstanceUserArn }));
    return "ok";
  } catch (error) {
    return (error as Error).name;
  }
}
