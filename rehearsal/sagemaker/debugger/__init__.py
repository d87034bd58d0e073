"""SageMaker Debugger: a training job's hook, and the rules that watch what it saves."""
