"""Images of the user's own: built by CodeBuild, pulled from ECR, and run as SageMaker does."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from rehearsal.account import Account
from rehearsal.container_images.errors import ImageError
from rehearsal.container_images.publishing import push_folder
from tests.rehearsal.conftest import (
    BUCKET,
    ROLE,
    Prepared,
    channel,
    make_role,
    train,
    training_request,
)
from tests.rehearsal.containers import variant
from tests.rehearsal.images import OWN, REGISTRY, SMALL, Project, failure, write
from tests.rehearsal.scripts import model_files

ROWS = f"s3://{BUCKET}/own-images/rows/"


@pytest.fixture(scope="module", autouse=True)
def _rows(s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="own-images/rows/part.csv", Body="1,2\n")


@pytest.fixture(scope="module")
def small(account: Account, tmp_path_factory: pytest.TempPathFactory) -> str:
    return push_folder(account, write(tmp_path_factory.mktemp("small"), SMALL), "small")


@pytest.fixture(scope="module")
def own(account: Account, s3: Any) -> str:
    return push_folder(account, OWN, "own")


@pytest.fixture
def pushed(account: Account, name: str, tmp_path: Path) -> Callable[..., str]:
    """Makes the image of the small folder with some files changed; None leaves one out."""

    def push(**changes: str | None) -> str:
        files = {**SMALL, **changes}
        kept = {file: text for file, text in files.items() if text is not None}
        return push_folder(account, write(tmp_path / "image", kept), name)

    return push


def request(name: str, image: str, rows: str = ROWS, **changes: Any) -> dict[str, Any]:
    return training_request(
        name,
        channel("train", rows),
        AlgorithmSpecification={"TrainingImage": image, "TrainingInputMode": "File"},
        **{"HyperParameters": {}, **changes},
    )


def endpoint(account: Account, name: str, image: str, artifact: str) -> dict[str, Any]:
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": image, "ModelDataUrl": artifact},
    )
    sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant("only", name)]
    )
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    while True:
        described: dict[str, Any] = sagemaker.describe_endpoint(EndpointName=name)
        if described["EndpointStatus"] != "Creating":
            return described


def invoke(account: Account, name: str, body: str) -> bytes:
    runtime = account.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/csv")
    text: bytes = answer["Body"].read()
    return text


def test_a_build_makes_an_image_that_trains_and_serves(
    account: Account, sagemaker: Any, s3: Any, name: str
) -> None:
    project = Project(account, name)
    build = project.build(SMALL)
    assert build["buildStatus"] == "SUCCEEDED", project.log(build)
    assert [phase["phaseType"] for phase in build["phases"]] == [
        "SUBMITTED",
        "QUEUED",
        "PROVISIONING",
        "DOWNLOAD_SOURCE",
        "PRE_BUILD",
        "BUILD",
        "UPLOAD_ARTIFACTS",
        "FINALIZING",
        "COMPLETED",
    ]
    assert f"Successfully tagged {project.image}" in project.log(build)

    job = train(sagemaker, request(name, project.image))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    found = model_files(s3, job)["found.json"]
    assert json.loads(found) == {
        "directory": "/app",
        "greeting": "hello there",
        "own": True,
        "base": "",
        "channel": ["part.csv"],
    }
    described = endpoint(account, name, project.image, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert described["EndpointStatus"] == "InService", described.get("FailureReason")
    assert invoke(account, name, "1,2\n") == found
    sagemaker.delete_endpoint(EndpointName=name)


def test_our_own_algorithm_trains_and_serves(
    account: Account, sagemaker: Any, s3: Any, own: str, prepared: Prepared, name: str
) -> None:
    job = train(
        sagemaker,
        request(name, own, prepared.uri(0), HyperParameters={"max_iter": "20"}),
    )
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert list(model_files(s3, job)) == ["model.joblib"]
    described = endpoint(account, name, own, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert described["EndpointStatus"] == "InService", described.get("FailureReason")
    rows = [row.split(",", 1) for row in prepared.shards[1]]
    answer = invoke(account, name, "".join(f"{features}\n" for _, features in rows)).decode()
    right = [
        (float(p) > 0.5) == (label == "1")
        for p, (label, _) in zip(answer.splitlines(), rows, strict=True)
    ]
    assert sum(right) / len(right) > 0.9
    with pytest.raises(ClientError, match="row 2"):
        invoke(account, name, "1,2\n1,2,3\n")
    sagemaker.delete_endpoint(EndpointName=name)


def test_a_failed_training_tells_its_reason(sagemaker: Any, small: str, name: str) -> None:
    job = train(sagemaker, request(name, small, HyperParameters={"reason": "yes"}))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"] == "AlgorithmError: the rows are not to my taste, exit code: 3"


@pytest.mark.parametrize(
    ("hyperparameters", "said"),
    [
        ({"eta": "0.3"}, "hyperparameter 'eta' is unknown; known: learning_rate, max_iter"),
        ({"max_iter": "few"}, "max_iter: got 'few'; allowed: a whole number of at least 1"),
    ],
)
def test_our_own_algorithm_names_a_bad_hyperparameter(
    sagemaker: Any, own: str, name: str, hyperparameters: dict[str, str], said: str
) -> None:
    job = train(sagemaker, request(name, own, HyperParameters=hyperparameters))
    assert job["TrainingJobStatus"] == "Failed"
    assert said in job["FailureReason"]


def test_a_container_without_train(sagemaker: Any, pushed: Callable[..., str], name: str) -> None:
    image = pushed(Dockerfile=SMALL["Dockerfile"].replace("train serve", "serve"), train=None)
    job = train(sagemaker, request(name, image))
    assert job["TrainingJobStatus"] == "Failed"
    expected = 'ClientError: exec: "train": executable file not found in $PATH'
    assert job["FailureReason"] == expected


def test_a_program_that_is_not_executable(
    sagemaker: Any, pushed: Callable[..., str], name: str
) -> None:
    image = pushed(Dockerfile=SMALL["Dockerfile"].replace("--chmod=755", "--chmod=644"))
    job = train(sagemaker, request(name, image))
    assert job["FailureReason"] == 'ClientError: exec: "train": permission denied'


def test_a_container_without_serve(
    account: Account, sagemaker: Any, pushed: Callable[..., str], name: str
) -> None:
    image = pushed(Dockerfile=SMALL["Dockerfile"].replace("train serve", "train"), serve=None)
    job = train(sagemaker, request(name, image))
    described = endpoint(account, name, image, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert described["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in described["FailureReason"]
    assert 'exec: "serve": executable file not found in $PATH' in described["FailureReason"]


def test_an_entry_point_gets_train_as_its_argument(
    sagemaker: Any, s3: Any, pushed: Callable[..., str], name: str
) -> None:
    image = pushed(
        Dockerfile='FROM python:3.11\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["python", "run.py"]\n',
        **{"run.py": "import sys; open('/opt/ml/model/said', 'w').write(' '.join(sys.argv))\n"},
    )
    job = train(sagemaker, request(name, image))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert model_files(s3, job)["said"] == b"run.py train"


def test_an_image_that_does_not_exist(sagemaker: Any, small: str, name: str) -> None:
    for image, said in (
        (f"{REGISTRY}/small:other", f"Requested image {REGISTRY}/small:other not found."),
        (f"{REGISTRY}/{name}:1", f"The repository with name '{name}' does not exist"),
    ):
        with pytest.raises(ClientError, match=said):
            sagemaker.create_training_job(**request(name, image))
        with pytest.raises(ClientError, match=said):
            sagemaker.create_model(
                ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image}
            )


def test_a_role_that_may_not_pull(account: Account, sagemaker: Any, small: str, name: str) -> None:
    role = make_role(account, name, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    with pytest.raises(ClientError, match="Access denied for repository: small in registry"):
        sagemaker.create_training_job(**{**request(name, small), "RoleArn": role})


@pytest.mark.parametrize(
    ("dockerfile", "said"),
    [
        ("FROM python:3.11\nRUN apt-get install gcc\n", "Dockerfile:2: RUN apt-get install gcc"),
        ("FROM python:3.11\n\nUSER nobody\n", "Dockerfile:3: USER nobody: not available"),
        ("FROM alpine\n", "Dockerfile:1: FROM alpine: in the rehearsal it must be a Python image"),
        ("FROM python:3.11\nCOPY absent.py .\n", "Dockerfile:2: COPY absent.py .: absent.py: not"),
        ("FROM python:3.11\nRUN pip install -r no.txt\n", "No such file or directory: 'no.txt'"),
    ],
)
def test_a_dockerfile_that_cannot_be_built(
    account: Account, name: str, dockerfile: str, said: str
) -> None:
    project = Project(account, name)
    build = project.build({**SMALL, "Dockerfile": dockerfile})
    phase, reason = failure(build)
    assert (build["buildStatus"], phase) == ("FAILED", "BUILD")
    assert reason.startswith("Error while executing command: docker build")
    assert said in project.log(build)
    assert account.client("ecr").list_images(repositoryName=name)["imageIds"] == []


def test_a_build_may_do_what_its_role_may(account: Account, name: str) -> None:
    source = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    token = {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
    project = Project(account, name, source, logs, token)
    build = project.build(SMALL)
    assert failure(build)[0] == "BUILD"
    assert "denied: User: arn:aws:sts::000000000000:assumed-role" in project.log(build)
    assert "ecr:BatchCheckLayerAvailability" in project.log(build)

    unread = Project(account, f"{name}-2", logs).build(SMALL)
    phase, reason = failure(unread)
    assert phase == "DOWNLOAD_SOURCE"
    assert "s3:GetObject" in reason


def test_a_build_without_privileged_mode_has_no_docker(account: Account, name: str) -> None:
    project = Project(account, name, environment={"privilegedMode": False})
    build = project.build(SMALL)
    assert build["buildStatus"] == "FAILED"
    assert "Cannot connect to the Docker daemon" in project.log(build)


def test_a_tag_that_may_not_change(account: Account, name: str) -> None:
    project = Project(account, name)
    account.client("ecr").put_image_tag_mutability(
        repositoryName=name, imageTagMutability="IMMUTABLE"
    )
    assert project.build(SMALL)["buildStatus"] == "SUCCEEDED"
    again = project.build(SMALL)
    assert again["buildStatus"] == "FAILED"
    assert "already exists" in project.log(again)


def test_a_build_is_stopped(account: Account, name: str) -> None:
    specification = "version: 0.2\nphases:\n  build:\n    commands:\n      - sleep 60\n"
    project = Project(account, name, source={"buildspec": specification})
    project.put(SMALL)
    identifier = project.start()
    account.client("codebuild").stop_build(id=identifier)
    assert project.ended(identifier)["buildStatus"] == "STOPPED"


def test_a_bad_build_specification(account: Account, name: str) -> None:
    for specification, said in (
        ("phases: {}\n", "the build specification has no version"),
        ("version: 0.2\nartifacts:\n  files: x\n", "artifacts is not available here"),
        ("absent.yml", "stat absent.yml: no such file"),
    ):
        project = Project(account, f"{name}-{uuid4().hex[:4]}", source={"buildspec": specification})
        build = project.build(SMALL)
        phase, reason = failure(build)
        assert (build["buildStatus"], phase) == ("FAILED", "DOWNLOAD_SOURCE")
        assert said in reason


def test_commands_of_a_build_share_their_shell(account: Account, name: str) -> None:
    specification = """\
version: 0.2
env:
  variables: {GREETING: hello}
phases:
  install:
    commands:
      - cd /tmp && NAME=world
  build:
    commands:
      - echo "$GREETING $NAME in $PWD"
      - echo "$GIVEN"
      - "false"
      - echo not reached
    finally:
      - echo finally
  post_build:
    commands:
      - echo "succeeding $CODEBUILD_BUILD_SUCCEEDING"
"""
    project = Project(account, name, source={"buildspec": specification})
    given = [{"name": "GIVEN", "value": "by the request"}]
    build = project.build(SMALL, environmentVariablesOverride=given)
    lines = project.log(build).splitlines()
    said = [line for line in lines if not line.startswith("[Container]")]
    assert said == ["hello world in /tmp", "by the request", "finally", "succeeding 0"]
    assert failure(build) == (
        "BUILD",
        "Error while executing command: false. Reason: exit status 1",
    )
    assert build["buildStatus"] == "FAILED"


def test_a_folder_without_a_dockerfile(account: Account, name: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="open Dockerfile: no such file"):
        push_folder(account, write(tmp_path / "image", {"train": ""}), name)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("kept")
    yield folder
    running = Account.find(folder)
    if running:
        running.stop()


def test_images_survive_a_stop_of_the_account(directory: Path) -> None:
    first = Account.start(directory, keep=True)
    make_role(first, "execution", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    first.client("s3").create_bucket(Bucket=BUCKET)
    first.client("s3").put_object(Bucket=BUCKET, Key="rows/part.csv", Body="1,2\n")
    project = Project(first, "kept")
    assert project.build(SMALL)["buildStatus"] == "SUCCEEDED"
    first.stop()
    second = Account.start(directory, keep=True)
    image = f"{REGISTRY}/kept:1"
    job = train(second.client("sagemaker"), request("again", image, f"s3://{BUCKET}/rows/"))
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    (project_again,) = second.client("codebuild").batch_get_projects(names=["kept"])["projects"]
    assert project_again["source"]["location"] == f"{BUCKET}/kept.zip"
    second.stop()
