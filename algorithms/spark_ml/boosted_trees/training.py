"""Training: a pipeline of Spark ML on all cores of the instance.

    channel     train (required), validation (optional): csv files without header, label first
    model       spark/ (the PipelineModel) and trees.npz (the same trees, for `serve`)

Prints `train:auc=0.771;` and `validation:auc=0.768;`, for metric definitions such as
`validation:auc=([0-9.]+)`.
"""

import sys
import time
from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import GBTClassifier
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import Imputer, StringIndexer, VectorAssembler
from pyspark.sql import DataFrame, SparkSession

from .export import export
from .job import TrainingError, base, categorical_columns, configuration, hyperparameters
from .session import session

TREES = "trees.npz"
_LONGEST_REASON = 1000  # FailureReason has 1024 characters
_BIN_MEMORY_MB = 512


def main() -> int:
    """Train, and return the exit code; why it failed is in `output/failure`."""
    try:
        train()
    except TrainingError as error:
        reason = str(error)
    except (PySparkException, Py4JJavaError) as error:
        reason = f"Spark: {_first_line(error)}"
    else:
        return 0
    failure = base() / "output" / "failure"
    failure.parent.mkdir(parents=True, exist_ok=True)
    failure.write_text(reason[:_LONGEST_REASON], encoding="utf-8")
    print(reason, file=sys.stderr)
    return 1


def train() -> None:
    """Fit the pipeline to the train channel, print metrics, save it twice.

    Raises:
        TrainingError: If something that the user gave cannot be used.
    """
    chosen = hyperparameters(configuration("hyperparameters"))
    hosts = configuration("resourceconfig").get("hosts", ["algo-1"])
    if len(hosts) > 1:
        raise TrainingError(
            f"got {len(hosts)} instances; allowed: 1, whose cores Spark uses all of"
        )
    folder = base() / "input" / "data" / "train"
    n_features = _width(folder) - 1
    categorical = categorical_columns(n_features)
    with session(folder) as spark:
        started = time.monotonic()
        rows = _read(spark, folder, n_features, categorical)
        rows = rows.repartition(spark.sparkContext.defaultParallelism).cache()
        _check_labels(rows)
        pipeline = _pipeline(n_features, categorical, chosen)
        model = pipeline.fit(rows)
        print(f"fitted in {time.monotonic() - started:.1f} s", flush=True)
        _report("train", model, rows)
        validation = base() / "input" / "data" / "validation"
        if validation.is_dir():
            _report("validation", model, _read(spark, validation, n_features, categorical))
        _save(spark, model, n_features, categorical)


def _width(folder: Path) -> int:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise TrainingError("the channel train is absent or has no file")
    with files[0].open(encoding="utf-8") as file:
        width = len(file.readline().split(","))
    if width < 2:
        raise TrainingError(
            f"{files[0].name}: rows of {width} cells; allowed: the label, then the features"
        )
    return width


def _read(spark: SparkSession, folder: Path, n_features: int, categorical: list[int]) -> DataFrame:
    kinds = ["int" if column in categorical else "double" for column in range(n_features)]
    columns = [f"feature_{column} {kind}" for column, kind in enumerate(kinds)]
    return spark.read.csv(
        f"file://{folder}",
        schema=", ".join(["label double", *columns]),
        mode="FAILFAST",
        recursiveFileLookup=True,
    )


def _check_labels(rows: DataFrame) -> None:
    try:
        found = rows.groupBy("label").count().collect()
    except Py4JJavaError as error:
        text = str(error.java_exception)
        cells = text[text.rfind("Malformed") :].partition("\n")[0]
        raise TrainingError(
            f"the channel train has rows that are not a label and numbers: {cells}"
        ) from error
    labels = {row["label"] for row in found}
    if None in labels:
        raise TrainingError("the channel train has rows without a label, their first cell")
    if labels != {0.0, 1.0}:
        got = ", ".join(f"{label:g}" for label in sorted(labels))
        raise TrainingError(f"the channel train has the labels {got}; allowed: both 0 and 1")


def _pipeline(
    n_features: int, categorical: list[int], hyperparameters: dict[str, int | float]
) -> Pipeline:
    numeric = [column for column in range(n_features) if column not in categorical]
    stages = [
        Imputer(
            strategy="median",
            inputCols=[f"feature_{column}" for column in numeric],
            outputCols=[f"ready_{column}" for column in numeric],
        ),
        StringIndexer(
            handleInvalid="keep",
            stringOrderType="alphabetAsc",
            inputCols=[f"feature_{column}" for column in categorical],
            outputCols=[f"ready_{column}" for column in categorical],
        ),
        VectorAssembler(
            inputCols=[f"ready_{column}" for column in range(n_features)], outputCol="features"
        ),
        GBTClassifier(maxMemoryInMB=_BIN_MEMORY_MB, **hyperparameters),
    ]
    empty = {0: not numeric, 1: not categorical}
    return Pipeline(stages=[stage for i, stage in enumerate(stages) if not empty.get(i)])


def _report(channel: str, model: PipelineModel, rows: DataFrame) -> None:
    auc = BinaryClassificationEvaluator().evaluate(model.transform(rows))
    print(f"{channel}:auc={auc:.6f};", flush=True)


def _save(
    spark: SparkSession, model: PipelineModel, n_features: int, categorical: list[int]
) -> None:
    folder = base() / "model"
    saved = folder / "spark"
    model.write().overwrite().save(f"file://{saved}")
    *ready, trees = model.stages
    numeric = [column for column in range(n_features) if column not in categorical]
    fill, labels = {}, {}
    if numeric:
        row = ready[0].surrogateDF.first()
        fill = {column: row[f"feature_{column}"] for column in numeric}
    if categorical:
        labels = dict(zip(categorical, ready[-2].labelsArray, strict=True))
    stage = f"stages/{len(ready)}_{trees.uid}"
    export(spark, trees, saved / stage, fill, labels).save(folder / TREES)


def _first_line(error: Exception) -> str:
    cause = getattr(error, "java_exception", None)
    return str(cause.getMessage() if cause else error).partition("\n")[0]
