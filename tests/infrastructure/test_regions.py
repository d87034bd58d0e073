"""The templates in other regions: their partition, and the accounts of SageMaker's images.

The accounts: https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
"""

import re
from pathlib import Path

import pytest

import config
from tests.infrastructure.synthesis import ROOT, STACKS, Synthesis, synthesize

SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}
IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)/([a-z0-9-]+)")
XGBOOST_ACCOUNTS = {
    "us-east-1": "683313688378",
    "eu-central-1": "492215442770",
    "ap-northeast-1": "354813040037",
    "cn-north-1": "450853457545",
}


def regional(lifecycle: config.Lifecycle, region: str) -> config.Lifecycle:
    """The file as a user in that region has it: a subscription is one of a region's."""
    candidates = []
    for candidate in lifecycle.candidates:
        entry = candidate.entry
        if isinstance(entry, config.Marketplace):
            arn = entry.marketplace.split(":")
            arn[1], arn[3] = partition(region), region
            entry = entry.model_copy(update={"marketplace": ":".join(arn)})
        candidates.append(candidate.model_copy(update={"entry": entry}))
    return lifecycle.model_copy(update={"candidates": tuple(candidates)})


def partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws"


@pytest.fixture(scope="module", params=list(XGBOOST_ACCOUNTS))
def region(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def synthesis(region: str, tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    lifecycle = config.load(ROOT / "lifecycle.yaml", ("all",))
    directory: Path = tmp_path_factory.mktemp(region)
    return synthesize(regional(lifecycle, region), directory, region)


def test_every_image_is_one_of_the_region(region: str, synthesis: Synthesis) -> None:
    images = {
        image for stack in STACKS for image in IMAGE.findall(synthesis.path(stack).read_text())
    }

    assert {(each[1], each[2]) for each in images} == {(region, SUFFIXES[partition(region)])}
    (account,) = {account for account, *_, name in images if name == "sagemaker-xgboost"}
    assert account == XGBOOST_ACCOUNTS[region]


def test_no_arn_is_one_of_another_partition(region: str, synthesis: Synthesis) -> None:
    for stack in STACKS:
        named = re.findall(r"arn:(aws[a-z-]*):", synthesis.path(stack).read_text())
        assert set(named) <= {partition(region)}
