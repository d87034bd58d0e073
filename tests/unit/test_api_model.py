"""Answers and templates are brought into the shapes of the API's model."""

from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.sagemaker.api.api_model import coerced, input_shape, service_model, shaped


class Growing(list[Any]):
    """A list of a record that grows while the record is read, as a running job's does."""

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__([{"Key": "k", "Value": "v"}])
        self._record = record

    def __iter__(self) -> Iterator[Any]:
        self._record["FailureReason"] = "late"
        return super().__iter__()


def test_a_record_may_grow_while_it_is_shown() -> None:
    record: dict[str, Any] = {"TrainingJobName": "job"}
    record["FinalMetricDataList"] = Growing(record)
    record["TrainingJobStatus"] = "Failed"
    shape = service_model().operation_model("DescribeTrainingJob").output_shape
    shown = shaped(shape, record)
    assert shown["TrainingJobStatus"] == "Failed"
    assert "FailureReason" not in shown


@pytest.mark.parametrize(
    ("text", "count", "flag"),
    [("2", 2, "2"), ("true", "true", True), ("False", "False", False), ("maybe", "maybe", "maybe")],
)
def test_the_texts_of_a_template_become_what_they_say_and_no_other_value(
    text: str, count: object, flag: object
) -> None:
    variant = {"InitialInstanceCount": text}
    properties = {"ProductionVariants": [variant], "EnableNetworkIsolation": text}
    found = coerced(input_shape("CreateEndpointConfig"), properties)
    assert found["ProductionVariants"] == [{"InitialInstanceCount": count}]
    assert found["EnableNetworkIsolation"] == flag
