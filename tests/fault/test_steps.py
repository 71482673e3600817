"""Every step of a session's life, killed at each boundary of what it writes, and repeated."""

import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from admin.record.audit import AuditOptions, audit_file
from admin.session.books import Books
from admin.voting import box
from crypto.audit.ballots import check_batch
from crypto.lifecycle import State
from tests import testkit
from tests.fault.hall import Meeting, meeting
from tests.fault.lives import DEAD, Lives, lives
from tests.worlds.hall import Sealed

pytestmark = pytest.mark.slow
LIFE = list(State)
REPEATED = {0, 5}  # done now, or refused because it was done


async def _check_in(books: Books, sealed: Sealed) -> None:
    """Tokens for eleven, ten credentials."""
    for person in (await books.registrar.roster(sealed.uuid))[: testkit.ISSUED]:
        request, answer = secrets.token_bytes(32), secrets.token_bytes(384)
        await books.registrar.issue(sealed.uuid, person.person, request, answer, "cli")
    for credential, token in sealed.insider.tokens.items():
        await books.box.register(sealed.uuid, credential.raw, token)


async def _vote(books: Books, sealed: Sealed) -> None:
    """Nine ballots."""
    election = sealed.insider.election
    for i, choices in enumerate(testkit.VOTES):
        raw = sealed.insider.vote(i, choices)
        await box.store(books.box, election, raw, check_batch(election.raw, 1, [raw]))


class Stage(NamedTuple):
    """A command, and what other people do before it."""

    command: tuple[str, ...]
    first: int  # before it are those of opening the books, which are the same for all
    least: int  # boundaries that it has at least
    before: Callable[[Meeting], None]


def _nothing(_meeting: Meeting) -> None:
    pass


def _hand_in(session: Meeting) -> None:
    """Two trustees, as soon as they see the archive."""

    async def work(books: Books) -> None:
        if not await books.registrar.messages(session.uuid, "share"):
            for owner, share in session.shares().items():
                await books.registrar.put_message(
                    session.uuid, "share", owner, share, during=State.CLOSED
                )

    session.with_books(work)


STAGES = (
    Stage(("checkin",), 1, 8, _nothing),
    Stage(("present", "--count", str(testkit.PRESENT)), 5, 2, _nothing),
    Stage(
        ("open", "--yes"),
        5,
        8,
        lambda session: session.with_books(lambda books: _check_in(books, session.sealed)),
    ),
    Stage(
        ("close", "--in", "0", "--yes"),
        5,
        26,
        lambda session: session.with_books(lambda books: _vote(books, session.sealed)),
    ),
    Stage(("publish", "--yes"), 5, 16, _hand_in),
)
CANCEL = Stage(("cancel", "--reason", "power cut", "--yes"), 5, 18, _nothing)
FAIL = Stage(("fail", "--reason", "keys lost", "--yes"), 5, 20, _nothing)


@pytest.fixture
def living(tmp_path: Path) -> Iterator[Lives]:
    with lives(tmp_path / "logs") as living:
        yield living


def arrived(
    living: Lives, folder: Path, patch: pytest.MonkeyPatch, stages: Iterable[Stage]
) -> Meeting:
    """A session that has gone through some stages without a kill."""
    (folder / "data").mkdir()
    session = meeting(folder / "data", patch)
    for stage in stages:
        stage.before(session)
        name, *options = stage.command
        assert living.run(session.data, "session", name, session.uuid, *options) == 0, living.said()
    return session


def copied(session: Meeting, name: str) -> Meeting:
    """The same files in another data directory."""
    target = session.data.parent / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(session.data, target)
    return Meeting(session.sealed, target)


def check_killed(session: Meeting, before: Meeting, after: Meeting) -> None:
    """No book is further than the step leads or has gone back; every file there is whole."""
    looked_at = copied(session, "seen")  # looking at a book changes the files that a crash leaves
    for was, now, then in zip(before.states(), looked_at.states(), after.states(), strict=True):
        assert LIFE.index(was) <= LIFE.index(now) <= LIFE.index(then)
    whole = [*before.files().items(), *after.files().items()]
    assert [name for name, raw in session.files().items() if (name, raw) not in whole] == []


def sweep(living: Lives, stage: Stage, before: Meeting) -> Meeting:
    """Kills the command at one boundary after the other; what it leaves when nobody kills it."""
    command = ("session", stage.command[0], before.uuid, *stage.command[1:])
    after = copied(before, f"after {stage.command[0]}")
    assert living.run(after.data, *command) == 0, living.said()
    books, files = after.books(), after.files()
    number = stage.first
    while True:
        killed = copied(before, "killed")
        if living.run(killed.data, *command, at=(number, "")) != DEAD:
            break
        check_killed(killed, before, after)
        where = f"{stage.command[0]} killed {number}: {living.said()}"
        status = living.run(killed.data, *command)
        assert status in REPEATED, where + living.said()
        assert killed.states() == after.states(), where
        assert killed.books() == books, where
        assert killed.files() == files, where
        number += 1
    assert number >= stage.first + stage.least
    return after


def test_a_cancel_killed_at_each_boundary_and_repeated_is_one_cancel(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One line in the journal, both books cancelled and forgotten; a second one changes nothing."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:3])
    session = sweep(living, CANCEL, session)

    assert [row[2] for row in session.books()["registrar.journal"]] == ["cancelled: power cut"]
    assert {
        (request, answer) for *_, request, answer, _ in session.books()["registrar.issued"]
    } == {(None, None)}
    assert living.run(session.data, "session", "cancel", session.uuid, *CANCEL.command[1:]) == 0
    assert len(session.books()["registrar.journal"]) == 1


def test_a_failure_killed_at_each_boundary_and_repeated_is_one_failure(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One line in the journal, both books failed, the same record."""
    session = sweep(living, FAIL, arrived(living, tmp_path, monkeypatch, STAGES[:4]))

    assert session.states() == (State.FAILED, State.FAILED)
    assert [row[2] for row in session.books()["registrar.journal"]] == ["failed: keys lost"]


def test_whoever_goes_on_after_a_killed_opening_loses_nothing(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The close finishes the opening or is refused; both checkpoints are there in the end."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:2])
    STAGES[2].before(session)
    opening, closing = (
        ("session", s.command[0], session.uuid, *s.command[1:]) for s in STAGES[2:4]
    )
    number = STAGES[2].first
    while living.run((one := copied(session, "one")).data, *opening, at=(number, "")) == DEAD:
        if living.run(one.data, *closing) != 0:
            assert living.run(one.data, *opening) == 0, living.said()
            assert living.run(one.data, *closing) == 0, living.said()
        assert one.states() == (State.CLOSED, State.CLOSED)
        books = one.books()
        for book in ("registrar", "box"):
            assert {row[1] for row in books[f"{book}.notes"]} == {"sealed", "open", "closed"}
        number += 3  # by turns before and after a commit
    assert number > STAGES[2].first


def test_whoever_goes_on_after_a_killed_close_loses_nothing(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A closed box is not cancelled, totals wait until the close is finished."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:3])
    STAGES[3].before(session)
    closing, publishing = (
        ("session", s.command[0], session.uuid, *s.command[1:]) for s in STAGES[3:]
    )
    number = 7  # after the announced time is set
    while living.run((one := copied(session, "one")).data, *closing, at=(number, "")) == DEAD:
        if copied(one, "seen").states()[1] == State.CLOSED:
            assert living.run(one.data, "session", "cancel", session.uuid, *CANCEL.command[1:]) == 5
            assert one.books()["registrar.journal"] == []
        if one.files():
            _hand_in(one)
        assert living.run(one.data, *publishing) in {0, 4, 5}, living.said()
        if one.states()[0] != State.PUBLISHED:
            assert living.run(one.data, *closing) == 0, living.said()
            _hand_in(one)
            assert living.run(one.data, *publishing) == 0, living.said()
        assert (
            audit_file(one.datadir.bundle(one.uuid), AuditOptions(session.sealed.insider.phi)).error
            is None
        )
        number += 5  # as above
    assert number > STAGES[3].first + 20


def test_each_step_killed_at_each_boundary_and_repeated_is_the_step(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Both books and every file are afterwards what they are without a kill; the audit is clean."""
    session = arrived(living, tmp_path, monkeypatch, ())
    for stage in STAGES:
        stage.before(session)
        session = sweep(living, stage, session)
    outcome = audit_file(
        session.datadir.bundle(session.uuid), AuditOptions(session.sealed.insider.phi)
    )
    kills = living.kills.total()
    print(f"{kills} kills: {dict(living.kills)}")  # noqa: T201

    assert outcome.error is None
    assert outcome.counts is not None
    assert outcome.to_json()["counts"] == {
        "roster": testkit.ROSTER,
        "present": testkit.PRESENT,
        "issued": testkit.ISSUED,
        "registered": testkit.REGISTERED,
        "cast": testkit.CAST,
        "tallied": testkit.CAST,
    }
    assert kills >= sum(stage.least for stage in STAGES)
