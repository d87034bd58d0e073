"""MiniStack's IAM: sessions of roles, and what their policies allow."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

import ministack.app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam, sts

from rehearsal.clients import Credentials


def count_loopback_as_tls() -> None:
    """Let aws:SecureTransport be true: what stays on loopback is on no network.

    The account answers over HTTP, and every bucket of the CDK's refuses what is not TLS.
    """
    pin = ministack.app.pin_request_origin
    ministack.app.pin_request_origin = lambda address, secure: pin(address, True)


def tell_log_streams_apart() -> None:
    """Check what is done with a stream of a log on the stream; MiniStack checks it on the group.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
    """
    of_request = iam_actions.extract_resource_arn

    def resource(
        service: str, method: str, path: str, headers: Any, body: bytes, *more: Any
    ) -> str:
        arn: str = of_request(service, method, path, headers, body, *more)
        if service != "logs" or ":log-group:" not in arn:
            return arn
        try:
            stream = json.loads(body).get("logStreamName")
        except ValueError:
            return arn
        return f"{arn}:log-stream:{stream}" if stream else arn

    iam_actions.extract_resource_arn = resource


def check_alarms_on_alarms() -> None:
    """Check DescribeAlarms on all alarms of the account, which MiniStack checks on everything.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
    """
    of_request = iam_actions.extract_resource_arn

    def resource(
        service: str,
        method: str,
        path: str,
        headers: Any,
        body: bytes,
        parameters: Any,
        *more: Any,
    ) -> str:
        arn: str = of_request(service, method, path, headers, body, parameters, *more)
        if service != "monitoring" or arn != "*":
            return arn
        action = iam_actions.extract_iam_action(service, method, path, headers, body, parameters)
        if action != "cloudwatch:DescribeAlarms":
            return arn
        return f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:*"

    iam_actions.extract_resource_arn = resource


def tell_metric_namespaces() -> None:
    """Let policies have conditions on cloudwatch:namespace, which MiniStack does not tell.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
    """
    of_tags = iam_actions.request_tag_context

    def context(service: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:
        found: dict[str, Any] = of_tags(service, action, body, parameters)
        if action == "cloudwatch:PutMetricData":
            request = json.loads(body) if body.startswith(b"{") else parameters
            found["cloudwatch:namespace"] = str(request.get("Namespace", ""))
        return found

    iam_actions.request_tag_context = context


class Iam:
    """What the account's IAM says, for the services that are not MiniStack's."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region
        self._sessions: dict[tuple[str, str], Credentials] = {}

    def caller(self, headers: Mapping[str, str]) -> str:
        """The access key that signed a request."""
        key: str = router.extract_access_key_id(headers)
        return key

    def assume(self, role_arn: str, service: str, source_arn: str) -> Credentials:
        """Credentials of a role's session, without an end.

        Args:
            role_arn: Of the role.
            service: As in `states.amazonaws.com`.
            source_arn: Of the resource for which the service assumes it; `aws:SourceArn`.

        Raises:
            PermissionError: If the role does not exist, or does not trust the service.
        """
        name = role_arn.rpartition("/")[2]
        role = iam._roles.get_scoped(self._account_id, None, name)
        if role is None or role["Arn"] != role_arn or not self._trusts(role, service, source_arn):
            raise PermissionError(f"{service} cannot assume {role_arn}")
        key = (role["RoleId"], service)
        if key not in self._sessions:
            self._sessions[key] = self._new_session(name, role["RoleId"], service)
        return self._sessions[key]

    def denial(
        self, access_key: str, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> str:
        """Why a caller may not do an action on a resource, in AWS's words; empty if it may."""
        denied = iam_evaluator.enforce(
            access_key,
            action,
            action.partition(":")[0],
            self._region,
            resource,
            dict(context or {}),
        )
        if denied is None:
            return ""
        if isinstance(denied, iam_evaluator.AuthError):
            return str(denied.message)
        message: str = iam_actions.identity_denial_message(
            action, denied.principal_arn, resource, denied.decision == "Deny"
        )
        return message

    def _trusts(self, role: dict[str, Any], service: str, source_arn: str) -> bool:
        # MiniStack's own check lets the root user pass for every service.
        document = role["AssumeRolePolicyDocument"]
        document = json.loads(document) if isinstance(document, str) else document
        statements = document["Statement"]
        named = [
            {**statement, "Principal": "*"}
            for statement in (statements if isinstance(statements, list) else [statements])
            if iam_evaluator._service_principal_matches(statement.get("Principal"), service)
        ]
        arn = f"arn:aws:iam::{self._account_id}:root"
        context = iam_evaluator.EvalContext(
            principal_arn=arn,
            principal_type="Service",
            principal_account=self._account_id,
            action="sts:AssumeRole",
            resource_arn=role["Arn"],
            region=self._region,
            service_context={"aws:sourceaccount": self._account_id, "aws:sourcearn": source_arn},
        )
        trusted: bool = iam_evaluator.evaluate_trust_policy({"Statement": named}, arn, context)
        return trusted

    def _new_session(self, role_name: str, role_id: str, service: str) -> Credentials:
        credentials = Credentials(
            f"ASIA{secrets.token_hex(8).upper()}", secrets.token_hex(20), secrets.token_hex(32)
        )
        session = _SESSION_NAMES.get(service, service.partition(".")[0])
        sts.register_session(
            credentials.access_key,
            {
                "Arn": f"arn:aws:sts::{self._account_id}:assumed-role/{role_name}/{session}",
                "UserId": f"{role_id}:{session}",
                "SecretAccessKey": credentials.secret_key,
                "SessionToken": credentials.session_token,
            },
        )
        return credentials


_SESSION_NAMES = {"sagemaker.amazonaws.com": "SageMaker", "states.amazonaws.com": "StepFunctions"}
