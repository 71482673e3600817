"""A trustee at work on a server: the key file, what the server shows, what people have compared."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar

from admin.cli import console, room
from admin.cli.audit import audited
from admin.cli.keys import KeyFile, OpenKey
from admin.cli.room import Answers
from admin.client import signing, trustee
from admin.client.server import Box, Registrar, Server
from admin.client.signing import ClosedBox, Signable
from admin.client.trustee import SIGNATURES, View
from admin.record.opening import ClosedArchive
from admin.words import words
from crypto.errors import BadCode, BadDefinition, WrongState
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import Note
from crypto.session import Election

_T = TypeVar("_T")
_LOGINS = 3  # for one question: the server and a command may both come to the close


@dataclass
class Desk:
    """A trustee at work: the server, the key file, and what is known of both.

    Attributes:
        login: the code with which the registrar is asked for a bearer.
        workers: processes that check ballots; None for one each core.
        codes: by kind, the codes that this run has found the committee's signatures to give.
    """

    server: Server
    uuid: str
    login: str = field(repr=False)
    key_file: Path | None
    copy: Path | None
    passphrase_file: Path | None
    answers: Answers
    workers: int | None
    registrar: Registrar | None = field(default=None, repr=False)
    key: OpenKey | None = field(default=None, repr=False)
    codes: dict[str, str] = field(default_factory=dict)
    _compared: set[tuple[str, str]] = field(default_factory=set)
    _archive: ClosedArchive | None = field(default=None, repr=False)

    # --- The server -----------------------------------------------------------------------

    def look(self) -> View:
        """What the server shows now."""
        return self._logged_in(lambda registrar: trustee.fetch(registrar, self.uuid))

    def _logged_in(self, work: Callable[[Registrar], _T]) -> _T:
        """Asks with a bearer; one that the server has forgotten is replaced.

        The close forgets all of them, and may come between two questions of one step; it forgets
        them again where it is repeated.
        """
        left = _LOGINS
        while True:
            if self.registrar is None:
                self.registrar = Registrar.login(self.server, self.uuid, self.login)
                left -= 1
            try:
                return work(self.registrar)
            except BadCode:
                if left == 0:
                    raise
                self.registrar = None

    @property
    def box(self) -> Box:
        return Box(self.server, self.uuid)

    def put(self, kind: str, message: bytes) -> None:
        self._logged_in(lambda registrar: registrar.put(self.uuid, kind, message))

    def notes(self) -> dict[State, Note]:
        """The checkpoints that the server shows."""
        return signing.read_notes(self.box.checkpoints())

    def closed_box(self, view: View) -> ClosedBox | None:
        """The closed box, audited and found right; None until the server has signed its closing."""
        notes = self.notes()
        if State.CLOSED not in notes:
            return None
        if self._archive is None:
            self._archive = self.with_archive(
                view, lambda file: audited(file, self.workers, self.state, notes)
            )
        if self._archive.setup.election.uuid != view.uuid:
            raise BadDefinition("the archive is of another session")
        return signing.closed_box(self.state, self._archive, notes)

    def with_archive(self, view: View, work: Callable[[BinaryIO], _T]) -> _T:
        """Works with the archive of the closed session, downloaded for it."""
        with tempfile.TemporaryFile(prefix="phieukin-") as file:
            limit = signing.archive_limit(self.state, definition_of(view), self.notes())
            self._logged_in(lambda registrar: registrar.record(view.uuid, file, limit))
            return work(file)

    # --- The key --------------------------------------------------------------------------

    def files(self, view: View) -> KeyFile:
        path = self.key_file or Path(f"{self.uuid}-trustee-{view.index}.key")
        return KeyFile(path, self.copy, self.passphrase_file)

    def open_key(self, view: View) -> TrusteeState | None:
        """The key as it is on the disk; None if there is no such file yet."""
        files = self.files(view)
        if self.key is None and files.path.exists():
            self.key = files.open()
            if self.key.restored:
                console.warn(words("cli.keys.restored", path=files.path))
        return None if self.key is None else self.key.state

    @property
    def opened(self) -> OpenKey:
        if self.key is None:
            raise TypeError("a step that needs the key comes after the one that makes it")
        return self.key

    @property
    def state(self) -> TrusteeState:
        return self.opened.state

    def store(self, view: View, state: TrusteeState) -> None:
        """Writes the key file; only then is the new state the trustee's."""
        self.key = self.files(view).save(self.opened, state)

    def refuse_restored(self, view: View) -> None:
        """Raises Refused for a key file that may have forgotten what it signed."""
        self.files(view).refuse_restored(self.opened)

    def sign(self, view: View, signable: Signable) -> None:
        """Remembers, on the disk, and only then signs and sends."""
        self.refuse_restored(view)
        self.store(view, signing.remembering(self.state, signable))
        signature = signing.sign(self.state, signable).encode()
        try:
            self.put(SIGNATURES[signable.moment], signature)
        except WrongState:
            # The others were enough meanwhile, and the session has gone on without this one.
            if self.look().signed(signable.moment) < view.quorum:
                raise

    # --- The room -------------------------------------------------------------------------

    def compare(self, kind: str, code: str, answer: str | None, *others: str) -> bool:
        """Whether people have compared this code in this run; they are asked once."""
        self.show_code(kind, code)
        if (kind, code) not in self._compared and room.compared(kind, code, answer, *others):
            self._compared.add((kind, code))
        return (kind, code) in self._compared

    def show_code(self, kind: str, code: str) -> None:
        """Shows a code that the committee's signatures give; once in a run."""
        if self.codes.get(kind) != code:
            self.codes[kind] = code
            console.say(words(f"cli.room.{kind}", code=code))


def definition_of(view: View) -> Election:
    """The definition that the server shows; whether it is the signed one, the key's φ says."""
    if view.election is None:
        raise BadDefinition("the server shows no definition of this session")
    election = Election.decode(view.election.encode())
    if election.uuid != view.uuid:
        raise BadDefinition("the server shows the definition of another session")
    return election
