import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from stacks.layer_archive import MOST_UNZIPPED_BYTES, LayerError, layer_archive
from tests.unit import reports

ROOT = Path(__file__).parents[2]
LAMBDAS = ROOT / "lambdas"
NUMBERS = LAMBDAS / "requirements.txt"
CHARTS = LAMBDAS / "report" / "requirements.txt"
GIVEN = {"boto3", "botocore"}  # by AWS Lambda itself
# What is installed here, and in no layer.
ABSENT = ("pandas", "pydantic", "rich", "scipy", "sklearn", "yaml")
PRESENT_OF_FONTTOOLS = ("agl", "misc")


def members_of(requirements: Path) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(layer_archive(requirements).path) as archive:
        return archive.infolist()


@pytest.fixture(scope="module")
def members() -> list[zipfile.ZipInfo]:
    return members_of(NUMBERS)


def test_layers_and_code_leave_a_fifth_of_what_lambda_takes() -> None:
    code = sum(path.stat().st_size for path in LAMBDAS.rglob("*") if path.is_file())
    layers = sum(m.file_size for file in (NUMBERS, CHARTS) for m in members_of(file))
    assert layers + code < 0.8 * MOST_UNZIPPED_BYTES


@pytest.mark.parametrize("requirements", [NUMBERS, CHARTS])
def test_every_compiled_file_is_for_the_functions_platform(requirements: Path) -> None:
    names = [m.filename for m in members_of(requirements) if ".cpython-" in m.filename]
    assert names
    for name in names:
        assert name.endswith("cpython-314-aarch64-linux-gnu.so")


def test_the_layers_have_whatever_the_functions_import() -> None:
    numbers, charts = (
        {member.filename.split("/")[1].removesuffix(".py") for member in members_of(file)}
        for file in (NUMBERS, CHARTS)
    )
    own = {path.stem for path in LAMBDAS.iterdir()}
    for path in LAMBDAS.rglob("*.py"):
        packages = numbers | own | GIVEN | sys.stdlib_module_names
        if "report" in path.parts:
            packages |= charts
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for root in {name.partition(".")[0] for name in names}:
                if not root.startswith("mypy_") and root != "_typeshed":
                    assert root in packages, f"{path}: {root}"


PROGRAM = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        root, _, below = name.partition(".")
        left_out = below and below.partition(".")[0] not in {PRESENT_OF_FONTTOOLS!r}
        if root in {ABSENT!r} or (root == "fontTools" and left_out):
            raise ImportError(name + " is in no layer")

sys.meta_path.insert(0, Absent())
sys.path.insert(0, "lambdas")
import json
from report.page import render
from report.tables import parquet, tidy
document = json.load(sys.stdin)
assert "<svg" in render(document)
assert all(parquet(rows, name) for name, rows in tidy(document).items())
"""


def test_the_report_is_drawn_with_what_the_layers_have_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        input=json.dumps(reports.binary()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_trimmed_packages_still_do_what_the_functions_need(
    members: list[zipfile.ZipInfo],
) -> None:
    """Of the platform's files none can be loaded here; the names are those of this platform's."""
    kept = {member.filename.removeprefix("python/") for member in members}
    import pyarrow

    folder = Path(pyarrow.__file__).parent
    needed = {"lib", "_csv", "_compute", "_parquet", "_fs"}
    for stem in needed:
        assert any(re.match(rf"pyarrow/{stem}\.cpython", name) for name in kept), stem
    libraries = {path.name.partition(".so")[0] for path in folder.glob("libarrow*.so.*")}
    for library in libraries - {"libarrow_flight"}:
        assert any(name.startswith(f"pyarrow/{library}.so") for name in kept), library


def test_the_pins_are_those_of_the_lock() -> None:
    locked = (ROOT / "requirements.lock").read_text()
    for line in (NUMBERS.read_text() + CHARTS.read_text()).splitlines():
        if not line.startswith("#"):
            assert re.search(rf"^{re.escape(line)}( ;|$)", locked, re.MULTILINE), line


def test_the_same_requirements_give_the_same_archive(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("six==1.17.0\n")
    first = layer_archive(pins, tmp_path / "a")
    second = layer_archive(pins, tmp_path / "b")
    assert first.path.read_bytes() == second.path.read_bytes()
    assert first.hash == second.hash


def test_a_package_without_a_wheel_for_the_platform_is_named(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("numpy==0.0.1\n")
    with pytest.raises(LayerError, match=r"cannot download .*numpy==0\.0\.1"):
        layer_archive(pins, tmp_path)
    assert not list(tmp_path.glob("*.zip"))
