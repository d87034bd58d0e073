"""The SageMaker Python SDK knows nothing of the rehearsal, and works."""

from typing import Any

import pytest

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, ROLE, SCIKIT_LEARN, XGBOOST, Prepared
from tests.rehearsal.test_clients import upload_inputs


def test_the_sagemaker_sdk_trains_processes_registers_serves_and_transforms(
    account: Account,
    s3: Any,
    prepared: Prepared,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for key, value in account.environment().items():
        monkeypatch.setenv(key, value)
    from sagemaker.core import resources, shapes  # takes seconds, and reads the environment

    row = upload_inputs(s3, prepared)
    job = resources.TrainingJob.create(
        training_job_name=name,
        role_arn=ROLE,
        algorithm_specification=shapes.AlgorithmSpecification(
            training_image=XGBOOST, training_input_mode="File"
        ),
        hyper_parameters={"num_round": "10", "objective": "binary:logistic"},
        input_data_config=[
            shapes.Channel(
                channel_name="train",
                content_type="text/csv",
                data_source=shapes.DataSource(
                    s3_data_source=shapes.S3DataSource(
                        s3_data_type="S3Prefix", s3_uri=prepared.uri(0)
                    )
                ),
            )
        ],
        output_data_config=shapes.OutputDataConfig(s3_output_path=f"s3://{BUCKET}/models"),
        resource_config=shapes.ResourceConfig(
            instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10
        ),
        stopping_condition=shapes.StoppingCondition(max_runtime_in_seconds=300),
        tags=[resources.Tag(key="team", value="flights")],
    )
    processing = resources.ProcessingJob.create(
        processing_job_name=name,
        role_arn=ROLE,
        app_specification=shapes.AppSpecification(
            image_uri=SCIKIT_LEARN,
            container_entrypoint=["python3", "/opt/ml/processing/input/program/hello.py"],
        ),
        processing_inputs=[
            shapes.ProcessingInput(
                input_name="program",
                s3_input=shapes.ProcessingS3Input(
                    s3_uri=f"s3://{BUCKET}/program/",
                    local_path="/opt/ml/processing/input/program",
                    s3_data_type="S3Prefix",
                    s3_input_mode="File",
                ),
            )
        ],
        processing_resources=shapes.ProcessingResources(
            cluster_config=shapes.ProcessingClusterConfig(
                instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=10
            )
        ),
    )
    job.wait(poll=1, logs=True)
    assert job.training_job_status == "Completed"
    processing.wait(poll=1)
    assert processing.processing_job_status == "Completed"
    artifact = job.model_artifacts.s3_model_artifacts

    resources.ModelPackageGroup.create(model_package_group_name=name).wait_for_status("Completed")
    # The SDK's own ModelPackage.create expects a member that the API never answers.
    version = resources.Base.get_sagemaker_client().create_model_package(
        ModelPackageGroupName=name,
        InferenceSpecification={"Containers": [{"Image": XGBOOST, "ModelDataUrl": artifact}]},
    )["ModelPackageArn"]
    package = resources.ModelPackage.get(model_package_name=version)
    package.update(model_approval_status="Approved")
    listed = resources.ModelPackage.get_all(model_package_group_name=name)
    assert [item.model_approval_status for item in listed] == ["Approved"]

    model = resources.Model.create(
        model_name=name,
        execution_role_arn=ROLE,
        primary_container=shapes.ContainerDefinition(model_package_name=version),
    )
    transform = resources.TransformJob.create(
        transform_job_name=name,
        model_name=name,
        transform_input=shapes.TransformInput(
            data_source=shapes.TransformDataSource(
                s3_data_source=shapes.TransformS3DataSource(
                    s3_data_type="S3Prefix", s3_uri=f"s3://{BUCKET}/unlabelled/"
                )
            ),
            content_type="text/csv",
            split_type="Line",
        ),
        transform_output=shapes.TransformOutput(
            s3_output_path=f"s3://{BUCKET}/{name}", assemble_with="Line"
        ),
        transform_resources=shapes.TransformResources(
            instance_type="ml.m5.large", instance_count=1
        ),
    )
    config = resources.EndpointConfig.create(
        endpoint_config_name=name,
        production_variants=[
            shapes.ProductionVariant(
                variant_name="one",
                model_name=model,
                instance_type="ml.m5.large",
                initial_instance_count=1,
            )
        ],
    )
    endpoint = resources.Endpoint.create(endpoint_name=name, endpoint_config_name=config)
    endpoint.wait_for_status("InService", poll=1)
    answer = endpoint.invoke(body=row, content_type="text/csv")
    transform.wait(poll=1)
    assert transform.transform_job_status == "Completed"
    scored = s3.get_object(Bucket=BUCKET, Key=f"{name}/rows.csv.out")["Body"].read()
    assert float(answer.body.read()) == pytest.approx(float(scored))
    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    assert name not in [item.endpoint_name for item in resources.Endpoint.get_all()]
