"""The images of the frameworks that run scripts."""

import sys

from rehearsal.sagemaker.jobs.images.image_programs import Extra, Programs, module

_TORCH = Extra("torch", "requirements-torch.txt")


def _none(reason: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"raise SystemExit({reason!r})")


IMAGES = {
    "sagemaker-scikit-learn": Programs(module("script_train"), module("script_serve"), python=True),
    "pytorch-training": Programs(
        (*module("script_train"), "pytorch"),
        _none("the image pytorch-training has no server; pytorch-inference has one"),
        python=True,
        extra=_TORCH,
    ),
    "pytorch-inference": Programs(
        _none("the image pytorch-inference trains nothing; pytorch-training does"),
        # Of a script that is somewhere else it knows nothing.
        (*module("script_serve"), "model/code"),
        extra=_TORCH,
    ),
}
