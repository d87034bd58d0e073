"""Candidates that train with a script of the user's in a framework's image.

The names of the hyperparameters and variables are the contract of the SageMaker training and
inference toolkits: https://github.com/aws/sagemaker-training-toolkit
"""

import json

from config import Candidate, Script
from stacks.constructs.images import image_uri
from stacks.constructs.training_options.algorithm import Algorithm
from stacks.constructs.training_options.context import OptionContext

_LOG_LEVEL = "20"


def script(candidate: Candidate, entry: Script, context: OptionContext) -> Algorithm:
    """The framework's image; the toolkit reads each hyperparameter as JSON."""
    image = image_uri(entry.framework, version=entry.version, region=context.region)
    toolkit = {
        "sagemaker_program": entry.script.name,
        "sagemaker_submit_directory": context.source(entry.script.parent).s3_object_url,
        "sagemaker_region": context.region,
    }
    return Algorithm(
        specification={"TrainingImage": image},
        hyperparameters={
            name: json.dumps(value) for name, value in (candidate.hyperparameters | toolkit).items()
        }
        | {"sagemaker_container_log_level": _LOG_LEVEL},
        container={
            "Image": image,
            "Environment": {name.upper(): value for name, value in toolkit.items()}
            | {"SAGEMAKER_CONTAINER_LOG_LEVEL": _LOG_LEVEL},
        },
        images=(image,),
        training={"Environment": context.data_environment()},
    )
