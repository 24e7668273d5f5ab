/** The service and its messages as descriptors, for those who make clients or messages of their own. */
export { type Violations, ViolationsSchema } from "./gen/buf/validate/validate_pb.ts";
export {
  type ErrorInfo,
  ErrorInfoSchema,
  type QuotaFailure,
  QuotaFailureSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.ts";
export * from "./gen/rollcall/v1/app_instance_user_endpoint_pb.ts";
export * from "./gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
