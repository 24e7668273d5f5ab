"""AWS's clients for Python, unmodified, behind one method: what a caller of each gets to see.

What they are told besides the URL, the credentials among it, is in the environment: see test/interop/run.ts.
"""

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.exceptions import ClientError

Request = dict[str, Any]


Response = dict[str, Any]
"""What an operation answers, with AWS's names; empty where it answers nothing."""


@dataclass(frozen=True)
class Registered:
    app_instance_user_arn: str
    endpoint_id: str


@dataclass(frozen=True)
class Refused:
    exception: str
    """The class that boto3 raises, and the error's code where that is another; the name that the AWS CLI prints."""
    message: str


Answer = Registered | Refused


class Client(Protocol):
    def call(self, operation: str, request: Request) -> Response | Refused:
        """Performs an operation by its name in the model: "ListAppInstanceUserEndpoints"."""


class Boto3:
    name = "boto3"

    def __init__(self, url: str, profile: str | None = None) -> None:
        # A session of its own, for the default one keeps the first credentials that it finds.
        self.sdk = boto3.Session(profile_name=profile).client("chime-sdk-identity", endpoint_url=url)

    def call(self, operation: str, request: Request) -> Response | Refused:
        try:
            response = getattr(self.sdk, _words(operation, "_"))(**request)
            return {member: value for member, value in response.items() if member != "ResponseMetadata"}
        except ClientError as error:
            raised, code = type(error).__name__, error.response["Error"]["Code"]
            return Refused(raised if raised == code else f"{raised}: {code}", error.response["Error"]["Message"])


class AwsCli:
    name = "AWS CLI"

    def __init__(self, url: str, profile: str | None = None) -> None:
        aws = str(Path(sys.executable).with_name("aws"))
        options = [] if profile is None else ["--profile", profile]
        self._command = [aws, *options, "chime-sdk-identity", "--endpoint-url", url]

    def call(self, operation: str, request: Request) -> Response | Refused:
        options = [text for member, value in request.items() for text in (f"--{_words(member, '-')}", _value(value))]
        command = [*self._command, _words(operation, "-"), *options]
        ended = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        if ended.returncode == 0:
            return json.loads(ended.stdout or "{}")
        error = re.search(_ERROR, ended.stderr)
        assert error, ended.stderr
        return Refused(error[1], error[2])


_ERROR = r"An error occurred \((\w+)\) when calling the \w+ operation(?: \(.*?\))?: (.*)"
"""The words in the second parentheses, if any, are of attempts made."""


def register(client: Client, request: Request) -> Answer:
    answer = client.call("RegisterAppInstanceUserEndpoint", request)
    return answer if isinstance(answer, Refused) else Registered(answer["AppInstanceUserArn"], answer["EndpointId"])


def _words(name: str, separator: str) -> str:
    """AppInstanceUserArn is app-instance-user-arn to the AWS CLI, and an operation's name has underscores in boto3."""
    return re.sub("(?<!^)(?=[A-Z])", separator, name).lower()


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
