"""Images in the Elastic Container Registry, and the builds that make them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from adapters.aws_errors import domain_errors
from evaluation.errors import EvaluationError

if TYPE_CHECKING:
    from mypy_boto3_codebuild import CodeBuildClient
    from mypy_boto3_codebuild.type_defs import BuildTypeDef
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_logs import CloudWatchLogsClient

# Of a build that CloudFormation waits for: its request, as JSON.
REQUEST_VARIABLE = "CLOUDFORMATION_REQUEST"
_LOG_EVENTS = 20


@dataclass(frozen=True)
class EndedBuild:
    """A build that has ended.

    Attributes:
        variables: Its environment variables.
        failure: Why it failed, with the end of its log; None if it succeeded.
    """

    variables: dict[str, str]
    failure: str | None


class Images:
    """Says whether an image is in a repository."""

    def __init__(self, client: "ECRClient | None" = None) -> None:
        self._client = client or boto3.client("ecr")

    def exists(self, repository: str, tag: str) -> bool:
        """Whether the repository has an image of that tag."""
        with domain_errors(f"{repository}:{tag}"):
            answer = self._client.batch_get_image(
                repositoryName=repository, imageIds=[{"imageTag": tag}]
            )
        return bool(answer["images"])


class Builds:
    """Starts builds, and reads how they ended."""

    def __init__(
        self,
        client: "CodeBuildClient | None" = None,
        logs: "CloudWatchLogsClient | None" = None,
    ) -> None:
        self._client = client or boto3.client("codebuild")
        self._logs = logs or boto3.client("logs")

    def start(self, project: str, variables: dict[str, str]) -> str:
        """Start a build with environment variables besides the project's; return its id."""
        with domain_errors(f"project {project}"):
            started = self._client.start_build(
                projectName=project,
                environmentVariablesOverride=[
                    {"name": name, "value": value, "type": "PLAINTEXT"}
                    for name, value in variables.items()
                ],
            )
        return started["build"]["id"]

    def ended(self, arn: str) -> EndedBuild:
        """How a build ended, by its ARN.

        Raises:
            EvaluationError: If there is no such build.
        """
        build_id = arn.rpartition("/")[2]
        with domain_errors(f"build {build_id}"):
            found = self._client.batch_get_builds(ids=[build_id])["builds"]
        if not found:
            raise EvaluationError(f"build {build_id}: does not exist")
        build = found[0]
        given = build["environment"].get("environmentVariables", [])
        return EndedBuild(
            {variable["name"]: variable["value"] for variable in given},
            None if build["buildStatus"] == "SUCCEEDED" else self._failure(build),
        )

    def _failure(self, build: "BuildTypeDef") -> str:
        messages = [
            context["message"]
            for phase in build.get("phases", [])
            for context in phase.get("contexts", [])
            if context.get("message")
        ]
        said = "; ".join([f"build {build['id']}: {build['buildStatus']}", *messages])
        try:
            lines = self._last_lines(build)
        except EvaluationError as exc:
            return f"{said}. Its log cannot be read: {exc}"
        return f"{said}. The end of its log:\n{lines}" if lines else said

    def _last_lines(self, build: "BuildTypeDef") -> str:
        where = build.get("logs", {})
        if not where.get("streamName"):
            return ""
        with domain_errors(f"log {where['groupName']}/{where['streamName']}"):
            events = self._logs.get_log_events(
                logGroupName=where["groupName"],
                logStreamName=where["streamName"],
                limit=_LOG_EVENTS,
                startFromHead=False,
            )["events"]
        lines = [event["message"].rstrip() for event in events]
        return "\n".join(line for line in lines if not line.startswith("[Container]"))
