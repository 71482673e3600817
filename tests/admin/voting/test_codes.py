"""Invitation codes: read however they are typed, and one half never leaves the letter."""

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.voting import codes
from admin.voting.codes import code_hash, grouped, link, new_code, new_role_code, parse
from crypto.encoding import CROCKFORD
from crypto.errors import BadCode

UUID = "Phieu1Kin2Test3A"
OTHER = "Phieu1Kin2Test3B"
LOGIN, RECOVERY = "01ABCDEFGHJKMNPQ", "RSTVWXYZ23456789"
CODE = grouped(LOGIN + RECOVERY)

LETTERS = st.text(CROCKFORD, min_size=32, max_size=32)


def test_a_new_code_has_eight_groups_and_is_new():
    new = {new_code() for _ in range(50)}

    assert len(new) == 50
    assert all(re.fullmatch(rf"([{CROCKFORD}]{{4}}-){{7}}[{CROCKFORD}]{{4}}", code) for code in new)


def test_a_role_has_a_login_half_only():
    halves = parse(new_role_code())

    assert len(halves.login) == 16
    assert halves.recovery is None


@given(LETTERS)
def test_every_code_comes_back(letters: str):
    assert parse(grouped(letters)) == (letters[:16], letters[16:])


@pytest.mark.parametrize(
    "typed",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        CODE.replace("-", "\u00a0–\u2011 "),
        CODE.replace("-", "\u2212"),
        CODE.replace("-", "\t\r\n"),
        f"\ufeff {CODE}\n",
        CODE.replace("-", "\u200b"),
        CODE.replace("0", "O"),
        CODE.replace("0", "o"),
        CODE.replace("1", "I"),
        CODE.replace("1", "i"),
        CODE.replace("1", "L"),
        CODE.replace("1", "l"),
        "".join(chr(ord(c) + 0xFEE0) if c != "-" else c for c in CODE),  # full-width letters
    ],
)
def test_a_code_is_read_as_people_type_it(typed: str):
    assert parse(typed) == (LOGIN, RECOVERY)


@given(LETTERS, st.data())
def test_any_mixture_of_spellings_is_one_code(letters: str, data: st.DataObject):
    ways = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(ways.get(c, c + c.lower())))
        + data.draw(st.sampled_from(["", "-", " ", "–"]))
        for c in letters
    )

    assert parse(typed) == (letters[:16], letters[16:])


PHI = "MFNb6eB2e0R1d7YVg06kAYDD9XwyzY05IouFuCd11t0"


@pytest.mark.parametrize(
    "typed",
    [
        *(link("https://phieu.example", UUID, CODE, phi) for phi in (None, PHI)),
        *(f"/v/{UUID}#c={CODE}", f"#c={CODE}&f=abc", f"http://h/v/{UUID}#f=abc&c={CODE.lower()}"),
    ],
)
def test_a_link_is_read_whole_or_in_part(typed: str):
    assert parse(typed, UUID) == (LOGIN, RECOVERY)


def test_a_link_has_the_code_in_its_fragment_only():
    sent, _, fragment = link("https://phieu.example", UUID, CODE, "a+b/c").partition("#")

    assert sent == f"https://phieu.example/v/{UUID}"
    assert fragment == f"c={CODE}&f=a-b_c"
    assert link("https://phieu.example/", UUID, CODE, "a+b/c") == f"{sent}#{fragment}"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "not 0"),
        (CODE[:-1], "not 31"),
        (CODE + "0", "not 33"),
        (CODE.replace("A", "U"), "without I, L, O, U"),
        (CODE.replace("A", "_"), "without I, L, O, U"),
        (CODE.replace("A", "Â"), "Vietnamese keyboard"),
        (CODE.replace("D", "Đ"), "Vietnamese keyboard"),
        (f"https://phieu.example/v/{UUID}", "has no code"),
        (f"https://phieu.example/v/{UUID}?c={CODE}", "has no code"),
        (f"https://phieu.example/v/{UUID}#c={CODE}&c={CODE}", "has no code"),
        (f"https://phieu.example/v/{OTHER}#c={CODE}", "another session"),
        (f"https://[/v/{UUID}#c={CODE}", "has no code"),
        (f"#{'a=b&' * 9}c={CODE}", "has no code"),
    ],
)
def test_what_is_no_code_is_refused_without_repeating_it(typed: str, message: str):
    with pytest.raises(BadCode, match=message) as caught:
        parse(typed, UUID)

    assert "ABCD" not in str(caught.value).upper()


def test_a_code_is_never_printed():
    assert LOGIN not in repr(parse(CODE))
    assert RECOVERY not in str(parse(CODE))


def test_the_hash_is_of_one_session_and_of_the_login_half_alone():
    assert code_hash(UUID, LOGIN) == code_hash(UUID, LOGIN)
    assert code_hash(UUID, LOGIN) != code_hash(OTHER, LOGIN)
    assert len(code_hash(UUID, LOGIN)) == 32
    assert list(inspect.signature(code_hash).parameters) == ["uuid", "login"]


def test_the_hash_and_the_key_do_not_change():
    """Stored hashes and sealed secrets outlive an update of the program."""
    hashed, key = code_hash(UUID, LOGIN).hex(), codes.recovery_key(RECOVERY, UUID).hex()

    assert hashed == "99d22c056ce741f21720cfc7292f6e302e0b24cfdb177aefba420217528a231a"
    assert key == "0f5110421c106b848e4896fdb347536285b57236182541cb9f8ba064138d9978"


def test_what_is_sealed_opens_with_the_same_half_and_session_only():
    key = codes.recovery_key(RECOVERY, UUID)
    sealed = codes.seal(key, UUID, b"secret")

    assert codes.unseal(key, UUID, sealed) == b"secret"
    assert b"secret" not in sealed
    assert codes.seal(key, UUID, b"secret") != sealed
    for wrong in (codes.recovery_key(LOGIN, UUID), codes.recovery_key(RECOVERY, OTHER)):
        with pytest.raises(BadCode):
            codes.unseal(wrong, UUID, sealed)
    with pytest.raises(BadCode):
        codes.unseal(key, OTHER, sealed)


@pytest.mark.parametrize("cut", [0, 5, 12, 20, -1])
def test_a_damaged_seal_does_not_open(cut: int):
    key = codes.recovery_key(RECOVERY, UUID)

    with pytest.raises(BadCode):
        codes.unseal(key, UUID, codes.seal(key, UUID, b"secret")[:cut])
