"""From a folder to an image in a running account, with no build project."""

from pathlib import Path

from rehearsal.account import Account
from rehearsal.container_images.building import build
from rehearsal.container_images.registry import push


def push_folder(account: Account, folder: Path, repository: str, tag: str = "latest") -> str:
    """Make the image of a folder known to a running account.

    For what is in the account before a user deploys, such as the image behind a Marketplace
    listing. The repository is made if it is not there.

    Args:
        account: A running account.
        folder: With a Dockerfile, as `building.build` takes it.
        repository: The name of its repository.
        tag: The image's tag.

    Returns:
        The image's URI, for CreateAlgorithm, CreateTrainingJob or CreateModel.

    Raises:
        ImageError: If the image cannot be built or pushed.
    """
    ecr = account.client("ecr")
    try:
        made = ecr.create_repository(repositoryName=repository)["repository"]
    except ecr.exceptions.RepositoryAlreadyExistsException:
        found = ecr.describe_repositories(repositoryNames=[repository])
        made = found["repositories"][0]
    uri = f"{made['repositoryUri']}:{tag}"
    push(build(folder, account.images, lambda line: None), uri, ecr)
    return uri
