"""The story of one phone: every operation, as each of the clients shows it."""

import time
from typing import Any

import pytest

from clients import Client, Refused, Registered, Request, register
from registration import fresh_user_arn, registration
from sender import Sender

ENDPOINTS_PER_USER = 10


@pytest.fixture
def sender(url: str) -> Sender:
    return Sender(url)


def test_a_phone_is_installed_muted_reinstalled_and_retired(client: Client) -> None:
    user = fresh_user_arn()

    # Installed, and launched again: the app makes a new request token at every launch.
    phone = installed(client, user, "token-1")
    assert register(client, phone_request(user, "token-1", "relaunch")) == Refused(
        "ConflictException",
        f"The device is registered for this user as endpoint {phone}. Use that endpoint, or deregister it first.",
    )
    described = endpoint(client, user, phone)
    assert described["EndpointAttributes"] == {"DeviceToken": "token-1"}
    assert described["AllowMessages"] == "ALL"
    assert described["EndpointState"] == {"Status": "ACTIVE"}
    assert described["CreatedTimestamp"] == described["LastUpdatedTimestamp"]

    # Muted, and nothing else of it changed.
    assert updated(client, user, phone, AllowMessages="NONE") == phone
    assert endpoint(client, user, phone)["AllowMessages"] == "NONE"
    assert "Name" not in endpoint(client, user, phone)

    # Reinstalled: the push service gives out another token, so it is another endpoint.
    reinstalled = installed(client, user, "token-2")
    assert [(listed["EndpointId"], listed["AllowMessages"]) for listed in page(client, user)] == [
        (phone, "NONE"),
        (reinstalled, "ALL"),
    ]
    assert all("EndpointAttributes" not in listed for listed in page(client, user))

    # Filled up to the limit, and listed a page at a time.
    others = [installed(client, user, f"token-{number}") for number in range(3, ENDPOINTS_PER_USER + 1)]
    assert register(client, phone_request(user, "token-11")) == Refused(
        "ResourceLimitExceededException",
        f"The user has as many endpoints as are allowed: {ENDPOINTS_PER_USER}. Deregister one that is no longer used.",
    )
    assert listed_by_pages(client, user, 4) == [phone, reinstalled, *others]

    # Retired, twice over, and registered once more: under a new request token, for the old one is spent.
    for _ in range(2):
        assert client.call("DeregisterAppInstanceUserEndpoint", names(user, phone)) == {}
    refused = register(client, phone_request(user, "token-1"))
    assert isinstance(refused, Refused)
    assert refused.exception == "ConflictException"
    assert "was deregistered since" in refused.message
    assert installed(client, user, "token-1", "come back") != phone


def test_a_phone_fails_is_believed_dead_and_comes_back(client: Client, sender: Sender) -> None:
    user = fresh_user_arn()
    phone = installed(client, user, "token-1")
    tablet = installed(client, user, "token-2")
    assert resolved(sender, user) == [(phone, "GCM", {"DeviceToken": "token-1"}), (tablet, "GCM", {"DeviceToken": "token-2"})]

    # A push to the phone does not arrive, and both clients show what became of it.
    failure = {
        **names(user, phone),
        "DeviceToken": "token-1",
        "Reason": "Unregistered",
        "Timestamp": time.time(),
    }
    dead = {"Status": "INACTIVE", "StatusReason": "INVALID_DEVICE_TOKEN"}
    told = {"Results": [{**names(user, phone), "Effect": "DEACTIVATED", "EndpointState": dead}], "Errors": []}
    assert sender.report(failure) == told
    assert endpoint(client, user, phone)["EndpointState"] == dead
    assert [listed["EndpointState"] for listed in page(client, user)] == [dead, {"Status": "ACTIVE"}]
    assert [endpoint_id for endpoint_id, *_ in resolved(sender, user)] == [tablet]

    # The app is launched again, and registers as always: it is the same endpoint, and it can be reached.
    assert installed(client, user, "token-1", "relaunch") == phone
    assert endpoint(client, user, phone)["EndpointState"] == {"Status": "ACTIVE"}
    assert [endpoint_id for endpoint_id, *_ in resolved(sender, user)] == [phone, tablet]

    # The same report, come late, harms nothing any more.
    [result] = sender.report(failure)["Results"]
    assert result == {**names(user, phone), "Effect": "CONFIRMED_SINCE", "EndpointState": {"Status": "ACTIVE"}}


def resolved(sender: Sender, user: str) -> list[tuple[str, str, dict[str, str]]]:
    answer = sender.resolve(user)
    assert answer["Errors"] == []
    [of_user] = answer["Users"]
    assert of_user["AppInstanceUserArn"] == user
    return [(each["EndpointId"], each["Type"], each["EndpointAttributes"]) for each in of_user["Endpoints"]]


def test_an_endpoint_that_does_not_exist_is_not_found(client: Client) -> None:
    missing = names(fresh_user_arn(), "no-endpoint")
    for operation in ("DescribeAppInstanceUserEndpoint", "UpdateAppInstanceUserEndpoint"):
        answer = client.call(operation, missing)
        assert isinstance(answer, Refused)
        assert answer.exception == "NotFoundException"
        assert answer.message.startswith("The user has no endpoint with this id.")
    assert client.call("DeregisterAppInstanceUserEndpoint", missing) == {}


def test_a_next_token_that_was_made_up_is_refused(client: Client) -> None:
    answer = client.call(
        "ListAppInstanceUserEndpoints", {"AppInstanceUserArn": fresh_user_arn(), "NextToken": "made-up"}
    )
    assert isinstance(answer, Refused)
    assert answer.exception == "BadRequestException"
    assert answer.message.startswith("The next token is not one")


def phone_request(user: str, device_token: str, request_token: str | None = None) -> Request:
    return registration(
        AppInstanceUserArn=user,
        EndpointAttributes={"DeviceToken": device_token},
        ClientRequestToken=(request_token or device_token).replace(" ", "-"),
    )


def installed(client: Client, user: str, device_token: str, request_token: str | None = None) -> str:
    answer = register(client, phone_request(user, device_token, request_token))
    assert isinstance(answer, Registered)
    return answer.endpoint_id


def names(user: str, endpoint_id: str) -> Request:
    return {"AppInstanceUserArn": user, "EndpointId": endpoint_id}


def endpoint(client: Client, user: str, endpoint_id: str) -> dict[str, Any]:
    answer = client.call("DescribeAppInstanceUserEndpoint", names(user, endpoint_id))
    assert isinstance(answer, dict)
    described: dict[str, Any] = answer["AppInstanceUserEndpoint"]
    return described


def updated(client: Client, user: str, endpoint_id: str, **changes: str) -> str:
    answer = client.call("UpdateAppInstanceUserEndpoint", names(user, endpoint_id) | changes)
    assert isinstance(answer, dict)
    return str(answer["EndpointId"])


def page(client: Client, user: str) -> list[dict[str, Any]]:
    answer = client.call("ListAppInstanceUserEndpoints", {"AppInstanceUserArn": user})
    assert isinstance(answer, dict)
    assert "NextToken" not in answer
    listed: list[dict[str, Any]] = answer["AppInstanceUserEndpoints"]
    return listed


def listed_by_pages(client: Client, user: str, size: int) -> list[str]:
    """The ids of all endpoints, each page but the last of the size that was asked for."""
    ids: list[str] = []
    request: Request = {"AppInstanceUserArn": user, "MaxResults": size}
    while True:
        answer = client.call("ListAppInstanceUserEndpoints", request)
        assert isinstance(answer, dict)
        ids += [listed["EndpointId"] for listed in answer["AppInstanceUserEndpoints"]]
        if "NextToken" not in answer:
            return ids
        assert len(ids) % size == 0
        request["NextToken"] = answer["NextToken"]
