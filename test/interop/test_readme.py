"""The README's example for the AWS CLI, run as printed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from registration import UUID

README = Path(__file__).parents[2] / "README.md"


def test_the_aws_cli_example_answers_as_printed(url: str) -> None:
    readme = README.read_text("utf-8")
    example = re.search(r"^```sh\n([^`]*aws chime[^`]*)^```\n\n```json\n([^`]*)^```", readme, re.MULTILINE)
    assert example
    command, printed = example.groups()
    assert "http://localhost:8787" in command
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    answer = subprocess.run(
        ["bash", "-c", command.replace("http://localhost:8787", url)],
        env=os.environ | {"PATH": path},
        capture_output=True,
        check=True,
    )
    assert without_id(answer.stdout) == without_id(printed)


def without_id(answer: str | bytes) -> dict[str, str]:
    """The answer, once its id proved to be one: it differs from call to call."""
    members: dict[str, str] = json.loads(answer)
    assert re.fullmatch(UUID, members.pop("EndpointId"))
    return members
