"""The image of Apache Spark for processing jobs."""

import sys

from rehearsal.sagemaker.jobs.images.image_programs import Extra, Programs, module


def _none(what: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"raise SystemExit('the Spark image {what}; it processes')")


IMAGES = {
    "sagemaker-spark-processing": Programs(
        _none("trains nothing"),
        _none("has no server"),
        python=True,
        commands={"smspark-submit": module("spark_submit")},
        extra=Extra("pyspark", "requirements-spark.txt"),
    )
}
