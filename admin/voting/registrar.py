"""The registrar's side: who somebody is, and the one token that each person gets.

Knows nothing of the box: no credential, ballot or tracker ever comes here.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass

from admin.voting.codes import LENGTH, code_hash
from admin.voting.telegram_login import BadInitData, InitData
from crypto import blind
from crypto.blind import IssuerSecret
from crypto.encoding import CROCKFORD
from crypto.errors import BadCode, Refused
from storage.registrar.book import RegistrarBook
from storage.registrar.logins import LoginOutcome
from storage.rows import Login, SeenInitData

LOGIN_SECONDS = 12 * 3600  # a long sitting; the registrar forgets all logins at the close
MAX_RECOVERY = 4096


class NotInvited(BadInitData):
    """The account speaks for no voter of this session."""

    code = "not_invited"


class Used(BadInitData):
    """It has admitted somebody already."""

    code = "init_data_used"


@dataclass(frozen=True, slots=True)
class IssuedBearer:
    """What a client shows at each request; only its hash is kept."""

    text: str
    expires: int


async def login(book: RegistrarBook, uuid: str, code: str, now: int) -> IssuedBearer:
    """Turns a code into a bearer.

    Args:
        now: Unix seconds.

    Raises:
        BadCode: the code is not known, expired or revoked.
    """
    if len(code) != LENGTH or not set(code) <= set(CROCKFORD):
        raise BadCode("the code has not the form of a code")
    row = await book.code(code_hash(uuid, code))
    if row is None or row.uuid != uuid or row.expires <= now:
        raise BadCode("the code is not valid for this session")
    text, expires = secrets.token_urlsafe(32), now + LOGIN_SECONDS
    await book.add_login(Login(_hash(text), uuid, row.role, row.person, row.owner, expires))
    return IssuedBearer(text, expires)


async def arrive(
    book: RegistrarBook, uuid: str, init_data: InitData, evidence: bytes | None, now: int
) -> IssuedBearer:
    """Turns what Telegram signed into a bearer, once.

    Args:
        init_data: checked, for this session.
        evidence: what is kept of it for the auditors.
        now: Unix seconds.

    Raises:
        NotInvited: the account is linked with nobody on the roster.
        Used: a bearer was made out of the same data before.
        WrongState: the session has ended.
    """
    text, expires = secrets.token_urlsafe(32), now + LOGIN_SECONDS
    once = SeenInitData(uuid, init_data.account, init_data.once(uuid), init_data.expires, evidence)
    match await book.logins.admit(once, _hash(text), expires, now):
        case LoginOutcome.STRANGER:
            raise NotInvited("the account is linked with nobody on the roster")
        case LoginOutcome.REPEATED:
            raise Used("a bearer was made out of this already")
    return IssuedBearer(text, expires)


async def who(book: RegistrarBook, bearer: str, now: int) -> Login:
    """Whose bearer it is. Raises BadCode if nobody's, or if it has expired."""
    login = await book.login(_hash(bearer), now)
    if login is None:
        raise BadCode("the login has ended; log in again with the code")
    return login


async def token(
    book: RegistrarBook, issuer: IssuerSecret, login: Login, blinded: bytes, channel: str
) -> bytes:
    """The blind signature for a voter; the same request again gets the same answer.

    Raises:
        TokenAlreadyIssued: another request came before.
        RegistrationEnded: the session is not in check-in.
        Malformed: the blinded message is not of the key's size.
        Refused: the login is not a voter's.
    """
    answer = await asyncio.to_thread(blind.blind_sign, issuer, blinded)
    request = hashlib.sha256(blinded).digest()
    return await book.issue(login.uuid, _voter(login), request, answer, channel)


async def keep(book: RegistrarBook, login: Login, sealed: bytes) -> None:
    """Keeps what a voter's phone has sealed under its backup code, once.

    Raises:
        Refused: it is too long; no token has been issued to this voter.
        RecoveryTaken: something else was kept before.
        WrongState: no ballots are out.
    """
    if len(sealed) > MAX_RECOVERY:
        raise Refused(f"{len(sealed)} bytes to keep, at most {MAX_RECOVERY}")
    await book.put_recovery(login.uuid, _voter(login), sealed)


async def recovery(book: RegistrarBook, login: Login) -> bytes | None:
    """What `keep` stored, for another device of the same voter."""
    return await book.recovery(login.uuid, _voter(login))


def _voter(login: Login) -> bytes:
    if login.role != "voter" or login.person is None:
        raise Refused(f"a {login.role} gets no ballot")
    return login.person


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
