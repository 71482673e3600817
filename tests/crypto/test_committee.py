"""crypto/committee.py: how many must sign, salts that nobody can choose late, and the codes."""

import hashlib
import json
from collections.abc import Callable
from itertools import combinations

import pytest

from crypto import committee
from crypto.committee import Committee, Member, Moment, quorum, safe_threshold, salt_commitment
from crypto.encoding import Json, canonical, same_code, spoken
from crypto.errors import Malformed
from tests.crypto.room import mutations
from tests.testkit import committee as room

DEFINITION, OPENING, CLOSING = Moment
KEY, SALT = bytes(range(32)), bytes(range(32, 64))


# --- How many -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "threshold", "needed"),
    [(1, 1, 1), (2, 2, 2), (3, 2, 3), (3, 3, 3), (4, 3, 4), (5, 3, 4), (5, 4, 5), (7, 4, 6),
     (32, 17, 25)],
)  # fmt: skip
def test_quorum(size: int, threshold: int, needed: int):
    """⌈(n + t)/2⌉, as the design names them."""
    assert quorum(size, threshold) == needed


@pytest.mark.parametrize("size", range(1, 33))
def test_two_quorums_share_an_honest_trustee(size: int):
    """t − 1 dishonest ones, in both of any two quorums, are not all that these share."""
    for threshold in range(1, size + 1):
        needed = quorum(size, threshold)
        assert needed <= size
        assert 2 * needed - size > threshold - 1
        assert 2 * (needed - 1) - size <= threshold - 1  # and no fewer would do


@pytest.mark.parametrize("size", range(1, 8))
def test_safe_thresholds(size: int):
    """Those of which no two groups are disjoint."""
    for threshold in range(-1, size + 2):
        groups = [set(group) for group in combinations(range(size), max(threshold, 0))]
        disjoint = any(not a & b for a in groups for b in groups)
        possible = 1 <= threshold <= size
        assert safe_threshold(size, threshold) == (possible and not disjoint)


def test_definition_needs_everyone():
    """A quorum suffices for the box, not for the definition."""
    five = Committee(3, tuple(Member(bytes([i] * 32), ("", "", "")) for i in range(5)))

    assert [five.needed(moment) for moment in Moment] == [5, 4, 4]


# --- Salts --------------------------------------------------------------------------------


def test_commitment_is_as_the_protocol_document_says():
    """SHA-256 of a name, the moment, the key and the salt."""
    content = b"phieukin salt v1\nopening\n" + KEY + SALT

    assert salt_commitment(OPENING, KEY, SALT) == hashlib.sha256(content).hexdigest()


def test_commitment_opens_in_one_way():
    """Another moment, key or salt has another: whoever copies one cannot open it."""
    commitments = {
        salt_commitment(moment, key, salt)
        for moment in Moment
        for key in (KEY, SALT)
        for salt in (SALT, bytes(32))
    }

    assert len(commitments) == 12


def test_commitment_of_a_moment():
    """They stand in the order of the moments."""
    member = room().committee.members[0]

    assert tuple(member.commitment(moment) for moment in Moment) == member.salts


# --- Codes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "name"), [(DEFINITION, "session"), (OPENING, "opening"), (CLOSING, "closing")]
)
def test_code_is_as_the_protocol_document_says(moment: Moment, name: str):
    """100 bits of SHA-256 over a name, what was signed, and the salts in order."""
    content = f"phieukin {name} code v1\n".encode() + KEY + SALT + bytes(32)
    code = committee.code(moment, KEY, [SALT, bytes(32)])

    assert code == spoken(hashlib.sha256(content).digest(), 5)
    assert [len(group) for group in code.split("-")] == [4] * 5


def test_code_covers_all_of_it():
    """Another moment, digest, salt, order or number of salts gives another code."""
    salts = [bytes([i] * 32) for i in range(3)]
    codes = [
        *(committee.code(moment, KEY, salts) for moment in Moment),
        committee.code(DEFINITION, SALT, salts),
        committee.code(DEFINITION, KEY, salts[::-1]),
        committee.code(DEFINITION, KEY, salts[:2]),
        committee.code(DEFINITION, KEY, [*salts[:2], SALT]),
    ]

    assert len(set(codes)) == len(codes)


CODE = "0123-4567-89AB-CDEF-GHJK"


@pytest.mark.parametrize(
    "typed",
    [CODE, CODE.lower(), CODE.replace("-", " "), CODE.replace("-", ""), f" {CODE}\n",
     CODE.replace("0", "o"), CODE.replace("1", "l"), CODE.replace("1", "I")],
)  # fmt: skip
def test_code_as_people_type_it(typed: str):
    """Lower case, spaces for hyphens, O for 0, I and L for 1 (Crockford base32)."""
    assert same_code(CODE, typed)


@pytest.mark.parametrize(
    "typed", ["", "-", "0", CODE[:-5], CODE + "-0000", CODE[:-1] + "M", CODE[::-1], "đ", "\u0660"]
)
def test_another_code(typed: str):
    """Another text, a part of the code, or more than it, is not the code."""
    assert not same_code(CODE, typed)


# --- In the definition --------------------------------------------------------------------


def value() -> Json:
    return json.loads(canonical(room().committee.to_json()))


def test_reads_back():
    """A committee stays the same through its JSON, and is that of step 1."""
    ours = room().committee

    assert Committee.from_json(ours.to_json(), "c") == ours
    assert (ours.size, ours.threshold, ours.quorum) == (3, 2, 3)
    assert [m.salts for m in ours.members] == [one.salts for one in room().ones]
    assert [m.salts for m in ours.members] == [s.salt_commitments for s in room().states]


def test_every_mutation_is_refused_or_kept():
    """A committee is never silently corrected: what decodes encodes the same."""
    for what, changed in mutations(value()):
        try:
            read = Committee.from_json(changed, "c")
        except Malformed:
            continue
        assert canonical(read.to_json()) == canonical(changed), what


def salt_of_another_member(c: Json) -> None:
    c["members"][2]["salts"][1] = c["members"][0]["salts"][1]


def salt_of_another_moment(c: Json) -> None:
    c["members"][2]["salts"][2] = c["members"][2]["salts"][0]


def key_of_another_member(c: Json) -> None:
    c["members"][2]["key"] = c["members"][0]["key"]


UNSAFE: dict[str, tuple[Callable[[Json], object], str]] = {
    "two groups that share nobody": (lambda c: c.update(threshold=1), "1 of 3 trustees; more"),
    "half of them": (lambda c: c["members"].pop() and c.update(threshold=1), "1 of 2 trustees"),
    "more than there are": (lambda c: c.update(threshold=4), "4 of 3 trustees"),
    "nobody": (lambda c: c.update(threshold=0), "threshold"),
    "no member": (lambda c: c.update(members=[]), "members"),
    "33 members": (lambda c: c.update(members=c["members"] * 11), "members"),
    "a member's key for another": (key_of_another_member, "one key stands twice"),
    "a member's salt for another": (salt_of_another_member, "one salt stands twice"),
    "one salt for two moments": (salt_of_another_moment, "one salt stands twice"),
    "two salts": (lambda c: c["members"][0]["salts"].pop(), "salts"),
    "a key of small order": (lambda c: c["members"][0].update(key="A" * 43 + "="), "key"),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_committee_that_protects_nobody(name: str):
    """Refused where the definition is read, so that nobody seals or votes under it."""
    change, why = UNSAFE[name]
    changed = value()
    change(changed)
    with pytest.raises(Malformed, match=why):
        Committee.from_json(changed, "c")
