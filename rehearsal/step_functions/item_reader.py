"""The data sets in S3 that a Distributed Map reads, with its state machine's permissions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
"""

from typing import Any

from rehearsal.step_functions.language import Language, State, StateError

_LIST = "arn:aws:states:::s3:listObjectsV2"
_GET = "arn:aws:states:::s3:getObject"
_TYPES = ("CSV", "JSON", "JSONL")
_FLATTEN = "LOAD_AND_FLATTEN"


def read(language: Language, resource: str, arguments: State, config: State) -> list[Any]:
    """The objects under a prefix, or the items in an object.

    Raises:
        StateError: `States.ItemReaderFailed` if S3 refuses it, or it is no such data set.
    """
    try:
        return _read(language.client("s3"), language, resource, arguments, config)
    except StateError:
        raise
    except Exception as error:
        raise StateError("States.ItemReaderFailed", str(error)) from error


def _read(s3: Any, language: Language, resource: str, arguments: State, config: State) -> list[Any]:
    if resource not in (_LIST, _GET):
        raise ValueError(f"The resource of an ItemReader is {_LIST} or {_GET}, not {resource}.")
    flattened = config.get("Transformation") == _FLATTEN
    kind = config.get("InputType", "JSON")
    if (resource == _GET or flattened) and kind not in _TYPES:
        raise ValueError(f"InputType {kind} is not available in the rehearsal.")
    if resource == _GET:
        return _items_in(s3, language, arguments, config)
    pages = s3.get_paginator("list_objects_v2").paginate(**arguments)
    listed = [item for page in pages for item in page.get("Contents", [])]
    if flattened:
        keys = [{"Bucket": arguments["Bucket"], "Key": item["Key"]} for item in listed]
        return [item for key in keys for item in _items_in(s3, language, key, config)]
    return [
        {
            "Etag": item["ETag"],
            "Key": item["Key"],
            "LastModified": int(item["LastModified"].timestamp()),
            "Size": item["Size"],
            "StorageClass": item["StorageClass"],
        }
        for item in listed
    ]


def _items_in(s3: Any, language: Language, arguments: State, config: State) -> list[Any]:
    body = s3.get_object(**arguments)["Body"].read()
    items = language.items_in(body.decode(), config)
    if not isinstance(items, list):
        raise ValueError(f"{arguments['Key']} must hold an array of items.")
    return items
