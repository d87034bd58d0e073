"""Rows that are sent to an endpoint as requests, and how long it took to answer."""
