"""What schemathesis is told besides the document: how to sign, and what the document says in words only."""

import os
import time
from typing import Any
from urllib.parse import unquote

import requests
import schemathesis
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import Session


class Signature(requests.auth.AuthBase):
    """Signs each request as AWS's clients do, with the credentials that they find; and has a token where one is asked for."""

    credentials = Session().get_credentials()
    token = os.environ["ROLLCALL_TOKEN_ALICE"]

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if request.path_url == "/credentials":
            request.headers["Authorization"] = f"Bearer {self.token}"
            return request
        signed = AWSRequest(request.method, request.url, data=request.body or b"")
        SigV4Auth(self.credentials, "chime", "us-east-1").add_auth(signed)
        request.headers.update(signed.headers)
        return request


schemathesis.auth.set_from_requests(Signature())


@schemathesis.hook
def filter_case(_: schemathesis.HookContext, case: schemathesis.Case) -> bool:
    """Drops what the document and the server judge differently, each for a reason that the document tells in words."""
    sent = values([case.path_parameters, case.body])
    texts = unquote("".join(value for value in sent if isinstance(value, str)))
    return (
        # Null is as good as absent in a request; no schema says so, because a response has none.
        None not in sent
        # A next token can't be made up.
        and "next-token" not in (case.query or {})
        # The dot of ECMA-262 takes none of these; Python's, by which texts are made, takes all but the first.
        and not set(texts) & set("\n\r\u2028\u2029")
        # White space to Python and none to ECMA-262; and the other way round.
        and not set(texts) & set("\x1c\x1d\x1e\x1f\x85\ufeff")
        # A time is one of the years 1 to 9999, and no more than a day ahead; a number in JSON is any.
        and all(-62_135_596_800 <= time_ <= time.time() + 86_400 for time_ in times(case.body))
    )


def times(body: Any) -> list[float]:
    """The times in a report of failures, as far as they are numbers."""
    failures = body.get("Failures") if isinstance(body, dict) else None
    reported = [failure for failure in failures if isinstance(failure, dict)] if isinstance(failures, list) else []
    told = [failure.get("Timestamp") for failure in reported]
    return [time_ for time_ in told if isinstance(time_, (int, float)) and not isinstance(time_, bool)]


def values(data: Any) -> list[Any]:
    """Whatever stands in JSON, at any depth."""
    if isinstance(data, dict):
        data = list(data.values())
    return [value for item in data for value in values(item)] if isinstance(data, list) else [data]
