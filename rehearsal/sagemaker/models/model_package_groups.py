"""Model package groups: what versioned model packages are versions of.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-models.html
"""

from rehearsal.sagemaker.api.store import Record, Store, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ConflictError
from rehearsal.sagemaker.resource import Operations, Resource


class ModelPackageGroups(Resource):
    """The API's operations on model package groups."""

    def __init__(self, context: Context, packages: Store) -> None:
        """Make an empty set of groups, over the store of the model packages in them."""
        self._context = context
        self._packages = packages
        self._store = Store("Model package group")

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateModelPackageGroup": self.create,
            "DescribeModelPackageGroup": self.describe,
            "ListModelPackageGroups": self.list_page,
            "DeleteModelPackageGroup": self.delete,
        }

    def create(self, request: Record) -> Record:
        """Make an empty group."""
        name = request["ModelPackageGroupName"]
        arn = self._arn(name)
        record = {
            **request,
            "ModelPackageGroupArn": arn,
            "ModelPackageGroupStatus": "Completed",
            "CreatedBy": {},  # names a user of SageMaker Studio only
        }
        self._store.add(name, record, arn)
        return {"ModelPackageGroupArn": arn}

    def describe(self, request: Record) -> Record:
        """The group, by its name or ARN."""
        name = request["ModelPackageGroupName"].rpartition("/")[2]
        return self._store.get(name, self._arn(name))

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time; a rehearsal account shares nothing with another account."""
        own = request.get("CrossAccountFilterOption", "SameAccount") == "SameAccount"
        found, token = page(
            list(self._store) if own else [],
            request,
            name_key="ModelPackageGroupName",
            handled=("CrossAccountFilterOption",),
        )
        return {"ModelPackageGroupSummaryList": found, "NextToken": token}

    def delete(self, request: Record) -> Record:
        """Forget an empty group.

        Raises:
            ConflictError: If it still has model packages.
        """
        group = self.describe(request)
        name = group["ModelPackageGroupName"]
        if any(record.get("ModelPackageGroupName") == name for record in self._packages):
            raise ConflictError(
                f"Model Package Group {group['ModelPackageGroupArn']} cannot be deleted because "
                "it still has Model Packages; delete them first."
            )
        self._store.remove(name)
        return {}

    def next_version(self, group: Record) -> int:
        """The number of a group's next version; numbers of deleted versions do not come back."""
        version = group.get("LastVersion", 0) + 1
        group["LastVersion"] = version
        return int(version)

    def _arn(self, name: str) -> str:
        return self._context.arn(f"model-package-group/{name}")
