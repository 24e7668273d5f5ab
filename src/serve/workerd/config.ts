/**
 * What users' objects are found by, together with their names: the files of a namespace whose key is another one are
 * not seen. So it is constant, and part of what a backup has to go with.
 */
export const UNIQUE_KEY = "rollcall-app-instance-user";

/** The same of the Directory's objects. */
export const DIRECTORY_KEY = "rollcall-directory";

/** What workerd listens on: for callers, and for what this machine's own Worker has counted. */
export const HTTP_SOCKET = "http";
export const SCRAPE_SOCKET = "scrape";

/** What a configuration is made for. */
export interface Configured {
  /** The name of the bundle, a file on the import path. */
  readonly bundle: string;
  /** The names of the Worker's variables. */
  readonly variables: readonly string[];
  /** That of the deployed Worker: it must be the same code in the same runtime. */
  readonly compatibilityDate: string;
  /** Whether it listens for who asks what the Worker has counted. */
  readonly isScraped: boolean;
}

/**
 * The configuration of a workerd that serves a bundle. It holds no value of a variable, only their names: the values come
 * from the environment of the process, so that no secret is written to a file.
 *
 * Unlike workerd's own network, this one reaches private addresses too, for that is where a company's issuer is, and its receiver of
 * events. No caller can point the Worker there: it fetches only the URLs that are configured, and follows no redirect.
 */
export function workerdConfig({ bundle, variables, compatibilityDate, isScraped }: Configured): string {
  const scrape = isScraped
    ? `(name = "${SCRAPE_SOCKET}", http = (), service = (name = "rollcall", entrypoint = "Scrape")),`
    : "";
  const fromEnvironment = variables.map((name) => `(name = "${name}", fromEnvironment = "${name}"), `).join("");
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "rollcall", worker = .worker),
    (name = "objects", disk = (writable = true)),
    (name = "users", disk = ()),
    (name = "assets", disk = ()),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    (name = "${HTTP_SOCKET}", http = (), service = "rollcall"),
    ${scrape}
  ],
);

const worker :Workerd.Worker = (
  modules = [(name = "${bundle}", esModule = embed "/${bundle}")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [
    ${fromEnvironment}
    (name = "APP_INSTANCE_USER", durableObjectNamespace = "AppInstanceUser"),
    (name = "USERS_ON_DISK", service = "users"),
    (name = "DIRECTORY", durableObjectNamespace = "Directory"),
    (name = "ASSETS", service = "assets"),
    (name = "SCRAPED", json = "${isScraped}"),
  ],
  durableObjectNamespaces = [
    (className = "AppInstanceUser", uniqueKey = "${UNIQUE_KEY}", enableSql = true),
    (className = "Directory", uniqueKey = "${DIRECTORY_KEY}", enableSql = true),
  ],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}
