"""Log groups that are encrypted with the project's key and expire."""

from aws_cdk import Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

RETENTION = logs.RetentionDays.THREE_MONTHS


def encrypted_log_group(
    scope: Construct, id_: str, *, encryption_key: kms.IKey, name: str | None = None
) -> logs.LogGroup:
    """Make a log group; without a name, CloudFormation names it."""
    return logs.LogGroup(
        scope,
        id_,
        log_group_name=name,
        encryption_key=encryption_key,
        retention=RETENTION,
        removal_policy=RemovalPolicy.DESTROY,
    )


def allow_log_groups(encryption_key: kms.Key) -> None:
    """Let CloudWatch Logs use a key for the account's log groups in the key's region.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    stack = Stack.of(encryption_key)
    encryption_key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            resources=["*"],
            conditions={
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": (
                        f"arn:{stack.partition}:logs:{stack.region}:{Aws.ACCOUNT_ID}:log-group:*"
                    )
                }
            },
        )
    )
