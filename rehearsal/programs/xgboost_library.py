"""The XGBoost library, imported without scikit-learn.

`import xgboost` brings scikit-learn in, where it is installed, as the base of its estimators. These
programs use none of them, and each job, endpoint and transform would pay a second for it.
Source: https://xgboost.readthedocs.io/en/stable/python/python_api.html#module-xgboost.sklearn.
"""

import sys

__all__ = ["collective", "xgb"]

_HIDDEN = "sklearn" not in sys.modules
if _HIDDEN:
    # Import fails as it does where scikit-learn is not installed.
    sys.modules["sklearn"] = None  # type: ignore[assignment]
try:
    import xgboost as xgb
    from xgboost import collective
finally:
    if _HIDDEN:
        del sys.modules["sklearn"]
