import json
import os
import subprocess
import sys
from pathlib import Path

from tests.infrastructure.synthesis import ROOT


def run_app(tmp_path: Path, file: Path, region: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_")}
    environment["CDK_OUTDIR"] = str(tmp_path / "cdk.out")
    environment["CDK_CONTEXT_JSON"] = json.dumps({"lifecycle": str(file)})
    # The notice that this version of Node is old is not the app's.
    environment["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "true"
    environment["JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION"] = "true"
    if region:
        environment["CDK_DEFAULT_REGION"] = region
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wrong_file_ends_with_its_problems_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = (ROOT / "lifecycle.yaml").read_text()
    text = text.replace("algorithms/", f"{ROOT}/algorithms/").replace("n_splits: 5", "n_splits: 1")
    file.write_text(text)
    done = run_app(tmp_path, file, "eu-west-1")
    assert done.returncode == 1
    assert "mine.yaml: data.split.n_splits: got 1; allowed: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_region_is_told(tmp_path: Path) -> None:
    done = run_app(tmp_path, ROOT / "lifecycle.yaml", None)
    assert done.returncode == 1
    assert "lifecycle.yaml: project.region: got null" in done.stderr
    assert "Traceback" not in done.stderr
