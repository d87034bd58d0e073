"""The CloudWatch alarms that can roll an endpoint's update back.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
"""

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.sagemaker.errors import JobFailure, ValidationError
from rehearsal.sagemaker.roles import Role


class Alarms:
    """Some alarms of the account, read with the permissions of the endpoint's role."""

    def __init__(self, role: Role, names: list[str]) -> None:
        self._role = role
        self._names = names

    def check(self) -> None:
        """Be sure that they can be watched.

        Raises:
            ValidationError: If one does not exist, or the role may not describe it.
        """
        try:
            states = self._states()
        except JobFailure as failure:
            raise ValidationError(str(failure)) from failure
        missing = [name for name in self._names if name not in states]
        if missing:
            raise ValidationError(f"Could not find CloudWatch alarms: {', '.join(missing)}.")

    def tripped(self) -> list[str]:
        """The names of those that are in ALARM.

        Raises:
            JobFailure: If the role may not describe them.
        """
        return [name for name, state in self._states().items() if state == "ALARM"]

    def _states(self) -> dict[str, str]:
        if not self._names:
            return {}
        try:
            answer = self._role.cloudwatch.describe_alarms(
                AlarmNames=self._names, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        except (BotoCoreError, ClientError) as error:
            raise JobFailure(
                f"The role {self._role.arn} could not describe the alarms of the automatic "
                f"roll-back: {error}"
            ) from error
        alarms = answer.get("MetricAlarms", []) + answer.get("CompositeAlarms", [])
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
