"""AWS CodeBuild's builds, which really run: source, build specification, log, phases."""
