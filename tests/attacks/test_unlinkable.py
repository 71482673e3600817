"""After a session nothing on the disk or in the logs pairs a person with a ballot.

A real session over HTTP: 48 people check in, register and vote, each time in another order. Then
a reader (disk.py) takes everything that is left and is told the truth to compare it with. Every
kind of leak is planted in a copy and found by the same reader.

Free blocks of the disk are searched in test_disk_image.py. What neither can show: what the server's
memory, a backup made during the session, or a recorder of its traffic would tell.
"""

import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest as hmac
from pathlib import Path

import pytest

from tests.attacks.disk import DEVIATIONS, Disk, Truth, deviations, findings
from tests.attacks.sitting import Sitting, Voter

pytestmark = pytest.mark.slow

VOTERS = 48
HEADER_COUNTERS = (range(18, 20), range(24, 28), range(40, 44), range(92, 100))


@dataclass(frozen=True)
class Left:
    """What a session leaves.

    Attributes:
        voting: copied while votes were cast.
        closed: copied at once after the close, the server running.
        published: copied after publication, the server running.
        stopped: the data directory after everything.
    """

    sitting: Sitting
    truth: Truth
    voting: Path
    closed: Path
    published: Path

    @property
    def stopped(self) -> Path:
        return self.sitting.data


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    folder = tmp_path_factory.mktemp("session")
    begun, sitting = time.time() - 60, Sitting(folder, VOTERS).prepare()
    with sitting.serving():
        sitting.check_in()
        sitting.register()
        sitting.open()
        sitting.cast()
        shutil.copytree(sitting.data, folder / "voting")
        sitting.close()
        shutil.copytree(sitting.data, folder / "closed")
        sitting.share(1, 3)
        sitting.publish()
        shutil.copytree(sitting.data, folder / "published")
    truth = Truth(sitting, begun, time.time() + 24 * 3600)
    return Left(sitting, truth, *(folder / name for name in ("voting", "closed", "published")))


@pytest.mark.parametrize("moment", ["closed", "published", "stopped"])
def test_nothing_pairs_a_person_with_a_ballot(left: Left, moment: str):
    """From the close on, whether the server runs or not: no trace of any kind."""
    disk = Disk(getattr(left, moment), left.sitting.log)
    suffixes = {Path(name).suffix for name in disk.files}

    assert findings(disk, left.truth) == []
    assert {".db", ".bel", ".seed", ".pkcs8", ".toml"} <= suffixes
    assert (moment == "stopped") != (".db-wal" in suffixes)
    assert (moment == "closed") != (".zip" in suffixes)


def test_before_the_close_the_reader_sees_the_order(left: Left):
    """The same reader finds who came when in the books of a session that is still open.

    That is what the rewriting at the close removes, and why backups are not made before.
    """
    leaks = findings(Disk(left.voting, left.sitting.log), left.truth)

    assert {leak.kind for leak in leaks} >= {"value", "order", "time"}
    assert any("box.db" in where and "by casting" in where for _, where in leaks)
    assert any("by check-in" in where for _, where in leaks)
    assert not any("name" in where or "person" in where for kind, where in leaks if kind == "value")


@pytest.mark.parametrize("book", ["box.db", "registrar.db"])
def test_a_book_holds_its_rows_and_nothing_else(left: Left, tmp_path: Path, book: str):
    """Who copies the rows in a random order into an empty book gets the same file.

    So places, pages and free space tell nothing that the rows do not. Only SQLite's header
    differs, in how many transactions there were and which mode the file is in.
    """
    written = (left.closed / book).read_bytes()
    again = _rebuilt(left.closed / book, tmp_path / book)

    skipped = {at for part in HEADER_COUNTERS for at in part}
    differing = [
        at
        for at, (byte, rebuilt) in enumerate(zip(written, again, strict=True))
        if byte != rebuilt and at not in skipped
    ]
    assert differing == []


def _rebuilt(book: Path, target: Path) -> bytes:
    shutil.copy(book, target)
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("BEGIN")
        for (name,) in copy.execute("SELECT name FROM sqlite_schema WHERE type='table'").fetchall():
            if not (rows := copy.execute(f"SELECT * FROM {name}").fetchall()):  # noqa: S608
                continue
            secrets.SystemRandom().shuffle(rows)
            copy.execute(f"DELETE FROM {name}")  # noqa: S608
            places = ",".join("?" * len(rows[0]))
            copy.executemany(f"INSERT INTO {name} VALUES ({places})", rows)  # noqa: S608
        copy.execute("COMMIT")
        copy.execute("VACUUM")
    return target.read_bytes()


def test_chance_does_not_reach_the_threshold():
    """Of 20,000 random orders none looks like a leak; an order kept by eights does."""
    right = list(range(VOTERS))
    worst = 0.0
    for _ in range(20_000):
        order = right.copy()
        secrets.SystemRandom().shuffle(order)
        worst = max(worst, abs(deviations(right, order)))
    by_eights = [i - i % 8 for i in right]

    assert 3 < worst < DEVIATIONS < deviations(right, right)
    assert deviations(right, by_eights) > DEVIATIONS


# ---- planted leaks


@dataclass(frozen=True)
class Copy:
    """A copy of everything, in which something is planted."""

    folder: Path
    log: Path
    truth: Truth

    @property
    def voters(self) -> list[Voter]:
        return self.truth.sitting.voters

    def order(self, what: str) -> list[int]:
        return self.truth.sitting.orders[what]

    def sql(self, book: str, statement: str, rows: list[tuple[object, ...]] | None = None) -> None:
        """Changes a book as careless code would: without secure_delete, without a rewrite."""
        with closing(sqlite3.connect(self.folder / book)) as opened, opened:
            opened.execute("PRAGMA secure_delete = OFF")
            if rows is None:
                opened.execute(statement)
            else:
                opened.executemany(statement, rows)


def row_with_a_time(copy: Copy) -> None:
    copy.sql("box.db", "CREATE TABLE seen (credential BLOB PRIMARY KEY, at INT) WITHOUT ROWID")
    at = int(copy.truth.begun) + 600
    rows: list[tuple[object, ...]] = [(voter.credential, at) for voter in copy.voters]
    copy.sql("box.db", "INSERT INTO seen VALUES (?, ?)", rows)


def row_numbers(copy: Copy) -> None:
    copy.sql("box.db", "CREATE TABLE kept (credential BLOB)")
    rows: list[tuple[object, ...]] = [
        (copy.voters[i].credential,) for i in copy.order("registration")
    ]
    copy.sql("box.db", "INSERT INTO kept VALUES (?)", rows)


def counter_that_goes_down(copy: Copy) -> None:
    copy.sql("registrar.db", "CREATE TABLE left (person BLOB PRIMARY KEY, n INT) WITHOUT ROWID")
    rows: list[tuple[object, ...]] = [
        (copy.voters[i].person, 1000 - place) for place, i in enumerate(copy.order("check-in"))
    ]
    copy.sql("registrar.db", "INSERT INTO left VALUES (?, ?)", rows)


def credential_at_the_registrar(copy: Copy) -> None:
    voter = copy.voters[5]
    copy.sql("registrar.db", "UPDATE persons SET details = ? WHERE person = ?",
             [(f'{{"c":"{voter.secrets.credential.hex}"}}', voter.person)])  # fmt: skip


def person_at_the_box(copy: Copy) -> None:
    voter = copy.voters[5]
    note = b"for " + voter.person
    copy.sql("box.db", "INSERT INTO ciphertexts SELECT uuid, ? FROM sessions",
             [((note + bytes(32))[:32],)])  # fmt: skip


def hash_under_a_key(copy: Copy) -> None:
    voter = copy.voters[9]
    key = (copy.truth.sitting.datadir.keys(copy.truth.uuid) / "registrar.seed").read_bytes()
    mark = hmac(key, voter.person, "sha256")
    copy.sql("box.db", "INSERT INTO ciphertexts SELECT uuid, ? FROM sessions", [(mark,)])


def hash_of_a_tracker(copy: Copy) -> None:
    voter = copy.voters[9]
    mark = sha256(voter.tracker.encode()).hexdigest()
    copy.sql("registrar.db", "UPDATE persons SET details = ? WHERE person = ?",
             [(f'{{"m":"{mark}"}}', voter.person)])  # fmt: skip


def token_reversed_in_a_key(copy: Copy) -> None:
    folder = copy.folder / "keys" / copy.truth.uuid
    (folder / "cache").write_bytes(b"x" + copy.voters[3].token[::-1])


def one_number_for_both(copy: Copy) -> None:
    for book, table, of in (
        ("registrar.db", "persons", "person"),
        ("box.db", "ballots", "tracker"),
    ):
        copy.sql(book, f"ALTER TABLE {table} ADD request BLOB")  # same random value in both books
        voter = copy.voters[7]
        value = voter.person if of == "person" else voter.tracker
        mark = sha256(b"a number nobody knows" + voter.person).digest()
        copy.sql(book, f"UPDATE {table} SET request = ? WHERE {of} = ?", [(mark, value)])  # noqa: S608


def length_of_a_name(copy: Copy) -> None:
    copy.sql("box.db", "ALTER TABLE credentials ADD padding TEXT")
    rows: list[tuple[object, ...]] = [
        ("x" * len(voter.name), voter.credential) for voter in copy.voters
    ]
    copy.sql("box.db", "UPDATE credentials SET padding = ? WHERE credential = ?", rows)


def line_with_both(copy: Copy) -> None:
    voter = copy.voters[2]
    with copy.log.open("a", encoding="utf-8") as log:
        log.write(f"INFO {voter.name} cast {voter.tracker}\n")


def line_for_each(copy: Copy) -> None:
    with copy.log.open("a", encoding="utf-8") as log:
        log.writelines(f"2026-01-02 10:{i:02} INFO 201 Created\n" for i in range(VOTERS))


def bearer_in_a_log(copy: Copy) -> None:
    with copy.log.open("a", encoding="utf-8") as log:
        log.write(f"DEBUG Authorization: Bearer {copy.voters[1].bearer}\n")


def free_pages(copy: Copy) -> None:
    copy.sql("box.db", "CREATE TABLE arrivals (raw BLOB)")
    rows: list[tuple[object, ...]] = [(copy.voters[i].ballot,) for i in copy.order("casting")]
    copy.sql("box.db", "INSERT INTO arrivals VALUES (?)", rows)
    copy.sql("box.db", "DROP TABLE arrivals")


def half_a_page(copy: Copy) -> None:
    voter = copy.voters[4]
    copy.sql("registrar.db", "INSERT INTO journal VALUES (?, 99, ?)",
             [(copy.truth.uuid, f"{voter.name} has come")])  # fmt: skip
    copy.sql("registrar.db", "DELETE FROM journal WHERE number = 99")


def log_of_a_database(copy: Copy) -> None:
    """The write-ahead log as a crash before the last checkpoint leaves it."""
    opened = sqlite3.connect(copy.folder / "box.db")
    opened.execute("PRAGMA wal_autocheckpoint = 0")
    opened.execute("CREATE TABLE arrivals (raw BLOB)")
    for i in copy.order("casting"):
        opened.execute("INSERT INTO arrivals VALUES (?)", [copy.voters[i].ballot])
        opened.commit()
    opened.execute("DROP TABLE arrivals")
    opened.commit()
    kept = {path: path.read_bytes() for path in copy.folder.glob("box.db*")}
    opened.close()
    for path, data in kept.items():
        path.write_bytes(data)


def file_for_each(copy: Copy) -> None:
    for place, i in enumerate(copy.order("casting")):
        path = copy.folder / "archives" / copy.voters[i].secrets.credential.hex
        path.write_bytes(copy.voters[i].ballot)
        os.utime(path, (1_700_000_000 + place, 1_700_000_000 + place))


def record_in_order_of_arrival(copy: Copy) -> None:
    path = next((copy.folder / "archives").glob("*.bel"))
    path.write_bytes(b"".join(copy.voters[i].ballot for i in copy.order("casting")))


def code_that_was_not_forgotten(copy: Copy) -> None:
    voter = copy.voters[8]
    copy.sql("registrar.db", "UPDATE issued SET request = ? WHERE person = ?",
             [(sha256(voter.blinded).digest(), voter.person)])  # fmt: skip


PLANTS: list[tuple[Callable[[Copy], None], set[tuple[str, str]]]] = [
    (row_with_a_time, {("time", "box.db seen.at")}),
    (row_numbers, {("order", "box.db kept.row_number by registration")}),
    (counter_that_goes_down, {("order", "registrar.db left.n by check-in")}),
    (credential_at_the_registrar, {("value", "registrar.db: credential")}),
    (person_at_the_box, {("value", "box.db: person")}),
    (hash_under_a_key, {("value", "box.db: HMAC by registrar.seed of person")}),
    (hash_of_a_tracker, {("value", "registrar.db: sha256 of tracker")}),
    (token_reversed_in_a_key, {("value", "cache: token")}),
    (one_number_for_both, {("shared", "b")}),
    (length_of_a_name, {("size", "registrar.db persons.name and box.db credentials.padding")}),
    (line_with_both, {("value", "log: tracker"), ("value", "log: name")}),
    (line_for_each, {("time", "log: as many lines as voters")}),
    (bearer_in_a_log, {("value", "log: bearer")}),
    (free_pages, {("remnant", "box.db: ciphertext"), ("order", "box.db: ciphertext by casting")}),
    (half_a_page, {("remnant", "registrar.db: name")}),
    (
        log_of_a_database,
        {("remnant", "box.db: ciphertext"), ("order", "box.db-wal: ciphertext by casting")},
    ),
    (file_for_each, {("order", "times of files by casting")}),
    (record_in_order_of_arrival, {("order", ".bel: ciphertext by casting")}),
    (code_that_was_not_forgotten, {("value", "registrar.db: sha256 of request")}),
]


@pytest.fixture
def copy(left: Left, tmp_path: Path) -> Iterator[Copy]:
    shutil.copytree(left.stopped, tmp_path / "data")
    shutil.copy(left.sitting.log, tmp_path / "log")
    yield Copy(tmp_path / "data", tmp_path / "log", left.truth)
    shutil.rmtree(tmp_path / "data")


@pytest.mark.parametrize(("plant", "wanted"), [pytest.param(*p, id=p[0].__name__) for p in PLANTS])
def test_a_planted_leak_is_found(
    copy: Copy, plant: Callable[[Copy], None], wanted: set[tuple[str, str]]
):
    """By the reader that finds nothing where nothing is planted."""
    plant(copy)

    leaks = findings(Disk(copy.folder, copy.log), copy.truth)

    missing = [
        (kind, where)
        for kind, where in wanted
        if not any(leak.kind == kind and where in leak.where for leak in leaks)
    ]
    assert missing == [], leaks[:20]
