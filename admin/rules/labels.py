"""The words of the levels: one spelling each, and none that could be read as another's.

A ballot counts by keys and is marked by words. So the two belong together (docs/protocol.md §3.2),
and no word may look like the word of another level: by letters of other alphabets, another case
or normal form, more blanks, or none of the marks.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 60  # characters; two lines of a button on a phone

# Each Vietnamese letter is one character here, so that a label has one normal form.
_LETTER: Final = re.compile("[A-Za-z0-9 ,/()ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ-]")
_ALIKE: Final = str.maketrans({"l": "i", "1": "i", "0": "o", "đ": "d"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"))


def spelled(label: str) -> str:
    """The label as it is.

    Raises:
        ValueError: other letters than those of Vietnamese and English, blanks that cannot be
            seen, or too long.
    """
    if not label or len(label) > LONGEST:
        raise ValueError(f"a label has 1 to {LONGEST} characters")
    strange = next((character for character in label if not _LETTER.match(character)), None)
    if strange is not None:
        raise ValueError(
            f"a label has Vietnamese letters, each one character, and not {name(strange)}"
        )
    if label != " ".join(label.split()):
        raise ValueError("a label has single blanks, between words only")
    return label


def name(character: str) -> str:
    """A character by its number, for two that look alike: U+0441."""
    return f"U+{ord(character):04X}"


def outline(label: str) -> str:
    """What a hurried reader sees: labels that could be taken for each other have the same one."""
    letters = unicodedata.normalize("NFD", label.lower()).translate(_ALIKE)
    for pair, letter in _PAIRS:
        letters = letters.replace(pair, letter)
    return "".join(letter for letter in letters if letter.isalnum())


def check_apart(labels: Iterable[str]) -> None:
    """Raises ValueError naming two labels that could be taken for each other."""
    read: dict[str, str] = {}
    for label in labels:
        if (before := read.get(outline(label))) is not None:
            raise ValueError(f"“{label}” reads like “{before}”")
        read[outline(label)] = label
