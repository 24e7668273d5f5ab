import type { Answer, ResponseOf, UnknownUser, UserNamespace, UserRequest, UserRpc } from "../../model/user-rpcs.ts";
import type { UserCall } from "./user-call.ts";

/**
 * The files of all users, where one machine has them. Whoever has none has never registered, and is answered for without being
 * made an object: that would leave an empty file for each name that anybody asks about.
 *
 * A file is there before the first registration is answered, and stays. So who is found to have none had no rows at that moment.
 */
export class UsersOnDisk {
  readonly #files: Pick<Fetcher, "fetch">;
  readonly #users: Pick<UserNamespace, "idFromName">;
  readonly #unknown: UnknownUser;

  /** `files` serves a folder of files that are named as workerd names them: by the object's id. */
  constructor(files: Pick<Fetcher, "fetch">, users: Pick<UserNamespace, "idFromName">, unknown: UnknownUser) {
    this.#files = files;
    this.#users = users;
    this.#unknown = unknown;
  }

  /** What the object of a user who has no file would answer; undefined where the object has to be asked. */
  async answer(name: string, { rpc, request }: UserCall): Promise<Answer<ResponseOf<UserRpc>> | undefined> {
    if (rpc === "registerAppInstanceUserEndpoint") {
      return undefined;
    }
    const id = this.#users.idFromName(name).toString();
    // A disk that fails is the object's to tell of.
    const file = await this.#files.fetch(`http://users/${id}.sqlite`, { method: "HEAD" }).catch(() => undefined);
    const answer = this.#unknown[rpc] as (request: UserRequest, userKey: string) => Answer<ResponseOf<UserRpc>>;
    return file?.status === 404 ? answer(request, id) : undefined;
  }
}
