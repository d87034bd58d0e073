from collections.abc import Callable
from typing import Any

import pytest

import config
from tests.infrastructure.synthesis import ROOT, Synthesis, synthesize

Variant = Callable[..., Synthesis]


@pytest.fixture(scope="session")
def lifecycle() -> config.Lifecycle:
    return config.load(ROOT / "lifecycle.yaml")


@pytest.fixture(scope="session")
def variant(lifecycle: config.Lifecycle, tmp_path_factory: pytest.TempPathFactory) -> Variant:
    """The default project with other sections: `variant(hosting={"weights": "from_file"})`."""

    def build(**changes: dict[str, Any]) -> Synthesis:
        sections = {
            name: getattr(lifecycle, name).model_copy(update=change)
            for name, change in changes.items()
        }
        changed = lifecycle.model_copy(update=sections)
        return synthesize(changed, tmp_path_factory.mktemp("cdk.out"))

    return build


@pytest.fixture(scope="session")
def synthesis(variant: Variant) -> Synthesis:
    """The default project, synthesized once."""
    return variant()


@pytest.fixture(scope="session")
def from_file(variant: Variant) -> Synthesis:
    """The default project with each switch the other way round."""
    variants = (
        config.Variant(name="champion", model="champion", weight=9, instance_type="ml.g5.xlarge"),
    )
    return variant(
        storage={"retain": False},
        hosting={"weights": "from_file", "variants": variants},
        parallel={"candidates": 7, "folds": 3},
        processing={"instance_type": "ml.m5d.xlarge"},
    )
