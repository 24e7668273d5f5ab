/** The script of a page that gets credentials as docs/credentials.md says. */
import { ChimeSDKIdentityClient } from "@aws-sdk/client-chime-sdk-identity";
import { sessionStory } from "../support/session-story.ts";

/** `code` makes a client, as the page of the docs has it; `token` answers the user's token. */
export function tell(
  code: string,
  url: string,
  token: () => Promise<string>,
  user: string,
): Promise<Record<string, string>> {
  const make = new Function("ChimeSDKIdentityClient", "url", "token", `${code}\nreturn client;`);
  const common = { endpoint: url, region: "us-east-1", maxAttempts: 1 };
  return sessionStory(
    (credentials) =>
      credentials === undefined
        ? make(ChimeSDKIdentityClient, url, token)
        : new ChimeSDKIdentityClient({ ...common, credentials }),
    user,
  );
}
