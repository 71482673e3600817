"""The box's side: credentials with a token, then one valid ballot for each.

Knows nothing of the registrar: no name, code or bearer ever comes here.
"""

import hashlib
from collections.abc import Container

from crypto import ballot, note
from crypto.audit.archive import encode_credentials
from crypto.audit.ballots import Batch
from crypto.blind import IssuerKey
from crypto.checkpoint import promise_body
from crypto.encoding import b64_sha256, base64_bytes
from crypto.errors import NotOpen, SecondBallot, UnknownCredential
from crypto.group import Element, element
from crypto.lifecycle import BEFORE_OPENING
from crypto.note import Signer
from crypto.session import Election, Parameters
from crypto.token import check_token
from storage.box.book import BoxBook
from storage.rows import Standing


async def register(
    book: BoxBook, election: Election, parameters: Parameters, credential: str, token: str
) -> None:
    """Registers a credential; the same again changes nothing.

    Raises:
        Malformed, BadToken: not a credential, or its token is not valid.
        RegistrationEnded: voting has been opened.
    """
    registered = element(credential, "credential")
    signature = base64_bytes(token, "token")
    check_token(IssuerKey.from_spki(parameters.issuer), election.phi, registered, signature)
    await book.register(election.uuid, registered.raw, signature)


async def credential_list(book: BoxBook, uuid: str) -> bytes:
    """The registered credentials, ascending: the bytes that the opening checkpoint fixes.

    Raises:
        NotOpen: before the opening nobody is shown them: who sees people come and credentials
            come would put them together.
        UnknownSession: there is no such session.
    """
    if (await book.session(uuid)).state in BEFORE_OPENING:
        raise NotOpen("the list of credentials is shown from the opening on")
    return encode_credentials(Element(raw) for raw, _ in await book.credentials(uuid))


def holder(election: Election, raw: bytes, registered: Container[bytes]) -> Element:
    """The credential that cast a ballot; asks no book, so that junk costs next to nothing.

    Whoever does not hold the credential gets the same refusal whether or not it was used, and
    before any of the answers is decoded (docs/protocol.md §5.3).

    Args:
        registered: the credentials on the list, as bytes.

    Raises:
        Malformed, BadBallot: not a ballot of this session.
        UnknownCredential: the credential is not registered.
        BadSignature: the credential did not sign these bytes.
    """
    frame = ballot.read_frame(raw, election)
    if frame.credential.raw not in registered:
        raise UnknownCredential("this credential is not registered")
    ballot.check_signature(raw, frame)
    return frame.credential


def stored(standing: Standing, tracker: str) -> bool:
    """Whether exactly this ballot of its `holder` is stored. Raises SecondBallot for another."""
    if standing.tracker not in (None, tracker):
        raise SecondBallot("this credential has voted already; the first ballot stands")
    return standing.tracker == tracker


async def admit(book: BoxBook, election: Election, raw: bytes) -> bool:
    """Whether a ballot is to be checked and stored, for who keeps no list in memory.

    Raises:
        Malformed, BadBallot, UnknownCredential, BadSignature, SecondBallot: see above.
    """
    registered = {credential for credential, _ in await book.credentials(election.uuid)}
    credential = holder(election, raw, registered)
    return not stored(await book.standing(election.uuid, credential.raw), b64_sha256(raw))


async def store(book: BoxBook, election: Election, raw: bytes, checked: Batch) -> None:
    """Stores a ballot that `check_batch` found valid; durable when this returns.

    Raises:
        NotOpen, Closed: the session does not take ballots.
        UnknownCredential, SecondBallot, RepeatedCiphertext: from the book's constraints.
    """
    (credential,), (tracker,) = checked.credentials, checked.trackers
    digests = [hashlib.sha256(ciphertext).digest() for ciphertext in checked.ciphertexts]
    await book.cast(election.uuid, credential.raw, tracker, raw, digests)


def promise(election: Election, tracker: str, box: Signer) -> str:
    """The box's signed promise for a stored ballot."""
    body = promise_body(election.uuid, election.phi, tracker)
    return note.sign(body, [box]).encode().decode()
