"""Every speed claim, measured against a named reference in the same run."""
