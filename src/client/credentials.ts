/** Who calls: a bearer token (a JWT), or an AWS access key, which signs every request (SigV4). */
export type Credentials = string | AwsCredentials;

/** As the AWS SDKs name them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Where the credentials are temporary. */
  readonly sessionToken?: string | undefined;
}

/**
 * Answers the credentials to call with. It is asked before every attempt, so it keeps what is good for longer.
 * `forceRefresh` asks for new ones: the server found that the last ones have expired. The credential providers of the
 * AWS SDK for JavaScript are such functions.
 */
export type CredentialsProvider = (options: { readonly forceRefresh: boolean }) => Credentials | Promise<Credentials>;

/** A request, as it goes out but for who sends it. */
export interface UnauthorizedRequest {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** The headers of a request, with its credentials among them. */
export async function authorize(
  request: UnauthorizedRequest,
  credentials: Credentials,
  region: string,
): Promise<Headers> {
  if (typeof credentials !== "string") {
    // Only for those who sign, so that bundlers may keep the signer out of what others load.
    const { sign } = await import("./sign.ts");
    return sign(request, credentials, region);
  }
  const headers = new Headers(request.headers);
  headers.set("authorization", `Bearer ${sendable("token", credentials)}`);
  return headers;
}

/** Throws where a header can't hold a secret; the error that Headers would throw repeats it. */
export function sendable(name: string, secret: string): string {
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw new Error(`The ${name} is empty, or has spaces, line breaks or other characters that a header can't hold.`);
  }
  return secret;
}
