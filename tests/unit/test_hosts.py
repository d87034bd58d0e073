"""A host's command and names, where the kernel has literal paths and where it refuses them."""

import json
import shutil
import subprocess
import sys

import pytest

SHOW = """
import json, pathlib, socket, subprocess, sys
from rehearsal.sagemaker.jobs.hosts import literal_paths, make_hosts, resource_config
hosts = make_hosts(pathlib.Path(sys.argv[1]), {"only": ("ml.m5.large", 2)})
program = "import os, pathlib, socket, sys;" \\
    "print(pathlib.Path(sys.argv[1]).read_text(), socket.gethostbyname(sys.argv[2]))"
said = []
for host in hosts:
    (host.container.model / "found").write_text(host.name)
    command = [sys.executable, "-c", program, "/opt/ml/model/found", hosts[1].name]
    run = subprocess.run(host.command(command), capture_output=True, text=True, check=True)
    said.append(run.stdout.split())
print(json.dumps({
    "literal": literal_paths(),
    "said": said,
    "addresses": [host.address for host in hosts],
    "base": [host.environment()["SAGEMAKER_BASE_DIR"] for host in hosts],
    "config": resource_config(hosts, hosts[1]),
}))
"""
# A user namespace without the right to make further ones, or mounts.
REFUSING = (
    'echo 0 > /proc/sys/user/max_user_namespaces; exec setpriv --bounding-set=-sys_admin "$@"'
)


def shown(folder: str, *prefix: str) -> dict[str, object]:
    run = subprocess.run(
        [*prefix, sys.executable, "-c", SHOW, folder], capture_output=True, text=True, check=True
    )
    answer: dict[str, object] = json.loads(run.stdout)
    return answer


def test_every_host_finds_its_own_files_and_the_others_names(tmp_path: object) -> None:
    found = shown(str(tmp_path))
    names = ["algo-1", "algo-2"] if found["literal"] else ["127.0.0.1", "127.0.0.2"]
    addresses = found["addresses"]
    assert isinstance(addresses, list)
    assert found["said"] == [[name, addresses[1]] for name in names]
    assert addresses[0] != addresses[1]
    assert all(address.startswith("127.") for address in addresses)


def can_refuse() -> bool:
    if not (shutil.which("setpriv") and shutil.which("unshare")):
        return False
    return subprocess.run(["unshare", "--map-root-user", "true"], check=False).returncode == 0


@pytest.mark.skipif(not can_refuse(), reason="needs util-linux and user namespaces")
def test_without_literal_paths_programs_get_the_folder_itself(tmp_path: object) -> None:
    found = shown(str(tmp_path), "unshare", "--map-root-user", "sh", "-c", REFUSING, "sh")
    assert found["literal"] is False
    assert found["said"] == [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.2"]]
    assert found["base"] == [f"{tmp_path}/127.0.0.{number}/ml" for number in (1, 2)]
    config = found["config"]
    assert isinstance(config, dict)
    assert config["current_host"] == "127.0.0.2"
    assert config["hosts"] == ["127.0.0.1", "127.0.0.2"]
