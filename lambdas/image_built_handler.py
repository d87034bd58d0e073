"""Lambda: tells CloudFormation how the build of an image ended, when EventBridge tells of it.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
"""

import json

from adapters.cloudformation import answer
from adapters.image_builds import REQUEST_VARIABLE, Builds
from evaluation.documents import Document

builds = Builds()


def handler(event: object, context: object) -> None:
    """Answer the request that started the build `detail.build-id`, if one did."""
    ended = builds.ended(Document(event).child("detail").text("build-id"))
    if REQUEST_VARIABLE in ended.variables:
        request = Document(json.loads(ended.variables[REQUEST_VARIABLE]), REQUEST_VARIABLE)
        answer(request, request.text("PhysicalResourceId"), ended.failure)
