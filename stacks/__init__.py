"""The CloudFormation stacks of the model lifecycle."""
