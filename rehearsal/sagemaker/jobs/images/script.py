"""The images of the frameworks that run scripts."""

from rehearsal.sagemaker.jobs.images.programs import Programs, module

IMAGES = {
    "sagemaker-scikit-learn": Programs(module("script_train"), module("script_serve"), python=True),
}
