"""The honest record of the forgeries: nine ballots on three officials, and everything optional.

Two khối, an amendment of the roster, ballots on paper before and after the opening.
"""

from dataclasses import replace
from functools import cache

from admin.record.session_file import Block
from crypto.audit.evidence import PaperBallots
from crypto.checkpoint import Amendment
from tests import testkit
from tests.testkit import HUMAN, VOTES, Parts, Session

BLOCKS = (Block("Khối Hội đồng nhân dân", 1), Block("Khối Ủy ban nhân dân", 2))
AMENDMENT = Amendment(1, 2, 1, "ab" * 32, "Bổ sung hai đại biểu, một đại biểu chuyển công tác")
PAPER = PaperBallots(opening=1, present=1, late=1)


@cache
def world() -> Session:
    """Everybody's keys."""
    human = replace(HUMAN, blocks=BLOCKS, honorifics=("Ông", "Bà", "Ông"), tier="commune")
    sealed = testkit.seal(human=human, channels=("browser", "cli", "paper"))
    return replace(sealed, amendments=(AMENDMENT,), paper=PAPER)


@cache
def honest() -> Parts:
    """The record that they make; trustees 1 and 3 open it."""
    sealed = world()
    return sealed.sign(sealed.archived(sealed.vote(i, votes) for i, votes in enumerate(VOTES)))


@cache
def bundled() -> bytes:
    return world().bundle(honest())
