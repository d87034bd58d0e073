"""What a Distributed Map gives: its children's outputs, or a manifest of files in S3.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
"""

import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.step_functions.language import Context, Language, State, StateError
from rehearsal.step_functions.map_run import MapRun

_STATES = {"SUCCEEDED": ("SUCCEEDED",), "FAILED": ("FAILED", "TIMED_OUT", "ABORTED"), "PENDING": ()}


def write(language: Language, state: State, document: Any, context: Context, run: MapRun) -> Any:
    """The state's result; the outputs of children in S3 if it has a ResultWriter there.

    Raises:
        StateError: `States.ResultWriterFailed` if the bucket refuses a file.
    """
    writer = state.get("ResultWriter") or {}
    config = writer.get("WriterConfig") or {}
    exported = "Resource" in writer
    transformation = config.get("Transformation", "NONE" if exported else "COMPACT")
    files = {
        status: [
            _row(child, transformation) for child in run.children() if child["status"] in included
        ]
        for status, included in _STATES.items()
    }
    if transformation == "FLATTEN":
        files["SUCCEEDED"] = [
            item
            for output in files["SUCCEEDED"]
            for item in (output if isinstance(output, list) else [output])
        ]
    if not exported:
        return files["SUCCEEDED"]
    template = writer.get("Arguments") or writer.get("Parameters") or {}
    effective = language.effective_input(state, document, context)
    arguments = language.template(template, state, effective, context)
    details = _export(language, run, arguments, files, config.get("OutputType", "JSON"))
    run.written()
    return details


def _row(child: dict[str, Any], transformation: str) -> Any:
    if transformation != "NONE" and child["status"] == "SUCCEEDED":
        return json.loads(child["output"])
    row = {
        "ExecutionArn": child["executionArn"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "Name": child["name"],
        "StartDate": child["startDate"],
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StopDate": child["stopDate"],
    }
    if child["status"] == "SUCCEEDED":
        return row | {"Output": child["output"], "OutputDetails": {"Included": True}}
    return row | {"Error": child.get("error", ""), "Cause": child.get("cause", "")}


def _export(
    language: Language,
    run: MapRun,
    arguments: dict[str, Any],
    files: dict[str, list[Any]],
    output_type: str,
) -> dict[str, Any]:
    bucket = str(arguments.get("Bucket", ""))
    prefix = str(arguments.get("Prefix", "")).rstrip("/")
    folder = f"{prefix}/{run.arn.rpartition(':')[2]}".lstrip("/")
    manifest: dict[str, Any] = {
        "DestinationBucket": bucket,
        "MapRunArn": run.arn,
        "ResultFiles": {status: [] for status in files},
    }

    def put(name: str, text: str) -> dict[str, Any]:
        body = text.encode()
        try:
            language.client("s3").put_object(Bucket=bucket, Key=f"{folder}/{name}", Body=body)
        except (BotoCoreError, ClientError) as error:
            raise StateError("States.ResultWriterFailed", str(error)) from error
        return {"Key": f"{folder}/{name}", "Size": len(body)}

    for status, rows in files.items():
        if rows:
            lines = "\n".join(json.dumps(row) for row in rows)
            text = lines if output_type == "JSONL" else json.dumps(rows)
            suffix = "jsonl" if output_type == "JSONL" else "json"
            manifest["ResultFiles"][status].append(put(f"{status}_0.{suffix}", text))
    key = put("manifest.json", json.dumps(manifest))["Key"]
    return {"MapRunArn": run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}
