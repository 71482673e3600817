"""How many members the body has: what session.json says, and not fewer than its roster."""

from dataclasses import replace

import pytest

from admin.record import results
from crypto.errors import BadRecord
from tests import testkit
from tests.verdicts import judge


def test_members_are_not_fewer_than_the_roster():
    """A record whose roster has grown past what session.json says is sound."""
    few = testkit.seal(human=replace(testkit.HUMAN, delegates=3))
    votes = [few.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]
    parts = few.sign(few.archived(votes))

    assert few.human.members(testkit.ROSTER) == testkit.ROSTER
    assert testkit.HUMAN.members(testkit.ROSTER) == testkit.HUMAN.delegates
    assert judge(few.bundle(parts)).error is None


def test_such_results_are_not_made():
    """No results document has more ballots than members."""
    parameters, human = testkit.session().parameters, replace(testkit.HUMAN, delegates=8)

    with pytest.raises(BadRecord, match="collected 9 is more than delegates 8"):
        results.document(parameters, testkit.TOTALS, cast=9, session_file=human)
    document = results.document(parameters, testkit.TOTALS, cast=9, session_file=human, roster=13)
    assert document["officials"][0]["counts"]["high"] == testkit.TOTALS[0][0]
