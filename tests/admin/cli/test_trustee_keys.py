"""A key file that may have forgotten what it signed signs nothing, and says what to do."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from admin.cli import marks
from admin.cli.keys import KeyFile
from admin.record import files
from crypto.errors import Refused
from crypto.lifecycle import State
from tests.admin.cli.desk import PASSPHRASE, Carried, Desk, carried, hold_here
from tests.testkit import CAST, PRESENT

pytestmark = pytest.mark.slow
OPENING = ("election", "credentials", "proposed")


@pytest.fixture
def brought(desk: Desk) -> Carried:
    """An honest session's files in the folder, its closing signed by all."""
    session_files = carried()
    desk.put(**session_files.files(owners=(1, 2, 3)))
    return session_files


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Goes to another machine, which remembers nothing of this one's key files."""
    return lambda name: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / name))


def refused_to_sign(desk: Desk, brought: Carried) -> None:
    """Definition, opening and closing are refused, with what the file is and what to do."""
    before, answers = desk.raw("k1"), ("--fingerprint", brought.election.phi, "--present", "12")
    for signed in (("election", "trustees", "session"), OPENING, ("bel", "checkpoints")):
        status, _, err = desk.sign(1, *signed, *answers)
        assert (status, "is a restored copy, or was brought from another machine" in err) == (
            5,
            True,
        )
        assert "If the original is still on its machine, use that" in err
    assert desk.raw("k1") == before


def opens_the_totals(desk: Desk, brought: Carried) -> None:
    """What q signatures fix is opened, also by a copy; it stays a copy."""
    code = brought.code(State.CLOSED)
    options = ("--code", code, "--present", str(PRESENT), "--cast", str(CAST), "--settled")
    status, _, err = desk.decrypt(1, *options)
    assert (status, "restored copy" in err) == (0, True), err
    assert desk.key("k1").tally is not None


def test_a_file_moved_to_another_machine(
    desk: Desk, brought: Carried, machine: Callable[[str], None]
):
    """The old machine may still have one: the new one signs nothing, and opens what is fixed."""
    hold_here(desk, [1])
    machine("elsewhere")

    refused_to_sign(desk, brought)
    opens_the_totals(desk, brought)
    refused_to_sign(desk, brought)


def test_an_older_copy_put_back(desk: Desk, brought: Carried):
    """It has forgotten the opening that it signed; the newer file, put back again, goes on."""
    hold_here(desk, [1])
    shutil.copy(desk.folder / "k1", desk.folder / "old")
    answers = ("--fingerprint", brought.election.phi, "--present", "12")
    assert desk.sign(1, *OPENING, *answers)[0] == 0
    shutil.copy(desk.folder / "k1", desk.folder / "new")

    shutil.copy(desk.folder / "old", desk.folder / "k1")
    assert desk.key("k1").opening is None
    refused_to_sign(desk, brought)
    opens_the_totals(desk, brought)

    shutil.copy(desk.folder / "new", desk.folder / "k1")
    assert desk.sign(1, *OPENING, *answers)[0] == 0


def test_the_second_copy_takes_the_place_of_a_lost_file(desk: Desk, brought: Carried):
    """On the same machine the copy carries the same mark: nothing is forgotten."""
    hold_here(desk, [1])
    copy, answers = desk.path("copy"), ("--fingerprint", brought.election.phi, "--present", "12")
    shutil.copy(desk.folder / "k1", copy)
    assert desk.sign(1, *OPENING, *answers, "--copy", copy)[0] == 0
    assert desk.raw("copy") == desk.raw("k1")
    (desk.folder / "k1").unlink()
    shutil.move(copy, desk.folder / "k1")

    assert desk.sign(1, *OPENING, *answers)[0] == 0


def test_check_tells_of_a_restored_copy(desk: Desk, machine: Callable[[str], None]):
    """Before the day: the key works, and will not sign."""
    hold_here(desk, [1])
    assert "restored" not in desk.trustee("check", "--key", desk.path("k1"))[2]
    machine("elsewhere")
    status, stdout, err = desk.trustee("check", "--key", desk.path("k1"), "--json")

    assert (status, "is a restored copy" in err, '"restored": true' in stdout) == (0, True, True)


def test_a_restored_key_takes_no_step_of_the_ceremony(desk: Desk, machine: Callable[[str], None]):
    """It might answer two sets of messages; its definition could not be signed anyway."""
    for i in (1, 2, 3):
        desk.step1(i)
    machine("elsewhere")
    status, _, err = desk.step(2, 1)

    assert (status, "is a restored copy" in err) == (5, True)


# --- Crashes --------------------------------------------------------------------------------


class Crash(BaseException):
    """The power is gone: nothing catches this."""


@pytest.mark.parametrize("writes", range(5))
def test_a_crash_at_any_write_locks_nobody_out(
    writes: int, desk: Desk, brought: Carried, monkeypatch: pytest.MonkeyPatch
):
    """Marks, key file, copy, marks: what is left opens as this machine's own, old or new."""
    key = brought.session.state(1)
    keys = KeyFile(desk.folder / "k1", desk.folder / "copy", desk.folder / "pass")
    opened = keys.make(key, PASSPHRASE)
    whole, done = files.write, 0

    def failing(path: Path, data: bytes, *, mode: int = 0o644) -> None:
        nonlocal done
        if done == writes:
            raise Crash
        done += 1
        whole(path, data, mode=mode)

    monkeypatch.setattr(files, "write", failing)
    newer = replace(key, opening="1" * 64)
    try:
        keys.save(opened, newer)
    except Crash:
        assert writes < 4
    monkeypatch.setattr(files, "write", whole)
    if desk.raw("k1") != desk.raw("copy"):
        with pytest.raises(Refused, match="keep the newer of the two"):
            keys.open()
        shutil.copy(desk.folder / "k1", desk.folder / "copy")
    after = keys.open()
    assert not after.restored
    assert after.state.opening == (newer.opening if writes >= 2 else None)
    saved = keys.save(after, newer)
    assert not keys.open().restored
    assert keys.open().state == saved.state


def test_after_a_crash_only_what_was_found_is_good(
    desk: Desk, brought: Carried, monkeypatch: pytest.MonkeyPatch
):
    """Once the new file was opened, the one before it is an old copy."""
    keys = KeyFile(desk.folder / "k1", None, desk.folder / "pass")
    opened = keys.make(brought.session.state(1), PASSPHRASE)
    old = desk.raw("k1")
    with monkeypatch.context() as patched:
        patched.setattr(marks, "settle", lambda _: _crash())
        with pytest.raises(Crash):
            keys.save(opened, replace(opened.state, opening="1" * 64))
    assert not keys.open().restored
    desk.put(k1=old)
    assert keys.open().restored


def _crash() -> None:
    raise Crash


def test_two_runs_at_once(desk: Desk, brought: Carried):
    """The later one would write over what the earlier one has remembered."""
    keys = KeyFile(desk.folder / "k1", None, desk.folder / "pass")
    keys.make(brought.session.state(1), PASSPHRASE)
    first, second = keys.open(), keys.open()
    keys.save(first, replace(first.state, opening="1" * 64))
    with pytest.raises(Refused, match="another run has changed the key file"):
        keys.save(second, replace(second.state, opening="2" * 64))
    assert keys.open().state.opening == "1" * 64


@pytest.mark.parametrize("content", [b"", b"{}", b'{"schema":"phieukin.mark/1"}', b"\xff"])
def test_marks_that_cannot_be_read(desk: Desk, brought: Carried, content: bytes):
    """Then the machine knows of no key file: it signs nothing."""
    keys = KeyFile(desk.folder / "k1", None, desk.folder / "pass")
    state = keys.make(brought.session.state(1), PASSPHRASE).state
    marks._path(state).write_bytes(content)
    assert keys.open().restored


def test_where_marks_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The user's state directory, as XDG says; a relative one counts as none."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert marks.folder() == tmp_path / "phieukin"
    monkeypatch.setenv("HOME", str(tmp_path))
    for absent in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", absent)
        assert marks.folder() == tmp_path / ".local/state/phieukin"
