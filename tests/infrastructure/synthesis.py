"""Synthesizing the app in a test, and reading what comes out."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonata  # type: ignore[import-untyped]
from aws_cdk import App
from aws_cdk.assertions import Template

from config import Lifecycle
from stacks.application import add_stacks

ROOT = Path(__file__).parents[2]
REGION = "eu-west-1"
ACCOUNT = "111122223333"
STACKS = ("storage", "training", "hosting", "batch")


@dataclass(frozen=True)
class Synthesis:
    """The cloud assembly of a lifecycle file."""

    directory: Path
    project: str

    def path(self, stack: str) -> Path:
        return self.directory / f"{self.project}-{stack}.template.json"

    def document(self, stack: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.path(stack).read_text())
        return document

    def template(self, stack: str) -> Template:
        return Template.from_json(self.document(stack))

    def resources(self, stack: str, type_: str) -> list[dict[str, Any]]:
        found = self.document(stack)["Resources"].values()
        return [resource for resource in found if resource["Type"] == type_]

    def properties(self, stack: str, type_: str) -> list[dict[str, Any]]:
        return [resource.get("Properties", {}) for resource in self.resources(stack, type_)]

    def statements(self, stack: str) -> list[dict[str, Any]]:
        """All statements of the stack's IAM policies, with lists of actions and resources."""
        return [
            statement
            | {"Action": listed(statement["Action"]), "Resource": listed(statement["Resource"])}
            for policy in self.properties(stack, "AWS::IAM::Policy")
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    @cached_property
    def report(self) -> list[dict[str, Any]]:
        """What the validation plug-ins said."""
        report = json.loads((self.directory / "validation-report.json").read_text())
        plugins: list[dict[str, Any]] = report["pluginReports"]
        return plugins

    def definition(self, stack: str) -> dict[str, Any]:
        """The state machine of a stack; references in it are `name-of-the-reference`."""
        (properties,) = self.properties(stack, "AWS::StepFunctions::StateMachine")
        definition: dict[str, Any] = json.loads(resolved(properties["DefinitionString"]))
        return definition


def synthesize(lifecycle: Lifecycle, directory: Path, region: str = REGION) -> Synthesis:
    flags = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(outdir=str(directory), context=flags, analytics_reporting=False)
    add_stacks(app, lifecycle, account=ACCOUNT, default_region=region)
    app.synth()
    return Synthesis(directory, lifecycle.project.name)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolved(node: Any) -> str:
    """CloudFormation references as readable text."""
    match node:
        case str():
            return node
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(resolved(item) for item in items)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"{resource}-{attribute}"
        case {"Fn::ImportValue": value}:
            return str(value).partition(":")[2]
        case {"Ref": "AWS::Partition"}:
            return "aws"
        case {"Ref": "AWS::AccountId"}:
            return ACCOUNT
        case {"Ref": name}:
            return str(name)
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Select": [index, _]}:
            return f"part-{index}"
    raise AssertionError(f"no text for {node}")


def states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The states of a state machine, those inside of maps too, by name."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def state(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(states(definition))[name]


def expressions(node: Any) -> Iterator[str]:
    """The JSONata texts in a state machine."""
    match node:
        case dict():
            for value in node.values():
                yield from expressions(value)
        case list():
            for value in node:
                yield from expressions(value)
        case str() if node.startswith("{%"):
            yield node[2:-2]


def parsed(expression: str) -> Any:
    """A JSONata expression, with what Step Functions adds to the language.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    """
    found = jsonata.Jsonata(expression)
    found.register_lambda("parse", json.loads)
    found.register_lambda("hash", _hash)
    return found


def _hash(text: str, algorithm: str) -> str:
    return hashlib.new(algorithm.replace("-", ""), text.encode()).hexdigest()


def evaluated(node: Any, **given: Any) -> Any:
    """A state's field, its JSONata evaluated with `$states` having `input`, `result` and so on."""
    match node:
        case dict():
            return {key: evaluated(value, **given) for key, value in node.items()}
        case list():
            return [evaluated(value, **given) for value in node]
        case str() if node.startswith("{%"):
            return parsed(node[2:-2]).evaluate(None, {"states": given})
    return node


def named(request: Any) -> Any:
    """A request with names that AWS could have given where the template has references."""
    text = json.dumps(request)
    for reference, name in (
        (r"ExportsOutputRefDataBucket\w+", "data-bucket"),
        (r"ExportsOutputRefModelsBucket\w+", "model-bucket"),
        (r"ExportsOutputRefResultsBucket\w+", "results-bucket"),
        (r"ExportsOutputFnGetAttKey\w+", "key"),
        (r"ExecutionRole[0-9A-F]{8}-Arn", "arn:aws:iam::111122223333:role/execution"),
    ):
        text = re.sub(reference, name, text)
    return json.loads(text)
