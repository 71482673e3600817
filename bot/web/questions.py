"""Questions to the officials. The registrar knows who asks, and keeps only what is asked."""

from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from admin.office import questions
from bot.web import limits
from bot.web.registrar import Known, RegistrarSide, side
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


Side = Annotated[RegistrarSide, Depends(side)]

router = APIRouter(prefix="/api/v1/registrar/questions", tags=["registrar"])


@router.get("")
async def asking(here: Side, known: Known) -> Asking:
    """Whether there is still time to ask."""
    return await _standing(here, known)


@router.post("", status_code=201, openapi_extra=limits.described(Question))
async def ask(request: Request, here: Side, known: Known) -> Asking:
    """Keeps a question without who asked it; the same again is kept once."""
    said = await limits.json_body(request, Question, _MOST_BYTES)
    if said.uuid != known.uuid:
        raise BadCode("the bearer is of another session")
    who, today = (known.uuid, _voter(known)), _today(here)
    await questions.ask(here.book, here.datadir, here.asked, who, said.official, said.text, today)
    return await _standing(here, known)


async def _standing(here: RegistrarSide, known: Login) -> Asking:
    found = await questions.standing(here.book, here.datadir, known.uuid, _today(here))
    left = here.asked.left(known.uuid, _voter(known))
    return Asking(taken=found.taken, until=found.until, left=left)


def _today(here: RegistrarSide) -> date:
    return date.fromtimestamp(here.clock())  # noqa: DTZ012  a deadline ends by the local clock


def _voter(known: Login) -> bytes:
    if known.role != "voter" or known.person is None:
        raise Refused(f"a {known.role} asks no questions here")
    return known.person
