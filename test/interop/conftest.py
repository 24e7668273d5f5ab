"""The servers, the clients, and the table at the end: what each client made of each answer."""

import os
from collections.abc import Callable, Iterator

import pytest

from clients import AwsCli, Boto3, Client, Refused, Request, Response

OUTCOMES = pytest.StashKey[dict[str, dict[str, str]]]()
"""By the name of the test and the name of the client."""


@pytest.fixture(scope="session")
def url() -> str:
    """A server in local mode."""
    return os.environ["ROLLCALL_URL"]


@pytest.fixture(scope="session")
def closed_url() -> str:
    """A server that lets nobody in."""
    return os.environ["ROLLCALL_CLOSED_URL"]


@pytest.fixture(scope="session")
def roomy_url() -> str:
    """A server in local mode that allows more endpoints and calls than a test makes."""
    return os.environ["ROLLCALL_ROOMY_URL"]


@pytest.fixture(params=[Boto3, AwsCli], ids=lambda client: client.name)
def connect(request: pytest.FixtureRequest) -> Iterator[Callable[..., Client]]:
    """Makes a client for a server. The last answer that a test gets goes into the table."""
    answers: list[Response | Refused] = []
    yield lambda url, profile=None: Recorder(request.param(url, profile), answers)
    if answers:
        sentence = request.function.__name__.removeprefix("test_").replace("_", " ")
        row = request.config.stash[OUTCOMES].setdefault(sentence, {})
        row[request.param.name] = answers[-1].exception if isinstance(answers[-1], Refused) else "–"


@pytest.fixture
def client(connect: Callable[[str], Client], url: str) -> Client:
    return connect(url)


class Recorder:
    def __init__(self, client: Client, answers: list[Response | Refused]) -> None:
        self._client = client
        self._answers = answers

    def call(self, operation: str, request: Request) -> Response | Refused:
        answer = self._client.call(operation, request)
        self._answers.append(answer)
        return answer


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = {}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    clients = [Boto3.name, AwsCli.name, "grpcio"]
    table = [["outcome", *clients]]
    table += [[sentence, *(row.get(name, "") for name in clients)] for sentence, row in config.stash[OUTCOMES].items()]
    widths = [max(map(len, column)) for column in zip(*table)]
    terminalreporter.section("what the clients raised")
    for row in table:
        terminalreporter.line("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
