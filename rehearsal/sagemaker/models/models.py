"""Models.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

from rehearsal.sagemaker.api.store import Record, Store, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.jobs.images import programs
from rehearsal.sagemaker.jobs.permissions import check_image
from rehearsal.sagemaker.models.model_containers import only_container, served
from rehearsal.sagemaker.models.model_data import check_model_data
from rehearsal.sagemaker.models.model_packages import ModelPackages
from rehearsal.sagemaker.models.subscriptions import require_isolation
from rehearsal.sagemaker.resource import Operations, Resource


class Models(Resource):
    """The API's operations on models."""

    def __init__(self, context: Context, packages: ModelPackages) -> None:
        self._context = context
        self._packages = packages
        self._store = Store("Model")

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateModel": self.create,
            "DescribeModel": self.describe,
            "ListModels": self.list_page,
            "DeleteModel": self.delete,
        }

    def create(self, request: Record) -> Record:
        """Keep a model; what it runs is resolved now, so that a bad one is refused at once."""
        container = only_container(request)
        resolved = served(container, self._packages)
        programs(resolved["Image"])
        role = self._context.role(request["ExecutionRoleArn"])
        check_image(role, resolved["Image"])
        require_isolation(resolved, request, "models")
        if "ModelDataUrl" in resolved:
            check_model_data(role, resolved["ModelDataUrl"])
        name = request["ModelName"]
        arn = self._arn(request)
        shown = {"Mode": "SingleModel", "Environment": {}, **container}
        member = "Containers" if "Containers" in request else "PrimaryContainer"
        record = {
            "EnableNetworkIsolation": False,
            **request,
            member: [shown] if member == "Containers" else shown,
            "ModelArn": arn,
            "Resolved": resolved,
        }
        self._store.add(name, record, arn)
        return {"ModelArn": arn}

    def describe(self, request: Record) -> Record:
        """The model's request and its ARN."""
        return self._store.get(request["ModelName"], self._arn(request))

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(list(self._store), request, name_key="ModelName")
        return {"Models": found, "NextToken": token}

    def delete(self, request: Record) -> Record:
        """Forget a model; servers that run it go on."""
        self.describe(request)
        self._store.remove(request["ModelName"])
        return {}

    def container(self, name: str) -> Record:
        """What a model runs: Image, ModelDataUrl, Environment, and how: ExecutionRoleArn and
        EnableNetworkIsolation.

        Raises:
            ValidationError: If there is no such model.
        """
        record = self.describe({"ModelName": name})
        shared = ("ExecutionRoleArn", "EnableNetworkIsolation")
        return {**record["Resolved"], **{member: record[member] for member in shared}}

    def _arn(self, request: Record) -> str:
        return self._context.arn(f"model/{request['ModelName']}")
