"""Says which private name of MiniStack moved, when its pinned version changes."""

import importlib
import importlib.metadata
import re
from collections.abc import MutableMapping
from pathlib import Path
from types import FunctionType

import pytest

from rehearsal import ministack_seams

FUNCTIONS = {
    "ministack.app": [
        "_get_reset_lock",
        "_load_persisted_state",
        "pin_request_origin",
        "save_all",
    ],
    "ministack.core.iam_actions": [
        "extract_iam_action",
        "extract_resource_arn",
        "identity_denial_message",
        "request_tag_context",
    ],
    "ministack.core.iam_evaluator": [
        "_service_principal_matches",
        "enforce",
        "evaluate_trust_policy",
    ],
    "ministack.core.persistence": [
        "load_state",
    ],
    "ministack.core.router": [
        "extract_access_key_id",
    ],
    "ministack.services.codebuild": [
        "_build_id",
        "_create_project",
        "_make_build_record",
        "_project_shape",
        "_start_build",
        "_stop_build",
    ],
    "ministack.services.cloudformation.provisioners": [
        "_codebuild_cfn_to_api",
        "_physical_name",
        "_sfn_definition",
    ],
    "ministack.services.cloudformation.stacks": [
        "_runs_on_worker_thread",
    ],
    "ministack.services.cloudwatch": [
        "_describe_alarms",
        "_dims_key",
        "_evaluate_alarm",
        "_evaluate_all_alarms",
        "_record_history",
        "_set_alarm_state",
    ],
    "ministack.services.eventbridge": [
        "_put_events",
    ],
    "ministack.services.kms": [
        "_resolve_key",
    ],
    "ministack.services.lambda_svc": [
        "_execute_function_warm",
    ],
    "ministack.services.s3": [
        "_resolve_sse_write_headers",
    ],
    "ministack.services.stepfunctions": [
        "_add_event",
        "_apply_input_path",
        "_apply_jsonata_output",
        "_apply_jsonata_template",
        "_apply_output_path",
        "_apply_result_path",
        "_apply_result_selector",
        "_apply_state_assign",
        "_emit_execution_status_event",
        "_error_matches",
        "_execute_choice",
        "_execute_map",
        "_execute_parallel",
        "_execute_pass",
        "_execute_task",
        "_execute_wait",
        "_fail_state_error",
        "_find_matching_retrier",
        "_finalize_response",
        "_invoke_resource",
        "_invoke_resource_with_timeout",
        "_invoke_with_callback",
        "_nested_execution_failure",
        "_next_or_end",
        "_parse_reader_items",
        "_resolve_params_obj",
        "_resolve_path_or_ctx",
        "_run_execution",
        "_run_map_items",
        "_run_parallel_branches",
        "_scaled_sleep",
        "_state_query_language",
        "_stop_execution",
        "_test_state",
        "_validate_state_machine_definition",
        "now_iso",
    ],
    "ministack.services.sts": [
        "register_session",
    ],
}
OTHERS = [
    ("ministack.app", "SERVICE_HANDLERS", MutableMapping),
    ("ministack.app", "SERVICE_REGISTRY", MutableMapping),
    ("ministack.app", "_loaded_modules", MutableMapping),
    ("ministack.core.iam_evaluator", "AuthError", type),
    ("ministack.core.iam_evaluator", "EvalContext", type),
    ("ministack.core.lambda_runtime", "Worker", type),
    ("ministack.core.router", "SERVICE_PATTERNS", MutableMapping),
    ("ministack.services.cloudformation.provisioners", "_REPLACING_PROPERTIES", MutableMapping),
    ("ministack.services.cloudformation.provisioners", "_RESOURCE_HANDLERS", MutableMapping),
    ("ministack.services.cloudwatch", "_alarms", object),
    ("ministack.services.cloudwatch", "_composite_alarms", object),
    ("ministack.services.cloudwatch", "_metrics", object),
    ("ministack.services.codebuild", "_builds", object),
    ("ministack.services.codebuild", "_projects", object),
    ("ministack.services.iam", "_roles", object),
    ("ministack.services.stepfunctions", "_AWS_SDK_SERVICE_MAP", MutableMapping),
    ("ministack.services.stepfunctions", "_ExecutionError", type),
    ("ministack.services.stepfunctions", "_SERVICE_DISPATCH", MutableMapping),
    ("ministack.services.stepfunctions", "_executions", object),
    ("ministack.services.stepfunctions", "_map_runs", object),
    ("ministack.services.stepfunctions", "_state_machines", object),
    ("ministack.services.stepfunctions", "_task_tokens", object),
]
SEAMS = [
    *((module, name, FunctionType) for module, names in FUNCTIONS.items() for name in names),
    *OTHERS,
]


@pytest.mark.parametrize(("module", "attribute", "kind"), SEAMS)
def test_ministack_still_has_the_seam(module: str, attribute: str, kind: type) -> None:
    version = importlib.metadata.version("ministack")
    found = getattr(importlib.import_module(module), attribute, None)
    assert isinstance(found, kind), (
        f"ministack {version} has no {module}.{attribute} of type {kind.__name__}; "
        "mend rehearsal/ministack_seams"
    )


def test_every_private_name_is_in_the_list() -> None:
    folder = Path(ministack_seams.__file__).parent
    imported = re.compile(r"^from (ministack[\w.]*) import (.+)$", re.MULTILINE)
    used = set()
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for package, names in imported.findall(text):
            for name in names.split(", "):
                for attribute in re.findall(rf"\b{name}\.(_\w+)", text):
                    used.add((f"{package}.{name}", attribute))
        used |= {("ministack.app", name) for name in re.findall(r"ministack\.app\.(_\w+)", text)}
    listed = {(module, name) for module, name, _ in SEAMS}
    assert used <= listed, f"not in SEAMS: {sorted(used - listed)}"


def test_no_other_file_imports_ministack() -> None:
    package = Path(ministack_seams.__file__).parents[1]
    importing = [
        path.relative_to(package)
        for path in package.rglob("*.py")
        if re.search(r"^(from|import) ministack\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert {path.parts[0] for path in importing} == {"ministack_seams"}
