import { ChimeSDKIdentityClient } from "@aws-sdk/client-chime-sdk-identity";
import { afterEach, expect, it, vi } from "vitest";
import { serve } from "../support/server.ts";
import { EXPECTED, type Held, sessionStory } from "../support/session-story.ts";
import { containerCredentials, keepToken } from "../support/token-file.ts";

const server = serve();

afterEach(() => vi.unstubAllEnvs());

it("the AWS SDK for JavaScript fetches its own credentials in Node, and others when those have expired", async () => {
  const user = crypto.randomUUID();
  const token = await keepToken(user);
  try {
    // All that it knows of credentials is in the environment.
    for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) {
      vi.stubEnv(name, undefined);
    }
    for (const [name, value] of Object.entries(containerCredentials(server.url, token.path))) {
      vi.stubEnv(name, value);
    }
    const common = { endpoint: server.url, region: "us-east-1", maxAttempts: 1 };
    const clientOf = (credentials?: Held) =>
      new ChimeSDKIdentityClient({ ...common, ...(credentials && { credentials }) });
    expect(await sessionStory(clientOf, user)).toEqual(EXPECTED);
  } finally {
    token.stop();
  }
});
