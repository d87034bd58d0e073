"""Candidates that train in a container of the user's own, with Spark or without.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms.html
"""

from config import Candidate, ContainerEntry
from stacks.constructs.training_options.algorithm import Algorithm
from stacks.constructs.training_options.built_in import plain_text
from stacks.constructs.training_options.context import OptionContext


def container(candidate: Candidate, entry: ContainerEntry, context: OptionContext) -> Algorithm:
    """The image that is built of the folder, or is in a registry already."""
    source = entry.source
    image = source if isinstance(source, str) else context.image(source, build=entry.build)
    environment = context.data_environment()
    return Algorithm(
        specification={"TrainingImage": image},
        hyperparameters=plain_text(candidate.hyperparameters),
        container={"Image": image, "Environment": environment},
        images=(image,),
        training={"Environment": environment},
    )
