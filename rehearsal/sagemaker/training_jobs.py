"""Training jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from typing import Any

from rehearsal.sagemaker.container import BASE_VARIABLE, RESOURCE_CONFIG, Container
from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.images import programs
from rehearsal.sagemaker.jobs import Job, Jobs
from rehearsal.sagemaker.s3_data import download, pack, upload_file
from rehearsal.sagemaker.store import Record, now


class TrainingJob(Job):
    """Downloads the channels, runs the image's `train`, uploads model.tar.gz."""

    kind = "TrainingJob"
    log_group = "/aws/sagemaker/TrainingJobs"

    def start(self) -> None:
        """Begin, as Starting until a slot is free."""
        self.secondary("Starting", "Preparing the instances for training")
        super().start()

    def run(self) -> None:
        """Do the work of the job."""
        container = Container(self.context.new_directory("training", self.name))
        try:
            self._download(container)
            self._train(container)
            self._upload(container)
        finally:
            container.remove()

    def end(self, status: str, reason: str = "") -> None:
        """Write the last state, with its secondary status."""
        super().end(status, reason)
        self.secondary(status, reason or f"Training job {status.lower()}")

    def end_times(self) -> Record:
        """When training ended, and what it is billed for."""
        ended = now()
        started = self.record.get("TrainingStartTime", ended)
        seconds = max(1, round((ended - started).total_seconds()))
        return {
            "TrainingEndTime": ended,
            "TrainingTimeInSeconds": seconds,
            "BillableTimeInSeconds": seconds,
        }

    def secondary(self, status: str, message: str) -> None:
        """Enter a secondary status, and close the one before."""
        moment = now()
        transitions = self.record.setdefault("SecondaryStatusTransitions", [])
        if transitions:
            transitions[-1]["EndTime"] = moment
        transitions.append({"Status": status, "StartTime": moment, "StatusMessage": message})
        self.change("SecondaryStatus", status)

    def _download(self, container: Container) -> None:
        self.secondary("Downloading", "Downloading the training data")
        self.change("TrainingStartTime", now())
        channels = {}
        for channel in self.record.get("InputDataConfig", []):
            name = channel["ChannelName"]
            source = channel["DataSource"]["S3DataSource"]
            download(self.role.s3, source, container.base / "input" / "data" / name)
            channels[name] = {
                "ContentType": channel.get("ContentType"),
                "TrainingInputMode": "File",
                "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            }
        container.configure(
            hyperparameters=self.record.get("HyperParameters", {}),
            inputdataconfig=channels,
            resourceconfig=RESOURCE_CONFIG,
        )

    def _train(self, container: Container) -> None:
        self.secondary("Training", "Training image download completed. Training in progress.")
        environment = self.context.environment(self.role) | {
            BASE_VARIABLE: str(container.base),
            "TRAINING_JOB_NAME": self.name,
            "TRAINING_JOB_ARN": self.record["TrainingJobArn"],
            **self.record.get("Environment", {}),
        }
        code = self.execute(
            programs(self.record["AlgorithmSpecification"]["TrainingImage"]).train,
            environment,
            container.base,
            maximum_seconds=self.record["StoppingCondition"]["MaxRuntimeInSeconds"],
        )
        if code and not self.stopped:
            said = container.failure.read_text().strip() if container.failure.exists() else ""
            raise JobFailure(
                f"AlgorithmError: {said or 'the program wrote no reason'}, exit code: {code}"
            )

    def _upload(self, container: Container) -> None:
        self.secondary("Uploading", "Uploading generated training model")
        target = f"{self.record['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{self.name}/output"
        outputs = (
            ("model.tar.gz", container.model),
            ("output.tar.gz", container.base / "output" / "data"),
        )
        for name, folder in outputs:
            if name == "model.tar.gz" or any(folder.iterdir()):
                archive = container.base / name
                pack(folder, archive)
                upload_file(self.role.s3, archive, f"{target}/{name}")
        self.change("ModelArtifacts", {"S3ModelArtifacts": f"{target}/model.tar.gz"})


class TrainingJobs(Jobs):
    """The API's operations on training jobs."""

    job_class = TrainingJob
    path = "training-job"

    def check(self, request: Record) -> Record:
        """Refuse what the rehearsal cannot run; a job may take a day unless the request says."""
        _refuse_unavailable(request)
        programs(request["AlgorithmSpecification"]["TrainingImage"])
        return {
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400},
            **request,
            "SecondaryStatus": "Starting",
        }


def _refuse_unavailable(request: dict[str, Any]) -> None:
    specification = request["AlgorithmSpecification"]
    if not specification.get("TrainingImage"):
        raise ValidationError(
            "AlgorithmSpecification.AlgorithmName is not available in the rehearsal; "
            "give a TrainingImage."
        )
    if request["ResourceConfig"].get("InstanceCount", 1) != 1:
        raise ValidationError(
            "ResourceConfig.InstanceCount above 1 is not available in the rehearsal."
        )
    for channel in request.get("InputDataConfig", []):
        where = f"InputDataConfig channel {channel['ChannelName']}"
        if "S3DataSource" not in channel["DataSource"]:
            raise ValidationError(f"{where}: only S3DataSource is available in the rehearsal.")
        if channel.get("InputMode", specification["TrainingInputMode"]) == "Pipe":
            raise ValidationError(f"{where}: input mode Pipe is not available in the rehearsal.")
