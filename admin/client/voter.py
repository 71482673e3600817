"""The whole voter: what a phone does, here for the command line (docs/protocol.md §5.2, §5.3).

    look              the definition, and that the registrar, the box and the chair signed it
    check_levels      the words that this voter will read are those of the regime
    Secrets           s and the request for a token; this device keeps them
    fetch_token       the registrar's blind signature, unblinded and verified
    register          (C, token) to the box
    back_up           for whoever wants it: the secrets to the registrar, under the backup code
    recovered         on another device, what was left there
    check_opened      C is on the credential list, and that is the one of the opening checkpoint
    cast              the ballot to the box, its promise verified
    check_counted     after the close: the tracker is on the list of the closing checkpoint

Each step may be repeated after a crash: whoever runs them keeps the secrets, and everything else
follows from them or is asked again.
A `Rejected` from here is an alarm: the server showed this voter something that is not so.

Does not protect against a program that encrypts something else (`ballot.check_opening` on
another device does), nor against somebody who watches both connections of this machine.
"""

import json
import time
from dataclasses import dataclass
from secrets import SystemRandom

from admin.client.server import Box, Registrar
from admin.client.session_view import CHANNEL, SessionView, check_signed, parsed
from admin.record import levels
from admin.voting import codes
from crypto import ballot, checkpoint, token
from crypto.audit.archive import decode_credentials
from crypto.blind import Blinded, IssuerKey
from crypto.checkpoint import SignedState
from crypto.encoding import (
    Fields,
    array,
    base64_bytes,
    canonical,
    fingerprint,
    parse,
    sha256,
    string,
    to_base64,
)
from crypto.errors import (
    BadCheckpoint,
    BadCredentials,
    BadDefinition,
    Malformed,
)
from crypto.group import Element, G, random_scalar, scalar
from crypto.lifecycle import State
from crypto.note import Note

MASK_SECONDS = 20.0  # DESIGN §4: the box hears of a credential 0 to 20 s after the registrar
_RECOVERY_LIMIT = 4096
_MAX_TRACKERS = 64 << 20  # bytes; 200,000 trackers need 9 MB


# --- Secrets ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    """What makes a voter's one credential and the request for its token.

    Attributes:
        secret: s of the credential C = g^s.
        request: what the registrar signs, and its inverse; with that the registrar could find
            C, without it a crash after the request would lose the token.
    """

    secret: int
    request: Blinded

    @property
    def credential(self) -> Element:
        return G**self.secret

    @classmethod
    def make(cls, issuer: IssuerKey, phi: str) -> "Secrets":
        secret = random_scalar()
        return cls(secret, token.request_token(issuer, phi, G**secret))

    def encode(self, phi: str) -> bytes:
        """As docs/protocol.md §5.2 writes it, to be sealed."""
        blinded, inverse = self.request.blinded_message, self.request.inverse
        return canonical(
            {
                "schema": "phieukin.voter/1",
                "phi": phi,
                "secret": str(self.secret),
                "blinded": to_base64(blinded),
                "inverse": to_base64(inverse.to_bytes(len(blinded), "big")),
            }
        )

    @classmethod
    def decode(cls, raw: bytes, phi: str, issuer: IssuerKey) -> "Secrets":
        """Raises Malformed, BadDefinition for those of another definition."""
        path = "recovery"
        value = parse(raw, path, limit=_RECOVERY_LIMIT)
        fields = Fields(value, path, "schema", "phi", "secret", "blinded", "inverse")
        fields.read("schema", string, "phieukin[.]voter/1")
        if fields.read("phi", fingerprint) != phi:
            raise BadDefinition("what this voter's phone kept belongs to another definition (φ)")
        secret = fields.read("secret", scalar)
        if secret == 0:
            raise Malformed(f"{path}.secret: zero is no secret")
        size = issuer.modulus_len
        request = Blinded(
            blinded_message=fields.read("blinded", base64_bytes, size=size),
            inverse=int.from_bytes(fields.read("inverse", base64_bytes, size=size), "big"),
        )
        return cls(secret, request)


def back_up(registrar: Registrar, session: SessionView, secrets: Secrets, backup_code: str) -> None:
    """Leaves the secrets with the registrar, sealed under a code that only the voter has.

    Args:
        registrar: where the voter is logged in.
        session: the session.
        secrets: those of the token that was issued.
        backup_code: its letters; made by this device, never sent.

    Raises:
        Refused: something else was left there before, or the session does not allow it.
    """
    uuid, phi = session.election.uuid, session.election.phi
    registrar.keep(codes.seal(codes.recovery_key(backup_code, uuid), uuid, secrets.encode(phi)))


def recovered(registrar: Registrar, session: SessionView, backup_code: str) -> Secrets | None:
    """The secrets that an earlier device left; None if none did.

    Raises:
        BadCode: they do not open with this backup code.
        BadDefinition: they belong to another definition.
    """
    uuid, phi = session.election.uuid, session.election.phi
    sealed = registrar.recovery()
    if sealed is None:
        return None
    key = codes.recovery_key(backup_code, uuid)
    return Secrets.decode(codes.unseal(key, uuid, sealed), phi, session.issuer)


def check_levels(registrar: Registrar, session: SessionView) -> None:
    """What this voter will read is what is counted; of a body's own rules session.json says it.

    Raises:
        BadDefinition, BadRecord, Malformed: other levels, or another session.json than was signed.
    """
    about = registrar.about(session.election.uuid)
    levels.read_with(session.election, session.parameters, about)


# --- Token and credential -----------------------------------------------------------------


def fetch_token(
    registrar: Registrar, session: SessionView, secrets: Secrets, channel: str = CHANNEL
) -> bytes:
    """The token for the voter's credential, counted as of this channel.

    Raises:
        TokenAlreadyIssued, RegistrationEnded: the registrar's refusal.
        BadToken: the registrar did not sign what was asked.
    """
    issuer, phi, credential = session.issuer, session.election.phi, secrets.credential
    answer = registrar.token(secrets.request.blinded_message, channel)
    return token.receive_token(issuer, phi, credential, answer, secrets.request)


def mask(longest: float) -> None:
    """Waits at random, so that a call to the box does not follow one to the registrar at once."""
    time.sleep(SystemRandom().uniform(0, longest))


def registered(box: Box, secrets: Secrets) -> bool:
    """From the opening on whether the credential is listed; never asks for the one. NotOpen."""
    return secrets.credential in decode_credentials(box.credentials(), ordered=True)


def register(box: Box, secrets: Secrets, signature: bytes) -> None:
    """Registers the credential; again changes nothing. Whether it is listed, the opening shows."""
    box.register(secrets.credential.hex, signature)


def unlisted(secrets: Secrets) -> BadCredentials:
    """What a voter is told who has collected and is not on the list of the opening."""
    return BadCredentials(
        f"credential {secrets.credential.hex[:8]}… is not on the list, and no ballot was sent: "
        "tell the counting committee at once, aloud, before it seals the box"
    )


def check_opened(box: Box, session: SessionView, secrets: Secrets) -> SignedState:
    """The list that is frozen now has the credential, and the committee has sealed this very box.

    Before this nothing is encrypted.

    Raises:
        BadCredentials: the credential is not on the list.
        BadCheckpoint: the list shown is not the one that was signed.
        Incomplete: the committee has not sealed the box yet.
    """
    raw = box.credentials()
    credentials = decode_credentials(raw, ordered=True)
    if secrets.credential not in credentials:
        raise unlisted(secrets)
    return check_signed(
        box,
        session.election,
        session.parameters,
        State.OPEN,
        sha256(raw),
        registered=len(credentials),
    )


# --- Ballot -------------------------------------------------------------------------------


def read_choices(raw: bytes, path: str, session: SessionView) -> list[int | None]:
    """The choices of a JSON array of level keys or null, in the official order.

    Raises:
        Malformed: names the place, never what was chosen there.
    """
    try:
        chosen = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed(f"{path}: not JSON") from None
    officials, policy = session.parameters.officials, session.parameters.policy
    keys = [level.key for level in policy.levels]
    chosen = array(chosen, path)
    if len(chosen) != len(officials):
        raise Malformed(f"{path}: {len(chosen)} choices for {len(officials)} officials")
    for i, (choice, official) in enumerate(zip(chosen, officials, strict=True), start=1):
        where = f"{path}: choice {i} ({official.name})"
        if choice is None and policy.fewest > 0:
            raise Malformed(f"{where}: a blank line is not allowed in this session")
        if choice is not None and choice not in keys:
            raise Malformed(f"{where}: one of {', '.join(keys)} or null is expected")
    return [None if choice is None else keys.index(choice) for choice in chosen]


def test_ballot(session: SessionView, secrets: Secrets, choices: list[int | None]) -> str:
    """Opens a ballot for check instead of casting it; returns its tracker.

    Raises:
        BadBallot: this program encrypted something else than was chosen.
    """
    raw, opening = ballot.prepare(session.election, secrets.secret, choices)
    ballot.check_opening(raw, session.election, opening)
    if list(opening.choices) != choices:
        raise Malformed("the opening is not of these choices")
    return opening.tracker


def prepare(session: SessionView, secrets: Secrets, choices: list[int | None]) -> ballot.Ballot:
    """An encrypted ballot, ready to be cast; its opening is forgotten at once."""
    encrypted, _ = ballot.make(session.election, secrets.secret, choices)
    return encrypted


def cast(box: Box, session: SessionView, vote: ballot.Ballot) -> Note:
    """Casts a ballot; returns the box's promise, verified. The same ballot may be cast again.

    Raises:
        SecondBallot: another ballot of this credential was first, and stands.
        BadCheckpoint: the box answered with anything but its promise for this very ballot.
    """
    # Spaces fill up the shorter ones: every ballot of a session is equally long on its way.
    tracker, promised = box.cast(vote.raw.ljust(ballot.size_limit(session.election)))
    if tracker != vote.tracker:
        raise BadCheckpoint(f"the box names another tracker than {vote.tracker}")
    promise = parsed(promised.encode(), "promise")
    checkpoint.check_promise(promise, session.election, session.parameters, vote.tracker)
    return promise


def check_counted(
    box: Box, session: SessionView, promise: Note, opening: str | None
) -> SignedState:
    """After the close: the ballot is on the tracker list that the committee has signed.

    Args:
        opening: SHA-256 of the text of the opening under which this voter voted, hex, where it
            was kept: the closing must name that very one.

    Raises:
        BadCheckpoint: it is not; the promise proves that the box took it.
        Incomplete: the ballot is recorded, and the committee has not signed the close yet.
    """
    tracker = checkpoint.promised_tracker(promise, session.election, session.parameters)
    raw = box.trackers()
    trackers = array(parse(raw, "trackers", limit=_MAX_TRACKERS), "trackers")
    for i, member in enumerate(trackers):
        fingerprint(member, f"trackers[{i}]")
    if tracker not in trackers:
        raise BadCheckpoint(
            f"the ballot {tracker} is not on the list of the closed session, although the box "
            "promised it: show the promise to the committee"
        )
    closed = check_signed(
        box,
        session.election,
        session.parameters,
        State.CLOSED,
        sha256(raw),
        cast=len(trackers),
    )
    if opening is not None and closed.checkpoint.opening != opening:
        raise BadCheckpoint("the close is of another opening than the one this ballot was cast in")
    return closed
