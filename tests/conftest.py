"""Hypothesis for every test: how long an example takes is no concern of a test."""

from hypothesis import settings

settings.register_profile("project", deadline=None)
settings.load_profile("project")
