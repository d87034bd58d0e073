"""Sends requests that no client would build."""

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

from rehearsal.account import Account
from rehearsal.server import ACCOUNT_ID


def post(account: Account, service: str, target: str, body: bytes) -> tuple[int, Any]:
    """The status and the document that a JSON service answers to the root user."""
    credential = f"{ACCOUNT_ID}/20260101/{account.region}/{service}/aws4_request"
    signature = f"Credential={credential}, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(
        account.endpoint_url,
        data=body,
        headers={
            "X-Amz-Target": target,
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 {signature}",
        },
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())
