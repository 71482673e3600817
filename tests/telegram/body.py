"""What stands in a request: a form, with files as multipart."""

from email import message_from_string
from email.utils import collapse_rfc2231_value
from urllib.parse import parse_qsl

from starlette.requests import Request

from tests.telegram.parameters import Parameters
from tests.telegram.refusal import bad
from tests.telegram.snapshot import File


async def parameters(request: Request) -> Parameters:
    """The parameters of a call.

    Raises:
        Refusal: not what its content type says, or no form.
    """
    raw = await request.body()
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    values: dict[str, str] = {}
    files: dict[str, File] = {}
    try:
        if kind == "application/x-www-form-urlencoded":
            values = dict(parse_qsl(raw.decode("utf-8"), keep_blank_values=True))
        elif kind == "multipart/form-data":
            _multipart(raw, content_type, values, files)
    except ValueError:
        raise bad("can't parse the body of the request") from None
    if raw and not (values or files):
        raise bad("there is no form in the request")
    return Parameters(values, files)


def _multipart(
    raw: bytes, content_type: str, values: dict[str, str], files: dict[str, File]
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
