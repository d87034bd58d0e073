"""The templates under the eyes of cdk-nag, cfn-lint and CloudFormation's own rules."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.conftest import Variant
from tests.infrastructure.synthesis import STACKS, Synthesis, resolved

# W3005: the CDK names roles as dependencies that are already dependencies by reference.
_NOT_OURS = "W3005"
_CFN_LINT = Path(sys.executable).with_name("cfn-lint")


def _with_plain_arguments(node: Any) -> Any:
    """A state machine whose `Arguments` are all objects.

    Step Functions takes an expression too, but cfn-lint does not know that.
    """
    if isinstance(node, list):
        return [_with_plain_arguments(value) for value in node]
    if not isinstance(node, dict):
        return node
    plain = {key: _with_plain_arguments(value) for key, value in node.items()}
    return plain | {"Arguments": {}} if isinstance(plain.get("Arguments"), str) else plain


def acknowledgements(synthesis: Synthesis) -> set[tuple[str, str]]:
    """All acknowledgements: construct path and rule."""
    found = set()
    for path in synthesis.directory.glob("*.metadata.json"):
        for construct, entries in json.loads(path.read_text()).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    found |= {(construct.strip("/"), rule) for rule in entry["data"]}
    return found


@pytest.mark.parametrize("name", ["synthesis", "from_file"])
class TestFindings:
    @pytest.fixture
    def project(self, name: str, request: pytest.FixtureRequest) -> Synthesis:
        project: Synthesis = request.getfixturevalue(name)
        return project

    def test_every_finding_is_acknowledged(self, project: Synthesis) -> None:
        assert "AwsSolutions" in {plugin["pluginName"] for plugin in project.report}
        for plugin in project.report:
            assert plugin["violations"] == []
            assert plugin["conclusion"] == "success"

    def test_every_acknowledgement_is_needed_and_has_its_reason(self, project: Synthesis) -> None:
        suppressed = [
            finding
            for plugin in project.report
            for finding in plugin.get("suppressedViolations", [])
        ]
        used = {(each["acknowledgedAt"], each["acknowledgedId"]) for each in suppressed}
        given = acknowledgements(project)
        assert given
        assert given == used
        for finding in suppressed:
            assert len(finding["reason"].split()) > 5
            assert finding["reason"].endswith(".")

    def test_cfn_lint_is_content(self, project: Synthesis) -> None:
        paths = [str(project.path(stack)) for stack in STACKS]
        command = [str(_CFN_LINT), "--ignore-checks", _NOT_OURS, "--", *paths]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout + done.stderr == ""
        assert done.returncode == 0

    def test_cfn_lint_reads_the_state_machines(self, project: Synthesis, tmp_path: Path) -> None:
        # In the templates the definitions have references in them, and cfn-lint passes them by.
        template: dict[str, Any] = {"Resources": {}}
        for stack in ("training", "batch"):
            (machine,) = project.properties(stack, "AWS::StepFunctions::StateMachine")
            template["Resources"][stack] = {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": "arn:aws:iam::111122223333:role/workflow",
                    "DefinitionString": json.dumps(
                        _with_plain_arguments(json.loads(resolved(machine["DefinitionString"])))
                    ),
                },
            }
        path = tmp_path / "machines.json"
        path.write_text(json.dumps(template))
        command = [str(_CFN_LINT), "--", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.stdout + done.stderr == ""


def test_the_same_file_gives_the_same_templates(synthesis: Synthesis, variant: Variant) -> None:
    again = variant()
    for stack in STACKS:
        assert again.path(stack).read_bytes() == synthesis.path(stack).read_bytes()
