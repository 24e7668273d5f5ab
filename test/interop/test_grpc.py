"""grpcio, gRPC's own client for Python, through the gateway; what there is to call it learns by reflection."""

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

from conftest import OUTCOMES

SERVICE = "rollcall.v1.AppInstanceUserEndpointService"
ENDPOINTS_PER_USER = 10

Message = dict[str, Any]


class GrpcPython:
    name = "grpcio"

    def __init__(self, address: str, user: str) -> None:
        self.user = user
        self._channel = grpc.insecure_channel(address)
        pool = DescriptorPool(ProtoReflectionDescriptorDatabase(self._channel))
        self._methods = pool.FindServiceByName(SERVICE).methods_by_name

    def call(self, operation: str, request: Message, **changes: Any) -> Message:
        """Calls an operation, in proto3's JSON. Raises grpc.RpcError."""
        method = self._methods[operation]
        invoke = self._channel.unary_unary(
            f"/{SERVICE}/{operation}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )
        about = {"appInstanceUserArn": self.user} if "app_instance_user_arn" in method.input_type.fields_by_name else {}
        message = ParseDict({**about, **request}, GetMessageClass(method.input_type)())
        options: Any = {"timeout": 10, "metadata": [("authorization", f"Bearer {token(self.user)}")], **changes}
        return MessageToDict(invoke(message, **options))


def token(arn: str) -> str:
    """A bearer token of local mode, for the user of an ARN."""
    return os.environ[f"ROLLCALL_TOKEN_{'ALICE' if arn.endswith('/alice') else 'NOBODY'}"]


@pytest.fixture
def user() -> str:
    return f"arn:aws:chime:us-east-1:123456789012:app-instance/{uuid4()}/user/alice"


@pytest.fixture
def client(user: str) -> GrpcPython:
    return GrpcPython(os.environ["ROLLCALL_GATEWAY"], user)


@pytest.fixture
def refused(request: pytest.FixtureRequest) -> Callable[..., tuple[str, str, list[Any]]]:
    """Makes a call that is refused: its code, its reason and its other details, the first two of which go into the table."""

    def call(client: GrpcPython, operation: str, message: Message, **changes: Any) -> tuple[str, str, list[Any]]:
        with pytest.raises(grpc.RpcError) as raised:
            client.call(operation, message, **changes)
        code = raised.value.code().name
        status = rpc_status.from_call(raised.value)
        reason, details = "", []
        for detail in status.details if status else []:
            info = error_details_pb2.ErrorInfo()
            if detail.Unpack(info):
                assert info.domain == "rollcall"
                reason = info.reason
            details.append(detail)
        row = request.config.stash[OUTCOMES].setdefault(sentence(request), {})
        row[GrpcPython.name] = f"{code} {reason}"
        return code, reason, details

    return call


def sentence(request: pytest.FixtureRequest) -> str:
    return request.function.__name__.removeprefix("test_").replace("_", " ")


def phone(number: int, **changes: Any) -> Message:
    return {
        "resourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/interop",
        "type": "APP_INSTANCE_USER_ENDPOINT_TYPE_GCM",
        "endpointAttributes": {"deviceToken": f"device-{number}"},
        "clientRequestToken": f"request-{number}",
        **changes,
    }


def test_a_phone_lives_over_grpc(client: GrpcPython) -> None:
    registered = client.call("RegisterAppInstanceUserEndpoint", phone(1))
    assert client.call("RegisterAppInstanceUserEndpoint", phone(1)) == registered
    one = {"endpointId": registered["endpointId"]}
    assert client.call("UpdateAppInstanceUserEndpoint", one | {"name": "Ada's 📱"})["endpointId"] == one["endpointId"]
    endpoint = client.call("DescribeAppInstanceUserEndpoint", one)["appInstanceUserEndpoint"]
    assert (endpoint["name"], endpoint["endpointAttributes"]) == ("Ada's 📱", {"deviceToken": "device-1"})
    listed = client.call("ListAppInstanceUserEndpoints", {})["appInstanceUserEndpoints"]
    assert [each["endpointId"] for each in listed] == [one["endpointId"]]
    for _ in range(2):
        assert client.call("DeregisterAppInstanceUserEndpoint", one) == {}
    assert client.call("ListAppInstanceUserEndpoints", {}) == {}


def test_a_sender_resolves_and_reports(client: GrpcPython) -> None:
    endpoint_id = client.call("RegisterAppInstanceUserEndpoint", phone(1))["endpointId"]
    both = {"appInstanceUserArns": [client.user, client.user]}
    [user] = client.call("ResolveAppInstanceUserEndpoints", both)["users"]
    [endpoint] = user["endpoints"]
    assert (endpoint["endpointId"], endpoint["endpointAttributes"]) == (endpoint_id, {"deviceToken": "device-1"})
    failure = {
        "appInstanceUserArn": client.user,
        "endpointId": endpoint_id,
        "deviceToken": "device-1",
        "reason": "Unregistered",
        "timestamp": endpoint["deviceTokenTimestamp"],
    }
    answer = client.call("ReportAppInstanceUserEndpointFailures", {"failures": [failure]})
    assert [result["effect"] for result in answer["results"]] == ["FAILURE_EFFECT_DEACTIVATED"]
    assert "endpoints" not in client.call("ResolveAppInstanceUserEndpoints", both)["users"][0]


def test_a_sender_is_refused_whole(client: GrpcPython, refused: Any) -> None:
    another = {"appInstanceUserArns": [client.user, client.user.replace("/alice", "/bob")]}
    answer = refused(client, "ResolveAppInstanceUserEndpoints", another)
    assert answer[:2] == ("PERMISSION_DENIED", "NOT_AUTHORIZED")


def test_a_device_that_is_registered_already_is_a_conflict(client: GrpcPython, refused: Any) -> None:
    endpoint_id = client.call("RegisterAppInstanceUserEndpoint", phone(1))["endpointId"]
    request = phone(1, clientRequestToken="request-2")
    code, reason, details = refused(client, "RegisterAppInstanceUserEndpoint", request)
    assert (code, reason) == ("ALREADY_EXISTS", "DEVICE_ALREADY_REGISTERED")
    info = error_details_pb2.ErrorInfo()
    assert details[0].Unpack(info) and info.metadata["endpoint_id"] == endpoint_id


def test_a_request_token_that_comes_again_with_other_input_is_a_conflict(client: GrpcPython, refused: Any) -> None:
    client.call("RegisterAppInstanceUserEndpoint", phone(1))
    request = phone(1, name="another")
    assert refused(client, "RegisterAppInstanceUserEndpoint", request)[:2] == ("ALREADY_EXISTS", "REQUEST_TOKEN_REUSED")


def test_a_device_beyond_the_limit_is_refused(client: GrpcPython, refused: Any) -> None:
    for number in range(ENDPOINTS_PER_USER):
        client.call("RegisterAppInstanceUserEndpoint", phone(number))
    code, reason, details = refused(client, "RegisterAppInstanceUserEndpoint", phone(ENDPOINTS_PER_USER))
    assert (code, reason) == ("FAILED_PRECONDITION", "ENDPOINT_LIMIT_EXCEEDED")
    quota = error_details_pb2.QuotaFailure()
    assert details[1].Unpack(quota) and quota.violations[0].quota_value == ENDPOINTS_PER_USER


def test_broken_constraints_are_told_all_at_once(client: GrpcPython, refused: Any) -> None:
    request = {
        "resourceArn": "nowhere",
        "type": 77,
        "endpointAttributes": {"deviceToken": "", "voipDeviceToken": "v" * 1_601},
        "clientRequestToken": "!",
        "name": "n" * 1_601,
        "allowMessages": 77,
    }
    # The most that can be wrong: it has to fit into the headers that gRPC's clients take.
    code, reason, details = refused(client, "RegisterAppInstanceUserEndpoint", request)
    assert (code, reason) == ("INVALID_ARGUMENT", "CONSTRAINTS_VIOLATED")
    assert details[1].type_url.endswith("buf.validate.Violations")


def test_a_request_body_that_is_too_large_is_refused(client: GrpcPython, refused: Any) -> None:
    request = phone(1, name="n" * 140_000)
    assert refused(client, "RegisterAppInstanceUserEndpoint", request)[:2] == ("RESOURCE_EXHAUSTED", "BODY_TOO_LARGE")


def test_a_call_beyond_the_rate_is_throttled(client: GrpcPython, refused: Any) -> None:
    for _ in range(200):
        try:
            client.call("ListAppInstanceUserEndpoints", {})
        except grpc.RpcError as error:
            assert int(dict(error.trailing_metadata())["grpc-retry-pushback-ms"]) > 0
            break
    for _ in range(5):
        try:
            code, reason, details = refused(client, "ListAppInstanceUserEndpoints", {})
            break
        except pytest.fail.Exception:
            continue
    assert (code, reason) == ("RESOURCE_EXHAUSTED", "OPERATION_RATE_EXCEEDED")
    retry = error_details_pb2.RetryInfo()
    assert details[1].Unpack(retry) and retry.retry_delay.ToMilliseconds() > 0


def test_an_endpoint_that_does_not_exist_is_not_found(client: GrpcPython, refused: Any) -> None:
    for operation in ("DescribeAppInstanceUserEndpoint", "UpdateAppInstanceUserEndpoint"):
        assert refused(client, operation, {"endpointId": "nothing"})[:2] == ("NOT_FOUND", "ENDPOINT_NOT_FOUND")


def test_a_next_token_that_was_made_up_is_refused(client: GrpcPython, refused: Any) -> None:
    answer = refused(client, "ListAppInstanceUserEndpoints", {"nextToken": "made-up"})
    assert answer[:2] == ("INVALID_ARGUMENT", "NEXT_TOKEN_INVALID")


def test_a_caller_without_credentials_is_refused(client: GrpcPython, refused: Any) -> None:
    answer = refused(client, "ListAppInstanceUserEndpoints", {}, metadata=[])
    assert answer[:2] == ("UNAUTHENTICATED", "CREDENTIALS_MISSING")


def test_a_signature_can_not_pass_the_gateway(client: GrpcPython, refused: Any) -> None:
    signed = [("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/chime/aws4_request, SignedHeaders=host, Signature=0")]
    answer = refused(client, "ListAppInstanceUserEndpoints", {}, metadata=signed)
    assert answer[:2] == ("UNAUTHENTICATED", "SIGNATURE_NOT_FORWARDED")


def test_another_user_is_forbidden(client: GrpcPython, refused: Any) -> None:
    metadata = [("authorization", f"Bearer {token('/nobody')}")]
    answer = refused(client, "ListAppInstanceUserEndpoints", {}, metadata=metadata)
    assert answer[:2] == ("PERMISSION_DENIED", "NOT_AUTHORIZED")


def test_a_server_that_is_gone_is_unavailable(user: str, refused: Any) -> None:
    gone = GrpcPython(os.environ["ROLLCALL_GATEWAY_TO_NOBODY"], user)
    assert refused(gone, "ListAppInstanceUserEndpoints", {})[:2] == ("UNAVAILABLE", "UPSTREAM_UNREACHABLE")


def test_a_deadline_ends_a_call(client: GrpcPython, refused: Any) -> None:
    assert refused(client, "ListAppInstanceUserEndpoints", {}, timeout=0.0001)[0] == "DEADLINE_EXCEEDED"


def test_health_is_that_of_the_server_behind() -> None:
    for address, expected in (
        (os.environ["ROLLCALL_GATEWAY"], health_pb2.HealthCheckResponse.SERVING),
        (os.environ["ROLLCALL_GATEWAY_TO_NOBODY"], health_pb2.HealthCheckResponse.NOT_SERVING),
    ):
        with grpc.insecure_channel(address) as channel:
            request = health_pb2.HealthCheckRequest(service=SERVICE)
            assert health_pb2_grpc.HealthStub(channel).Check(request, timeout=10).status == expected
