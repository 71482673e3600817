"""Which passphrases are good enough for a trustee's key file."""

import unicodedata

import pytest

from admin.cli import passphrase
from crypto.errors import Refused


@pytest.mark.parametrize(
    "good", ["hoa sen trắng 94", "con trâu gỗ xanh", "x7!kQ2-vB9zL", "four little owls sang"]
)
def test_a_few_unrelated_words_or_mixed_characters_pass(good: str):
    passphrase.check(good)
    passphrase.check(good * 40)


@pytest.mark.parametrize(
    ("weak", "reason"),
    [
        ("", "shorter than 12"),
        ("hoa sen 94!", "shorter than 12"),
        ("aaaaaaaaaaaaaaaa", "again and again"),
        ("abcabcabcabcabcabc", "again and again"),
        ("hoa sen hoa sen hoa sen ", "again and again"),
        ("aabbaabbabab", "again and again"),
        ("123456789012", "first that anyone"),
        ("abcdefghijklmnop", "a row of neighbouring letters"),
        ("okmnjiuhbvgy", "a row of neighbouring keys"),
        ("07/12/1986", "shorter than 12"),
        ("07/12/1986 a", "little more than a date"),
        ("password1234", "first that anyone"),
        ("Password 2026", "first that anyone"),
        ("matkhau123456", "first that anyone"),
        ("Phiếu Kín 2026", "first that anyone"),
        ("correct horse battery staple", "first that anyone"),
        ("hoa sen\ttrắng 94", "control character"),
    ],
)
def test_a_weak_one_is_refused_with_the_reason(weak: str, reason: str, monkeypatch):
    """It is not repeated in the error; whoever reads Vietnamese is told in Vietnamese."""
    with pytest.raises(Refused, match=reason) as caught:
        passphrase.check(weak)
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    with pytest.raises(Refused, match="mật khẩu") as theirs:
        passphrase.check(weak)

    assert not weak or weak not in f"{caught.value} {theirs.value}"


def test_length_is_counted_after_composition():
    """Eleven letters are eleven letters however the keyboard composes them."""
    with pytest.raises(Refused, match="shorter"):
        passphrase.check(unicodedata.normalize("NFD", "ệếữựộổẫậằẵị"))
