"""The images of the algorithms in the rehearsal's AWS Marketplace."""

from rehearsal.sagemaker.jobs.images.image_programs import Programs, module

IMAGES = {
    "marketplace/extra-trees": Programs(module("extra_trees_train"), module("extra_trees_serve")),
}
