"""admin/lifecycle/steps.py: when a step may be taken, and what stands against it, as data."""

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from admin.lifecycle import electronic, steps
from admin.lifecycle.steps import RULES, Act, Request
from admin.session.books import Books, opened
from admin.session.terms import Terms
from crypto.errors import Refused, WrongState
from crypto.lifecycle import State, Step
from tests import testkit
from tests.admin.lifecycle.test_venues import held
from tests.admin.lifecycle.test_venues import uuid as uuid_of
from tests.worlds import hall
from tests.worlds.paper import definition

STEPS = (Step.CHECK_IN, Step.OPEN, Step.CLOSE, Step.TALLY, Step.PUBLISH)
STATES = (State.SEALED, State.CHECKIN, State.OPEN, State.CLOSED, State.TALLIED, State.PUBLISHED)
NOW = 1_800_000_000
PAPER = replace(testkit.session().parameters.policy, channels=("paper",))


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    """Both books of a new data directory."""
    async with opened(hall.datadir(tmp_path)) as both:
        yield both


async def sealed(books: Books, state: State = State.SEALED) -> hall.Sealed:
    """A session with a box, as far as that state; every checkpoint of it is signed."""
    session = hall.defined(books.datadir)
    await hall.store(books, session)
    await session.moving(books, *STEPS[: STATES.index(state)])
    return session


async def on_paper(books: Books) -> str:
    """A session that votes on paper only."""
    uuid, book = testkit.UUID, books.registrar
    session_json = testkit.HUMAN.encode()
    await book.add_session(uuid, session_json)
    await book.update_draft(uuid, Terms(0, 0, 0, 2).encode(), session_json)
    officials = testkit.session().parameters.officials
    await book.propose_on_paper(uuid, session_json, definition(officials, PAPER).encode())
    await book.move(uuid, Step.SEAL)
    return uuid


async def codes(books: Books, uuid: str, act: Act, count: int = 0) -> dict[str, object]:
    """What stands against a step, by code; the facts of each."""
    session = await books.session(uuid)
    reasons = await steps.reasons(books, session, Request(act, count, NOW))
    return {reason.code: dict(reason.facts) for reason in reasons}


@pytest.mark.parametrize("state", STATES)
async def test_every_act_is_refused_in_every_other_state(books: Books, state: State):
    """With the state as a fact; in the states of the table it is not the state that refuses."""
    session = await sealed(books, state)
    for act in Act:
        wrong = (await codes(books, session.uuid, act)).get("wrong_state")
        assert wrong == (None if state in RULES[act].states else {"state": state}), act


def test_what_may_be_repeated_leads_nowhere():
    """A repetition is never a state in which the step would lead on."""
    assert [act for act in Act if RULES[act].states & RULES[act].repeated] == []
    for act, state in product(Act, State):
        if state not in RULES[act].states:
            assert str(state) in str(RULES[act].refusal(state))


async def test_the_head_count_is_compared_with_roster_and_tokens(books: Books):
    session = await sealed(books, State.CHECKIN)
    person = (await books.registrar.roster(session.uuid))[0].person
    await books.registrar.issue(session.uuid, person, bytes(32), b"answer", "browser")

    assert await codes(books, session.uuid, Act.PRESENT, hall.VOTERS) == {}
    assert await codes(books, session.uuid, Act.PRESENT, hall.VOTERS + 1) == {
        "present_over_roster": {"count": hall.VOTERS + 1, "roster": hall.VOTERS}
    }
    assert await codes(books, session.uuid, Act.PRESENT, 0) == {
        "present_under_issued": {"count": 0, "issued": 1}
    }
    with pytest.raises(Refused, match="1 tokens are out, but only 0 are present"):
        await steps.set_present(books, session.uuid, 0)
    assert (await books.session(session.uuid)).present is None


async def test_everything_against_an_opening_is_told_at_once(books: Books):
    """First what refuses, then what should be known; each goes when its cause is gone."""
    session = await sealed(books, State.CHECKIN)
    await books.box.register(session.uuid, bytes(32), b"token of nobody")
    assert await codes(books, session.uuid, Act.OPEN) == {
        "present_missing": {},
        "unissued_credentials": {"registered": 1, "issued": 0},
        "few_credentials": {"registered": 1, "least": 5},
        "untried": {"missing": "1, 2, 3", "needed": 2},
    }

    await steps.set_present(books, session.uuid, 7)
    for owner in (1, 3):
        await books.registrar.note_key_check(session.uuid, owner, steps.trial_day(NOW))
    assert await codes(books, session.uuid, Act.OPEN) == {
        "no_quorum": {"present": 7, "whole": hall.VOTERS, "quorum": "2/3"},
        "unissued_credentials": {"registered": 1, "issued": 0},
        "few_credentials": {"registered": 1, "least": 5},
    }


@pytest.mark.parametrize("state", [State.DRAFT, State.SEALED, State.CHECKIN, State.OPEN])
async def test_a_session_waits_for_the_one_before(books: Books, state: State):
    """The step itself refuses, not only the question before it."""
    await held(books, 1, state=state)
    await held(books, 2, state=State.CHECKIN, after=uuid_of(1))

    assert (await codes(books, uuid_of(2), Act.OPEN))["before_not_closed"] == {"before": uuid_of(1)}
    with pytest.raises(WrongState, match=rf"{uuid_of(1)} comes first and is {state}"):
        await steps.open_voting(books, uuid_of(2))
    assert (await books.session(uuid_of(2))).state == State.CHECKIN


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (State.CLOSED, 1, None),
        (State.FAILED, 1, None),
        (State.CANCELLED, 1, "before_cancelled"),
        (State.CLOSED, 9, "before_unknown"),
    ],
)
async def test_what_nobody_here_knows_is_asked_of_a_person(
    books: Books, before: State, after: int, code: str | None
):
    """A closed session lets the next open: its result need not be known, and may never be."""
    await held(books, 1, state=before)
    await held(books, 2, state=State.CHECKIN, after=uuid_of(after))

    against = await codes(books, uuid_of(2), Act.OPEN)
    expected = {} if code is None else {code: {"before": uuid_of(after)}}
    assert next(iter(against)) == "present_missing"  # what refuses comes before what only warns
    assert {key: facts for key, facts in against.items() if key.startswith("before")} == expected


async def test_an_interrupted_step_is_still_to_be_taken(books: Books):
    """Until both books have made it and its checkpoint is signed, the state is the one before."""
    session = await sealed(books, State.CHECKIN)
    await steps.set_present(books, session.uuid, hall.VOTERS)
    await books.registrar.move(session.uuid, Step.OPEN)

    assert await steps.standing(books, await books.session(session.uuid)) == State.CHECKIN
    await books.box.move(session.uuid, Step.OPEN)
    assert await steps.standing(books, await books.session(session.uuid)) == State.CHECKIN
    with pytest.raises(WrongState, match='"close" is possible only from: open'):
        await steps.close(books, session.uuid)

    opening = await steps.open_voting(books, session.uuid)
    assert opening is not None
    assert await steps.standing(books, await books.session(session.uuid)) == State.OPENING


async def test_an_announced_end_comes_earlier_and_a_chair_puts_none_off(books: Books):
    """The terminal may; once the end has passed it stays, for ballots may have been refused."""
    session = await sealed(books, State.OPEN)
    assert await steps.announce_close(books, session.uuid, NOW, 600) == NOW + 600
    assert await codes(books, session.uuid, Act.CLOSE) == {"closing_already": {"closes": NOW + 600}}
    chair = {"put_off": False}
    assert await steps.announce_close(books, session.uuid, NOW, 900, **chair) == NOW + 600
    assert await steps.announce_close(books, session.uuid, NOW, 300, **chair) == NOW + 300
    assert await steps.announce_close(books, session.uuid, NOW, 900) == NOW + 900
    assert await steps.announce_close(books, session.uuid, NOW + 901, 60) == NOW + 900

    assert await steps.due(books, NOW + 899) == []
    assert await steps.due(books, NOW + 900) == [session.uuid]


async def test_an_interrupted_close_is_due_whenever(books: Books):
    """Whoever serves finishes it; afterwards it may be repeated, and gives the same."""
    session = await sealed(books, State.OPEN)
    await books.box.move(session.uuid, Step.CLOSE)
    assert await steps.due(books, 0) == [session.uuid]

    closing = await steps.close(books, session.uuid)
    assert await steps.due(books, 0) == []
    assert await steps.close(books, session.uuid) == closing
    assert await steps.finish_close(books, session.uuid) == closing
    assert await steps.announce_close(books, session.uuid, NOW, 60) is None


async def test_without_shares_nothing_is_published(books: Books, monkeypatch: pytest.MonkeyPatch):
    """An open session is refused before any worker is started."""
    session = await sealed(books, State.OPEN)
    monkeypatch.setattr(electronic, "count", None)
    with pytest.raises(WrongState, match="published after the close; the session is open"):
        await steps.publish(books, session.uuid, lambda: pytest.fail("no audit is due"))


async def test_a_vote_on_paper_goes_the_same_way(books: Books):
    """Without keys, box and checkpoints; nobody serves its close, and it does not fail."""
    uuid = await on_paper(books)
    assert await codes(books, uuid, Act.FAIL) == {
        "on_paper": {},
        "wrong_state": {"state": State.SEALED},
    }
    await steps.check_in(books, uuid)
    assert await codes(books, uuid, Act.OPEN) == {"present_missing": {}}
    await steps.set_present(books, uuid, 0)
    assert await steps.open_voting(books, uuid) is None
    assert await steps.announce_close(books, uuid, NOW, 60) is None
    assert await steps.due(books, NOW + 60) == []
    assert await steps.close(books, uuid) is None
    assert await steps.close(books, uuid) is None
    assert await steps.due(books, NOW + 60) == []
    assert await codes(books, uuid, Act.PUBLISH) == {"paper_not_entered": {}}
    await steps.note(books, uuid, "mất điện")
    assert await books.registrar.entries(uuid) == ["mất điện"]


async def test_a_cancelled_session_is_cancelled_once(books: Books):
    """With one line in the journal, also where the box had not heard of it, and when repeated."""
    session = await sealed(books, State.OPEN)
    await books.registrar.move(session.uuid, Step.CANCEL, entry="cancelled: power cut")
    await steps.cancel(books, session.uuid, "power cut")

    assert await books.registrar.entries(session.uuid) == ["cancelled: power cut"]
    await steps.cancel(books, session.uuid, "again")
    assert await books.registrar.entries(session.uuid) == ["cancelled: power cut"]
    assert await codes(books, session.uuid, Act.CANCEL) == {
        "wrong_state": {"state": State.CANCELLED}
    }
