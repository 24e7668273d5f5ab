import { DurableObject } from "cloudflare:workers";

/**
 * The floor: what any register on this platform pays. It authenticates nothing and validates nothing; a POST is one
 * object call that writes one row, the body as it came, and a GET is one that reads all rows. Its callers send a body as
 * long as a row of Rollcall's is.
 */
export default {
  async fetch(request: Request, { APP_INSTANCE_USER }: { APP_INSTANCE_USER: DurableObjectNamespace<AppInstanceUser> }) {
    if (request.url.endsWith("/health")) {
      return new Response("ok");
    }
    const user = APP_INSTANCE_USER.getByName(request.url);
    return request.method === "POST"
      ? Response.json({ EndpointId: await user.write(await request.bytes()) }, { status: 201 })
      : Response.json({ bytes: await user.read() });
  },
};

export class AppInstanceUser extends DurableObject {
  write(row: Uint8Array): string {
    const id = crypto.randomUUID();
    this.ctx.storage.kv.put(`endpoint/${id}`, row);
    return id;
  }

  read(): number {
    const rows = Array.from(this.ctx.storage.kv.list<Uint8Array>({ prefix: "endpoint/" }));
    return rows.reduce((bytes, [, row]) => bytes + row.byteLength, 0);
  }
}

/** wrangler.toml binds one. Nobody asks it here. */
export class Directory extends DurableObject {}
