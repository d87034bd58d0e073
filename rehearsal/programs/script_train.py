"""Training in script mode: SageMaker's own training toolkit runs the user's script.

The toolkit's plain `train` command leaves the script's error out of `output/failure`. This program
gives the toolkit an entry point that keeps it, so that a failed job says why. With the argument
`pytorch` the script also finds what the PyTorch container tells it of its hosts.
Source: https://github.com/aws/sagemaker-training-toolkit and
https://github.com/aws/sagemaker-pytorch-training-toolkit.
"""

import os
import sys

from sagemaker_training import entry_point, environment, params, trainer

_PORT = "7777"


def run() -> None:
    """The framework module: runs the script and keeps its last error for `output/failure`."""
    training = environment.Environment()
    if "pytorch" in sys.argv[1:]:
        os.environ |= {
            "MASTER_ADDR": training.hosts[0],
            "MASTER_PORT": _PORT,
            "NCCL_SOCKET_IFNAME": training.network_interface_name,
            "NCCL_IB_DISABLE": "1",
            "NCCL_DEBUG": "WARN",
        }
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
