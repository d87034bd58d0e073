"""The local programs that stand for SageMaker's containers, one process each.

They find the container's /opt/ml tree under SAGEMAKER_BASE_DIR.
"""
