/** Real clients, unmodified, with nothing set but where the server is and who calls. */
import { ChimeSDKIdentityClient, type ChimeSDKIdentityClientConfig } from "@aws-sdk/client-chime-sdk-identity";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { LOCAL_CREDENTIALS, withBearer } from "./credentials.ts";

/** The AWS SDK for JavaScript. One attempt only, so that a refusal is seen as it is. */
export function awsClient(url: string, config: ChimeSDKIdentityClientConfig = {}): ChimeSDKIdentityClient {
  return new ChimeSDKIdentityClient({
    endpoint: url,
    region: "us-east-1",
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
    ...config,
  });
}

const interceptors = [withBearer];

/** Both protocols that the runtime can speak, each with both codecs. */
export const CONNECT_TRANSPORTS: Record<string, (baseUrl: string) => Transport> = {
  "Connect, JSON": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors, useBinaryFormat: false }),
  "Connect, binary": (baseUrl) =>
    createConnectTransport({ baseUrl, httpVersion: "1.1", interceptors, useBinaryFormat: true }),
  "gRPC-Web, JSON": (baseUrl) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", interceptors, useBinaryFormat: false }),
  "gRPC-Web, binary": (baseUrl) =>
    createGrpcWebTransport({ baseUrl, httpVersion: "1.1", interceptors, useBinaryFormat: true }),
};

export function connectClient(transport: Transport) {
  return createClient(AppInstanceUserEndpointService, transport);
}
