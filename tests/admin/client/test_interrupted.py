"""A voter's program may end at any moment: the same command goes on where it was."""

from pathlib import Path

import pytest

from admin.cli import vote
from admin.client import session_view
from admin.demo.server import Running
from crypto import note
from tests.admin.client.hall import Killed, Knife, Sitting, open_voting, sealed

CHECK_IN, CAST = 11, 13  # calls, at least, that a run makes in each of the two states
VOTERS = CAST
NEVER = 0


def once(sitting: Sitting, number: int, keep: Path, knife: Knife) -> bool:
    """One run of a voter; whether it was ended."""
    command = sitting.command(number, keep, knife.transport)
    try:
        session = session_view.look(command.box)
        vote._vote(command, session, list(sitting.guests[number].choices))
    except Killed:
        return True
    return False


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_call_is_taken_up_by_the_next(running: Running, tmp_path: Path):
    """Everyone ends with one credential, one ballot and its promise, wherever the first run ended.

    The program of the n-th voter dies when the server has answered its n-th call and it does not
    know yet, once in check-in and once more when voting. To die before a call is the same as to
    die behind the one before it.
    """
    sitting = sealed(running, VOTERS)
    calls: set[str] = set()
    for number in range(VOTERS):
        knife = Knife(number + 1)
        assert once(sitting, number, tmp_path, knife) or number >= CHECK_IN, knife.calls
        assert not once(sitting, number, tmp_path, Knife(NEVER))
        calls |= set(knife.calls)
    assert sitting.counts()["issued"] == VOTERS
    assert {"PUT recovery", "POST token", "POST credentials"} <= calls
    open_voting(sitting)
    assert sitting.counts()["registered"] == VOTERS
    for number in range(VOTERS):
        knife = Knife(number + 1)
        assert once(sitting, number, tmp_path, knife), knife.calls
        assert not once(sitting, number, tmp_path, Knife(NEVER))
        calls |= set(knife.calls)
    assert sitting.counts()["cast"] == VOTERS
    assert "POST ballots" in calls
    assert {path.suffix for path in tmp_path.iterdir()} == {".promise", ".opening"}
    promises = sorted(tmp_path.glob("*.promise"))
    assert len(promises) == VOTERS
    session = session_view.look(sitting.box())
    trackers = {vote.tracker_of(note.parse(path.read_bytes()), session) for path in promises}
    assert len(trackers) == VOTERS


@pytest.mark.slow
def test_another_device_takes_up_the_same_credential(running: Running, tmp_path: Path):
    """With the letter a second device votes with the credential of the first, and only once."""
    sitting = sealed(running, 5)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        assert not once(sitting, 0, folder, Knife(NEVER))
    open_voting(sitting)
    assert sitting.counts()["registered"] == 1
    assert not once(sitting, 0, second, Knife(NEVER))
    (promise,) = second.glob("*.promise")
    assert not list(first.iterdir())
    assert sitting.counts()["cast"] == 1
    assert vote.tracker_of(note.parse(promise.read_bytes()), session_view.look(sitting.box()))
