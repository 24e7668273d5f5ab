/** A variable has a value that can't be served with. The message names the variable and never repeats its value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
