from typing import Any

import pytest

from tests.infrastructure.synthesis import STACKS, Synthesis, listed, resolved

BUCKET = "AWS::S3::Bucket"


def data_buckets(synthesis: Synthesis) -> list[dict[str, Any]]:
    """The buckets that other buckets do not log to."""
    buckets = synthesis.properties("storage", BUCKET)
    return [bucket for bucket in buckets if "LoggingConfiguration" in bucket]


def test_there_are_three_buckets_and_one_for_their_access_logs(synthesis: Synthesis) -> None:
    assert len(data_buckets(synthesis)) == 3
    assert len(synthesis.properties("storage", BUCKET)) == 4


def test_every_bucket_is_private_and_versioned(synthesis: Synthesis) -> None:
    for bucket in synthesis.properties("storage", BUCKET):
        assert bucket["PublicAccessBlockConfiguration"] == {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        }
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert "BucketName" not in bucket


def test_data_models_and_results_are_encrypted_with_the_key(synthesis: Synthesis) -> None:
    for bucket in data_buckets(synthesis):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        encryption = rule["ServerSideEncryptionByDefault"]
        assert encryption["SSEAlgorithm"] == "aws:kms"
        assert resolved(encryption["KMSMasterKeyID"]).startswith("Key")


def test_old_versions_and_broken_uploads_expire(synthesis: Synthesis) -> None:
    for bucket in synthesis.properties("storage", BUCKET):
        rule = bucket["LifecycleConfiguration"]["Rules"][0]
        assert rule["Status"] == "Enabled"
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}


def test_every_bucket_refuses_plain_http(synthesis: Synthesis) -> None:
    refused = set()
    for policy in synthesis.properties("storage", "AWS::S3::BucketPolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Deny":
                assert statement["Action"] == "s3:*"
                assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
                assert statement["Principal"] == {"AWS": "*"}
                assert len(listed(statement["Resource"])) == 2
                refused.add(resolved(policy["Bucket"]))
    assert len(refused) == 4


def test_the_data_bucket_tells_eventbridge_without_a_function(synthesis: Synthesis) -> None:
    told = [
        bucket
        for bucket in synthesis.properties("storage", BUCKET)
        if bucket.get("NotificationConfiguration")
        == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    ]
    assert len(told) == 1
    assert synthesis.resources("storage", "AWS::Lambda::Function") == []


def test_the_key_rotates_and_encrypts_logs_of_this_account_only(synthesis: Synthesis) -> None:
    (key,) = synthesis.properties("storage", "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    (logs,) = [
        statement
        for statement in key["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    ]
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert resolved(logs["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]) == (
        "arn:aws:logs:eu-west-1:111122223333:log-group:*"
    )


def test_data_and_models_are_kept_unless_the_file_says_otherwise(
    synthesis: Synthesis, from_file: Synthesis
) -> None:
    for kept, policy in ((synthesis, "Retain"), (from_file, "Delete")):
        for type_ in (BUCKET, "AWS::KMS::Key"):
            for resource in kept.resources("storage", type_):
                assert resource["DeletionPolicy"] == policy
                assert resource["UpdateReplacePolicy"] == policy


def test_buckets_that_go_are_emptied_first(synthesis: Synthesis, from_file: Synthesis) -> None:
    assert synthesis.resources("storage", "Custom::EmptyBucket") == []
    emptied = from_file.resources("storage", "Custom::EmptyBucket")
    assert len({resolved(each["Properties"]["BucketName"]) for each in emptied}) == 4
    (function,) = from_file.properties("storage", "AWS::Lambda::Function")
    assert function["Handler"] == "empty_bucket_handler.handler"
    assert function["Runtime"].startswith("python")
    (asking,) = [
        statement
        for statement in from_file.statements("storage")
        if "cloudformation:DescribeStacks" in statement["Action"]
    ]
    assert asking["Resource"] == [{"Ref": "AWS::StackId"}]
    for each in emptied:
        assert resolved(each["Properties"]["ServiceToken"]).endswith("-Arn")
        # Or CloudFormation might take the permission away before the function has used it.
        assert any("RoleDefaultPolicy" in name for name in each["DependsOn"])


def test_the_access_logs_are_emptied_after_the_buckets_that_write_there(
    from_file: Synthesis,
) -> None:
    emptied = from_file.document("storage")["Resources"]
    (last,) = [
        name
        for name, resource in emptied.items()
        if resource["Type"] == "Custom::EmptyBucket"
        and "AccessLogs" in resolved(resource["Properties"]["BucketName"])
    ]
    for resource in from_file.resources("storage", BUCKET):
        if "LoggingConfiguration" in resource["Properties"]:
            assert last in resource["DependsOn"]


@pytest.mark.parametrize("stack", STACKS)
def test_logs_are_encrypted_and_expire(synthesis: Synthesis, stack: str) -> None:
    for group in synthesis.properties(stack, "AWS::Logs::LogGroup"):
        assert "KmsKeyId" in group
        assert group["RetentionInDays"] == 90


def test_outputs_name_the_buckets(synthesis: Synthesis) -> None:
    outputs = synthesis.document("storage")["Outputs"]
    assert {"DataBucketName", "ModelBucketName", "ResultsBucketName"} <= outputs.keys()
