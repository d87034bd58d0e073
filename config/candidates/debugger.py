"""SageMaker Debugger on a candidate's training jobs."""

from config.section import Section


class Debugger(Section):
    """Rules that watch a training job, and what happens when one finds an issue."""
