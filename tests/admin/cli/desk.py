"""A trustee's desk: a folder, key files, the files that are carried, and commands run there."""

import os
import pty
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from admin.cli import room
from admin.cli.keys import KeyFile
from admin.cli.main import run
from crypto import checkpoint, note
from crypto.checkpoint import Checkpoint
from crypto.keyfile import TrusteeState, unseal
from crypto.lifecycle import State
from crypto.session import Election
from tests import testkit

PASSPHRASE = "hoa sen trắng 94"  # noqa: S105


class Clock:
    """A machine's clock that passes only when somebody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds, self.rested = 1_700_000_000, 0
        monkeypatch.setattr(room, "now", lambda: self.seconds)
        monkeypatch.setattr(room, "rest", self._rest)

    def _rest(self, seconds: float) -> None:
        self.seconds += round(seconds)
        self.rested += round(seconds)


@dataclass
class Desk:
    """A folder with a passphrase file, where commands are run."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    clock: Clock

    def __post_init__(self) -> None:
        (self.folder / "pass").write_text(PASSPHRASE + "\n", encoding="utf-8")

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def trustee(self, *args: str, file: str | None = "pass") -> tuple[int, str, str]:
        """(exit status, stdout, stderr) of a trustee command; names are in the folder."""
        passphrase = ["--passphrase-file", self.path(file)] if file else []
        self.capture.readouterr()
        status = run(["trustee", *args, *passphrase])
        stdout, err = self.capture.readouterr()
        return status, stdout, err

    def step1(self, i: int, *more: str, of: int = 3, t: int = 2) -> tuple[int, str, str]:
        place = ["--index", str(i), "--of", str(of), "--threshold", str(t)]
        return self.trustee(
            "step1", *place, "--key", self.path(f"k{i}"), "-o", self.path(f"one{i}"), *more
        )

    def step(self, step: int, i: int, *more: str) -> tuple[int, str, str]:
        """Step 2 or 3 of trustee i with all messages of the step before."""
        before, after = {2: ("one", "two"), 3: ("two", "three")}[step]
        files = [self.path(f"{before}{j}") for j in (1, 2, 3)]
        named = ["--key", self.path(f"k{i}"), "-o", self.path(f"{after}{i}")]
        return self.trustee(f"step{step}", *named, *files, *more)

    def raw(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def put(self, **files: bytes) -> None:
        for name, content in files.items():
            (self.folder / name).write_bytes(content)

    def keep(self, state: TrusteeState, name: str = "") -> None:
        """Writes a key file as this machine's own."""
        name = name or f"k{state.index}"
        KeyFile(self.folder / name, None, None).make(state, PASSPHRASE)

    def key(self, name: str) -> TrusteeState:
        """What a key file holds."""
        return unseal(self.raw(name), PASSPHRASE, name)

    def sign(self, i: int, *files_and_options: str) -> tuple[int, str, str]:
        """`trustee sign` of trustee i; arguments that are files of the folder are named so."""
        return self._signing("sign", i, "note", files_and_options)

    def decrypt(self, i: int, *options: str) -> tuple[int, str, str]:
        """`trustee decrypt` of trustee i, of the archive and the notes in the folder."""
        return self._signing("decrypt", i, "share", ("bel", "checkpoints", *options))

    def _signing(
        self, command: str, i: int, out: str, arguments: Sequence[str]
    ) -> tuple[int, str, str]:
        named = [self.path(a) if (self.folder / a).is_file() else a for a in arguments]
        keys = ["--key", self.path(f"k{i}"), "-o", self.path(f"{out}{i}"), "--force"]
        return self.trustee(command, *keys, "--workers", "1", *named)

    def at_terminal(self, answer: Callable[[str], str | None], *args: str) -> tuple[int, str]:
        """(exit status, all that was shown) of a trustee command where a person answers.

        Args:
            answer: what is typed when the screen ends in a question; None for nothing yet.
        """
        pid, terminal = pty.fork()
        if pid == 0:
            program = [sys.executable, "-m", "admin.cli.main", "trustee", *args]
            os.execv(program[0], program)  # noqa: S606
        screen, start = "", 0
        while True:
            try:
                read = os.read(terminal, 4096)
            except OSError:
                break
            screen += read.decode("utf-8", "replace")
            if screen.rstrip().endswith(":") and (typed := answer(screen[start:])) is not None:
                start = len(screen)
                os.write(terminal, f"{typed}\n".encode())
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status), screen


def read_out(code: str, screen: str) -> str:
    """The group of a code that the screen's last question asks for."""
    return code.split("-")[int(re.findall(r"[Gg]roup (\d)", screen)[-1]) - 1]


@dataclass(frozen=True)
class Carried:
    """The files of an honest session, as they are carried to trustees."""

    session: testkit.Session
    parts: testkit.Parts

    @property
    def election(self) -> Election:
        return self.session.election

    @property
    def checkpoints(self) -> dict[State, Checkpoint]:
        return self.session.checkpoints(self.parts)

    def notes(self, *states: State, owners: Sequence[int] = (1, 2, 3)) -> bytes:
        """checkpoints.txt with these notes; the last one signed by these trustees."""
        earlier = [self.session.note(self.checkpoints[state]) for state in states[:-1]]
        return checkpoint.join([*earlier, self.session.note(self.checkpoints[states[-1]], owners)])

    def code(self, state: State) -> str:
        """The code that people compare."""
        signed = note.parse(self.session.note(self.checkpoints[state]))
        return checkpoint.check_committee(signed, self.election, self.session.parameters)

    def files(self, owners: Sequence[int] = ()) -> dict[str, bytes]:
        """Every file; the opening is signed by all in `checkpoints`, the closing by `owners`."""
        closed = (State.SEALED, State.OPEN, State.CLOSED)
        return {
            "election": self.election.raw,
            "session": self.session.human.encode(),
            "trustees": self.parts.trustees,
            "credentials": self.parts.credentials,
            "proposed": self.notes(State.SEALED, State.OPEN, owners=()),
            "bel": self.parts.archive,
            "checkpoints": self.notes(*closed, owners=owners),
        }


def carried() -> Carried:
    return Carried(testkit.session(), testkit.honest())


def hold_here(desk: Desk, owners: Sequence[int] = (1, 2, 3)) -> None:
    """The key files of an honest ceremony, whose trustees have signed the definition."""
    session = testkit.session()
    for owner in owners:
        desk.keep(replace(session.state(owner), definition=session.election.phi))
