"""However a session ends, the whole disk pairs no person with a ballot: free blocks included.

Real sessions over HTTP, their data directory on an ext4 file system of its own: the write-ahead
logs that SQLite removes, what it cuts off and what is replaced go back to that disk. Then a thief
reads every block (image.py).

What no image can show: the spare blocks of an SSD, file systems that copy on write, snapshots
(docs/threat-model.md §4).
"""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.voting import codes
from tests.attacks.disk import Finding, Truth
from tests.attacks.image import BLOCK, Carved, Image, findings, pages
from tests.attacks.needles import FORGOTTEN, WIDTH, Needle
from tests.attacks.sitting import Sitting

pytestmark = pytest.mark.slow

VOTERS = 32


@dataclass(frozen=True)
class Stolen:
    """The disk at the moments when it is read, and as it is in the end.

    Attributes:
        before: pages of the books while votes were cast that are in no book after the end.
    """

    truth: Truth
    image: Image
    at: dict[str, Carved]
    before: set[bytes]

    def findings(self, moment: str) -> list[Finding]:
        return findings(self.at[moment], self.truth, self.before)


@contextmanager
def sitting_on(folder: Path) -> Iterator[tuple[Sitting, Stolen]]:
    """A session whose data directory is a disk; the disk is there for the length of the block."""
    sitting = Sitting(folder, VOTERS)
    image = Image.made(folder / "machine")
    sitting.data.symlink_to(image.point)
    now = time.time()
    with image.mounted():
        sitting.prepare()
        yield sitting, Stolen(Truth(sitting, now - 60, now + 24 * 3600), image, {}, set())


def vote(sitting: Sitting) -> None:
    """Everybody comes, registers and casts, each time in another order."""
    sitting.check_in()
    sitting.register()
    sitting.open()
    sitting.cast()


def add_hashes(truth: Truth) -> None:
    """What the book keeps of a letter's code is to be forgotten, too."""
    for number, voter in enumerate(truth.sitting.voters):
        kept = codes.code_hash(truth.uuid, voter.code)[:WIDTH]
        truth.needles[kept] = Needle(number, FORGOTTEN, "hash of a code")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Stolen:
    """Read after the close while the server runs, and after the session has failed."""
    with sitting_on(tmp_path_factory.mktemp("counted")) as (sitting, stolen):
        with sitting.serving():
            vote(sitting)
            add_hashes(stolen.truth)
            stolen.at["voting"] = stolen.image.carved()
            stolen.before.update(pages(sitting.data))
            sitting.close()
            stolen.before.difference_update(pages(sitting.data))
            stolen.at["closed"] = stolen.image.carved()
        options = ("--reason", "mất chìa khóa", "--yes")
        status, _, err = sitting.command("session", "fail", sitting.uuid, *options)
        assert status == 0, err
    stolen.at["failed"] = stolen.image.carved()
    return stolen


@pytest.fixture(scope="module")
def cancelled(tmp_path_factory: pytest.TempPathFactory) -> Stolen:
    """The server stops in the middle, which removes its logs; then the session is cancelled."""
    with sitting_on(tmp_path_factory.mktemp("cancelled")) as (sitting, stolen):
        with sitting.serving():
            vote(sitting)
            add_hashes(stolen.truth)
            stolen.before.update(pages(sitting.data))
        assert list(sitting.data.glob("*-wal")) == []
        options = ("--reason", "mất điện", "--yes")
        status, _, err = sitting.command("session", "cancel", sitting.uuid, *options)
        assert status == 0, err
        stolen.before.difference_update(pages(sitting.data))
    stolen.at["cancelled"] = stolen.image.carved()
    return stolen


@pytest.mark.parametrize(
    ("session", "moment"),
    [("counted", "closed"), ("counted", "failed"), ("cancelled", "cancelled")],
)
def test_nothing_on_the_disk_pairs_a_person_with_a_ballot(
    request: pytest.FixtureRequest, session: str, moment: str
):
    """Nor tells who came when; what is to be forgotten is in no block."""
    stolen: Stolen = request.getfixturevalue(session)

    assert stolen.findings(moment) == []


def test_before_the_close_the_disk_tells_the_order(counted: Stolen):
    """The same thief, the same disk: that is what the end removes."""
    leaks = counted.findings("voting")

    forgotten = {"recovery", "answer", "sha256 of request", "sha256 of bearer", "hash of a code"}
    assert forgotten <= {where for kind, where in leaks if kind == "value"}
    assert sum(kind == "page" for kind, _ in leaks) > VOTERS
    assert any("by casting" in where for kind, where in leaks if kind == "order")
    assert any("by check-in" in where for kind, where in leaks if kind == "order")


# ---- planted leaks: each is written when the block begins, and given back to the disk at its end


@contextmanager
def deleted_list(folder: Path, truth: Truth) -> Iterator[None]:
    """A file in which everybody was written down on coming, deleted after the session."""
    path = folder / "arrivals"
    with path.open("wb") as file:
        for i in truth.sitting.orders["check-in"]:
            voter = truth.sitting.voters[i]
            file.write((voter.person + voter.credential).ljust(200, b"-"))
        file.flush()
        os.fsync(file.fileno())
    yield
    path.unlink()


@contextmanager
def removed_log(folder: Path, truth: Truth) -> Iterator[None]:
    """A database that SQLite closes in its own way: rows overwritten, the log unlinked."""
    with closing(sqlite3.connect(folder / "seen.db", isolation_level=None)) as book:
        book.execute("PRAGMA journal_mode = WAL")
        book.execute("PRAGMA secure_delete = ON")
        book.execute("CREATE TABLE seen (credential BLOB)")
        for i in truth.sitting.orders["registration"]:
            book.execute("INSERT INTO seen VALUES (?)", [truth.sitting.voters[i].credential])
        book.execute("DROP TABLE seen")
        book.execute("VACUUM")
        yield


@contextmanager
def cut_off(folder: Path, truth: Truth) -> Iterator[None]:
    """A file that is shortened with the ballots still in its end."""
    with (folder / "ballots").open("wb") as file:
        file.write(b"-" * BLOCK)
        for i in truth.sitting.orders["casting"]:
            file.write(truth.sitting.voters[i].ballot)
        file.flush()
        os.fsync(file.fileno())
        yield
        file.truncate(BLOCK)


def test_planted_leaks_are_found(counted: Stolen, tmp_path: Path):
    """By the thief who finds nothing where nothing is planted."""
    image = counted.image.copied(tmp_path)
    with image.mounted() as folder, ExitStack() as plants:
        for plant in (deleted_list, removed_log, cut_off):
            plants.enter_context(plant(folder, counted.truth))

    leaks = findings(image.carved(), counted.truth, counted.before)
    shutil.rmtree(tmp_path)

    assert {
        ("order", "person by check-in"),
        ("order", "credential by check-in"),
        ("pair", "credential and person"),
        ("order", "credential by registration"),
        ("order", "ciphertext by casting"),
    } <= set(leaks), leaks[:20]
