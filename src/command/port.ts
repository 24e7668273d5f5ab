import { once } from "node:events";
import { createServer } from "node:net";

/** Why nothing can listen there, in a sentence that names the option; undefined if something can. Port 0 is any that is free. */
export async function whyNotListen(host: string, port: number, option = "--port"): Promise<string | undefined> {
  const server = createServer();
  try {
    await once(server.listen({ host, port }), "listening");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === "EADDRINUSE"
      ? `Port ${port} is taken: another server listens on it. Choose another by ${option}.`
      : `Nothing can listen on ${host}, port ${port}: ${message}.`;
  }
  server.close();
  await once(server, "close");
  return undefined;
}
