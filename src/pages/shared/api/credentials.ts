/** Who makes a call: what is sent, and how each language would say it without telling a secret. */
export interface Credentials {
  /** The Authorization header; absent: none. */
  readonly header?: string;
  /** The same with a placeholder for what is secret. */
  readonly shown?: string;
  /** Other headers that go with it. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's option as an expression of TypeScript; absent where the client would never send this. */
  readonly typescript?: string;
  /**
   * What AWS's clients sign with: a key that may be shown, "theirs" for the one that they find by themselves, or
   * "none". Absent where they would never send this.
   */
  readonly aws?: AccessKey | "theirs" | "none";
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The caller's own token. Users of AWS's clients have an access key instead: local mode's, or one of their own. */
export function bearer(token: string, aws: AccessKey | "theirs" = "theirs"): Credentials {
  return { header: `Bearer ${token}`, shown: "Bearer $TOKEN", typescript: 'process.env.TOKEN ?? ""', aws };
}

export const NO_CREDENTIALS: Credentials = { aws: "none" };

export const MALFORMED_TOKEN: Credentials = {
  header: "Bearer not-a-token",
  shown: "Bearer not-a-token",
  typescript: '"not-a-token"',
};

export function expired(token: string): Credentials {
  return {
    header: `Bearer ${token}`,
    shown: "Bearer $EXPIRED_TOKEN",
    typescript: 'process.env.EXPIRED_TOKEN ?? ""',
  };
}

const UNKNOWN_KEY = "AKIAUNKNOWN000000000";

/** A signature that no key made, of the time given. */
export function forgedSignature(signedAt: Date): Credentials {
  const date = signedAt.toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${UNKNOWN_KEY}/${date.slice(0, 8)}/us-east-1/chime/aws4_request`;
  const header = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
  return { header, shown: header, headers: { "x-amz-date": date } };
}

/** The same, as clients that sign by themselves come to it. */
export function unknownKey(now: Date): Credentials {
  return {
    ...forgedSignature(now),
    typescript: `{ accessKeyId: "${UNKNOWN_KEY}", secretAccessKey: "unknown" }`,
    aws: { accessKeyId: UNKNOWN_KEY, secretAccessKey: "unknown" },
  };
}
