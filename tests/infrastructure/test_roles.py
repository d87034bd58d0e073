"""Champion and challenger change by a function that an approval invokes, and by nothing else."""

from typing import Any

from tests.infrastructure.synthesis import Synthesis, evaluated, resolved, state


def test_only_approvals_in_the_projects_own_group_change_a_role(synthesis: Synthesis) -> None:
    (rule,) = (
        each
        for each in synthesis.properties("training", "AWS::Events::Rule")
        if each["EventPattern"]["source"] == ["aws.sagemaker"]
    )
    detail = rule["EventPattern"]["detail"]
    assert detail["ModelApprovalStatus"] == ["Approved"]
    (group,) = detail["ModelPackageGroupName"]
    (registering,) = (
        each["Environment"]["Variables"]
        for each in synthesis.properties("training", "AWS::Lambda::Function")
        if each["Handler"] == "register_handler.handler"
    )
    assert resolved(group) == resolved(registering["MODEL_PACKAGE_GROUP"])


def test_roles_are_changed_by_the_two_functions_that_say_so(synthesis: Synthesis) -> None:
    writers = [
        statement["Resource"]
        for statement in synthesis.statements("training")
        if "ssm:PutParameter" in statement["Action"]
    ]
    assert len(writers) == 2
    for resources in writers:
        names = {resolved(each).rpartition("/")[2] for each in resources}
        assert len(names) == 4
        assert not [name for name in names if "*" in name]


def test_the_file_says_whether_a_run_approves_its_models(variant: Any) -> None:
    definition = variant(hosting={"approval": "manual"}).definition("training")
    payload = state(definition, "Register")["Arguments"]["Payload"]
    asked = evaluated(payload, input={"run": "r", "finalists": []})
    assert asked["approval"] == "manual"
