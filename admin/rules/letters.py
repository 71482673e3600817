"""Letters of a cell: what nobody sees is cleaned and noted, what was lost or never was is refused.

Texts come from other programs with blanks of every kind, marks without width, `_x000D_`, and a Đ
of other alphabets. Texts set in the fonts of before Unicode (TCVN3, VNI), read in a wrong encoding
or saved in one without Vietnamese letters look like letters, too, but of no Vietnamese word.
"""

import re
import unicodedata
from typing import Final, Literal

from admin.rules.cells import Fault

Cleaning = Literal["escaped", "invisible", "d_stroke", "spaces"]

APOSTROPHES: Final = frozenset("'’‘`´ʼʻ′")

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # ECMA-376 part 1, 22.9.2.19
_BLANKS = frozenset("\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\u2028\u2029")
# Not the soft hyphen U+00AD: it is the ư of TCVN3.
_INVISIBLE = frozenset("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u180e")
_D_STROKE: Final = str.maketrans({"Ð": "Đ", "Ɖ": "Đ", "ð": "đ", "ɖ": "đ"})

# Where nothing of this is, there is nothing to clean; most cells are so.
_UNCLEAN = re.compile(
    r"_x[0-9A-Fa-f]{4}_|[\u200b-\u200f\u2060\ufeff\u180eÐƉðɖ]|[^\S ]|[\x1c-\x1f]|  |^ | $"
)

# TCVN3 (TCVN 5712:1993, one byte a letter) read as Latin-1: signs, and letters that no language of
# Vietnam has. Ñ and ñ are the Đ and đ of VNI.
_TCVN3_SIGNS = "¡¢£¤¥¦§¨©ª«¬\u00ad®µ¶·¸¹»¼½¾×÷"
_FOREIGN = frozenset("ÆæÇçËëÎîÏïØøÖöÜüÞþßÄäÅåÛûŸÑñºª")
_BESIDE_A_LETTER = re.compile(rf"[^\W\d_][{_TCVN3_SIGNS}]|[{_TCVN3_SIGNS}][^\W\d_]")
# A capital with a mark behind a small letter: TCVN3 has it where a small letter with a mark is.
_CAPITAL_INSIDE = re.compile("[a-zà-öø-ÿăđĩũơưạ-ỹ][ÀÁÂÃÈÉÊÌÍÎÒÓÔÕÙÚÝÐ]")
# VNI writes the mark as a letter of its own behind the vowel: aõ, eâ, uù.
_VNI_PAIR = re.compile("[ae][ùøûõïâáàåãäêéèúüë]|[oyô][ùøûõïâ]|u[ùøûõï]")
# A mark over a consonant: another encoding of one byte a letter, read as Windows-1258.
_MARK_ON_A_CONSONANT = re.compile("[^aeiouyAEIOUYăâêôơưĂÂÊÔƠƯ\u0300-\u036f][\u0300-\u036f]")
# Two bytes of UTF-8, the first of two or three, as Windows-1252 shows them.
_TWO_BYTES = re.compile(r"[Â-ô][\x80-\xbf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ€]")
_BEYOND_LATIN = re.compile(r"[^\x00-\u024f\u0300-\u036f\u1e00-\u1eff\u2000-\u206f]")
_LOST = re.compile(r"[^\W\d_]\?|\?[^\W\d_]|�")


def clean(text: str) -> tuple[str, frozenset[Cleaning]]:
    """The text on one line, composed, with single blanks; and what was cleaned."""
    if not _UNCLEAN.search(text):
        return unicodedata.normalize("NFC", text), frozenset()
    cleanings: set[Cleaning] = set()
    unescaped = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if unescaped != text:
        cleanings.add("escaped")
    visible = "".join(sign for sign in unescaped if sign not in _INVISIBLE)
    if visible != unescaped:
        cleanings.add("invisible")
    letters = visible.translate(_D_STROKE)
    if letters != visible:
        cleanings.add("d_stroke")
    spaced = "".join(" " if _is_blank(sign) else sign for sign in letters)
    line = " ".join(spaced.split(" ")).strip()
    line = re.sub(" {2,}", " ", line)
    if line != letters and "escaped" not in cleanings:
        cleanings.add("spaces")
    return unicodedata.normalize("NFC", line), frozenset(cleanings)


def _is_blank(sign: str) -> bool:
    return sign in _BLANKS or unicodedata.category(sign) == "Zs"


def check(text: str) -> None:
    """Raises Fault: letters were lost, read in a wrong encoding, or belong to an old font."""
    composed = unicodedata.normalize("NFC", text)
    if lost := _LOST.search(composed):
        raise Fault("letters_lost", sign=lost[0])
    if read_twice(composed):
        raise Fault("letters_read_twice")
    strange = (
        _BESIDE_A_LETTER.search(composed)
        or _CAPITAL_INSIDE.search(composed)
        or _MARK_ON_A_CONSONANT.search(composed)
    )
    if strange:
        raise Fault("old_font", font="TCVN3 (ABC)", sign=_visible(strange[0]))
    if pair := _VNI_PAIR.search(composed.lower()):
        raise Fault("old_font", font="VNI", sign=pair[0])
    foreign = next(iter(_FOREIGN & set(composed)), None)
    if foreign is not None:
        raise Fault("foreign_letter", sign=foreign)
    beyond = _BEYOND_LATIN.findall(composed)
    other = next((sign for sign in beyond if _of_another_alphabet(sign)), None)
    if other is not None:
        raise Fault("other_alphabet", sign=other, code=f"U+{ord(other):04X}")


def _visible(text: str) -> str:
    return text.replace("\u00ad", "U+00AD")


def read_twice(text: str) -> bool:
    """Whether the text is UTF-8 that was read as another encoding: ``Nguyá»…n`` for Nguyễn."""
    if not _TWO_BYTES.search(text):
        return False
    try:
        bytes_before = b"".join(_byte(sign) for sign in text)
        return not bytes_before.decode().isascii()
    except UnicodeError:
        return False


def _byte(sign: str) -> bytes:
    """The byte that Windows-1252 reads as this sign; five bytes it leaves as they are."""
    return sign.encode("latin-1" if ord(sign) <= 0xFF else "cp1252")  # noqa: PLR2004


def _of_another_alphabet(sign: str) -> bool:
    if not sign.isalpha() or sign in APOSTROPHES:
        return False
    return not unicodedata.name(sign, "").startswith("LATIN ")
