"""Rules that do not come with the program travel with the session, and the audit uses them."""

import json
from dataclasses import replace
from importlib import resources

import pytest

from admin.record import results
from admin.record.session_file import SessionFile
from admin.rules import regime
from crypto.encoding import canonical, sha256
from crypto.errors import Incomplete, Malformed
from crypto.session import define
from tests import testkit
from tests.verdicts import Verdict, judge

SOURCE = (resources.files("admin.rules") / "nq96-2023" / "regime.toml").read_text("utf-8")
# A quarter of low marks already counts: nothing built in says so.
OWN = regime.decode(
    SOURCE.replace("nq96-2023", "hoi-2026").replace("[1, 2]", "[1, 4]").encode(), "own.toml"
)
WITH = replace(testkit.HUMAN, rules=OWN)


def sealed(human: SessionFile, name: str = "hoi-2026", raw: bytes | None = None) -> Verdict:
    """An honest session under these rules, audited."""
    base = testkit.session()
    policy = replace(base.parameters.policy, regime=name)
    session_json = raw or human.encode()
    election = define(
        name=testkit.HUMAN.name, description="", uuid=testkit.UUID, trustees=base.trustees,
        parameters=replace(base.parameters, session=sha256(session_json), policy=policy),
    )  # fmt: skip
    own_session = replace(base, election=election, human=human)
    votes = [own_session.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]
    parts = own_session.sign(own_session.archived(votes))
    return judge(own_session.bundle(parts if raw is None else parts.with_side(session=raw)))


def test_a_record_under_rules_of_its_own_is_audited_by_them():
    outcome = sealed(WITH)
    document = results.document(
        replace(testkit.session().parameters, policy=replace(
            testkit.session().parameters.policy, regime="hoi-2026")),
        testkit.TOTALS, cast=9, session_file=WITH,
    )  # fmt: skip

    assert outcome.error is None
    assert document["regime"] == "hoi-2026"
    assert any(official["finding"] for official in document["officials"])


def test_rules_of_another_name_do_not_pass():
    """The definition, which everybody signed, says which rules hold."""
    renamed = OWN.model_copy(update={"id": "hoi-2027"})
    raw = replace(WITH, rules=renamed).encode()
    outcome = sealed(WITH, raw=raw)

    assert (outcome.kind, outcome.failed) == ("BadDefinition", "levels")


def test_rules_under_the_name_of_built_in_ones_do_not_pass():
    raw = replace(WITH, rules=OWN.model_copy(update={"id": "nq96-2023"})).encode()

    with pytest.raises(Malformed, match="nq96-2023 is a built-in regime"):
        SessionFile.decode(raw)


def test_without_the_rules_nothing_is_computed():
    with pytest.raises(Incomplete, match="hoi-2026 is not known"):
        testkit.HUMAN.regime("hoi-2026")


def test_rules_have_one_spelling():
    document = json.loads(WITH.encode())

    assert SessionFile.decode(canonical(document)) == WITH
    assert b"quorum" in WITH.encode()
    document["rules"]["eligibility"][0]["least"] = None
    with pytest.raises(Malformed, match="not the canonical spelling"):
        SessionFile.decode(canonical(document))


@pytest.mark.parametrize("rules", [{}, [], "nq96-2023", {"id": "x"}])
def test_what_are_no_rules_is_refused(rules: object):
    with pytest.raises(Malformed, match=r"session[.]json[.]rules"):
        SessionFile.decode(canonical(json.loads(testkit.HUMAN.encode()) | {"rules": rules}))


@pytest.mark.parametrize("name", regime.builtin_ids())
def test_a_regime_is_written_as_it_is_read(name: str):
    loaded = regime.load(name)

    assert regime.decode(regime.encode(loaded).encode(), "x.toml") == loaded
    assert regime.from_json(regime.to_json(loaded), "x") == loaded
