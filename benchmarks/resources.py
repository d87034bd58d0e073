"""What the benchmarks need in an account: a role, and an endpoint with its model server."""

import json
from typing import Any

import psutil

from rehearsal.account import Account

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.4-2-cpu-py3"
_SERVICES = ["sagemaker.amazonaws.com", "states.amazonaws.com"]


def make_role(account: Account) -> str:
    """The ARN of a role for SageMaker and Step Functions that may do everything."""

    def policy(**statement: Any) -> str:
        return json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
        )

    iam = account.client("iam")
    trust = policy(Principal={"Service": _SERVICES}, Action="sts:AssumeRole")
    role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(
        RoleName="execution",
        PolicyName="everything",
        PolicyDocument=policy(Action="*", Resource="*"),
    )
    arn: str = role["Arn"]
    return arn


def host(account: Account, role: str, artifact: str) -> str:
    """Host an XGBoost model as `endpoint`; returns the URL of its model server."""
    sagemaker = account.client("sagemaker")
    sagemaker.create_model(
        ModelName="model",
        ExecutionRoleArn=role,
        PrimaryContainer={"Image": XGBOOST, "ModelDataUrl": artifact},
    )
    variant = {"VariantName": "only", "ModelName": "model", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(
        EndpointConfigName="endpoint",
        ProductionVariants=[{**variant, "InitialInstanceCount": 1}],
    )
    sagemaker.create_endpoint(EndpointName="endpoint", EndpointConfigName="endpoint")
    sagemaker.get_waiter("endpoint_in_service").wait(
        EndpointName="endpoint", WaiterConfig={"Delay": 0.1, "MaxAttempts": 600}
    )
    return _model_server_url(account)


def _model_server_url(account: Account) -> str:
    for process in psutil.Process(account.pid).children(recursive=True):
        if "rehearsal.programs.xgboost_serve" in process.cmdline():
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN:
                    return f"http://{connection.laddr.ip}:{connection.laddr.port}"
    raise RuntimeError("the endpoint has no model server")
