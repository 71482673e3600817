"""Voters' questions to the officials, a part of the registrar's book: never who asked them.

A row has a random key, the official's number and the text; no person, time or order. After each
question the book is written anew, so that the file does not tell either what came after what.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import func, insert, select

from crypto.errors import WrongState
from crypto.lifecycle import UNTIL_OPENING
from storage.database import Database, uncancelled
from storage.errors import QuestionsFull
from storage.registrar.tables import QUESTION_BYTES, questions, sessions
from storage.session_state import hold

MOST = 2000  # of a session: four from each of an assembly of 500


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the official with this number, from 1."""

    official: int
    text: str


class Questions:
    """Made by `RegistrarBook`, whose database it shares."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uncancelled
    async def ask(self, uuid: str, official: int, text: str) -> None:
        """Keeps a question; the same text to the same official is kept once.

        Raises:
            WrongState: the session is not sealed, or the vote has been opened.
            QuestionsFull: there is no place.
            UnknownSession: there is no such session.
        """
        of_session = questions.c.uuid == uuid
        same = of_session & (questions.c.official == official) & (questions.c.text == text)
        async with self._database.write() as tx:
            if (state := await hold(tx, sessions, uuid)) not in UNTIL_OPENING:
                raise WrongState(f"questions are taken until the vote opens; it is {state}")
            if await tx.scalar(select(func.count()).select_from(questions).where(same)):
                return
            if (
                await tx.scalar(select(func.count()).select_from(questions).where(of_session)) or 0
            ) >= MOST:
                raise QuestionsFull(f"{MOST} questions are kept, no more")
            key = {"uuid": uuid, "id": secrets.token_bytes(QUESTION_BYTES)}
            await tx.execute(insert(questions).values(**key, official=official, text=text))
        with suppress(TimeoutError):  # somebody reads; the next question or the close will do it
            await self._database.rewrite(uuid, questions)

    @uncancelled
    async def all(self, uuid: str) -> list[Question]:
        """The questions of a session, in the order of their random keys."""
        query = select(questions.c.official, questions.c.text).where(questions.c.uuid == uuid)
        async with self._database.read() as tx:
            rows = await tx.execute(query.order_by(questions.c.id))
            return [Question(row.official, row.text) for row in rows]
