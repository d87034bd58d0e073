"""Gradient boosting in a container of our own, without SageMaker's toolkits."""
