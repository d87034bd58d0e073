"""Models of a container whose whole behaviour is a module of the test's own."""

import io
import tarfile
from typing import Any

from rehearsal.account import Account
from tests.rehearsal.conftest import BUCKET, SCIKIT_LEARN


def create_model(account: Account, name: str, module: str, role: str, **environment: str) -> str:
    """A model whose server imports the module, which serves while it is imported."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        member = tarfile.TarInfo("code/inference.py")
        member.size = len(module.encode())
        tar.addfile(member, io.BytesIO(module.encode()))
    key = f"modules/{name}/model.tar.gz"
    account.client("s3").put_object(Bucket=BUCKET, Key=key, Body=archive.getvalue())
    container = {"Image": SCIKIT_LEARN, "ModelDataUrl": f"s3://{BUCKET}/{key}"}
    account.client("sagemaker").create_model(
        ModelName=name,
        ExecutionRoleArn=role,
        PrimaryContainer={**container, "Environment": environment},
    )
    return name


def variant(name: str, model: str, **changes: Any) -> dict[str, Any]:
    """A production variant on one instance."""
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        **changes,
    }
