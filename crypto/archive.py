"""The `.bel` archive: a chain of events and their files, byte for byte as Belenios writes it.

An old (pre-POSIX) tar without end blocks. Every file is named by its SHA-256, every event
names its predecessor, and the only order is

    Setup Ballot* EndBallots EncryptedTally PartialDecryption+ Result

A stock belenios-tool tolerates more than that; this reader does not (docs/protocol.md §8.1, §8.3).
Reading and writing are over bytes: the caller owns the files.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from crypto.encoding import Fields, Json, canonical, parse, sha256
from crypto.errors import BadArchive, Malformed

BLOCK = 512
MAX_FILE = 16 << 20  # bytes; the credentials of 200,000 voters need less
_MAX_HEAD = 1024  # bytes of a header file or an event


class Kind(StrEnum):
    """The types of event."""

    SETUP = "Setup"
    BALLOT = "Ballot"
    END_BALLOTS = "EndBallots"
    ENCRYPTED_TALLY = "EncryptedTally"
    PARTIAL_DECRYPTION = "PartialDecryption"
    RESULT = "Result"


# What may follow what; None is the start.
FOLLOWS: dict[Kind | None, tuple[Kind, ...]] = {
    None: (Kind.SETUP,),
    Kind.SETUP: (Kind.BALLOT, Kind.END_BALLOTS),
    Kind.BALLOT: (Kind.BALLOT, Kind.END_BALLOTS),
    Kind.END_BALLOTS: (Kind.ENCRYPTED_TALLY,),
    Kind.ENCRYPTED_TALLY: (Kind.PARTIAL_DECRYPTION,),
    Kind.PARTIAL_DECRYPTION: (Kind.PARTIAL_DECRYPTION, Kind.RESULT),
    Kind.RESULT: (),
}
# How many files precede an event of each type; the last one is its payload.
FILES: dict[Kind, int] = {
    Kind.SETUP: 4,
    Kind.BALLOT: 1,
    Kind.END_BALLOTS: 0,
    Kind.ENCRYPTED_TALLY: 2,
    Kind.PARTIAL_DECRYPTION: 2,
    Kind.RESULT: 1,
}


class Stream(Protocol):
    """Anything with the `read` of a binary file."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One event, its files in archive order, and the SHA-256 that the next one names."""

    kind: Kind
    files: tuple[bytes, ...]
    height: int
    digest: str


class Writer:
    """Makes the bytes to append for each event.

    A new archive starts with `head()`; to continue one, give the last event read from it.
    """

    def __init__(self, timestamp: int, last: Event | None = None) -> None:
        """`timestamp`, in Unix seconds, is the same for every entry of an archive."""
        self._timestamp = timestamp
        self._parent = last.digest if last else None
        self._height = last.height + 1 if last else 0

    def head(self) -> bytes:
        """The first entry of a new archive."""
        return _entry("BELENIOS", _head(self._timestamp), self._timestamp)

    def setup(self, election: bytes, trustees: bytes, credentials: bytes) -> bytes:
        """The definition of the session."""
        payload = _setup_payload(election, trustees, credentials)
        return self._append(Kind.SETUP, election, trustees, credentials, payload)

    def ballot(self, raw: bytes) -> bytes:
        """One ballot."""
        return self._append(Kind.BALLOT, raw)

    def end_ballots(self) -> bytes:
        """No ballot comes after this."""
        return self._append(Kind.END_BALLOTS)

    def encrypted_tally(self, tally: bytes, sized: bytes) -> bytes:
        """The product of the ballots and how many they are."""
        return self._append(Kind.ENCRYPTED_TALLY, tally, sized)

    def partial_decryption(self, share: bytes, owned: bytes) -> bytes:
        """One trustee's share and whose it is."""
        return self._append(Kind.PARTIAL_DECRYPTION, share, owned)

    def result(self, result: bytes) -> bytes:
        """The totals."""
        return self._append(Kind.RESULT, result)

    def _append(self, kind: Kind, *files: bytes) -> bytes:
        event: dict[str, Json] = {"parent": self._parent} if self._parent else {}
        event |= {"height": self._height, "type": kind}
        digests = [sha256(file) for file in files]
        if digests:
            event["payload"] = digests[-1]
        body = canonical(event)
        self._parent = sha256(body)
        self._height += 1
        entries = [
            _entry(f"{digest}.data.json", file, self._timestamp)
            for digest, file in zip(digests, files, strict=True)
        ]
        return b"".join([*entries, _entry(f"{self._parent}.event.json", body, self._timestamp)])


class Reader:
    """Walks an archive once, event by event, checking every byte of the container.

    Attributes:
        timestamp: the archive's, after the first event.
        last: the event read last.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._position = 0
        self.timestamp = 0
        self.last: Event | None = None

    def __iter__(self) -> Iterator[Event]:
        """Yields the events; raises BadArchive naming the offset of what is wrong."""
        self._read_head()
        while (event := self._read_event()) is not None:
            self.last = event
            yield event

    def _read_head(self) -> None:
        entry = self._read_entry()
        if entry is None or entry[0] != "BELENIOS":
            raise BadArchive("does not start with the entry BELENIOS: not a .bel archive")
        if entry[1] != _head(self.timestamp):
            raise BadArchive("BELENIOS: another version, or another timestamp than the entries'")

    def _read_event(self) -> Event | None:
        files: list[bytes] = []
        last_file: str | None = None
        while (entry := self._read_entry()) is not None:
            name, body = entry
            digest, _, suffix = name.partition(".")
            if suffix not in ("data.json", "event.json") or digest != sha256(body):
                raise BadArchive(f"{name}: the name is not the hash of the file")
            if suffix == "event.json":
                return self._link(body, digest, tuple(files), last_file)
            files.append(body)
            last_file = digest
            if len(files) > max(FILES.values()):
                raise BadArchive(f"{name}: belongs to no event")
        if files:
            raise BadArchive(f"{len(files)} files at the end belong to no event")
        return None

    def _link(
        self, body: bytes, digest: str, files: tuple[bytes, ...], last_file: str | None
    ) -> Event:
        parent, height, kind, payload = _event_fields(body)
        # Height and parent make a chain: no event can be taken out, put in or moved (§8.1).
        expected_height = self.last.height + 1 if self.last else 0
        if type(height) is not int or height != expected_height:
            raise BadArchive(f"event {expected_height}: its height is {height!r}")
        where = f"event {height}"
        if kind not in FOLLOWS[self.last.kind if self.last else None]:
            before = f"after {self.last.kind}" if self.last else "first"
            raise BadArchive(f"{where}: {kind!r} cannot stand {before}")
        if parent != (self.last.digest if self.last else None):
            raise BadArchive(f"{where}: does not name the event before it")
        event = Event(Kind(kind), files, height, digest)
        # Each file belongs to one event, so nothing lies in the archive that is not checked.
        if len(files) != FILES[event.kind]:
            raise BadArchive(f"{where}: {len(files)} files, {kind} has {FILES[event.kind]}")
        if payload != last_file:
            raise BadArchive(f"{where}: its payload is not the file before it")
        if event.kind == Kind.SETUP and files[3] != _setup_payload(*files[:3]):
            raise BadArchive(f"{where}: does not name its three files")
        return event

    def _read_entry(self) -> tuple[str, bytes] | None:
        start = self._position
        header = self._read(BLOCK)
        if not header:
            return None
        match = re.fullmatch(rb"([A-Za-z0-9.]{1,99})\0*", header[:100])
        numbers = re.fullmatch(rb"([0-7]{11})\0([0-7]{11})\0", header[124:148])
        if len(header) < BLOCK or match is None or numbers is None:
            raise BadArchive(f"offset {start}: not the header of an entry")
        size, timestamp = int(numbers[1], 8), int(numbers[2], 8)
        if size > MAX_FILE:
            raise BadArchive(f"offset {start}: an entry of {size} bytes, at most {MAX_FILE}")
        if start == 0:
            self.timestamp = timestamp
        padded = self._read(-(-size // BLOCK) * BLOCK)
        # Written again and compared: the padding and unused header bytes can hide nothing.
        name, body = match[1].decode("ascii"), padded[:size]
        if header + padded != _entry(name, body, self.timestamp):
            raise BadArchive(f"offset {start}: the entry {name} is not written as it must be")
        return name, body

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (part := self._stream.read(size - len(data))):
            data += part
        self._position += len(data)
        return data


def _head(timestamp: int) -> bytes:
    return canonical({"version": 1, "timestamp": str(timestamp)})


def _setup_payload(election: bytes, trustees: bytes, credentials: bytes) -> bytes:
    return canonical(
        {
            "election": sha256(election),
            "trustees": sha256(trustees),
            "credentials": sha256(credentials),
        }
    )


def _event_fields(body: bytes) -> list[Json]:
    """The values of parent, height, type and payload; None for the first and last if absent."""
    names = ("parent", "height", "type", "payload")
    try:
        value = parse(body, "event", limit=_MAX_HEAD)
        fields = Fields(value, "event", *names, optional=("parent", "payload"))
    except Malformed as error:
        raise BadArchive(str(error)) from None
    return [fields[name] for name in names]


def _entry(name: str, body: bytes, timestamp: int) -> bytes:
    """A tar header, the body, and zeros up to the next block."""
    head = name.encode("ascii").ljust(100, b"\0")
    head += b"0000644\0" + b"0000000\0" * 2
    head += b"%011o\0%011o\0" % (len(body), timestamp)
    total = sum(head) + 8 * ord(" ") + ord("0")  # the checksum counts itself as spaces
    header = (head + b"%06o\0 0" % total).ljust(BLOCK, b"\0")
    return header + body.ljust(-(-len(body) // BLOCK) * BLOCK, b"\0")
