"""What a newcomer's `make rehearse KEEP=1` leaves behind, and what can be done with it."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from scipy.stats import binom

from cli.s3 import split_uri
from tests.end_to_end.conftest import Rehearsal

Client = Callable[[str], Any]


def body(client: Client, uri: str) -> str:
    bucket, key = split_uri(uri)
    text: str = client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    return text


def keys(client: Client, uri: str) -> list[str]:
    bucket, prefix = split_uri(uri)
    listing = client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [f"s3://{bucket}/{item['Key']}" for item in listing.get("Contents", [])]


def test_every_row_is_read_kept_or_dropped_and_stored_once(rehearsal: Rehearsal) -> None:
    data = rehearsal.summary["data"]
    assert data["rows_read"] == rehearsal.sampled_rows
    assert data["rows"] + sum(item["rows"] for item in data["dropped"]) == data["rows_read"]
    assert all("arr_delay" in item["reason"] for item in data["dropped"])
    assert abs(data["holdout_rows"] / data["rows"] - 0.2) < 0.001
    # Besides the rows there are the labels and slices of each ("0,UA,EWR"), and the manifests and
    # the metadata, which do not grow with the rows.
    assert 0 <= data["bytes_stored"] - data["bytes_prepared"] < 9.5 * data["rows"] + 10_000


def test_the_leaderboard_has_real_scores_and_the_failed_candidate_with_its_reason(
    rehearsal: Rehearsal,
) -> None:
    assert rehearsal.summary["execution"]["status"] == "SUCCEEDED"
    first, second, broken = rehearsal.summary["candidates"]
    for candidate in (first, second):
        assert candidate["status"] == "Completed"
        scores = [fold["test_roc_auc"] for fold in candidate["folds"]]
        assert len(scores) == 3
        assert all(0.6 < score < 0.85 for score in scores), "0.85 and above: a column leaks"
        assert abs(sum(scores) / 3 - candidate["mean"]) < 1e-12
    assert first["mean"] >= second["mean"]
    assert broken["name"] == "broken"
    assert "no wind in the sails" in broken["reason"]
    assert "fold" in broken["reason"]
    assert "no wind in the sails" in rehearsal.output


def test_rules_have_watched_every_fold_of_the_first_candidate(rehearsal: Rehearsal) -> None:
    (watched,) = [each for each in rehearsal.summary["candidates"] if each.get("rules")]
    assert watched["name"] == "xgboost"
    assert {rule: sum(found.values()) for rule, found in watched["rules"].items()} == {
        "LossNotDecreasing": 3,
        "Overfit": 3,
    }


def test_each_fold_was_trained_on_the_other_folds_by_a_real_job(
    rehearsal: Rehearsal, client: Client
) -> None:
    fold = rehearsal.summary["candidates"][0]["folds"][1]
    job = client("sagemaker").describe_training_job(TrainingJobName=fold["training_job"])
    assert job["TrainingJobStatus"] == "Completed"
    source = job["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    assert source["S3DataType"] == "ManifestFile"
    manifest = body(client, source["S3Uri"])
    assert "fold-0/" in manifest
    assert "fold-2/" in manifest
    assert "fold-1/" not in manifest
    assert "holdout" not in manifest


def test_the_winners_are_registered_with_their_metrics_and_promoted(
    rehearsal: Rehearsal, client: Client
) -> None:
    holdout = rehearsal.summary["holdout"]
    assert all(document["passed"] for document in holdout)
    best = max(holdout, key=lambda document: document["test_roc_auc"])["candidate"]
    champion = rehearsal.summary["champion"]
    assert champion["candidate"] == best
    package = client("sagemaker").describe_model_package(ModelPackageName=champion["model_package"])
    assert package["ModelApprovalStatus"] == "Approved"
    statistics = package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"]
    assert best in body(client, statistics)
    parameter = client("ssm").get_parameter(Name="/flights/models/champion")["Parameter"]["Value"]
    assert parameter == champion["model_package"]


def test_live_traffic_is_split_by_the_weights(rehearsal: Rehearsal) -> None:
    variants = {item["name"]: item for item in rehearsal.summary["endpoint"]["variants"]}
    assert {name: item["weight"] for name, item in variants.items()} == {
        "champion": 9,
        "challenger": 1,
    }
    answered = [item["requests"] for item in variants.values()]
    assert sum(answered) == 1000
    low, high = binom.interval(1 - 1e-6, 1000, 0.1)
    assert low <= variants["challenger"]["requests"] <= high


def test_live_answers_are_joined_with_what_was_true(rehearsal: Rehearsal, client: Client) -> None:
    endpoint = rehearsal.summary["endpoint"]
    comparison = endpoint["comparison"]
    assert comparison["counts"]["labelled"] == comparison["counts"]["predictions"] == 1000
    assert {each["name"]: each["rows"] for each in comparison["variants"]} == {
        each["name"]: each["requests"] for each in endpoint["variants"]
    }
    champion, challenger = comparison["variants"]
    for each in (champion, challenger):
        interval = each["intervals"]["test_roc_auc"]
        assert 0.4 < interval["low"] < each["metrics"]["test_roc_auc"] < interval["high"] < 0.9
    (against,) = comparison["comparisons"]
    assert (against["reference"], against["variant"]) == ("champion", "challenger")
    found = against["difference"]
    brier = challenger["metrics"]["test_brier"] - champion["metrics"]["test_brier"]
    assert found["value"] == pytest.approx(brier)
    assert found["low"] < found["fixed_low"] < found["value"] < found["fixed_high"] < found["high"]
    metrics = client("cloudwatch").list_metrics(
        Namespace="SageMakerLifecycle", MetricName="test_roc_auc"
    )["Metrics"]
    assert len(metrics) == 2
    assert against["verdict"] in rehearsal.lifecycle("live")


def test_batch_scores_every_row(rehearsal: Rehearsal, client: Client) -> None:
    batch = rehearsal.summary["batch"]
    assert batch["rows_in"] == batch["rows_out"] == rehearsal.summary["data"]["holdout_rows"]
    rows = body(client, keys(client, batch["output"])[0]).splitlines()
    assert all(0 <= float(row.rpartition(",")[2]) <= 1 for row in rows)


def test_an_object_that_arrives_is_transformed(rehearsal: Rehearsal, client: Client) -> None:
    bucket, prefix = split_uri(rehearsal.summary["batch"]["output"])
    before = set(keys(client, f"s3://{bucket}/batch/"))
    stacks = client("cloudformation").describe_stacks(StackName="flights-storage")["Stacks"]
    outputs = {item["OutputKey"]: item["OutputValue"] for item in stacks[0]["Outputs"]}
    row = body(client, keys(client, f"s3://{bucket}/{prefix}")[0]).splitlines()[0]
    client("s3").put_object(Bucket=outputs["DataBucketName"], Key="batch/input/late/", Body=b"")
    client("s3").put_object(
        Bucket=outputs["DataBucketName"],
        Key="batch/input/late/arrivals.csv",
        Body=f"{row.rpartition(',')[0]}\n",
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        new = set(keys(client, f"s3://{bucket}/batch/")) - before
        if new:
            break
        time.sleep(0.5)
    assert [uri.rpartition("/")[2] for uri in new] == ["arrivals.csv.out"]
    assert body(client, new.pop()) == f"{row}\n"
    states = client("stepfunctions")
    machines = states.list_state_machines()["stateMachines"]
    machine = next(item for item in machines if item["name"] == "flights-batch")
    runs = states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    assert len(runs) == 2, "one by hand, one for the rows, none for the folder"


def test_the_commands_talk_to_the_kept_account(rehearsal: Rehearsal, client: Client) -> None:
    shown = rehearsal.lifecycle("leaderboard")
    assert "xgboost" in shown
    assert "no wind in the sails" in shown
    rows = body(client, keys(client, rehearsal.summary["batch"]["output"])[0]).splitlines()
    features, _, score = rows[0].rpartition(",")
    answered = rehearsal.lifecycle("invoke", features, "--variant", "champion")
    prediction, variant = answered.strip().split("  ")
    assert variant == "(variant champion)"
    assert abs(float(prediction) - float(score)) < 1e-6


def test_an_approved_model_is_promoted_and_rolled_back_with_the_shifted_weights(
    rehearsal: Rehearsal, client: Client
) -> None:
    sagemaker = client("sagemaker")
    name = rehearsal.summary["endpoint"]["name"]
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[{"VariantName": "challenger", "DesiredWeight": 3}],
    )
    champion = rehearsal.summary["champion"]["model_package"]
    described = sagemaker.describe_model_package(ModelPackageName=champion)
    new = sagemaker.create_model_package(
        ModelPackageGroupName=described["ModelPackageGroupName"],
        InferenceSpecification=described["InferenceSpecification"],
        ModelApprovalStatus="PendingManualApproval",
    )["ModelPackageArn"]
    assert f"waits        {new}" in rehearsal.lifecycle("roles")
    assert f"{new} is the challenger" in rehearsal.lifecycle("approve", "--comment", "looks good")

    assert "is in service" in rehearsal.lifecycle("promote")
    assert served(sagemaker, name) == {"champion": (new, 9), "challenger": (champion, 3)}
    assert "is in service" in rehearsal.lifecycle("rollback")
    assert served(sagemaker, name) == {"champion": (champion, 9), "challenger": (new, 3)}

    told = rehearsal.lifecycle("roles").split("Changes of champion and challenger")[1]
    actions = [
        word for word in told.split() if word in ("register", "approve", "promote", "rollback")
    ]
    assert actions == ["register", "register", "approve", "promote", "rollback"]
    with pytest.raises(AssertionError, match="No model package waits for approval"):
        rehearsal.lifecycle("approve")


def served(sagemaker: Any, endpoint: str) -> dict[str, tuple[str, float]]:
    """The model package and the live weight of each variant."""
    described = sagemaker.describe_endpoint(EndpointName=endpoint)
    configuration = sagemaker.describe_endpoint_config(
        EndpointConfigName=described["EndpointConfigName"]
    )
    weights = {
        each["VariantName"]: each["CurrentWeight"] for each in described["ProductionVariants"]
    }
    found = {}
    for each in configuration["ProductionVariants"]:
        model = sagemaker.describe_model(ModelName=each["ModelName"])
        package = model["Containers"][0]["ModelPackageName"]
        found[each["VariantName"]] = (package, weights[each["VariantName"]])
    return found


def test_the_report_names_the_winner(rehearsal: Rehearsal) -> None:
    page = (rehearsal.directory / "report.html").read_text()
    assert rehearsal.summary["champion"]["candidate"] in page
    assert "no wind in the sails" in page
    for section in ("training", "importance", "traffic", "batch", "stages"):
        assert f'<h2 id="{section}">' in page


def test_the_report_is_in_the_results_bucket_as_page_data_and_tables(
    rehearsal: Rehearsal, client: Client
) -> None:
    run = rehearsal.summary["execution"]["name"][:15]
    bucket, _ = split_uri(rehearsal.summary["batch"]["output"])
    folder = f"s3://{bucket}/evaluations/{run}/report"
    written = {uri.removeprefix(folder) for uri in keys(client, folder)}
    tables = {f"/{name}.parquet" for name in ("candidates", "curves", "folds", "holdout", "slices")}
    assert written == {".html", ".json"} | tables
    shown = rehearsal.lifecycle("report", "--format", "text")
    assert shown.startswith(f"{rehearsal.summary['champion']['candidate']} won")
    assert rehearsal.lifecycle("report", "--format", "markdown").startswith("# ")
