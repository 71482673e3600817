"""Questions from voters to the officials, before the vote; passed on without who asked.

Who asked what is written down nowhere. How many questions somebody has asked is counted in the
memory of the running server alone, under a key that ends with it.
"""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from admin.office import plan as deadlines
from admin.rules import cells
from admin.rules.cells import Fault
from admin.session.datadir import DataDir
from admin.session.session import Session
from crypto.errors import Malformed, Refused, WrongState
from crypto.lifecycle import UNTIL_OPENING
from storage.registrar.book import RegistrarBook
from storage.registrar.questions import Question

MOST_LETTERS: Final = 1000
MOST_EACH: Final = 10  # of one voter, as long as the server runs
_MOST_LINES: Final = 30


class QuestionsClosed(WrongState):
    """Questions are not taken any more, or not yet."""

    code = "questions_closed"


class TooManyQuestions(Refused):
    """This voter has asked as many as one may."""

    code = "too_many_questions"


class BadQuestion(Malformed):
    """Empty, too long, or with characters that cannot be seen."""

    code = "bad_question"


@dataclass(slots=True)
class QuestionCounts:
    """How many questions each voter has asked since the server began. Never what, or of whom."""

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _counts: dict[bytes, int] = field(default_factory=dict, repr=False)

    def left(self, uuid: str, person: bytes) -> int:
        """How many more this voter may ask."""
        return MOST_EACH - self._counts.get(self._whose(uuid, person), 0)

    def count(self, uuid: str, person: bytes) -> None:
        """One more. Raises TooManyQuestions."""
        if self.left(uuid, person) <= 0:
            raise TooManyQuestions(f"{MOST_EACH} questions were asked already")
        whose = self._whose(uuid, person)
        self._counts[whose] = self._counts.get(whose, 0) + 1

    def _whose(self, uuid: str, person: bytes) -> bytes:
        return hmac.digest(self._key, uuid.encode() + b"\n" + person, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class QuestionTime:
    """Whether questions are taken, and until the end of which day; None: until the opening."""

    taken: bool
    until: date | None


def question_time(datadir: DataDir, session: Session, today: date) -> QuestionTime:
    """Whether and until when questions of a session are taken."""
    plan = deadlines.kept(datadir, session.uuid)
    until = None if plan is None else plan.questions_until()
    taken = session.state in UNTIL_OPENING and (until is None or today <= until)
    return QuestionTime(taken, until)


async def ask(
    book: RegistrarBook,
    datadir: DataDir,
    session: Session,
    counts: QuestionCounts,
    person: bytes,
    official: int,
    text: str,
    today: date,
) -> None:
    """Keeps a question of a voter.

    Args:
        counts: of the running server.
        person: the voter, who is counted and then forgotten.
        official: the number on the ballot.
        today: the day by the server's clock.

    Raises:
        QuestionsClosed: after the deadline or the opening, or before the seal.
        BadQuestion: the text is not one that can be passed on.
        TooManyQuestions: this voter has asked MOST_EACH.
        QuestionsFull: the session has as many as the book keeps.
        Refused: no such official.
    """
    question = checked(text)
    taken = question_time(datadir, session, today).taken
    if session.definition is None or session.on_paper or not taken:
        raise QuestionsClosed("questions are taken from the seal until the deadline")
    if not 1 <= official <= len(session.officials):
        raise Refused("the ballot has no official with this number")
    counts.count(session.uuid, person)
    await book.questions.ask(session.uuid, official, question)


def checked(text: str) -> str:
    """The text as it is kept: composed, trimmed, nothing in it that cannot be seen.

    Raises:
        BadQuestion: empty, too long, or with characters that could deceive.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    lines = [line.strip() for line in composed.split("\n")]
    if not composed or len(composed) > MOST_LETTERS or len(lines) > _MOST_LINES:
        raise BadQuestion(f"1 to {MOST_LETTERS} letters on at most {_MOST_LINES} lines")
    try:
        return "\n".join(cells.phrase(line, MOST_LETTERS) for line in lines)
    except Fault as fault:
        raise BadQuestion(str(fault)) from None


def mark_of(question: Question) -> str:
    """Eight hex digits that name a question on a list: of the official and the text alone."""
    named = f"{question.official}\n{question.text}"
    return hashlib.sha256(named.encode()).hexdigest()[:8]


def screened(collected: Iterable[Question], left_out: Iterable[str]) -> list[Question]:
    """The questions that are passed on, all but those with these marks.

    Raises:
        Refused: no question has this mark.
    """
    by_mark = {mark_of(question): question for question in collected}
    for mark in left_out:
        if by_mark.pop(mark.lower(), None) is None:
            raise Refused(f"no question has the mark {mark}: see phieukin questions list")
    return list(by_mark.values())


def in_order(questions: Iterable[Question]) -> list[Question]:
    """By official, then by a hash of the text: an order that tells nothing."""
    return sorted(questions, key=lambda q: (q.official, hashlib.sha256(q.text.encode()).digest()))
