"""A neural network with embeddings: a script for SageMaker's PyTorch containers.

Each category and each quantile bin of a number has an embedding; dense layers make a probability
of them. Missing values and categories that training has not seen have an embedding of their own.
Some of the training rows are not fitted to: the epoch with the lowest loss on them is the model,
so that the validation channel has no say in it and its metrics are honest.

Data: csv files without header, the label (two classes) first, an empty cell is missing. Every
`.csv` file below the folder of a channel is read. The environment variable CATEGORICAL_COLUMNS has
the positions among the features, from 0, of those that are codes of categories: `3,4,5`.

    channel                train (required), validation (optional)
    --hidden_layer_sizes   units of the dense layers (default 256,128)
    --embedding_dim        length of an embedding (default 8)
    --n_bins               quantile bins of a number, at least 2 (default 64)
    --dropout              share of the units that a step leaves out (default 0.1)
    --learning_rate_init   the highest of the one cycle over all epochs (default 0.005)
    --weight_decay         AdamW's (default 0.01)
    --batch_size           rows a step, of all hosts together (default 1024)
    --max_iter             epochs at most (default 8)
    --n_iter_no_change     epochs without a better one that end the training (default 3)
    --validation_fraction  share of the training rows that choose the epoch (default 0.1)
    --random_state         the same number gives the same model (default 42)

Each epoch prints `train:loss=0.41; early_stopping:loss=0.42; validation:loss=0.42;
validation:auc=0.79;`, the last such line tells of the model that is kept. Serving takes text/csv
rows of features, and answers the probability of the second class: one line a row as text/csv, or
a list as application/json.

With several instances each host takes its share of every batch, so all must have all rows. A GPU
is used in mixed precision. Under SageMaker's toolkit there is a checkpoint in /opt/ml/checkpoints
after every epoch, from which an interrupted training goes on. The inference container looks for
code in the model's folder `code`, where training leaves it.

Works with PyTorch 2.4 and later, and with tabular_script and tabular_network beside it; runs alone
too:

    PYTHONPATH=../libraries SM_CHANNEL_TRAIN=data SM_MODEL_DIR=model python train.py
"""

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import torch
from sklearn.model_selection import train_test_split

import tabular_network
import tabular_script
from tabular_network import model as models
from tabular_network.columns import learn_columns
from tabular_network.fitting import Fitter, Fitting
from tabular_network.hosts import Hosts, connected, first_device
from tabular_network.model import Model, Shape
from tabular_network.rows import Rows, encoded, log_loss, scores
from tabular_script.channels import Array, auc_line, read_channel, read_two_classes
from tabular_script.command_line import ScriptParser, bounded
from tabular_script.requests import input_fn, output_fn

# The container looks for these functions in this module.
__all__ = ["input_fn", "model_fn", "output_fn", "predict_fn"]


def train(options: argparse.Namespace) -> None:
    """Fit the network on all hosts; the first one prints metrics and saves it.

    Raises `ValueError` if the channels cannot be read, the labels are not of two classes, or the
    loss does not come down.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # deterministic on a GPU too
    torch.use_deterministic_algorithms(True)
    with connected() as hosts:
        _train(options, hosts)


def _train(options: argparse.Namespace, hosts: Hosts) -> None:
    features, labels = read_two_classes(Path(options.train))
    columns = learn_columns(features, categorical_columns(), options.n_bins)
    torch.manual_seed(options.random_state)
    shape = Shape(options.embedding_dim, options.hidden_layer_sizes, options.dropout)
    model = Model(columns, shape, hosts.device)
    second_class = labels.max()
    rows = encoded(columns, features, labels == second_class, hosts.device)
    fitted, stopping = _split(rows, options)
    validation = None
    if options.validation:
        features, labels = read_channel(Path(options.validation))
        validation = encoded(columns, features, labels == second_class, hosts.device)

    def report(losses: str) -> None:
        print(losses, _metrics(model, validation) if validation else "", flush=True)

    fitting = Fitting(**{field.name: getattr(options, field.name) for field in fields(Fitting)})
    fitter = Fitter(model.network, fitting, hosts, fitted, stopping)
    fitter.fit(_checkpoints(), model.settings, report)
    if hosts.is_first:
        print(f"the model is that of epoch {fitter.best_epoch}", flush=True)
        report(f"train:loss={log_loss(model.network, fitted):.6f};")
        model.save(Path(options.model_dir))
        _save_code(Path(options.model_dir) / "code")


def categorical_columns() -> list[int]:
    """The positions in CATEGORICAL_COLUMNS; `ValueError` for anything else than numbers."""
    text = os.environ.get("CATEGORICAL_COLUMNS", "")
    try:
        return [int(position) for position in text.split(",") if position]
    except ValueError:
        raise ValueError(f"CATEGORICAL_COLUMNS is {text!r}; allowed: such as 3,4,5") from None


def _split(rows: Rows, options: argparse.Namespace) -> tuple[Rows, Rows]:
    try:
        fitted, stopping = train_test_split(
            np.arange(len(rows)),
            test_size=options.validation_fraction,
            random_state=options.random_state,
            stratify=rows.labels.cpu(),
        )
    except ValueError as error:
        raise ValueError(f"the train channel has too few rows: {error}") from error
    return rows.at(torch.from_numpy(fitted)), rows.at(torch.from_numpy(stopping))


def _metrics(model: Model, rows: Rows) -> str:
    logits = scores(model.network, rows).cpu().numpy()
    auc = auc_line("validation", rows.labels.cpu().numpy(), logits)
    return f"validation:loss={log_loss(model.network, rows):.6f}; {auc}"


def _checkpoints() -> Path | None:
    # Without the toolkit, what an earlier training left must not count.
    if "SM_CURRENT_HOST" not in os.environ:
        return None
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"), "checkpoints")


def _save_code(folder: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(__file__).parent, folder, ignore=ignore, dirs_exist_ok=True)
    for package in (tabular_network, tabular_script):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, folder / source.name, ignore=ignore, dirs_exist_ok=True)


def model_fn(model_dir: str) -> Model:
    """Load the model that `train` saved, on a GPU if there is one."""
    return models.load(Path(model_dir), first_device())


def predict_fn(input_data: Array, model: Model) -> Array:
    """Probability of the second class, shape (n_rows,)."""
    return model.predict_proba(input_data)


def sizes(text: str) -> list[int]:
    """An argparse type: whole numbers above 0 with commas between them."""
    values = [int(size) for size in text.split(",")]
    if min(values) < 1:
        raise argparse.ArgumentTypeError(f"got {text}; allowed: such as 256,128")
    return values


def main(arguments: Sequence[str]) -> None:
    """Train as the command line says; what is wrong with the data ends it with one line."""
    parser = ScriptParser("A neural network with embeddings.")
    parser.add_argument("--hidden_layer_sizes", type=sizes, default=[256, 128])
    parser.add_argument("--embedding_dim", type=bounded(int, at_least=1), default=8)
    parser.add_argument("--n_bins", type=bounded(int, at_least=2), default=64)
    parser.add_argument("--dropout", type=bounded(float, at_least=0, below=1), default=0.1)
    parser.add_argument("--learning_rate_init", type=bounded(float, above=0), default=0.005)
    parser.add_argument("--weight_decay", type=bounded(float, at_least=0), default=0.01)
    parser.add_argument("--batch_size", type=bounded(int, at_least=1), default=1024)
    parser.add_argument("--max_iter", type=bounded(int, at_least=1), default=8)
    parser.add_argument("--n_iter_no_change", type=bounded(int, at_least=1), default=3)
    parser.add_argument("--validation_fraction", type=bounded(float, above=0, below=1), default=0.1)
    parser.add_argument("--random_state", type=int, default=42)
    parser.run(train, arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
