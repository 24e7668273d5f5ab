import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { AppInstanceUserEndpointService } from "../../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { OPERATIONS } from "../../../../src/worker/transport/operations.ts";
import { type Batch, batchOf } from "../../../../src/worker/transport/users/batch.ts";
import { USER_ARN } from "../../../support/requests.ts";

const { resolveAppInstanceUserEndpoints } = AppInstanceUserEndpointService.method;
const ARNS = ["1", "2", "3"].map((end) => USER_ARN + end);

function resolveOf(appInstanceUserArns: string[]) {
  const operation = OPERATIONS.find(({ method }) => method === resolveAppInstanceUserEndpoints);
  const request = create(resolveAppInstanceUserEndpoints.input, { appInstanceUserArns });
  return batchOf(operation ?? expect.fail(), request);
}

it("a user's own errors and what befell another user stand beside those who were served, in the order of the request", () => {
  const [served = "", tooLong = "", unreached = ""] = ARNS;
  const error = (arn: string, errorCode: string) => ({ appInstanceUserArn: arn, errorCode, errorMessage: "why" });
  const user = { appInstanceUserArn: served, endpoints: [] };
  const answers = new Map<string, object>([
    [served, { users: [user], errors: [] }],
    [tooLong, { users: [], errors: [error(tooLong, "ServiceFailure")] }],
    [unreached, error(unreached, "ServiceUnavailable")],
  ]) as Parameters<Batch["gather"]>[0];
  const { response, tally } = resolveOf([unreached, tooLong, served, served]).gather(answers);
  expect(response).toEqual({
    users: [user],
    errors: [error(unreached, "ServiceUnavailable"), error(tooLong, "ServiceFailure")],
  });
  expect(tally).toEqual({ users: 3, errors: 2, endpoints: 0 });
});
