"""Preparation of tabular data for SageMaker training and batch transform."""
