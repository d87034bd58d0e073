"""Training in script mode: SageMaker's own training toolkit runs the user's script.

The toolkit's plain `train` command leaves the script's error out of `output/failure`. This program
gives the toolkit an entry point that keeps it, so that a failed job says why.
Source: https://github.com/aws/sagemaker-training-toolkit.
"""

import os

from sagemaker_training import entry_point, environment, params, trainer


def run() -> None:
    """The framework module: runs the script and keeps its last error for `output/failure`."""
    training = environment.Environment()
    entry_point.run(
        training.module_dir,
        training.user_entry_point,
        training.to_cmd_args(),
        training.to_env_vars(),
        capture_error=True,
    )


if __name__ == "__main__":
    os.environ[params.FRAMEWORK_TRAINING_MODULE_ENV] = "rehearsal.programs.script_train:run"
    trainer.train()
