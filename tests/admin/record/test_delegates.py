"""A record whose session.json has fewer members than ballots contradicts itself."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from admin.record import bundle, results
from admin.record.audit import AuditOptions, audit_file
from crypto.errors import BadRecord
from tests import testkit


def test_fewer_members_than_ballots_is_a_defect(tmp_path: Path):
    """The audit fails it like any other defect; it is no refusal of a request."""
    few, enough = replace(testkit.HUMAN, delegates=3), testkit.HUMAN
    sealed = testkit.seal(human=few)
    votes = [sealed.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]
    parts = replace(sealed, human=enough).sign(sealed.archived(votes))
    side = {**parts.side, "session.json": few.encode()}
    path = tmp_path / "record.zip"
    with path.open("wb") as target:
        bundle.write(target, few.uuid, io.BytesIO(parts.archive), side, sealed.chair)

    outcome = audit_file(path, AuditOptions())

    assert type(outcome.error) is BadRecord
    assert outcome.report.checks[-1].id == "results"


def test_such_results_are_not_made():
    """Neither is a results document of such counts ever written."""
    parameters, human = testkit.session().parameters, replace(testkit.HUMAN, delegates=8)

    with pytest.raises(BadRecord, match="collected 9 is more than delegates 8"):
        results.document(parameters, testkit.TOTALS, cast=9, session_file=human)
