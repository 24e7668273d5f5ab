"""A user's token becomes credentials, which the clients fetch by themselves, and fetch anew when they have expired."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.credentials import ReadOnlyCredentials

from clients import AwsCli, Boto3, Client, Refused

Connect = Callable[..., Client]

LIFE_S = 70
"""How long a token in the file is good at the most, and so a session that was made of one."""


@pytest.fixture(autouse=True)
def credentials_to_fetch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, url: str) -> None:
    """All that the clients are told: no key, but where credentials are to be had, and a file with the user's token.

    The profile "process" has the same by a credential_process.
    """
    file = os.environ["ROLLCALL_TOKEN_FILE"]
    curl = f"""sh -c 'curl -sf {url}/credentials -H "Authorization: Bearer $(cat {file})"'"""
    settings = tmp_path / "config"
    one_attempt = "region = us-east-1\nmax_attempts = 1\n"
    settings.write_text(f"[default]\n{one_attempt}[profile process]\n{one_attempt}credential_process = {curl}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(settings))
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/credentials")
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)


@pytest.fixture(params=[None, "process"], ids=["as a container", "by credential_process"])
def profile(request: pytest.FixtureRequest) -> str | None:
    return request.param


def outcome(client: Client, user: str = os.environ["ROLLCALL_TOKEN_USER"]) -> str:
    """What a list of the endpoints of a user comes to: of the one whose token the file has, or of another."""
    arn = f"arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/{user}"
    answer = client.call("ListAppInstanceUserEndpoints", {"AppInstanceUserArn": arn})
    return answer.exception if isinstance(answer, Refused) else "ok"


def current() -> ReadOnlyCredentials:
    credentials = boto3.Session().get_credentials()
    assert credentials is not None
    return credentials.get_frozen_credentials()


def hold(monkeypatch: pytest.MonkeyPatch, credentials: ReadOnlyCredentials, token: str | None = None) -> None:
    """Has clients use these credentials and fetch none."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", credentials.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", credentials.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", token or credentials.token or "")


def test_a_user_calls_with_credentials_that_the_client_fetched(connect: Connect, url: str, profile: str | None) -> None:
    assert outcome(connect(url, profile)) == "ok"


def test_a_user_may_not_call_for_another(connect: Connect, url: str, profile: str | None) -> None:
    assert outcome(connect(url, profile), "another") == "ForbiddenException"


def test_an_altered_session_is_refused(connect: Connect, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials = current()
    assert credentials.access_key.startswith("ASIA")
    token = credentials.token or ""
    hold(monkeypatch, credentials, token[:-4] + ("BBBB" if token.endswith("AAAA") else "AAAA"))
    assert outcome(connect(url)) == "UnauthorizedClientException"


def test_credentials_are_fetched_anew_when_they_have_expired(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [kind(url, profile) for kind in (Boto3, AwsCli) for profile in (None, "process")]
    assert [outcome(client) for client in clients] == ["ok"] * len(clients)
    credentials = current()

    time.sleep(LIFE_S + 1)
    assert [outcome(client) for client in clients] == ["ok"] * len(clients)
    hold(monkeypatch, credentials)
    expired = [outcome(kind(url)) for kind in (Boto3, AwsCli)]
    assert expired == ["ClientError: ExpiredTokenException", "ExpiredTokenException"]
