"""Says which private name of MiniStack moved, when its pinned version changes."""

import importlib
import importlib.metadata
from types import FunctionType

import pytest

SEAMS = [
    ("ministack.app", "SERVICE_REGISTRY", dict),
    ("ministack.app", "SERVICE_HANDLERS", dict),
    ("ministack.app", "_loaded_modules", dict),
    ("ministack.services.lambda_svc", "_execute_function_warm", FunctionType),
    ("ministack.services.stepfunctions", "_SERVICE_DISPATCH", dict),
    ("ministack.services.stepfunctions", "_ExecutionError", type),
    ("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS", dict),
    ("ministack.services.cloudformation.provisioners", "_REPLACING_PROPERTIES", dict),
    ("ministack.services.cloudformation.provisioners", "_physical_name", FunctionType),
    ("ministack.services.cloudformation.stacks", "_runs_on_worker_thread", FunctionType),
]


@pytest.mark.parametrize(("module", "attribute", "kind"), SEAMS)
def test_ministack_still_has_the_seam(module: str, attribute: str, kind: type) -> None:
    version = importlib.metadata.version("ministack")
    found = getattr(importlib.import_module(module), attribute, None)
    assert isinstance(found, kind), (
        f"ministack {version} has no {module}.{attribute} of type {kind.__name__}; "
        "mend rehearsal/ministack_seams.py"
    )
