import { hash } from "node:crypto";
import { LOCAL_SECRET_ACCESS_KEY } from "../../../src/worker/auth/local-principals.ts";
import { isSignedWith } from "../../../src/worker/auth/sigv4/signing-key.ts";

const AUTHORIZATION = /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** Whether a request is signed by the key of local mode for everything. */
export async function isSigned({ method, headers }: Request, path: string, body: Uint8Array): Promise<boolean> {
  const [, scope = "", names = "", signature = ""] = AUTHORIZATION.exec(headers.get("authorization") ?? "") ?? [];
  const canonical = [
    ...[method, path.split("/").map(encodeURIComponent).join("/"), ""],
    ...names.split(";").map((name) => `${name}:${headers.get(name)}`),
    ...["", names, hash("sha256", body)],
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, hash("sha256", canonical)].join("\n");
  const [date = "", region = "", service = "", terminator = ""] = scope.split("/");
  const signed = { scope: [date, region, service, terminator], bytes: Uint8Array.fromHex(signature) } as const;
  return isSignedWith(LOCAL_SECRET_ACCESS_KEY, signed, text, true);
}
