"""Endpoints: their configurations, fleets, and how updates go."""
