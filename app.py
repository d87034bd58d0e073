"""The CDK app: reads the lifecycle file and synthesizes its stacks.

`cdk deploy --all` deploys them; `-c lifecycle=FILE` names another file than lifecycle.yaml, and
`-c candidates=all`, or names with commas between them, other candidates than the enabled ones.
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
            config.load(
                app.node.try_get_context("lifecycle") or "lifecycle.yaml",
                config.names(app.node.try_get_context("candidates") or ""),
            ),
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            default_region=os.environ.get("CDK_DEFAULT_REGION"),
        )
    except (config.ConfigurationError, LayerError) as error:
        print(error, file=sys.stderr)
        return 1
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
