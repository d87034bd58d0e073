"""Accepted findings of cdk-nag and the CDK, each with the reason for which it is accepted."""

import json
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept one finding on a construct and on what is below it.

    Args:
        construct: The construct that has the finding.
        rule: As the report of the validation names it: `AwsSolutions::AwsSolutions-L1`.
        reason: A sentence for a security reviewer.
    """
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def acknowledge_wildcard(construct: IConstruct, arn: str, reason: str) -> None:
    """Accept a wildcard in the ARN of a policy's statement."""
    finding = f"Resource::{finding_text(construct, arn)}"
    acknowledge(construct, f"AwsSolutions::AwsSolutions-IAM5[{finding}]", reason)


def finding_text(construct: IConstruct, reference: str) -> str:
    """A string with CloudFormation references in it, as cdk-nag writes it in a finding's id.

    Source: `flattenCfnReference` of cdk-nag.
    """
    return _flat(Stack.of(construct).resolve(reference))


def _flat(node: Any) -> str:
    match node:
        case str():
            return node.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(_flat(item) for item in items)
        case {"Fn::Sub": text}:
            return _flat(text)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{_flat(resource)}.{_flat(attribute)}>"
        case {"Fn::ImportValue": value}:
            return _flat(value)
        case {"Ref": name}:
            return f"<{_flat(name)}>"
        case _:
            return json.dumps(node, separators=(",", ":"))
