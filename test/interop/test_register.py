"""RegisterAppInstanceUserEndpoint: every answer that a caller can get, as each of the clients shows it."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from clients import Boto3, Client, Refused, Registered, Request, register
from registration import UUID, fresh_user_arn, registration

ENDPOINTS_PER_USER = 10


def test_a_new_device_is_registered(client: Client) -> None:
    request = registration()
    answer = register(client, request)
    assert isinstance(answer, Registered)
    assert answer.app_instance_user_arn == request["AppInstanceUserArn"]
    assert re.fullmatch(UUID, answer.endpoint_id)


def test_a_retry_is_answered_with_the_same_endpoint(client: Client) -> None:
    request = registration(Name="phone", AllowMessages="NONE")
    first = register(client, request)
    assert isinstance(first, Registered)
    assert register(client, request) == first


@pytest.mark.parametrize(
    "user_id",
    {
        "a space": "jane doe",
        "a plus": "jane+doe",
        "a percent sign": "100%",
        "an at sign": "jane@example.com",
        "an apostrophe": "o'hara",
        "parentheses": "jane(doe)",
        "letters beyond ASCII": "žaneta-ÅSA-日本",
        "a character of two UTF-16 units": "jane🔔",
        "a slash": "jane/doe",
        "an escaped slash, as text": "jane%2Fdoe",
        "a slash escaped twice, as text": "jane%252Fdoe",
    }.items(),
    ids=lambda named: named[0],
)
def test_a_user_id_arrives_as_it_was_sent(client: Client, user_id: tuple[str, str]) -> None:
    arn = fresh_user_arn(user_id[1])
    answer = register(client, registration(AppInstanceUserArn=arn))
    assert isinstance(answer, Registered)
    assert answer.app_instance_user_arn == arn


def test_users_whose_ids_differ_in_their_escapes_are_different_users(client: Client) -> None:
    arn = fresh_user_arn()
    answers = [
        register(client, registration(AppInstanceUserArn=arn + user_id + "x"))
        for user_id in ("/", "%2F", "%2f", "%252F", "+", " ", "%20")
    ]
    endpoints = {answer.endpoint_id for answer in answers if isinstance(answer, Registered)}
    assert len(endpoints) == len(answers), answers


def test_a_device_that_is_registered_already_is_a_conflict(client: Client) -> None:
    request = registration()
    first = register(client, request)
    assert isinstance(first, Registered)
    assert register(client, request | {"ClientRequestToken": "request-2"}) == Refused(
        "ConflictException",
        f"The device is registered for this user as endpoint {first.endpoint_id}. "
        "Use that endpoint, or deregister it first.",
    )


def test_a_request_token_that_comes_again_with_other_input_is_a_conflict(client: Client) -> None:
    request = registration()
    first = register(client, request)
    assert isinstance(first, Registered)
    assert register(client, request | {"Name": "another name"}) == Refused(
        "ConflictException",
        f"This request token has registered endpoint {first.endpoint_id} with other input. "
        "Use a new token for a new registration.",
    )


def test_a_device_beyond_the_limit_is_refused(client: Client, url: str) -> None:
    request = registration()

    def device(number: int) -> Request:
        attributes = {"DeviceToken": f"device-{number}"}
        return request | {"ClientRequestToken": f"request-{number}", "EndpointAttributes": attributes}

    for number in range(ENDPOINTS_PER_USER):
        assert isinstance(register(Boto3(url), device(number)), Registered)
    assert register(client, device(ENDPOINTS_PER_USER)) == Refused(
        "ResourceLimitExceededException",
        "The user has as many endpoints as are allowed: 10. Deregister one that is no longer used.",
    )


def test_broken_constraints_are_told_all_at_once(client: Client) -> None:
    request = registration(
        ResourceArn="nowhere",
        Type="FAX",
        EndpointAttributes={"DeviceToken": ""},
        ClientRequestToken="!!",
        AllowMessages="SOME",
        Name="n" * 1_601,
    )
    answer = register(client, request)
    assert isinstance(answer, Refused)
    assert answer.exception == "BadRequestException"
    assert answer.message.startswith("6 validation errors detected: ")
    assert set(re.findall(r"Value at '([\w.]+)' failed to satisfy constraint", answer.message)) == {
        "ResourceArn",
        "Type",
        "EndpointAttributes.DeviceToken",
        "ClientRequestToken",
        "AllowMessages",
        "Name",
    }


def test_a_request_body_that_is_too_large_is_refused(client: Client) -> None:
    # The clients write each of these letters in six bytes; one argument of a command may be no longer than 128 KiB.
    answer = register(client, registration(Name="é" * 40_000))
    assert isinstance(answer, Refused)
    assert answer.exception in ("ClientError: RequestEntityTooLargeException", "RequestEntityTooLargeException")
    assert answer.message == "The request body is larger than 131072 bytes."


def test_a_call_beyond_the_rate_is_throttled(client: Client, url: str) -> None:
    request = registration()
    with calls_without_pause(url, request):
        # The rate lets ten calls a second through, and now and then this is one of them.
        answers = (register(client, request) for _ in range(5))
        answer = next(answer for answer in answers if isinstance(answer, Refused))
    assert answer.exception == "ThrottledClientException"
    assert re.fullmatch(r"Too many calls of this operation for this user\. Try again in \d+ ms\.", answer.message)


@contextmanager
def calls_without_pause(url: str, request: Request) -> Iterator[None]:
    """Repeats a call for as long as the block runs, which begins once the burst is used up."""
    client = Boto3(url)
    refused, stopped = Event(), Event()

    def call() -> None:
        while not stopped.is_set():
            if isinstance(register(client, request), Refused):
                refused.set()

    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(call) for _ in range(4)]
        try:
            assert refused.wait(timeout=30)
            yield
        finally:
            stopped.set()
    for ended in calls:
        ended.result()


def test_a_server_that_does_not_know_the_caller_refuses_it(connect: Callable[[str], Client], closed_url: str) -> None:
    answer = register(connect(closed_url), registration())
    assert isinstance(answer, Refused)
    assert answer.exception == "UnauthorizedClientException"
    assert answer.message.startswith("No caller is known to this server")


def test_an_endpoint_url_with_a_wrong_path_is_refused(connect: Callable[[str], Client], url: str) -> None:
    answer = register(connect(f"{url}/identity"), registration())
    assert isinstance(answer, Refused)
    assert answer.exception in ("ClientError: UnknownOperationException", "UnknownOperationException")
