"""What the console offers Python for calls that boto3 does not know, run as it stands."""

import json
import os
import subprocess
import sys


def test_the_console_signs_as_boto3_does() -> None:
    programs = json.loads(os.environ["ROLLCALL_CONSOLE_CALLS"])
    assert len(programs) == 6
    for program in programs:
        ran = subprocess.run([sys.executable, "-c", program["text"]], capture_output=True, check=True, text=True)
        assert ran.stdout.startswith("200 {")
        assert program["answer"] in ran.stdout
