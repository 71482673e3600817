"""Voters and trustees who ask until they are answered, and remember every answer."""

import time
from dataclasses import dataclass, field

from admin.client import session_view, voter
from admin.client.server import Box, Patience, Registrar, Server
from admin.client.session_view import SessionView
from admin.client.voter import Secrets
from admin.voting.codes import new_backup_code, parse_backup
from crypto import ballot, checkpoint, note
from crypto.errors import SecondBallot, TokenAlreadyIssued
from crypto.lifecycle import State

# Nobody gives up before the server is there again.
PATIENCE = Patience(attempts=3000, first=0.02, longest=0.1)


@dataclass
class Person:
    """A voter; what stands here was acknowledged by the server, and is asked for twice.

    Attributes:
        code: the letters of the letter's code.
        backup_code: the letters of the one that the voter's device has made.
        mine: what the device keeps.
        answer: the registrar's blind signature.
        credential: the registered one, in hex.
        opening: SHA-256 of the text of the sealed box, hex.
        promises: the box's, for `raw`.
    """

    server: Server
    uuid: str
    code: str
    choices: tuple[int | None, ...]
    backup_code: str = field(default_factory=lambda: parse_backup(new_backup_code()))
    mine: Secrets | None = None
    answer: bytes = b""
    token: bytes = b""
    credential: str = ""
    opening: str = ""
    raw: bytes = b""
    promises: set[str] = field(default_factory=set)

    @property
    def box(self) -> Box:
        return Box(self.server, self.uuid)

    def session(self) -> SessionView:
        return session_view.look(self.box)

    def get_token(self) -> Secrets:
        """Logs in, asks for the token, backs it up; all again, and with another request."""
        session = self.session()
        self._ask(session)
        registrar, secrets = self._ask(session)
        try:
            fresh = Secrets.make(session.issuer, session.election.phi)
            registrar.token(fresh.request.blinded_message, session_view.CHANNEL)
        except TokenAlreadyIssued:
            self.token = voter.fetch_token(registrar, session, secrets)
            return secrets
        raise AssertionError("a second token")

    def _ask(self, session: SessionView) -> tuple[Registrar, Secrets]:
        registrar = Registrar.login(self.server, self.uuid, self.code)
        self.mine = self.mine or Secrets.make(session.issuer, session.election.phi)
        answer = registrar.token(self.mine.request.blinded_message, session_view.CHANNEL)
        assert self.answer in {b"", answer}
        self.answer = answer
        if voter.recovered(registrar, session, self.backup_code) is None:
            voter.back_up(registrar, session, self.mine, self.backup_code)
        return registrar, self._recovered(registrar, session)

    def _recovered(self, registrar: Registrar, session: SessionView) -> Secrets:
        """As on another device."""
        secrets = voter.recovered(registrar, session, self.backup_code)
        assert secrets is not None
        assert self.mine is not None
        assert secrets.credential == self.mine.credential
        return secrets

    def register(self) -> None:
        """The token, then the credential, twice."""
        secrets = self.get_token()
        for _ in range(2):
            voter.register(self.box, secrets, self.token)
            self.credential = secrets.credential.hex

    def cast(self) -> None:
        """One ballot, twice, and then another one, which is refused."""
        session = self.session()
        registrar = Registrar.login(self.server, self.uuid, self.code)
        secrets = self._recovered(registrar, session)
        assert secrets.credential.hex == self.credential
        sealed = voter.check_opened(self.box, session, secrets).checkpoint
        self.opening = checkpoint.digest_of(sealed.body)
        self.raw = self.raw or voter.prepare(session, secrets, list(self.choices)).raw
        for _ in range(2):
            self.recast(session)
        try:
            self.box.cast(voter.prepare(session, secrets, list(self.choices)).raw)
        except SecondBallot:
            return
        raise AssertionError("a second ballot")

    def recast(self, session: SessionView) -> None:
        """The same bytes again."""
        promise = voter.cast(self.box, session, ballot.decode(self.raw, session.election))
        self.promises.add(promise.encode().decode())
        assert len(self.promises) == 1

    def check_counted(self) -> None:
        """The committee has signed the close of the box that this voter has voted into."""
        (promise,) = (note.parse(raw.encode()) for raw in self.promises)
        voter.check_counted(self.box, self.session(), promise, self.opening)


@dataclass
class Onlooker:
    """Looks at the public numbers all the time."""

    box: Box
    stopped: bool = False
    states: list[State] = field(default_factory=list)
    counts: dict[str, list[int]] = field(default_factory=dict)

    def look(self) -> None:
        """Until `stopped`; a server that is not there is asked again."""
        while not self.stopped:
            try:
                public = self.box.session()
            except ConnectionError:
                continue
            finally:
                time.sleep(0.03)
            self.states.append(State(public["state"]))
            for name in ("present", "issued", "registered", "cast"):
                self.counts.setdefault(name, []).append(public["counts"][name] or 0)

    def check(self) -> None:
        """Nothing ever went back."""
        order = [list(State).index(state) for state in self.states]
        assert order == sorted(order)
        for name, numbers in self.counts.items():
            assert numbers == sorted(numbers), name
