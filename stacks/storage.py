"""The storage stack: the key, and the buckets for data, models, results and access logs."""

from aws_cdk import CfnOutput, Environment, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from config import Lifecycle
from stacks.constructs.access_log_bucket import access_log_bucket
from stacks.constructs.emptied_bucket import BucketEmptying
from stacks.constructs.encrypted_log_group import allow_log_groups
from stacks.constructs.secure_bucket import SecureBucket


class StorageStack(Stack):
    """What outlives the other stacks, and itself if the file says so.

    Attributes:
        encryption_key: Encrypts everything that the project stores.
        data: Source, prepared rows and batch input.
        models: Model artifacts.
        results: Predictions, evaluations and batch output.
    """

    def __init__(
        self, scope: Construct, id_: str, *, lifecycle: Lifecycle, env: Environment
    ) -> None:
        """Make the stack."""
        super().__init__(scope, id_, env=env, description=f"Storage of {lifecycle.project.name}.")
        retain = lifecycle.storage.retain
        self.encryption_key = kms.Key(
            self,
            "Key",
            description=f"Data, models and logs of {lifecycle.project.name}.",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.RETAIN if retain else RemovalPolicy.DESTROY,
        )
        allow_log_groups(self.encryption_key)
        self._access_logs = access_log_bucket(self, "AccessLogs", retain=retain)
        self.data = self._bucket("Data", retain=retain, events=True)
        self.models = self._bucket("Models", retain=retain, temporary_prefix="checkpoints/")
        self.results = self._bucket("Results", retain=retain)
        if not retain:
            BucketEmptying(
                self,
                "Emptying",
                buckets=[each.bucket for each in (self.data, self.models, self.results)],
                access_logs=self._access_logs,
                encryption_key=self.encryption_key,
            )
        CfnOutput(self, "DataBucketName", value=self.data.bucket.bucket_name)
        CfnOutput(self, "ModelBucketName", value=self.models.bucket.bucket_name)
        CfnOutput(self, "ResultsBucketName", value=self.results.bucket.bucket_name)

    def _bucket(
        self, id_: str, *, retain: bool, events: bool = False, temporary_prefix: str | None = None
    ) -> SecureBucket:
        return SecureBucket(
            self,
            id_,
            encryption_key=self.encryption_key,
            access_logs=self._access_logs,
            retain=retain,
            events=events,
            temporary_prefix=temporary_prefix,
        )
