"""What the XGBoost container saves for SageMaker Debugger, round by round.

Source: https://github.com/awslabs/sagemaker-debugger (smdebug/xgboost) and
https://github.com/aws/sagemaker-xgboost-container (algorithm_mode/callback.py).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rehearsal.programs.xgboost_library import collective, xgb
from rehearsal.tensors import Collection, TensorWriter

_DEFAULT_INTERVAL = 10
_METRICS, _LOSSES = "metrics", "losses"
_PATTERNS = {
    _METRICS: "^[a-zA-z]+-[a-zA-z0-9]+$",
    _LOSSES: "^[a-zA-z]+-.+(?<!(auc|map))$",
    "predictions": "^predictions$",
    "labels": "^labels$",
    "feature_importance": "^feature_importance/.*",
}
_IMPORTANCES = ("weight", "gain", "cover", "total_gain", "total_cover")


@dataclass(frozen=True)
class SaveConfig:
    """At which steps a collection is saved."""

    save_interval: int = _DEFAULT_INTERVAL
    start_step: int = 0
    end_step: float = float("inf")
    save_steps: frozenset[int] = frozenset()

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> "SaveConfig":
        """The steps that the parameters of a hook or a collection say."""
        chosen = {
            key: parameters.get(f"global.{key}", parameters.get(key))
            for key in ("save_interval", "start_step", "end_step", "save_steps")
        }
        given: dict[str, Any] = {
            key: int(text) for key, text in chosen.items() if text and key != "save_steps"
        }
        steps = chosen["save_steps"] or ""
        given["save_steps"] = frozenset(int(step) for step in steps.split(",") if step.strip())
        return cls(**given)

    def saves(self, step: int) -> bool:
        """Whether a step is one of them."""
        between = self.start_step <= step < self.end_step
        return step in self.save_steps or (between and step % self.save_interval == 0)


class Hook(xgb.callback.TrainingCallback):
    """A callback that saves the collections of a `debughookconfig.json`."""

    def __init__(self, config: Mapping[str, Any], validation: xgb.DMatrix | None) -> None:
        """Save below the LocalPath; predictions and labels are of the validation rows."""
        common = config.get("HookParameters") or {}
        self._saves = {_METRICS: SaveConfig.of(common)}
        self._collections = dict(_PATTERNS)
        for each in config.get("CollectionConfigurations") or []:
            name, parameters = each["CollectionName"], each.get("CollectionParameters") or {}
            self._saves[name] = SaveConfig.of({**common, **parameters})
            self._collections.setdefault(name, parameters.get("include_regex", ""))
        self._validation = validation
        self._writer = TensorWriter(Path(config["LocalPath"]))
        self._names: set[str] = set()

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Save the round; never ends the training."""
        due = {name for name, config in self._saves.items() if config.saves(epoch)}
        if due and collective.get_rank() == 0:
            tensors = dict(self._tensors(due, model, evals_log))
            if tensors:
                self._writer.save_step(epoch, tensors)
                self._describe(tensors)
        return False

    def _tensors(self, due: set[str], model: Any, evals_log: Any) -> Iterator[tuple[str, Any]]:
        for channel, metrics in evals_log.items():
            for metric, values in metrics.items():
                name = f"{channel}-{metric}"
                loss = re.match(_PATTERNS[_LOSSES], name) is not None
                if _METRICS in due or (_LOSSES in due and loss):
                    yield name, float(values[-1])
        if self._validation is not None and "predictions" in due:
            yield "predictions", model.predict(self._validation)
        if self._validation is not None and "labels" in due:
            yield "labels", self._validation.get_label()
        if "feature_importance" in due:
            yield from _importances(model)

    def _describe(self, tensors: Mapping[str, Any]) -> None:
        new = tensors.keys() - self._names
        if not new:
            return
        self._names |= new
        self._writer.save_collections(
            [
                Collection(name, [pattern], [n for n in self._names if re.match(pattern, n)])
                for name, pattern in self._collections.items()
                if pattern
            ]
        )


def hook(
    config: Mapping[str, Any], matrices: Mapping[str, xgb.DMatrix]
) -> list[xgb.callback.TrainingCallback]:
    """The hook of a `debughookconfig.json`, or nothing without one."""
    return [Hook(config, matrices.get("validation"))] if config else []


def _importances(model: Any) -> Iterator[tuple[str, float]]:
    for kind in _IMPORTANCES:
        try:
            scores = model.get_score(importance_type=kind)
        except (ValueError, xgb.core.XGBoostError):
            return  # the linear booster has none of that kind
        total = sum(scores.values())
        for feature, score in scores.items():
            yield f"feature_importance/{kind}/{feature}", score / total if total else 0.0
