"""Candidates that train with a script of the user's in a framework's image.

The names of the hyperparameters and variables are the contract of the SageMaker training and
inference toolkits: https://github.com/aws/sagemaker-training-toolkit,
https://github.com/aws/sagemaker-scikit-learn-container and
https://github.com/aws/sagemaker-pytorch-inference-toolkit
"""

import json

from config import Candidate, Script
from stacks.constructs.images import image_uri
from stacks.constructs.training_options.algorithm import Algorithm
from stacks.constructs.training_options.context import OptionContext
from stacks.constructs.training_options.metrics import METRIC_DEFINITIONS

_LOG_LEVEL = "20"
# Where PyTorch's inference image looks for the script, which has to be in the model's archive.
_CODE_IN_MODEL = "/opt/ml/model/code"


def script(candidate: Candidate, entry: Script, context: OptionContext) -> Algorithm:
    """The framework's images; the toolkit reads each hyperparameter as JSON."""
    training, inference = _images(entry, context.region)
    submitted = context.source(entry.script.parent, entry.dependencies).s3_object_url
    toolkit = {
        "sagemaker_program": entry.script.name,
        "sagemaker_submit_directory": submitted,
        "sagemaker_region": context.region,
    }
    serving = {name.upper(): value for name, value in toolkit.items()}
    if entry.framework == "pytorch":
        serving["SAGEMAKER_SUBMIT_DIRECTORY"] = _CODE_IN_MODEL
    return Algorithm(
        specification={"TrainingImage": training, "MetricDefinitions": METRIC_DEFINITIONS},
        hyperparameters={
            name: json.dumps(value) for name, value in (candidate.hyperparameters | toolkit).items()
        }
        | {"sagemaker_container_log_level": _LOG_LEVEL},
        container={
            "Image": inference,
            "Environment": serving | {"SAGEMAKER_CONTAINER_LOG_LEVEL": _LOG_LEVEL},
        },
        images=(training, inference),
        training={"Environment": context.data_environment()},
    )


def _images(entry: Script, region: str) -> tuple[str, str]:
    if entry.framework == "sklearn":
        image = image_uri(entry.framework, version=entry.version, region=region)
        return image, image
    training = image_uri(
        entry.framework,
        version=entry.version,
        region=region,
        instance_type=entry.instance_type,
        scope="training",
    )
    inference = image_uri(
        entry.framework,
        version=entry.version,
        region=region,
        instance_type=entry.transform_instance_type or entry.instance_type,
        scope="inference",
    )
    return training, inference
