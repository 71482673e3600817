"""admin/session/session.py: one value for a session, and one answer to how it votes."""

from dataclasses import replace

import pytest

from admin.record.paper_definition import OnPaper
from admin.rules import zones
from admin.session.definition import Definition
from admin.session.session import Session
from admin.session.terms import Terms
from bot.chat.desk import Sitting
from bot.chat.pages import Voice
from crypto.errors import Incomplete, Malformed, WrongState
from crypto.lifecycle import State
from storage.rows import SessionRow
from tests import testkit
from tests.worlds.paper import definition

SEALED = testkit.session()
DRAFT = SessionRow(testkit.UUID, State.DRAFT, testkit.HUMAN.encode(), None, None)
ELECTRONIC = replace(
    DRAFT,
    state=State.SEALED,
    terms=Terms(3, 2, 2, 3).encode(),
    election=SEALED.election.raw,
    trustees=SEALED.trustees.encode(),
)
PAPER_POLICY = replace(SEALED.parameters.policy, channels=("paper",))
ON_PAPER = replace(
    DRAFT,
    state=State.SEALED,
    paper=definition(SEALED.parameters.officials[:1], PAPER_POLICY).encode(),
)


def test_a_draft_has_neither_rules_nor_officials():
    """Asked for what the seal fixes it refuses; what it was registered with is there."""
    session = Session.of_row(DRAFT)
    assert (session.session_file, session.on_paper, session.takes_paper) == (
        testkit.HUMAN,
        False,
        False,
    )
    for name in ("electronic", "officials", "policy", "regime"):
        with pytest.raises(WrongState, match="has not been sealed"):
            getattr(session, name)
    with pytest.raises(Incomplete):
        _ = session.settled_terms


def test_an_electronic_vote_has_its_definition():
    """Decoded once, however often the session is loaded."""
    session, again = Session.of_row(ELECTRONIC), Session.of_row(ELECTRONIC)
    assert session == again
    assert session.definition is not None
    assert session.electronic.election is again.electronic.election
    assert session.electronic == Definition(SEALED.election, SEALED.parameters, SEALED.trustees)
    assert (session.officials, session.policy) == (
        SEALED.parameters.officials,
        SEALED.parameters.policy,
    )
    assert session.regime.id == SEALED.parameters.policy.regime
    assert session.settled_terms == Terms(3, 2, 2, 3)
    assert (session.on_paper, session.takes_paper) == (False, False)


def test_a_vote_on_paper_has_no_electronic_part():
    """The same questions have answers: who is rated, by which rules."""
    session = Session.of_row(ON_PAPER)
    assert (session.on_paper, session.takes_paper) == (True, True)
    assert (session.officials, session.policy) == (SEALED.parameters.officials[:1], PAPER_POLICY)
    with pytest.raises(OnPaper):
        _ = session.electronic


def test_a_mixed_vote_takes_paper_and_is_not_on_paper():
    """Its definition is that of an electronic vote with one channel more."""
    policy = replace(SEALED.parameters.policy, channels=("browser", "paper"))
    definition = replace(
        Session.of_row(ELECTRONIC).electronic, parameters=replace(SEALED.parameters, policy=policy)
    )
    session = replace(Session.of_row(ELECTRONIC), definition=definition)
    assert (session.on_paper, session.takes_paper) == (False, True)


def test_a_cancelled_session_stays_what_it_was():
    """How it voted is what was sealed, not what its state allows to be inferred."""
    assert Session.of_row(replace(ON_PAPER, state=State.CANCELLED)).on_paper
    assert not Session.of_row(replace(DRAFT, state=State.CANCELLED)).on_paper


def test_times_go_by_the_clock_of_the_body():
    """A server in UTC ends no day and names no hour of its own."""
    evening = 1_796_662_800.0  # 2026-12-07 17:00 UTC, midnight in Vietnam
    session = Session.of_row(DRAFT)
    assert (session.today(evening - 1).day, session.today(evening).day) == (7, 8)
    sitting = Sitting(session, State.DRAFT)
    assert sitting.clock(int(evening) - 1, Voice("vi")) == "23 giờ 59 phút 59 giây"
    assert sitting.clock(int(evening) + 300, Voice("vi")) == "0 giờ 05 phút"
    abroad = replace(session, session_file=replace(session.session_file, zone="Europe/Paris"))
    assert abroad.today(evening).day == 7
    assert Sitting(abroad, State.DRAFT).clock(int(evening), Voice("en")) == "18:00"


@pytest.mark.parametrize("name", ["", "Hà Nội", "Asia/Hanoi2", "../../etc/passwd", "/etc/passwd"])
def test_what_is_no_zone(name: str):
    """Named, with one that is."""
    with pytest.raises(Malformed, match=zones.DEFAULT):
        zones.named(name)
