"""Who is let in: credentials of boto3 and the AWS CLI, right and wrong, and URLs that boto3 presigns."""

import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable

import boto3
import pytest

from clients import Client, Refused, Registered, register
from registration import fresh_user_arn, registration

ALICE = {"AWS_ACCESS_KEY_ID": "AKIAI44QH8DHBEXAMPLE", "AWS_SECRET_ACCESS_KEY": "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"}
"""Local mode's principal that may act for the user alice only."""

Connect = Callable[[str], Client]
Environment = Callable[[dict[str, str]], None]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Sets variables that both clients read their credentials from."""

    def set_variables(variables: dict[str, str]) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_variables


def test_a_wrong_secret_is_refused(connect: Connect, url: str, environment: Environment) -> None:
    environment({"AWS_SECRET_ACCESS_KEY": "wrong"})
    answer = register(connect(url), registration())
    assert isinstance(answer, Refused)
    assert answer.exception == "UnauthorizedClientException"
    assert "Check access key id and secret" in answer.message


def test_a_session_token_with_a_key_that_has_none_is_refused(connect: Connect, url: str, environment: Environment) -> None:
    environment({"AWS_SESSION_TOKEN": "left over"})
    answer = register(connect(url), registration())
    assert isinstance(answer, Refused)
    assert answer.exception == "UnauthorizedClientException"
    assert "unset AWS_SESSION_TOKEN" in answer.message
    assert "left over" not in answer.message


def test_a_signature_for_another_region_is_taken(connect: Connect, url: str, environment: Environment) -> None:
    environment({"AWS_DEFAULT_REGION": "eu-central-1"})
    assert isinstance(register(connect(url), registration()), Registered)


def test_a_user_that_the_policy_does_not_allow_is_forbidden(connect: Connect, url: str, environment: Environment) -> None:
    environment(ALICE)
    arn = fresh_user_arn().rpartition("/")[0]
    assert isinstance(register(connect(url), registration(AppInstanceUserArn=f"{arn}/alice")), Registered)
    answer = register(connect(url), registration(AppInstanceUserArn=f"{arn}/bob"))
    assert isinstance(answer, Refused)
    assert answer.exception == "ForbiddenException"
    assert "chime:RegisterAppInstanceUserEndpoint" in answer.message


def send(url: str, method: str = "GET") -> int:
    """The status of a request without any header of its own."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method)) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def presign(url: str) -> Callable[..., str]:
    sdk = boto3.client("chime-sdk-identity", endpoint_url=url)

    def presigned(operation: str, expires_in: int = 60, **parameters: object) -> str:
        return sdk.generate_presigned_url(operation, Params=parameters, ExpiresIn=expires_in)

    return presigned


@pytest.mark.parametrize("user_id", ["", " jane doe", "+a@b.com", "~'(z)!*é"])
def test_a_presigned_url_is_good_for_what_it_was_made_for(presign: Callable[..., str], user_id: str) -> None:
    arn = fresh_user_arn(user_id)
    page = presign("list_app_instance_user_endpoints", AppInstanceUserArn=arn, MaxResults=5)
    assert send(page) == 200
    assert send(page.replace("max-results=5", "max-results=6")) == 401
    assert send(presign("describe_app_instance_user_endpoint", AppInstanceUserArn=arn, EndpointId="e")) == 404
    gone = presign("deregister_app_instance_user_endpoint", AppInstanceUserArn=arn, EndpointId="e")
    assert send(gone) == 401
    assert send(gone, "DELETE") == 204


def test_a_presigned_url_lasts_no_longer_than_a_week(presign: Callable[..., str]) -> None:
    parameters = {"AppInstanceUserArn": fresh_user_arn()}
    assert send(presign("list_app_instance_user_endpoints", expires_in=604_800, **parameters)) == 200
    assert send(presign("list_app_instance_user_endpoints", expires_in=604_801, **parameters)) == 401


def test_a_presigned_url_holds_the_session_token_inside_its_signature(url: str) -> None:
    key = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": os.environ["AWS_SECRET_ACCESS_KEY"]}
    sdk = boto3.client("chime-sdk-identity", endpoint_url=url, aws_session_token="left over", **key)
    page = sdk.generate_presigned_url("list_app_instance_user_endpoints", Params={"AppInstanceUserArn": fresh_user_arn()})
    assert "X-Amz-Security-Token" in urllib.parse.parse_qs(urllib.parse.urlsplit(page).query)
    assert send(page) == 401
