"""The training options: one file each, and the table of them here."""

from config import BuiltIn, Candidate, ContainerEntry, Marketplace, Script
from stacks.constructs.training_options.algorithm import Algorithm, Predictions, csv_scores
from stacks.constructs.training_options.built_in import built_in
from stacks.constructs.training_options.container import container
from stacks.constructs.training_options.context import OptionContext
from stacks.constructs.training_options.marketplace import OtherRegionError, marketplace
from stacks.constructs.training_options.script import script

__all__ = [
    "Algorithm",
    "OptionContext",
    "OtherRegionError",
    "Predictions",
    "algorithm_of",
    "csv_scores",
]


def algorithm_of(candidate: Candidate, context: OptionContext) -> Algorithm:
    """What trains a candidate and serves its model.

    Raises:
        UnknownImageError: If SageMaker has no image for it in the stack's region.
        OtherRegionError: If its algorithm cannot be used there.
    """
    match candidate.entry:
        case BuiltIn() as entry:
            return built_in(candidate, entry, context)
        case Script() as entry:
            return script(candidate, entry, context)
        case Marketplace() as entry:
            return marketplace(candidate, entry, context)
        case ContainerEntry() as entry:
            return container(candidate, entry, context)
    raise TypeError(f"candidate {candidate.name}: no training option {candidate.option}")
