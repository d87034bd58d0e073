import gzip
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SEEDS = {
    "binary": b"\0\x08\01,0.5\n0,0.25\n",
    "brackets": b'\1\x40\01,"[0.25, 0.75]"\n0,[0.5, 0.5]\n',
    "regression": b"\2\x05\0-1.5,2e3\n0,0\n",
    "paired": b"\0\x10\10.5\n[0, 1]\n\xff1,5,6\n0,7,8\n",
    "attributes": b"\0\x10\21,0.5\n0,0.5\n\xff\xfflabel,weight,group,c\n1,2,g,x\n0,1,h,y\n",
    "compressed": b"\0\x20\0" + gzip.compress(b"1,0.5\n", mtime=0),
}


@pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this platform"
)
def test_no_bytes_surprise_the_readers(tmp_path: Path) -> None:
    for name, seed in SEEDS.items():
        (tmp_path / name).write_bytes(seed)
    options = ["-runs=5000", "-seed=1", "-max_len=200", f"-artifact_prefix={tmp_path}/"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.readers", *options, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "lambdas")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "Done 5000 runs" in done.stderr
