import type { Journal } from "./journal.ts";
import { takeRoll } from "./roll.ts";
import type { Store } from "./store.ts";

/** Asks again for a user's endpoints. What was described of the one that changed is old by now. */
export async function refresh(store: Store, journal: Journal, arn: string, changed?: string): Promise<void> {
  const roll = await takeRoll(journal, { arn, application: store.state.application });
  const described = [...store.state.described].filter(([id]) => id !== changed);
  store.update({ arn, roll, described: new Map(described) });
}
