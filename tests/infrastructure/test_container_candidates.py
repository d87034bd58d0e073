"""Candidates in a container of the user's own: what is built, and what SageMaker is asked."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

import config
from stacks.constructs.images import repository_arn
from tests.infrastructure.synthesis import ROOT, Synthesis, resolved, state, synthesize

ELSEWHERE = "444455556666.dkr.ecr.us-west-2.amazonaws.com/team/mine:1.2"
LOCATION = "cdk-hnb659fds-assets-111122223333-eu-west-1"
Properties = dict[str, Any]


def entry(name: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "container": str(ROOT / "algorithms" / "own"), **members}


def synthesized(folder: Path, *entries: dict[str, Any], region: str = "eu-west-1") -> Synthesis:
    document = yaml.safe_load((ROOT / "lifecycle.yaml").read_text())
    document["candidates"] = list(entries)
    document["evaluation"]["finalists"] = 1
    path = folder / "lifecycle.yaml"
    path.write_text(yaml.safe_dump(document))
    return synthesize(config.load(path), folder / "cdk.out", region)


@pytest.fixture(scope="module")
def containers(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    return synthesized(
        tmp_path_factory.mktemp("containers"),
        entry("grid", hyperparameters={"max_iter": [50, 100], "learning_rate": 0.1}),
        entry("elsewhere", container=ELSEWHERE),
    )


def only(synthesis: Synthesis, type_: str) -> Properties:
    (properties,) = synthesis.properties("training", type_)
    return properties


def tag(synthesis: Synthesis) -> str:
    found: str = only(synthesis, "Custom::ContainerImage")["Tag"]
    return found


def statements_of(synthesis: Synthesis, part: str) -> list[dict[str, Any]]:
    """The statements of the role whose policy has this in its name, references resolved."""
    (policy,) = (
        policy
        for policy in synthesis.properties("training", "AWS::IAM::Policy")
        if part in policy["PolicyName"]
    )
    statements = []
    for statement in policy["PolicyDocument"]["Statement"]:
        resource = statement["Resource"]
        found = resource if isinstance(resource, list) else [resource]
        statements.append({**statement, "Resource": [resolved(each) for each in found]})
    return statements


def test_the_arguments_of_the_training_job(containers: Synthesis) -> None:
    candidates = {
        each["name"]: each
        for each in state(containers.definition("training"), "Plan")["Output"]["candidates"]
    }
    assert list(candidates) == ["grid-1", "grid-2", "elsewhere"]
    built = candidates["grid-2"]
    image = built["container"]["Image"]
    assert image.endswith(f"-RepositoryUri:{tag(containers)}")
    assert built["option"] == "container"
    training = built["training"]
    assert training.pop("ResourceConfig")["InstanceType"] == "ml.m5.xlarge"
    assert training == {
        "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
        "HyperParameters": {"max_iter": "100", "learning_rate": "0.1"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Environment": {"CATEGORICAL_COLUMNS": "3,4,5"},
    }
    assert built["container"]["Environment"] == {"CATEGORICAL_COLUMNS": "3,4,5"}
    assert built["accept"] == "text/csv"
    assert candidates["grid-1"]["container"] == built["container"]
    assert candidates["elsewhere"]["container"]["Image"] == ELSEWHERE


def test_a_grid_of_one_folder_is_built_once(containers: Synthesis) -> None:
    for type_ in ("AWS::ECR::Repository", "AWS::CodeBuild::Project", "Custom::ContainerImage"):
        assert len(containers.resources("training", type_)) == 1


def test_the_repository(containers: Synthesis) -> None:
    (repository,) = containers.resources("training", "AWS::ECR::Repository")
    properties = repository["Properties"]
    encryption = properties["EncryptionConfiguration"]
    assert encryption["EncryptionType"] == "KMS"
    assert "Key" in resolved(encryption["KmsKey"])
    assert properties["ImageScanningConfiguration"] == {"ScanOnPush": True}
    assert properties["ImageTagMutability"] == "IMMUTABLE"
    # Else a stack with images could not be deleted.
    assert properties["EmptyOnDelete"] is True
    assert repository["DeletionPolicy"] == "Delete"


def test_the_build_project(containers: Synthesis) -> None:
    project = only(containers, "AWS::CodeBuild::Project")
    assert project["Source"]["Type"] == "S3"
    assert project["Source"]["Location"] == f"{LOCATION}/{tag(containers)}.zip"
    commands = [
        command
        for phase in json.loads(project["Source"]["BuildSpec"])["phases"].values()
        for command in phase["commands"]
    ]
    assert [command.split()[:2] for command in commands] == [
        ["aws", "ecr"],
        ["docker", "build"],
        ["docker", "push"],
    ]
    (image,) = project["Environment"]["EnvironmentVariables"]
    assert resolved(image["Value"]).endswith(f"-RepositoryUri:{tag(containers)}")
    assert project["Environment"]["PrivilegedMode"] is True
    assert "Key" in resolved(project["EncryptionKey"])
    assert project["LogsConfig"]["CloudWatchLogs"]["Status"] == "ENABLED"
    # CloudFormation waits an hour for a custom resource at most.
    assert project["TimeoutInMinutes"] < 60
    assert only(containers, "Custom::ContainerImage")["ServiceTimeout"] == "3600"


def test_a_build_may_read_its_source_push_and_log(containers: Synthesis) -> None:
    statements = statements_of(containers, "Image0RoleDefaultPolicy")
    allowed = {action: each["Resource"] for each in statements for action in actions(each)}
    assert allowed.pop("ecr:GetAuthorizationToken") == ["*"]
    assert not any("*" in resource for resources in allowed.values() for resource in resources)
    assert allowed["s3:GetObject"] == [f"arn:aws:s3:::{LOCATION}/{tag(containers)}.zip"]
    (repository,) = allowed["ecr:PutImage"]
    assert repository.startswith("SpecificationsImage0Repository")
    services = {action.partition(":")[0] for action in allowed}
    assert services == {"ecr", "kms", "logs", "s3"}


def actions(statement: dict[str, Any]) -> list[str]:
    found = statement["Action"]
    return found if isinstance(found, list) else [found]


def test_the_functions_may_start_and_read_builds_of_this_project(containers: Synthesis) -> None:
    for part, own in (
        ("Image0StartRole", {"codebuild:StartBuild", "ecr:BatchGetImage"}),
        ("Image0AnswerRole", {"codebuild:BatchGetBuilds", "logs:GetLogEvents"}),
    ):
        statements = statements_of(containers, part)
        log = {"logs:CreateLogStream", "logs:PutLogEvents"}
        assert {action for each in statements for action in actions(each)} == own | log
        assert not any("*" in resource for each in statements for resource in each["Resource"])


def test_the_end_of_a_build_answers_cloudformation(containers: Synthesis) -> None:
    (rule,) = (
        rule
        for rule in containers.properties("training", "AWS::Events::Rule")
        if rule["EventPattern"]["source"] == ["aws.codebuild"]
    )
    (project,) = rule["EventPattern"]["detail"]["project-name"]
    assert project["Ref"].startswith("SpecificationsImage0Project")
    (image,) = containers.resources("training", "Custom::ContainerImage")
    waits_for = " ".join(image["DependsOn"])
    assert "Image0Ended" in waits_for
    assert "Image0RoleDefaultPolicy" in waits_for


def test_the_roles_may_pull_both_images(containers: Synthesis) -> None:
    own, elsewhere = (
        "arn:aws:ecr:part-3:part-0:repository/part-0",
        repository_arn(ELSEWHERE, partition="aws"),
    )
    assert elsewhere == "arn:aws:ecr:us-west-2:444455556666:repository/team/mine"
    for part, action in (
        ("ExecutionRoleDefaultPolicy", "ecr:GetDownloadUrlForLayer"),
        ("FunctionsRegisterRole", "ecr:DescribeImages"),
    ):
        (statement,) = (each for each in statements_of(containers, part) if action in actions(each))
        assert {own, elsewhere} <= set(statement["Resource"])


def test_nothing_is_found_by_the_security_checks(containers: Synthesis) -> None:
    assert [violation for each in containers.report for violation in each["violations"]] == []


def test_docker_on_the_users_machine(tmp_path: Path) -> None:
    synthesis = synthesized(tmp_path, entry("mine", build="docker"))
    assert synthesis.resources("training", "AWS::CodeBuild::Project") == []
    (candidate,) = state(synthesis.definition("training"), "Plan")["Output"]["candidates"]
    assert "container-assets-111122223333-eu-west-1:" in candidate["container"]["Image"]
    assets = json.loads((tmp_path / "cdk.out" / "flights-training.assets.json").read_text())
    (image,) = assets["dockerImages"].values()
    assert image["source"]["platform"] == "linux/amd64"


def test_an_unchanged_folder_has_the_same_tag(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("Dockerfile", "train", "serve"):
        (folder / name).write_text(name)

    def tag_of(case: str) -> str:
        (tmp_path / case).mkdir()
        return tag(synthesized(tmp_path / case, entry("mine", container=str(folder))))

    first = tag_of("first")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "train.pyc").touch()
    assert tag_of("again") == first
    (folder / "train").write_text("changed")
    assert tag_of("changed") != first


def test_china(tmp_path: Path) -> None:
    synthesis = synthesized(tmp_path, entry("mine"), region="cn-north-1")
    statements = statements_of(synthesis, "Image0RoleDefaultPolicy")
    resources = [resource for each in statements for resource in each["Resource"]]
    assert any(resource.startswith("arn:aws-cn:s3:::") for resource in resources)
    assert not any(resource.startswith("arn:aws:") for resource in resources)
