"""MiniStack's S3: who reads and writes objects under a KMS key needs the key too.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from contextvars import ContextVar
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import ministack.app
from ministack.services import kms, s3

from rehearsal.ministack_seams.iam import Iam

_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_caller: ContextVar[str] = ContextVar("caller", default="")

Response = tuple[int, dict[str, str], bytes]


def install(authorizer: Iam) -> None:
    """Check the key's permissions of every caller."""
    resolve = s3._resolve_sse_write_headers
    handle = ministack.app.SERVICE_HANDLERS["s3"]

    def resolve_and_check(headers: dict[str, str], bucket: str) -> tuple[Any, Response | None]:
        encryption, error = resolve(headers, bucket)
        if error is None:
            error = _denial(authorizer, "kms:GenerateDataKey", encryption)
        return encryption, error

    async def handle_and_check(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        _caller.set(authorizer.caller(headers))
        response: Response = await handle(method, path, headers, body, query)
        denied = _denial(authorizer, "kms:Decrypt", response[1]) if method == "GET" else None
        return denied or response

    s3._resolve_sse_write_headers = resolve_and_check
    ministack.app.SERVICE_HANDLERS["s3"] = handle_and_check


def _denial(authorizer: Iam, action: str, headers: dict[str, str]) -> Response | None:
    key = headers.get(_KEY_HEADER)
    if not key or not _caller.get():
        return None
    record = kms._resolve_key(key)
    arn = record["Arn"] if record else key
    message = authorizer.denial(_caller.get(), action, arn)
    if not message:
        return None
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
        f"<Message>{escape(message)}</Message><RequestId>{uuid4()}</RequestId></Error>"
    )
    return 403, {"Content-Type": "application/xml"}, body.encode()
