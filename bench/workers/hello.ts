import { DurableObject } from "cloudflare:workers";

/** The least that a Worker can be: what start-up and size are compared with. */
export default {
  fetch: () => new Response("hello"),
};

export class AppInstanceUser extends DurableObject {}

/** wrangler.toml binds one. Nobody asks it here. */
export class Directory extends DurableObject {}
