/** What a token says of itself. It is read for people to see; whether it is true, the server checks. */
export interface Claims {
  readonly subject?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** Undefined where the token is no JWT. */
export function claimsOf(token: string): Claims | undefined {
  const [, payload, ...rest] = token.split(".");
  if (payload === undefined || rest.length !== 1) {
    return undefined;
  }
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes));
    return {
      ...(typeof sub === "string" && { subject: sub }),
      ...(typeof exp === "number" && { expiresAt: exp * 1_000 }),
    };
  } catch {
    return undefined;
  }
}
