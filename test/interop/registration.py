"""The one valid registration; each test of a refusal changes one thing in it."""

from uuid import uuid4

from clients import Request

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""What ids look like: of an endpoint, of a request."""


def fresh_user_arn(user_id: str = "") -> str:
    """An ARN of a user that no other test has; its user id ends as given."""
    return f"arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/{uuid4()}{user_id}"


def registration(**changes: object) -> Request:
    return {
        "AppInstanceUserArn": fresh_user_arn(),
        "ResourceArn": "arn:aws:mobiletargeting:us-east-1:123456789012:apps/interop",
        "Type": "GCM",
        "EndpointAttributes": {"DeviceToken": "device-1"},
        "ClientRequestToken": "request-1",
        **changes,
    }
