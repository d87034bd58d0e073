"""Models.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.images import programs
from rehearsal.sagemaker.model_packages import ModelPackages
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.store import Record, Store, page


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
        resolved = self._resolve(request)
        programs(resolved["Image"])
        self._context.role(request["ExecutionRoleArn"])
        name = request["ModelName"]
        arn = self._context.arn(f"model/{name}")
        self._store.add(name, {**request, "ModelArn": arn, "Resolved": resolved}, arn)
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
        self._store.get(request["ModelName"], self._arn(request))
        self._store.remove(request["ModelName"])
        return {}

    def container(self, name: str) -> Record:
        """Image, ModelDataUrl, Environment and ExecutionRoleArn of a model.

        Raises:
            ValidationError: If there is no such model.
        """
        record = self.describe({"ModelName": name})
        return {**record["Resolved"], "ExecutionRoleArn": record["ExecutionRoleArn"]}

    def _arn(self, request: Record) -> str:
        return self._context.arn(f"model/{request['ModelName']}")

    def _resolve(self, request: Record) -> Record:
        containers = request.get("Containers") or [request.get("PrimaryContainer")]
        if len(containers) != 1 or not containers[0]:
            raise ValidationError(
                "A model of the rehearsal has exactly one container; "
                f"this request has {len([c for c in containers if c])}."
            )
        container: Record = containers[0]
        package = container.get("ModelPackageName")
        if package:
            packaged = self._packages.container(package)
            environment = {**packaged.get("Environment", {}), **container.get("Environment", {})}
            return {**packaged, "Environment": environment}
        if not container.get("Image"):
            raise ValidationError("A container must name an Image or a ModelPackageName.")
        return container
