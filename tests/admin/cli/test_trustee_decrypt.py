"""`phieukin trustee decrypt`: opens what a quorum has signed, after the phones' check."""

from dataclasses import replace

import pytest

from admin.cli import room
from admin.cli.main import INTERRUPTED
from crypto import ballot, checkpoint, tally
from crypto.audit.ballots import BATCH, check_batch
from crypto.encoding import b64_sha256
from crypto.lifecycle import State
from crypto.tally import Share
from tests import testkit
from tests.admin.cli.desk import Carried, Desk, carried, hold_here, read_out
from tests.counting import counting
from tests.testkit import CAST, PRESENT

pytestmark = pytest.mark.slow

BATCHES = -(-CAST // BATCH)


@pytest.fixture
def brought(desk: Desk) -> Carried:
    """An honest session's files in the folder, its closing signed by all."""
    files = carried()
    desk.put(**files.files(owners=(1, 2, 3)))
    return files


def answers(brought: Carried, **other: str) -> list[str]:
    """The options of a script that knows everything; those named otherwise, or left out by ""."""
    options = {"code": brought.code(State.CLOSED), "present": str(PRESENT), "cast": str(CAST)}
    named = [[f"--{name}", value] for name, value in (options | other).items() if value]
    return ["--settled", *(part for option in named for part in option)]


def test_two_of_three_open_the_totals(desk: Desk, brought: Carried):
    """Shares of trustees 1 and 3 open exactly what was cast; the key remembers it first."""
    hold_here(desk, [1, 3])
    for owner in (1, 3):
        status, _, err = desk.decrypt(owner, *answers(brought))
        assert status == 0, err
    election, total = brought.election, testkit.product(brought.election, brought.parts.ballots)
    shares = [Share.decode_file(desk.raw(f"share{i}"), "F", election) for i in (1, 3)]

    assert [share.owner for share in shares] == [1, 3]
    totals = tally.combine(
        election, brought.session.trustees, total, CAST, [share.partial for share in shares]
    )
    assert totals == testkit.TOTALS
    key = desk.key("k1")
    assert key.tally == total.digest
    assert key.quorum_seen is not None
    assert desk.decrypt(1, *answers(brought))[0] == 0  # the same tally: the same answer


def test_a_key_that_has_signed_the_close_proves_no_ballot_again(desk: Desk, brought: Carried):
    """It checked these very bytes before it signed; one that has not signed checks them now."""
    hold_here(desk, [1, 2])
    whole, again = {"check_batch": BATCHES, "reread": 0}, {"check_batch": 0, "reread": CAST}
    with counting(check_batch, ballot.reread) as calls:
        status, _, err = desk.sign(1, "bel", "checkpoints", "--present", str(PRESENT))
        assert (status, calls) == (0, whole), err
    for owner, expected in ((1, again), (2, whole)):
        with counting(check_batch, ballot.reread) as calls:
            status, _, err = desk.decrypt(owner, *answers(brought))
        assert (status, calls) == (0, expected), err

    assert (desk.folder / "share1").exists()


@pytest.mark.parametrize("signed", [True, False])
def test_an_archive_that_was_exchanged_is_checked_whole(
    desk: Desk, brought: Carried, *, signed: bool
):
    """Whether or not the key has signed the close of the honest one: its bytes are others."""
    hold_here(desk, [1])
    if signed:
        assert desk.sign(1, "bel", "checkpoints", "--present", str(PRESENT))[0] == 0
    wrong = brought.parts.ballots[3].replace(b'"challenge":"', b'"challenge":"1', 1)
    desk.put(bel=brought.parts.with_ballot(3, wrong).archive)
    with counting(check_batch, ballot.reread) as calls:
        status, _, err = desk.decrypt(1, *answers(brought))

    assert (status, "ballot " in err) == (3, True), err
    assert calls["reread"] == 0
    assert not (desk.folder / "share1").exists()


@pytest.mark.parametrize("absent", ["code", "present", "cast", "settled"])
def test_a_script_says_all_that_the_room_knows(desk: Desk, brought: Carried, absent: str):
    """Without a terminal each answer is needed; nothing is assumed."""
    hold_here(desk, [1])
    before = desk.raw("k1")
    options = [o for o in answers(brought, **{absent: ""}) if o != f"--{absent}"]
    status, _, err = desk.decrypt(1, *options)

    assert (status, "nobody is at a terminal" in err) == (5, True)
    assert desk.raw("k1") == before
    assert desk.decrypt(1, *answers(brought))[0] == 0


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"code": "0000-0000-0000-0000-0000"}, "not the one that was given"),
        ({"present": "9"}, "registered 10 + paper 0 > 9, the committee's head count"),
        ({"cast": str(CAST + 1)}, f"cast {CAST} in the archive, {CAST + 1} on the screen"),
        ({"cast": "0"}, f"cast {CAST} in the archive, 0 on the screen"),
    ],
)
def test_another_room(desk: Desk, brought: Carried, other: dict[str, str], reason: str):
    """What the archive says and what the room knows must be one."""
    hold_here(desk, [1])
    before = desk.raw("k1")
    status, _, err = desk.decrypt(1, *answers(brought, **other))

    assert (status, reason in err) == (3, True), err
    assert desk.raw("k1") == before
    assert not (desk.folder / "share1").exists()


@pytest.mark.parametrize("owners", [(), (1,), (1, 2)])
def test_fewer_than_a_quorum(desk: Desk, brought: Carried, owners: tuple[int, ...]):
    """Not even t trustees open what a quorum has not signed."""
    hold_here(desk, [1])
    desk.put(**brought.files(owners=owners))
    status, _, err = desk.decrypt(1, *answers(brought))

    assert (status, f"the closing is signed by {len(owners)} of 3 trustees" in err) == (3, True)


def test_a_second_archive_is_refused(desk: Desk, brought: Carried):
    """A key that has opened one tally opens no other, though a quorum had signed it."""
    hold_here(desk, [1])
    assert desk.decrypt(1, *answers(brought))[0] == 0
    session = brought.session
    votes = [session.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]
    other = Carried(session, session.archived(votes))
    desk.put(**other.files(owners=(1, 2, 3)))
    status, _, err = desk.decrypt(1, *answers(other))

    assert (status, "this key has opened the tally" in err) == (5, True)
    assert "a key opens one tally only" in err


def test_a_strangers_and_an_unfinished_key(desk: Desk, brought: Carried):
    """Keys of another ceremony, or between two steps, open nothing."""
    desk.step1(1)
    status, _, err = desk.decrypt(1, *answers(brought))
    assert (status, "step 2 of the ceremony comes next" in err) == (4, True)
    desk.folder.joinpath("k1").unlink()
    desk.folder.joinpath("one1").unlink()
    desk.step1(1, of=1, t=1)
    status, _, err = desk.decrypt(1, *answers(brought))
    assert (status, "none of the keys of this session" in err) == (5, True)


def test_too_few_ballots(desk: Desk, brought: Carried):
    """Four ballots are not opened, whoever has signed them."""
    session = brought.session
    few = session.archived([session.vote(i, testkit.VOTES[i]) for i in range(4)])
    hold_here(desk, [1])
    desk.put(**Carried(session, few).files(owners=(1, 2, 3)))
    status, _, err = desk.decrypt(1, *answers(brought))

    assert (status, "4 ballots; under 5 none are opened" in err) == (3, True)


def test_an_altered_archive(desk: Desk, brought: Carried):
    """One ballot exchanged for another of the same voter."""
    hold_here(desk, [1])
    voter = testkit.voter_of(brought.parts, 0)
    other = brought.session.vote(voter, (2, 2, 2))
    ballots = [other, *brought.parts.ballots[1:]]
    desk.put(bel=replace(brought.parts, ballots=tuple(sorted(ballots, key=b64_sha256))).archive)
    status, _, err = desk.decrypt(1, *answers(brought))

    assert (status, "not the product of the ballots" in err) == (3, True), err


def test_a_replayed_opening_of_another_session(desk: Desk, brought: Carried):
    """Notes of another session say nothing about this archive."""
    hold_here(desk, [1])
    sealed, opened, closed = (
        brought.session.note(replace(brought.checkpoints[state], uuid="1" * 16))
        for state in (State.SEALED, State.OPEN, State.CLOSED)
    )
    desk.put(checkpoints=checkpoint.join([sealed, opened, closed]))
    status, _, err = desk.decrypt(1, *answers(brought))

    assert (status, "differs from the record" in err) == (3, True)


# --- The pause ------------------------------------------------------------------------------


def test_the_phones_have_time_to_check(
    desk: Desk, brought: Carried, monkeypatch: pytest.MonkeyPatch
):
    """A minute from when this machine saw the quorum; a second run waits for the rest only."""
    hold_here(desk, [1])
    clock = desk.clock

    def stopped(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(room, "rest", stopped)
        assert desk.decrypt(1, *answers(brought))[0] == INTERRUPTED
    assert desk.key("k1").quorum_seen == clock.seconds
    assert desk.key("k1").tally is None

    clock.seconds += 45
    assert desk.decrypt(1, *answers(brought))[0] == 0
    assert clock.rested == brought.session.parameters.policy.check_seconds - 45


def test_people_answer_at_a_terminal(desk: Desk, brought: Carried):
    """Group of the closing code, head count, ballots cast, and that no phone is unsettled."""
    seen = replace(brought.session.state(1), definition=brought.election.phi, quorum_seen=1)
    desk.keep(seen)
    code, asked = brought.code(State.CLOSED), []

    def answer(screen: str) -> str:
        asked.append(screen)
        if "roup" in screen:
            return read_out(code, screen)
        if "head count" in screen:
            return str(PRESENT)
        return str(CAST) if "Ballots cast" in screen else "y"

    named = ["--key", desk.path("k1"), "--passphrase-file", desk.path("pass"), "--workers", "1"]
    files = [desk.path("bel"), desk.path("checkpoints")]
    status, screen = desk.at_terminal(answer, "decrypt", *named, "-o", desk.path("s"), *files)
    assert status == 0, screen
    assert "every phone that has voted says" in asked[-1]
    status, screen = desk.at_terminal(
        lambda screen: "n" if "every phone" in screen else answer(screen),
        *("decrypt", *named, "-o", desk.path("s2"), *files),
    )
    assert status != 0
    assert not (desk.folder / "s2").exists()
