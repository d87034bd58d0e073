"""What SageMaker needs to put a model's network interfaces into subnets of the account.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
"""

from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs import acknowledgements

_ACTIONS = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)


def let_attach(scope: Construct, role: iam.IRole) -> iam.Policy:
    """Let a role, which may be of another stack, make network interfaces."""
    policy = iam.Policy(
        scope,
        "AttachNetwork",
        roles=[role],
        statements=[iam.PolicyStatement(actions=list(_ACTIONS), resources=["*"])],
    )
    acknowledgements.acknowledge_wildcard(
        policy,
        "*",
        "EC2's Describe actions have no resource level, and the interfaces that SageMaker makes "
        "and deletes have no names before they are there.",
    )
    return policy
