"""Which instance types have local NVMe storage.

SageMaker refuses a key for their volumes: the instance store encrypts itself.
Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
(`VolumeKmsKeyId`) and API_CreateEndpointConfig.html (`KmsKeyId`).
"""

import re

# A `d` behind the generation number stands for local disks: m5d, c6gd, r5dn, g4dn, p4de.
_DISKS = re.compile(r"^[a-z]+\d+[a-z]*d[a-z]*$")
_ALWAYS = re.compile(r"^(g5|g6|g6e|gr6|i3|i3en|p5|p5e|p5en|p6-[a-z0-9]+|trn1|trn1n|trn2)$")


def takes_volume_key(instance_type: str) -> bool:
    """Whether a volume of the instance type, such as `ml.m5.large`, can have a key."""
    family = instance_type.split(".")[1]
    return not (_DISKS.match(family) or _ALWAYS.match(family))


def volume_key(instance_type: str, property_name: str, key_arn: str) -> dict[str, str]:
    """The key as the one property of that name, or no property where the type takes none."""
    return {property_name: key_arn} if takes_volume_key(instance_type) else {}
