"""Batch transform jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from rehearsal.sagemaker import data_processing
from rehearsal.sagemaker.context import Context
from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.jobs import Job, Jobs
from rehearsal.sagemaker.models import Models
from rehearsal.sagemaker.s3_data import list_source, read, split_uri
from rehearsal.sagemaker.serving import ModelServer
from rehearsal.sagemaker.store import Record, now

_MEGABYTE = 1024 * 1024
_DEFAULT_PAYLOAD = 6
_BATCH = {"SAGEMAKER_BATCH": "true"}


class TransformJob(Job):
    """Serves the model, sends it every record of every input object, writes `.out` objects."""

    kind = "TransformJob"
    log_group = "/aws/sagemaker/TransformJobs"

    def run(self) -> None:
        """Do the work of the job."""
        self.change("TransformStartTime", now())
        source = self.record["TransformInput"]["DataSource"]["S3DataSource"]
        bucket, objects = list_source(self.role.s3, source)
        container = self.record["Container"]
        try:
            server = ModelServer(
                self.context, self.role, self.name, container, self.log_group, _BATCH
            )
        except JobFailure as failure:
            raise JobFailure(f"AlgorithmError: the model {failure}") from failure
        try:
            with ThreadPoolExecutor(self.record.get("MaxConcurrentTransforms") or 1) as pool:
                for _ in pool.map(lambda item: self._transform(server, bucket, *item), objects):
                    pass
        finally:
            server.stop()

    def _transform(self, server: ModelServer, bucket: str, key: str, name: str) -> None:
        if self.stopped:
            return
        uri = f"s3://{bucket}/{key}"
        try:
            text = read(self.role.s3, uri).decode()
        except UnicodeDecodeError as error:
            raise JobFailure(f"ClientError: {uri} is no UTF-8 text: {error}") from error
        lines = [
            self._output(record, prediction)
            for records in self._batches(text.splitlines())
            for record, prediction in self._predict(server, uri, records)
        ]
        target = f"{self.record['TransformOutput']['S3OutputPath'].rstrip('/')}/{name}.out"
        out_bucket, out_key = split_uri(target)
        self.role.s3.put_object(
            Bucket=out_bucket, Key=out_key, Body="".join(f"{line}\n" for line in lines).encode()
        )

    def _batches(self, records: list[str]) -> Iterator[list[str]]:
        limit = (self.record.get("MaxPayloadInMB") or _DEFAULT_PAYLOAD) * _MEGABYTE
        single = self.record.get("BatchStrategy") == "SingleRecord"
        batch: list[str] = []
        size = 0
        for record in records:
            length = len(record.encode()) + 1
            if batch and (single or size + length > limit):
                yield batch
                batch, size = [], 0
            batch.append(record)
            size += length
        if batch:
            yield batch

    def _predict(
        self, server: ModelServer, uri: str, records: list[str]
    ) -> Iterator[tuple[str, str]]:
        chosen = self._processing("InputFilter")
        body = "\n".join(data_processing.selected(record, chosen) for record in records)
        answer = server.invoke(
            body.encode(),
            self.record["TransformInput"].get("ContentType", "text/csv"),
            self.record["TransformOutput"].get("Accept", "text/csv"),
            seconds=600.0,
        )
        text = answer.body.decode(errors="replace")
        if answer.status != 200:
            raise JobFailure(
                f"AlgorithmError: the model answered {answer.status} for records of {uri}: "
                f"{text.strip()[:500]}"
            )
        predictions = text.splitlines()
        if len(predictions) != len(records):
            raise JobFailure(
                f"ClientError: {uri}: {len(records)} records were sent and {len(predictions)} "
                "predictions came back; with SplitType Line they must be as many."
            )
        yield from zip(records, predictions, strict=True)

    def _output(self, record: str, prediction: str) -> str:
        if self._processing("JoinSource") == "Input":
            prediction = data_processing.joined(record, prediction)
        return data_processing.selected(prediction, self._processing("OutputFilter"))

    def _processing(self, member: str) -> str:
        default = "None" if member == "JoinSource" else "$"
        return str(self.record.get("DataProcessing", {}).get(member, default))


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
        split = request["TransformInput"].get("SplitType", "None")
        assemble = request["TransformOutput"].get("AssembleWith", "None")
        content = request["TransformInput"].get("ContentType", "text/csv")
        if (split, assemble, content.partition(";")[0]) != ("Line", "Line", "text/csv"):
            raise ValidationError(
                "In the rehearsal a transform job takes text/csv with SplitType Line and "
                f"AssembleWith Line; this one has {content}, {split} and {assemble}."
            )
        for member in ("InputFilter", "OutputFilter"):
            path = request.get("DataProcessing", {}).get(member)
            if path is not None:
                data_processing.check_path(path, member)
        container = self._models.container(request["ModelName"])
        return {**request, "Container": container}
