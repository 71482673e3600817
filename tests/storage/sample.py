"""Sessions in the states that tests begin from, and values like the real ones."""

import hashlib
from dataclasses import dataclass

from crypto.lifecycle import Step
from storage.box.book import BoxBook
from storage.registrar.book import RegistrarBook
from storage.rows import Code, Login, Person

UUID = "sampLeSessi0nA"
OTHER = "sampLeSessi0nB"
TO_CLOSED = (Step.SEAL, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, Step.CLOSE)


def digest(text: str) -> bytes:
    """32 bytes that look random and are the same in every run."""
    return hashlib.sha256(text.encode()).digest()


def person(number: int) -> Person:
    """The delegate of this number."""
    return Person(digest(f"person {number}")[:16], number, f"Đại biểu {number}", {"Tổ": "1"})


def code(number: int, *, expires: int = 2_000_000_000) -> Code:
    """An invitation for the delegate of this number."""
    return Code(digest(f"code {number}"), UUID, "voter", person(number).person, None, expires)


def role_code(role: str, owner: int | None = None) -> Code:
    """A code for one of the session's officers."""
    return Code(digest(f"{role} {owner}"), UUID, role, None, owner, 2_000_000_000)


def login(number: int, *, expires: int = 1_000) -> Login:
    """A bearer of the delegate of this number."""
    return Login(digest(f"login {number}"), UUID, "voter", person(number).person, None, expires)


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot as the box's book gets it; `take` are the arguments of `cast`."""

    credential: bytes
    token: bytes
    tracker: str
    raw: bytes
    digests: tuple[bytes, ...]

    def take(self, uuid: str = UUID) -> tuple[str, bytes, str, bytes, tuple[bytes, ...]]:
        return uuid, self.credential, self.tracker, self.raw, self.digests


def ballot(number: int, *, of: int | None = None, size: int = 5_000) -> Cast:
    """The ballot of this number, from the credential of the same or another number."""
    credential = digest(f"credential {number if of is None else of}")
    raw = (digest(f"raw {number}") * (size // 32 + 1))[:size]
    digests = tuple(digest(f"ciphertext {number} {place}") for place in range(6))
    return Cast(credential, digest(f"token {number}"), digest(f"raw {number}").hex(), raw, digests)


async def registrar_at(book: RegistrarBook, *steps: Step, voters: int = 3) -> None:
    """A session of the registrar after these steps, with a roster."""
    await book.add_session(UUID, b"human")
    await book.put_roster(UUID, [person(number) for number in range(voters)])
    for step in steps:
        await book.move(UUID, step)


async def token(book: RegistrarBook, number: int) -> bytes:
    """The registrar's answer to the one request of the delegate of this number."""
    request = digest(f"request {number}")
    return await book.issue(UUID, person(number).person, request, b"answer", "cli")


async def box_at(book: BoxBook, *steps: Step, voters: int = 3, uuid: str = UUID) -> None:
    """A session of the box after these steps; credentials are registered during check-in."""
    await book.add_session(uuid, b"election")
    for step in steps:
        await book.move(uuid, step)
        if step is Step.CHECK_IN:
            for number in range(voters):
                sent = ballot(number)
                await book.register(uuid, sent.credential, sent.token)
