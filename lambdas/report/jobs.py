"""From SageMaker's descriptions of jobs to what the report tells of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from report.parts import Document


def training_job(described: Mapping[str, Any]) -> Document:
    """Return what the report tells of DescribeTrainingJob's answer."""
    resources = described["ResourceConfig"]
    algorithm = described["AlgorithmSpecification"]
    return {
        "name": described["TrainingJobName"],
        "kind": "training",
        "status": described["TrainingJobStatus"],
        **_instances(resources),
        "seconds": described.get("TrainingTimeInSeconds"),
        "billable_seconds": described.get("BillableTimeInSeconds"),
        "image": algorithm.get("TrainingImage") or algorithm.get("AlgorithmName"),
        "metrics": {
            each["MetricName"]: each["Value"] for each in described.get("FinalMetricDataList", ())
        },
    }


def transform_job(described: Mapping[str, Any]) -> Document:
    """Return what the report tells of DescribeTransformJob's answer, which has no bill."""
    seconds = _between(described, "TransformStartTime", "TransformEndTime")
    return {
        "name": described["TransformJobName"],
        "kind": "transform",
        "status": described["TransformJobStatus"],
        **_instances(described["TransformResources"]),
        "seconds": seconds,
        "billable_seconds": seconds,
        "image": None,
        "metrics": {},
    }


def processing_job(described: Mapping[str, Any]) -> Document:
    """Return what the report tells of DescribeProcessingJob's answer, which has no bill."""
    seconds = _between(described, "ProcessingStartTime", "ProcessingEndTime")
    return {
        "name": described["ProcessingJobName"],
        "kind": "processing",
        "status": described["ProcessingJobStatus"],
        **_instances(described["ProcessingResources"]["ClusterConfig"]),
        "seconds": seconds,
        "billable_seconds": seconds,
        "image": described["AppSpecification"]["ImageUri"],
        "metrics": {},
    }


def _instances(resources: Mapping[str, Any]) -> Document:
    groups = resources.get("InstanceGroups")
    if groups:
        return {
            "instance_type": " and ".join(dict.fromkeys(each["InstanceType"] for each in groups)),
            "instance_count": sum(each["InstanceCount"] for each in groups),
        }
    return {
        "instance_type": resources["InstanceType"],
        "instance_count": resources["InstanceCount"],
    }


def _between(described: Mapping[str, Any], start: str, end: str) -> float | None:
    began, ended = described.get(start), described.get(end)
    if not isinstance(began, datetime) or not isinstance(ended, datetime):
        return None
    return round((ended - began).total_seconds(), 1)
