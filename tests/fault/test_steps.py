"""Every step of a session's life, killed at each boundary of what it writes, and repeated."""

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import pytest

from admin.lifecycle import signing
from admin.record.audit import AuditOptions, audit_file
from admin.session.books import Books
from admin.voting import box
from crypto import checkpoint, note
from crypto.audit.ballots import check_batch
from crypto.committee import Moment
from crypto.lifecycle import State
from tests import testkit
from tests.fault.hall import Meeting, meeting
from tests.fault.lives import DEAD, Lives
from tests.worlds.committee import signature
from tests.worlds.hall import Sealed

pytestmark = pytest.mark.slow
LIFE = list(State)
REPEATED = {0, 5}  # done now, or refused because it was done
NOTE, NOTES = ".note", "NOTES"


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
    """A command, and what other people do before it.

    Attributes:
        command: its name and options; the trustees' notes are put where NOTES stands.
    """

    command: tuple[str, ...]
    first: int  # before it are those of opening the books, which are the same for all
    least: int  # boundaries that it has at least
    before: Callable[[Meeting], None]

    def line(self, session: Meeting) -> list[str]:
        """As it is typed."""
        name, *options = self.command
        noted = [str(path) for path in sorted(session.data.glob(f"*{NOTE}"))]
        put = [noted if option == NOTES else [option] for option in options]
        return ["session", name, session.uuid, *chain.from_iterable(put)]


def _nothing(_meeting: Meeting) -> None:
    pass


def _signed(moment: Moment) -> Callable[[Meeting], None]:
    """All three trustees sign and give the secretary their notes, instead of those of before."""

    def sign(session: Meeting) -> None:
        proposed = session.with_books(lambda books: books.registrar.notes(session.uuid))
        text = note.parse(proposed[signing.NOTE_OF[moment]]).text
        for owner in (1, 2, 3):
            signed = signature(session.uuid, moment, session.sealed.insider.state(owner), text)
            (session.data / f"{owner}{NOTE}").write_bytes(signed)

    return sign


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
    Stage(("sign", NOTES), 5, 14, _signed(Moment.OPENING)),
    Stage(
        ("close", "--in", "0", "--yes"),
        5,
        26,
        lambda session: session.with_books(lambda books: _vote(books, session.sealed)),
    ),
    Stage(("sign", NOTES), 5, 10, _signed(Moment.CLOSING)),
    Stage(("publish", "--yes"), 5, 16, _hand_in),
)
# Every third boundary, so by turns before and after a commit; each if the environment asks.
STRIDE = 1 if os.environ.get("PHIEUKIN_EVERY_BOUNDARY") else 3
CHECK_IN, PRESENT, OPEN, SEAL_BOX, CLOSE, SIGN_CLOSE, PUBLISH = STAGES
RESUME = Stage(("resume",), 5, 4, _nothing)
CANCEL = Stage(("cancel", "--reason", "power cut", "--yes"), 5, 18, _nothing)
FAIL = Stage(("fail", "--reason", "keys lost", "--yes"), 5, 20, _nothing)


def arrived(
    living: Lives, folder: Path, patch: pytest.MonkeyPatch, stages: Iterable[Stage]
) -> Meeting:
    """A session that has gone through some stages without a kill."""
    (folder / "data").mkdir()
    session = meeting(folder / "data", patch)
    for stage in stages:
        stage.before(session)
        assert living.run(session.data, *stage.line(session)) == 0, living.said()
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
        low, high = sorted((LIFE.index(was), LIFE.index(then)))  # to resume leads back
        assert low <= LIFE.index(now) <= high
    whole = [*before.files().items(), *after.files().items()]
    assert [name for name, raw in session.files().items() if (name, raw) not in whole] == []


def sweep(living: Lives, stage: Stage, before: Meeting) -> Meeting:
    """Kills the command at one boundary after the other; what it leaves when nobody kills it."""
    after = copied(before, f"after {stage.first} {stage.command[0]}")
    command = stage.line(before)
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
        number += STRIDE
    assert number >= stage.first + stage.least
    return after


def test_a_cancel_killed_at_each_boundary_and_repeated_is_one_cancel(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One line in the journal, both books cancelled and forgotten; a second one changes nothing."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:4])
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
    session = sweep(living, FAIL, arrived(living, tmp_path, monkeypatch, STAGES[:5]))

    assert session.states() == (State.FAILED, State.FAILED)
    assert [row[2] for row in session.books()["registrar.journal"]] == ["failed: keys lost"]


def test_a_resume_killed_at_each_boundary_and_repeated_is_one_resume(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Both books forget the opening that nobody has signed; there can be another one."""
    session = sweep(living, RESUME, arrived(living, tmp_path, monkeypatch, STAGES[:3]))

    assert session.states() == (State.CHECKIN, State.CHECKIN)
    assert living.run(session.data, *OPEN.line(session)) == 0, living.said()
    assert session.states() == (State.OPENING, State.OPENING)


def test_whoever_goes_on_after_a_killed_opening_loses_nothing(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nothing is closed that the committee has not sealed; it signs whatever is there then."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:2])
    OPEN.before(session)
    number = OPEN.first
    while killed(living, session, OPEN, number, one := copied(session, "one")):
        assert living.run(one.data, *CLOSE.line(one)) == 5, living.said()
        if State.OPEN not in one.with_books(lambda books: books.registrar.notes(session.uuid)):
            assert living.run(one.data, *OPEN.line(one)) in REPEATED, living.said()
        SEAL_BOX.before(one)
        for stage in (SEAL_BOX, CLOSE):
            assert living.run(one.data, *stage.line(one)) == 0, living.said()
        check_notes(one, {"sealed", "open", "closed"})
        number += 3  # by turns before and after a commit
    assert number > OPEN.first


def test_whoever_goes_on_after_a_killed_sealing_of_the_box_loses_nothing(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The close opens the box that the committee has sealed, or is refused before it has."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:3])
    SEAL_BOX.before(session)
    number, closed = SEAL_BOX.first, Counter[int]()
    while killed(living, session, SEAL_BOX, number, one := copied(session, "one")):
        status = living.run(one.data, *CLOSE.line(one))
        closed[status] += 1
        if status != 0:
            assert living.run(one.data, *SEAL_BOX.line(one)) == 0, living.said()
            assert living.run(one.data, *CLOSE.line(one)) == 0, living.said()
        check_notes(one, {"sealed", "open", "closed"})
        number += STRIDE
    assert set(closed) == {0, 5}
    assert closed[0] * STRIDE >= 8  # from the third signature on nobody need be asked again


def test_whoever_goes_on_after_a_killed_close_loses_nothing(
    living: Lives, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A closed box is not cancelled, totals wait until the close is finished and signed."""
    session = arrived(living, tmp_path, monkeypatch, STAGES[:4])
    CLOSE.before(session)
    number = 7  # after the announced time is set
    while killed(living, session, CLOSE, number, one := copied(session, "one")):
        if copied(one, "seen").states()[1] == State.CLOSED:
            assert living.run(one.data, *CANCEL.line(one)) == 5
            assert one.books()["registrar.journal"] == []
        if one.files():
            _hand_in(one)
        assert living.run(one.data, *PUBLISH.line(one)) in {4, 5}, living.said()
        assert living.run(one.data, *CLOSE.line(one)) == 0, living.said()
        for stage in (SIGN_CLOSE, PUBLISH):
            stage.before(one)
            assert living.run(one.data, *stage.line(one)) == 0, living.said()
        assert (
            audit_file(one.datadir.bundle(one.uuid), AuditOptions(session.sealed.insider.phi)).error
            is None
        )
        number += 5  # as above
    assert number > CLOSE.first + 20


def killed(living: Lives, before: Meeting, stage: Stage, number: int, copy: Meeting) -> bool:
    """Whether the stage's command died at its boundary of this number, over a copy of before."""
    line = stage.line(before)
    return living.run(copy.data, *line, at=(number, "")) == DEAD


def check_notes(session: Meeting, names: set[str]) -> None:
    """Both books are closed and have these notes, the opening with a quorum's signatures."""
    assert session.states() == (State.CLOSED, State.CLOSED)
    books, insider = session.books(), session.sealed.insider
    for book in ("registrar", "box"):
        notes = {state: raw for _, state, raw in books[f"{book}.notes"]}
        assert set(notes) == names
        opening = note.parse(notes[State.OPEN])
        assert checkpoint.check_committee(opening, insider.election, insider.parameters)


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
    assert kills * STRIDE >= sum(stage.least for stage in STAGES)
