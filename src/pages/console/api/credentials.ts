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
  /** What the AWS CLI is told besides the call; absent where it would never send this. */
  readonly awsCli?: { readonly environment?: string; readonly options?: readonly string[] };
}

/** The caller's own token. Users of the AWS CLI have an access key instead, which that finds by itself. */
export function bearer(token: string): Credentials {
  return {
    header: `Bearer ${token}`,
    shown: "Bearer $TOKEN",
    typescript: 'process.env.TOKEN ?? ""',
    awsCli: {},
  };
}

export const NO_CREDENTIALS: Credentials = { awsCli: { options: ["--no-sign-request"] } };

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
    awsCli: { environment: `AWS_ACCESS_KEY_ID=${UNKNOWN_KEY} AWS_SECRET_ACCESS_KEY=unknown` },
  };
}
