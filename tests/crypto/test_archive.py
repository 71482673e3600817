"""crypto/archive.py: the container has one form, the events one order."""

import io
import re
from itertools import product

import pytest

from crypto import archive
from crypto.archive import BLOCK, Event, Kind, Reader, Writer
from crypto.encoding import canonical, sha256
from crypto.errors import BadArchive
from tests.testkit import TIMESTAMP, honest
from tests.verdicts import judge

# The order of events as the protocol says it; an archive may end anywhere.
GRAMMAR = re.compile("(S(B*(E(T(P+R?)?)?)?)?)?")


def event(writer: Writer, letter: str, body: bytes = b"{}") -> bytes:
    """One event with arbitrary contents: the reader looks at the container only."""
    return {
        "S": lambda: writer.setup(body, b"[]", b"[0]"),
        "B": lambda: writer.ballot(body),
        "E": writer.end_ballots,
        "T": lambda: writer.encrypted_tally(body, b"[]"),
        "P": lambda: writer.partial_decryption(body, b"[]"),
        "R": lambda: writer.result(body),
    }[letter]()


def written(word: str) -> bytes:
    writer = Writer(TIMESTAMP)
    return writer.head() + b"".join(event(writer, letter) for letter in word)


def read(raw: bytes) -> list[Event]:
    return list(Reader(io.BytesIO(raw)))


def entry(name: str, body: bytes) -> bytes:
    return archive._entry(name, body, TIMESTAMP)


def data(body: bytes) -> bytes:
    return entry(f"{sha256(body)}.data.json", body)


def linked(value: object) -> bytes:
    """An event entry, properly named, that says anything."""
    body = canonical(value)
    return entry(f"{sha256(body)}.event.json", body)


# --- Order --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("length", range(6))
def test_every_sequence_of_events(length: int):
    """All 9331 sequences of up to five events: the reader takes those of the grammar alone."""
    for letters in product("SBETPR", repeat=length):
        word = "".join(letters)
        try:
            kinds = [event.kind for event in read(written(word))]
        except BadArchive:
            assert not GRAMMAR.fullmatch(word), word
        else:
            assert GRAMMAR.fullmatch(word), word
            assert len(kinds) == length


@pytest.mark.parametrize("word", ["SBBBETPPPR", "SETPR", "SBETPR", "SBBE"])
def test_longer_sequences(word: str):
    """Heights count, each event names the one before, files come in their order."""
    events = read(written(word))

    assert [event.height for event in events] == list(range(len(word)))
    assert len({event.digest for event in events}) == len(word)
    assert [len(event.files) for event in events] == [
        {"S": 4, "B": 1, "E": 0, "T": 2, "P": 2, "R": 1}[letter] for letter in word
    ]


@pytest.mark.parametrize("word", ["SBEETPR", "SBEBETPR", "SBETPRR", "SSBETPR", "SBETRP", "SBETPRB"])
def test_order_that_belenios_2_let_pass(word: str):
    """A second EndBallots, ballots after it, anything after the result."""
    with pytest.raises(BadArchive, match="cannot stand"):
        read(written(word))


@pytest.mark.parametrize("length", [1, 3, 9, 13, 14])
def test_archive_that_ends_early_is_incomplete(length: int):
    """Cut between two events nothing is wrong, but something is missing; it is never ok."""
    raw = honest().archive
    reader = Reader(io.BytesIO(raw))
    for number, _ in enumerate(reader, start=1):
        if number == length:
            break

    verdict = judge(raw[: reader._position], ".bel")

    assert verdict.kind == "Incomplete"


# --- The chain ----------------------------------------------------------------------------


def setup() -> tuple[bytes, str]:
    """An archive up to its first event, and the event's hash."""
    raw = written("S")
    return raw, read(raw)[0].digest


BODY = b"{}"
ABSENT = "a field that is not there"


def honest_ballot(parent: str) -> bytes:
    value = {"parent": parent, "height": 1, "type": "Ballot", "payload": sha256(BODY)}
    return data(BODY) + linked(value)


def test_event_made_by_hand():
    """What the defects below are made from is accepted."""
    raw, parent = setup()
    assert raw + honest_ballot(parent) == written("SB")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"parent": "0" * 64}, "does not name the event before it"),
        ({"parent": None}, "null"),
        ({"parent": 0}, "does not name the event before it"),
        ({"height": 0}, "its height is 0"),
        ({"height": 2}, "its height is 2"),
        ({"height": True}, "its height is True"),
        ({"height": "1"}, "its height is '1'"),
        ({"height": -1}, "its height is -1"),
        ({"type": "Balot"}, "'Balot' cannot stand after Setup"),
        ({"type": "ballot"}, "'ballot' cannot stand"),
        ({"type": ["Ballot"]}, "cannot stand"),
        ({"type": None}, "None cannot stand"),
        ({"payload": "0" * 64}, "its payload is not the file before it"),
        ({"payload": None}, "null"),
        ({"more": 1}, "fields"),
        ({"parent": ABSENT}, "does not name the event before it"),
        ({"height": ABSENT}, "fields"),
        ({"type": ABSENT}, "fields"),
        ({"payload": ABSENT}, "its payload is not the file before it"),
    ],
)
def test_event_with_one_field_altered(change: dict[str, object], detail: str):
    """Each field of an event is checked, though the event's name is the hash of what it says."""
    raw, parent = setup()
    value = {"parent": parent, "height": 1, "type": "Ballot", "payload": sha256(BODY)} | change
    present = {name: member for name, member in value.items() if member != ABSENT}

    with pytest.raises(BadArchive, match=detail):
        read(raw + data(BODY) + linked(present))


def test_absent_field_is_not_null():
    """The first event has no parent, EndBallots no payload; neither may say null instead."""
    raw = written("S")
    first = read(raw)[0]
    value = {"height": 0, "type": "Setup", "payload": sha256(first.files[3])}
    files = b"".join(data(file) for file in first.files)
    head = Writer(TIMESTAMP).head()
    assert head + files + linked(value) == raw

    with pytest.raises(BadArchive, match="null"):
        read(head + files + linked({"parent": None, **value}))
    ending = {"parent": first.digest, "height": 1, "type": "EndBallots"}
    assert len(read(raw + linked(ending))) == 2
    with pytest.raises(BadArchive, match="null"):
        read(raw + linked({**ending, "payload": None}))


@pytest.mark.parametrize(
    ("files", "detail"),
    [
        ([b"1", BODY], "2 files, Ballot has 1"),
        ([], "0 files, Ballot has 1"),
        ([b"1", b"2", b"3", b"4", BODY], "belongs to no event"),
    ],
)
def test_files_that_belong_to_no_event(files: list[bytes], detail: str):
    """A file that no event is about is refused, wherever it stands."""
    raw, parent = setup()
    value = {"parent": parent, "height": 1, "type": "Ballot", "payload": sha256(BODY)}

    with pytest.raises(BadArchive, match=detail):
        read(raw + b"".join(map(data, files)) + linked(value))


def test_files_at_the_end():
    """So is one behind the last event."""
    with pytest.raises(BadArchive, match="1 files at the end"):
        read(written("SB") + data(b"7"))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_setup_names_its_files(place: int):
    """The payload of Setup holds the hashes of exactly the three files before it."""
    raw = written("S")
    files = list(read(raw)[0].files)
    files[place] = b"[9]"
    value = {"height": 0, "type": "Setup", "payload": sha256(files[3])}

    with pytest.raises(BadArchive, match="does not name its three files"):
        read(Writer(TIMESTAMP).head() + b"".join(map(data, files)) + linked(value))


@pytest.mark.parametrize(
    "name",
    [
        "{hash}.data.jsox", "{hash}.json", "{hash}", "{zeros}.data.json", "{zeros}.event.json",
        "{hash}.data.json.json", "BELENIOS", "{hash}..data.json", "{HASH}.data.json",
        ".data.json", "../{hash}.data.json", "{hash}/data.json",
    ],
)  # fmt: skip
def test_entry_with_another_name(name: str):
    """Every entry is named by its hash and its kind."""
    raw, _ = setup()
    spelled = name.format(hash=sha256(BODY), zeros="0" * 64, HASH=sha256(BODY).upper())

    with pytest.raises(BadArchive):
        read(raw + entry(spelled, BODY))


# --- The first entry ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        {"version": 2, "timestamp": str(TIMESTAMP)},
        {"version": True, "timestamp": str(TIMESTAMP)},
        {"version": "1", "timestamp": str(TIMESTAMP)},
        {"version": 1, "timestamp": TIMESTAMP},
        {"version": 1, "timestamp": str(TIMESTAMP + 1)},
        {"version": 1, "timestamp": f"0{TIMESTAMP}"},
        {"version": 1},
        {"timestamp": str(TIMESTAMP), "version": 1},
        {"version": 1, "timestamp": str(TIMESTAMP), "more": 1},
        [],
    ],
)
def test_first_entry_has_one_spelling(value: object):
    """BELENIOS says version 1 and the timestamp that every entry has."""
    with pytest.raises(BadArchive, match="BELENIOS"):
        read(entry("BELENIOS", canonical(value)) + written("S")[2 * BLOCK :])


@pytest.mark.parametrize("name", ["BELENIOR", "BELENIOT"])
def test_first_entry_has_one_name(name: str):
    right = canonical({"version": 1, "timestamp": str(TIMESTAMP)})

    assert written("S").startswith(entry("BELENIOS", right))
    with pytest.raises(BadArchive):
        read(entry(name, right) + written("S")[2 * BLOCK :])


@pytest.mark.parametrize("raw", [b"", b"\0" * BLOCK, written("S")[2 * BLOCK :], b"PK\3\4", b"x"])
def test_not_an_archive(raw: bytes):
    """What does not begin with that entry is no archive."""
    with pytest.raises(BadArchive):
        read(raw)


def test_head_alone_is_incomplete():
    """An archive without any event is not wrong."""
    assert judge(Writer(TIMESTAMP).head(), ".bel").kind == "Incomplete"


# --- Streams ------------------------------------------------------------------------------


class Slow:
    """A stream that gives one byte at a time."""

    def __init__(self, raw: bytes) -> None:
        self._rest = io.BytesIO(raw)

    def read(self, size: int, /) -> bytes:
        return self._rest.read(min(size, 1))


def test_stream_that_gives_little_at_a_time():
    """A short read is not the end."""
    assert [event.kind for event in Reader(Slow(written("SB")))] == [Kind.SETUP, Kind.BALLOT]


@pytest.mark.parametrize("word", ["S", "SBB", "SBET", "SBETPP"])
def test_writer_goes_on_where_a_reader_stopped(word: str):
    """Events can be appended to an archive that was read."""
    raw = written(word)
    reader = Reader(io.BytesIO(raw))
    events = list(reader)
    following = {"S": "B", "B": "E", "T": "P", "P": "R"}[word[-1]]

    more = event(Writer(reader.timestamp, events[-1]), following)

    assert raw + more == written(word + following)
