"""Batch transform jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from rehearsal.sagemaker.api.store import Record, Store, now
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure
from rehearsal.sagemaker.hosting.serving import ModelServer
from rehearsal.sagemaker.jobs.jobs import Job, Jobs
from rehearsal.sagemaker.jobs.logs import LogStream
from rehearsal.sagemaker.jobs.permissions import check_volume_key
from rehearsal.sagemaker.jobs.s3_data import list_source, shard
from rehearsal.sagemaker.models.models import Models
from rehearsal.sagemaker.quotas import TRANSFORM, quota
from rehearsal.sagemaker.roles import Role
from rehearsal.sagemaker.transform.data_log import DataLog
from rehearsal.sagemaker.transform.transform_instance import TransformInstance
from rehearsal.sagemaker.transform.transform_invocations import Invocations
from rehearsal.sagemaker.transform.transform_requests import checked


class TransformJob(Job):
    """Serves the model on every instance, and divides the input objects over the instances."""

    kind = "TransformJob"
    log_group = "/aws/sagemaker/TransformJobs"

    def __init__(self, context: Context, store: Store, record: Record, role: Role) -> None:
        super().__init__(context, store, record, role)
        self.processes = record["TransformResources"]["InstanceCount"]
        self._servers: set[ModelServer] = set()
        self._servers_lock = threading.Lock()

    def run(self) -> None:
        """Do the work of the job."""
        self.change("TransformStartTime", now())
        resources = self.record["TransformResources"]
        if resources.get("VolumeKmsKeyId"):
            check_volume_key(self.role, resources["VolumeKmsKeyId"])
        source = self.record["TransformInput"]["DataSource"]["S3DataSource"]
        bucket, objects = list_source(self.role.s3, source)
        # An instance without an object would have nothing to do.
        count = min(resources["InstanceCount"], len(objects))
        shares = [shard(objects, number, count) for number in range(count)]
        with ThreadPoolExecutor(count) as pool:
            found = list(pool.map(lambda share: self._run_instance(bucket, share), shares))
        problems = [problem for share in found for problem in share]
        if problems:
            raise JobFailure(problems[0])

    def on_stopping(self) -> None:
        """Leave what the model servers are answering."""
        threading.Thread(target=self._stop_servers, daemon=True).start()

    def end(self, status: str, reason: str = "") -> None:
        """Write the last state; what fails while the job is stopped is no failure."""
        super().end(status, "" if status == "Stopped" else reason)

    def _run_instance(self, bucket: str, objects: Sequence[tuple[str, str]]) -> list[str]:
        instance = f"i-{secrets.token_hex(9)[:17]}"
        stream = f"{self.name}/{instance}-{int(time.time())}"
        server = self._start_server(instance, stream)
        with self._servers_lock:
            self._servers.add(server)
        deaths = [
            threading.Timer(moment - time.monotonic(), self._stop_server, [server])
            for moment, _ in self.alarm_of_death()
        ]
        for death in deaths:
            death.start()
        try:
            if self.stopped:
                return []
            with LogStream(self.role.logs, self.log_group, f"{stream}/data-log") as log_stream:
                log = DataLog(log_stream)
                invocations = Invocations(server, self.record)
                log.write(str(invocations))
                worker = TransformInstance(
                    self.role.s3, self.record, invocations, log, self.context.directory
                )
                return worker.transform(bucket, objects, lambda: self.stopped)
        finally:
            for death in deaths:
                death.cancel()
            self._stop_server(server)

    def _start_server(self, instance: str, stream: str) -> ModelServer:
        variables = {"SAGEMAKER_BATCH": "true", **self.record.get("Environment", {})}
        try:
            return ModelServer(
                self.context,
                self.role,
                f"{self.name}/{instance}",
                self.record["Container"],
                self.log_group,
                variables,
                log_stream=stream,
            )
        except JobFailure as failure:
            raise JobFailure(f"AlgorithmError: the model {failure}") from failure

    def _stop_servers(self) -> None:
        with self._servers_lock:
            servers = list(self._servers)
        for server in servers:
            self._stop_server(server)

    def _stop_server(self, server: ModelServer) -> None:
        with self._servers_lock:
            if server not in self._servers:
                return
            self._servers.remove(server)
        server.stop()


class TransformJobs(Jobs):
    """The API's operations on transform jobs."""

    job_class = TransformJob
    path = "transform-job"

    def __init__(self, context: Context, models: Models) -> None:
        super().__init__(context)
        self._models = models

    def role_arn(self, request: Record) -> str:
        """The role of the request's model."""
        return str(self._models.describe(request)["ExecutionRoleArn"])

    def check(self, request: Record) -> Record:
        """Refuse what the rehearsal cannot run; the model is the one of this moment."""
        return {**checked(request), "Container": self._models.container(request["ModelName"])}

    def instances(self, record: Record) -> Mapping[str, int]:
        """How many instances a job uses, by the names of AWS's quotas."""
        resources = record["TransformResources"]
        return {quota(resources["InstanceType"], TRANSFORM): resources["InstanceCount"]}
