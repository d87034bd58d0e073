"""The rehearsal: an AWS account in one local process, whose SageMaker really runs its jobs."""
