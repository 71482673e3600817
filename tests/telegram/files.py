"""Documents and photos: https://core.telegram.org/bots/api#sending-files."""

import mimetypes
import secrets
import struct
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from tests.telegram import messages
from tests.telegram.cloud import Cloud, Wire
from tests.telegram.parameters import Parameters
from tests.telegram.refusal import Refusal, bad
from tests.telegram.snapshot import File

DOCUMENT: Final = 50 << 20  # bytes a bot may upload
PHOTO: Final = 10 << 20
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def token() -> str:
    """A name for something that nobody can guess."""
    return str(secrets.randbits(62))


def document(cloud: Cloud, file: File) -> Wire:
    """A new document as part of a message."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    wire = _stored(cloud, file, "documents")
    return {"document": {**wire, "file_name": file.name, "mime_type": kind}}


def photo(cloud: Cloud, file: File) -> Wire:
    """A new photo as part of a message; in one size."""
    width, height = struct.unpack_from(">II", file.content.ljust(24, b"\0"), 16)
    return {"photo": [{**_stored(cloud, file, "photos"), "width": width, "height": height}]}


def _stored(cloud: Cloud, file: File, folder: str) -> Wire:
    name = f"{folder}.{secrets.token_urlsafe(18)}"
    cloud.files[name] = file
    return {"file_id": name, "file_unique_id": name[-12:], "file_size": len(file.content)}


def _uploaded(call: Parameters, name: str) -> File | None:
    file = call.file(name)
    if file is None:
        return None
    size = len(file.content)
    if not size:
        raise bad("file must be non-empty")
    if size > DOCUMENT:
        raise Refusal(413, "Request Entity Too Large")
    if name == "photo" and size > PHOTO:
        raise bad(
            f"file of size {size} bytes is too big for a photo; the maximum size is {PHOTO} bytes"
        )
    return file


def _sent_before(cloud: Cloud, call: Parameters, name: str) -> File:
    """A file that is already there, by its id."""
    file_id = call.text(name)
    if not file_id:
        raise bad(f"there is no {name} in the request")
    if file_id not in cloud.files or not file_id.startswith(f"{name}s."):
        raise bad("wrong file identifier/HTTP URL specified")
    return cloud.files[file_id]


def _send(name: str, wire: Callable[[Cloud, File], Wire], cloud: Cloud, call: Parameters) -> Any:
    """An upload, or a file that is there already; a photo must be a picture."""
    chat = cloud.chat(call.integer("chat_id"))
    captioned = messages.caption(call)
    messages.keyboard(cloud, chat, call)  # refused before the file is kept
    file = _uploaded(call, name) or _sent_before(cloud, call, name)
    if name == "photo" and not file.content.startswith(_PNG):  # our bot draws no other
        raise bad("IMAGE_PROCESS_FAILED")
    return messages.send(cloud, chat, call, wire(cloud, file) | captioned)


METHODS: Final = {
    "sendDocument": partial(_send, "document", document),
    "sendPhoto": partial(_send, "photo", photo),
}
