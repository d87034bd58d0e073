"""Events that AWS's services put on the account's event bus, which users may not."""

import json
from typing import Any

from ministack.services import eventbridge


def publish(source: str, detail_type: str, detail: dict[str, Any], arn: str) -> None:
    """Put an event of a service, such as `aws.sagemaker`, about a resource."""
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": [arn],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
