"""SageMaker Runtime: what answers InvokeEndpoint, and what follows from each answer."""
