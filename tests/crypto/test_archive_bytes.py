"""crypto/archive.py, the bytes of the container: not one of them can be another."""

import io
import tarfile
from functools import cache
from itertools import pairwise

import pytest

from crypto import archive
from crypto.archive import BLOCK
from crypto.errors import BadArchive
from tests.crypto.test_archive import BODY, read, written
from tests.testkit import TIMESTAMP, UUID, honest
from tests.verdicts import judge, judge_archive, positions


@cache
def offset() -> int:
    """Where the first ballot's entry starts."""
    return len(written("S"))


FIELDS = {
    "name": (0, b"Z"),
    "name after its end": (99, b"a"),
    "mode": (100, b"0000755\0"),
    "uid": (108, b"0001750\0"),
    "gid": (116, b"0001750\0"),
    "size": (124, b"00000000003\0"),
    "size in base 256": (124, b"\x80" + b"\0" * 10 + b"\2"),
    "size with spaces": (124, b"          2\0"),
    "huge size": (124, b"77777777777\0"),
    "mtime": (136, b"00000000001\0"),
    "checksum": (148, b"000000\0 "),
    "checksum as spaces": (148, b"        "),
    "kind of entry": (156, b"1"),
    "kind of entry NUL": (156, b"\0"),
    "linked name": (157, b"a"),
    "magic": (257, b"ustar\0"),
    "owner": (265, b"root"),
    "last byte": (511, b"\1"),
    "padding": (BLOCK + len(BODY), b"\1"),
    "last byte of padding": (2 * BLOCK - 1, b"\1"),
}


def with_checksum(raw: bytearray, start: int) -> None:
    """The header's checksum made right again, as `_entry` writes it."""
    raw[start + 148 : start + 156] = b" " * 8
    raw[start + 148 : start + 156] = b"%06o\0 " % sum(raw[start : start + BLOCK])


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("name", FIELDS)
def test_header_with_one_field_altered(name: str, again: bool):
    """Every byte of a header and of the padding is as it must be, whatever its checksum says."""
    raw = bytearray(written("SB"))
    place, value = FIELDS[name]
    raw[offset() + place : offset() + place + len(value)] = value
    if again and "checksum" not in name:
        with_checksum(raw, offset())

    with pytest.raises(BadArchive, match=f"offset {offset()}|the name is not the hash"):
        read(bytes(raw))


@pytest.mark.parametrize(
    "end", [b"\0", b"\0" * BLOCK, b"\0" * 2 * BLOCK, b"x", b"\n", b" " * BLOCK]
)
def test_bytes_after_the_end(end: bytes):
    """Not even the zero blocks that end other tar files."""
    with pytest.raises(BadArchive):
        read(written("SBETPR") + end)


def test_other_tar_programs_write_otherwise():
    """The same entries as Python's tarfile writes them are refused; its reader reads ours."""
    raw = written("SBETPR")
    copied = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(raw)) as ours,
        tarfile.open(fileobj=copied, mode="w", format=tarfile.USTAR_FORMAT) as theirs,
    ):
        members = ours.getmembers()
        for member in members:
            theirs.addfile(member, ours.extractfile(member))

    assert members[0].name == "BELENIOS"
    assert {m.mtime for m in members} == {TIMESTAMP}
    with pytest.raises(BadArchive):
        read(copied.getvalue())


def test_largest_file():
    """A file larger than the limit is refused before it is read."""
    raw = bytearray(written("SB"))
    raw[offset() + 124 : offset() + 135] = b"%011o" % (archive.MAX_FILE + 1)
    with_checksum(raw, offset())

    with pytest.raises(BadArchive, match=f"at most {archive.MAX_FILE}"):
        read(bytes(raw))


# --- Samples of damage --------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_flipped_bytes(part: int):
    """Of 300 sampled bytes none can be altered: names and padding leave no room."""
    raw = honest().archive
    for place in positions("archive", 300, len(raw))[part::10]:
        altered = bytearray(raw)
        altered[place] ^= 1 << (place % 8)
        assert judge(bytes(altered), ".bel").outcome == "BadArchive at archive", place


@pytest.mark.slow
def test_cut_anywhere():
    """Cut inside an entry it is refused; between two events it is incomplete; never accepted."""
    raw = honest().archive
    places = [
        *positions("archive", 60, len(raw)),
        0,
        1,
        BLOCK - 1,
        BLOCK,
        len(raw) - 1,
        len(raw) - BLOCK,
    ]
    assert {judge(raw[:place], ".bel").kind for place in places} <= {"BadArchive", "Incomplete"}


@pytest.mark.slow
def test_cut_at_every_entry():
    """The same at the end of each entry."""
    raw = honest().archive
    with tarfile.open(fileobj=io.BytesIO(raw)) as ours:
        places = [member.offset for member in ours.getmembers()]
    assert len(places) > 30
    for place in places:
        assert judge(raw[:place], ".bel").kind in {"BadArchive", "Incomplete"}


def test_entry_twice():
    """Each entry of the record repeated in place: refused."""
    raw = honest().archive
    with tarfile.open(fileobj=io.BytesIO(raw)) as ours:
        bounds = [member.offset for member in ours.getmembers()] + [len(raw)]
    for start, end in pairwise(bounds):
        verdict = judge(raw[:end] + raw[start:end] + raw[end:], ".bel")
        assert verdict.kind == "BadArchive"


def test_uuid_is_not_in_the_container():
    """The archive is of the session that its election.json says, whatever its file's name."""
    assert judge_archive(honest()).error is None
    assert UUID.encode() in honest().archive
