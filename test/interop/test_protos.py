"""The protos: a client that docs/protos.md generates from them, and our parts of google's files against the real ones."""

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from google.api import annotations_pb2, http_pb2
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2, status_pb2

from registration import UUID

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/protos.md"


def test_a_client_generated_for_python_answers_as_printed(tmp_path: Path) -> None:
    copytree(ROOT / "proto", tmp_path / "proto")
    run(block("sh", "grpc_tools"), tmp_path)
    program = block("python", "import grpc")
    assert "localhost:50051" in program
    (tmp_path / "client.py").write_text(program.replace("localhost:50051", os.environ["ROLLCALL_GATEWAY"]), "utf-8")
    told = run("PYTHONPATH=gen python client.py", tmp_path, TOKEN=os.environ["ROLLCALL_TOKEN_ALICE"])
    assert re.fullmatch(UUID, told.strip())


def block(language: str, word: str) -> str:
    """The first code block of the page that is in this language and has this word."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return next(code for code in blocks if word in code)


def run(command: str, folder: Path, **env: str) -> str:
    """What a command of the page prints, by the Python that runs the suite."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    answer = subprocess.run(
        ["bash", "-e", "-c", command],
        cwd=folder,
        env=os.environ | {"PATH": path} | env,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return answer.stdout


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileDescriptorProto]:
    """What stands in proto/google, by the name of the file."""
    compiled = tmp_path_factory.mktemp("ours") / "google.binpb"
    run(f"python -m grpc_tools.protoc -I . --descriptor_set_out={compiled} $(find google -name '*.proto')", ROOT / "proto")
    return {file.name: file for file in FileDescriptorSet.FromString(compiled.read_bytes()).file}


REAL = [annotations_pb2.DESCRIPTOR, http_pb2.DESCRIPTOR, error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR]


def test_each_file_of_google_is_held_to_the_real_one(ours: dict[str, FileDescriptorProto]) -> None:
    assert sorted(ours) == sorted(file.name for file in REAL)


@pytest.mark.parametrize("descriptor", REAL, ids=lambda file: file.name)
def test_our_part_of_a_file_of_google_is_as_in_the_real_one(
    descriptor: Any, ours: dict[str, FileDescriptorProto]
) -> None:
    part, whole = ours[descriptor.name], FileDescriptorProto.FromString(descriptor.serialized_pb)
    for member in ("package", "syntax", "options"):
        assert getattr(part, member) == getattr(whole, member)
    assert set(part.dependency) <= set(whole.dependency)
    assert_part(part.extension, whole.extension)
    assert_messages(part.message_type, whole.message_type)


def assert_messages(part: Any, whole: Any) -> None:
    real: dict[str, DescriptorProto] = {message.name: message for message in whole}
    for message in part:
        assert message.options == real[message.name].options
        for field in message.field:
            if field.HasField("oneof_index"):
                of_real = next(other for other in real[message.name].field if other.name == field.name)
                name = real[message.name].oneof_decl[of_real.oneof_index].name
                assert message.oneof_decl[field.oneof_index].name == name
                # By its name, for a part may have fewer of them before it.
                field.oneof_index = of_real.oneof_index
        assert_part(message.field, real[message.name].field)
        assert_messages(message.nested_type, real[message.name].nested_type)


def assert_part(part: Any, whole: Any) -> None:
    """Each field, with its number, type and label."""
    real = {field.name: field for field in whole}
    for field in part:
        # Generated code does not keep it; it follows from the name.
        field.ClearField("json_name")
        assert field == real[field.name]
