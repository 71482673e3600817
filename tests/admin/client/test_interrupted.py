"""A voter's program may end at any moment: the same command goes on where it was."""

from pathlib import Path

import pytest

from admin.cli import vote
from admin.cli.room import Answers
from admin.cli.trustee_desk import Desk
from admin.client import session_view
from admin.client.server import Registrar
from admin.demo import committee
from admin.demo.server import Running
from admin.record.pool import workers
from admin.voting import codes
from crypto import note
from crypto.errors import BadCode, TokenAlreadyIssued
from tests.admin.client.hall import Killed, Knife, Sitting, open_voting, sealed

CHECK_IN, CAST = 9, 13  # calls, at least, that a run makes in each of the two states
VOTERS = CAST
NEVER = 0


def once(
    sitting: Sitting, number: int, keep: Path, knife: Knife, backup_file: Path | None = None
) -> bool:
    """One run of a voter; whether it was ended."""
    command = sitting.command(number, keep, knife.transport, backup_file)
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
    keep, papers = tmp_path / "keep", tmp_path / "papers"
    for folder in (keep, papers):
        folder.mkdir()
    calls: set[str] = set()
    for number in range(VOTERS):
        knife, backup_file = Knife(number + 1), papers / str(number)
        ended = once(sitting, number, keep, knife, backup_file)
        assert ended or number >= CHECK_IN, knife.calls
        assert not once(sitting, number, keep, Knife(NEVER), backup_file)
        calls |= set(knife.calls)
    assert sitting.counts()["issued"] == VOTERS
    assert {"PUT recovery", "POST token", "POST credentials"} <= calls
    open_voting(sitting)
    assert sitting.counts()["registered"] == VOTERS
    for number in range(VOTERS):
        knife, backup_file = Knife(number + 1), papers / str(number)
        assert once(sitting, number, keep, knife, backup_file), knife.calls
        assert not once(sitting, number, keep, Knife(NEVER), backup_file)
        calls |= set(knife.calls)
    assert sitting.counts()["cast"] == VOTERS
    assert "POST ballots" in calls
    promises = sorted(keep.glob("*.promise"))
    assert len(promises) == len(list(keep.glob("*.secrets"))) == VOTERS
    assert list(keep.glob("*.ballot")) == []
    session = session_view.look(sitting.box())
    trackers = {vote.tracker_of(note.parse(path.read_bytes()), session) for path in promises}
    assert len(trackers) == VOTERS


@pytest.mark.slow
def test_another_device_goes_on_with_the_backup_code_and_with_nothing_less(
    running: Running, tmp_path: Path
):
    """With the letter alone there is no second token; with the code the first credential votes."""
    sitting = sealed(running, 5)
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    backup_file, wrong = tmp_path / "backup", tmp_path / "wrong"
    assert not once(sitting, 0, first, Knife(NEVER), backup_file)
    assert backup_file.stat().st_mode & 0o777 == 0o600
    wrong.write_text(codes.new_backup_code())
    with pytest.raises(TokenAlreadyIssued):
        once(sitting, 0, second, Knife(NEVER))
    with pytest.raises(BadCode, match="does not open with this code"):
        once(sitting, 0, second, Knife(NEVER), wrong)
    assert not once(sitting, 0, second, Knife(NEVER), backup_file)
    open_voting(sitting)
    assert sitting.counts()["registered"] == 1
    assert not once(sitting, 0, second, Knife(NEVER), backup_file)
    (promise,) = second.glob("*.promise")
    assert not list(first.glob("*.promise"))
    assert sitting.counts()["cast"] == 1
    assert vote.tracker_of(note.parse(promise.read_bytes()), session_view.look(sitting.box()))


@pytest.mark.slow
def test_without_a_backup_file_nothing_is_left_with_the_registrar(running: Running, tmp_path: Path):
    """And the device goes on by what it keeps itself, until the ballot was found counted."""
    sitting = sealed(running, 5)
    for number in range(5):
        knife = Knife(NEVER)
        assert not once(sitting, number, tmp_path, knife)
        assert not {"GET recovery", "PUT recovery"} & set(knife.calls)
    open_voting(sitting)
    for number in range(5):
        assert not once(sitting, number, tmp_path, Knife(NEVER))
    assert sitting.counts()["cast"] == len(list(tmp_path.glob("*.secrets"))) == 5
    sitting.desk.close(sitting.uuid)
    with workers(1) as pool:
        committee.sign_close(sitting.committee, 5, pool, lambda _: None)
    run = sitting.command(0, tmp_path)
    vote._look_up(run, session_view.look(run.box))
    assert not run.secrets_path.exists()
    assert len(list(tmp_path.glob("*.secrets"))) == 4


@pytest.mark.slow
def test_a_bearer_that_the_close_has_ended_stops_no_trustee(checking_in: Sitting):
    """The server forgets all bearers between two questions of one step: each is asked again."""
    sitting = checking_in
    login = sitting.desk.role_login(sitting.uuid, "trustee", 1)
    desk = Desk(sitting.desk.server, sitting.uuid, login, None, None, None, Answers(), 1)
    assert desk.look().index == 1

    desk.registrar = Registrar(sitting.desk.server, "forgotten")
    desk.put("checked", b"")
    desk.registrar = Registrar(sitting.desk.server, "forgotten")
    assert desk.look().index == 1


@pytest.mark.slow
def test_a_close_that_is_repeated_stops_no_trustee(
    checking_in: Sitting, monkeypatch: pytest.MonkeyPatch
):
    """The bearer that a trustee has just been given is forgotten, too; a wrong code stays one."""
    sitting = checking_in
    code = sitting.desk.role_login(sitting.uuid, "trustee", 1)
    server, uuid, honest = sitting.desk.server, sitting.uuid, Registrar.login
    forgotten = iter([Registrar(server, "forgotten")])
    monkeypatch.setattr(Registrar, "login", lambda *who: next(forgotten, None) or honest(*who))

    assert Desk(server, uuid, code, None, None, None, Answers(), 1).look().index == 1
    with pytest.raises(BadCode):
        Desk(server, uuid, code[::-1], None, None, None, Answers(), 1).look()
