"""The program for Python of docs/senders.md, run as printed, by the Python that runs the suite."""

import os
import re
import subprocess
import sys
import uuid
from pathlib import Path

from registration import UUID

ROOT = Path(__file__).parents[2]
SERVER = "http://localhost:8787"


def test_the_program_for_senders_answers_as_printed(url: str, tmp_path: Path) -> None:
    # A user whom no other test gives devices.
    user = f"sender-{uuid.uuid4()}"
    register, _ = blocks("README.md", "sh", "curl -s")
    run(register.replace(SERVER, url).replace("alice", user), ROOT)
    program, _ = blocks("docs/senders.md", "python", "SigV4Auth")
    assert SERVER in program
    (tmp_path / "send.py").write_text(program.replace(SERVER, url).replace("alice", user), "utf-8")
    command, printed = blocks("docs/senders.md", "sh", "python send.py")
    assert re.sub(UUID, "an id", run(command, tmp_path)) == re.sub(UUID, "an id", printed)
    # The endpoint is INACTIVE now, so there is nobody to send to.
    assert run(command, tmp_path) == ""


def blocks(page: str, language: str, word: str) -> tuple[str, str]:
    """The first code block of a page that is in a language and has a word, and the block after it."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    n = next(n for n, (of, code) in enumerate(found) if of == language and word in code)
    return found[n][1], found[n + 1][1]


def run(command: str, folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": path}
    return subprocess.run(
        ["bash", "-e", "-c", command], cwd=folder, env=environment, stdout=subprocess.PIPE, check=True, text=True
    ).stdout
