"""Whom somebody means who types a name or a number of the roster.

A name is known whatever its case, blanks and apostrophes, wherever its tone marks stand (Hoà, Hòa)
and whichever Đ was typed. One that nobody has is answered with those that are nearly so; one that
several have, with all of them.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Final

from admin.rules import letters, people_rows
from admin.rules.sheet_table import fold
from admin.words import Language, language, words
from crypto.errors import Refused
from storage.rows import Person

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_NEARLY: Final = 0.8  # of the letters are the same
_MOST: Final = 5  # people to choose from
_RANGE: Final = re.compile(r"([1-9][0-9]{0,5})-([1-9][0-9]{0,5})", re.ASCII)


class NotOnRoster(Refused):
    """Nobody on the roster has this number or name, or several have the name."""

    code = "not_on_roster"


def spread(typed: Sequence[str]) -> list[str]:
    """Names and numbers, each range of numbers as its numbers; any dash makes one.

    Raises:
        ValueError: a range ends before it begins; its argument is the range.
    """
    parts: list[str] = []
    for text in typed:
        match = _RANGE.fullmatch(_plain(text))
        if match is None:
            parts.append(text)
            continue
        first, last = int(match[1]), int(match[2])
        if first > last:
            raise ValueError(text)
        parts += map(str, range(first, last + 1))
    return parts


def people(roster: Sequence[Person], typed: Sequence[str]) -> list[Person]:
    """The people of the roster that are meant, in this order.

    Raises:
        NotOnRoster: says of each text that fits nobody, or several, who may be meant.
    """
    lang = language()
    chosen: list[Person] = []
    unknown: list[str] = []
    for text in typed:
        fitting = _fitting(roster, text)
        if len(fitting) == 1:
            chosen += fitting
        else:
            unknown.append(_answer(roster, text, fitting, lang))
    if unknown:
        raise NotOnRoster("; ".join(unknown))
    return chosen


def _fitting(roster: Sequence[Person], text: str) -> list[Person]:
    """By the number; else by the name as it is written; else by the name however it is written."""
    number = people_rows.number(_plain(text)) if _plain(text)[:1].isdecimal() else None
    if number is not None:
        return [person for person in roster if person.place == number]
    ways: tuple[Callable[[str], str], ...] = (_written, spelled)
    for way in ways:
        if fitting := [person for person in roster if way(person.name) == way(text)]:
            return fitting
    return []


def _answer(roster: Sequence[Person], text: str, fitting: Sequence[Person], lang: Language) -> str:
    key, meant = ("several", fitting) if fitting else ("meant", _alike(roster, text))
    if not meant:
        return words("lookup.unknown", lang, name=text)
    listed = "; ".join(f"{person.place}. {_described(person)}" for person in meant)
    return words(f"lookup.{key}", lang, name=text, people=listed)


def _described(person: Person) -> str:
    parts = [person.name, *(person.details.get(key, "") for key in ("position", "unit", "birth"))]
    return ", ".join(part for part in parts if part)


def _alike(roster: Sequence[Person], text: str) -> list[Person]:
    """Those with the same letters without marks, else those with nearly the same."""
    bare = _bare(text)
    same = [person for person in roster if _bare(person.name) == bare]
    if same or not bare:
        return same[:_MOST]
    match = SequenceMatcher(b=bare, autojunk=False)
    ranked: list[tuple[float, Person]] = []
    for person in roster:
        match.set_seq1(_bare(person.name))
        if match.quick_ratio() >= _NEARLY and (ratio := match.ratio()) >= _NEARLY:
            ranked.append((ratio, person))
    ranked.sort(key=lambda pair: (-pair[0], pair[1].place))
    return [person for _, person in ranked[:_MOST]]


def spelled(name: str) -> str:
    """A name without regard to case, blanks, apostrophes, hyphens and the place of its tones."""
    text = letters.clean(name)[0].casefold()
    text = "".join(sign for sign in text if sign not in letters.APOSTROPHES)
    text = "".join(" " if unicodedata.category(sign) == "Pd" else sign for sign in text)
    return " ".join(map(_toned_last, text.split()))


def _toned_last(word: str) -> str:
    signs = unicodedata.normalize("NFD", word)
    plain = "".join(sign for sign in signs if sign not in _TONES)
    return plain + "".join(sign for sign in signs if sign in _TONES)


def _written(name: str) -> str:
    """A name without regard to case and spaces."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _bare(name: str) -> str:
    return fold(spelled(name)).replace(" ", "").replace("y", "i")


def _plain(text: str) -> str:
    """What was typed for a number or a range: without blanks, with plain dashes."""
    dashed = ("-" if unicodedata.category(sign) in {"Pd", "Sm"} else sign for sign in text)
    return "".join(sign for sign in dashed if not sign.isspace()).removesuffix(".")
