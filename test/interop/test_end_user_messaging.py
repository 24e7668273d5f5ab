"""The program of docs/end-user-messaging.md, run as printed. In the place of AWS stands a server, and what it is sent is what botocore lets through."""

import json
import re
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.validate import validate_parameters
from registration import UUID
from test_senders import SERVER, blocks, run

from clients import Boto3

APP = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/demo"
GONE = "Unregistered or expired token"


class Aws:
    """Answers SendMessages by what each token is said to be. What it is asked and answers is as botocore's model has it."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.model = boto3.client("pinpoint", region_name="us-east-1").meta.service_model
        aws = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = json.dumps(aws.answer(self.path, body)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((path, body))
        operation = self.model.operation_model("SendMessages")
        validate_parameters({"ApplicationId": path.split("/")[3], "MessageRequest": body}, operation.input_shape)
        response = {"ApplicationId": "demo", "Result": {token: self.result(token) for token in body["Addresses"]}}
        validate_parameters({"MessageResponse": response}, operation.output_shape)
        return response

    def result(self, token: str) -> dict[str, Any]:
        word = self.words.get(token)
        if word is None:
            return {"DeliveryStatus": "SUCCESSFUL", "StatusCode": 200, "StatusMessage": "SUCCESS"}
        status = {"errorMessage": GONE, "pushProviderStatusCode": "400", "pushProviderError": word}
        return {"DeliveryStatus": "PERMANENT_FAILURE", "StatusCode": 410, "StatusMessage": json.dumps(status)}


@pytest.fixture
def aws() -> Iterator[Aws]:
    aws = Aws()
    yield aws
    aws.server.shutdown()


def test_the_program_sends_by_aws_and_reports_as_printed(url: str, tmp_path: Path, aws: Aws, monkeypatch: Any) -> None:
    user = f"aws-{uuid.uuid4()}"
    types = {"there": "APNS", "of-another-topic": "APNS_SANDBOX", "gone": "GCM"}
    tokens = {name: f"{name}-{uuid.uuid4()}" for name in types}
    client = Boto3(url)
    for name, channel in types.items():
        client.call(
            "RegisterAppInstanceUserEndpoint",
            {
                "AppInstanceUserArn": f"arn:aws:chime:us-east-1:123456789012:app-instance/demo/user/{user}",
                "ResourceArn": APP,
                "Type": channel,
                "EndpointAttributes": {"DeviceToken": tokens[name]},
            },
        )
    aws.words = {tokens["of-another-topic"]: "DeviceTokenNotForTopic", tokens["gone"]: "UNREGISTERED"}

    program, _ = blocks("docs/end-user-messaging.md", "python", "send_messages")
    assert SERVER in program
    (tmp_path / "send_by_aws.py").write_text(program.replace(SERVER, url).replace("alice", user), "utf-8")
    command, printed = blocks("docs/end-user-messaging.md", "sh", "python send_by_aws.py")
    monkeypatch.setenv("AWS_ENDPOINT_URL_PINPOINT", f"http://127.0.0.1:{aws.server.server_port}")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert re.sub(UUID, "an id", run(command, tmp_path)) == re.sub(UUID, "an id", printed)

    ((path, asked),) = aws.asked
    assert path == "/v1/apps/demo/messages"
    assert asked["Addresses"] == {tokens[name]: {"ChannelType": channel} for name, channel in types.items()}
    # botocore checks no words against their lists.
    assert set(types.values()) <= set(aws.model.shape_for("ChannelType").enum)
    assert set(asked["MessageConfiguration"]) == {"APNSMessage", "GCMMessage"}
