"""Codes that people compare, against whoever can try as many definitions and lists as it likes.

A code of 40 bits of what the server signs fell to a collision in a minute, a first group that is
always the one asked for in a tenth of a second. Now the code has 100 bits, comes from salts that
trustees reveal after they have fixed what they sign, and the group that is asked for is random.
"""

import hashlib
import secrets
from dataclasses import replace

import click
import pytest

from admin.cli import room
from crypto import checkpoint, committee, note
from crypto.committee import Moment, salt_commitment
from crypto.encoding import CODE_GROUPS, CROCKFORD, sha256, spoken
from crypto.errors import BadCheckpoint
from crypto.lifecycle import State
from tests.testkit import honest, session

TRIES = 1 << 16
OLD_LETTERS = 8  # 40 bits


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that the person at the terminal gets, who answers from the honest screen."""
    questions: list[str] = []

    def prompt(question: str, **_: object) -> str:
        questions.append(question)
        number = next(int(letter) for letter in question if letter.isdigit())
        return session().code.split("-")[number - 1]

    monkeypatch.setattr(room, "attended", lambda: True)
    monkeypatch.setattr(click, "prompt", prompt)
    return questions


def forged_code() -> str:
    """Of a definition with a committee of the operator's own, which it tries until groups agree.

    The salts and φ are all the operator's here, so a group of 20 bits falls to 2^20 tries.
    """
    wanted = session().code.split("-")[0]
    bits = sum(CROCKFORD.index(letter) << 5 * i for i, letter in enumerate(reversed(wanted)))
    begun = hashlib.sha256(b"phieukin session code v1\n" + bytes(32))
    for number in range(1 << 26):
        tried = begun.copy()
        tried.update(number.to_bytes(32, "big"))
        if int.from_bytes(tried.digest()[:3], "big") >> 4 == bits:
            break
    code = committee.code(Moment.DEFINITION, bytes(32), [number.to_bytes(32, "big")])
    assert code.split("-")[0] == wanted
    return code


@pytest.fixture(scope="module")
def forged() -> str:
    return forged_code()


@pytest.mark.parametrize("group", range(1, CODE_GROUPS))
def test_a_code_that_agrees_in_its_first_group(
    forged: str, asked: list[str], group: int, monkeypatch: pytest.MonkeyPatch
):
    """Whoever reads another group from the honest screen is told to stop; exit status 3."""
    monkeypatch.setattr(secrets, "randbelow", lambda _: group)

    with pytest.raises(BadCheckpoint, match=f"group {group + 1} of the session code here"):
        room.compared("session", forged, None)

    assert len(asked) == 1


def test_which_group_is_asked_for_is_known_to_nobody(asked: list[str]):
    """Every one of them, in a hundred runs; what is asked is answered with the honest code."""
    for _ in range(100):
        assert room.compared("session", session().code, None)

    assert len(set(asked)) == CODE_GROUPS


def test_a_list_that_is_varied_until_the_codes_agree():
    """Before the signatures nobody has the salts; after them it is a second preimage of 100 bits.

    The operator knows the salts of the signed closing, and tries other lists under them.
    """
    fixed = session().checkpoints(honest())[State.CLOSED]
    signed = note.parse(session().note(fixed))
    code = checkpoint.check_committee(signed, session().election, session().parameters)
    salts = [session().state(owner).salt(Moment.CLOSING) for owner in (1, 2, 3)]
    tail = b"".join(salts)

    best = 0
    for number in range(TRIES):
        body = replace(fixed, digest=sha256(number.to_bytes(4, "big"))).body
        content = b"phieukin closing code v1\n" + hashlib.sha256(body.encode()).digest() + tail
        tried = spoken(hashlib.sha256(content).digest(), CODE_GROUPS)
        agreeing = next((i for i, (a, b) in enumerate(zip(tried, code, strict=True)) if a != b), 24)
        best = max(best, agreeing)

    assert best < OLD_LETTERS
    assert len(code.replace("-", "")) * 5 == 100


def test_a_code_is_open_until_the_last_signature():
    """All but one salt, and the commitment to the last, leave every code as possible as before."""
    fixed = session().checkpoints(honest())[State.CLOSED]
    digest = hashlib.sha256(fixed.body.encode()).digest()
    *known, last = (session().state(owner).salt(Moment.CLOSING) for owner in (1, 2, 3))
    codes = {
        committee.code(Moment.CLOSING, digest, [*known, salt])
        for salt in (last, bytes(32), bytes([1]) + last[1:])
    }
    member = session().parameters.committee.members[2]

    assert len(codes) == 3
    assert member.commitment(Moment.CLOSING) == salt_commitment(Moment.CLOSING, member.key, last)
