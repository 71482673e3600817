"""Dishonest chairs and boxes: whoever changes what was cast is caught, and by whom."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from admin.cli import vote
from admin.client import session_view, voter
from crypto import checkpoint
from crypto.errors import BadCheckpoint, ProtocolError
from crypto.session import Election
from tests.attacks.conftest import VOTERS
from tests.attacks.operator import copied
from tests.attacks.sitting import Sitting

pytestmark = pytest.mark.slow


@pytest.fixture
def sitting(closed: tuple[Sitting, str]) -> Iterator[Sitting]:
    """The same, its archive and shares put back after each test."""
    sitting, _ = closed
    archive = sitting.archive.read_bytes()
    yield sitting
    sitting.archive.write_bytes(archive)
    forget_shares(sitting)


@pytest.fixture
def code(closed: tuple[Sitting, str]) -> str:
    return closed[1]


def forget_shares(sitting: Sitting) -> None:
    """As if no trustee had sent anything yet: who has the machine can do that."""
    with closing(sqlite3.connect(sitting.data / "registrar.db")) as book, book:
        book.execute("DELETE FROM messages WHERE kind = 'share'")


def code_of(stdout: str) -> str:
    return str(json.loads(stdout)["code"])


def test_a_chair_who_drops_a_ballot_is_caught_by_the_trustees(sitting: Sitting, code: str):
    """The altered archive is in perfect order; only it is not the one that they have signed."""
    sitting.without(sitting.voters[0].tracker)
    assert len(sitting.audited().cast.trackers) == VOTERS - 1

    status, stdout, err = sitting.join(2, code)

    assert (status, code_of(stdout)) == (3, "bad_checkpoint")
    assert f"differs from the record at: cast {VOTERS - 1}" in err
    assert sitting.shares() == {}
    assert sitting.decrypt(2, code)[0] == 3
    assert not (sitting.folder / "share").exists()


def test_a_trustee_opens_one_archive_of_a_session(sitting: Sitting, code: str):
    """A second one is refused, though the first share is lost: a quorum signed the first alone.

    One that the server signs for, too: test_operator.py.
    """
    status, _, err = sitting.join(1, code)
    assert (status, set(sitting.shares())) == (0, {1}), err
    forget_shares(sitting)
    sitting.without(sitting.voters[0].tracker)

    status, stdout, err = sitting.join(1, code)

    assert (status, code_of(stdout)) == (3, "bad_checkpoint"), err
    assert sitting.shares() == {}


def test_a_record_that_would_not_pass_is_not_handed_out(sitting: Sitting, tmp_path: Path):
    """The office's own audit comes first; with the book put right the same command publishes."""
    sitting.share(1, 3)
    office = copied(sitting, tmp_path / "office")
    publish = ("session", "publish", office.uuid, "--yes", "--json")
    with closing(sqlite3.connect(office.data / "registrar.db")) as book, book:
        book.execute("UPDATE sessions SET present = 1")

    status, stdout, err = office.command(*publish)

    assert (status, code_of(stdout)) == (3, "unsound_record"), err
    assert "check counts: " in err
    assert not office.datadir.bundle(office.uuid).exists()
    show = ("session", "show", office.uuid, "--json")
    assert json.loads(office.command(*show)[1])["state"] == "tallied"
    with closing(sqlite3.connect(office.data / "registrar.db")) as book, book:
        book.execute("UPDATE sessions SET present = ?", [VOTERS])
    assert office.command(*publish)[0] == 0
    assert office.command("audit", office.datadir.bundle(office.uuid))[0] == 0


def test_a_chair_who_drops_a_ballot_is_caught_by_its_voter(sitting: Sitting):
    """Even if nobody compares codes: the list that is left does not fit the signed one."""
    session = session_view.look(sitting.box)
    victim = sitting.voters[0]
    for one in sitting.voters:
        voter.check_counted(sitting.box, session, one.promised, None)

    drop(sitting, victim.tracker)
    try:
        with pytest.raises(BadCheckpoint, match="although the box promised it"):
            voter.check_counted(sitting.box, session, victim.promised, None)
        with pytest.raises(BadCheckpoint, match="closed: differs from the record"):
            voter.check_counted(sitting.box, session, sitting.voters[1].promised, None)
    finally:
        restore(sitting)


def drop(sitting: Sitting, tracker: str) -> None:
    """Deletes a ballot from the box's book; the book before is kept beside it."""
    with closing(sqlite3.connect(sitting.data / "box.db")) as book, book:
        book.execute("CREATE TABLE hidden AS SELECT * FROM ballots WHERE tracker = ?", [tracker])
        book.execute("DELETE FROM ballots WHERE tracker = ?", [tracker])


def restore(sitting: Sitting) -> None:
    with closing(sqlite3.connect(sitting.data / "box.db")) as book, book:
        book.execute("INSERT INTO ballots SELECT * FROM hidden")
        book.execute("DROP TABLE hidden")


def test_a_box_that_lost_a_ballot_is_convicted_by_its_promise(tmp_path: Path):
    """It closes, signs and would be tallied without complaint; the promise is against it.

    The voter's own command says so, and whoever has election.json can see that the box signed.
    """
    sitting = Sitting(tmp_path, VOTERS).prepare()
    with sitting.serving():
        sitting.check_in()
        sitting.register()
        sitting.open()
        sitting.cast()
        victim, witness = sitting.voters[:2]
        drop(sitting, victim.tracker)
        code = sitting.close()
        status = {
            voter.name: look_up(sitting, voter.promised.encode()) for voter in (victim, witness)
        }
        assert sitting.join(1, code)[0] == 0  # the trustees see nothing: all is consistent

    assert status == {victim.name: (3, "bad_checkpoint"), witness.name: (0, "counted")}
    archive = sitting.audited()
    assert victim.tracker not in archive.cast.trackers
    election = Election.decode(archive.setup.election.raw)
    assert election.parameters
    checkpoint.check_promise(victim.promised, election, election.parameters, victim.tracker)


def look_up(sitting: Sitting, promise: bytes) -> tuple[int, str]:
    """What `vote` says after the close to who kept only a promise."""
    keep = sitting.folder / "keep"
    keep.mkdir()
    (keep / f"{sitting.uuid}-00000000.promise").write_bytes(promise)
    (keep / "code").write_text(sitting.voters[0].link)
    (keep / "choices").write_text("[null, null]")
    where = ["--server", sitting.url, "--uuid", sitting.uuid, "--code-file", keep / "code"]
    options = ["--choices", keep / "choices", "--keep", keep, "--json"]
    status, stdout, _ = sitting.command("vote", *where, *options)
    shutil.rmtree(keep)
    document = json.loads(stdout)
    return status, document.get("done") or document["code"]


def test_a_promise_convicts_nobody_else(sitting: Sitting):
    """A promise with another tracker, or for another session, is no promise of this box."""
    session = session_view.look(sitting.box)
    victim, neighbour = sitting.voters[:2]
    forged = victim.promised.encode().replace(victim.tracker.encode(), neighbour.tracker.encode())
    elsewhere = victim.promised.encode().replace(sitting.uuid.encode(), b"AnotherSession12")

    for raw in (forged, elsewhere):
        with pytest.raises(ProtocolError):
            vote.tracker_of(session_view.parsed(raw, "promise"), session)
