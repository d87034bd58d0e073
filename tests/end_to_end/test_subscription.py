"""A missing subscription ends the run before anything is prepared, and is named."""

import subprocess
from pathlib import Path

import yaml

from tests.end_to_end.conftest import LIFECYCLE, clean_environment, shipped_project, write_sample


def test_a_missing_subscription_is_named_before_the_preparation(tmp_path: Path) -> None:
    write_sample(tmp_path / "flights.csv")
    document = shipped_project(tmp_path)
    file = tmp_path / "lifecycle.yaml"
    file.write_text(yaml.safe_dump(document))
    (tmp_path / "settings.yaml").write_text("subscriptions: []\n")
    (entry,) = [each for each in document["candidates"] if "marketplace" in each]
    done = subprocess.run(
        [
            LIFECYCLE,
            "rehearse",
            f"--file={file}",
            f"--candidates={entry['name']}",
            f"--settings={tmp_path / 'settings.yaml'}",
        ],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert f"NotSubscribed: candidate {entry['name']}: this account is not subscribed to" in said
    assert entry["marketplace"] in said
    assert "Subscribe to it in AWS Marketplace" in said
    assert "Traceback" not in done.stderr
    assert "rows read" not in done.stdout
    assert "processing" not in done.stdout
