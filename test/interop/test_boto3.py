"""What only an SDK shows: exception classes to catch, the metadata of an answer, its headers."""

import re
from typing import Any

import pytest

from clients import Boto3
from registration import UUID, registration


@pytest.fixture
def sdk(url: str) -> Any:
    return Boto3(url).sdk


def test_success_is_a_201_with_a_request_id(sdk: Any) -> None:
    metadata = sdk.register_app_instance_user_endpoint(**registration())["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 201
    assert re.fullmatch(UUID, metadata["RequestId"])
    assert metadata["RetryAttempts"] == 0


def test_a_refusal_has_a_class_a_code_and_a_request_id(sdk: Any) -> None:
    with pytest.raises(sdk.exceptions.BadRequestException) as raised:
        sdk.register_app_instance_user_endpoint(**registration(Type="FAX"))
    response = raised.value.response
    assert response["Code"] == "BadRequest"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert re.fullmatch(UUID, response["ResponseMetadata"]["RequestId"])


def test_every_call_without_a_request_token_is_a_new_request(sdk: Any) -> None:
    request = registration()
    del request["ClientRequestToken"]
    sdk.register_app_instance_user_endpoint(**request)
    with pytest.raises(sdk.exceptions.ConflictException, match="The device is registered for this user"):
        sdk.register_app_instance_user_endpoint(**request)


def test_throttling_says_how_long_to_wait(sdk: Any) -> None:
    request = registration()
    with pytest.raises(sdk.exceptions.ThrottledClientException) as raised:
        for _ in range(200):
            sdk.register_app_instance_user_endpoint(**request)
    metadata = raised.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 429
    assert metadata["HTTPHeaders"]["retry-after"] == "1"
    assert 0 < int(metadata["HTTPHeaders"]["x-amz-retry-after"]) <= 100


def test_an_unknown_caller_is_told_how_to_authenticate(closed_url: str) -> None:
    sdk = Boto3(closed_url).sdk
    with pytest.raises(sdk.exceptions.UnauthorizedClientException) as raised:
        sdk.register_app_instance_user_endpoint(**registration())
    metadata = raised.value.response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 401
    assert "AWS4-HMAC-SHA256" in metadata["HTTPHeaders"]["www-authenticate"]
