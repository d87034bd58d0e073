"""A private, encrypted, versioned bucket whose requests are logged."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.grants import grant

_OBJECTS = "S3 has no narrower name for objects that are written at run time; the prefix is exact."


class SecureBucket(Construct):
    """A bucket that refuses plain HTTP and public access.

    Attributes:
        bucket: The bucket.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        encryption_key: kms.IKey,
        access_logs: s3.IBucket,
        retain: bool,
        events: bool = False,
        temporary_prefix: str | None = None,
    ) -> None:
        """Make the bucket.

        Args:
            scope: Where the construct belongs.
            id_: Its id there.
            encryption_key: Encrypts the objects.
            access_logs: Takes the access logs.
            retain: Whether the bucket outlives its stack.
            events: Whether EventBridge is told of each new object.
            temporary_prefix: Of objects that are deleted after 30 days.
        """
        super().__init__(scope, id_)
        self._key = encryption_key
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=encryption_key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            server_access_logs_bucket=access_logs,
            server_access_logs_prefix=f"{id_.lower()}/",
            removal_policy=RemovalPolicy.RETAIN if retain else RemovalPolicy.DESTROY,
            lifecycle_rules=[
                s3.LifecycleRule(
                    abort_incomplete_multipart_upload_after=Duration.days(7),
                    noncurrent_version_expiration=Duration.days(30),
                ),
                *(
                    [s3.LifecycleRule(prefix=temporary_prefix, expiration=Duration.days(30))]
                    if temporary_prefix
                    else []
                ),
            ],
        )
        if events:
            resource = self.bucket.node.default_child
            assert isinstance(resource, s3.CfnBucket)
            # Not `event_bridge_enabled`: that brings a Lambda function to set what CloudFormation
            # can set itself.
            resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
                event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                    event_bridge_enabled=True
                )
            )

    def grant_read(self, role: iam.IRole, prefix: str = "") -> None:
        """Let a role list the bucket and read the objects under a prefix."""
        arn = self._arn_in(Stack.of(role))
        grant(role, actions=["s3:ListBucket"], resources=[arn])
        grant(
            role,
            actions=["s3:GetObject"],
            resources=[f"{arn}/{prefix}*"],
            wildcard_reason=_OBJECTS,
        )
        grant(role, actions=["kms:Decrypt"], resources=[self._key.key_arn])

    def grant_write(self, role: iam.IRole, prefix: str = "") -> None:
        """Let a role write objects under a prefix."""
        grant(
            role,
            actions=["s3:PutObject", "s3:AbortMultipartUpload"],
            resources=[f"{self._arn_in(Stack.of(role))}/{prefix}*"],
            wildcard_reason=_OBJECTS,
        )
        # An upload in parts is read back with the key when it is completed.
        grant(role, actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self._key.key_arn])

    def _arn_in(self, stack: Stack) -> str:
        owner = Stack.of(self)
        if owner.node.path == stack.node.path:
            return self.bucket.bucket_arn
        # An explicit export: its name is known at once, and a finding's id contains it.
        stack.add_stack_dependency(owner)
        return str(owner.export_value(self.bucket.bucket_arn))
