"""How many instances an endpoint uses of which quota.

Source: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html (service quotas)
"""

import math
from collections import Counter
from collections.abc import Mapping

from rehearsal.sagemaker.api.store import Record
from rehearsal.sagemaker.hosting.fleets import all_variants
from rehearsal.sagemaker.hosting.variants import Fleet
from rehearsal.sagemaker.quotas import ENDPOINT, quota


def of_fleet(fleet: Fleet, changes: Mapping[str, Record] | None = None) -> Counter[str]:
    """The instances of a fleet, by quota name; `changes` hold counts that will be other ones."""
    counts = {
        name: {"DesiredInstanceCount": variant.instances} | (changes or {}).get(name, {})
        for name, variant in fleet.members().items()
    }
    return of_config(fleet.config, counts) if fleet.config else Counter()


def of_config(config: Record, retained: Mapping[str, Record], share: float = 1.0) -> Counter[str]:
    """The instances that a share of a configuration's variants needs, by quota name."""
    used: Counter[str] = Counter()
    for variant in all_variants(config):
        if "InstanceType" in variant:
            wanted = {
                "DesiredInstanceCount": variant["InitialInstanceCount"],
                **retained.get(variant["VariantName"], {}),
            }
            count = math.ceil(share * wanted["DesiredInstanceCount"])
            used[quota(variant["InstanceType"], ENDPOINT)] += count
    return used
