"""Invitations: codes for voters, for trustees, for the chair and observers.

A code is shown once, when it is made; the book keeps its hash. A new code for the same person
or role takes the place of the old one.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from admin.documents import letters as printing
from admin.documents.letters import Invited, LetterHead
from admin.record import files
from admin.rules import cells
from admin.session.datadir import Settings
from admin.session.session import Session
from admin.voting import codes
from admin.words import Language
from crypto.errors import Refused
from storage.registrar.book import RegistrarBook
from storage.rows import TRUSTEE, Code, Person, RoleCode

ROLES = ("chair", TRUSTEE, "observer", "office")
VOTER = "voter"
DAYS = 60  # a letter is sent weeks before the session; the book forgets its code at the close
_DAY = 24 * 3600
_PAGES: Final = frozenset({"browser", "miniapp"})  # channels that the link of a letter opens
_ON_LETTERS: Final = ("position", "unit")  # birth date and notes are nobody's business on paper


def _nowhere(_: object) -> AbstractContextManager[None]:
    """For letters that their maker hands over by itself."""
    return nullcontext()


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """What goes into one voter's invitation letter.

    Attributes:
        place: the number on the roster.
        details: as on the roster.
    """

    place: int
    name: str
    details: dict[str, str]
    code: str
    link: str
    chat: str


async def role_letter(
    book: RegistrarBook,
    settings: Settings,
    session: Session,
    role: str,
    owner: int | None,
    now: int,
    days: int = DAYS,
    *,
    keeping: Callable[[bytes], AbstractContextManager[None]] = _nowhere,
) -> bytes:
    """A new code for a role: its link, the code alone, and where there is a bot its link.

    Once it is kept, the earlier code of this holder of the role ends, with its logins and account.

    Args:
        keeping: where it is durable before the earlier code ends; in vain if that fails.
        owner: which of the holders of the role; the first, unless it is a trustee. Trustees have
            their own program and no link to the bot.

    Raises:
        Refused: no such role, or a trustee without a number.
    """
    if role not in ROLES or (role == TRUSTEE and owner is None):
        raise Refused(f"{role}: a role is one of {', '.join(ROLES)}, a trustee has a number")
    uuid, owner = session.uuid, owner or 1
    code = codes.new_code()
    hashed = codes.code_hash(uuid, codes.parse(code))
    expires = now + days * _DAY
    link = codes.trustee_link if role == TRUSTEE else codes.link
    lines = [link(settings.public_url, uuid, code), code]
    bot = settings.telegram_bot
    if bot and role != TRUSTEE:
        lines.append(codes.chat_link(bot, uuid, code))
    letter = "".join(f"{line}\n" for line in lines).encode()
    with keeping(letter):
        await book.replace_codes([Code(hashed, uuid, role, None, owner, expires)])
    return letter


async def end_role(book: RegistrarBook, session: Session, identifier: str) -> None:
    """Ends the code of a role by what `RoleCode` is listed as, `chair-2`, with login and account.

    Raises:
        Refused: there is no such code.
    """
    listed = {role_id(code): code for code in await book.role_codes(session.uuid)}
    if identifier not in listed:
        raise Refused(f"no code {identifier}: there are {', '.join(listed) or 'none'}")
    code = listed[identifier]
    await book.revoke(session.uuid, role=code.role, owner=code.owner)


def role_id(code: RoleCode) -> str:
    """How a code of a role is named without showing it: `chair-2`."""
    return f"{code.role}-{code.owner}"


async def letters(
    book: RegistrarBook,
    settings: Settings,
    session: Session,
    places: Sequence[int],
    now: int,
    days: int = DAYS,
    *,
    replace_all: bool = False,
    keeping: Callable[[list[Letter]], AbstractContextManager[None]] = _nowhere,
) -> list[Letter]:
    """New codes for voters: all, or those with these numbers on the roster.

    Once they are kept, the old ones end, all at once.

    Args:
        keeping: where they are durable before any earlier code ends; in vain if that fails.
        replace_all: that everybody's code may end, with logins and chats.

    Raises:
        Refused: a session on paper only, where no code is of use; a number that is not on the
            roster; everybody has a code already.
    """
    uuid = session.uuid
    if session.on_paper:
        raise Refused(f"session {uuid} votes on paper only: nobody needs a code, print the ballots")
    roster = {person.place: person for person in await book.roster(uuid)}
    missing = [place for place in places if place not in roster]
    if missing or not roster:
        raise Refused(f"the roster has no number {missing[0]}" if missing else "no roster yet")
    if not places and not replace_all and await book.logins.invited(uuid):
        raise Refused(
            "letters were made before: --only N makes some anew, --replace all of them, "
            "and the earlier codes, logins and chats end"
        )
    chosen = [roster[place] for place in places] or list(roster.values())
    voters = []
    hashed = []
    for person in chosen:
        code = codes.new_code()
        hashed.append(_hashed(uuid, code, person, now + days * _DAY))
        link = codes.link(settings.public_url, uuid, code, session.code)
        bot = settings.telegram_bot
        chat = codes.chat_link(bot, uuid, code) if bot else ""
        voters.append(Letter(person.place, person.name, person.details, code, link, chat))
    with keeping(voters):
        await book.replace_codes(hashed)
    return voters


def table(voters: Sequence[Letter]) -> bytes:
    """The letters as a CSV for mail merge: stt, ho_ten, ma, lien_ket, telegram."""
    rows = [[voter.place, voter.name, voter.code, voter.link, voter.chat] for voter in voters]
    return cells.csv_bytes([["stt", "ho_ten", "ma", "lien_ket", "telegram"], *rows])


def letter_head(settings: Settings, session: Session) -> LetterHead:
    """What stands on every letter of a session."""
    described = session.session_file
    planned = None if session.terms is None else session.terms.opens
    head = LetterHead(
        uuid=session.uuid,
        body=described.body,
        title=described.title,
        day=datetime.fromisoformat(planned or described.date),
        timed=planned is not None,
        place=described.place,
        address=f"{settings.public_url}/v/{session.uuid}",
    )
    if session.on_paper:  # the code is for reading only
        return replace(head, pages=False, backup=False)
    if session.definition is None:
        return head
    policy = session.policy
    return replace(
        head,
        session_code=session.code,
        kind=session.regime.kind,
        pages=not _PAGES.isdisjoint(policy.channels),
        paper="paper" in policy.channels,
        backup=policy.recovery == "phone",
        rehearsal=policy.rehearsal,
    )


def printed(voters: Sequence[Letter], head: LetterHead, language: Language) -> bytes:
    """The letters as a PDF, a page for each voter.

    Raises:
        NotSetError: the typesetter failed; the codes are not in the error.
    """
    invited = [
        Invited(
            voter.place,
            voter.name,
            tuple(voter.details[key] for key in _ON_LETTERS if voter.details.get(key)),
            voter.code,
            voter.link,
            voter.chat,
            voter.details.get("honorific", ""),
        )
        for voter in voters
    ]
    return printing.pdf(head, invited, language)


def check_new(path: Path) -> None:
    """Raises Refused if there is such a file: codes are made only for one that can be kept."""
    if path.exists():
        raise Refused(f"{path} is there already; codes are shown once and not written over")


def keep(path: Path, data: bytes) -> None:
    """Writes a secret where only the owner of the file can read it, and never over others."""
    check_new(path)
    files.write(path, data, mode=0o600)


@contextmanager
def in_file(path: Path, data: bytes) -> Iterator[None]:
    """The same for codes that come into force within the block.

    The file is durable before the block begins, and goes if the block fails.
    """
    keep(path, data)
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _hashed(uuid: str, code: str, person: Person, expires: int) -> Code:
    hashed = codes.code_hash(uuid, codes.parse(code))
    return Code(hashed, uuid, VOTER, person.person, None, expires)
