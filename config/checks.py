"""Checks that compare one part of the file with another."""

from collections.abc import Callable, Iterator

from config import candidate_checks
from config.errors import KeyPath, Problem, shown
from config.gates import Gate
from config.lifecycle import LifecycleFile
from config.metrics import METRICS

# A state machine's history has 25,000 events; a fold takes up to 200.
_MOST_FOLDS = 100
_PREPARED = "prepared/"


def problems(file: LifecycleFile) -> list[Problem]:
    """Return what is wrong in a file whose sections are each right."""
    checks: tuple[Callable[[LifecycleFile], Iterator[Problem]], ...] = (
        _feature_names,
        _target_is_hidden,
        _groups,
        _assignment,
        _slices,
        _prefixes,
        _metrics,
        candidate_checks.problems,
        _variant_names,
        _serverless,
        _guardrails,
    )
    return [problem for check in checks for problem in check(file)]


def _feature_names(file: LifecycleFile) -> Iterator[Problem]:
    features = file.data.features
    places: list[tuple[str, KeyPath]] = [
        *((name, ("numeric", i)) for i, name in enumerate(features.numeric)),
        *((name, ("categorical", i)) for i, name in enumerate(features.categorical)),
        *((name, ("derived", name)) for name in features.derived),
    ]
    seen: set[str] = set()
    for name, place in places:
        if name in seen:
            path = ("data", "features", *place)
            yield Problem(path, f"{shown(name)} a second time", "each feature once")
        seen.add(name)


def _target_is_hidden(file: LifecycleFile) -> Iterator[Problem]:
    features, target = file.data.features, file.data.target.column
    got = f"{shown(target)}, the target"
    allowed = "a column that is known when the prediction is made"
    for kind, columns in (("numeric", features.numeric), ("categorical", features.categorical)):
        for i, name in enumerate(columns):
            if name == target:
                yield Problem(("data", "features", kind, i), got, allowed)
    for name, derived in features.derived.items():
        path = ("data", "features", "derived", name)
        if name == target:
            yield Problem(path, got, "a name that is not the target's")
        if derived.from_ == target:
            yield Problem((*path, "from"), got, allowed)


def _groups(file: LifecycleFile) -> Iterator[Problem]:
    data = file.data
    places: tuple[tuple[KeyPath, str | None], ...] = (
        (("data", "split", "groups"), data.split.groups),
        (("data", "sample_weight"), data.sample_weight),
    )
    for path, column in places:
        if column == data.target.column:
            yield Problem(path, f"{shown(column)}, the target", "another column, or null")
    if data.sample_weight in (*data.features.numeric, *data.features.categorical):
        got = f"{shown(data.sample_weight)}, a feature"
        yield Problem(("data", "sample_weight"), got, "a column that is no feature, or null")


def _assignment(file: LifecycleFile) -> Iterator[Problem]:
    split, path = file.data.split, ("data", "split")
    spark = file.processing.prepare == "spark"
    if split.stratify and file.data.problem_type == "regression":
        allowed = "false or null: numbers have no classes (data.target.positive, classes)"
        yield Problem((*path, "stratify"), "true with a target that is a number", allowed)
    if split.key and split.assignment == "exact" and not spark:
        yield Problem((*path, "key"), "a list", "none with assignment: exact, which hashes no row")
    if split.key and split.groups:
        yield Problem((*path, "key"), "a list", "none with groups, by which rows are hashed then")
    by_hash = split.assignment == "hash" or spark
    fixed = (
        (by_hash, "rows that are assigned by hash"),
        (split.time is not None, "a time column"),
        (split.groups is not None and not file.data.stratifies, "groups that are not stratified"),
    )
    for without_chance, what in fixed:
        if split.n_repeats > 1 and without_chance:
            got = f"{split.n_repeats} with {what}, which would give the same folds again"
            yield Problem((*path, "n_repeats"), got, "1")
    if split.n_folds > _MOST_FOLDS:
        got = f"{split.n_repeats}, which with {split.n_splits} n_splits are {split.n_folds} folds"
        yield Problem((*path, "n_repeats"), got, f"at most {_MOST_FOLDS} folds in all")
    if split.time is None:
        return
    if by_hash:
        got = f"{shown(split.time)} with rows that are assigned by hash"
        yield Problem((*path, "time"), got, "null, or assignment: exact and prepare: pandas")
    if split.groups:
        yield Problem((*path, "time"), f"{shown(split.time)} with groups", "one of the two")


def _slices(file: LifecycleFile) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, column in enumerate(file.evaluation.slices):
        path: KeyPath = ("evaluation", "slices", i)
        if column == file.data.target.column:
            yield Problem(path, f"{shown(column)}, the target", "another column")
        if column in ("label", "weight", "group"):
            yield Problem(path, shown(column), "a name that is not label, weight or group")
        if column in seen:
            yield Problem(path, f"{shown(column)} a second time", "each column once")
        seen.add(column)
    for i, gate in enumerate(file.evaluation.gates):
        if isinstance(gate, Gate) and gate.column and gate.column not in file.evaluation.slices:
            allowed = ", ".join(file.evaluation.slices) or "a column that evaluation.slices names"
            yield Problem(("evaluation", "gates", i), shown(gate.column), allowed)


def _prefixes(file: LifecycleFile) -> Iterator[Problem]:
    source, batch = file.data.source, file.batch.input_prefix
    for path, prefix in ((("data", "source"), source), (("batch", "input_prefix"), batch)):
        if prefix.startswith(_PREPARED):
            yield Problem(path, shown(prefix), f"a prefix outside {_PREPARED} (reserved)")
    if batch.startswith(source) or source.startswith(batch):
        got = f"{shown(batch)}, which overlaps data.source {shown(source)}"
        yield Problem(("batch", "input_prefix"), got, "a prefix of its own")


def _metrics(file: LifecycleFile) -> Iterator[Problem]:
    kind = file.data.problem_type
    places: list[tuple[KeyPath, str]] = [(("rank_by",), file.evaluation.rank_by)]
    for i, gate in enumerate(file.evaluation.gates):
        if isinstance(gate, Gate):
            places.append((("gates", i), gate.metric))
        elif gate.by:
            places.append((("gates", i, "by"), gate.by))
    for place, metric in places:
        if metric not in METRICS[kind]:
            got = f"{shown(metric)}, which a {kind} problem does not have"
            yield Problem(("evaluation", *place), got, f"one of {', '.join(METRICS[kind])}")
    if kind != "binary" and file.evaluation.threshold:
        got = f"a threshold, which a {kind} problem does not have"
        yield Problem(("evaluation", "threshold"), got, "no such key")


def _variant_names(file: LifecycleFile) -> Iterator[Problem]:
    hosting = file.hosting
    places: list[tuple[KeyPath, str]] = [
        (("variants", i, "name"), variant.name) for i, variant in enumerate(hosting.variants)
    ]
    if hosting.shadow:
        places.append((("shadow", "name"), hosting.shadow.name))
    seen: set[str] = set()
    for place, name in places:
        if name in seen:
            got = f"{shown(name)} a second time"
            yield Problem(("hosting", *place), got, "each name once")
        seen.add(name)


def _serverless(file: LifecycleFile) -> Iterator[Problem]:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
    if not any(variant.serverless for variant in file.hosting.every_variant):
        return
    if file.online.capture_percentage:
        got = f"{file.online.capture_percentage} with a serverless variant"
        yield Problem(("online", "capture_percentage"), got, "0: SageMaker captures nothing there")
    yield from _no_marketplace(file, "serverless", "a variant with instances")


def _guardrails(file: LifecycleFile) -> Iterator[Problem]:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    if file.hosting.update:
        yield from _no_marketplace(file, "update", "null: SageMaker then shifts all at once")


def _no_marketplace(file: LifecycleFile, key: str, allowed: str) -> Iterator[Problem]:
    for candidate in file.candidates:
        if candidate.option == "marketplace" and candidate.enabled:
            got = f"a value, and {shown(candidate.name)}, an algorithm of AWS Marketplace"
            yield Problem(("hosting", key), got, allowed)
            return
