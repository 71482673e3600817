"""A reader who has everything on the disk and in the logs, and looks for pairs.

The reader is helped by the truth: the test tells who had which credential and who came when.
A trace that shows even then no more than chance would, shows nothing to a thief.

What is looked for, in every file as bytes and in every row of both books:

value     something of the box at the registrar's, or the other way round, or what should have
          been forgotten; raw, reversed, hex, base32, base64, hashed, or under a key of the machine
shared    bytes that both books hold and the public definition does not explain
order     places in a file, row numbers, numbers in rows, times of files, that follow who came when
size      sizes of rows at the registrar's that follow sizes of rows at the box
time      a time in a voter's row, a line of a log for each voter
remnant   a voter's value in bytes that belong to no row
"""

import hashlib
import re
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.attacks.needles import BOX, REGISTRAR, WIDTH, Hit, Needle, needles, scan
from tests.attacks.sitting import Sitting

# A rank correlation of n voters has, whatever is compared with a random order, mean 0 and
# variance exactly 1/(n - 1). Beyond 5.5 standard deviations lies less than one in 25 million;
# a session is compared about a hundred times. With 64 voters that is a correlation of 0.69.
DEVIATIONS: Final = 5.5
FEWEST: Final = 16  # voters with a trace; below that a correlation says nothing
_EXPLAINED = 8  # bytes of something public in 16 that both books have
_ZEROS = 3  # bytes of 16 that may be 0: more are padding or the head of a page
_VARIED = 8  # of 16 bytes by chance fewer than 9 differ in one case of 10^9; in padding always
_INTERIOR: Final = (2, 5)  # kinds of pages that name other pages
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_PUBLIC = ("sessions", "definitions", "messages", "key_checks", "notes", "alembic_version")


class Finding(NamedTuple):
    """What kind of trace, and where."""

    kind: str
    where: str


@dataclass
class Truth:
    """Who is who, who came when, and what a reader of the whole machine knows."""

    sitting: Sitting
    begun: float
    ended: float
    _scanned: dict[bytes, list[Hit]] = field(default_factory=dict)

    @cached_property
    def needles(self) -> dict[bytes, Needle]:
        keys = {
            path.name: path.read_bytes() for path in self.sitting.datadir.keys(self.uuid).iterdir()
        }
        return needles(self.sitting.voters, keys | {"uuid": self.uuid.encode(), "nothing": b""})

    @property
    def uuid(self) -> str:
        return self.sitting.uuid

    @property
    def size(self) -> int:
        return len(self.sitting.voters)

    def hits(self, data: bytes) -> list[Hit]:
        """Needles in some bytes; a file that was read before is not read again."""
        name = hashlib.sha256(data).digest()
        if name not in self._scanned:
            self._scanned[name] = scan(data, self.needles)
        return self._scanned[name]

    def orders(self, side: str) -> dict[str, list[int]]:
        """For each order that matters, the voters' places in it."""
        orders = dict(self.sitting.orders)
        if side == BOX:
            people = range(self.size)
            orders["roster"] = list(people)
            orders["key"] = sorted(people, key=lambda i: self.sitting.voters[i].person)
        return {name: _places(order) for name, order in orders.items()}


@dataclass(frozen=True)
class Disk:
    """A data directory and the logs beside it."""

    folder: Path
    log: Path

    @cached_property
    def files(self) -> dict[str, bytes]:
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        named = {str(path.relative_to(self.folder)): path.read_bytes() for path in found}
        return named | {"log": self.log.read_bytes()}

    def books(self) -> Iterator[tuple[str, sqlite3.Connection]]:
        """Every database, opened beside copies of its logs, so that nothing here is changed."""
        for name in [name for name, data in self.files.items() if data[:6] == b"SQLite"]:
            with tempfile.TemporaryDirectory() as folder:
                for path in self.folder.glob(f"{name}*"):
                    shutil.copy2(path, Path(folder, path.name))
                with closing(sqlite3.connect(Path(folder, Path(name).name))) as book:
                    yield name, book


def findings(disk: Disk, truth: Truth) -> list[Finding]:
    """Every trace that was found."""
    leaks = [*_values(disk, truth), *_shared(disk, truth), *_orders(disk, truth)]
    leaks += [*_file_times(disk, truth), *_lines(disk, truth), *_remnants(disk, truth)]
    sizes: dict[str, dict[str, list[float]]] = {REGISTRAR: {}, BOX: {}}
    for name, book in disk.books():
        for table, rows in _tables(book):
            whose = {number: _voter(row, truth) for number, row in enumerate(rows)}
            voters = {i: rows[number] for number, i in whose.items() if i is not None}
            where = f"{name} {table}"
            leaks += _rows(where, voters, truth)
            if side := side_of(name):
                sizes[side] |= _sizes(where, voters, truth)
    return sorted({*leaks, *_by_size(sizes)})


def side_of(name: str) -> str | None:
    """Whose file it is; the logs and what both sides read are nobody's."""
    for side, beginnings in (
        (REGISTRAR, ("registrar.db", "keys/")),
        (BOX, ("box.db", "archives/")),
    ):
        if name.startswith(beginnings):
            return side
    return None


# ---- values


def _values(disk: Disk, truth: Truth) -> Iterator[Finding]:
    for name, data in disk.files.items():
        for _, needle in truth.hits(data):
            if needle.side != side_of(name) or " of " in needle.what.replace("end of the", ""):
                yield Finding("value", f"{name}: {needle.what}")


def _shared(disk: Disk, truth: Truth) -> Iterator[Finding]:
    public = _windows(_public(disk), _EXPLAINED)
    sides: dict[str, set[bytes]] = {REGISTRAR: set(), BOX: set()}
    for name, data in disk.files.items():
        if ".db" in name and (side := side_of(name)):
            # What stands beside the uuid in a row is not that row's own.
            apart = data.replace(truth.uuid.encode(), hashlib.md5(name.encode()).digest())  # noqa: S324
            sides[side] |= _windows(apart, WIDTH)
    for window in sides[REGISTRAR] & sides[BOX]:
        parts = [window[at : at + _EXPLAINED] for at in range(WIDTH - _EXPLAINED + 1)]
        padding = len(set(window)) <= _VARIED or window.count(0) > _ZEROS
        if not padding and not any(part in public for part in parts):
            yield Finding("shared", repr(window))


def _public(disk: Disk) -> bytes:
    """Both books without their voters: definition, notes, and how the tables are made."""
    values = []
    for _, book in disk.books():
        names = [name for name, _ in _tables(book)]
        for name in [name for name in names if name in _PUBLIC]:
            rows = book.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608
            values += [_bytes(value) for row in rows for value in row]
        values += _heads(book, [name for name in names if name in _PUBLIC])
        for name in [name for name in names if name not in _PUBLIC]:
            book.execute(f"DELETE FROM {name}")  # noqa: S608
        book.commit()
        values.append(_fresh(book))
    return b"\n".join(values)


def _heads(book: sqlite3.Connection, tables: Sequence[str]) -> Iterator[bytes]:
    """How cells stand in the pages of these tables: the same where both books have the same rows.

    The heads and cell pointers of b-tree pages (sqlite.org/fileformat2.html §1.6).
    """
    book.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = Path(book.execute("PRAGMA database_list").fetchone()[2]).read_bytes()
    (size,) = book.execute("PRAGMA page_size").fetchone()
    roots = book.execute("SELECT tbl_name, rootpage FROM sqlite_schema WHERE rootpage > 0")
    numbers = [number for name, number in roots if name in tables]
    while numbers:
        page = data[(number := numbers.pop()) * size - size : number * size]
        end = (12 if page[0] in _INTERIOR else 8) + 2 * int.from_bytes(page[3:5], "big")
        yield page[: end + _EXPLAINED]
        if page[0] in _INTERIOR:
            cells = [int.from_bytes(page[at : at + 2], "big") for at in range(12, end, 2)]
            numbers += [int.from_bytes(page[at : at + 4], "big") for at in (8, *cells)]


def _fresh(book: sqlite3.Connection) -> bytes:
    """The book written anew: its rows and nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder, "fresh.db")
        book.execute("VACUUM INTO ?", [str(fresh)])
        return fresh.read_bytes()


@lru_cache(maxsize=8)  # of several disks most books are the same
def _windows(data: bytes, width: int) -> set[bytes]:
    return {data[at : at + width] for at in range(len(data) - width + 1)}


# ---- order


def deviations(places: Sequence[float], others_places: Sequence[float]) -> float:
    """Spearman's rank correlation in standard deviations of its permutations."""
    a, b = _ranks(places), _ranks(others_places)
    mean = (len(a) - 1) / 2
    shared = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    spread = sqrt(sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b))
    return sqrt(len(a) - 1) * shared / spread if spread else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 0; equal values share the middle of theirs."""
    places: dict[float, list[int]] = {}
    for rank, value in enumerate(sorted(values)):
        places.setdefault(value, []).append(rank)
    return [sum(places[value]) / len(places[value]) for value in values]


def _places(order: Sequence[int]) -> list[int]:
    return [place for _, place in sorted((i, place) for place, i in enumerate(order))]


def _follows(values: Mapping[int, float], truth: Truth, side: str | None) -> list[str]:
    """The orders that some number of each voter follows."""
    if len(values) < FEWEST:
        return []
    orders = truth.orders(side or BOX)
    voters = sorted(values)
    own = [values[i] for i in voters]
    return [
        name
        for name, places in orders.items()
        if abs(deviations(own, [places[i] for i in voters])) > DEVIATIONS
    ]


def _orders(disk: Disk, truth: Truth) -> Iterator[Finding]:
    """Where in a file each voter's values stand: the first, and the last time."""
    for name, data in disk.files.items():
        at: dict[str, dict[int, list[float]]] = {}
        for offset, needle in truth.hits(data):
            at.setdefault(needle.what, {}).setdefault(needle.voter, []).append(offset)
        for what, places in at.items():
            for end in (min, max):
                values = {i: float(end(offsets)) for i, offsets in places.items()}
                for order in _follows(values, truth, side_of(name)):
                    yield Finding("order", f"{name}: {what} by {order}")


def _file_times(disk: Disk, truth: Truth) -> Iterator[Finding]:
    """Files that belong to one voter each."""
    own: dict[int, float] = {}
    for name, data in disk.files.items():
        voters = {needle.voter for _, needle in truth.hits(data)}
        if len(voters) == 1 and name != "log":
            own[voters.pop()] = (disk.folder / name).stat().st_mtime
    for order in _follows(own, truth, None):
        yield Finding("order", f"times of files by {order}")


# ---- rows


def _tables(book: sqlite3.Connection) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every table with its rows as they come, and with their numbers where they have some."""
    names = [row[0] for row in book.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for name in names:
        for number in ("_rowid_ AS row_number, ", ""):
            try:
                cursor = book.execute(f"SELECT {number}* FROM {name}")  # noqa: S608
            except sqlite3.OperationalError:
                continue
            columns = [described[0] for described in cursor.description]
            yield name, [dict(zip(columns, row, strict=True)) for row in cursor]
            break


def _voter(row: Mapping[str, Any], truth: Truth) -> int | None:
    """Whose row it is."""
    for value in row.values():
        for _, needle in truth.hits(_bytes(value)):
            return needle.voter
    return None


def _rows(where: str, voters: Mapping[int, Mapping[str, Any]], truth: Truth) -> Iterator[Finding]:
    rank = {i: float(place) for place, i in enumerate(voters)}
    for order in _follows(rank, truth, side_of(where)):
        yield Finding("order", f"{where}: rows by {order}")
    for column in {column for row in voters.values() for column in row}:
        values = {i: row[column] for i, row in voters.items() if row[column] is not None}
        if any(_is_moment(value, truth) for value in values.values()):
            yield Finding("time", f"{where}.{column}")
        numbers = {i: float(v) for i, v in values.items() if isinstance(v, int | float)}
        for order in _follows(numbers, truth, side_of(where)):
            yield Finding("order", f"{where}.{column} by {order}")


def _is_moment(value: object, truth: Truth) -> bool:
    if isinstance(value, int | float):
        return any(truth.begun <= value / scale <= truth.ended for scale in (1, 1e3, 1e6, 1e9))
    return isinstance(value, str) and bool(_MOMENT.search(value))


def _lines(disk: Disk, truth: Truth) -> Iterator[Finding]:
    """A line for each voter tells when somebody came, even if it does not say who."""
    for name, data in disk.files.items():
        if name == "log" or name.endswith(".log"):
            lines = Counter(line[:4] for line in data.splitlines())
            if sum(lines.values()) >= truth.size // 2:
                yield Finding("time", f"{name}: as many lines as voters")


def _sizes(
    where: str, voters: Mapping[int, Mapping[str, Any]], truth: Truth
) -> dict[str, list[float]]:
    """For each column the size of each voter's value, where every voter has one."""
    if len(voters) < truth.size:
        return {}
    columns = next(iter(voters.values()))
    sizes = {
        f"{where}.{column}": [float(len(_bytes(voters[i][column]))) for i in sorted(voters)]
        for column in columns
    }
    return {name: values for name, values in sizes.items() if len(set(values)) > 1}


def _by_size(sizes: Mapping[str, Mapping[str, list[float]]]) -> Iterator[Finding]:
    for (registrar_file, these), (box_file, those) in product(
        sizes[REGISTRAR].items(), sizes[BOX].items()
    ):
        if abs(deviations(these, those)) > DEVIATIONS:
            yield Finding("size", f"{registrar_file} and {box_file}")


def _remnants(disk: Disk, truth: Truth) -> Iterator[Finding]:
    """Values that stand in the file more often than in a fresh copy of its rows."""
    for name, book in disk.books():
        expected = Counter(needle for _, needle in truth.hits(_fresh(book)))
        parts = [data for path, data in disk.files.items() if path.startswith(name)]
        present = Counter(needle for data in parts for _, needle in truth.hits(data))
        for needle in present - expected:
            yield Finding("remnant", f"{name}: {needle.what}")


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode()
