"""A gate that no finalist passes ends the rehearsal: nothing is registered, and it is said why."""

import subprocess
from pathlib import Path

import yaml

from rehearsal.account import Account
from tests.end_to_end.conftest import LIFECYCLE, clean_environment, write_project, write_sample


def test_a_failed_gate_stops_the_registration(tmp_path: Path) -> None:
    write_sample(tmp_path / "flights.csv")
    file = write_project(tmp_path)
    document = yaml.safe_load(file.read_text())
    document["candidates"] = document["candidates"][:1]
    document["data"]["split"]["n_splits"] = 2
    gates = ["interval_low(test_roc_auc) >= 0.99", {"not_worse_than": "champion"}]
    document["evaluation"] |= {"gates": gates, "finalists": 1}
    file.write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [LIFECYCLE, "rehearse", f"--file={file}"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "GatesFailed" in done.stderr
    assert "interval_low(test_roc_auc) >= 0.99 (got 0." in done.stderr
    assert "champion" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "Leaderboard" in done.stdout
    assert "xgboost" in done.stdout
    assert not (tmp_path / ".rehearsal" / "summary.json").exists()
    assert Account.find(tmp_path / ".rehearsal") is None
