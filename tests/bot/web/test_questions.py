"""Questions to the officials, over HTTP: who may ask, until when, how much; never who did."""

import sqlite3
import time
from contextlib import closing
from datetime import date, timedelta

import pytest

from admin.office import plan, questions
from admin.office.plan import Plan
from admin.rules import zones
from admin.rules.calendar import Deadline, OwnDays
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Client, code

PATH = "/api/v1/registrar/questions"
TEXT = "Xin giải trình về dự án cầu số 3.\nĐến bao giờ xong?"


def planned(where, session, until: date) -> None:
    """A plan whose only deadline is that of questions."""
    words = {"vi": "x", "en": "x"}
    due = Deadline.model_validate(
        {"key": "questions", "who": words, "what": words, "days": 0, "rule": "x", "questions": True}
    )
    fixed = {"uuid": session.uuid, "body": "b", "title": "t", "regime": "qd96-2023", "done": ()}
    facts = {"organ": "council", "vote": until, "opening": None, "own": OwnDays()}
    plan.keep(where, Plan(**fixed, **facts, deadlines=(due,)))  # type: ignore[arg-type]


def ask(client: Client, session, bearer, official: int = 1, text: str = TEXT, **more):
    body = {"uuid": session.uuid, "official": official, "text": text, **more}
    return client.call("POST", PATH, json=body, headers=bearer)


def kept(where, session) -> list[tuple[int, str]]:
    kept_questions = hall.with_books(
        where, lambda books: books.registrar.questions.all(session.uuid)
    )
    return [(question.official, question.text) for question in questions.in_order(kept_questions)]


def test_a_voter_asks_from_the_seal_until_the_opening(where, client):
    session = hall.sealed(where)
    bearer = client.bearer(session, session.voters[0])
    first = client.call("GET", PATH, headers=bearer).json()
    assert first == {"taken": True, "until": None, "left": 10, "most_letters": 1000}
    answers = [ask(client, session, bearer, 2), ask(client, session, bearer, 2)]
    assert [(answer.status_code, answer.json()["left"]) for answer in answers] == [
        (201, 9),
        (201, 8),
    ]
    assert kept(where, session) == [(2, TEXT)]

    session.move(Step.CHECK_IN)
    assert ask(client, session, bearer, 1).status_code == 201
    session.move(Step.OPEN)
    assert client.call("GET", PATH, headers=bearer).json()["taken"] is False
    assert code(ask(client, session, bearer, 3)) == (409, "questions_closed")
    assert len(kept(where, session)) == 2


@pytest.mark.parametrize(("days", "taken"), [(1, True), (0, True), (-1, False)])
def test_the_deadline_of_the_plan_ends_with_its_day(where, client, days, taken):
    session, until = (
        hall.sealed(where),
        zones.today(time.time(), zones.DEFAULT) + timedelta(days=days),
    )
    planned(where, session, until)
    bearer = client.bearer(session, session.voters[0])
    standing = client.call("GET", PATH, headers=bearer).json()
    assert (standing["taken"], standing["until"]) == (taken, until.isoformat())
    assert (ask(client, session, bearer).status_code == 201) is taken
    assert len(kept(where, session)) == taken


def test_a_bearer_of_another_session_cannot_ask(where, client):
    """Nor a stranger, nor a trustee; each beside a voter who can."""
    session, second = hall.sealed(where), hall.sealed(where)
    ours, theirs = (
        client.bearer(session, session.voters[0]),
        client.bearer(second, second.voters[0]),
    )
    trustee = client.bearer(session, session.trustees[0])

    assert code(ask(client, session, theirs)) == (401, "bad_code")
    assert code(ask(client, session, {})) == (401, "bad_code")
    assert code(ask(client, session, trustee))[0] == 403
    assert code(client.call("GET", PATH)) == (401, "bad_code")
    assert (kept(where, session), kept(where, second)) == ([], [])
    assert ask(client, session, ours).status_code == 201


def test_one_voter_asks_so_many_and_another_still_may(where, client):
    """A second login of the same voter makes no difference."""
    session = hall.sealed(where)
    bearer = client.bearer(session, session.voters[0])
    for number in range(questions.MOST_EACH):
        assert ask(client, session, bearer, 1, f"Câu {number}").status_code == 201
    again = client.bearer(session, session.voters[0])
    assert client.call("GET", PATH, headers=again).json()["left"] == 0
    assert code(ask(client, session, again)) == (403, "too_many_questions")
    assert ask(client, session, client.bearer(session, session.voters[1])).status_code == 201


@pytest.mark.parametrize(
    "text", ["", "  \n ", "x" * 1001, "a\u202eb", "a\x00b", "a\tb", "\n".join("x" * 31)]
)
def test_a_text_that_cannot_be_passed_on_is_refused(where, client, text):
    session = hall.sealed(where)
    bearer = client.bearer(session, session.voters[0])
    assert code(ask(client, session, bearer, 1, text)) == (400, "bad_question")
    assert client.call("GET", PATH, headers=bearer).json()["left"] == questions.MOST_EACH
    assert kept(where, session) == []


def test_a_text_is_kept_composed_and_trimmed(where, client):
    """Also the longest, all of whose letters are spelled as escapes."""
    session = hall.sealed(where)
    bearer = client.bearer(session, session.voters[0])
    assert ask(client, session, bearer, 1, "  Vi\u0300 sao?\r\n ").status_code == 201
    assert ask(client, session, bearer, 2, "\U0001f33e" * 1000).status_code == 201
    assert kept(where, session) == [(1, "Vì sao?"), (2, "\U0001f33e" * 1000)]


def test_what_is_no_question_is_refused(where, client):
    """An official who is not there, another field, too many bytes."""
    session = hall.sealed(where)
    bearer = client.bearer(session, session.voters[0])
    for official in (0, 4, -1):
        assert code(ask(client, session, bearer, official))[0] == 403
    assert code(ask(client, session, bearer, 1, name="Lan"))[0] == 400
    assert code(ask(client, session, bearer, 1, "x" * 3000))[0] == 400
    assert code(ask(client, session, bearer, 1, "x" * 20_000)) == (413, "too_large")
    assert kept(where, session) == []


def test_nothing_in_the_books_pairs_who_asked_with_what(where, client):
    """Every row of every table: who is in none with a question, and the counts are nowhere."""
    session = hall.sealed(where, Step.CHECK_IN)
    for number in range(3):
        ask(
            client,
            session,
            client.bearer(session, session.voters[number]),
            1,
            f"Câu hỏi số {number}",
        )
    with closing(sqlite3.connect(where.folder / "registrar.db")) as book:
        names = [
            name for (name,) in book.execute("SELECT name FROM sqlite_schema WHERE type='table'")
        ]
        persons = {bytes(row[0]) for row in book.execute("SELECT person FROM persons")}
        rows = {name: book.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608
    rows_here = [row for row in rows["questions"] if session.uuid in row]
    keys = {cell for row in rows["questions"] for cell in row if isinstance(cell, bytes)}
    tables = {name for name in names for row in rows[name] if "Câu hỏi số" in str(row)}

    assert len(rows_here) == 3
    assert tables == {"questions"}
    assert not {cell for row in rows["questions"] for cell in row} & persons
    assert not any(keys & set(row) for name in names if name != "questions" for row in rows[name])
