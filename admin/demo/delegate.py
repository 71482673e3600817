"""One simulated delegate: credential, token, ballot, promise."""

from collections.abc import Collection
from dataclasses import dataclass, field

from admin.demo.house import Box, Registrar
from admin.demo.scenario import Choices
from crypto import ballot
from crypto.audit.ballots import Batch, check_batch
from crypto.blind import IssuerKey
from crypto.checkpoint import check_promise
from crypto.errors import BadCheckpoint
from crypto.group import G, random_scalar
from crypto.note import Note
from crypto.session import Election, Parameters
from crypto.token import receive_token, request_token


@dataclass
class Delegate:
    """What one delegate's phone holds."""

    name: str
    choices: Choices
    secret: int = field(default_factory=random_scalar, repr=False)
    tracker: str = ""
    promise: Note | None = None

    def check_in(self, registrar: Registrar, box: Box, issuer: IssuerKey, phi: str) -> None:
        """By name to the registrar for a token, without any name to the box."""
        credential = G**self.secret
        blinded = request_token(issuer, phi, credential)
        answer = registrar.issue(self.name, blinded.blinded_message)
        box.register(credential.hex, receive_token(issuer, phi, credential, answer, blinded))

    def find(self, trackers: Collection[str], election: Election, parameters: Parameters) -> None:
        """After the close: is my ballot in the list, as the box promised?

        Raises:
            BadCheckpoint: no; the promise proves that the box took it.
        """
        if self.promise is None or self.tracker not in trackers:
            raise BadCheckpoint(f"{self.name}: the ballot {self.tracker} is not in the list")
        check_promise(self.promise, election, parameters, self.tracker)


def vote(task: tuple[Election, int, Choices]) -> bytes:
    """Encrypts a ballot; runs in a worker process as on a phone of its own."""
    election, secret, choices = task
    raw, _ = ballot.prepare(election, secret, choices)
    return raw


def test_ballot(election: Election, delegate: Delegate) -> None:
    """Opens a ballot for check instead of casting it (Benaloh): was my choice encrypted?"""
    raw, opening = ballot.prepare(election, delegate.secret, delegate.choices)
    ballot.check_opening(raw, election, opening)


def receive(task: tuple[Election, bytes]) -> tuple[bytes, Batch]:
    """What the box's worker does with a ballot that arrives: the auditor's own checks."""
    election, raw = task
    return raw, check_batch(election.raw, 1, [raw])
