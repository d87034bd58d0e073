"""What every resource of the service shares: where it runs, its clients, its processes."""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from rehearsal.clients import Credentials, make_client
from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.image import Image
from rehearsal.container_images.registry import pull
from rehearsal.processes import Processes
from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.faults import Faults
from rehearsal.sagemaker.jobs.images import programs
from rehearsal.sagemaker.jobs.slots import Slots
from rehearsal.sagemaker.quotas import Quotas
from rehearsal.sagemaker.roles import Authorizer, Role
from rehearsal.settings import Settings

_SERVICE = "sagemaker.amazonaws.com"


@dataclass(frozen=True)
class Context:
    """One account in one region.

    Attributes:
        endpoint_url: Where the account answers, e.g. `http://127.0.0.1:4566`.
        region: The region of every ARN.
        account_id: The 12 digits of every ARN.
        directory: Where jobs and servers keep their files.
        processes: Starts the programs, and ends them with the account.
        authorizer: The account's IAM.
        settings: Limits, quotas and faults.
        publish: Puts an event on the account's event bus: source, detail type, detail and the ARN
            of the resource.
        images: The folder of the account's built container images; None if it has none.
        faults: Decides when something goes wrong on purpose.
        quotas: Who uses how many instances.
        slots: One for each job process that may run; the other jobs wait as `Starting`.
    """

    endpoint_url: str
    region: str
    account_id: str
    directory: Path
    processes: Processes
    authorizer: Authorizer
    settings: Settings
    publish: Callable[[str, str, dict[str, Any], str], None]
    images: Path | None = None
    faults: Faults = field(init=False)
    quotas: Quotas = field(init=False)
    slots: Slots = field(init=False)
    _roles: dict[Credentials, Role] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", Faults(self.settings))
        object.__setattr__(self, "quotas", Quotas(self.settings.quotas))
        object.__setattr__(self, "slots", Slots(self.settings.parallel_jobs))

    def arn(self, resource: str) -> str:
        """The ARN of a SageMaker resource such as `training-job/name`."""
        return f"arn:aws:sagemaker:{self.region}:{self.account_id}:{resource}"

    def role(self, role_arn: str) -> Role:
        """A session of the role that a request hands to SageMaker.

        Raises:
            ValidationError: If SageMaker cannot assume it, in the service's words.
        """
        try:
            credentials = self.authorizer.assume(role_arn, _SERVICE, self.arn("*"))
        except PermissionError as error:
            raise ValidationError(
                f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
                f"principal '{_SERVICE}' to assume the role."
            ) from error
        if credentials not in self._roles:
            self._roles[credentials] = Role(
                role_arn, credentials, self.endpoint_url, self.region, self.authorizer
            )
        return self._roles[credentials]

    @cached_property
    def root(self) -> Credentials:
        """The account's own credentials, which may do everything."""
        return Credentials(self.account_id)

    def client(self, service: str) -> Any:
        """A boto3 client of the account's own, for what AWS does with no role of the user's."""
        return make_client(service, self.endpoint_url, self.region, self.root)

    def image(self, uri: str) -> Image | None:
        """The image of the account's own registry that a URI names; None for AWS's images.

        Raises:
            JobFailure: If it is not there.
        """
        if self.images is None or not programs(uri).own:
            return None
        try:
            return pull(uri, self.images, self.client("ecr"))
        except ImageError as error:
            raise JobFailure(f"ClientError: {error}") from error

    def environment(self, role: Role, *, isolated: bool = False) -> dict[str, str]:
        """What a container finds in its environment: its role, and nothing of the user's.

        With network isolation it finds neither its role nor where the account answers. Source:
        https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html
        """
        kept = {key: os.environ[key] for key in ("LANG", "TMPDIR") if key in os.environ}
        # `python3` is the one that has the images' libraries.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        threads = str(max(1, (os.cpu_count() or 1) // self.settings.parallel_jobs))
        account = role.environment() | {"AWS_ENDPOINT_URL": self.endpoint_url}
        return (
            kept
            | ({} if isolated else account)
            | {
                "PATH": path,
                "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region,
                "OMP_NUM_THREADS": threads,
                "PYTHONUNBUFFERED": "1",
            }
        )

    def new_directory(self, kind: str, name: str) -> Path:
        """An empty folder for a job or a server."""
        directory = self.directory / kind / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        return directory
