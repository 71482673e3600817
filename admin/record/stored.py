"""A zip with one spelling: stored entries, names ascending, everything else constant.

Any unzip program opens it. The reader accepts only what the writer writes, byte for byte,
so that there is nothing to disagree about: no compression, no paths, no comments, no extra
fields, no second directory, nothing before or after (PKWARE APPNOTE 6.3, §4.3).
"""

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crypto.errors import BadRecord

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _FLAGS, _METHOD, _TIME, _DATE = 20, 0, 0, 0, 0x21  # 1980-01-01 00:00
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_CHUNK = 1 << 20
MAX_ENTRIES = 64
_MAX_SIZE = 2**32 - 2  # the format's without its 64-bit extension


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored file: where its bytes are in the zip."""

    name: str
    offset: int
    size: int
    crc: int

    @property
    def _common(self) -> tuple[int, ...]:
        constants = (_VERSION, _FLAGS, _METHOD, _TIME, _DATE)
        return (*constants, self.crc, self.size, self.size, len(self.name), 0)

    @property
    def local(self) -> bytes:
        """The header before the bytes."""
        return _LOCAL.pack(b"PK\3\4", *self._common) + self.name.encode("ascii")

    @property
    def central(self) -> bytes:
        """The line in the directory at the end."""
        start = self.offset - len(self.local)
        packed = _CENTRAL.pack(b"PK\1\2", _VERSION, *self._common, 0, 0, 0, 0, start)
        return packed + self.name.encode("ascii")


def write(target: BinaryIO, files: Iterable[tuple[str, BinaryIO]]) -> None:
    """Writes (name, content) pairs, which must come in ascending order of names.

    Each content is read once; its sum and size go into the header that was left blank.

    Args:
        target: empty, and can be written to in another place.
        files: at their beginnings.
    """
    entries: list[Entry] = []
    position = 0
    for name, content in files:
        if not _NAME.fullmatch(name) or (entries and entries[-1].name >= name):
            raise ValueError(f"{name!r} cannot be the next entry")
        blank = Entry(name, 0, 0, 0).local
        target.write(blank)
        crc = size = 0
        for chunk in _chunks(content):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            target.write(chunk)
        entry = Entry(name, position + len(blank), size, crc)
        target.seek(position)
        position = entry.offset + size
        if position > _MAX_SIZE:
            raise ValueError("a record cannot be larger than 4 GiB")
        target.write(entry.local)
        target.seek(position)
        entries.append(entry)
    target.write(_directory(entries, position))


def read(source: BinaryIO) -> list[Entry]:
    """The entries of a zip that `write` could have written.

    Raises:
        BadRecord: any other bytes; the detail gives the offset.
    """
    entries: list[Entry] = []
    position = 0
    while True:
        source.seek(position)
        head = source.read(_LOCAL.size)
        if head[:4] == b"PK\1\2" or len(head) < _LOCAL.size or len(entries) > MAX_ENTRIES:
            break
        entry = _read_entry(source, head, position)
        if entries and entries[-1].name >= entry.name:
            raise BadRecord(f"zip: {entry.name} is out of order or stands twice")
        entries.append(entry)
        position = entry.offset + entry.size
    if not entries:
        raise BadRecord("not a zip as this program writes it")
    expected = _directory(entries, position)
    source.seek(position)
    if source.read(len(expected) + 1) != expected:
        raise BadRecord(f"zip: something other than the directory at offset {position}")
    return entries


def _read_entry(source: BinaryIO, head: bytes, position: int) -> Entry:
    signature, *_, crc, size, _, name_length, _ = _LOCAL.unpack(head)
    name = source.read(name_length).decode("ascii", errors="replace")
    if signature != b"PK\3\4" or not _NAME.fullmatch(name):
        raise BadRecord(f"zip: not an entry of a record at offset {position}")
    entry = Entry(name, position + _LOCAL.size + name_length, size, crc)
    if entry.local != head + name.encode("ascii"):
        raise BadRecord(f"zip: {name} is not stored as this program stores it")
    computed = length = 0
    for chunk in _chunks(source, size):
        computed, length = zlib.crc32(chunk, computed), length + len(chunk)
    if length != size or computed != crc:
        raise BadRecord(f"zip: {name} is cut off or damaged")
    return entry


def _directory(entries: list[Entry], position: int) -> bytes:
    lines = b"".join(entry.central for entry in entries)
    n = len(entries)
    return lines + _END.pack(b"PK\5\6", 0, 0, n, n, len(lines), position, 0)


def _chunks(source: BinaryIO, size: int | None = None) -> Iterator[bytes]:
    while size is None or size > 0:
        chunk = source.read(_CHUNK if size is None else min(size, _CHUNK))
        if not chunk:
            return
        if size is not None:
            size -= len(chunk)
        yield chunk
