"""How a program of an image of the user's own is started: as `docker run IMAGE ARGUMENT` does.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-dockerfile.html
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from rehearsal.container_images.image import Image
from rehearsal.namespace import launched
from rehearsal.sagemaker.jobs.container import BASE_VARIABLE, Container
from rehearsal.sagemaker.jobs.hosts import literal_paths


@dataclass(frozen=True)
class Started:
    """What starts a program.

    Attributes:
        command: The command line.
        environment: The variables that the image adds.
        directory: Where it starts, of the folders on the host.
    """

    command: list[str]
    environment: dict[str, str]
    directory: Path


def started(image: Image, container: Container, *arguments: str) -> Started:
    """What starts a container of an image; the image's files below /opt/ml are in its tree.

    Programs find /opt/ml where the contract has it. Where the kernel does not allow that, the
    environment variable SAGEMAKER_BASE_DIR names the folder that stands for it.

    Raises:
        ImageError: If the image has no such program.
    """
    literal = literal_paths()
    words = image.words(*arguments, literal=literal)
    variables = image.variables(literal=literal)
    directory = image.directory(literal=literal)
    shutil.copytree(image.root / "opt" / "ml", container.base, dirs_exist_ok=True)
    if not literal:
        command = [container.localized(word) for word in words]
        return Started(command, {**variables, BASE_VARIABLE: str(container.base)}, Path(directory))
    command = launched(str(container.base.parent), words, str(image.root), directory)
    return Started(command, variables, container.base)
