"""crypto/audit/archive.py: whatever is altered in an archive is refused, and by the right name."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from crypto.audit.archive import SHARES, encode_credentials, size_limit
from crypto.encoding import canonical, parse, to_base64
from crypto.errors import Malformed
from crypto.session import Election
from crypto.tally import encode_statements
from crypto.trustees import Trustees
from tests import testkit
from tests.forgery import forge_share
from tests.mutants import Mutant, mutants, spellings
from tests.testkit import Parts, honest, product, session
from tests.verdicts import (
    Rules,
    Verdict,
    audit_bytes,
    audited,
    judge_archive,
    judge_bundle,
    survivors,
)

# Where a change leaves a shape, a type or a spelling that no honest program writes.
SHAPE = (
    r".* (missing|removed|duplicated|renamed|null|number|string|longer|upper|reordered|emptied"
    r"|added|added null|bidi|decomposed|scalar q|leading zero|identity|torsion)"
)
# A digit more or another digit may still be a scalar or an element, then the meaning is wrong.
EITHER = r".* (longer|digit)"

ELECTION: Rules = [
    (r"\.uuid longer", "Malformed at definition"),  # with a letter that Base58 does not have
    # Acceptable in another session: φ is what tells them apart, and no ballot fits.
    (r"\.(description|name|uuid) (longer|letter)", "BadBallot at ballots"),
    (r"\.phieukin missing", "BadBallot at ballots"),
    (r"\.phieukin\.(session|roster\.mac) (digit|element|identity|torsion)", "BadBallot at ballots"),
    (r"\.phieukin\.policy\.min_ballots -1", "Malformed at definition"),  # below the floor
    (r"\.phieukin\.(roster\.size|policy\.min_ballots) [+-]1", "BadBallot at ballots"),
    (r"\.phieukin\.policy\.channels swapped", "Malformed at definition"),  # they have one order
    (r"\.phieukin\.policy\.channels removed", "BadBallot at ballots"),
    (r"\.phieukin\.policy\.regime (longer|letter)", "BadBallot at ballots"),
    (r"\.phieukin\.policy\.(rehearsal flipped|check_seconds [+-]1)", "BadBallot at ballots"),
    (r"\.phieukin\.committee\.members\[\]\.salts swapped", "BadBallot at ballots"),
    (
        r"\.phieukin\.committee\.members\[\]\.salts\[\] (digit|element|identity|torsion)",
        "BadBallot at ballots",
    ),
    (r"\.phieukin\.committee\.threshold \+1", "BadDefinition at definition"),
    (r"\.phieukin\.committee\.members (removed|swapped)", "BadDefinition at definition"),
    # What two fields say, or a field and trustees.json.
    (r"\.public_key (element|digit)", "(BadDefinition|Malformed) at definition"),
    # One digest in sixteen is also an element of the group, and altered like one.
    (r"\.phieukin\.trustees (digit|element|identity|torsion)", "BadDefinition at definition"),
    # Half of all flipped bits give another valid point: then it is not the key of trustees.json.
    (r"\.phieukin\.committee\.members\[\]\.key bit", "(BadDefinition|Malformed) at definition"),
    (
        r"(\.questions(\[\]\.answers)?|\.phieukin\.(officials|policy\.levels)) (swap|remov|dupl).*",
        "(BadDefinition|Malformed) at definition",
    ),
    (r"\.questions\[\]\.(answers\[\]|question) (longer|letter)", "BadDefinition at definition"),
    (r"\.questions\[\]\.min \+1", "BadDefinition at definition"),
    (
        r"\.phieukin\.(officials\[\]\.(name|position)|policy\.levels\[\]\.label) (longer|letter)",
        "BadDefinition at definition",
    ),
    (r".*", "Malformed at definition"),
]
TRUSTEES: Rules = [(r".*", "(Malformed|BadDefinition) at definition")]
CREDENTIALS: Rules = [
    (r" emptied", "UnknownCredential at ballots"),
    (r"\[\] (element|digit)", "(UnknownCredential at ballots|BadCredentials at credentials)"),
    (r".*", "BadCredentials at credentials"),
]
BALLOT: Rules = [
    (r"\.election_(uuid|hash) (null|number|longer|letter|digit|bidi|decomposed)", "BadBallot.*"),
    (EITHER, "(Malformed|BadSignature) at ballots"),
    (r"\.answers (duplicated|missing|renamed)", "Malformed at ballots"),
    # What nobody signed is not decoded; signed again: test_ballot_bytes.py.
    (r"\.answers.*", "BadSignature at ballots"),
    (r".* (element|scalar \+1)", "BadSignature at ballots"),
    (SHAPE, "Malformed at ballots"),
]
TALLY: Rules = [(r".*", "BadTally at tally")]
SIZED: Rules = [
    (r"\.encrypted_tally (digit|element|identity|torsion)", "BadTally at tally"),
    (r".*", "Malformed at tally"),
]
SHARE: Rules = [
    (EITHER, "(Malformed|BadShare) at shares"),
    (r".* (element|identity|swapped|scalar \+1)", "BadShare at shares"),
    (SHAPE, "Malformed at shares"),
]
OWNED: Rules = [
    (r"\.owner -1", "Malformed at shares"),  # 0 is nobody's number
    (r"\.owner \+1|\.payload (digit|element|identity|torsion)", "BadShare at shares"),
    (SHAPE, "Malformed at shares"),
]
RESULT: Rules = [
    (r"\.result(\[\])? swapped|\.result\[\]\[\] \+1", "BadResult at result"),
    (r"\.result\[\]\[\] -1", "(BadResult|Malformed) at result"),  # −1 is no count at all
    (SHAPE, "Malformed at result"),
]


Link = Callable[[Parts, bytes], Parts]
FILES: dict[str, tuple[Callable[[Parts], bytes], Link, Rules]] = {
    "election": (lambda p: p.election, lambda p, raw: replace(p, election=raw), ELECTION),
    "trustees": (lambda p: p.trustees, lambda p, raw: replace(p, trustees=raw), TRUSTEES),
    "credentials": (
        lambda p: p.credentials, lambda p, raw: replace(p, credentials=raw), CREDENTIALS,
    ),
    "ballot": (lambda p: p.ballots[4], lambda p, raw: p.with_ballot(4, raw), BALLOT),
    "tally": (lambda p: p.tally, lambda p, raw: p.with_tally(raw), TALLY),
    "size": (lambda p: p.sized, lambda p, raw: replace(p, sized=raw), SIZED),
    "share 1": (lambda p: p.shares[0][0], lambda p, raw: p.with_share(0, raw), SHARE),
    "share 3": (lambda p: p.shares[1][0], lambda p, raw: p.with_share(1, raw), SHARE),
    "owner": (
        lambda p: p.shares[0][1],
        lambda p, raw: replace(p, shares=((p.shares[0][0], raw), p.shares[1])), OWNED,
    ),
    "result": (lambda p: p.result, lambda p, raw: replace(p, result=raw), RESULT),
}  # fmt: skip


def worth_trying(name: str, mutant: Mutant) -> bool:
    """Not a voter who stayed away, see below; of a ballot, one line (test_ballot.py has all)."""
    if name == "credentials":
        hexes = [credential.hex for credential in session().credentials]
        idle = sorted(hexes).index(hexes[-1])
        return mutant.place != " removed" and mutant.path != f"[{idle}]"
    return name != "ballot" or not re.match(r"\.answers\[[12]\]", mutant.path)


def test_honest_archive_is_accepted():
    """The archive that every deviation below starts from passes, and gives results."""
    verdict = judge_archive(honest())

    assert verdict.error is None
    assert verdict.checks == (
        "archive", "definition", "trustees", "credentials", "ballots", "tally", "enough",
        "shares", "result", "levels", "results",
    )  # fmt: skip
    assert audited(honest().archive).result == testkit.TOTALS


def test_no_archive_is_larger_than_its_definition_allows():
    """With its shares and its result; and the bound is of the order of what it bounds."""
    registered = len(session().credentials)
    limit = size_limit(session().election, registered)

    assert len(honest().archive) <= limit
    assert size_limit(session().election, 500) < 3 * 500 * len(honest().ballots[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_every_change_of_a_file_is_refused(name: str):
    """Each field altered, moved or gone is refused by name, though the archive is linked anew."""
    read, link, rules = FILES[name]
    parts = honest()
    tried = [mutant for mutant in mutants(read(parts)) if worth_trying(name, mutant)]
    assert len(tried) > 8  # of credentials as few, if who stayed away is the first or the last

    wrong = survivors(tried, rules, lambda raw: judge_archive(link(parts, raw)))

    assert wrong == []


SPELLED = {
    "election": "Malformed at definition",
    "trustees": "Malformed at definition",
    "credentials": "BadCredentials at credentials",
    "ballot": "Malformed at ballots",
    "tally": "BadTally at tally",
    "size": "Malformed at tally",
    "share 1": "Malformed at shares",
    "owner": "Malformed at shares",
    "result": "Malformed at result",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SPELLED)
def test_a_value_has_one_spelling(name: str):
    """The same value in other bytes is refused, and so is anything around it."""
    read, link, _ = FILES[name]
    parts = honest()

    verdicts = {what: judge_archive(link(parts, raw)) for what, raw in spellings(read(parts))}

    assert {what: verdict.outcome for what, verdict in verdicts.items()} == dict.fromkeys(
        verdicts, SPELLED[name]
    )
    assert len(verdicts) >= 12


def sealed_with(raw: bytes) -> Parts:
    """An archive whose definition was sealed with this trustees.json, whatever it is."""
    trustees = Trustees.decode(raw)
    value = parse(session().election.raw, "election", limit=1 << 20)
    value["public_key"] = trustees.public_key.hex
    ours = value["phieukin"]
    ours["trustees"], ours["committee"]["threshold"] = trustees.digest, trustees.needed
    for member, key in zip(ours["committee"]["members"], trustees.signing_keys, strict=False):
        member["key"] = to_base64(key.raw)
    return replace(honest(), trustees=raw, election=Election.decode(canonical(value)).raw)


@pytest.mark.slow
def test_every_change_of_sealed_trustees_is_refused():
    """A false trustees.json is refused though the definition was made for it."""

    def judge(raw: bytes) -> Verdict:
        try:
            return judge_archive(sealed_with(raw))
        except Malformed as error:  # nobody could seal it
            return Verdict(error, None, ())

    wrong = survivors(
        mutants(honest().trustees), [(r".*", "BadTrustees at trustees|Malformed at ")], judge
    )

    assert wrong == []


def test_a_voter_who_stayed_away_can_be_hidden_in_the_archive_alone():
    """A credential that did not vote leaves no trace there; tokens and checkpoints have it.

    Scope `archive` cannot see it (tests/crypto/test_evidence.py sees the rest).
    """
    sealed, parts = session(), honest()
    idle = sealed.credentials[-1]
    remaining = [c for c in sealed.credentials if c != idle]

    altered = replace(parts, credentials=encode_credentials(remaining))

    assert judge_archive(altered).error is None
    assert judge_bundle(altered).kind == "BadToken"


def test_another_description_is_another_session():
    """A definition with another text, held honestly, is valid: only φ tells the two apart."""
    another_session = testkit.seal(description="another text")
    votes = [another_session.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]

    parts = another_session.archived(votes)

    assert judge_archive(parts).error is None
    assert another_session.phi != session().phi
    assert judge_archive(parts.with_ballots([*votes[1:], honest().ballots[0]])).kind == "BadBallot"


def test_another_time_is_not_in_the_chain():
    """The archive's timestamp is in no hash; only the manifest of a record fixes it."""
    assert judge_archive(replace(honest(), timestamp=1)).error is None


def test_order_of_shares_says_nothing():
    """Trustee 3 before trustee 1: the same totals."""
    parts = honest()

    assert judge_archive(replace(parts, shares=parts.shares[::-1])).error is None


def test_ballots_stand_in_the_order_of_their_trackers():
    """Any other order is refused: it could tell who was first."""
    parts = honest()
    first, second, *following = parts.ballots

    verdict = judge_archive(replace(parts, ballots=(second, first, *following)))

    assert (verdict.kind, verdict.failed) == ("BadBallot", "ballots")
    assert "order" in str(verdict.error)


def test_an_audit_asks_for_a_number_in_the_error():
    """The ballot that is wrong is named by its number."""
    parts = honest()
    signature = parse(parts.ballots[6], "ballot", limit=1 << 20)
    signature["signature"]["proof"]["response"] = "0"
    raw = canonical(signature)
    altered = parts.with_ballot(6, raw)

    verdict = judge_archive(altered)

    assert str(verdict.error).startswith(f"ballot {altered.ballots.index(raw) + 1}: ")


@pytest.mark.parametrize("n", range(1, 5))
def test_too_few_ballots_are_not_opened(n: int):
    """Under the floor nothing is opened, though everything else is right."""
    sealed = session()
    votes = [sealed.vote(i, testkit.VOTES[i]) for i in range(n)]

    assert judge_archive(sealed.archived(votes)).outcome == "TooFewBallots at enough"


@pytest.mark.parametrize(("cast", "kind"), [(6, "TooFewBallots"), (7, "")])
def test_a_session_may_ask_for_more_ballots(cast: int, kind: str):
    """The least number of the policy counts, and it is enough to reach it."""
    sealed = testkit.seal(min_ballots=7, officials=1)
    votes = [sealed.vote(i, [0]) for i in range(cast)]

    assert judge_archive(sealed.archived(votes)).kind == kind


def test_errors_reach_the_report_with_the_check_that_failed():
    """The last line of a report is the failed check, and its detail is the error."""
    outcome = audit_bytes(honest().with_tally(b"[]").archive, ".bel")

    assert outcome.to_json()["checks"][-1] == {
        "id": "tally", "ok": False, "detail": str(outcome.error),
    }  # fmt: skip
    assert all(check.ok for check in outcome.report.checks[:-1])


# --- shares.json: what a record has beside the archive's shares ----------------------------

STATEMENTS: Rules = [
    (r"\.schema .*|\.proofs\[\]\.owner -1", "(Malformed|BadShare) at statements"),
    (EITHER, "(Malformed|BadShare) at statements"),
    (SHAPE.replace("identity|torsion", "torsion"), "(Malformed|BadShare) at statements"),
    (r".*", "BadShare at statements"),
]


@pytest.mark.slow
def test_every_change_of_the_statements_is_refused():
    """Each field of shares.json altered, moved or gone, though the chair signs it anew."""
    parts = honest()
    raw = parts.side[SHARES]

    wrong = survivors(
        mutants(raw), STATEMENTS, lambda raw: judge_bundle(parts.with_side(shares=raw))
    )

    assert wrong == []
    assert "statements" in judge_bundle(parts).checks


def test_share_that_only_belenios_accepts_is_named_by_the_audit():
    """A trustee's wrong factors under proofs that hold: the bare archive says only that no
    total comes out, the record says whose share it is.
    """
    sealed, parts = session(), honest()
    encrypted = product(sealed.election, parts.ballots)
    bent = forge_share(sealed.election, encrypted, 3, sealed.state(3).secret)
    statements = encode_statements([sealed.share(1, encrypted), bent])
    forged = parts.with_share(1, bent.partial.encode()).with_side(shares=statements)

    assert judge_archive(forged).outcome == "BadResult at result"
    verdict = judge_bundle(forged)

    assert verdict.outcome == "BadShare at statements"
    assert "trustee 3" in str(verdict.error)
