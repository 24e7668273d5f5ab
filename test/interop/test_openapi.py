"""The description at /openapi.json: held against the server, and against AWS's own model."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.session import Session

OPERATIONS = [
    f"{verb}AppInstanceUserEndpoint{'s' if verb == 'List' else ''}"
    for verb in ["Register", "Describe", "List", "Update", "Deregister"]
]


def test_the_server_does_what_its_description_says(roomy_url: str) -> None:
    """Some hundred calls made up from the description, valid and invalid, alone and in sequence: see schemathesis.toml."""
    command = [Path(sys.executable).with_name("schemathesis"), "run", f"{roomy_url}/openapi.json"]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(
        command, cwd=Path(__file__).parent, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    print(ended.stdout, ended.stderr)
    assert ended.returncode == 0


@pytest.fixture(scope="module")
def document(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/openapi.json") as response:
        return json.load(response)


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return Session().get_service_model("chime-sdk-identity")


@pytest.mark.parametrize("name", OPERATIONS)
def test_requests_are_described_as_in_the_model(document: dict[str, Any], model: ServiceModel, name: str) -> None:
    operation = model.operation_model(name)
    described = {member: constraints(schema) for member, schema in members_taken(document, name).items()}
    modelled = {
        wire_name(member, shape): modelled_constraints(shape, member in operation.input_shape.required_members)
        for member, shape in operation.input_shape.members.items()
    }
    # An empty id can't stand in a path; and the model lets Describe take any string for a user.
    if "EndpointId" in modelled:
        modelled["EndpointId"]["least"] = 1
    if name == "DescribeAppInstanceUserEndpoint":
        modelled["AppInstanceUserArn"]["least"] = 5
    # What the model has not: a device token to confirm, or to put in the place of the present one.
    if name == "UpdateAppInstanceUserEndpoint":
        assert described.pop("EndpointAttributes") == {"required": False, "least": 0, "most": None, "values": []}
    # An ARN to register under is short enough for every other operation: see the proto.
    if name == "RegisterAppInstanceUserEndpoint":
        modelled["AppInstanceUserArn"]["most"] = 1033
    assert described == modelled


@pytest.mark.parametrize("name", OPERATIONS)
def test_answers_are_described_as_in_the_model(document: dict[str, Any], model: ServiceModel, name: str) -> None:
    operation = model.operation_model(name)
    responses = find(document, operation)["responses"]
    success = responses[str(operation.http["responseCode"])]
    described = names_within(document, content(success))
    # What the model has not, and its clients pass over.
    if name == "DescribeAppInstanceUserEndpoint":
        del described["AppInstanceUserEndpoint"]["DeviceTokenTimestamp"]
    assert described == modelled_names(operation.output_shape)

    types = {
        type_name: int(status)
        for status, response in responses.items()
        for type_name in response["headers"].get("X-Amzn-ErrorType", {"schema": {"enum": []}})["schema"]["enum"]
    }
    modelled = {error.name: error.metadata["error"]["httpStatusCode"] for error in operation.error_shapes}
    assert modelled.items() <= types.items()


def find(document: dict[str, Any], operation: OperationModel) -> dict[str, Any]:
    """What the document says at an operation's method and path, whose variables it spells in another case."""
    path = operation.http["requestUri"].replace("{app", "{App").replace("{endpoint", "{Endpoint")
    described = document["paths"][path][operation.http["method"].lower()]
    assert described["operationId"] == operation.name
    return described


def members_taken(document: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """The schemas of what a request has, in path, query and body."""
    [described] = [
        operation
        for path in document["paths"].values()
        for operation in path.values()
        if operation["operationId"] == name
    ]
    parameters = {
        parameter["name"]: {**parameter["schema"], "required": parameter["required"]}
        for parameter in described["parameters"]
    }
    body = content(described.get("requestBody", {}))
    schema = resolve(document, body) if body else {"properties": {}}
    return parameters | {
        member: {**resolve(document, property), "required": member in schema.get("required", [])}
        for member, property in schema["properties"].items()
    }


def content(message: dict[str, Any]) -> dict[str, Any] | None:
    return message["content"]["application/json"]["schema"] if "content" in message else None


def resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def constraints(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "required": schema["required"],
        "least": schema.get("minLength", schema.get("minimum", 0)),
        "most": schema.get("maxLength", schema.get("maximum")),
        "values": schema.get("enum", []),
    }


def wire_name(member: str, shape: Shape) -> str:
    return shape.serialization["name"] if shape.serialization.get("location") == "querystring" else member


def modelled_constraints(shape: Shape, required: bool) -> dict[str, Any]:
    return {
        "required": required,
        "least": shape.metadata.get("min", 0),
        "most": shape.metadata.get("max"),
        "values": shape.metadata.get("enum", []),
    }


def names_within(document: dict[str, Any], schema: dict[str, Any] | None) -> Any:
    """The names of the members of a schema, at every depth."""
    if schema is None:
        return None
    if "items" in schema:
        return [names_within(document, schema["items"])]
    properties = resolve(document, schema).get("properties")
    return properties and {name: names_within(document, property) for name, property in properties.items()}


def modelled_names(shape: Shape | None) -> Any:
    if shape is None or shape.type_name not in ("structure", "list"):
        return None
    if shape.type_name == "list":
        return [modelled_names(shape.member)]
    return {name: modelled_names(member) for name, member in shape.members.items()}
