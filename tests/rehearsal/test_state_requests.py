"""What is wrong with a definition or a request is said at once."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from rehearsal.account import Account
from tests.rehearsal.conftest import ROLE, make_role
from tests.rehearsal.machines import JSONATA, Machines, only
from tests.rehearsal.wire import post

NOTHING = {"Effect": "Deny", "Action": "*", "Resource": "*"}
PASS = {"Type": "Pass", "End": True}
TRAINING = "arn:aws:states:::sagemaker:createTrainingJob"


def map_of(processor: dict[str, Any], **config: str) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": {"ProcessorConfig": config, **processor}, "End": True}


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ({"StartAt": "Only"}, "The field 'States' must be an object"),
        ({**only(PASS), "StartAt": "Other"}, "Missing 'StartAt' target: Other at /StartAt"),
        (only({"Type": "Pass", "Next": "Gone"}), "Missing 'Next' target: Gone at /States/Only/N"),
        (only({"Type": "Pass"}), "Exactly one of the fields 'Next' and 'End' is required"),
        (only({"Type": "Sleep", "End": True}), "a state of a known Type, not 'Sleep'"),
        (only({"Type": "Choice"}), "'Choices' is required"),
        (only({"Type": "Task", "End": True}), "'Resource' is required"),
        (only({"Type": "Map", "End": True}), "'ItemProcessor' is required"),
        (only({"Type": "Parallel", "End": True, "Branches": [1]}), "/Branches[0]"),
        ({**only(PASS), "TimeoutSeconds": "soon"}, "integer of 1 or more at /TimeoutSeconds"),
        (
            only({"Type": "Task", "Resource": TRAINING.replace("Job", "Run"), "End": True}),
            "createTrainingRun is not recognized",
        ),
        (
            only({"Type": "Task", "Resource": TRAINING, "HeartbeatSeconds": 5, "End": True}),
            "HeartbeatSeconds is not available in the rehearsal",
        ),
        (
            only({**PASS, "Assign": {"a": 1}}),
            "Assign in a JSONPath state is not available in the rehearsal",
        ),
        (only(map_of(only(PASS), Mode="DISTRIBUTED")), "ExecutionType is STANDARD or EXPRESS"),
        (only({**map_of(only(PASS)), "ResultWriter": {}}), "for Mode DISTRIBUTED only"),
        (
            only(
                map_of(
                    only({"Type": "Task", "Resource": f"{TRAINING}.sync", "End": True}),
                    Mode="DISTRIBUTED",
                    ExecutionType="EXPRESS",
                )
            ),
            "Express state machine does not support",
        ),
    ],
)
def test_a_definition_that_cannot_run_is_refused(
    machines: Machines, definition: Any, said: str
) -> None:
    with pytest.raises(ClientError) as refused:
        machines.create(definition)
    assert refused.value.response["Error"]["Code"] == "InvalidDefinition"
    assert said in str(refused.value)
    found = machines.client.validate_state_machine_definition(definition=json.dumps(definition))
    assert found["result"] == "FAIL"
    assert any(said in f"{each['message']} at {each['location']}" for each in found["diagnostics"])


def test_a_definition_that_is_no_json_is_refused(machines: Machines) -> None:
    with pytest.raises(ClientError, match="INVALID_JSON_DESCRIPTION"):
        machines.client.create_state_machine(name=machines.name, definition="{", roleArn=ROLE)


def test_a_stack_with_a_wrong_definition_says_what_is_wrong(account: Account, name: str) -> None:
    properties = {"RoleArn": ROLE, "DefinitionString": json.dumps(only({"Type": "Pass"}))}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    client = account.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"M": machine}}))
    while client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"].endswith("_PROGRESS"):
        time.sleep(0.05)
    events = client.describe_stack_events(StackName=name)["StackEvents"]
    assert any("Exactly one of" in event.get("ResourceStatusReason", "") for event in events)


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("StartExecution", b"["),
        ("StartExecution", b"[]"),
        ("StartExecution", b'{"stateMachineArn": ["a"]}'),
        ("StartExecution", b'{"stateMachineArn": "a", "input": 7}'),
        ("StartExecution", b'{"stateMachineArn": "a", "input": "{"}'),
        ("StopExecution", b'{"executionArn": {}}'),
        ("DescribeExecution", b'{"executionArn": "no/such/arn"}'),
        ("RedriveExecution", b"{}"),
        ("RedriveExecution", b'{"executionArn": "\xc3\xa4"}'),
        ("ListStateMachines", b'{"maxResults": "many"}'),
        ("CreateStateMachine", b'{"name": "a", "roleArn": "b", "definition": {}}'),
        ("CreateStateMachine", b'{"name": "a", "roleArn": "b", "definition": "[]"}'),
        ("UpdateStateMachine", b'{"stateMachineArn": "a", "roleArn": "b"}'),
        ("DeleteStateMachine", b'{"stateMachineArn": null}'),
        ("TestState", b'{"definition": "[]"}'),
        ("TestState", b'{"definition": "7"}'),
        ("Nothing", b"{}"),
    ],
)
def test_a_malformed_request_is_the_callers_fault(
    account: Account, operation: str, body: bytes
) -> None:
    status, document = post(account, "states", f"AWSStepFunctions.{operation}", body)
    assert (status, "message" in document) == (400, True)


def test_an_input_that_is_no_json_is_refused(machines: Machines) -> None:
    arn = machines.create(only(PASS))
    with pytest.raises(ClientError) as refused:
        machines.client.start_execution(stateMachineArn=arn, input="{")
    assert refused.value.response["Error"]["Code"] == "InvalidExecutionInput"


@pytest.fixture
def direct(account: Account) -> Any:
    """A client that leaves the address of StartSyncExecution and TestState as it is."""
    variables = account.environment()
    return boto3.client(
        "stepfunctions",
        endpoint_url=account.endpoint_url,
        region_name=account.region,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=Config(inject_host_prefix=False),
    )


def test_only_express_workflows_run_in_the_request(machines: Machines, direct: Any) -> None:
    standard = machines.create(only(PASS))
    express = direct.create_state_machine(
        name=f"{machines.name}-express",
        type="EXPRESS",
        roleArn=ROLE,
        definition=json.dumps(only({**PASS, **JSONATA, "Output": "{% $states.input.a %}"})),
    )["stateMachineArn"]
    ended = direct.start_sync_execution(stateMachineArn=express, input='{"a": 7}')
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", "7")
    with pytest.raises(ClientError) as refused:
        direct.start_sync_execution(stateMachineArn=standard)
    assert refused.value.response["Error"]["Code"] == "StateMachineTypeNotSupported"


def test_a_state_can_be_tested_alone(direct: Any, account: Account, name: str) -> None:
    wait = {"Type": "Wait", "Seconds": 1, "Next": "Then"}
    tested = direct.test_state(definition=json.dumps(wait), roleArn=ROLE, input='{"a": 1}')
    assert (tested["status"], tested["nextState"]) == ("SUCCEEDED", "Then")
    task = json.dumps(
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sagemaker:deleteModel",
            "Parameters": {"ModelName": name},
            "End": True,
        }
    )
    tested = direct.test_state(definition=task, roleArn=ROLE, input="{}")
    assert (tested["status"], tested["error"]) == ("FAILED", "SageMaker.SageMakerException")
    assert "Could not find model" in tested["cause"]
    tested = direct.test_state(
        definition=task, roleArn=make_role(account, name, NOTHING), input="{}"
    )
    assert f"assumed-role/{name}/StepFunctions is not authorized" in tested["cause"]
    jsonata = json.dumps({**json.loads(task), **JSONATA})
    with pytest.raises(ClientError, match="JSONata Task state is not available in the rehearsal"):
        direct.test_state(definition=jsonata, roleArn=ROLE)
