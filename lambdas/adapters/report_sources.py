"""What a run left in the buckets and in SageMaker, as a report tells it."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

from adapters.job_descriptions import JobDescriptions
from adapters.job_logs import JobLogs
from adapters.model_archives import ModelArchives
from adapters.results import Results
from evaluation.errors import EvaluationError, ServiceUnavailable
from report import training_metrics
from report.document import Sources
from report.jobs import processing_job, training_job, transform_job
from report.request import ReportRequest

_AT_A_TIME = 8
_PACKAGES = ("numpy", "pyarrow", "matplotlib", "jinja2")

Job = tuple[str, str]  # candidate, name


class ReportSources:
    """Reads everything that a report is made of."""

    def __init__(
        self,
        data_bucket: str,
        results_bucket: str,
        *,
        results: Results | None = None,
        jobs: JobDescriptions | None = None,
        logs: JobLogs | None = None,
        archives: ModelArchives | None = None,
    ) -> None:
        self._data = f"s3://{data_bucket}"
        self._evaluations = f"s3://{results_bucket}"
        self._results = results or Results(results_bucket)
        self._jobs = jobs or JobDescriptions()
        self._logs = logs or JobLogs()
        self._archives = archives or ModelArchives()

    def read(self, request: ReportRequest) -> Sources:
        """Read the documents of a run, its jobs and their logs.

        A training job whose log cannot be read has the last values of its metrics only.

        Raises:
            EvaluationError: If a document is missing.
        """
        folder = f"{self._evaluations}/{request.folder}"
        leaderboard = self._read(f"{folder}leaderboard.json")
        completed = [
            each["name"] for each in leaderboard["candidates"] if each["status"] == "Completed"
        ]
        holdout = self._existing(f"{folder}{name}/holdout.json" for name in completed)
        trained = _training_jobs(leaderboard, holdout)
        described = self._described(trained)
        data = self._read(f"{self._data}/prepared/{request.run}/metadata.json")
        comparison = self._existing([f"{folder}comparison.json"])
        return Sources(
            project=request.project,
            run=request.run,
            problem={"type": request.problem.type, "classes": list(request.problem.classes)},
            leaderboard=leaderboard,
            folds={name: self._read(f"{folder}{name}/folds.json") for name in completed},
            holdout=holdout,
            comparison=comparison[0] if comparison else None,
            data=data,
            jobs=[
                *map(processing_job, self._jobs.preparation(request.project, request.run)),
                *(
                    job
                    for (_, name), found in zip(trained, described, strict=True)
                    for job in (training_job(found), *self._scored(name))
                ),
            ],
            training_curves=self._curves(trained, described),
            importance=self._importance(holdout, trained, described, data["features"]),
            versions=_versions(),
            configuration=self._read(request.configuration),
        )

    def _read(self, uri: str) -> dict[str, Any]:
        return dict(self._results.read(uri).items())

    def _existing(self, uris: Iterable[str]) -> list[dict[str, Any]]:
        return [self._read(uri) for uri in uris if self._results.exists(uri)]

    def _described(self, trained: list[Job]) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            return list(pool.map(lambda job: self._jobs.training(job[1]), trained))

    def _scored(self, name: str) -> list[dict[str, Any]]:
        found = self._jobs.transform(name)
        return [] if found is None else [transform_job(found)]

    def _importance(
        self,
        holdout: list[dict[str, Any]],
        trained: list[Job],
        described: list[dict[str, Any]],
        features: list[str],
    ) -> list[dict[str, Any]]:
        finalists = {found["training_job"] for found in holdout}
        told = []
        for (candidate, name), found in zip(trained, described, strict=True):
            uri = found.get("ModelArtifacts", {}).get("S3ModelArtifacts")
            if name in finalists and uri:
                importance = self._archives.importance(uri, features)
                told += [{"candidate": candidate, **importance}] if importance else []
        return told

    def _curves(self, trained: list[Job], described: list[dict[str, Any]]) -> list[dict[str, Any]]:
        def read(job: Job, found: dict[str, Any]) -> list[dict[str, Any]]:
            definitions = found["AlgorithmSpecification"].get("MetricDefinitions", [])
            try:
                curves = training_metrics.curves(job[1], definitions, self._logs.lines(job[1]))
            except ServiceUnavailable:
                raise
            except EvaluationError:
                curves = []
            curves = curves or training_metrics.last_values(training_job(found))
            return [{"candidate": job[0], **curve} for curve in curves]

        with ThreadPoolExecutor(_AT_A_TIME) as pool:
            return [curve for curves in pool.map(read, trained, described) for curve in curves]


def _training_jobs(leaderboard: dict[str, Any], holdout: list[dict[str, Any]]) -> list[Job]:
    folds = [
        (each["name"], fold["training_job"])
        for each in leaderboard["candidates"]
        for fold in each["folds"]
    ]
    return [*folds, *((found["candidate"], found["training_job"]) for found in holdout)]


def _versions() -> dict[str, str]:
    found = {"python": python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            # A layer may leave the metadata of packages out.
            continue
    return found
