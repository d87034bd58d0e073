"""The endpoint with its weighted variants, and batch transform."""

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.guardrails import Alarms, Update
from config.instance_storage import takes_volume_key
from config.instance_types import TransformInstanceType
from config.section import (
    InstanceCount,
    Items,
    Prefix,
    SageMakerName,
    Section,
    refuse,
)
from config.variants import Variant

_ID = "an id as AWS gives it, such as subnet-0123456789abcdef0 or sg-0123456789abcdef0"
_MOST_ALARMS = 10
_INFERENTIA = re.compile(r"ml\.inf1\.")


class Vpc(Section):
    """Subnets and security groups, in which the models' network interfaces are."""

    subnets: Annotated[
        Items[Annotated[str, Field(pattern=r"^subnet-[0-9a-f]{8,17}$", description=_ID)]],
        Field(min_length=1, max_length=16, description="a list of 1 to 16 ids of subnets"),
    ]
    security_groups: Annotated[
        Items[Annotated[str, Field(pattern=r"^sg-[0-9a-f]{8,17}$", description=_ID)]],
        Field(min_length=1, max_length=5, description="a list of 1 to 5 ids of security groups"),
    ]


class Hosting(Section):
    """The endpoint."""

    endpoint_name: SageMakerName
    weights: Annotated[
        Literal["retain", "from_file"],
        Field(description="retain (a deployment keeps the endpoint's weights) or from_file"),
    ] = "retain"
    approval: Annotated[
        Literal["automatic", "manual"],
        Field(
            description="automatic (a model that passes its gates is approved) or manual (you do)"
        ),
    ] = "automatic"
    variants: Annotated[
        Items[Variant],
        Field(min_length=1, max_length=10, description="a list of 1 to 10 variants"),
    ]
    shadow: Variant | None = None
    update: Update | None = None
    alarms: Alarms = Alarms()
    network_isolation: Annotated[
        bool | None,
        Field(description="true, false, or null (as each registered model needs it)"),
    ] = None
    vpc: Vpc | None = None
    volume_kms_key: Annotated[
        str | None,
        Field(
            pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$",
            description="the ARN of a KMS key, or null (the project's own, where it can be)",
        ),
    ] = None

    @property
    def every_variant(self) -> tuple[Variant, ...]:
        """The production variants and the shadow."""
        return (*self.variants, self.shadow) if self.shadow else self.variants

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not any(variant.weight for variant in self.variants):
            refuse("only weights of 0", "at least one weight above 0", at=("variants",))
        return self

    @model_validator(mode="after")
    def _one_beside_a_shadow(self) -> Self:
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
        if self.shadow and len(self.variants) > 1:
            got = f"a shadow of {len(self.variants)} variants"
            refuse(got, "null, or one variant: SageMaker copies the requests of one", ("shadow",))
        return self

    @model_validator(mode="after")
    def _serverless(self) -> Self:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html
        serverless = [each for each in self.every_variant if each.serverless]
        if not serverless:
            return self
        for is_set, key in (
            (len(self.every_variant) > 1, "variants"),
            (self.vpc is not None, "vpc"),
            (bool(self.network_isolation), "network_isolation"),
            (self.volume_kms_key is not None, "volume_kms_key"),
        ):
            if is_set:
                got = f"{key} beside the serverless variant {serverless[0].name}"
                refuse(got, "one serverless variant, without VPC, isolation and volumes", (key,))
        return self

    @model_validator(mode="after")
    def _guardrails(self) -> Self:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
        if self.update is None:
            return self
        for variant in self.every_variant:
            if _INFERENTIA.match(variant.instance_type):
                got = f"guardrails on {variant.instance_type} of {variant.name}"
                refuse(got, "null: SageMaker has none on Inferentia 1", ("update",))
        if self.update.type == "rolling":
            if len(self.variants) > 1:
                got = f"rolling with {len(self.variants)} variants"
                refuse(got, "all_at_once, canary or linear", ("update", "type"))
            if self.variants[0].serverless:
                got = "rolling with a serverless variant"
                refuse(got, "all_at_once, canary or linear", ("update", "type"))
        return self

    @model_validator(mode="after")
    def _few_alarms(self) -> Self:
        # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoRollbackConfig.html
        count = len(self.alarms.others) + len(self.variants) * self.alarms.kinds
        if self.update is not None and count > _MOST_ALARMS:
            got = f"{count} alarms of {len(self.variants)} variants"
            allowed = f"at most {_MOST_ALARMS} in all, which SageMaker watches during an update"
            refuse(got, allowed, ("alarms",))
        return self

    @model_validator(mode="after")
    def _volumes(self) -> Self:
        for variant in self.every_variant:
            if self.volume_kms_key and not takes_volume_key(variant.instance_type):
                got = f"a key for the local disks of {variant.instance_type} ({variant.name})"
                refuse(got, "null: these disks encrypt themselves", ("volume_kms_key",))
        return self


class Batch(Section):
    """Batch transform of the objects that arrive under a prefix of the data bucket."""

    input_prefix: Prefix = "batch/input/"
    instance_type: TransformInstanceType = "ml.m5.large"
    instance_count: InstanceCount = 1
