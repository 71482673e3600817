"""crypto/note.py: one spelling of a note and of a verifier key, and many that are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import note
from crypto.encoding import to_base64
from crypto.errors import BadCheckpoint, Malformed
from crypto.group import Q
from crypto.note import SALTED, NoteKey, TrusteeSigner
from tests.crypto import naive
from tests.crypto.test_note import BOX, CHAIR, KEYS, SALT, SIGNERS, TEXT, TRUSTEE

# --- Keys as text -------------------------------------------------------------------------


@given(secret=st.integers(1, Q - 1), name=st.from_regex(r"[a-z]{1,9}\.example/[^\s+]{1,9}"))
def test_vkey_round_trip(secret: int, name: str) -> None:
    """A key decodes from the text it writes."""
    try:
        key = TrusteeSigner(name, secret, bytes(32)).key
    except Malformed:
        return
    assert NoteKey.from_vkey(key.vkey) == key


VKEY = BOX.key.vkey
NAME, KEY_ID, DATA = VKEY.split("+", 2)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        NAME,
        f"{NAME}+{KEY_ID}",
        f"+{KEY_ID}+{DATA}",
        f"{NAME}+{KEY_ID.upper()}+{DATA}",
        f"{NAME}+{KEY_ID[:-1]}+{DATA}",
        f"{NAME}+00000000+{DATA}",
        f"other+{KEY_ID}+{DATA}",
        f"{NAME}+{KEY_ID}+{DATA}\n",
        f" {VKEY}",
        f"{VKEY}+",
        f"{NAME}+{KEY_ID}+{DATA[:-1]}",
        f"{NAME}+{KEY_ID}+{DATA}====",
        f"{NAME}+{KEY_ID}+{to_base64(bytes([1]))}",
        f"{NAME}+{KEY_ID}+{to_base64(bytes([2]) + BOX.key.public)}",
        f"{NAME}+{KEY_ID}+{to_base64(bytes([1]) + BOX.key.public + bytes(1))}",
        f"{NAME}+{KEY_ID}+{to_base64(BOX.key.public)}",
        f"{NAME}+{KEY_ID}+{to_base64(SALTED + BOX.key.public)}",
        f"{NAME}+{KEY_ID}+{to_base64(SALTED[:-1] + BOX.key.public)}",
    ],
)
def test_other_spellings_of_a_key(vkey: str) -> None:
    """Only what `vkey` writes decodes."""
    with pytest.raises(Malformed, match="key"):
        NoteKey.from_vkey(vkey)


NAMES = ("", "a b", "a+b", "a\tb", "a\nb", "a\u00a0b", "a\u3000b", "\x7f")


@pytest.mark.parametrize(
    ("name", "public"),
    [
        *((name, BOX.key.public) for name in NAMES),
        *(("name", public) for public in (b"", bytes(31), bytes([1] * 33), b"\xff" * 32)),
    ],
)
def test_what_is_no_key(name: str, public: bytes) -> None:
    """A name is not empty and has no space, plus or control character; a key has 32 bytes."""
    with pytest.raises(Malformed):
        NoteKey(name, public)


@pytest.mark.parametrize(
    ("exponent", "i"), [*((0, i) for i in range(8)), *((5, i) for i in range(1, 8))]
)
def test_public_key_outside_the_group(exponent: int, i: int) -> None:
    """A key of small order, under which anyone can sign, or with a small-order part."""
    point = naive.add(naive.multiply(exponent, naive.BASE), naive.torsion()[i])
    with pytest.raises(Malformed):
        NoteKey("name", naive.encode(point))


# --- Parsing ------------------------------------------------------------------------------


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")) | st.just("\n"), max_size=40
)


@given(text=TEXTS)
def test_round_trip(text: str) -> None:
    """Any text, blank lines included, comes back from the bytes of its note."""
    signed = note.sign(text + "\n", SIGNERS)
    assert note.parse(signed.encode()) == signed


def test_form() -> None:
    """The bytes are text, blank line, and a line for each signer with its key ID in front."""
    signature = BOX.sign(b"text\n")
    line = f"— {BOX.name} {to_base64(BOX.key.key_id + signature)}\n"
    assert note.sign("text\n", [BOX]).encode().decode() == "text\n\n" + line


RAW = note.sign(TEXT, [BOX]).encode()
LINE = RAW.decode().rpartition("\n\n")[2]
HEAD = f"{TEXT}\n"

SPELLINGS = {
    "empty": b"",
    "text alone": TEXT.encode(),
    "no blank line": (TEXT + LINE).encode(),
    "no signature": HEAD.encode(),
    "no final newline": RAW[:-1],
    "trailing text": RAW + b"x\n",
    "trailing blank line": RAW + b"\n",
    "leading byte order mark in a line": (HEAD + "\ufeff" + LINE).encode(),
    "hyphen for dash": (HEAD + LINE.replace("—", "-")).encode(),
    "en dash": (HEAD + LINE.replace("—", "–")).encode(),
    "no space after the dash": (HEAD + LINE.replace("— ", "—")).encode(),
    "two spaces": (HEAD + LINE.replace("— ", "—  ")).encode(),
    "two spaces before the signature": (HEAD + f" {BOX.name}  ".join(["—", "AAAAAAA=\n"])).encode(),
    "trailing space": (HEAD + LINE[:-1] + " \n").encode(),
    "no name": (HEAD + LINE.replace(f" {BOX.name} ", "  ")).encode(),
    "plus in the name": (HEAD + LINE.replace("phieukin", "phieu+kin")).encode(),
    "only a key ID": (HEAD + f"— {BOX.name} {to_base64(BOX.key.key_id)}\n").encode(),
    "not base64": (HEAD + f"— {BOX.name} ****\n").encode(),
    "URL base64": (HEAD + f"— {BOX.name} -_-_-_-_\n").encode(),
    "no padding": (HEAD + f"— {BOX.name} AAAAAAA\n").encode(),
    "trailing bits in base64": (HEAD + f"— {BOX.name} AAAAAAB=\n").encode(),
    "carriage returns": RAW.replace(b"\n", b"\r\n"),
    "a carriage return before the signatures": (HEAD + "\r" + LINE).encode(),
    "tab in the text": (f"a\tb\n{HEAD}{LINE}").encode(),
    "NUL in the text": (f"a\x00b\n{HEAD}{LINE}").encode(),
    "not UTF-8": b"\xff\n" + RAW,
    "surrogate in UTF-8": b"\xed\xa0\x80\n" + RAW,
    "overlong UTF-8": b"\xc0\x8a\n" + RAW,
    "the same signature twice": (HEAD + LINE + LINE).encode(),
    "two signatures by one key": (
        HEAD + LINE + f"— {BOX.name} {to_base64(BOX.key.key_id + bytes(64))}\n"
    ).encode(),
    "too large": b"x" * note.LIMIT + b"\n" + RAW,
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_other_spellings(name: str) -> None:
    """What is not exactly a note does not decode."""
    with pytest.raises(Malformed, match="note"):
        note.parse(SPELLINGS[name])


def test_bad_line_is_named() -> None:
    """The error says which signature line is wrong, from 1."""
    with pytest.raises(Malformed, match="note, signature 2: "):
        note.parse(RAW + b"- x AAAA\n")


def test_largest_note() -> None:
    """A note of exactly the largest size parses."""
    raw = b"x" * (note.LIMIT - len(RAW) - 1) + b"\n" + RAW
    assert note.parse(raw).encode() == raw


def test_last_blank_line_separates() -> None:
    """What looks like a signature inside the text is text."""
    text = f"a\n\n{LINE}"
    parsed = note.parse(note.sign(text, [CHAIR]).encode())
    assert parsed.text == text
    with pytest.raises(BadCheckpoint, match=f"not signed by {BOX.name}"):
        parsed.check([BOX.key])


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_every_byte_counts(flip: int) -> None:
    """A note with any one byte altered is refused, or reveals another salt."""
    raw = note.sign(TEXT, SIGNERS).encode()
    for position in range(len(raw)):
        altered = bytearray(raw)
        altered[position] ^= flip
        try:
            parsed = note.parse(bytes(altered))
            parsed.check(KEYS)
        except (Malformed, BadCheckpoint):
            continue
        assert parsed.salt(TRUSTEE.key) != SALT


@settings(max_examples=200)
@given(data=st.data())
def test_malleability(data: st.DataObject) -> None:
    """Any bytes that parse are the only spelling of what they parse to."""
    raw = bytearray(note.sign(TEXT, [BOX]).encode())
    start = data.draw(st.integers(0, len(raw)))
    raw[start : start + data.draw(st.integers(0, 3))] = data.draw(
        st.binary(max_size=3) | st.sampled_from([b"\n", b"\n\n", b" ", b"=", "— ".encode()])
    )
    try:
        parsed = note.parse(bytes(raw))
    except Malformed:
        return
    assert parsed.encode() == bytes(raw)
