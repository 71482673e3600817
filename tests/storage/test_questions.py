"""Voters' questions: kept without who asked, when, or after whom."""

import sqlite3
from contextlib import closing

import pytest

from crypto.errors import UnknownSession, WrongState
from crypto.lifecycle import Step
from storage.books import open_registrar
from storage.errors import QuestionsFull
from storage.registrar import questions
from storage.registrar.questions import Question
from storage.registrar.tables import TABLES
from tests.storage.sample import OTHER, TO_CLOSED, UUID, login, person, registrar_at


async def test_a_question_is_kept_once_and_belongs_to_its_session(registrar):
    await registrar_at(registrar, Step.SEAL)
    await registrar.add_session(OTHER, b"human")
    await registrar.move(OTHER, Step.SEAL)
    for _ in "12":
        await registrar.questions.ask(UUID, 2, "Vì sao?")
    await registrar.questions.ask(UUID, 1, "Vì sao?")

    assert sorted(await registrar.questions.all(UUID), key=lambda question: question.official) == [
        Question(1, "Vì sao?"),
        Question(2, "Vì sao?"),
    ]
    assert await registrar.questions.all(OTHER) == []
    with pytest.raises(UnknownSession):
        await registrar.questions.ask("sampLeSessi0nC", 1, "Vì sao?")


@pytest.mark.parametrize("steps", [(), TO_CLOSED[:3], TO_CLOSED])
async def test_none_is_kept_before_the_seal_or_after_the_opening(registrar, steps):
    await registrar_at(registrar, *steps)
    with pytest.raises(WrongState):
        await registrar.questions.ask(UUID, 1, "Vì sao?")
    assert await registrar.questions.all(UUID) == []


async def test_a_session_has_room_for_so_many(registrar, monkeypatch):
    monkeypatch.setattr(questions, "MOST", 2)
    await registrar_at(registrar, Step.SEAL)
    for text in "ab":
        await registrar.questions.ask(UUID, 1, text)
    await registrar.questions.ask(UUID, 1, "a")
    with pytest.raises(QuestionsFull):
        await registrar.questions.ask(UUID, 1, "c")


def test_a_row_has_no_place_for_a_person_a_time_or_an_order():
    """A column more is a decision that this test must be told of."""
    table = TABLES.tables["questions"]
    assert set(table.c.keys()) == {"uuid", "id", "official", "text"}
    assert {key.target_fullname for key in table.foreign_keys} == {"sessions.uuid"}
    assert table.dialect_kwargs["sqlite_with_rowid"] is False
    referring = [referrer for referrer in TABLES.tables.values() if referrer is not table]
    keys = (key.target_fullname for referrer in referring for key in referrer.foreign_keys)
    assert not any(key.startswith("questions.") for key in keys)


async def test_the_file_tells_nothing_of_who_asked(tmp_path):
    """Logins and questions come in turn; afterwards nothing on the disk pairs them.

    The log, in which they stood one after the other, is empty; in the book the questions lie in
    the order of their random keys, the logins in that of their hashes.
    """
    book = await open_registrar(f"sqlite:///{tmp_path}/registrar.db")
    await registrar_at(book, Step.SEAL, voters=12)
    texts = [f"question number {number:02d} of somebody" for number in range(12)]
    for number, text in enumerate(texts):
        await book.add_login(login(number))
        await book.questions.ask(UUID, 1, text)

    assert (tmp_path / "registrar.db-wal").stat().st_size == 0
    raw = (tmp_path / "registrar.db").read_bytes()
    with closing(sqlite3.connect(tmp_path / "registrar.db")) as look:
        keyed = look.execute("SELECT id, text FROM questions ORDER BY id").fetchall()
        tables = [name for (name,) in look.execute("SELECT name FROM sqlite_schema") if name]
        elsewhere = [
            bytes(str(row), "utf-8") + b"".join(cell for cell in row if isinstance(cell, bytes))
            for name in tables
            if name != "questions" and not name.startswith("sqlite_")
            for row in look.execute(f"SELECT * FROM {name}")  # noqa: S608
        ]
    at = {text: raw.index(text.encode()) for text in texts}
    assert raw.count(b"question number") == len(texts)
    assert [text for _, text in keyed] in (
        sorted(texts, key=at.get),  # type: ignore[arg-type]
        sorted(texts, key=at.get, reverse=True),  # type: ignore[arg-type]
    )
    assert not any(key in row for key, _ in keyed for row in elsewhere)
    assert not any(person(n).person in key for n in range(12) for key, _ in keyed)
    await book.close()


async def test_the_order_would_be_seen_without_the_rewriting(tmp_path, monkeypatch):
    """The test above looks at the right place: in the log questions stand as they came."""
    book = await open_registrar(f"sqlite:///{tmp_path}/registrar.db")
    await registrar_at(book, Step.SEAL)

    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(book._database, "rewrite", nothing)
    for number in range(3):
        await book.questions.ask(UUID, 1, f"question number {number}")

    log = (tmp_path / "registrar.db-wal").read_bytes()
    places = [log.index(f"question number {number}".encode()) for number in range(3)]
    assert places == sorted(places)
    await book.close()
