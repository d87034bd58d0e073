"""The emptying of buckets that do not outlive their stack.

CloudFormation deletes only empty buckets. The CDK's `auto_delete_objects` brings a Node function;
this one is the project's own Python.
"""

from collections.abc import Iterable

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs import acknowledgements
from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant

_REASON = (
    "The function deletes every object version of this one bucket when its stack is destroyed; "
    "their names are not known before."
)


class BucketEmptying(Construct):
    """Empties buckets just before CloudFormation deletes them."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        buckets: Iterable[s3.IBucket],
        access_logs: s3.IBucket,
        encryption_key: kms.IKey,
    ) -> None:
        """Empty the buckets when the stack is destroyed.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            buckets: The buckets, but for the next.
            access_logs: The bucket that they log to.
            encryption_key: Encrypts the function's log.
        """
        super().__init__(scope, id_)
        self._emptying = EvaluationFunction(
            self,
            "Function",
            handler="empty_bucket_handler",
            description="Empties a bucket when its stack is destroyed.",
            encryption_key=encryption_key,
        )
        # The function empties only when the whole stack goes, so it asks.
        grant(
            self._emptying.role,
            actions=["cloudformation:DescribeStacks"],
            resources=[Stack.of(self).stack_id],
        )
        # The access logs go last, because the other buckets write there until they are gone.
        last = self._empty(access_logs)
        for bucket in buckets:
            bucket.node.add_dependency(last)
            self._empty(bucket)

    def _empty(self, bucket: s3.IBucket) -> CustomResource:
        name = Stack.of(self).resolve(bucket.bucket_name)["Ref"]
        # A policy for each bucket: one for all would tie the buckets' deletions together.
        policy = iam.Policy(
            self,
            f"{name}Policy",
            roles=[self._emptying.role],
            statements=[
                iam.PolicyStatement(
                    actions=["s3:ListBucketVersions"], resources=[bucket.bucket_arn]
                ),
                iam.PolicyStatement(
                    actions=["s3:DeleteObject", "s3:DeleteObjectVersion"],
                    resources=[bucket.arn_for_objects("*")],
                ),
            ],
        )
        acknowledgements.acknowledge_wildcard(policy, bucket.arn_for_objects("*"), _REASON)
        resource = CustomResource(
            self,
            name,
            resource_type="Custom::EmptyBucket",
            service_token=self._emptying.function.function_arn,
            service_timeout=Duration.minutes(16),
            properties={"BucketName": bucket.bucket_name},
        )
        resource.node.add_dependency(self._emptying.role, policy)
        return resource
