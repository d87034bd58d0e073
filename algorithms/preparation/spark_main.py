"""Prepare tabular data with Apache Spark, on all instances of a SageMaker processing job.

What spark-submit runs, with the zip file of this folder in its `--py-files`:
`smspark-submit --py-files preparation.zip spark_main.py --config configuration.json
--output-uri s3://bucket/prepared/run/`.
"""

import sys
from importlib import import_module

if __name__ == "__main__":
    # By name, because `tabular` is a top-level package only where spark-submit has put the zip
    # file on the path.
    sys.exit(import_module("tabular.spark.program").main(sys.argv[1:]))
