"""The stacks of one lifecycle file."""

from aws_cdk import App, Environment, Tags, Validations
from cdk_nag import AwsSolutionsChecks

from config import ConfigurationError, Lifecycle, Problem
from stacks.batch import BatchStack
from stacks.hosting import HostingStack
from stacks.storage import StorageStack
from stacks.training import TrainingStack


def add_stacks(
    app: App, lifecycle: Lifecycle, *, account: str | None, default_region: str | None
) -> None:
    """Add the four stacks, `<project>-storage`, `-training`, `-hosting` and `-batch`, to an app.

    Args:
        app: The app; its synthesis fails on a security finding that is not acknowledged.
        lifecycle: The file.
        account: The account that is deployed to; without it, the templates fit any.
        default_region: The region that is deployed to, unless the file names one.

    Raises:
        ConfigurationError: If there is no region, or SageMaker has no image for a candidate there.
    """
    region = lifecycle.project.region or default_region
    if not region:
        got = "null, and the AWS CLI has no default region"
        problem = Problem(("project", "region"), got, "an AWS region, such as eu-west-1")
        raise ConfigurationError(lifecycle.path.name, [problem])
    project, env = lifecycle.project.name, Environment(account=account, region=region)
    Tags.of(app).add("project", project)
    Validations.of(app).add_plugins(AwsSolutionsChecks())
    storage = StorageStack(app, f"{project}-storage", lifecycle=lifecycle, env=env)
    training = TrainingStack(
        app, f"{project}-training", lifecycle=lifecycle, storage=storage, env=env
    )
    for kind, name in ((HostingStack, "hosting"), (BatchStack, "batch")):
        kind(
            app,
            f"{project}-{name}",
            lifecycle=lifecycle,
            storage=storage,
            training=training,
            env=env,
        )
