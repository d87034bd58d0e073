"""What a model gets wrong, in sentences."""

from report import facts
from report.parts import Document
from report.wording import count, interval, number, percent


def wrong(document: Document, found: Document) -> list[str]:
    """Say what the errors of a finalist are, by the kind of problem, and where it is worst."""
    kinds = {"binary": _binary, "multiclass": _multiclass, "regression": _regression}
    said = kinds[document["problem"]["type"]](found)
    metric = document["rank_by"]
    worse = facts.worse_slices(found, metric)
    total = len(found["slices"])
    if worse:
        worst = worse[0]
        by_chance = total * (1 - worst["intervals"][metric]["level"]) / 2
        said.append(
            f"In {len(worse)} of {total} slices it is worse than on all rows by the whole interval "
            f"(by chance alone, in about {by_chance:.1g}); most where `{worst['column']}` is "
            f"{worst['value']}: `{metric}` {number(worst['metrics'][metric])} "
            f"({interval(worst['intervals'][metric])}) on {count(worst['rows'])} rows."
        )
    elif total:
        said.append("In no slice is it worse than on all rows by the whole interval.")
    return said or ["The evaluation has nothing from which this could be told."]


def _binary(found: Document) -> list[str]:
    cells = found["curves"].get("confusion")
    if not cells:
        return []
    positives, predicted = cells["tp"] + cells["fn"], cells["tp"] + cells["fp"]
    threshold = f"At the threshold {cells['threshold']:.4g}"
    said = []
    if positives:
        said.append(
            f"{threshold} it misses {count(cells['fn'])} of {count(positives)} positives "
            f"({percent(cells['fn'] / positives)})."
        )
    if predicted:
        said.append(
            f"Of {count(predicted)} rows that it calls positive, {count(cells['fp'])} are not "
            f"({percent(cells['fp'] / predicted)})."
        )
    elif positives:
        said.append("It calls no row positive.")
    return said


def _multiclass(found: Document) -> list[str]:
    classes, cells = found["curves"].get("classes", []), found["curves"].get("confusion", [])
    mistakes = [
        (value, row, column)
        for row, values in enumerate(cells)
        for column, value in enumerate(values)
        if row != column and value
    ]
    if not mistakes:
        return ["It got every row right."] if cells else []
    value, row, column = max(mistakes, key=lambda mistake: mistake[0])
    total = sum(sum(values) for values in cells)
    errors = sum(mistake[0] for mistake in mistakes)
    said = [
        f"It is wrong on {count(errors)} of {count(total)} rows ({percent(errors / total)}).",
        f"Most often it takes {classes[row]} for {classes[column]}: {count(value)} of "
        f"{count(sum(cells[row]))} rows.",
    ]
    recalls = [each for each in found["curves"].get("per_class", []) if each["recall"] is not None]
    if recalls:
        worst = min(recalls, key=lambda each: each["recall"])
        said.append(f"It finds {worst['class']} least: {percent(worst['recall'])} of its rows.")
    return said


def _regression(found: Document) -> list[str]:
    metrics, said = found["metrics"], []
    if metrics.get("test_median_absolute_error") is not None:
        said.append(
            f"Half of its predictions are off by {number(metrics['test_median_absolute_error'])} "
            "or more."
        )
    bins = found["curves"].get("predicted", [])
    if bins:
        worst = max(bins, key=lambda each: abs(each["score_mean"] - each["label_mean"]))
        off = worst["score_mean"] - worst["label_mean"]
        said.append(
            f"On average it is farthest off where it predicts about {number(worst['score_mean'])}: "
            f"{number(abs(off))} too {'low' if off < 0 else 'high'}."
        )
    return said
