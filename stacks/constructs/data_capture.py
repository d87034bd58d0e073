"""What an endpoint keeps of its requests and answers."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker


@dataclass(frozen=True)
class DataCapture:
    """What is kept: how many percent of the requests, of them what, and below which S3 URI.

    Attributes:
        percentage: 0 for nothing.
        modes: `input`, `output` or both.
        destination: The S3 URI.
    """

    percentage: int
    modes: Sequence[str]
    destination: str

    def properties(
        self, key: kms.IKey
    ) -> sagemaker.CfnEndpointConfig.DataCaptureConfigProperty | None:
        """The endpoint configuration's DataCaptureConfig."""
        if not self.percentage:
            return None
        of = sagemaker.CfnEndpointConfig
        return of.DataCaptureConfigProperty(
            enable_capture=True,
            initial_sampling_percentage=self.percentage,
            destination_s3_uri=self.destination,
            kms_key_id=key.key_arn,
            capture_options=[
                of.CaptureOptionProperty(capture_mode=mode.capitalize()) for mode in self.modes
            ],
            # What is not named is kept in BASE64.
            capture_content_type_header=of.CaptureContentTypeHeaderProperty(
                csv_content_types=["text/csv"], json_content_types=["application/jsonlines"]
            ),
        )
