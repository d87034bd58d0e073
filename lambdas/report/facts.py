"""What the report says that a document holds only between its lines."""

from collections.abc import Iterable

from evaluation.metrics import METRICS, SMALLER_IS_BETTER, sort_key
from report.parts import Document


def winner(document: Document) -> Document | None:
    """The holdout evaluation of the champion: of those that passed, the best."""
    metric = document["rank_by"]
    passed = [found for found in document["holdout"] if found["passed"]]
    best = sorted(passed, key=lambda found: sort_key(metric, found["metrics"].get(metric)))
    return best[0] if best else None


def best(document: Document) -> Document | None:
    """The champion, or the finalist that would be it if gates counted for nothing."""
    metric = document["rank_by"]
    ranked = sorted(
        document["holdout"], key=lambda found: sort_key(metric, found["metrics"].get(metric))
    )
    return winner(document) or (ranked[0] if ranked else None)


def runner_up(document: Document) -> Document | None:
    """The next best of the finalists on the holdout."""
    first, metric = best(document), document["rank_by"]
    others = [found for found in document["holdout"] if found is not first]
    others.sort(key=lambda found: sort_key(metric, found["metrics"].get(metric)))
    return others[0] if others else None


def completed(document: Document) -> list[Document]:
    """The candidates that have folds, best first."""
    return [found for found in document["candidates"] if found["status"] == "Completed"]


def candidate(document: Document, name: str) -> Document:
    """A candidate of the leaderboard."""
    found: Document = next(each for each in document["candidates"] if each["name"] == name)
    return found


def tested(document: Document) -> dict[str, Document]:
    """The holdout evaluations by candidate, in the order of the leaderboard."""
    evaluations = {found["candidate"]: found for found in document["holdout"]}
    order = [found["name"] for found in document["candidates"]]
    return {name: evaluations[name] for name in order if name in evaluations}


def metric_names(document: Document, evaluations: Iterable[Document]) -> list[str]:
    """The names of the metrics that these evaluations have, the one that ranks first."""
    rank_by = document["rank_by"]
    found = {name for evaluation in evaluations for name in evaluation["metrics"]}
    known = [name for name in METRICS[document["problem"]["type"]] if name in found]
    others = sorted(found - set(known))
    return [rank_by, *(name for name in (*known, *others) if name != rank_by)]


def worse_slices(found: Document, metric: str) -> list[Document]:
    """The slices whose interval of a metric is beyond the value of all rows, the worst first.

    A small slice may be far off by chance, and its interval then says so.
    """
    whole = found["metrics"].get(metric)
    if whole is None:
        return []
    sign = -1 if metric in SMALLER_IS_BETTER else 1
    surely = [
        each
        for each in found["slices"]
        if (ends := each["intervals"].get(metric))
        and ends["low"] < ends["high"]
        and max(sign * ends["low"], sign * ends["high"]) < sign * whole
    ]
    return sorted(surely, key=lambda each: sign * each["metrics"][metric])


def against_best(document: Document, name: str) -> Document | None:
    """The test of a finalist and the best one on the holdout, whichever is the reference."""
    comparison, first = document["comparison"], best(document)
    if not comparison or not first:
        return None
    reference: str = comparison["reference"]
    pairs: list[Document] = comparison["pairs"]
    wanted = {first["candidate"], name}
    return next((each for each in pairs if {each["candidate"], reference} == wanted), None)
