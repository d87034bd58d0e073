"""MiniStack's CodeBuild, whose builds say that they succeeded and do nothing: here they run.

Source: https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html
"""

import contextvars
import copy
import json
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import error_response_json, json_response
from ministack.services import codebuild
from ministack.services.cloudformation import provisioners

from rehearsal.codebuild.build import Build
from rehearsal.ministack_seams.events import publish
from rehearsal.sagemaker.context import Context

_PROJECT_TYPE = "AWS::CodeBuild::Project"
_LOGS = "logsConfig"

Record = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]


def install(context: Context) -> None:
    """Run builds, keep where projects log, and tell EventBridge of builds."""
    _keep_logs_configuration()
    _authorize_builds_by_their_project()
    running: dict[str, Build] = {}

    def start(request: Record) -> Response:
        name = request.get("projectName", "")
        project = codebuild._projects.get(name)
        if project is None:
            message = f"Project cannot be found: {name}"
            return _answer(error_response_json("ResourceNotFoundException", message, 400))
        identifier = codebuild._build_id(name)
        record = copy.deepcopy(
            codebuild._make_build_record(project, identifier, request.get("sourceVersion"))
        )
        _override(record, request)
        here = contextvars.copy_context()

        def changed() -> None:
            # The account and the region of the request are in its context.
            here.copy().run(_publish, record)

        build = Build(context, copy.deepcopy(project), record, changed)
        codebuild._builds[identifier] = record
        running[identifier] = build
        build.start()
        return _answer(json_response({"build": copy.deepcopy(record)}))

    stop_recorded = codebuild._stop_build

    def stop(request: Record) -> Response:
        build = running.get(request.get("id", ""))
        if build is None or build.record["buildStatus"] != "IN_PROGRESS":
            return _answer(stop_recorded(request))
        build.stop()
        return _answer(json_response({"build": copy.deepcopy(build.record)}))

    codebuild._start_build = start
    codebuild._stop_build = stop


def _answer(response: Response) -> Response:
    return response


def _override(record: Record, request: Record) -> None:
    given = request.get("environmentVariablesOverride", [])
    names = {variable["name"] for variable in given}
    environment = record["environment"]
    own = environment.get("environmentVariables", [])
    kept = [variable for variable in own if variable["name"] not in names]
    environment["environmentVariables"] = [
        {"type": "PLAINTEXT", **variable} for variable in [*kept, *given]
    ]
    if "buildspecOverride" in request:
        record["source"]["buildspec"] = request["buildspecOverride"]


def _publish(record: Record) -> None:
    detail = {
        "build-status": record["buildStatus"],
        "project-name": record["projectName"],
        "build-id": record["arn"],
        "current-phase": record["currentPhase"],
        "version": "1",
    }
    publish("aws.codebuild", "CodeBuild Build State Change", detail, record["arn"])


def _authorize_builds_by_their_project() -> None:
    # MiniStack asks IAM about "*" where a request names builds.
    extract = iam_actions.extract_resource_arn

    def extracted(
        service: str,
        method: str,
        path: str,
        headers: Record,
        body: bytes,
        query: Record,
        region: str,
        account: str,
    ) -> str:
        if service == "codebuild":
            request = json.loads(body or b"{}")
            builds = request.get("ids") or [request.get("id", "")]
            projects = {build.partition(":")[0] for build in builds}
            if len(projects) == 1 and "" not in projects:
                return f"arn:aws:codebuild:{region}:{account}:project/{projects.pop()}"
        arn: str = extract(service, method, path, headers, body, query, region, account)
        return arn

    iam_actions.extract_resource_arn = extracted


def _keep_logs_configuration() -> None:
    create, shape = codebuild._create_project, codebuild._project_shape

    def created(data: Record) -> Response:
        response: Response = create(data)
        if response[0] == 200 and _LOGS in data:
            codebuild._projects[data["name"]][_LOGS] = data[_LOGS]
        return response

    def shaped(project: Record) -> Record:
        shown: Record = shape(project)
        return {**shown, **({_LOGS: project[_LOGS]} if _LOGS in project else {})}

    codebuild._create_project, codebuild._project_shape = created, shaped
    handlers = provisioners._RESOURCE_HANDLERS[_PROJECT_TYPE]

    def provisioned(action: str) -> Any:
        provision = handlers[action]

        def run(*arguments: Any, **others: Any) -> tuple[str, Record]:
            name, attributes = provision(*arguments, **others)
            # create(logical id, properties, stack); update(ref, old, new, stack)
            properties = arguments[-2]
            if "LogsConfig" in properties:
                converted = provisioners._codebuild_cfn_to_api(properties["LogsConfig"])
                codebuild._projects[name][_LOGS] = converted
            return name, attributes

        return run

    provisioners._RESOURCE_HANDLERS[_PROJECT_TYPE] = {
        **handlers,
        "create": provisioned("create"),
        "update": provisioned("update"),
    }
