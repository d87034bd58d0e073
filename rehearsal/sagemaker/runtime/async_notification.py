"""What Amazon SNS topics hear of asynchronous inferences.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-check-predictions.html
"""

import json
import logging
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.runtime.async_task import AsyncTask

_LOG = logging.getLogger(__name__)


def notify(
    role: Role, output_config: Record, task: AsyncTask, *, content_type: str = "", failure: str = ""
) -> bool:
    """Publish the end of a task to the topic that is configured for it, if there is one.

    Args:
        role: The model's, which publishes.
        output_config: Of the endpoint's AsyncInferenceConfig.
        task: The one that ended.
        content_type: Of the answer.
        failure: Why it failed; empty if it did not.

    Returns:
        Whether nothing went wrong.
    """
    topic = output_config.get("NotificationConfig", {}).get(
        "ErrorTopic" if failure else "SuccessTopic"
    )
    if not topic:
        return True
    parameters = {
        "contentType": task.request.get("ContentType"),
        "accept": task.request.get("Accept"),
        "customAttributes": task.request.get("CustomAttributes"),
        "endpointName": task.request["EndpointName"],
        "inputLocation": task.request.get("InputLocation"),
    }
    message: Record = {
        "awsRegion": role.region,
        "eventTime": _stamp(datetime.now(UTC)),
        "receivedTime": _stamp(task.received),
        "invocationStatus": "Failed" if failure else "Completed",
        "requestParameters": {key: value for key, value in parameters.items() if value},
    }
    if failure:
        message["failureReason"] = failure
    else:
        message["responseParameters"] = {
            "contentType": content_type,
            "outputLocation": task.output_location,
        }
    message |= {
        "inferenceId": task.request["InferenceId"],
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }
    try:
        role.client("sns").publish(TopicArn=topic, Message=json.dumps(message))
    except (ClientError, BotoCoreError) as error:
        _LOG.warning("Notification of an asynchronous inference: %s", error)
        return False
    return True


def _stamp(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
