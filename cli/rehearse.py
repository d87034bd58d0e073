"""The rehearsal: the whole lifecycle, from an empty account to answers, stage by stage."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli import batch, execution, live, traffic
from cli.cdk import Cdk, OnLine, resource_event
from cli.console import Stage, Stages, console
from cli.deployment import Deployment
from cli.example_data import upload
from cli.interruption import interrupt_on_signals
from cli.report import write_rehearsal
from cli.results import Results, show, shown_on_failure
from cli.s3 import objects, rows
from cli.summary import summarize
from config import Lifecycle
from rehearsal.account import DEFAULT_REGION, Account
from rehearsal.server import ACCOUNT_ID
from rehearsal.settings import Settings

_REQUESTS = 1000
_LONGEST_CAPTURE_SECONDS = 60.0


def rehearse(
    lifecycle: Lifecycle,
    directory: Path,
    *,
    candidates: str,
    keep: bool,
    port: int | None,
    settings: Settings | None,
) -> None:
    """Run every stage on a fresh account; leaves `summary.json` and `report.html` behind.

    Args:
        lifecycle: The project.
        directory: For the account's files, the summary and the report.
        candidates: Which of the file's candidates the stacks have, if not the enabled ones.
        keep: Leave the account and its stacks up at the end.
        port: For the account; None for any free one.
        settings: The account's quotas and faults; None for none.

    Raises:
        CommandError: If a stage fails; nothing is left running then.
        AccountError: If the account cannot start.
    """
    stages = Stages()
    for stale in ("summary.json", "report.html", "cdk.log"):
        (directory / stale).unlink(missing_ok=True)
    with _account(stages, lifecycle, directory, port, keep, settings) as account:
        cdk = Cdk(lifecycle.path, directory, candidates)
        with stages.stage("Bootstrap the account: cdk bootstrap") as stage:
            cdk.bootstrap(ACCOUNT_ID, account.region, on_line=_show(stage))
        with stages.stage("Deploy the stacks: cdk deploy --all") as stage:
            cdk.run("deploy", "--all", "--require-approval=never", on_line=_show(stage))
        deployment = Deployment.find(lifecycle.project.name)
        with stages.stage("Upload the example data") as stage:
            stage.say(upload(deployment, lifecycle.data))
        with stages.stage("Run the lifecycle: prepare, train, evaluate, register") as stage:
            arn = execution.start(deployment.output("LifecycleStateMachineArn"))
            with shown_on_failure(deployment):
                ended = execution.follow(arn, live=stage.live, say=stage.say)
            results = Results.read(deployment, ended.run)
            _say_data(stage, results)
        show(results)
        held_out = _holdout(deployment, results)
        unlabelled = [features for _, features in held_out]
        with stages.stage("Deploy the registered models: cdk deploy") as stage:
            name = f"{lifecycle.project.name}-hosting"
            cdk.run("deploy", name, "--require-approval=never", on_line=_show(stage))
            deployment = Deployment.find(lifecycle.project.name)
        with stages.stage(f"Send {_REQUESTS:,} live requests to the endpoint") as stage:
            endpoint = _send(deployment, unlabelled, stage)
        if "OnlineFunctionName" in deployment.outputs:
            with stages.stage("Tell what was true, and compare the variants on live data") as stage:
                labels = [label for label, _ in held_out]
                key = lifecycle.online.ground_truth + "rehearsal.jsonl"
                live.tell_labels(deployment, key, _live(labels))
                endpoint["comparison"] = _compare(deployment, stage)
        with stages.stage("Run batch transform over unlabelled rows") as stage:
            scored = _batch(deployment, unlabelled, stage)
        summary = summarize(ended, results, endpoint, scored, stages.seconds)
        (directory / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")
        write_rehearsal(deployment, summary, results.run, directory / "report.html")
        if keep:
            console.print(f"\nThe account and its stacks stay up on {account.endpoint_url}:")
            console.print('  eval "$(.venv/bin/lifecycle env)"      talk to it from this shell')
            console.print("  .venv/bin/lifecycle leaderboard        see the candidates again")
            console.print("  .venv/bin/lifecycle down               stop everything")
        else:
            with stages.stage("Destroy the stacks: cdk destroy --all") as stage:
                cdk.run("destroy", "--all", "--force", on_line=_show(stage))
    console.print(f"\n[bold]Summary[/] {_shown(directory / 'summary.json')}")
    console.print(f"[bold]Report[/]  {_shown(directory / 'report.html')}")


@contextmanager
def _account(
    stages: Stages,
    lifecycle: Lifecycle,
    directory: Path,
    port: int | None,
    keep: bool,
    settings: Settings | None,
) -> Iterator[Account]:
    interrupt_on_signals()
    with stages.stage("Start the rehearsal account"):
        account = Account.start(
            directory,
            port=port,
            region=lifecycle.project.region or DEFAULT_REGION,
            settings=settings,
        )
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(account.environment())
    finished = False
    try:
        yield account
        finished = True
    finally:
        if not (keep and finished):
            account.stop()


def _show(stage: Stage) -> OnLine:
    def on_line(line: str) -> None:
        event = resource_event(line)
        if event:
            stage.live(event)

    return on_line


def _say_data(stage: Stage, results: Results) -> None:
    data = results.metadata
    stage.say(f"{data['rows_read']:,} rows read")
    for dropped in data["dropped"]:
        stage.say(f"{dropped['rows']:,} rows dropped: {dropped['reason']}")
    folds = ", ".join(f"{fold['rows']:,}" for fold in data["folds"])
    stage.say(f"{data['rows']:,} rows kept: holdout {data['holdout_rows']:,}; folds {folds}")


def _holdout(deployment: Deployment, results: Results) -> list[tuple[str, str]]:
    """Label and features of each row that no model was trained on."""
    prefix = f"s3://{deployment.output('DataBucketName')}/prepared/{results.run}/holdout/"
    cut = (row.partition(",") for row in rows(prefix))
    return [(label, features) for label, _, features in cut]


def _live(items: list[str]) -> dict[str, str]:
    """One item a live request, by its inference id."""
    return {f"rehearsal-{index}": items[index % len(items)] for index in range(_REQUESTS)}


def _send(deployment: Deployment, unlabelled: list[str], stage: Stage) -> dict[str, Any]:
    name = deployment.output("EndpointName")
    answered = traffic.send(
        name, _live(unlabelled), lambda count: stage.live(f"{count:,} answered")
    )
    variants = [
        {**variant, "requests": answered[variant["name"]]} for variant in traffic.variants(name)
    ]
    for variant in variants:
        share = variant["requests"] / _REQUESTS
        stage.say(
            f"{variant['name']:12} weight {variant['weight']:g}: "
            f"{variant['requests']:,} requests ({share:.1%})"
        )
    return {"name": name, "variants": variants}


def _compare(deployment: Deployment, stage: Stage) -> dict[str, Any]:
    # What an endpoint captured is in S3 some seconds later.
    deadline = time.monotonic() + _LONGEST_CAPTURE_SECONDS
    while True:
        comparison = live.compare(deployment)
        counts = comparison["counts"]
        stage.live(f"{counts['labelled']:,} of {counts['predictions']:,} captured rows labelled")
        if counts["labelled"] >= _REQUESTS or time.monotonic() > deadline:
            break
        time.sleep(1)
    for sentence in live.sentences(comparison):
        stage.say(sentence)
    return comparison


def _batch(deployment: Deployment, unlabelled: list[str], stage: Stage) -> dict[str, Any]:
    body = "".join(f"{row}\n" for row in unlabelled)
    source = batch.put(deployment, "unlabelled.csv", body.encode())
    ended = batch.transform(deployment, source, stage.live)
    output = ended.output["output"]
    for uri, size in objects(output):
        stage.say(f"{uri}  {size:,} bytes")
    return {
        "rows_in": len(unlabelled),
        "rows_out": sum(1 for _ in rows(output)),
        "output": output,
        "model_package": ended.output["model_package"],
        "seconds": ended.seconds,
    }


def _shown(path: Path) -> str:
    return os.path.relpath(path)
