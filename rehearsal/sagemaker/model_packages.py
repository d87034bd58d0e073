"""Model package groups and the versioned model packages in them: the model registry.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
"""

import threading

from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.store import Record, Store, page


class ModelPackages(Resource):
    """The API's operations on model package groups and model packages."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._groups = Store("Model package group")
        self._packages = Store("Model package")
        self._versions: dict[str, int] = {}
        self._by_token: dict[str, str] = {}
        self._lock = threading.Lock()

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateModelPackageGroup": self.create_group,
            "DescribeModelPackageGroup": self.describe_group,
            "ListModelPackageGroups": self.list_groups,
            "DeleteModelPackageGroup": self.delete_group,
            "CreateModelPackage": self.create,
            "DescribeModelPackage": self.describe,
            "ListModelPackages": self.list_page,
            "UpdateModelPackage": self.update,
            "DeleteModelPackage": self.delete,
        }

    def create_group(self, request: Record) -> Record:
        """Make an empty group."""
        name = request["ModelPackageGroupName"]
        arn = self._context.arn(f"model-package-group/{name}")
        self._groups.add(
            name,
            {**request, "ModelPackageGroupArn": arn, "ModelPackageGroupStatus": "Completed"},
            arn,
        )
        return {"ModelPackageGroupArn": arn}

    def describe_group(self, request: Record) -> Record:
        """The group, by its name or ARN."""
        return self._groups.get(_name(request["ModelPackageGroupName"]))

    def list_groups(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(list(self._groups), request, name_key="ModelPackageGroupName")
        return {"ModelPackageGroupSummaryList": found, "NextToken": token}

    def delete_group(self, request: Record) -> Record:
        """Forget an empty group."""
        group = self.describe_group(request)
        if self._of_group(group["ModelPackageGroupName"]):
            raise ValidationError(
                f"Model package group {group['ModelPackageGroupArn']} still has model packages; "
                "delete them first."
            )
        self._groups.remove(group["ModelPackageGroupName"])
        return {}

    def create(self, request: Record) -> Record:
        """Register the next version in a group; the same ClientToken gives the same package."""
        if "ModelPackageGroupName" not in request:
            raise ValidationError(
                "A model package without ModelPackageGroupName is not available in the rehearsal."
            )
        group = self.describe_group(request)["ModelPackageGroupName"]
        token = request.get("ClientToken", "")
        with self._lock:
            if token in self._by_token:
                return {"ModelPackageArn": self._by_token[token]}
            version = self._versions[group] = self._versions.get(group, 0) + 1
            arn = self._context.arn(f"model-package/{group}/{version}")
            self._packages.add(
                arn,
                {
                    "ModelApprovalStatus": "PendingManualApproval",
                    **request,
                    "ModelPackageGroupName": group,
                    "ModelPackageVersion": version,
                    "ModelPackageArn": arn,
                    "ModelPackageStatus": "Completed",
                    "ModelPackageStatusDetails": {"ValidationStatuses": []},
                },
                arn,
            )
            if token:
                self._by_token[token] = arn
        return {"ModelPackageArn": arn}

    def describe(self, request: Record) -> Record:
        """The package, by its ARN."""
        return self._packages.get(request["ModelPackageName"])

    def list_page(self, request: Record) -> Record:
        """Summaries of a group's packages, a page at a time."""
        group = request.get("ModelPackageGroupName")
        records = self._of_group(_name(group)) if group else list(self._packages)
        approval = request.get("ModelApprovalStatus")
        kept = [r for r in records if not approval or r["ModelApprovalStatus"] == approval]
        found, token = page(kept, request, name_key="ModelPackageArn")
        return {"ModelPackageSummaryList": found, "NextToken": token}

    def update(self, request: Record) -> Record:
        """Change the approval status and what goes with it."""
        record = self._packages.get(request["ModelPackageArn"])
        self._packages.update(record, **request)
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def delete(self, request: Record) -> Record:
        """Forget a package."""
        self._packages.remove(request["ModelPackageName"])
        return {}

    def container(self, arn: str) -> Record:
        """The first container of a package's inference specification.

        Raises:
            ValidationError: If the package does not exist, or is not approved.
        """
        record = self._packages.get(arn)
        if record["ModelApprovalStatus"] != "Approved":
            raise ValidationError(
                f"Cannot create Model from ModelPackage {arn}: its ModelApprovalStatus is "
                f"{record['ModelApprovalStatus']}; it must be Approved."
            )
        container: Record = record["InferenceSpecification"]["Containers"][0]
        return container

    def _of_group(self, group: str) -> list[Record]:
        return [r for r in self._packages if r["ModelPackageGroupName"] == group]


def _name(name_or_arn: str) -> str:
    return name_or_arn.rpartition("/")[2]
