"""Folders with a Dockerfile, and a project that builds their images."""

import io
import time
import zipfile
from pathlib import Path
from typing import Any

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, make_role

OWN = Path(__file__).parents[2] / "algorithms" / "own"
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
SMALL = {
    "Dockerfile": """\
# A container with no packages: its programs need the standard library only.
FROM python:3.11-slim
WORKDIR /app
COPY --chmod=755 train serve ./
ENV PATH=/app:$PATH GREETING="hello there"
""",
    "train": """\
#!/usr/bin/env python3
import json, os, pathlib, sys
ml = pathlib.Path("/opt/ml")
if "reason" in json.loads((ml / "input/config/hyperparameters.json").read_text()):
    (ml / "output/failure").write_text("the rows are not to my taste")
    sys.exit(3)
(ml / "model/found.json").write_text(json.dumps({
    "directory": os.getcwd(),
    "greeting": os.environ["GREETING"],
    "own": os.path.exists("/app/serve"),
    "base": os.environ.get("SAGEMAKER_BASE_DIR", ""),
    "channel": sorted(path.name for path in (ml / "input/data/train").iterdir()),
}))
""",
    "serve": """\
#!/usr/bin/env python3
import http.server, os, pathlib
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer(b"")
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(pathlib.Path("/opt/ml/model/found.json").read_bytes())
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
address = (os.environ["BIND_TO_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
http.server.HTTPServer(address, Handler).serve_forever()
""",
}
BUILDSPEC = """\
version: 0.2
phases:
  pre_build:
    commands:
      - export REGISTRY="${IMAGE%%/*}"
      - aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
  build:
    commands:
      - docker build --tag "$IMAGE" .
      - docker push "$IMAGE"
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def archive(files: dict[str, str]) -> bytes:
    """A zip archive of files."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        for name, text in files.items():
            target.writestr(name, text)
    return stream.getvalue()


class Project:
    """A project with a role of its own that builds what is in the bucket."""

    def __init__(
        self, account: Account, name: str, *statements: dict[str, Any], **changes: Any
    ) -> None:
        self.name = name
        self._account = account
        self._codebuild = account.client("codebuild")
        everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        role = make_role(account, f"{name}-build", *(statements or (everything,)))
        account.client("ecr").create_repository(repositoryName=name)
        self.image = f"{REGISTRY}/{name}:1"
        environment = {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
            "environmentVariables": [{"name": "IMAGE", "value": self.image}],
            **changes.pop("environment", {}),
        }
        self._codebuild.create_project(
            name=name,
            source={"type": "S3", "location": f"{BUCKET}/{name}.zip", "buildspec": BUILDSPEC}
            | changes.pop("source", {}),
            artifacts={"type": "NO_ARTIFACTS"},
            environment=environment,
            serviceRole=role,
            **changes,
        )

    def put(self, files: dict[str, str]) -> None:
        """Upload the source."""
        s3 = self._account.client("s3")
        s3.put_object(Bucket=BUCKET, Key=f"{self.name}.zip", Body=archive(files))

    def start(self, **request: Any) -> str:
        """Start a build; returns its id."""
        started = self._codebuild.start_build(projectName=self.name, **request)
        identifier: str = started["build"]["id"]
        return identifier

    def ended(self, identifier: str) -> dict[str, Any]:
        """Wait for the end of a build."""
        while True:
            build: dict[str, Any] = self._codebuild.batch_get_builds(ids=[identifier])["builds"][0]
            if build["buildStatus"] != "IN_PROGRESS":
                return build
            time.sleep(0.02)

    def build(self, files: dict[str, str], **request: Any) -> dict[str, Any]:
        """Upload the source, build it to the end, and return the build."""
        self.put(files)
        return self.ended(self.start(**request))

    def log(self, build: dict[str, Any]) -> str:
        """The log of a build."""
        logs = self._account.client("logs")
        where = build["logs"]
        events = logs.get_log_events(
            logGroupName=where["groupName"], logStreamName=where["streamName"]
        )["events"]
        return "\n".join(event["message"] for event in events)


def failure(build: dict[str, Any]) -> tuple[str, str]:
    """The phase in which a build failed, and why."""
    for phase in build["phases"]:
        if phase.get("phaseStatus") == "FAILED":
            return phase["phaseType"], phase["contexts"][0]["message"]
    return "", ""
