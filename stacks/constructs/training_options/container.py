"""Candidates that train with an algorithm of the user's own, in a container.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms.html
"""

from config import Candidate, Container
from stacks.constructs.training_options.algorithm import Algorithm
from stacks.constructs.training_options.built_in import plain_text
from stacks.constructs.training_options.context import OptionContext


def container(candidate: Candidate, entry: Container, context: OptionContext) -> Algorithm:
    """The image that is built of the folder, or is in a registry already."""
    if isinstance(entry.container, str):
        image = entry.container
    else:
        image = context.image(entry.container, build=entry.build)
    environment = context.data_environment()
    return Algorithm(
        specification={"TrainingImage": image},
        hyperparameters=plain_text(candidate.hyperparameters),
        container={"Image": image, "Environment": environment},
        images=(image,),
        training={"Environment": environment},
    )
