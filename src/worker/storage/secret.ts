/** A secret that an object keeps: the only code that knows its key. */
import { attempt } from "./access.ts";

const SECRET = "secret";

/** The same for ever: made when it is asked for first. */
export function secretOf(kv: SyncKvStorage, make: () => string): string {
  return attempt(() => {
    const known = kv.get<string>(SECRET);
    if (known !== undefined) {
      return known;
    }
    const secret = make();
    kv.put<string>(SECRET, secret);
    return secret;
  });
}
