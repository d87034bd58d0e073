"""The lifecycle file: `load` reads, checks and freezes it; nothing else reads it."""

from config.candidates import (
    BuiltIn,
    Candidate,
    CandidateEntry,
    Choice,
    Container,
    ContainerEntry,
    Debugger,
    Hyperparameter,
    Marketplace,
    NumericRange,
    Script,
    Spark,
    Tuning,
    as_text,
)
from config.data import BUNDLED_EXAMPLE, Data, Derived, Features, Split
from config.errors import ConfigurationError, Problem
from config.evaluation import Evaluation, Threshold
from config.gates import Gate
from config.guardrails import Alarms, Update
from config.hosting import Batch, Hosting, Vpc
from config.jobs import Parallel, Processing
from config.lifecycle import Lifecycle
from config.loading import load
from config.metrics import METRICS, Metric, ProblemType
from config.project import Project, Storage
from config.rollout import Rollout
from config.schema import write_schema
from config.selection import names
from config.target import Positive, Target
from config.variants import Autoscaling, Serverless, Variant

__all__ = [
    "BUNDLED_EXAMPLE",
    "METRICS",
    "Alarms",
    "Autoscaling",
    "Batch",
    "BuiltIn",
    "Candidate",
    "CandidateEntry",
    "Choice",
    "ConfigurationError",
    "Container",
    "ContainerEntry",
    "Data",
    "Debugger",
    "Derived",
    "Evaluation",
    "Features",
    "Gate",
    "Hosting",
    "Hyperparameter",
    "Lifecycle",
    "Marketplace",
    "Metric",
    "NumericRange",
    "Parallel",
    "Positive",
    "Problem",
    "ProblemType",
    "Processing",
    "Project",
    "Rollout",
    "Script",
    "Serverless",
    "Spark",
    "Split",
    "Storage",
    "Target",
    "Threshold",
    "Tuning",
    "Update",
    "Variant",
    "Vpc",
    "as_text",
    "load",
    "names",
    "write_schema",
]
