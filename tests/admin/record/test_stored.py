"""admin/record/stored.py: a zip that every program opens and that has one spelling."""

import io
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.record import stored
from crypto.errors import BadRecord

FILES = {"MANIFEST": b"m" * 300, "a.json": b"{}", "b.txt": b"", "session.bel": b"\0\1\2" * 700}


def write(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    stored.write(target, [(name, io.BytesIO(data)) for name, data in sorted(files.items())])
    return target.getvalue()


def read(raw: bytes) -> dict[str, bytes]:
    """Names and contents, cut out of the bytes where the entries say."""
    entries = stored.read(io.BytesIO(raw))
    return {e.name: raw[e.offset : e.offset + e.size] for e in entries}


def zipped(files: Mapping[str, bytes], target: str = "b.txt", **attributes: Any) -> bytes:
    """The format written down a second time, from its description, with one field altered.

    Fields of `target`: those of a local header, `c_` before those of the directory alone, `e_`
    before those of the end. `after` is put behind the entry, `end` behind everything.
    """
    body, directory = b"", b""
    for name, data in files.items():
        own = attributes if name == target else {}
        fields: dict[str, Any] = {
            "needed": 20, "flags": 0, "method": 0, "time": 0, "date": 33, "crc": zlib.crc32(data),
            "packed": len(data), "size": len(data), "name": name.encode(), "extra": b"",
        }  # fmt: skip
        local = fields | {k: v for k, v in own.items() if k in fields}
        central = local | {k[2:]: v for k, v in own.items() if k.startswith("c_")}
        start = len(body)
        body += b"PK\3\4" + packed(local) + local["name"] + local["extra"]
        body += own.get("data", data) + own.get("after", b"")
        directory += b"PK\1\2" + struct.pack("<H", central.get("made", 20)) + packed(central)
        directory += struct.pack(
            "<3H2I", len(central.get("comment", b"")), central.get("disk", 0),
            central.get("internal", 0), central.get("external", 0), central.get("start", start),
        )  # fmt: skip
        directory += central["name"] + central["extra"]
        directory += central.get("comment", b"")
    comment, behind = bytes(attributes.get("e_comment", b"")), bytes(attributes.get("end", b""))
    numbers = (
        attributes.get("e_disk", 0), 0, attributes.get("e_here", len(files)),
        attributes.get("e_entries", len(files)), attributes.get("e_size", len(directory)),
        attributes.get("e_start", len(body)), len(comment),
    )  # fmt: skip
    end = struct.pack("<4s4H2IH", b"PK\5\6", *numbers)
    return body + directory + end + comment + behind


def packed(fields: Mapping[str, Any]) -> bytes:
    names = ("needed", "flags", "method", "time", "date", "crc", "packed", "size")
    lengths = (len(fields[name]) for name in ("name", "extra"))
    return struct.pack("<5H3I2H", *(fields[name] for name in names), *lengths)


def test_two_writers_agree():
    """The second writer, made from the format's description, gives the same bytes."""
    assert zipped(FILES) == write(FILES)
    assert read(write(FILES)) == FILES


def test_same_contents_same_bytes():
    """Written twice it is the same, whatever the time."""
    assert write(FILES) == write(FILES)


NAME = st.from_regex(stored._NAME, fullmatch=True)


@given(st.dictionaries(NAME, st.binary(max_size=200), min_size=1, max_size=8))
def test_round_trip(files: dict[str, bytes]):
    """Any names and contents come back, and Python's zipfile agrees."""
    ordered = dict(sorted(files.items()))
    raw = write(ordered)

    assert read(raw) == ordered
    with zipfile.ZipFile(io.BytesIO(raw)) as stock:
        assert {name: stock.read(name) for name in stock.namelist()} == ordered
        assert stock.testzip() is None
        assert {info.date_time for info in stock.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_other_programs_read_it(tmp_path: Path):
    """So do the programs that people have: Python's, and unzip where it is there."""
    (tmp_path / "record.zip").write_bytes(write(FILES))
    unzip = [["unzip", "-t", "record.zip"]] if shutil.which("unzip") else []
    for command in [[sys.executable, "-m", "zipfile", "-t", "record.zip"], *unzip]:
        finished = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize(
    "names",
    [
        ["b", "a"], ["a", "a"], [""], ["a/b"], ["../x"], ["/x"], ["a\\b"], ["a\0b"], [".hidden"],
        ["é"], ["a b"], ["x" * 65], ["-x"],
    ],
)  # fmt: skip
def test_names_that_are_not_written(names: list[str]):
    """Names that no record has, and names out of order, are a mistake of the program."""
    with pytest.raises(ValueError, match="cannot be the next entry"):
        stored.write(io.BytesIO(), [(name, io.BytesIO()) for name in names])


# --- One field altered, everything else consistent ----------------------------------------

ALTERED: dict[str, dict[str, Any]] = {
    "version needed": {"needed": 10},
    "encrypted": {"flags": 1},
    "sizes behind the data": {"flags": 8},
    "UTF-8 names": {"flags": 0x800},
    "deflated": {"method": 8},
    "unknown method": {"method": 99},
    "time": {"time": 1},
    "date": {"date": 34},
    "checksum": {"crc": 1},
    "packed size": {"packed": 3},
    "size": {"size": 3},
    "both sizes": {"packed": 3, "size": 3},
    "declared 4 GiB": {"packed": 0xFFFFFFFE, "size": 0xFFFFFFFE},
    "64-bit sizes": {"packed": 0xFFFFFFFF, "size": 0xFFFFFFFF, "extra": b"\1\0\x10\0" + bytes(16)},
    "extra field": {"extra": b"UT\0\0"},
    "bytes after an entry": {"after": b"x"},
    "name in the directory": {"c_name": b"c.txt"},
    "checksum in the directory": {"c_crc": 1},
    "size in the directory": {"c_size": 1},
    "method in the directory": {"c_method": 8},
    "extra field in the directory": {"c_extra": b"UT\0\0"},
    "made by": {"c_made": 0x0314},
    "comment of an entry": {"c_comment": b"hello"},
    "disk of an entry": {"c_disk": 1},
    "internal attributes": {"c_internal": 1},
    "external attributes": {"c_external": 0o100644 << 16},
    "start of an entry": {"c_start": 0},
    "disk": {"e_disk": 1},
    "entries here": {"e_here": 3},
    "entries": {"e_entries": 5},
    "length of the directory": {"e_size": 1},
    "start of the directory": {"e_start": 0},
    "comment": {"e_comment": b"hello"},
    "bytes at the end": {"end": b"\0"},
    "second end": {"end": struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0, 0, 0, 0, 0)},
    "second zip": {"end": zipped({"x": b""})},
}


@pytest.mark.parametrize("name", ALTERED)
def test_one_field_altered(name: str):
    """Every field of the format has one value; the file may be consistent, it is refused."""
    raw = zipped(FILES, **ALTERED[name])
    assert raw != write(FILES)

    with pytest.raises(BadRecord, match="zip"):
        stored.read(io.BytesIO(raw))


@pytest.mark.parametrize(
    "name",
    [
        b"../x", b"/etc/passwd", b"..\\x", b"a/b", b"C:x", b"a\0", b"\0", b"", b".", b"..", b" a",
        b"a\n", b"\xff", b"\xc3\xa9", b"x" * 65, b"x" * 65535, b"CON ", b"-rf",
    ],
)  # fmt: skip
def test_path_tricks(name: bytes):
    """A name that could lead anywhere is refused."""
    raw = zipped({"b.txt": b"data"}, name=name)

    with pytest.raises(BadRecord, match="zip"):
        stored.read(io.BytesIO(raw))


@pytest.mark.parametrize(
    "raw",
    [
        zipped({"b": b"1", "a": b"2"}),
        zipped({"a": b"1", "B": b"2"}),
        zipped({"a": b"1", "b": b"2"}, target="b", name=b"a"),
    ],
    ids=["descending", "capitals last", "twice"],
)
def test_entries_in_another_order(raw: bytes):
    """Names ascend by their bytes; of two with one name another program might show the other."""
    with pytest.raises(BadRecord, match="out of order or stands twice"):
        stored.read(io.BytesIO(raw))


def stock(method: int, files: Mapping[str, bytes] = FILES) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive_zip:
        for name, data in files.items():
            archive_zip.writestr(zipfile.ZipInfo(name), data, method)
    return target.getvalue()


def test_zip_inside():
    """An entry may hold anything; a zip in a zip is only bytes."""
    inner = write(FILES)

    assert read(write({"inner": inner})) == {"inner": inner}


JUNK = (
    b"", b"PK", b"PK\3\4", b"PK\1\2", b"PK\5\6" + bytes(18), b"not a zip at all, but text" * 9,
    bytes(1000), b"\xff" * 1000, b"MZ" + bytes(500), b"PK\3\4" + b"\xff" * 26,
    b"PK\3\4" + bytes(26),
)  # fmt: skip


@pytest.mark.parametrize(
    "raw",
    [
        *JUNK,
        *map(stock, (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)),
        # A megabyte that would become a gigabyte is refused unread: nothing is ever inflated.
        stock(zipfile.ZIP_DEFLATED, {"a": bytes(1 << 24)}),
    ],
    ids=[*map(str, range(len(JUNK))), "stored", "deflated", "bzip2", "bomb"],
)
def test_not_a_zip_of_ours(raw: bytes):
    """Other bytes, and the same files as other programs write them: refused, never a crash."""
    with pytest.raises(BadRecord, match="zip"):
        stored.read(io.BytesIO(raw))


def test_more_entries_than_any_record():
    """The number of entries is bounded before they are all read."""
    files = {f"f{i:04}": b"" for i in range(stored.MAX_ENTRIES + 5)}
    with pytest.raises(BadRecord, match="zip"):
        stored.read(io.BytesIO(write(files)))


def test_every_byte():
    """Of a small zip each byte flipped, and each length: refused without exception."""
    raw = write({"MANIFEST": b"abc", "a.json": b"{}"})
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << (place % 8)
        with pytest.raises(BadRecord):
            stored.read(io.BytesIO(bytes(altered)))
        with pytest.raises(BadRecord):
            stored.read(io.BytesIO(raw[:place]))
    for end in (b"\0", b"x", raw):
        with pytest.raises(BadRecord):
            stored.read(io.BytesIO(raw + end))
        with pytest.raises(BadRecord):
            stored.read(io.BytesIO(end + raw))
