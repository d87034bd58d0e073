"""What the preparation says of its work: the manifests and the metadata."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from evaluation.splits.leakage import Leak

from .cleaning import Dropped
from .configuration import Configuration
from .parts import Counts
from .target import Target
from .writing import Written, write_json, write_manifests


@dataclass(frozen=True)
class Summary:
    """How many rows were read, dropped and kept, and where the kept ones are."""

    rows_read: int
    dropped: Sequence[Dropped]
    kept: Counts
    holdout: Counts
    folds: Sequence[Counts]
    categories: dict[str, list[str]]
    leakage: Sequence[Leak] = ()


def write_documents(
    folder: Path, configuration: Configuration, summary: Summary, written: Written, output_uri: str
) -> None:
    """Write `manifests/` and `metadata.json`; `output_uri` is where `folder` goes."""
    n_splits = configuration.split.n_splits
    write_manifests(folder, written, output_uri.rstrip("/") + "/", n_splits)
    metadata = {
        "features": list(configuration.features),
        "categories": summary.categories,
        "rows_read": summary.rows_read,
        "dropped": [asdict(drop) for drop in summary.dropped],
        "rows": summary.kept.rows,
        **_classes(summary.kept, configuration.target),
        "holdout_rows": summary.holdout.rows,
        "folds": [{"fold": fold, **part.document()} for fold, part in enumerate(summary.folds)],
        "bytes_prepared": written.bytes,
        "split": asdict(configuration.split),
        "leakage": [asdict(leak) for leak in summary.leakage],
    }
    write_json(folder / "metadata.json", metadata)


def _classes(kept: Counts, target: Target) -> dict[str, object]:
    if kept.is_binary:
        return {"positive_share": kept.classes[1] / kept.rows}
    return {"class_rows": dict(zip(target.names, kept.classes, strict=True))}
