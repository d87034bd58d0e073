"""What CreateTransformJob refuses, and what DescribeTransformJob then shows.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.s3_data import check_uri
from rehearsal.sagemaker.transform.data_forms import CONTENT_TYPES, form
from rehearsal.sagemaker.transform.data_processing import DataProcessing
from rehearsal.sagemaker.transform.json_path import JSONPath

MAXIMUM_PAYLOAD = 100  # MB, of all requests at a time
_SOURCES = ("S3Prefix", "ManifestFile")


def checked(request: Record) -> Record:
    """A valid request with the defaults that the service fills in.

    Raises:
        ValidationError: For what the service refuses, or the rehearsal cannot run.
    """
    _check_limits(request)
    if request.get("DataCaptureConfig"):
        raise ValidationError(
            "DataCaptureConfig: data capture of a transform job is not available in the rehearsal."
        )
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    kind = source["S3DataType"]
    check_uri("TransformInput.DataSource.S3DataSource.S3Uri", source["S3Uri"])
    if kind not in _SOURCES:
        raise ValidationError(
            f"TransformInput.DataSource.S3DataSource.S3DataType: {kind} is not supported for "
            f"transform jobs; it must be one of {', '.join(_SOURCES)}."
        )
    check_uri("TransformOutput.S3OutputPath", request["TransformOutput"]["S3OutputPath"])
    record = {
        **request,
        "TransformInput": {
            "SplitType": "None",
            "CompressionType": "None",
            **request["TransformInput"],
        },
        "TransformOutput": {"AssembleWith": "None", **request["TransformOutput"]},
        "DataProcessing": {
            "InputFilter": "$",
            "OutputFilter": "$",
            "JoinSource": "None",
            **request.get("DataProcessing", {}),
        },
    }
    _check_processing(record)
    return record


def processing_of(record: Record) -> DataProcessing:
    """The data processing of a record that was checked."""
    return DataProcessing(
        record["DataProcessing"],
        record["TransformInput"].get("ContentType", ""),
        record["TransformOutput"].get("Accept", ""),
    )


def _check_limits(request: Record) -> None:
    payload, parallel = request.get("MaxPayloadInMB"), request.get("MaxConcurrentTransforms")
    if payload == 0:
        raise ValidationError(
            "MaxPayloadInMB: 0, which sends each payload in HTTP chunked encoding, is not "
            f"available in the rehearsal; give 1 to {MAXIMUM_PAYLOAD}."
        )
    if payload is not None and payload > MAXIMUM_PAYLOAD:
        raise ValidationError(
            f"MaxPayloadInMB must be at most {MAXIMUM_PAYLOAD}; this request has {payload}."
        )
    if payload and parallel and payload * parallel > MAXIMUM_PAYLOAD:
        raise ValidationError(
            "MaxConcurrentTransforms * MaxPayloadInMB must be at most "
            f"{MAXIMUM_PAYLOAD} MB; this request has {parallel} * {payload} = "
            f"{parallel * payload} MB."
        )


def _check_processing(record: Record) -> None:
    processing = record["DataProcessing"]
    for member in ("InputFilter", "OutputFilter"):
        try:
            JSONPath.parse(processing[member])
        except ValueError as error:
            raise ValidationError(f"DataProcessing.{member}: {error}.") from error
    work = processing_of(record)
    content_type = record["TransformInput"].get("ContentType", "")
    accept = record["TransformOutput"].get("Accept", "") or content_type
    split = record["TransformInput"]["SplitType"]
    if (work.reads or work.writes) and split not in ("None", "Line"):
        raise ValidationError(
            f"DataProcessing: records of SplitType {split} cannot be filtered or joined; "
            "SplitType must be None or Line."
        )
    if work.reads or processing["JoinSource"] == "Input":
        _check_form("TransformInput.ContentType", content_type)
    if work.writes:
        _check_form("TransformOutput.Accept", accept)
    if processing["JoinSource"] == "Input" and type(form(content_type)) is not type(form(accept)):
        raise ValidationError(
            f"DataProcessing.JoinSource: input of {content_type} cannot be joined with output of "
            f"{accept}; TransformInput.ContentType and TransformOutput.Accept must match."
        )


def _check_form(member: str, content_type: str) -> None:
    if form(content_type) is None:
        raise ValidationError(
            f"{member}: DataProcessing needs one of {', '.join(CONTENT_TYPES)}; this request has "
            f"{content_type or 'none'}."
        )
