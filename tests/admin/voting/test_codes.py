"""Codes: read however they are typed, and a backup code is never taken for one that logs in."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.voting import codes
from admin.voting.codes import (
    CodeInText,
    code_hash,
    grouped,
    link,
    new_backup_code,
    new_code,
    parse,
    parse_backup,
)
from crypto.encoding import CROCKFORD
from crypto.errors import BadCode

UUID = "Phieu1Kin2Test3A"
OTHER = "Phieu1Kin2Test3B"
LETTERS, BACKUP = "01ABCDEFGHJKMNPQ", "RSTVWXYZ23456789"
CODE = grouped(LETTERS)

ANY = st.text(CROCKFORD, min_size=15, max_size=15)
CODES = st.builds(str.__add__, st.sampled_from(CROCKFORD[:16]), ANY)
BACKUPS = st.builds(str.__add__, st.sampled_from(CROCKFORD[16:]), ANY)


@pytest.mark.parametrize(("make", "read"), [(new_code, parse), (new_backup_code, parse_backup)])
def test_a_new_code_has_four_groups_and_is_new(make, read):
    new = {make() for _ in range(400)}

    assert len(new) == 400
    assert all(re.fullmatch(rf"([{CROCKFORD}]{{4}}-){{3}}[{CROCKFORD}]{{4}}", code) for code in new)
    assert {len(read(code)) for code in new} == {16}
    assert len({code[0] for code in new}) == 16
    assert len({code[-1] for code in new}) == 32


@given(CODES, BACKUPS)
def test_every_code_comes_back_and_neither_is_taken_for_the_other(code: str, backup: str):
    """A backup code in the place of a letter's would be sent to the server."""
    assert parse(grouped(code)) == code
    assert parse_backup(grouped(backup)) == backup
    for text in (backup, f"https://phieu.example/v/{UUID}#c={backup}"):
        with pytest.raises(BadCode, match="this is a backup code"):
            parse(text, UUID)
    with pytest.raises(BadCode, match="this is the code of a letter"):
        parse_backup(code)


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
    assert parse(typed) == LETTERS


@given(BACKUPS, st.data())
def test_any_mixture_of_spellings_is_one_code(letters: str, data: st.DataObject):
    ways = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(
        data.draw(st.sampled_from(ways.get(c, c + c.lower())))
        + data.draw(st.sampled_from(["", "-", " ", "–"]))
        for c in letters
    )

    assert parse_backup(typed) == letters


SESSION_CODE = "7K2M-A9TB-0C3D-XYZW-4E5F"


@pytest.mark.parametrize(
    "typed",
    [
        *(
            link("https://phieu.example", UUID, CODE, session_code)
            for session_code in ("", SESSION_CODE)
        ),
        *(f"/v/{UUID}#c={CODE}", f"#c={CODE}&f=abc", f"http://h/v/{UUID}#f=abc&c={CODE.lower()}"),
        codes.trustee_link("https://phieu.example", UUID, CODE),
    ],
)
def test_a_link_is_read_whole_or_in_part(typed: str):
    assert parse(typed, UUID) == LETTERS


def test_a_link_has_the_codes_in_its_fragment_only():
    sent, _, fragment = link("https://phieu.example", UUID, CODE, SESSION_CODE).partition("#")

    assert sent == f"https://phieu.example/v/{UUID}"
    assert fragment == f"c={CODE}&f={SESSION_CODE}"
    assert link("https://phieu.example", UUID, CODE) == f"{sent}#c={CODE}"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "not 0"),
        (CODE[:-1], "not 15"),
        (CODE + "0", "not 17"),
        (f"{CODE}-{grouped(BACKUP)}", "not 32"),
        (CODE.replace("A", "U"), "without I, L, O, U"),
        (CODE.replace("A", "_"), "without I, L, O, U"),
        (CODE.replace("A", "Â"), "Vietnamese keyboard"),
        (CODE.replace("D", "Đ"), "Vietnamese keyboard"),
        (f"https://phieu.example/v/{UUID}", "has no code"),
        (f"https://phieu.example/v/{UUID}?c={CODE}", "has no code"),
        (f"https://phieu.example/v/{UUID}#c={CODE}&c={CODE}", "has no code"),
        (f"https://phieu.example/v/{OTHER}#c={CODE}", "another session"),
        (codes.trustee_link("https://phieu.example", OTHER, CODE), "another session"),
        (f"https://[/v/{UUID}#c={CODE}", "has no code"),
        (f"#{'a=b&' * 9}c={CODE}", "has no code"),
    ],
)
def test_what_is_no_code_is_refused_without_repeating_it(typed: str, message: str):
    with pytest.raises(BadCode, match=message) as caught:
        parse(typed, UUID)

    assert "ABCD" not in str(caught.value).upper()


def test_the_hash_is_of_one_session():
    assert code_hash(UUID, LETTERS) == code_hash(UUID, LETTERS)
    assert code_hash(UUID, LETTERS) != code_hash(OTHER, LETTERS)
    assert len(code_hash(UUID, LETTERS)) == 32


def test_the_hash_and_the_key_do_not_change():
    """Stored hashes and sealed secrets outlive an update of the program."""
    hashed, key = code_hash(UUID, LETTERS).hex(), codes.recovery_key(BACKUP, UUID).hex()

    assert hashed == "99d22c056ce741f21720cfc7292f6e302e0b24cfdb177aefba420217528a231a"
    assert key == "0f5110421c106b848e4896fdb347536285b57236182541cb9f8ba064138d9978"


def test_what_is_sealed_opens_with_the_same_code_and_session_only():
    """Nothing of the letter opens it."""
    key = codes.recovery_key(BACKUP, UUID)
    sealed = codes.seal(key, UUID, b"secret")

    assert codes.unseal(key, UUID, sealed) == b"secret"
    assert b"secret" not in sealed
    assert codes.seal(key, UUID, b"secret") != sealed
    for wrong in (codes.recovery_key(LETTERS, UUID), codes.recovery_key(BACKUP, OTHER)):
        with pytest.raises(BadCode):
            codes.unseal(wrong, UUID, sealed)
    with pytest.raises(BadCode):
        codes.unseal(key, OTHER, sealed)


@pytest.mark.parametrize("cut", [0, 5, 12, 20, -1])
def test_a_damaged_seal_does_not_open(cut: int):
    key = codes.recovery_key(BACKUP, UUID)

    with pytest.raises(BadCode):
        codes.unseal(key, UUID, codes.seal(key, UUID, b"secret")[:cut])


@pytest.mark.parametrize(
    "text",
    [
        CODE, CODE.lower(), LETTERS, f"Mã: {CODE}", f"“{CODE}”", f"{CODE}.", f"Em gửi mã ạ\n{CODE}",
        CODE.replace("-", "_"), CODE.replace("-", "."), CODE.replace("-", " - "),
        CODE.replace("-", "\u2011"), CODE.replace("-", "\u200b-"), CODE.replace("-", "\xa0"),
        f"đây #c={CODE}&f=abc",
    ],
)  # fmt: skip
def test_a_code_is_found_in_a_text(text: str):
    """However it is divided, whatever stands beside it."""
    assert codes.search(text) == CodeInText(LETTERS)


def test_a_code_in_our_links_names_the_session():
    assert codes.search(f"Vào {link('https://p.example', UUID, CODE)} nhé") == CodeInText(
        LETTERS, UUID
    )
    for trustee_or_chat in (
        codes.trustee_link("https://p", UUID, CODE),
        codes.chat_link("bot", UUID, CODE),
    ):
        assert codes.search(f"{trustee_or_chat}.") == CodeInText(LETTERS, UUID)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xin chào",
        "Nhan dang than mong nhe",
        f"https://p.example/v/{UUID}",
        CODE[:-1],
        f"{CODE}0",
    ],
)
def test_a_text_without_a_code(text: str):
    """Words, an address without one, a part of one."""
    assert codes.search(text) is None


def test_a_backup_code_is_told_from_a_letters():
    """And is not kept."""
    assert codes.search(f"mã dự phòng: {grouped(BACKUP)}") == CodeInText("")
