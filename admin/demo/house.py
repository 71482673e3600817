"""The two sides of the house: the registrar knows who, the box knows what, neither both."""

from collections.abc import Sequence

from crypto import blind, note, tally
from crypto.audit.archive import encode_credentials
from crypto.audit.ballots import Batch, Register
from crypto.blind import IssuerKey, IssuerSecret
from crypto.checkpoint import promise_body
from crypto.errors import Refused
from crypto.group import Element, element
from crypto.note import Note, Signer
from crypto.session import Election
from crypto.token import check_token


class Registrar:
    """Signs one token for each person on the roster, without seeing it."""

    def __init__(self, secret: IssuerSecret, roster: Sequence[str]) -> None:
        self._secret = secret
        self._answers: dict[str, tuple[bytes, bytes] | None] = dict.fromkeys(roster)

    @property
    def issued(self) -> int:
        return sum(answer is not None for answer in self._answers.values())

    def issue(self, voter: str, blinded: bytes) -> bytes:
        """The blind signature; the same request again gets the same answer.

        Raises:
            Refused: not on the roster, or another request after the first.
        """
        if voter not in self._answers:
            raise Refused(f"{voter} is not on the roster")
        answer = self._answers[voter]
        if answer is None:
            answer = blinded, blind.blind_sign(self._secret, blinded)
            self._answers[voter] = answer
        elif answer[0] != blinded:
            raise Refused(f"{voter} already has a token")
        return answer[1]


class Box:
    """Takes credentials with a token, then one valid ballot for each."""

    def __init__(self, election: Election, issuer: IssuerKey, signer: Signer) -> None:
        self._election, self._issuer, self._signer = election, issuer, signer
        self.tokens: dict[Element, bytes] = {}
        self._ballots: dict[str, bytes] = {}
        self._register = Register([], ordered=False)
        self.tally = tally.empty(election)

    def register(self, credential: str, token: bytes) -> None:
        """Raises Malformed or BadToken."""
        registered = element(credential, "credential")
        check_token(self._issuer, self._election.phi, registered, token)
        self.tokens[registered] = token

    def open(self) -> bytes:
        """Ends registration; returns the credential list, from now on final."""
        self._register = Register(self.tokens, ordered=False)
        return encode_credentials(self.tokens)

    def cast(self, raw: bytes, checked: Batch) -> Note:
        """Keeps a ballot whose proofs were checked, and promises so.

        Raises:
            UnknownCredential, SecondBallot, RepeatedCiphertext: the box's own rules.
        """
        self._register.add(checked)
        self._ballots[checked.trackers[0]] = raw
        self.tally = self.tally * checked.tally
        election = self._election
        body = promise_body(election.uuid, election.phi, checked.trackers[0])
        return note.sign(body, [self._signer])

    def close(self) -> list[bytes]:
        """All ballots in the order of their trackers, published at once."""
        return [self._ballots[tracker] for tracker in sorted(self._ballots)]
