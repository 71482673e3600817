"""What stands in a request: query, JSON, form or multipart."""

import json
from email import message_from_string
from email.utils import collapse_rfc2231_value
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from tests.telegram.parameters import Parameters
from tests.telegram.refusal import bad
from tests.telegram.snapshot import File


async def parameters(request: Request) -> Parameters:
    """The parameters of a call.

    Raises:
        Refusal: not what its content type says.
    """
    raw = await request.body()
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    values: dict[str, Any] = dict(request.query_params)
    files: dict[str, File] = {}
    try:
        if raw and kind == "application/json":
            values |= _object(raw)
        elif raw and kind == "application/x-www-form-urlencoded":
            values |= dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True))
        elif raw and kind == "multipart/form-data":
            _multipart(raw, content_type, values, files)
    except ValueError:
        raise bad("can't parse the body of the request") from None
    return Parameters(values, files)


def _object(raw: bytes) -> dict[str, Any]:
    value = json.loads(raw)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004  like all else that is not readable
    return value


def _multipart(
    raw: bytes, content_type: str, values: dict[str, Any], files: dict[str, File]
) -> None:
    boundary = message_from_string(f"Content-Type: {content_type}\r\n\r\n").get_boundary()
    if not boundary:
        raise ValueError("no boundary")
    *parts, last = (b"\r\n" + raw).split(b"\r\n--" + boundary.encode())
    if not last.startswith(b"--"):
        raise ValueError("it ends too early")
    for part in parts[1:]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name, filename = _disposition(head)
        if filename is None:
            values[name] = content.decode("utf-8")
        else:
            files[name] = File(filename, content)


def _disposition(head: bytes) -> tuple[str, str | None]:
    """The name of a part, and of its file if it is one."""
    headers = message_from_string(head.decode("utf-8"))
    name, filename = (
        headers.get_param(key, header="content-disposition") for key in ("name", "filename")
    )
    if name is None:
        raise ValueError("a part has no name")
    file = None if filename is None else collapse_rfc2231_value(filename)
    return collapse_rfc2231_value(name), file
