"""Candidates that train with a script of the user's in a framework's image.

The names of the hyperparameters and variables are the contract of the SageMaker training and
inference toolkits: https://github.com/aws/sagemaker-training-toolkit
"""

import json

from aws_cdk import aws_s3_assets as assets

from config import ScriptCandidate
from stacks.constructs.candidate_algorithm import Algorithm
from stacks.constructs.images import image_uri

_LOG_LEVEL = "20"


def script_mode(candidate: ScriptCandidate, *, region: str, source: assets.Asset) -> Algorithm:
    """The framework's image; the toolkit reads each hyperparameter as JSON.

    Args:
        candidate: The candidate.
        region: The region that it trains in.
        source: The tar.gz archive of the script's folder.
    """
    toolkit = {
        "sagemaker_program": candidate.script.name,
        "sagemaker_submit_directory": source.s3_object_url,
        "sagemaker_region": region,
    }
    return Algorithm(
        image=image_uri(candidate.framework, version=candidate.version, region=region),
        hyperparameters={
            name: json.dumps(value) for name, value in (candidate.hyperparameters | toolkit).items()
        }
        | {"sagemaker_container_log_level": _LOG_LEVEL},
        environment={name.upper(): value for name, value in toolkit.items()}
        | {"SAGEMAKER_CONTAINER_LOG_LEVEL": _LOG_LEVEL},
    )
