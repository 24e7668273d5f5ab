import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ResolveAppInstanceUserEndpointsRequestSchema as Resolve } from "../../../src/gen/rollcall/v1/app_instance_user_endpoint_service_pb.ts";
import { decideResolve } from "../../../src/worker/core/resolve.ts";
import type { Row } from "../../../src/worker/model/endpoint.ts";
import { BATCH_ANSWER_MAX_BYTES } from "../../../src/worker/model/limits.ts";
import type { RequestOf } from "../../../src/worker/model/user-rpcs.ts";
import { RESOURCE_ARN, USER_ARN } from "../../support/requests.ts";
import { endpoint, NOW } from "../../support/rows.ts";

const TOKEN = "\u0001".repeat(1_600);
const TIMES = { now: NOW, staleAfterMs: Number.POSITIVE_INFINITY };

/** As many endpoints as don't fit in an answer, by half. */
const COUNT = Math.ceil((1.5 * BATCH_ANSWER_MAX_BYTES) / (TOKEN.length * 6));

function* rows(read: { count: number }): Generator<Row> {
  for (let n = 0; n < COUNT; n++) {
    read.count++;
    const resourceArn = n < COUNT / 2 ? RESOURCE_ARN : `${RESOURCE_ARN}-other`;
    yield endpoint(n, { resourceArn, endpointAttributes: { deviceToken: TOKEN } });
  }
}

function resolving(resourceArn?: string): RequestOf<"resolveAppInstanceUserEndpoints"> {
  const request = create(Resolve, { appInstanceUserArns: [USER_ARN], ...(resourceArn && { resourceArn }) });
  return request as typeof request & RequestOf<"resolveAppInstanceUserEndpoints">;
}

describe("a user whose endpoints are longer than an answer may be", () => {
  it("is an error that asking again does not mend, and no more rows are read than it takes to know", () => {
    const read = { count: 0 };
    expect(decideResolve(rows(read), resolving(), TIMES)).toEqual({
      answer: {
        kind: "ok",
        response: {
          users: [],
          errors: [expect.objectContaining({ appInstanceUserArn: USER_ARN, errorCode: "ServiceFailure" })],
        },
      },
    });
    expect(read.count).toBeLessThan(COUNT);
  });

  it("is answered by the resource, where those are not", () => {
    const { answer } = decideResolve(rows({ count: 0 }), resolving(RESOURCE_ARN), TIMES);
    expect(answer).toMatchObject({ response: { users: [{ appInstanceUserArn: USER_ARN }], errors: [] } });
  });
});
