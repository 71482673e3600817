"""Questions to the officials. The registrar knows who asks, and keeps only what is asked."""

from datetime import date
from typing import Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from admin.office import questions
from admin.session.session import Session
from bot import limits
from bot.sides.registrar import RegistrarSide
from bot.web.registrar import LoggedIn, Side
from crypto.errors import BadCode, Refused
from storage.rows import Login

_MOST_BYTES: Final = 16 << 10  # a thousand letters, each spelled as an escape of JSON


class Asking(BaseModel):
    """Whether questions are taken, until the end of which day, and how many more from here."""

    taken: bool
    until: date | None
    left: int
    most_letters: int = questions.MOST_LETTERS


class Question(BaseModel):
    """A question to the official with this number, from 1, of the bearer's session."""

    model_config = ConfigDict(extra="forbid", strict=True)

    uuid: str
    official: int
    text: str = Field(max_length=2 * questions.MOST_LETTERS)


router = APIRouter(prefix="/api/v1/registrar/questions", tags=["registrar"])


@router.get("")
async def asking(side: Side, login: LoggedIn) -> Asking:
    """Whether there is still time to ask."""
    return _standing(side, await Session.load(side.book, login.uuid), login)


@router.post("", status_code=201, openapi_extra=limits.described(Question))
async def ask(request: Request, side: Side, login: LoggedIn) -> Asking:
    """Keeps a question without who asked it; the same again is kept once."""
    question = await limits.json_body(request, Question, _MOST_BYTES)
    if question.uuid != login.uuid:
        raise BadCode("the bearer is of another session")
    session = await Session.load(side.book, login.uuid)
    await questions.ask(
        side.book,
        side.datadir,
        session,
        side.quota,
        _voter(login),
        question.official,
        question.text,
        session.today(side.clock()),
    )
    return _standing(side, session, login)


def _standing(side: RegistrarSide, session: Session, login: Login) -> Asking:
    time = questions.question_time(side.datadir, session, session.today(side.clock()))
    left = side.quota.left(login.uuid, _voter(login))
    return Asking(taken=time.taken, until=time.until, left=left)


def _voter(login: Login) -> bytes:
    if login.role != "voter" or login.person is None:
        raise Refused(f"a {login.role} asks no questions here")
    return login.person
