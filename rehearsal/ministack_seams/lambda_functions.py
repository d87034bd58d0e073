"""MiniStack's Lambda: what it says of a failed function."""

import re
from typing import Any

from ministack.services import lambda_svc


def install() -> None:
    """Mend what functions answer."""
    _name_errors()


def _name_errors() -> None:
    """Give a function's error the name of its exception, as AWS Lambda does.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    execute = lambda_svc._execute_function_warm

    def run(*arguments: Any) -> dict[str, Any]:
        result: dict[str, Any] = execute(*arguments)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict):
            name = _exception_name(result.get("log", ""), str(body.get("errorMessage", "")))
            body["errorType"] = name or body.get("errorType")
        return result

    lambda_svc._execute_function_warm = run


def _exception_name(log: str, message: str) -> str:
    # A traceback ends in `module.Name: message`, or in the name alone if there is no message.
    first, _, _ = message.partition("\n")
    said = f": {re.escape(first)}" if first else ""
    last_lines = re.findall(rf"^([\w.]+){said}$", log, re.MULTILINE)
    return last_lines[-1].rpartition(".")[2] if last_lines else ""
