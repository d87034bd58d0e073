"""The report: what a reader sees on the page, and what a browser would load for it."""

import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cli.report import facts, write_report
from evaluation.metrics import SMALLER_IS_BETTER

REASON = "AlgorithmError: <html><script>alert(1)</script> & 'C' must be > 0\nexit code 1"
VOID = {"meta", "br", "img", "link", "input", "hr"}


def candidate(rank: int, name: str, option: str, values: list[float | None]) -> dict[str, Any]:
    defined = [value for value in values if value is not None]
    mean = sum(defined) / len(defined) if len(defined) == len(values) else None
    spread = (sum((value - mean) ** 2 for value in defined) / len(defined)) ** 0.5 if mean else None
    folds = [
        {
            "fold": fold,
            "training_job": f"flights-20250102-030405-{name}-f{fold}-0",
            "training_seconds": 12 + fold,
            "rows": 52_375 + fold,
            "test_roc_auc": value,
            "test_log_loss": 0.44 + fold / 1000,
        }
        for fold, value in enumerate(values)
    ]
    return {
        "rank": rank,
        "name": name,
        "option": option,
        "status": "Completed",
        "mean": mean,
        "std": spread,
        "folds": folds,
    }


def holdout(name: str, value: float | None) -> dict[str, Any]:
    return {
        "candidate": name,
        "test_log_loss": 0.4431,
        "test_precision": None,
        "test_roc_auc": value,
        "rows": 65_469,
        "gates": [{"gate": "test_roc_auc >= 0.7", "value": value, "passed": bool(value)}],
        "passed": bool(value),
    }


@pytest.fixture
def summary() -> dict[str, Any]:
    return {
        "execution": {"name": "20250102-030405", "status": "SUCCEEDED", "seconds": 96.4},
        "stages": {"Start the rehearsal account": 2.1, "Deploy the stacks": 31.7, "Send": 8.4},
        "data": {
            "rows_read": 336_776,
            "dropped": [{"reason": "arr_delay is empty: no outcome", "rows": 9_430}],
            "rows": 327_346,
            "holdout_rows": 65_469,
            "bytes_prepared": 12_345_678,
            "bytes_stored": 12_348_000,
        },
        "rank_by": "test_roc_auc",
        "candidates": [
            candidate(1, "xgboost", "built_in", [0.7832, 0.7811, 0.7846, 0.7822, 0.7839]),
            candidate(2, "logistic-regression", "script", [0.7103, 0.7081, 0.7122, 0.7094, 0.7110]),
            {
                "rank": None,
                "name": "broken",
                "option": "script",
                "status": "Failed",
                "reason": REASON,
            },
        ],
        "holdout": [holdout("logistic-regression", 0.7098), holdout("xgboost", 0.7851)],
        "champion": {"candidate": "xgboost", "model_package": "arn:flights/1"},
        "challenger": {"candidate": "logistic-regression", "model_package": "arn:flights/2"},
        "endpoint": {
            "name": "flights",
            "variants": [
                {"name": "champion", "weight": 9.0, "requests": 893},
                {"name": "challenger", "weight": 1.0, "requests": 107},
            ],
        },
        "batch": {
            "rows_in": 65_469,
            "rows_out": 65_469,
            "output": "s3://flights-results/batch/20250102-030512/",
            "model_package": "arn:flights/1",
            "seconds": 5.2,
        },
    }


class Page(HTMLParser):
    """The page's elements, the text of each table row, and whether every tag was closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.texts: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag] = self.texts.get(tag, "") + data
        if "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data

    def row(self, *beginning: str) -> list[str]:
        """The cells of the first row that has these words in its first cells."""
        for row in self.rows:
            cells = [" ".join(cell.split()) for cell in row]
            if all(word in cell for word, cell in zip(beginning, cells, strict=False)):
                return cells
        raise AssertionError(f"no row begins with {beginning}")

    def text(self, tag: str) -> str:
        return " ".join(self.texts[tag].split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]


def page(summary: dict[str, Any], folder: Path) -> Page:
    write_report(summary, folder / "report.html")
    read = Page((folder / "report.html").read_text(encoding="utf-8"))
    assert read.open == []
    return read


def test_headline_names_the_winner_its_score_and_its_gates(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    read = page(summary, tmp_path)
    assert read.text("h1") == "xgboost won"
    header = read.text("header")
    for fact in ("0.7830 ± 0.0012 (std) over 5 folds", "0.7851", "1 of 1 passed", "SUCCEEDED"):
        assert fact in header
    assert "The challenger is logistic-regression." in header


def test_a_champion_that_was_not_first_in_cross_validation_is_said_to_be_so(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    summary["champion"], summary["challenger"] = summary["challenger"], None
    header = page(summary, tmp_path).text("header")
    assert "logistic-regression won" in header
    assert "though number 2 in cross-validation" in header
    assert "There is no challenger." in header


def test_leaderboard_has_a_row_for_every_candidate(summary: dict[str, Any], tmp_path: Path) -> None:
    read = page(summary, tmp_path)
    expected = ["1", "xgboost built-in", "0.7830 ± 0.0012", "0.7851", "✓ passed"]
    assert read.row("1", "xgboost") == expected
    assert read.row("2", "logistic-regression")[2] == "0.7102 ± 0.0014"
    assert read.row("–", "broken")[2] == f"✗ failed {' '.join(REASON.split())}"  # noqa: RUF001


def test_a_reason_in_html_stays_text(summary: dict[str, Any], tmp_path: Path) -> None:
    read = page(summary, tmp_path)
    assert len(read.named("html")) == 1
    assert read.named("script") == []


def test_a_reason_that_is_no_valid_unicode_does_not_lose_the_report(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    summary["candidates"][2]["reason"] = "broken \ud800 text"
    assert page(summary, tmp_path).row("–", "broken")[2] == "✗ failed broken ? text"  # noqa: RUF001


def test_undefined_metrics_are_dashes(summary: dict[str, Any], tmp_path: Path) -> None:
    values = [0.71, None, 0.71, 0.70, 0.72]
    summary["candidates"][1] = candidate(2, "logistic-regression", "script", values)
    summary["holdout"][0] = holdout("logistic-regression", None)
    read = page(summary, tmp_path)
    dash = "–"  # noqa: RUF001
    assert read.row("2", "logistic-regression")[2:] == [dash, dash, "✗ failed"]
    assert read.row("logistic-regression", "1", "52,376")[3] == dash
    assert read.row("test_precision") == ["test_precision", dash, dash]
    assert "None" not in read.text("main")


def test_no_candidate_has_a_mean_to_draw(summary: dict[str, Any], tmp_path: Path) -> None:
    for position, name in enumerate(("xgboost", "logistic-regression")):
        summary["candidates"][position] = candidate(position + 1, name, "script", [None, None])
    assert page(summary, tmp_path).named("svg") == []


def test_holdout_metrics_and_gates_of_the_finalists(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    read = page(summary, tmp_path)
    assert read.row("Metric") == ["Metric", "xgboost", "logistic-regression"]
    assert read.row("test_roc_auc") == ["test_roc_auc", "0.7851", "0.7098"]
    gate = ["xgboost", "test_roc_auc >= 0.7", "0.7851", "✓ passed"]
    assert read.row("xgboost", "test_roc_auc") == gate


def test_data_rows_and_bytes(summary: dict[str, Any], tmp_path: Path) -> None:
    read = page(summary, tmp_path)
    assert read.row("Read") == ["Read", "336,776", "100.0%"]
    dropped = ["Dropped: arr_delay is empty: no outcome", "9,430", "2.8%"]
    assert read.row("Dropped") == dropped
    assert read.row("Kept for the holdout")[1] == "65,469"
    assert "12.3 MB were prepared and 12.3 MB are stored: 1.00 times the data" in read.text("main")


def test_traffic_is_beside_what_the_weights_ask_for(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    read = page(summary, tmp_path)
    assert read.row("champion")[:3] == ["champion", "9 90.0%", "893 89.3%"]
    assert read.row("challenger")[:3] == ["challenger", "1 10.0%", "107 10.7%"]


def test_an_endpoint_that_answered_nothing(summary: dict[str, Any], tmp_path: Path) -> None:
    for variant in summary["endpoint"]["variants"]:
        variant |= {"weight": 0.0, "requests": 0}
    assert page(summary, tmp_path).row("champion")[:3] == ["champion", "0 0.0%", "0 0.0%"]


def test_batch_says_when_rows_are_lost(summary: dict[str, Any], tmp_path: Path) -> None:
    assert "65,469 ✓ one for each row in" in page(summary, tmp_path).text("main")
    summary["batch"]["rows_out"] = 65_000
    assert "65,000 ✗ not one for each row in" in page(summary, tmp_path).text("main")


def test_stages_have_their_seconds_and_their_sum(summary: dict[str, Any], tmp_path: Path) -> None:
    read = page(summary, tmp_path)
    assert read.row("Deploy the stacks")[1] == "31.7"
    assert read.row("All stages")[1] == "42.2"


def test_the_page_loads_and_runs_nothing(summary: dict[str, Any], tmp_path: Path) -> None:
    read = page(summary, tmp_path)
    for tag, attributes in read.elements:
        assert tag not in ("script", "link", "iframe", "img")
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith("#")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert re.search(r"url\((?!#)|@import", text) is None


def test_pictures_are_named_and_their_references_resolve(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    read = page(summary, tmp_path)
    identifiers = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert len(read.named("svg")) == 2
    for picture in read.named("svg"):
        assert picture["role"] == "img"
        assert set((picture["aria-labelledby"] or "").split()) <= set(identifiers)
    for reference in read.named("use"):
        assert (reference["href"] or "")[1:] in identifiers
    assert "xgboost: mean 0.7830, folds 0.7832, 0.7811" in read.text("desc")
    assert "0.7830 ± 0.0012" in read.text("text")


def test_equal_summaries_give_equal_bytes(summary: dict[str, Any], tmp_path: Path) -> None:
    write_report(summary, tmp_path / "first.html")
    write_report(copy.deepcopy(summary), tmp_path / "second.html")
    assert (tmp_path / "first.html").read_bytes() == (tmp_path / "second.html").read_bytes()


def test_the_ranking_metric_says_which_end_is_better(
    summary: dict[str, Any], tmp_path: Path
) -> None:
    assert facts.SMALLER_IS_BETTER == SMALLER_IS_BETTER
    summary["rank_by"] = "test_log_loss"
    read = page(summary, tmp_path)
    assert "test_log_loss (smaller is better)" in read.text("text")
    assert "smaller is better" in read.text("caption")


def test_tuning_shows_every_training_job(summary: dict[str, Any], tmp_path: Path) -> None:
    trial = {"training_job": "t-001", "status": "Completed", "objective": 0.71, "seconds": 2.5}
    failed = {"training_job": "t-002", "status": "Failed", "objective": None, "seconds": None}
    summary["candidates"][0]["tuned"] = {
        "metric": "validation:auc",
        "goal": "maximize",
        "objective": 0.71,
        "hyperparameters": {"eta": "0.2"},
        "trials": [
            {**trial, "hyperparameters": {"eta": "0.2"}},
            {**failed, "hyperparameters": {"eta": "0.4"}},
        ],
    }
    found = page(summary, tmp_path)
    assert found.row("t-001") == ["t-001", "Completed", "0.7100", "2.5", "0.2"]
    assert found.row("t-002") == ["t-002", "Failed", "–", "–", "0.4"]  # noqa: RUF001


def test_what_rules_found_is_shown_for_each_fold(summary: dict[str, Any], tmp_path: Path) -> None:
    candidate = summary["candidates"][0]
    candidate["rules"] = {"Overfit": {"IssuesFound": 1}}
    for fold in candidate["folds"]:
        fold["rules"] = []
    candidate["folds"][0]["rules"] = [
        {"rule": "Overfit", "status": "IssuesFound", "details": "met at step 3"}
    ]
    assert page(summary, tmp_path).row("Overfit") == [
        "Overfit",
        str(candidate["folds"][0]["fold"]),
        "IssuesFound",
        "met at step 3",
    ]
