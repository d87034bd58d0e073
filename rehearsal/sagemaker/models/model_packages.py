"""Model packages: the models of the model registry, versioned in a group or on their own.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html
"""

import threading

from rehearsal.sagemaker.api.store import Record, Store, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ServiceError, ValidationError
from rehearsal.sagemaker.models.algorithms import Algorithms
from rehearsal.sagemaker.models.model_package_groups import ModelPackageGroups
from rehearsal.sagemaker.models.model_package_requests import (
    changed,
    check,
    inference_specification,
)
from rehearsal.sagemaker.models.model_package_status import BEGUN, final_status
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.runtime.background import Background

# https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
_EVENT = "SageMaker Model Package State Change"
_TOLD = (
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "ModelPackageStatus",
    "ModelPackageStatusDetails",
    "CertifyForMarketplace",
    "ModelApprovalStatus",
    "ApprovalDescription",
    "CustomerMetadataProperties",
)


class ModelPackages(Resource):
    """The API's operations on model packages and, through `groups`, on their groups."""

    def __init__(self, context: Context, algorithms: Algorithms) -> None:
        self._context = context
        self._algorithms = algorithms
        self._store = Store("Model package")
        self.groups = ModelPackageGroups(context, self._store)
        self._lock = threading.Lock()
        self._background = Background(at_a_time=2)

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateModelPackage": self.create,
            "DescribeModelPackage": self.describe,
            "BatchDescribeModelPackage": self.describe_several,
            "ListModelPackages": self.list_page,
            "UpdateModelPackage": self.update,
            "DeleteModelPackage": self.delete,
        }

    def create(self, request: Record) -> Record:
        """Register a package; the same ClientToken gives the same package.

        A version is complete at once, a package of its own when its data has been looked at.
        """
        check(request)
        with self._lock:
            known = self._of_token(request.get("ClientToken"))
            if known is not None:
                return {"ModelPackageArn": known["ModelPackageArn"]}
            record = {
                "CertifyForMarketplace": False,
                **request,
                "CreatedBy": {},  # names a user of SageMaker Studio only
                "InferenceSpecification": inference_specification(request, self._algorithms),
                "ModelPackageStatus": "Completed",
                "ModelPackageStatusDetails": {"ValidationStatuses": []},
            }
            if "ModelPackageGroupName" in request:
                group = self.groups.describe(request)
                version = self.groups.next_version(group)
                name = f"{group['ModelPackageGroupName']}/{version}"
                record["ModelPackageGroupName"] = group["ModelPackageGroupName"]
                record["ModelPackageVersion"] = version
                record.setdefault("ModelApprovalStatus", "PendingManualApproval")
            else:
                name = request["ModelPackageName"]
                record["ModelPackageStatus"] = "Pending"
            arn = self._arn(name)
            kept = self._store.add(name, {**record, "Name": name, "ModelPackageArn": arn}, arn)
        self._complete(kept)
        self._tell(kept)
        return {"ModelPackageArn": arn}

    def resume(self) -> None:
        """Go on with the packages that were not complete when the account was stopped."""
        for record in self._store:
            self._complete(record)

    def describe(self, request: Record) -> Record:
        """The package, by its ARN, or its name if it has no group."""
        return self.named(request["ModelPackageName"])

    def describe_several(self, request: Record) -> Record:
        """Packages by their ARNs, and the errors of those that could not be described."""
        found, errors = {}, {}
        for arn in request["ModelPackageArnList"]:
            try:
                found[arn] = self.named(arn)
            except ServiceError as error:
                errors[arn] = {"ErrorCode": error.code, "ErrorResponse": str(error)}
        return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time: a group's versions, or the packages without a group."""
        records = list(self._store)
        wanted = request.get("ModelPackageType", "Unversioned")
        if "ModelPackageGroupName" in request:
            group = self.groups.describe(request)["ModelPackageGroupName"]
            records = [r for r in records if r.get("ModelPackageGroupName") == group]
            wanted = request.get("ModelPackageType", "Versioned")
        if wanted != "Both":
            versioned = wanted == "Versioned"
            records = [r for r in records if ("ModelPackageVersion" in r) == versioned]
        if "ModelApprovalStatus" in request:
            approval = request["ModelApprovalStatus"]
            records = [r for r in records if r.get("ModelApprovalStatus") == approval]
        found, token = page(
            records,
            request,
            name_key="Name",
            handled=("ModelApprovalStatus", "ModelPackageGroupName", "ModelPackageType"),
        )
        return {"ModelPackageSummaryList": found, "NextToken": token}

    def update(self, request: Record) -> Record:
        """Change a version's approval status, metadata and specifications."""
        with self._lock:
            record = self.named(request["ModelPackageArn"])
            self._store.update(record, **changed(record, request))
        self._tell(record)
        return {"ModelPackageArn": record["ModelPackageArn"]}

    def delete(self, request: Record) -> Record:
        """Forget a package; models that were made of it go on."""
        self._store.remove(self.describe(request)["Name"])
        return {}

    def named(self, name_or_arn: str) -> Record:
        """The package of that name or ARN.

        Raises:
            ValidationError: If there is none.
        """
        name = name_or_arn.rpartition(":model-package/")[2]
        return self._store.get(name, self._arn(name))

    def container(self, name_or_arn: str) -> Record:
        """The only container of a package's inference specification.

        Raises:
            ValidationError: If the package does not exist, is not approved or not complete, has no
                container or several of them, or the account is not subscribed to its product.
        """
        record = self.named(name_or_arn)
        arn = record["ModelPackageArn"]
        if record["ModelPackageStatus"] != "Completed":
            raise ValidationError(
                f"Cannot create Model from ModelPackage {arn}: its ModelPackageStatus is "
                f"{record['ModelPackageStatus']}; it must be Completed."
            )
        if record.get("ModelApprovalStatus", "Approved") != "Approved":
            raise ValidationError(
                f"Cannot create Model from ModelPackage {arn}: its ModelApprovalStatus is "
                f"{record['ModelApprovalStatus']}; it must be Approved."
            )
        containers = (record["InferenceSpecification"] or {}).get("Containers", [])
        if len(containers) != 1:
            raise ValidationError(
                f"Cannot create Model from ModelPackage {arn}: a model of the rehearsal has "
                f"exactly one container; its InferenceSpecification has {len(containers)}."
            )
        container: Record = containers[0]
        self._algorithms.subscriptions.require(container)
        return container

    def _complete(self, record: Record) -> None:
        if record["ModelPackageStatus"] not in BEGUN:
            return

        def complete() -> None:
            self._store.update(record, ModelPackageStatus="InProgress")
            self._store.update(record, **final_status(self._context.client("s3"), record))

        self._background.submit(complete)

    def _tell(self, record: Record) -> None:
        detail = {member: record[member] for member in _TOLD if member in record}
        self._context.publish("aws.sagemaker", _EVENT, detail, record["ModelPackageArn"])

    def _arn(self, name: str) -> str:
        return self._context.arn(f"model-package/{name}")

    def _of_token(self, token: str | None) -> Record | None:
        if token is None:
            return None
        return next((r for r in self._store if r.get("ClientToken") == token), None)
