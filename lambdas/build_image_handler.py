"""Lambda: a CloudFormation custom resource that is an image in a repository.

It starts a build unless the image is there, and does not wait: the build's end answers
CloudFormation (`image_built_handler`), so that a build may take longer than a function.
"""

import json

from adapters.cloudformation import ADDRESS, answer
from adapters.image_builds import REQUEST_VARIABLE, Builds, Images
from evaluation.documents import Document
from evaluation.errors import EvaluationError

builds = Builds()
images = Images()


def handler(event: object, context: object) -> None:
    """Build `ResourceProperties.Tag` in its Repository by its Project, if it is not there."""
    request = Document(event)
    physical_id = request.text_or("PhysicalResourceId", request.text("LogicalResourceId"))
    failure: str | None = "the function stopped early; its log says why"
    building = False
    try:
        if request.text("RequestType") != "Delete":
            properties = request.child("ResourceProperties")
            repository, tag = properties.text("Repository"), properties.text("Tag")
            physical_id = f"{repository}:{tag}"
            if not images.exists(repository, tag):
                address = {key: request.text(key) for key in ADDRESS}
                kept = {**address, "PhysicalResourceId": physical_id}
                builds.start(properties.text("Project"), {REQUEST_VARIABLE: json.dumps(kept)})
                building = True
        failure = None
    except EvaluationError as exc:
        failure = str(exc)
    finally:
        if not building:
            # Without an answer CloudFormation waits for an hour, so bugs are answered too.
            answer(request, physical_id, failure)
