"""What every kind of job shares: hosts, processes, logs, data."""
