"""boto3, for a story that is told elsewhere: each line of standard input is a call, and each of standard output its answer."""

import json
import os
import sys

from clients import Boto3, Refused

client = Boto3(os.environ["ROLLCALL_URL"])
for line in sys.stdin:
    answer = client.call(**json.loads(line))
    told = vars(answer) if isinstance(answer, Refused) else answer
    print(json.dumps(told, default=str), flush=True)
