"""A container image of a folder, built at deployment in AWS, with no Docker on the user's machine.

The kept constructs for it (deploy-time-build, cdk-docker-image-deployment) bring functions in
Node, and widen the roles that they are given; this one is a build project, a repository and two
functions in the project's own Python.

The tag is the hash of the folder: an unchanged folder is not built again, and a tag never means
another image. A build may take longer than a function, so nothing polls: the first function
starts the build with CloudFormation's request in its environment, and EventBridge calls the
second one when the build has ended.
"""

import json
from pathlib import Path
from typing import cast

from aws_cdk import Aws, CustomResource, Duration, RemovalPolicy
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from stacks.constructs import acknowledgements
from stacks.constructs.encrypted_log_group import encrypted_log_group
from stacks.constructs.evaluation_function import EvaluationFunction
from stacks.constructs.grants import grant

# Source: https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html
_BUILD_IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
_TIMEOUT = Duration.minutes(50)
_CLOUDFORMATION_WAITS = Duration.minutes(60)
_LEFT_OUT = ["**/__pycache__", "**/*.pyc", "**/.*", "!**/.dockerignore"]
_PUSH = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
]
_BUILDSPEC = {
    "version": "0.2",
    # SageMaker wants one image, and not an index of it and of its attestation.
    "env": {"variables": {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}},
    "phases": {
        "pre_build": {
            "commands": [
                "aws ecr get-login-password"
                ' | docker login --username AWS --password-stdin "${IMAGE%%/*}"'
            ]
        },
        "build": {"commands": ['docker build --tag "$IMAGE" .', 'docker push "$IMAGE"']},
    },
}


class ImageBuild(Construct):
    """The image of a folder that has a Dockerfile, in a repository of its own.

    Attributes:
        repository: The repository; its images are deleted with it.
        image_uri: The URI of the image, which is there when the stack is deployed.
    """

    def __init__(
        self, scope: Construct, id_: str, *, folder: Path, encryption_key: kms.IKey
    ) -> None:
        """Make repository, build project, functions and the resource that waits for the build."""
        super().__init__(scope, id_)
        source = assets.Asset(self, "Source", path=str(folder), exclude=_LEFT_OUT)
        self.repository = ecr.Repository(
            self,
            "Repository",
            encryption=ecr.RepositoryEncryption.KMS,
            encryption_key=encryption_key,
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            removal_policy=RemovalPolicy.DESTROY,
            empty_on_delete=True,
        )
        resource = cast(ecr.CfnRepository, self.repository.node.default_child)
        tag = source.asset_hash
        self.image_uri = f"{resource.attr_repository_uri}:{tag}"
        project = self._project(source, encryption_key)
        answering = self._answering(project, encryption_key)
        starting = self._starting(project, encryption_key)
        image = CustomResource(
            self,
            "Image",
            resource_type="Custom::ContainerImage",
            service_token=starting.function.function_arn,
            service_timeout=_CLOUDFORMATION_WAITS,
            properties={
                "Project": project.ref,
                "Repository": self.repository.repository_name,
                "Tag": tag,
            },
        )
        image.node.add_dependency(answering, starting, self._role)

    def _project(self, source: assets.Asset, encryption_key: kms.IKey) -> codebuild.CfnProject:
        log_group = encrypted_log_group(self, "Log", encryption_key=encryption_key)
        self._log_group = log_group
        self._role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "codebuild.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
            ),
            description="Reads the source of the image, builds and pushes it.",
        )
        log_group.grant_write(self._role)
        grant(
            self._role,
            actions=["s3:GetObject", "s3:GetObjectVersion"],
            resources=[source.bucket.arn_for_objects(source.s3_object_key)],
        )
        grant(self._role, actions=_PUSH, resources=[self.repository.repository_arn])
        grant(
            self._role,
            actions=["ecr:GetAuthorizationToken"],
            resources=["*"],
            wildcard_reason="ecr:GetAuthorizationToken has no resource level.",
        )
        grant(
            self._role,
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[encryption_key.key_arn],
        )
        project = codebuild.CfnProject(
            self,
            "Project",
            description="Builds a container image and pushes it to its repository.",
            service_role=self._role.role_arn,
            encryption_key=encryption_key.key_arn,
            source=codebuild.CfnProject.SourceProperty(
                type="S3",
                location=f"{source.s3_bucket_name}/{source.s3_object_key}",
                build_spec=json.dumps(_BUILDSPEC, indent=2),
            ),
            artifacts=codebuild.CfnProject.ArtifactsProperty(type="NO_ARTIFACTS"),
            environment=codebuild.CfnProject.EnvironmentProperty(
                type="LINUX_CONTAINER",
                image=_BUILD_IMAGE,
                compute_type="BUILD_GENERAL1_SMALL",
                privileged_mode=True,
                environment_variables=[
                    codebuild.CfnProject.EnvironmentVariableProperty(
                        name="IMAGE", value=self.image_uri
                    )
                ],
            ),
            logs_config=codebuild.CfnProject.LogsConfigProperty(
                cloud_watch_logs=codebuild.CfnProject.CloudWatchLogsConfigProperty(
                    status="ENABLED", group_name=log_group.log_group_name
                )
            ),
            timeout_in_minutes=_TIMEOUT.to_minutes(),
        )
        acknowledgements.acknowledge(
            project,
            "AwsSolutions::AwsSolutions-CB3",
            "docker build needs privileged mode; the role of the build may do no more than read "
            "its source, log, and push to this one repository.",
        )
        return project

    def _starting(
        self, project: codebuild.CfnProject, encryption_key: kms.IKey
    ) -> EvaluationFunction:
        starting = EvaluationFunction(
            self,
            "Start",
            handler="build_image_handler",
            description="Starts the build of a container image, if it is not there.",
            encryption_key=encryption_key,
        )
        grant(
            starting.role,
            actions=["ecr:BatchGetImage"],
            resources=[self.repository.repository_arn],
        )
        grant(starting.role, actions=["codebuild:StartBuild"], resources=[project.attr_arn])
        return starting

    def _answering(self, project: codebuild.CfnProject, encryption_key: kms.IKey) -> events.Rule:
        answering = EvaluationFunction(
            self,
            "Answer",
            handler="image_built_handler",
            description="Tells CloudFormation how the build of a container image ended.",
            encryption_key=encryption_key,
        )
        grant(
            answering.role,
            actions=["codebuild:BatchGetBuilds"],
            resources=[project.attr_arn],
        )
        self._log_group.grant(answering.role, "logs:GetLogEvents")
        rule = events.Rule(
            self,
            "Ended",
            description="A build of a container image has ended.",
            event_pattern=events.EventPattern(
                source=["aws.codebuild"],
                detail_type=["CodeBuild Build State Change"],
                detail={
                    "project-name": [project.ref],
                    "build-status": [{"anything-but": ["IN_PROGRESS"]}],
                },
            ),
        )
        rule.add_target(targets.LambdaFunction(answering.function))
        rule.node.add_dependency(answering)
        return rule
