"""Google's own library for Python, told by lines of standard input: each is a token, and its answer a line of standard output."""

import json
import sys

import firebase_admin
from firebase_admin import exceptions, messaging

firebase_admin.initialize_app()


def push(token: str) -> dict[str, str]:
    try:
        message = messaging.Message(token=token, notification=messaging.Notification(title="Hi"))
        return {"name": messaging.send(message)}
    except exceptions.FirebaseError as error:
        # Its own code is that of the status alone, which a wrong project has as well.
        is_gone = isinstance(error, messaging.UnregisteredError)
        return {"reason": "UNREGISTERED" if is_gone else error.code, "type": type(error).__name__}


for line in sys.stdin:
    print(json.dumps(push(line.strip())), flush=True)
