"""An account's settings: a bad file is told where it is wrong; a seed always strikes the same."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.sagemaker.faults import Faults
from rehearsal.settings import Fault, Settings, SettingsError

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "rehearsal.md"


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "settings.yaml"
    path.write_text(text)
    return Settings.load(path)


def test_the_documented_file_is_read(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(.*?)```", DOCUMENTATION.read_text(), re.DOTALL)
    assert found
    settings = load(tmp_path, found.group(1))
    assert settings.quotas == {"ml.m5.large for training job usage": 2}
    assert settings.subscriptions == ("extra-trees",) == Settings().subscriptions
    assert {fault.kind for fault in settings.faults} == {
        "throttle",
        "refuse-capacity",
        "interrupt-spot",
        "kill-job",
        "slow-variant",
        "corrupt-model",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("faults: [{kind: flood}]", "faults.0.kind: Input should be 'throttle'"),
        ("faults: [{kind: throttle, share: 2}]", "faults.0.share: Input should be less than"),
        (
            "subscriptions: [lightning]",
            "got 'lightning'; the rehearsal's AWS",
        ),
        ("quota: {}", "quota: Extra inputs are not permitted"),
        ("- throttle", "the file: Input should be a valid dictionary"),
        ("quotas: {a: many}", "quotas.a: Input should be a valid integer"),
        ("quotas: {ml.m5.large for training jobs: 1}", "quotas.ml.m5.large for training jobs"),
        ("quotas: {ml.m5.large for endpoint usage: -1}", "greater than or equal to 0"),
        ("serverless_idle_seconds: .inf", "serverless_idle_seconds: Input should be a finite"),
        ("faults: [", "cannot be read"),
    ],
)
def test_a_bad_file_is_told_where_it_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        load(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nothing\.yaml cannot be read"):
        Settings.load(tmp_path / "nothing.yaml")


def struck(faults: Faults, target: str, occasions: int) -> list[bool]:
    return [faults.strike("throttle", target) is not None for _ in range(occasions)]


@given(st.integers(), st.floats(0, 1), st.lists(st.sampled_from("abc"), max_size=30))
def test_a_targets_luck_is_its_own_and_the_seeds(seed: int, share: float, others: str) -> None:
    settings = Settings(seed=seed, faults=(Fault(kind="throttle", share=share),))
    alone = struck(Faults(settings), "job", 20)
    among = Faults(settings)
    for other in others:
        struck(among, other, 1)
    assert struck(among, "job", 20) == alone


def test_the_share_and_the_times_hold() -> None:
    many = Faults(Settings(faults=(Fault(kind="throttle", share=0.3),)))
    assert 240 < sum(struck(many, "job", 1000)) < 360
    few = Faults(Settings(faults=(Fault(kind="throttle", times=2, target="job-*"),)))
    assert struck(few, "job-1", 4) == [True, True, False, False]
    assert struck(few, "job-2", 3) == [True, True, False]
    assert not any(struck(few, "other", 3))
