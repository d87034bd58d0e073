"""The CDK app: reads the lifecycle file and synthesizes its stacks.

`cdk deploy --all` deploys them; `-c lifecycle=FILE` names another file than lifecycle.yaml, and
`-c candidates=all`, or names with commas between them, other candidates than the enabled ones.
For one deployment, `-c weights=from_file` sets the file's weights, and `-c guardrails=off` shifts
all of the traffic at once.
"""

import os
import sys

from aws_cdk import App

import config
from stacks.application import add_stacks
from stacks.layer_archive import LayerError


def main() -> int:
    """Synthesize; return the exit code."""
    app = App()
    try:
        add_stacks(
            app,
            _lifecycle(app),
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            default_region=os.environ.get("CDK_DEFAULT_REGION"),
        )
    except (config.ConfigurationError, LayerError) as error:
        print(error, file=sys.stderr)
        return 1
    app.synth()
    return 0


def _lifecycle(app: App) -> config.Lifecycle:
    context = app.node.try_get_context
    lifecycle = config.load(
        context("lifecycle") or "lifecycle.yaml", config.names(context("candidates") or "")
    )
    for_once: dict[str, object] = {}
    if context("weights") == "from_file":
        for_once["weights"] = "from_file"
    if context("guardrails") == "off":
        for_once["update"] = None
    hosting = lifecycle.hosting.model_copy(update=for_once)
    return lifecycle.model_copy(update={"hosting": hosting})


if __name__ == "__main__":
    sys.exit(main())
