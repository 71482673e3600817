"""crypto/ballot.py, the bytes: one spelling, no crash, and nothing that tells the choice."""

import json
import re

import pytest

from crypto import ballot
from crypto.encoding import canonical
from crypto.errors import BadBallot, BadProof, BadSignature, Malformed
from crypto.group import random_scalar
from tests import testkit
from tests.crypto.test_ballot import CHOICES, check
from tests.forgery import opened, signed, signed_as_is
from tests.mutants import accepted, mutants, spellings
from tests.testkit import session


@pytest.fixture(scope="module")
def secret() -> int:
    return random_scalar()


@pytest.fixture(scope="module")
def raw(secret: int) -> bytes:
    return ballot.prepare(session().election, secret, CHOICES)[0]


@pytest.mark.slow
def test_every_change_of_a_ballot_is_refused(raw: bytes):
    """Each field of a ballot altered, gone or moved: refused, by the voter's signature at last."""
    election, wrong, count = session().election, [], 0
    for mutant in mutants(raw):
        count += 1
        try:
            check(mutant.raw, election)
        except (Malformed, BadSignature):
            continue
        except BadBallot:
            if mutant.path in {".election_uuid", ".election_hash"}:
                continue
        wrong.append(str(mutant))

    assert wrong == []
    assert count > 400


@pytest.mark.slow
def test_every_change_of_an_answer_is_refused_though_signed(secret: int, raw: bytes):
    """The same with the voter's own signature made again: refused by the proofs."""
    value = opened(raw)
    wrong = []
    for mutant in mutants(canonical(value["answers"][0])):
        altered = {**value, "answers": [mutant.value, *value["answers"][1:]]}
        try:
            check(signed(altered, secret))
        except (Malformed, BadProof) as error:
            meant = re.fullmatch(r".* (element|swapped|scalar \+1)", mutant.place)
            if isinstance(error, BadProof) or not meant:
                continue
        wrong.append(str(mutant))

    assert wrong == []


def test_a_ballot_has_one_spelling(raw: bytes):
    """Any other spelling of the same ballot is refused."""
    assert accepted(spellings(raw), check, Malformed) == []


@pytest.mark.parametrize(
    ("pattern", "spelling"),
    [
        (rb'"challenge":"', b'"challenge":"0'),
        (rb'"challenge":"', b'"challenge":"+'),
        (rb'"challenge":"', b'"challenge":" '),
        (rb'"response":"([0-9]+)"', rb'"response":\1'),
        (rb'"alpha":"([0-9a-f]{64})"', rb'"alpha":"\1 "'),
        (rb'"alpha":"', rb'"alpha":"0x'),
        (rb'"choices":', b'"choices" :'),
        (rb'"alpha"', rb'"\\u0061lpha"'),
    ],
)
def test_other_spelling_inside_the_answers(
    secret: int, raw: bytes, pattern: bytes, spelling: bytes
):
    """A value spelled otherwise inside `answers` is refused, signed too (Belenios 2.0 took it)."""
    respelled = re.sub(pattern, spelling, raw, count=1)
    assert respelled != raw

    with pytest.raises(BadSignature):
        check(respelled)
    with pytest.raises(Malformed):
        check(signed_as_is(respelled, secret))


def test_arabic_digits_are_no_digits(secret: int, raw: bytes):
    """Unicode has other digits; Python's int() would read them."""
    respelled = re.sub(r'"response":"[0-9]', '"response":"\u0661', raw.decode(), count=1).encode()

    with pytest.raises(Malformed, match=r"response: a decimal number"):
        check(signed_as_is(respelled, secret))


def test_oversized(raw: bytes):
    """A ballot above the limit is refused before it is parsed."""
    limit = ballot.size_limit(session().election)
    with pytest.raises(Malformed, match=f"at most {limit}"):
        check(raw + b" " * limit)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"election_uuid":['])
def test_deep_nesting(opening: bytes):
    """Thousands of brackets are refused, without a crash."""
    size = ballot.size_limit(session().election) // len(opening) - 1
    with pytest.raises(Malformed):
        check(opening * size)


@pytest.mark.parametrize("document", [b"", b"null", b"[]", b"{}", b"0", b'""', b"\xff", b"\0"])
def test_not_a_ballot(document: bytes):
    """Other JSON, and what is no JSON, is refused."""
    with pytest.raises(Malformed, match="ballot"):
        check(document)


def test_size_says_nothing_about_the_choice():
    """The shape is the same for every choice; only the random numbers' lengths vary.

    With every number replaced by zeros of full length, all ballots have the same bytes.
    """
    election = testkit.seal(officials=2).election
    shapes, sizes = set(), {}
    for choices in [(None, None), (0, 0), (1, 2), (2, None)]:
        raws = [ballot.prepare(election, random_scalar(), choices)[0] for _ in range(6)]
        shapes |= {re.sub(r'"[0-9]+"', '"0"', re.sub(r"[0-9a-f]{64}", "", shape(m))) for m in raws}
        sizes[choices] = {len(m) for m in raws}

    assert len(shapes) == 1
    # 40 numbers below q < 10^76: one in 14 is a digit shorter, whatever the choice.
    assert max(max(s) for s in sizes.values()) - min(min(s) for s in sizes.values()) <= 16


def shape(raw: bytes) -> str:
    """A ballot without its hash."""
    return re.sub(r'"hash":"[^"]*"', "", raw.decode())


def test_vote_is_not_in_the_bytes(raw: bytes):
    """Nothing in a ballot depends on the choice but the ciphertexts: no field names it."""
    value = json.loads(raw)

    assert list(value) == ["election_uuid", "election_hash", "credential", "answers", "signature"]
    assert [list(answer) for answer in value["answers"]] == [
        ["choices", "individual_proofs", "overall_proof"]
    ] * 3
