"""Prepare tabular data for training: read, clean, derive, encode, split, write.

Runs as a folder or as a zip file of it, in a SageMaker processing job:
`python3 preparation.zip --config configuration.json --output-uri s3://bucket/prepared/run/`.
"""

import sys
from importlib import import_module

if __name__ == "__main__":
    # By name, because `tabular` is a top-level package only once Python has put this folder, or
    # the zip file of it, on the path.
    sys.exit(import_module("tabular.program").main(sys.argv[1:]))
