"""What SageMaker's built-in algorithms accept, for those who ask and those who stand in."""
