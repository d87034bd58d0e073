"""Endpoint configurations.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from rehearsal.sagemaker.api.store import Record, Store, page
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.hosting.endpoint_config_rules import check
from rehearsal.sagemaker.hosting.fleets import all_variants
from rehearsal.sagemaker.models.models import Models
from rehearsal.sagemaker.resource import Operations, Resource


class EndpointConfigs(Resource):
    """The API's operations on endpoint configurations."""

    def __init__(self, context: Context, models: Models) -> None:
        self._context = context
        self._models = models
        self._store = Store("Endpoint configuration")

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateEndpointConfig": self.create,
            "DescribeEndpointConfig": self.describe,
            "ListEndpointConfigs": self.list_page,
            "DeleteEndpointConfig": self.delete,
        }

    def create(self, request: Record) -> Record:
        """Keep a configuration whose models exist."""
        name = request["EndpointConfigName"]
        check(request)
        for variant in all_variants(request):
            self._models.container(variant["ModelName"])
        arn = self._context.arn(f"endpoint-config/{name.lower()}")
        self._store.add(name, {**request, "EndpointConfigArn": arn}, arn)
        return {"EndpointConfigArn": arn}

    def describe(self, request: Record) -> Record:
        """The configuration, by its name."""
        name = request["EndpointConfigName"]
        return self._store.get(name, self._context.arn(f"endpoint-config/{name.lower()}"))

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(list(self._store), request, name_key="EndpointConfigName")
        return {"EndpointConfigs": found, "NextToken": token}

    def delete(self, request: Record) -> Record:
        """Forget a configuration; endpoints made from it go on, but cannot be updated."""
        self.describe(request)
        self._store.remove(request["EndpointConfigName"])
        return {}
