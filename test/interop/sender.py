"""A sender: what AWS's SDKs have no method for, signed by botocore's own signer."""

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.session import Session


class Sender:
    def __init__(self, url: str) -> None:
        self._url = url
        self._credentials = Session().get_credentials()
        self._http = URLLib3Session()

    def resolve(self, *users: str) -> dict[str, Any]:
        return self._call("resolve", {"AppInstanceUserArns": users})

    def report(self, *failures: dict[str, Any]) -> dict[str, Any]:
        return self._call("failures", {"Failures": failures})

    def _call(self, operation: str, body: object) -> dict[str, Any]:
        url = f"{self._url}/app-instance-user-endpoints/{operation}"
        request = AWSRequest("POST", url, {"Content-Type": "application/json"}, json.dumps(body))
        SigV4Auth(self._credentials, "chime", "us-east-1").add_auth(request)
        response = self._http.send(request.prepare())
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = json.loads(response.content)
        return answer
