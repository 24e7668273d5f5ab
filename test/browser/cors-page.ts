/** The script of a web page that calls as pages do. Outcomes are told as plain data, for they leave the browser. */
import {
  ChimeSDKIdentityClient,
  type ChimeSDKIdentityClientConfig,
  ChimeSDKIdentityServiceException,
  RegisterAppInstanceUserEndpointCommand,
} from "@aws-sdk/client-chime-sdk-identity";
import { ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { ErrorInfoSchema } from "../../src/gen/google/rpc/error_details_pb.ts";
import { AppInstanceUserEndpointType } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
import { AppInstanceUserEndpointService } from "../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";

export interface Registration {
  readonly arn: string;
  readonly resourceArn: string;
  readonly deviceToken: string;
  readonly requestToken: string;
}

export interface Told {
  readonly endpointId?: string | undefined;
  /** The AWS SDK's class, or ErrorInfo's reason; where neither could be read, the error's own words. */
  readonly error?: string | undefined;
  readonly message?: string;
  /** As the header x-amzn-requestid gave it. */
  readonly requestId: string | undefined;
}

const TRANSPORTS = { Connect: createConnectTransport, "gRPC-Web": createGrpcWebTransport };

export function registerByConnect(
  protocol: keyof typeof TRANSPORTS,
  baseUrl: string,
  bearer: string,
  registration: Registration,
): Promise<Told> {
  return register(TRANSPORTS[protocol]({ baseUrl }), bearer, registration);
}

async function register(
  transport: Transport,
  bearer: string,
  { arn, requestToken, ...asked }: Registration,
): Promise<Told> {
  let requestId: string | undefined;
  const request = {
    appInstanceUserArn: arn,
    resourceArn: asked.resourceArn,
    type: AppInstanceUserEndpointType.GCM,
    endpointAttributes: { deviceToken: asked.deviceToken },
    clientRequestToken: requestToken,
  };
  try {
    const { endpointId } = await createClient(
      AppInstanceUserEndpointService,
      transport,
    ).registerAppInstanceUserEndpoint(request, {
      headers: { authorization: `Bearer ${bearer}` },
      onHeader: (headers) => {
        requestId = headers.get("x-amzn-requestid") ?? undefined;
      },
    });
    return { endpointId, requestId };
  } catch (reason) {
    const error = ConnectError.from(reason);
    const info = error.findDetails(ErrorInfoSchema)[0];
    requestId ??= error.metadata.get("x-amzn-requestid") ?? undefined;
    return { error: info?.reason ?? error.message, endpointId: info?.metadata.endpoint_id, requestId };
  }
}

export async function registerByAwsSdk(
  endpoint: string,
  credentials: NonNullable<ChimeSDKIdentityClientConfig["credentials"]>,
  { arn, resourceArn, deviceToken, requestToken }: Registration,
): Promise<Told> {
  const client = new ChimeSDKIdentityClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
  const command = new RegisterAppInstanceUserEndpointCommand({
    AppInstanceUserArn: arn,
    ResourceArn: resourceArn,
    Type: "GCM",
    EndpointAttributes: { DeviceToken: deviceToken },
    ClientRequestToken: requestToken,
  });
  try {
    const { EndpointId, $metadata } = await client.send(command);
    return { endpointId: EndpointId, requestId: $metadata.requestId };
  } catch (error) {
    return error instanceof ChimeSDKIdentityServiceException
      ? { error: error.name, message: error.message, requestId: error.$metadata.requestId }
      : { error: String(error), requestId: undefined };
  }
}
