import {
  create,
  type DescMessage,
  type DescMethodUnary,
  type Message,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import { AppInstanceUserEndpointService } from "../../../gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { OPERATIONS, type Operation } from "../../../worker/transport/operations.ts";

/** A call of the API, told apart from the wire that it goes over and from who makes it. */
export interface Call<Output extends DescMessage = DescMessage> {
  readonly method: DescMethodUnary<DescMessage, Output>;
  readonly operation: Operation;
  readonly request: Message;
}

const { method } = AppInstanceUserEndpointService;

export const registerCall = callOf(method.registerAppInstanceUserEndpoint);
export const describeCall = callOf(method.describeAppInstanceUserEndpoint);
export const listCall = callOf(method.listAppInstanceUserEndpoints);
export const updateCall = callOf(method.updateAppInstanceUserEndpoint);
export const deregisterCall = callOf(method.deregisterAppInstanceUserEndpoint);
export const resolveCall = callOf(method.resolveAppInstanceUserEndpoints);
export const reportCall = callOf(method.reportAppInstanceUserEndpointFailures);

function callOf<Input extends DescMessage, Output extends DescMessage>(rpc: DescMethodUnary<Input, Output>) {
  const operation = OPERATIONS.find((candidate) => candidate.name === rpc.name);
  if (operation === undefined) {
    throw new Error(`${rpc} is no operation`);
  }
  return (request: MessageInitShape<Input>): Call<Output> => ({
    method: rpc,
    operation,
    request: create(rpc.input, request),
  });
}

/** The first user whom a call is about; empty where it names none. */
export function userIn({ request }: Call): string {
  const { appInstanceUserArn, appInstanceUserArns, failures } = request as unknown as Naming;
  return appInstanceUserArn ?? appInstanceUserArns?.[0] ?? failures?.[0]?.appInstanceUserArn ?? "";
}

/** The members by which requests name users. */
interface Naming {
  readonly appInstanceUserArn?: string;
  readonly appInstanceUserArns?: readonly string[];
  readonly failures?: readonly { readonly appInstanceUserArn: string }[];
}
