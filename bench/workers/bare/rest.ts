import { isSigned } from "./signature.ts";
import type { BareWire } from "./steps.ts";

interface Body {
  readonly Type: string;
  readonly ResourceArn: string;
  readonly EndpointAttributes: { readonly DeviceToken: string };
  readonly ClientRequestToken: string;
}

const TYPES = new Set(["APNS", "APNS_SANDBOX", "GCM"]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

const UNSIGNED =
  "The access key is not known here, or did not make this signature of this request. Check access key id and secret, and that nothing on the way changes the request. It arrived here for the host '127.0.0.1:8787'. If that is not the host of your URL, a proxy changed it: nginx keeps it with `proxy_set_header Host $http_host;`, and the path with a `proxy_pass` that ends after the port.";
const INVALID =
  "1 validation error detected: Value at 'Type' failed to satisfy constraint: must be one of APNS, APNS_SANDBOX, GCM";

/** Over REST, by a signature. */
export const REST: BareWire = {
  name: "rest",
  contentType: "application/json",
  successStatus: 201,
  authenticate: async (request, path, body) => ((await isSigned(request, path, body)) ? "" : undefined),
  read: (body, path) => {
    const { Type, ResourceArn, EndpointAttributes, ClientRequestToken } = JSON.parse(utf8.decode(body)) as Body;
    return {
      arn: decodeURIComponent(path.split("/")[2] ?? ""),
      type: TYPES.has(Type) ? Type : undefined,
      resourceArn: ResourceArn,
      deviceToken: EndpointAttributes.DeviceToken,
      clientRequestToken: ClientRequestToken,
    };
  },
  accepted: (AppInstanceUserArn, EndpointId) => JSON.stringify({ AppInstanceUserArn, EndpointId }),
  refused: {
    unauthenticated: {
      status: 401,
      headers: {
        "www-authenticate": 'AWS4-HMAC-SHA256, Bearer realm="rollcall"',
        "x-amzn-errortype": "UnauthorizedClientException",
      },
      body: { Code: "Unauthorized", Message: UNSIGNED, message: UNSIGNED },
    },
    invalid: {
      status: 400,
      headers: { "x-amzn-errortype": "BadRequestException" },
      body: { Code: "BadRequest", Message: INVALID, message: INVALID },
    },
  },
};
