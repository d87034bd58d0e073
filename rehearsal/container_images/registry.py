"""Images in the account's Elastic Container Registry, by their URIs.

The registry holds an image's manifest; its files stay in the account's folder of images, by the
digest of the manifest's one layer. Source:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.image import Image

_URI = re.compile(
    r"^(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[a-z.]+)"
    r"/(?P<repository>[a-z0-9._/-]+?)"
    r"(?::(?P<tag>[\w][\w.-]{0,127})|@(?P<digest>sha256:[0-9a-f]{64}))?$"
)
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIGURATION = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass(frozen=True)
class Reference:
    """Where an image is.

    Attributes:
        registry: The host.
        account: Whose registry it is.
        repository: The name of the repository.
        identifier: As ECR's API takes it: `imageTag` or `imageDigest`.
    """

    registry: str
    account: str
    repository: str
    identifier: dict[str, str]


def reference(uri: str) -> Reference:
    """The parts of an image's URI; without a tag it is `latest`.

    Raises:
        ImageError: If it is not one of the Elastic Container Registry.
    """
    found = _URI.match(uri)
    if found is None:
        raise ImageError(f"{uri}: not ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG")
    digest = found["digest"]
    identifier = {"imageDigest": digest} if digest else {"imageTag": found["tag"] or "latest"}
    return Reference(found["registry"], found["account"], found["repository"], identifier)


def push(image: Image, uri: str, ecr: Any) -> None:
    """Push an image with the calls that `docker push` makes, under the client's permissions.

    Raises:
        ImageError: If the registry refuses, in its words.
    """
    where = reference(uri)
    repository = {"repositoryName": where.repository}
    configuration = json.dumps(asdict(image.configuration)).encode()
    config_digest = f"sha256:{hashlib.sha256(configuration).hexdigest()}"
    pushed = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {
            "mediaType": _CONFIGURATION,
            "size": len(configuration),
            "digest": config_digest,
        },
        "layers": [{"mediaType": _LAYER, "size": 0, "digest": image.digest}],
    }
    try:
        ecr.batch_check_layer_availability(**repository, layerDigests=[config_digest])
        upload = ecr.initiate_layer_upload(**repository)["uploadId"]
        ecr.upload_layer_part(
            **repository,
            uploadId=upload,
            partFirstByte=0,
            partLastByte=len(configuration) - 1,
            layerPartBlob=configuration,
        )
        ecr.complete_layer_upload(**repository, uploadId=upload, layerDigests=[config_digest])
        ecr.put_image(
            **repository,
            imageManifest=json.dumps(pushed),
            imageManifestMediaType=_MANIFEST,
            imageTag=where.identifier["imageTag"],
        )
    except ClientError as error:
        raise ImageError(f"denied: {error.response['Error']['Message']}") from error


def pull(uri: str, images: Path, ecr: Any) -> Image:
    """The image of a URI, found under the client's permissions.

    Args:
        uri: In the account's registry.
        images: Where built images are.
        ecr: A client.

    Raises:
        ImageError: If the repository or the image does not exist, or the client may not pull it.
    """
    layers = manifest(uri, ecr).get("layers", [])
    if len(layers) != 1:
        raise ImageError(f"{uri} was not built in the rehearsal, so it cannot run here.")
    return Image.load(images / layers[0]["digest"].removeprefix("sha256:"))


def manifest(uri: str, ecr: Any) -> dict[str, Any]:
    """The manifest of an image; errors as `pull`."""
    where = reference(uri)
    try:
        answer = ecr.batch_get_image(repositoryName=where.repository, imageIds=[where.identifier])
    except ClientError as error:
        raise ImageError(error.response["Error"]["Message"]) from error
    if not answer["images"]:
        raise ImageError(f"Requested image {uri} not found.")
    found: dict[str, Any] = json.loads(answer["images"][0]["imageManifest"])
    return found
