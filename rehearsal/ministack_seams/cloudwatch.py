"""MiniStack's CloudWatch: alarms that look at their own metric only, forget it, and tell.

Source:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
import time
from datetime import UTC, datetime
from typing import Any

from ministack.services import cloudwatch

from rehearsal.ministack_seams.events import publish

Alarm = dict[str, Any]

_SET_AT = "_SetAt"
_WITHOUT_DATA = {"notBreaching": "OK", "breaching": "ALARM", "missing": "INSUFFICIENT_DATA"}


def install() -> None:
    """Mend the alarms."""
    _keep_states_that_are_set()
    _judge_alarms_by_their_own_metric()
    _judge_alarms_that_are_described()
    _tell_changes_of_alarms()


def count_execution(state_machine: str, status: str) -> None:
    """Count an execution of Step Functions that has ended, such as with `TIMED_OUT`.

    https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
    """
    name = "Executions" + status.title().replace("_", "")
    dimensions = {"StateMachineArn": state_machine}
    cloudwatch.record_metric("AWS/States", name, 1, "Count", dimensions)
    cloudwatch._evaluate_all_alarms()


def _judge_alarms_by_their_own_metric() -> None:
    # MiniStack counts every endpoint's metric for each endpoint's alarm, and an alarm of a metric
    # that has had no data since stays as it was.
    evaluate = cloudwatch._evaluate_alarm

    def judge(alarm: Alarm) -> None:
        everything = cloudwatch._metrics
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
        points = everything.get(key, [])
        seconds = alarm.get("Period", 60) * alarm.get("EvaluationPeriods", 1)
        if _is_kept(alarm):
            return
        newest = max((point["Timestamp"] for point in points), default=None)
        if newest is not None and newest < time.time() - seconds:
            _without_data(alarm)
            return
        cloudwatch._metrics = {key: points}
        try:
            evaluate(alarm)
        finally:
            cloudwatch._metrics = everything

    cloudwatch._evaluate_alarm = judge


def _without_data(alarm: Alarm) -> None:
    old = alarm["StateValue"]
    new = _WITHOUT_DATA.get(alarm.get("TreatMissingData") or "missing", old)
    if new != old:
        reason = "no datapoints were received for the evaluation periods"
        alarm["StateValue"], alarm["StateReason"] = new, reason
        alarm["StateUpdatedTimestamp"] = int(time.time())
        cloudwatch._record_history(alarm["AlarmName"], old, new, reason)


def _keep_states_that_are_set() -> None:
    # AWS looks at an alarm once a period, and only then changes a state that was set by hand.
    set_state = cloudwatch._set_alarm_state

    def set_and_keep(params: Alarm, cbor_data: Alarm, is_cbor: bool, is_json: bool = False) -> Any:
        name = cbor_data.get("AlarmName") or params.get("AlarmName")
        answer = set_state(params, cbor_data, is_cbor, is_json)
        alarm = cloudwatch._alarms.get(name)
        if alarm is not None:
            alarm[_SET_AT] = time.time()
        return answer

    cloudwatch._set_alarm_state = set_and_keep


def _is_kept(alarm: Alarm) -> bool:
    kept: bool = alarm.get(_SET_AT, 0.0) > time.time() - alarm.get("Period", 60)
    return kept


def _judge_alarms_that_are_described() -> None:
    # MiniStack looks at alarms when a metric comes in, and at no other time.
    describe = cloudwatch._describe_alarms

    def judge_and_describe(*arguments: Any, **named: Any) -> Any:
        cloudwatch._evaluate_all_alarms()
        return describe(*arguments, **named)

    cloudwatch._describe_alarms = judge_and_describe


def _tell_changes_of_alarms() -> None:
    record = cloudwatch._record_history

    def record_and_tell(
        name: str, old: str, new: str, reason: str, *more: Any, **named: Any
    ) -> None:
        record(name, old, new, reason, *more, **named)
        alarm = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
        if old == new or alarm is None:
            return
        detail = {
            "alarmName": name,
            "state": {
                "value": new,
                "reason": reason,
                "reasonData": json.dumps({}),
                "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
            },
            "previousState": {"value": old},
        }
        publish("aws.cloudwatch", "CloudWatch Alarm State Change", detail, alarm["AlarmArn"])

    cloudwatch._record_history = record_and_tell
