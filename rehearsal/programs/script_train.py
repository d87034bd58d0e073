"""Script mode: runs a user's training script by the SageMaker training toolkit.

The framework containers are the same toolkit with a framework module of their own, which this
is here. Source: https://github.com/aws/sagemaker-training-toolkit
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
