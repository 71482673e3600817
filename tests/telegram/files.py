"""Documents and photos: https://core.telegram.org/bots/api#sending-files."""

import mimetypes
import secrets
import struct
from typing import Any, Final

from tests.telegram import messages
from tests.telegram.cloud import Cloud, Entry, Wire
from tests.telegram.parameters import Given
from tests.telegram.refusal import Refusal, bad
from tests.telegram.snapshot import File

DOCUMENT: Final = 50 << 20  # bytes a bot may upload
PHOTO: Final = 10 << 20
DOWNLOAD: Final = 20 << 20  # bytes a bot may fetch
_CONTENT: Final = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "document",
    "photo",
    "contact",
)
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
_SIDE: Final = 1  # of a picture whose size is not read here


def token() -> str:
    """A name for something that nobody can guess."""
    return str(secrets.randbits(62))


def content(entry: Entry) -> Wire:
    """What of a message goes along when it is passed on."""
    return {name: entry.wire[name] for name in _CONTENT if name in entry.wire}


def passed(entry: Entry) -> Wire:
    """The same, with where it comes from."""
    origin: Wire = {"type": "user", "date": entry.wire["date"]}
    if "from" in entry.wire and "sender_chat" not in entry.wire:
        origin["sender_user"] = entry.wire["from"]
    elif entry.wire["chat"]["type"] == "channel":
        origin |= {"type": "channel", "chat": entry.wire["chat"], "message_id": entry.id}
    else:
        origin |= {"type": "chat", "sender_chat": entry.wire["sender_chat"]}
    return {"forward_origin": origin, **content(entry)}


def document(cloud: Cloud, file: File) -> Wire:
    """A new document as part of a message."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    wire = _kept(cloud, file, "documents")
    return {"document": {**wire, "file_name": file.name, "mime_type": kind}}


def photo(cloud: Cloud, file: File) -> Wire:
    """A new photo as part of a message; in one size."""
    width, height = _size(file.content)
    return {"photo": [{**_kept(cloud, file, "photos"), "width": width, "height": height}]}


def _kept(cloud: Cloud, file: File, folder: str) -> Wire:
    name = f"{folder}.{secrets.token_urlsafe(18)}"
    cloud.files[name] = file
    return {"file_id": name, "file_unique_id": name[-12:], "file_size": len(file.content)}


def _size(picture: bytes) -> tuple[int, int]:
    if picture.startswith(_PNG):
        width, height = struct.unpack_from(">II", picture.ljust(24, b"\0"), 16)
        return int(width), int(height)
    return _SIDE, _SIDE


def _uploaded(given: Given, name: str, most: int) -> File | None:
    file = given.file(name)
    if file is not None and not file.content:
        raise bad("file must be non-empty")
    if file is not None and len(file.content) > DOCUMENT:
        raise Refusal(413, "Request Entity Too Large")
    if file is not None and len(file.content) > most:
        raise bad(
            f"file of size {len(file.content)} bytes is too big for a photo;"
            f" the maximum size is {most} bytes"
        )
    return file


def _known(cloud: Cloud, given: Given, name: str, folder: str) -> File:
    """A file that is already there, by its id."""
    said = given.text(name)
    if not said:
        raise bad(f"there is no {name} in the request")
    if said.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    if said not in cloud.files or not said.startswith(f"{folder}."):
        raise bad("wrong file identifier/HTTP URL specified")
    return cloud.files[said]


def send_document(cloud: Cloud, given: Given) -> Any:
    """An upload, or one that is there already."""
    chat = cloud.chat(given.integer("chat_id"))
    captioned = messages.caption(given)
    messages.check_reply(cloud, chat, given)
    file = _uploaded(given, "document", DOCUMENT)
    file = file or _known(cloud, given, "document", "documents")
    return messages.send(cloud, chat, given, document(cloud, file) | captioned)


def send_photo(cloud: Cloud, given: Given) -> Any:
    """The same; it must be a picture and is shown as one."""
    chat = cloud.chat(given.integer("chat_id"))
    captioned = messages.caption(given)
    messages.check_reply(cloud, chat, given)
    file = _uploaded(given, "photo", PHOTO) or _known(cloud, given, "photo", "photos")
    if not _picture(file.content):
        raise bad("IMAGE_PROCESS_FAILED")
    return messages.send(cloud, chat, given, photo(cloud, file) | captioned)


def _picture(raw: bytes) -> bool:
    """PNG, JPEG, GIF or WebP by its first bytes."""
    webp = raw.startswith(b"RIFF") and raw[8:12] == b"WEBP"
    return webp or raw.startswith((_PNG, _JPEG, b"GIF87a", b"GIF89a"))


def get_file(cloud: Cloud, given: Given) -> Any:
    """Where a file can be fetched."""
    name = given.text("file_id")
    file = cloud.files.get(name)
    if file is None:
        raise bad("invalid file_id")
    if len(file.content) > DOWNLOAD:
        raise bad("file is too big")
    return {
        "file_id": name,
        "file_unique_id": name[-12:],
        "file_size": len(file.content),
        "file_path": name.replace(".", "/"),
    }


def download(cloud: Cloud, path: str) -> bytes | None:
    """What stands under a path that `get_file` told, None if nothing does."""
    file = cloud.files.get(path.replace("/", "."))
    return file.content if file is not None else None


METHODS: Final = {
    "getFile": get_file,
    "sendDocument": send_document,
    "sendPhoto": send_photo,
}
