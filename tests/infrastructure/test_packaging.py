import ast
import re
import sys
import zipfile
from pathlib import Path

import pytest

from stacks.layer_archive import MOST_UNZIPPED_BYTES, LayerError, layer_archive

ROOT = Path(__file__).parents[2]
LAMBDAS = ROOT / "lambdas"
REQUIREMENTS = LAMBDAS / "requirements.txt"
GIVEN = {"boto3", "botocore"}  # by AWS Lambda itself


@pytest.fixture(scope="module")
def members() -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(layer_archive(REQUIREMENTS).path) as archive:
        return archive.infolist()


def test_layer_and_code_leave_a_fifth_of_what_lambda_takes(
    members: list[zipfile.ZipInfo],
) -> None:
    code = sum(path.stat().st_size for path in LAMBDAS.rglob("*.py"))
    assert sum(member.file_size for member in members) + code < 0.8 * MOST_UNZIPPED_BYTES


def test_every_compiled_file_is_for_the_functions_platform(
    members: list[zipfile.ZipInfo],
) -> None:
    extensions = [m.filename for m in members if ".cpython-" in m.filename]
    assert extensions
    for name in extensions:
        assert name.endswith("cpython-314-aarch64-linux-gnu.so")


def test_the_layer_has_whatever_the_functions_import(members: list[zipfile.ZipInfo]) -> None:
    packages = {member.filename.split("/")[1] for member in members}
    own = {path.stem for path in LAMBDAS.iterdir()}
    for path in (path for path in LAMBDAS.rglob("*.py") if "report" not in path.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for root in {name.partition(".")[0] for name in names}:
                if not root.startswith("mypy_") and root != "_typeshed":
                    assert root in packages | own | GIVEN | sys.stdlib_module_names, path


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
    for line in REQUIREMENTS.read_text().splitlines():
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
