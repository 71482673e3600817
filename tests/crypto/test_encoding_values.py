"""crypto/encoding.py: texts, names, hashes and base64 have one spelling each."""

import base64
import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import encoding
from crypto.encoding import MAX_TEXT
from crypto.errors import Malformed

# --- Texts --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["a", "Nguyễn Thị Hồng Ánh", "x" * MAX_TEXT, "a\u00a0b"])
def test_text(value: str) -> None:
    """Names of people are themselves."""
    assert encoding.text(value, "x") == value


def test_empty_text_needs_permission() -> None:
    """An empty text is allowed only where the caller says so."""
    assert encoding.text("", "x", empty=True) == ""
    with pytest.raises(Malformed, match=r"^x: "):
        encoding.text("", "x")


@pytest.mark.parametrize(
    "value",
    [
        " ",
        "x" * (MAX_TEXT + 1),
        "A\u0301nh",  # decomposed: NFD
        "\u212b",  # the Ångström sign, which NFC replaces
        "a\nb",
        "a\tb",
        "a\x00",
        "a\x7f",
        "a\x85",
        "a\u200eb",  # left-to-right mark
        "a\u202eb",  # right-to-left override
        "a\u2066b",  # left-to-right isolate
        "a\u200bb",  # zero-width space
        "a\u200db",  # zero-width joiner
        "\ufeffa",
        "a\u00adb",  # soft hyphen
        "a\u2028b",
        "a\u2029b",
        "a\ue000",  # private use
        "a\U000e0041",  # tag
        "a\uffff",  # no character
        "a\u0378",  # unassigned
        "😀",  # not yet assigned in Unicode 3.2
        "\ud800",
        None,
        1,
        ["a"],
    ],
    ids=ascii,
)
def test_other_texts(value: object) -> None:
    """What looks like another text, or cannot be seen, is refused."""
    with pytest.raises(Malformed, match=r"^x: "):
        encoding.text(value, "x")


@pytest.mark.parametrize("value", ["ab1\n", "\nab1", "ab١", "", "ab", None, 1], ids=ascii)
def test_pattern_matches_whole_ascii(value: object) -> None:
    """A pattern matches the whole string, and its classes ASCII only."""
    assert encoding.string("ab1", "x", r"\w\w\d") == "ab1"
    with pytest.raises(Malformed, match=r"^x: "):
        encoding.string(value, "x", r"\w\w\d")


def test_long_strings_are_cut_in_errors() -> None:
    """An error does not repeat a whole hostile string."""
    with pytest.raises(Malformed) as caught:
        encoding.string("x" * 10_000, "x", r"\d")
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize("value", ["1" * 14, "z" * 32, encoding.BASE58[:32]])
def test_uuid(value: str) -> None:
    """A session's uuid is 14 to 32 Base58 characters."""
    assert encoding.uuid(value, "x") == value


# --- Hashes and base64 --------------------------------------------------------------------


@given(data=st.binary(max_size=70))
def test_base64_round_trip(data: bytes) -> None:
    """Bytes come back from their base64."""
    assert encoding.base64_bytes(encoding.to_base64(data), "x", size=len(data)) == data


@settings(max_examples=300)
@given(value=st.text("AQgwBZ+/-_=\n ", max_size=9))
def test_base64_malleability(value: str) -> None:
    """Any text that decodes is the only spelling of its bytes."""
    try:
        data = encoding.base64_bytes(value, "x")
    except Malformed:
        return
    assert base64.b64encode(data).decode() == value


def test_base64_of_any_size() -> None:
    """Where no size is given, none is asked for."""
    assert encoding.base64_bytes("AA==", "x") == b"\x00"
    assert encoding.base64_bytes("", "x") == b""


def test_base64_of_another_size() -> None:
    """A size, where given, is exact."""
    with pytest.raises(Malformed, match="1 bytes, expected 2"):
        encoding.base64_bytes("AA==", "x", size=2)


@given(data=st.binary())
def test_hashes(data: bytes) -> None:
    """Both spellings of SHA-256 are that of the standard library, and decode."""
    digest = hashlib.sha256(data).digest()
    hexed, short = encoding.sha256(data), encoding.b64_sha256(data)
    assert bytes.fromhex(encoding.hex_digest(hexed, "x")) == digest
    assert base64.b64decode(encoding.fingerprint(short, "x") + "=") == digest


def test_spoken() -> None:
    """The first bits, in Crockford's alphabet, in groups of four."""
    assert encoding.spoken(bytes(32), 5) == "0000-0000-0000-0000-0000"
    assert encoding.spoken(b"\xff" * 32, 2) == "ZZZZ-ZZZZ"
    assert encoding.spoken(bytes([0b00001_000, 0b10_00011_0, 0b0100_0000]) + bytes(29), 1) == "1234"


@given(digest=st.binary(min_size=32, max_size=32))
def test_spoken_is_the_start_of_the_digest(digest: bytes) -> None:
    """The letters are the digest's first 100 bits in base 32, and nothing else."""
    letters = encoding.spoken(digest, 5).replace("-", "")
    number = 0
    for letter in letters:
        number = number * 32 + encoding.CROCKFORD.index(letter)
    assert number == int.from_bytes(digest, "big") >> 156


GOOD = encoding.b64_sha256(b"")
BASE64 = ("AB==", "AAB=", "AA", "AAA", "AA=", "A", "=", "====", "AA==\n", " AA==", "AA==AA==")
FINGERPRINTS = (
    *("", GOOD[:-1], GOOD + "=", GOOD + "\n"),
    *(GOOD[:-1] + "V", "-" + GOOD[1:], "é" + GOOD[1:]),
)
DIGESTS = ("", "a" * 63, "a" * 65, "A" * 64, "g" * 64, "١" * 64)
OTHER: dict[str, tuple[Callable[[object, str], object], list[object]]] = {
    # The letters that look alike are not in Base58.
    "uuid": (encoding.uuid, ["1" * 13, "1" * 33, *("1" * 13 + c for c in "0OIl-_\n"), None]),
    # Stray bits, missing padding, spaces and the URL alphabet.
    "base64": (encoding.base64_bytes, [*BASE64, "A-__", "é", None, b"AA==", 1]),
    # 43 characters of standard base64 and no stray bits.
    "fingerprint": (encoding.fingerprint, [*FINGERPRINTS, None]),
    # 64 lower-case hex digits.
    "digest": (encoding.hex_digest, [*DIGESTS, None, 0]),
}


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, value) for kind, (_, values) in OTHER.items() for value in values],
    ids=ascii,
)  # fmt: skip
def test_other_spellings(kind: str, value: object) -> None:
    """A uuid, base64, a fingerprint or a digest has one spelling; anything else is refused."""
    with pytest.raises(Malformed, match=r"^x: "):
        OTHER[kind][0](value, "x")
