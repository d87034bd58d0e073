"""The report: what a reader sees on the page, and what a browser would load for it."""

import io
import re
from html.parser import HTMLParser
from typing import Any

import pyarrow.parquet as pq
import pytest

from cli.report import completed
from evaluation.online.captured import Captured
from evaluation.online.comparison import compared
from evaluation.online.ground_truth import Truth
from evaluation.online.joined import Joined
from evaluation.online.operations import Operations
from evaluation.online.settings import Settings
from report import plain, training_metrics
from report.page import render
from report.tables import COLUMNS, parquet, tidy
from tests.unit import reports

VOID = {"meta", "br", "img", "link", "input", "hr"}
DASH = "–"  # noqa: RUF001


@pytest.fixture
def document() -> dict[str, Any]:
    return reports.binary()


@pytest.fixture(scope="module")
def shown() -> "Page":
    """The page of the binary problem as it is."""
    return page(reports.binary())


@pytest.fixture
def summary() -> dict[str, Any]:
    return {
        "execution": {"name": "20250102-030405", "status": "SUCCEEDED", "seconds": 96.4},
        "stages": {"Start the rehearsal account": 2.1, "Deploy the stacks": 31.7, "Send": 8.4},
        "data": {"bytes_stored": 12_348_000},
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
        assert self.open == []

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

    def pictures(self) -> list[str]:
        """The titles of the pictures, each once."""
        titles = [each["id"] or "" for each in self.named("title") if "id" in each]
        return sorted({re.sub("(-wide|-narrow)?-title$", "", title) for title in titles})


def page(document: dict[str, Any]) -> Page:
    return Page(render(document))


def of(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(e for e in document["holdout"] if e["candidate"] == name)
    return found


def said(document: dict[str, Any]) -> str:
    """What the report says in words, for which nothing is drawn."""
    return " ".join(plain.text(document).split())


class TestAnswers:
    def test_the_winner_is_told_with_its_interval(self, document: dict[str, Any]) -> None:
        read = page(document)
        assert read.text("h1") == "xgboost won"
        judged = of(document, "xgboost")
        ends = judged["intervals"]["test_roc_auc"]
        header = read.text("header")
        assert (
            f"`test_roc_auc` is {judged['metrics']['test_roc_auc']:.4f}".replace("`", "") in header
        )
        assert f"95% interval is {ends['low']:.4f} to {ends['high']:.4f} (DeLong)" in header
        assert "1 of 1 passed" in header

    def test_a_runner_up_that_is_not_distinguishable_is_told(
        self, document: dict[str, Any]
    ) -> None:
        pair = document["comparison"]["pairs"][0]
        assert "apart from it by" in said(document)
        pair |= {"p_adjusted": 0.31, "distinguishable": False, "difference": -0.004}
        header = said(document)
        assert "The runner-up logistic-regression is not distinguishable from it" in header
        assert "0.0040 may be chance (DeLong, p = 0.3100 after correction)" in header
        assert "**The runner-up logistic-regression is not distinguishable" in plain.markdown(
            document
        )

    def test_a_runner_up_that_was_not_tested_is_not_called_different(
        self, document: dict[str, Any]
    ) -> None:
        document["comparison"] = None
        assert "can be told from it was not tested" in said(document)

    def test_what_it_gets_wrong_is_counted(self, document: dict[str, Any]) -> None:
        cells = of(document, "xgboost")["curves"]["confusion"]
        positives = cells["fn"] + cells["tp"]
        missed = f"misses {cells['fn']:.0f} of {positives:.0f} positives"
        assert missed in said(document)

    def test_a_small_slice_that_is_off_by_chance_is_not_named(
        self, document: dict[str, Any]
    ) -> None:
        judged = of(document, "xgboost")
        for found in judged["slices"]:
            found["intervals"]["test_roc_auc"] = {
                "low": 0.1,
                "high": 0.9,
                "level": 0.95,
                "method": "bootstrap of rows",
            }
        assert "In no slice is it worse than on all rows by the whole interval" in page(
            document
        ).text("header")

    def test_failed_gates_are_on_the_page(self, document: dict[str, Any]) -> None:
        for judged in document["holdout"]:
            judged["passed"] = False
            judged["gates"] = [{"gate": "test_roc_auc >= 0.9", "value": 0.7, "passed": False}]
        read = page(document)
        assert read.text("h1") == "No finalist passed its gates"
        assert "0 of 1 passed" in read.text("header")
        assert read.row("xgboost", "test_roc_auc >= 0.9")[3] == "✗ failed"

    def test_a_gate_on_the_registered_champion_has_its_interval_or_its_reason(
        self, document: dict[str, Any]
    ) -> None:
        compared = {"gate": "not worse", "value": -0.01, "passed": True, "low": -0.02, "high": 0.01}
        absent = {"gate": "not worse", "value": None, "passed": True, "reason": "no champion"}
        of(document, "xgboost")["gates"] = [compared]
        of(document, "logistic-regression")["gates"] = [absent]
        text = said(document)
        assert "xgboost not worse -0.0100 (-0.0200 to 0.0100) ✓ passed" in text
        assert f"logistic-regression not worse {DASH} ✓ passed" in text

    def test_a_champion_that_was_not_first_in_cross_validation_is_said_to_be_so(
        self, document: dict[str, Any]
    ) -> None:
        of(document, "xgboost")["passed"] = False
        header = said(document)
        assert "logistic-regression won" in header
        assert "though number 2 in cross-validation" in header
        assert "xgboost failed a gate, and cannot be the champion" in header

    def test_a_run_that_came_to_no_holdout(self, document: dict[str, Any]) -> None:
        document |= {"holdout": [], "comparison": None}
        read = page(document)
        assert read.text("h1") == "No candidate was judged"
        assert "no candidate came so far" in read.text("main")


class TestPage:
    def test_the_leaderboard_has_every_candidate(
        self, document: dict[str, Any], shown: Page
    ) -> None:
        read = shown
        mean, std = (document["candidates"][0][key]["test_roc_auc"] for key in ("mean", "std"))
        assert read.row("xgboost (built-in)", "1")[2:5] == [f"{mean:.4f}", f"{std:.4f}", "the best"]
        assert read.row("logistic-regression (script)", "2")[6] == "✓ passed"
        reason = " ".join(reports.REASON.split())
        assert read.row("broken") == ["broken", "✗ failed", reason]

    def test_a_candidate_that_is_not_distinguishable_in_cross_validation(
        self, document: dict[str, Any]
    ) -> None:
        document["candidates"][1]["comparison"] |= {"p_adjusted": 0.4, "distinguishable": False}
        cell = page(document).row("logistic-regression (script)")[4]
        assert cell.endswith("(not distinguishable, p = 0.4000)")

    def test_every_chart_of_a_binary_problem(self, shown: Page) -> None:
        drawn = shown.pictures()
        for name in ("folds", "roc", "precision-recall", "calibration", "lift", "finalists"):
            assert name in drawn
        for name in ("scores-xgboost", "confusion-xgboost", "slices-carrier", "importance-xgboost"):
            assert name in drawn
        assert "training-xgboost-logloss" in drawn

    def test_a_multiclass_problem(self) -> None:
        document = reports.multiclass()
        read = page(document)
        assert {"confusion-xgboost", "confusion-logistic-regression"} <= set(read.pictures())
        matrix = of(document, "xgboost")["curves"]["confusion"]
        assert read.row("early", f"{matrix[0][0]:,.0f}")[1:] == [
            f"{each:,.0f}" for each in matrix[0]
        ]
        assert "Most often it takes on time for early" in read.text("header")
        # Logistic regression never predicts that class.
        assert read.row("on time", DASH)[1] == DASH

    def test_more_classes_than_can_be_drawn_are_a_table(self) -> None:
        document = reports.multiclass()
        classes = [f"class {number}" for number in range(30)]
        for judged in document["holdout"]:
            judged["curves"]["classes"] = classes
            judged["curves"]["confusion"] = [[float(r == c) for c in range(30)] for r in range(30)]
        read = page(document)
        assert not [name for name in read.pictures() if name.startswith("confusion")]
        assert len(read.row("class 29")) == 31

    def test_a_regression(self) -> None:
        document = reports.regression()
        read = page(document)
        assert {"predicted", "residuals-xgboost", "residuals-linear-learner"} <= set(
            read.pictures()
        )
        assert "Half of its predictions are off by" in read.text("header")
        assert read.row("test_mape") == ["test_mape", DASH, DASH]
        reasons = [each.get("title") or "" for each in read.named("abbr")]
        assert any("have label 0" in reason for reason in reasons)

    def test_undefined_metrics_are_dashes(self, document: dict[str, Any]) -> None:
        document["candidates"][1]["mean"]["test_roc_auc"] = None
        document["candidates"][1]["folds"][1]["metrics"]["test_roc_auc"] = None
        read = page(document)
        assert read.row("logistic-regression (script)", "2")[2] == DASH
        assert read.row("logistic-regression", "1")[3] == DASH
        assert "None" not in read.text("main").replace("None of", "")

    def test_what_is_absent_is_said_and_not_drawn(self, document: dict[str, Any]) -> None:
        document |= {"training_curves": [], "importance": [], "jobs": [], "configuration": {}}
        for judged in document["holdout"]:
            judged |= {"slices": [], "gaps": []}
        read = page(document)
        for name in ("training", "importance", "slices"):
            assert not [each for each in read.pictures() if each.startswith(name)]
        absent = read.text("main")
        for sentence in (
            "Slices: the project names no columns",
            "Training curves: no training job's log",
            "Feature importance: no finalist's model archive",
            "Time and cost: the jobs could not be described",
            "Configuration: the run was not told it",
        ):
            assert sentence in absent

    def test_no_row_of_one_class_leaves_its_charts_out(self, document: dict[str, Any]) -> None:
        for judged in document["holdout"]:
            judged["curves"] |= {"roc": [], "precision_recall": [], "lift": []}
        drawn = page(document).pictures()
        assert not {"roc", "precision-recall", "lift"} & set(drawn)
        assert "scores-xgboost" in drawn

    def test_no_candidate_has_a_mean_to_draw(self, document: dict[str, Any]) -> None:
        for found in document["candidates"]:
            found["mean"]["test_roc_auc"] = None
        assert "folds" not in page(document).pictures()

    def test_more_finalists_than_can_be_told_apart_are_left_out_of_the_curves(
        self, document: dict[str, Any]
    ) -> None:
        first, judged = document["candidates"][0], of(document, "xgboost")
        names = [f"model-{number}" for number in range(8)]
        document["candidates"] = [{**first, "name": name} for name in names]
        document["holdout"] = [{**judged, "candidate": name} for name in names]
        read = page(document)
        assert "Of 8 finalists, the best 6 are drawn." in read.text("main")
        assert "scores-model-5" in read.pictures()
        assert "scores-model-6" not in read.pictures()

    def test_data_jobs_versions_and_configuration(self, shown: Page) -> None:
        read = shown
        assert read.row("origin", "3 categories")[2] == "EWR, JFK, LGA"
        assert read.row("Dropped")[:2] == ["Dropped: arr_delay is empty: no outcome", "340"]
        job = f"flights-{reports.RUN}-xgboost-f2-0"
        assert read.row(job, "training")[2:] == ["Completed", "1 × ml.m5.xlarge", "14", "14"]  # noqa: RUF001
        assert read.row("python") == ["python", "3.14.0"]
        assert '"rank_by": "test_roc_auc"' in read.text("pre")
        assert "/algorithms" not in read.text("pre").replace('"algorithms', "")

    def test_leaks_are_told(self, document: dict[str, Any]) -> None:
        leak = {"kind": "duplicate_rows", "detail": "equal rows in fold 0 and fold 1", "rows": 12}
        document["data"]["leakage"] = [leak]
        assert f"duplicate rows {leak['detail']} 12" in said(document)
        document["data"]["leakage"] = []
        assert "No leakage was found" in said(document)

    def test_a_reason_in_html_stays_text(self, shown: Page) -> None:
        read = shown
        assert len(read.named("html")) == 1
        assert read.named("script") == []

    def test_a_reason_that_is_no_valid_unicode_does_not_lose_the_report(
        self, document: dict[str, Any]
    ) -> None:
        document["candidates"][2]["reason"] = "broken \ud800 text"
        assert page(document).row("broken")[2] == "broken ? text"

    def test_the_page_loads_and_runs_nothing(self, document: dict[str, Any]) -> None:
        text = render(document)
        for tag, attributes in Page(text).elements:
            assert tag not in ("script", "link", "iframe", "img")
            assert not any(name.startswith("on") for name in attributes)
            for name in ("src", "href"):
                assert (attributes.get(name) or "#").startswith("#")
        assert re.search(r"url\((?!#)|@import", text) is None
        assert "default-src 'none'" in text

    def test_pictures_are_named_and_their_references_resolve(
        self, document: dict[str, Any], shown: Page
    ) -> None:
        read = shown
        identifiers = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
        assert len(identifiers) == len(set(identifiers))
        for picture in read.named("svg"):
            assert picture["role"] == "img"
            assert set((picture["aria-labelledby"] or "").split()) <= set(identifiers)
        for reference in read.named("use"):
            assert (reference["href"] or "")[1:] in identifiers
        mean = document["candidates"][0]["mean"]["test_roc_auc"]
        assert f"xgboost: mean {mean:.4f}, folds" in read.text("desc")

    def test_equal_documents_give_equal_pages(self, document: dict[str, Any]) -> None:
        assert render(document) == render(reports.binary())


class TestRehearsal:
    def test_variants_are_compared_on_live_data(
        self, document: dict[str, Any], summary: dict[str, Any]
    ) -> None:
        joined = Joined.of(
            [Captured(f"{name}{row}", name, row % 10 / 10) for name in "ab" for row in range(200)],
            [Truth(f"{name}{row}", row % 10 // 5) for name in "ab" for row in range(150)],
        )
        asked = Settings("brier", 0.01, 0.01, 0.05, 1000, 0.5, 200)
        served = {"a": Operations(2000, 10, 12.0, 80.04), "b": Operations(2000, 300)}
        comparison = compared(joined, {"a": 9.0, "b": 1.0}, asked, served)
        summary["endpoint"]["comparison"] = comparison
        text = said(completed(document, summary))
        brier = comparison["variants"][0]["metrics"]["test_brier"]
        assert "a 150 0.5% 80.0 1.0000" in text
        assert "The share of errors of b is higher" in text
        assert f"{brier:.4f}" in text
        assert "b against a: undecided" in text
        assert "The requests were not shared by the weights" in text

    def test_traffic_is_beside_what_the_weights_ask_for(
        self, document: dict[str, Any], summary: dict[str, Any]
    ) -> None:
        read = page(completed(document, summary))
        assert read.row("champion")[:3] == ["champion", "9 (90.0%)", "893 (89.3%)"]
        assert "lifecycle execution SUCCEEDED in 96 s" in read.text("header")

    def test_an_endpoint_that_answered_nothing(
        self, document: dict[str, Any], summary: dict[str, Any]
    ) -> None:
        for variant in summary["endpoint"]["variants"]:
            variant |= {"weight": 0.0, "requests": 0}
        assert "champion 0 (0.0%) 0 (0.0%)" in said(completed(document, summary))

    def test_batch_says_when_rows_are_lost(
        self, document: dict[str, Any], summary: dict[str, Any]
    ) -> None:
        assert "65,469 ✓ one for each row in" in said(completed(document, summary))
        summary["batch"]["rows_out"] = 65_000
        assert "65,000 ✗ not one for each row in" in said(completed(document, summary))

    def test_stages_have_their_seconds_and_their_sum(
        self, document: dict[str, Any], summary: dict[str, Any]
    ) -> None:
        text = said(completed(document, summary))
        assert "Deploy the stacks 31.7" in text
        assert "All stages 42.2" in text
        assert "are stored: 1.00 times the data" in text


class TestPlain:
    @pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
    def test_text_has_the_answers_and_aligned_tables(self, kind: str) -> None:
        text = plain.text(getattr(reports, kind)())
        assert text.startswith("xgboost won")
        lines = text.splitlines()
        (rule,) = [at for at, line in enumerate(lines) if line.startswith("Metric")]
        assert set(lines[rule + 1]) == {"-", " "}
        assert "`" not in text

    def test_markdown_shows_what_others_wrote_as_it_is(self, document: dict[str, Any]) -> None:
        document["candidates"][2]["reason"] = "a | b\n<b>bold</b> [x](http://y) `c` @someone"
        text = plain.markdown(document)
        (row,) = [line for line in text.splitlines() if line.startswith("| broken")]
        assert row.count(" | ") == 2
        assert "\\<b>bold\\</b>" in row
        assert "\\[x\\]" in row
        assert "@someone" not in row

    def test_every_markdown_table_is_rectangular(self, document: dict[str, Any]) -> None:
        widths: list[int] = []
        for line in [*plain.markdown(document).splitlines(), ""]:
            if line.startswith("|"):
                widths.append(len(re.findall(r"(?<!\\)\|", line)))
            else:
                assert len(set(widths)) <= 1
                widths = []


class TestTables:
    @pytest.mark.parametrize("kind", ["binary", "multiclass", "regression"])
    def test_every_table_is_read_back_as_it_was_written(self, kind: str) -> None:
        tables = tidy(getattr(reports, kind)())
        assert tables.keys() == COLUMNS.keys()
        for name, rows in tables.items():
            read = pq.read_table(io.BytesIO(parquet(rows, name)))
            assert read.column_names == list(COLUMNS[name])
            assert read.to_pylist() == rows

    def test_holdout_has_a_row_for_each_metric_with_its_interval(
        self, document: dict[str, Any]
    ) -> None:
        rows = tidy(document)["holdout"]
        judged = of(document, "xgboost")
        (row,) = [r for r in rows if (r["candidate"], r["metric"]) == ("xgboost", "test_brier")]
        assert row["value"] == judged["metrics"]["test_brier"]
        assert row["low"] == judged["intervals"]["test_brier"]["low"]


class TestTrainingMetrics:
    DEFINITIONS = (
        {"Name": "train:loss", "Regex": r"train:loss=([-+.0-9e]+)"},
        {"Name": "bad", "Regex": "("},
        {"Name": "no group", "Regex": "loss"},
    )

    def test_values_are_found_in_the_log_in_their_order(self) -> None:
        lines = ["start", "train:loss=0.5;", "train:loss=oops", "train:loss=2.5e-1", "end"]
        assert training_metrics.curves("job", self.DEFINITIONS, lines) == [
            {"training_job": "job", "metric": "train:loss", "values": [0.5, 0.25]}
        ]

    def test_a_long_curve_keeps_its_ends(self) -> None:
        lines = (f"train:loss={number}" for number in range(5000))
        (curve,) = training_metrics.curves("job", self.DEFINITIONS, lines)
        assert len(curve["values"]) == training_metrics.MOST_VALUES
        assert (curve["values"][0], curve["values"][-1]) == (0, 4999)
