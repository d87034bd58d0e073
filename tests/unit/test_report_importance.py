"""The importance of features, with XGBoost itself as the oracle."""

import contextlib
import io
import json
import tarfile
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import given, settings
from hypothesis import strategies as st

from report import ubjson
from report.importance import importance

FEATURES = ["month", "carrier", "distance"]


def archive(**files: bytes) -> io.BytesIO:
    found = io.BytesIO()
    with tarfile.open(fileobj=found, mode="w:gz") as members:
        for name, content in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(content)
            members.addfile(member, io.BytesIO(content))
    found.seek(0)
    return found


def model(booster: str = "gbtree", **parameters: Any) -> xgboost.Booster:
    draw = np.random.default_rng(7)
    features = draw.normal(size=(400, 3))
    labels = (features[:, 1] + 0.3 * features[:, 0] > 0).astype(float)
    options = {"objective": "binary:logistic", "booster": booster, "nthread": 1, **parameters}
    return xgboost.train(options, xgboost.DMatrix(features, labels), num_boost_round=5)


@pytest.mark.parametrize("raw", ["ubj", "json"])
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_gains_are_those_that_xgboost_tells(raw: str, booster: str) -> None:
    trained = model(booster)
    content = bytes(trained.save_raw(raw_format=raw))
    found = importance(archive(**{"xgboost-model": content}), FEATURES)
    assert found is not None
    told = trained.get_score(importance_type="total_gain")
    gains = np.array([told.get(f"f{column}", 0.0) for column in range(3)])
    values = [each["importance"] for each in found["features"]]
    np.testing.assert_allclose(values, gains / gains.sum(), rtol=1e-5)
    assert [each["feature"] for each in found["features"]] == FEATURES


def test_a_program_may_tell_it_itself() -> None:
    told = {"measure": "permutation", "features": {"month": 0.25, "carrier": 0.5}}
    content = json.dumps(told).encode()
    found = importance(archive(feature_importance__json=content), FEATURES)
    assert found == {
        "measure": "permutation",
        "features": [
            {"feature": "month", "importance": 0.25},
            {"feature": "carrier", "importance": 0.5},
        ],
    }


@pytest.mark.parametrize(
    "file",
    [
        io.BytesIO(b"no archive"),
        archive(model__joblib=b"pickle"),
        archive(**{"xgboost-model": b"binf an old format"}),
        archive(feature_importance__json=b"{}"),
        archive(**{"xgboost-model": bytes(model().save_raw(raw_format="ubj"))[:500]}),
    ],
)
def test_what_is_not_told_is_none(file: io.BytesIO) -> None:
    assert importance(file, FEATURES) is None


def test_a_model_of_other_columns_is_none() -> None:
    content = bytes(model().save_raw(raw_format="ubj"))
    assert importance(archive(**{"xgboost-model": content}), ["month"]) is None


@settings(max_examples=200)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_value_error(content: bytes) -> None:
    with contextlib.suppress(ValueError):
        ubjson.loads(content)
