"""Forgeries with every key of the server: who notices, with what words and exit status.

One session whose committee is 2 of 3, so that all three sign. It is copied when the chair has ended
the registration, when the box is closed, and when the committee has signed the close; each forgery
is made in a copy. The victim's phone is the real command, and so are the trustees. Nobody compares
a code with anybody: that forgeries are noticed all the same is what the signatures are for.

What trustees cannot see: whether a credential is of a person. The head count bounds how many are
not (test_stuffing.py), and whoever is left out hears it before a ballot is made.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crypto.checkpoint import join
from crypto.committee import Moment
from crypto.lifecycle import State
from crypto.note import Note
from tests.attacks.operator import Operator, code, copied
from tests.attacks.sitting import Sitting

pytestmark = pytest.mark.slow

VOTERS, VICTIM = 7, 0
TRUSTEES = (1, 2, 3)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sitting]:
    """The honest session, as it was at three moments."""
    folder, others = tmp_path_factory.mktemp("operator"), list(range(1, VOTERS))
    sitting, at = Sitting(folder / "session", VOTERS), {}
    sitting.folder.mkdir()
    sitting.prepare()
    with sitting.serving():
        sitting.check_in(others)
        sitting.register(others)
        assert code(sitting.vote(VICTIM)) == "registered"
        sitting.propose_opening()
        at["proposed"] = copied(sitting, folder / "proposed")
        opening = sitting.sign(Moment.OPENING)
        outcome = sitting.vote(VICTIM)
        assert (code(outcome), f": {opening} " in outcome[2]) == ("cast", True)
        sitting.cast(others)
        sitting.end()
        at["closed"] = copied(sitting, folder / "closed")
        sitting.sign(Moment.CLOSING)
        at["signed"] = copied(sitting, folder / "signed")
    return at


@pytest.fixture
def begin(stages: dict[str, Sitting], tmp_path: Path) -> Callable[[str], Operator]:
    """The operator of a copy of its own, from one of the moments on."""

    def copy(stage: str) -> Operator:
        sitting = copied(stages[stage], tmp_path / "session")
        sitting.write_keys()
        return Operator(sitting)

    return copy


def shown(notes: dict[State, Note]) -> bytes:
    """checkpoints.txt."""
    return join(
        [
            notes[state].encode()
            for state in (State.SEALED, State.OPEN, State.CLOSED)
            if state in notes
        ]
    )


def until_past(sitting: Sitting, waiting: str) -> None:
    """Until the server has put the signatures that it has onto its note."""
    while code(sitting.join(1)) == waiting:
        time.sleep(0.1)


def under(honest: Note, signed: Note) -> Note:
    """A text that only the server has signed, with what the committee signed on another."""
    lines = [line for line in signed.signatures if "/trustee-" in line.name]
    return Note(honest.text, (*honest.signatures, *lines))


def of_victim(operator: Operator) -> tuple[str, bytes]:
    """The victim's tracker and credential in the box's book: those that are no other's."""
    known = {voter.tracker for voter in operator.sitting.voters[1:]}
    (left,) = [row for row in operator.ballots() if row[0] not in known]
    return left


# ---- before anybody votes


def test_a_list_of_the_operators_own_is_sealed(begin: Callable[[str], Operator]):
    """The committee seals a box without the victim; the victim's phone makes no ballot.

    Whatever the phone is shown: the honest list that only the server signed, the same under the
    committee's signatures on the other, or the sealed list itself.
    """
    operator = begin("proposed")
    listed, notes = operator.listed(), operator.notes()
    operator.stuff(VOTERS, None)
    operator.propose_again()
    with operator.serving():
        sitting = operator.sitting
        assert [sitting.join(owner)[0] for owner in TRUSTEES] == [0, 0, 0]
        until_past(sitting, "wait_opened")
        forged = operator.notes()[State.OPEN]
        mixed = notes | {State.OPEN: under(notes[State.OPEN], forged)}
        exchanged = notes | {State.OPEN: forged}
        lies = {
            "0 of the 3 trustees who must have signed": (4, "incomplete", listed, notes),
            "wrong signature of": (3, "bad_checkpoint", listed, mixed),
            "differs from the record": (3, "bad_checkpoint", listed, exchanged),
            "is not on the list, and no ballot was sent: tell the counting committee": (
                3,
                "bad_credentials",
                operator.listed(),
                exchanged,
            ),
        }
        for words, (status, kind, credentials, checkpoints) in lies.items():
            told, sent = operator.phone(
                VICTIM, credentials=credentials, checkpoints=shown(checkpoints)
            )
            assert (told[0], code(told)) == (status, kind), told
            assert words in told[2]
            assert not [request for request in sent if request.path.endswith("/ballots")]
    assert not list(sitting.folder.glob(f"voter-{VICTIM}/*.ballot"))


def test_trustees_are_shown_different_lists(begin: Callable[[str], Operator]):
    """Who has signed one list signs no other; so neither list gets three signatures.

    The vote stays closed, and is cancelled; nobody can have voted.
    """
    operator = begin("proposed")
    sitting = operator.sitting
    with operator.serving():
        assert code(sitting.join(1)) == "wait_opened"
    operator.stuff(VOTERS, None)
    operator.propose_again()
    with operator.serving():
        assert code(sitting.join(2)) == "wait_opened"
        told = sitting.join(1)
        assert (told[0], code(told)) == (5, "already_signed")
        assert "the opening that is shown is not the one this key has signed" in told[2]
        told = sitting.vote(VICTIM)
        assert (told[0], code(told)) == (3, "bad_credentials")
        assert "tell the counting committee at once, aloud, before it seals the box" in told[2]
        status, _, err = sitting.command("session", "close", sitting.uuid, "--in", "0", "--yes")
        assert status == 5, err
        options = ["--reason", "hai danh sách", "--yes"]
        assert sitting.command("session", "cancel", sitting.uuid, *options)[0] == 0
        told = sitting.vote(VICTIM)
    assert (told[0], code(told)) == (5, "wrong_state")
    assert "is over (Cancelled): no ballot of it counts" in told[2]


# ---- between the close and the committee's signatures


def test_a_ballot_is_dropped_before_the_committee_looks(begin: Callable[[str], Operator]):
    """Trustees find a box in order, and open it; the victim's phone never says counted.

    It waits while it is shown the honest list, which nobody signs any more, and accuses the box by
    its promise once it is shown the other; so does an audit that is given the promise.
    """
    operator = begin("closed")
    sitting = operator.sitting
    trackers, notes = operator.trackers(), operator.notes()
    operator.drop(of_victim(operator)[0])
    operator.close_again()
    with operator.serving():
        assert [sitting.join(owner)[0] for owner in TRUSTEES] == [0, 0, 0]
        until_past(sitting, "wait_closed")
        forged = operator.notes()
        mixed = notes | {State.CLOSED: under(notes[State.CLOSED], forged[State.CLOSED])}
        lies = {
            "the committee has not signed the close yet": (4, "incomplete", trackers, notes),
            "wrong signature of": (3, "bad_checkpoint", trackers, mixed),
            "differs from the record": (3, "bad_checkpoint", trackers, forged),
            "although the box promised it": (3, "bad_checkpoint", operator.trackers(), forged),
        }
        for words, (status, kind, listed, checkpoints) in lies.items():
            told, _ = operator.phone(VICTIM, trackers=listed, checkpoints=shown(checkpoints))
            assert (told[0], code(told)) == (status, kind), told
            assert words in told[2]
        sitting.share(1, 3)
        sitting.publish()
    (promise,) = sitting.folder.glob(f"voter-{VICTIM}/*.promise")
    bundle = sitting.datadir.bundle(sitting.uuid)
    assert sitting.command("audit", bundle)[0] == 0
    status, _, err = sitting.command("audit", bundle, "--promise", promise)
    assert status == 3, err


def test_a_quorum_that_is_never_reached(begin: Callable[[str], Operator]):
    """The third trustee refuses: phones wait, nothing is opened, and the session ends as failed.

    Who missed the opening and comes at the close hears that no ballot is recorded.
    """
    operator = begin("closed")
    sitting = operator.sitting
    with operator.serving():
        assert [code(sitting.join(owner)) for owner in (1, 2)] == ["wait_closed"] * 2
        told = sitting.vote(VICTIM)
        assert (told[0], code(told)) == (4, "incomplete")
        assert "The ballot is recorded; the committee has not signed the close yet" in told[2]
        late = sitting.vote(1)
        assert (late[0], code(late)) == (5, "closed")
        assert "the ballot is not recorded; ask the chair" in late[2]
        status, _, err = sitting.command("session", "publish", sitting.uuid, "--yes")
        assert status == 5
        assert "of 3 trustees have signed the close: no totals are opened before that" in err
        assert "who are missing run: phieukin trustee join" in err
        options = ["--reason", "thiếu chữ ký", "--yes"]
        assert sitting.command("session", "fail", sitting.uuid, *options)[0] == 0
        told = sitting.vote(VICTIM)
    assert (told[0], code(told)) == (5, "wrong_state")
    assert "is over (Without a result): no ballot of it counts" in told[2]


# ---- after the committee has signed


ANOTHER_CLOSING = (5, "already_signed", "the closing that is shown is not the one this key has")
UNSIGNED_OPENING = (3, "bad_checkpoint", "the opening is signed by 0 of 3 trustees, not by 3")
Refusal = tuple[int, str, str]  # exit status, code, words


def dropped(operator: Operator) -> Refusal:
    """Without the victim's ballot."""
    operator.drop(of_victim(operator)[0])
    operator.close_again()
    return ANOTHER_CLOSING


def alone(operator: Operator) -> Refusal:
    """The victim's ballot among blank ones of the operator's: the totals would be the vote."""
    _, credential = of_victim(operator)
    operator.stuff(VOTERS - 1, [None, None], keep=credential)
    operator.close_again(reopen=True)
    return UNSIGNED_OPENING


def rigged(operator: Operator) -> Refusal:
    """No ballot is of a voter."""
    operator.stuff(VOTERS, [2, 2])
    operator.close_again(reopen=True)
    return UNSIGNED_OPENING


@pytest.mark.parametrize("forge", [dropped, alone, rigged])
def test_a_second_box_is_opened_by_no_trustee(
    begin: Callable[[str], Operator], forge: Callable[[Operator], Refusal]
):
    """Phones are shown the box that was signed, and say counted; trustees another, in order.

    Each key remembers what it signed: nothing is signed, opened or published, by two groups of
    trustees as little as by one.
    """
    operator = begin("signed")
    sitting = operator.sitting
    trackers, honest = operator.trackers(), shown(operator.notes())
    status, kind, words = forge(operator)
    with operator.serving():
        told, _ = operator.phone(VICTIM, trackers=trackers, checkpoints=honest)
        assert (told[0], code(told)) == (0, "counted")
        for owner in TRUSTEES:
            told = sitting.join(owner)
            assert (told[0], code(told)) == (status, kind)
            assert words in told[2]
        assert sitting.decrypt(1, "0000-0000-0000-0000-0000")[0] == status
        assert sitting.shares() == {}
        status, _, err = sitting.command("session", "publish", sitting.uuid, "--yes")
        assert status == 5, err
    assert not (sitting.folder / "share").exists()


@pytest.mark.parametrize("forge", [dropped, alone])
def test_a_key_file_that_has_forgotten_is_no_way_round(
    begin: Callable[[str], Operator],
    forge: Callable[[Operator], Refusal],
    monkeypatch: pytest.MonkeyPatch,
):
    """Copies from before the opening, on another machine: they sign nothing, and open nothing."""
    operator = begin("signed")
    sitting = operator.sitting
    sitting.trustees = [replace(state, opening=None, closing=None) for state in sitting.trustees]
    sitting.write_keys()
    monkeypatch.setenv("XDG_STATE_HOME", str(sitting.folder / "another machine"))
    forge(operator)
    with operator.serving():
        for owner in TRUSTEES:
            status, _, err = sitting.join(owner)
            assert status == 5
            assert "is a restored copy, or was brought from another machine" in err
        status, _, err = sitting.decrypt(1, "0000-0000-0000-0000-0000")
    assert status == 3
    assert "is signed by 0 of 3 trustees, not by 3: nobody may rely on it" in err
    assert sitting.shares() == {}
