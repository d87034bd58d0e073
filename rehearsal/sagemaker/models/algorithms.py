"""Algorithms: training images with what they support.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateAlgorithm.html
"""

from rehearsal.sagemaker.api.store import Record, Store, page
from rehearsal.sagemaker.api.wording import missing
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import ValidationError
from rehearsal.sagemaker.jobs.images import programs
from rehearsal.sagemaker.models.subscriptions import Subscriptions, require_isolation
from rehearsal.sagemaker.resource import Operations, Resource
from rehearsal.sagemaker.training.hyperparameters import check_specifications, completed


class Algorithms(Resource):
    """The API's operations on algorithms.

    Attributes:
        subscriptions: To the algorithms of AWS Marketplace.
    """

    def __init__(self, context: Context) -> None:
        self.subscriptions = Subscriptions(context)
        self._context = context
        self._store = Store("Algorithm")

    def operations(self) -> Operations:
        """The functions that answer, by the names of their operations."""
        return {
            "CreateAlgorithm": self.create,
            "DescribeAlgorithm": self.describe,
            "ListAlgorithms": self.list_page,
            "DeleteAlgorithm": self.delete,
        }

    def create(self, request: Record) -> Record:
        """Keep an algorithm whose specifications make sense."""
        for member in ("ValidationSpecification", "CertifyForMarketplace"):
            if request.get(member):
                raise ValidationError(f"{member} is not available in the rehearsal.")
        _check(request)
        name = request["AlgorithmName"]
        arn = self._context.arn(f"algorithm/{name}")
        record = {
            **request,
            "AlgorithmArn": arn,
            "AlgorithmStatus": "Completed",
            "AlgorithmStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }
        self._store.add(name, record, arn)
        return {"AlgorithmArn": arn}

    def describe(self, request: Record) -> Record:
        """The algorithm, by its name or ARN."""
        return self.named(request["AlgorithmName"])

    def list_page(self, request: Record) -> Record:
        """Summaries, a page at a time."""
        found, token = page(list(self._store), request, name_key="AlgorithmName")
        return {"AlgorithmSummaryList": found, "NextToken": token}

    def delete(self, request: Record) -> Record:
        """Forget an algorithm; jobs that run it go on."""
        self._store.remove(self.describe(request)["AlgorithmName"])
        return {}

    def named(self, name_or_arn: str) -> Record:
        """The algorithm of that name or ARN: the account's own, or a seller's.

        Raises:
            ValidationError: If there is none.
        """
        offered = self.subscriptions.offered(name_or_arn)
        if offered:
            return offered
        name = name_or_arn.rpartition("/")[2]
        arn = self._context.arn(f"algorithm/{name}")
        if name_or_arn not in (name, arn):
            raise missing("Algorithm", name, name_or_arn)
        return self._store.get(name, arn)

    def usable(self, name_or_arn: str) -> Record:
        """The algorithm of that name or ARN, for more than a look at it.

        Raises:
            ValidationError: If there is none, or the account is not subscribed to it.
        """
        algorithm = self.named(name_or_arn)
        self.subscriptions.require(algorithm)
        return algorithm

    def resolved(self, request: Record) -> Record:
        """A training job's request with the image, metrics and defaults of its algorithm.

        Raises:
            ValidationError: If there is no such algorithm, or it does not support the request.
        """
        specification = request.get("AlgorithmSpecification", {})
        if "AlgorithmName" not in specification:
            return request
        if "TrainingImage" in specification:
            raise ValidationError(
                "AlgorithmSpecification must have either a TrainingImage or an AlgorithmName, "
                "not both."
            )
        if specification.get("MetricDefinitions"):
            raise ValidationError(
                "You can't override the metric definitions of an algorithm. Try the request "
                "without specifying metric definitions."
            )
        algorithm = self.usable(specification["AlgorithmName"])
        require_isolation(algorithm, request, "jobs")
        training = algorithm["TrainingSpecification"]
        _check_support(training, request)
        given = request.get("HyperParameters", {})
        metrics = training.get("MetricDefinitions")
        return {
            **request,
            "AlgorithmSpecification": {
                **({"MetricDefinitions": metrics} if metrics else {}),
                **specification,
                "TrainingImage": training["TrainingImage"],
            },
            "HyperParameters": completed(training.get("SupportedHyperParameters", []), given),
        }


def _check(request: Record) -> None:
    training = request["TrainingSpecification"]
    programs(training["TrainingImage"])
    specifications = training.get("SupportedHyperParameters", [])
    check_specifications(specifications)
    objectives = training.get("SupportedTuningJobObjectiveMetrics", [])
    defined = [metric["Name"] for metric in training.get("MetricDefinitions", [])]
    for objective in objectives:
        if objective["MetricName"] not in defined:
            raise ValidationError(
                f"The objective metric {objective['MetricName']} is not among the "
                f"MetricDefinitions: {', '.join(defined) or 'there are none'}."
            )
    if objectives and not any(specification.get("IsTunable") for specification in specifications):
        raise ValidationError(
            "SupportedTuningJobObjectiveMetrics needs a hyperparameter that IsTunable."
        )
    for container in request.get("InferenceSpecification", {}).get("Containers", []):
        if not container.get("Image"):
            raise ValidationError("A container of the InferenceSpecification must have an Image.")
        programs(container["Image"])


def _check_support(training: Record, request: Record) -> None:
    resources = request.get("ResourceConfig", {})
    supported = training["SupportedTrainingInstanceTypes"]
    groups = resources.get("InstanceGroups") or [resources]
    for group in groups:
        if "InstanceType" in group and group["InstanceType"] not in supported:
            raise ValidationError(
                f"The algorithm does not support the instance type {group['InstanceType']}; "
                f"it supports {', '.join(supported)}."
            )
    count = sum(group.get("InstanceCount", 1) for group in groups)
    if count > 1 and not training.get("SupportsDistributedTraining"):
        raise ValidationError(f"The algorithm trains on one instance only; got {count}.")
    channels = {channel["ChannelName"]: channel for channel in request.get("InputDataConfig", [])}
    for channel in training["TrainingChannels"]:
        given = channels.pop(channel["Name"], None)
        if given is None:
            if channel.get("IsRequired"):
                raise ValidationError(f"The algorithm requires the channel {channel['Name']}.")
            continue
        default = request["AlgorithmSpecification"]["TrainingInputMode"]
        mode = given.get("InputMode", default)
        if mode not in channel["SupportedInputModes"]:
            raise ValidationError(
                f"The algorithm's channel {channel['Name']} does not support the input mode "
                f"{mode}; it supports {', '.join(channel['SupportedInputModes'])}."
            )
    for name in channels:
        known = ", ".join(channel["Name"] for channel in training["TrainingChannels"])
        raise ValidationError(f"The algorithm has no channel {name}; it has {known}.")
