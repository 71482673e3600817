"""Details of errors in Vietnamese.

An error is raised with an English detail, which logs, JSON and other programs keep. Before a
person reads it, it is looked up by its form in ``details.toml``: what stood in the
braces of the f-string is carried over, and itself looked up. A detail without an entry stays
as it is, unless it is a sentence of the system or of a library: that is quoted as theirs.
"""

import errno
import os
import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from itertools import product
from typing import Final

from admin.words import Language, catalogue, language, words

# Details are put together with these: one per line, a list, a place in front, the parts of one.
_SEPARATORS: Final = ("\n", "; ", ": ", ", ")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
# What stands in this one comes from the system or a library.
_ELSEWHERE: Final = "error"
_AROUND: Final = re.compile(r"[^{].*[:,] \{error\}")
# A sentence has one of these; none is a Vietnamese syllable.
_ENGLISH: Final = re.compile(
    r"\b(the|is|are|was|were|not|cannot|can't|of|for|with|without|from|by|and|or|at|must|should"
    r"|be|failed|invalid|illegal|unexpected|expected|expecting|unknown|missing|error|while)\b",
    re.IGNORECASE,
)
# How a usage line calls an argument: "UUID|FILE", "[FILE...]".
_METAVAR: Final = re.compile(r"[A-Z]{2}[A-Z|_.…\[\]-]*|\[[A-Z]{2}[A-Z|_.…-]*\]")
_FULL_STOP: Final = re.compile(r"(?<=\S)\.$")  # not the folder "." behind "default: "
_PATH: Final = re.compile(r"\S*[/\\]\S*|[^:]*\.\w{1,5}")


def localized(detail: str, lang: Language | None = None) -> str:
    """The detail for a person: as it is for one who reads English."""
    return detail if (lang or language()) == "en" else _vietnamese(detail)


def elsewhere(error: BaseException, lang: Language) -> str:
    """What the system or a library says of an error, for a person."""
    return str(error) if lang == "en" else _from_elsewhere(str(error))


def _from_elsewhere(text: str) -> str:
    translated = _vietnamese(text)
    untold = translated == text and text.isascii() and " " in text.strip()
    return _quoted(text) if untold else translated


def _quoted(text: str) -> str:
    return words("cli.verbatim", "vi", text=text)


@lru_cache(maxsize=512)
def _vietnamese(detail: str) -> str:
    indent = len(detail) - len(detail.lstrip())
    if indent:
        return detail[:indent] + _vietnamese(detail[indent:])
    matched = _matched(_FULL_STOP.sub("", detail)) or _matched(detail)
    if matched is not None:
        return matched
    if fault := _system_faults().get(detail):
        return words("cli.system_fault", "vi", name=fault)
    separator = next((mark for mark in _SEPARATORS if mark in detail), None)
    if separator is None:
        return _last_resort(detail)
    first, _, tail = detail.partition(separator)
    return _vietnamese(first) + separator + _vietnamese(tail)


def _last_resort(text: str) -> str:
    """A sentence that nobody has translated is quoted."""
    if _METAVAR.fullmatch(text) and (names := _names(text)) != text:
        return names
    sentence = text.isascii() and " " in text and _ENGLISH.search(text)
    return _quoted(text) if sentence and not _PATH.fullmatch(text) else text


def _names(metavar: str) -> str:
    """An argument by the names of its parts."""
    sentences = {template: sentence for _, template, sentence in _entries()}
    return re.sub(r"[A-Z_]+", lambda name: sentences.get(name[0], name[0]), metavar)


@cache
def _system_faults() -> dict[str, str]:
    """The name of each fault (ENOTBLK) by what the system says of it."""
    return {os.strerror(number): name for number, name in errno.errorcode.items()}


def _matched(detail: str) -> str | None:
    """The Vietnamese of a detail that, behind a place or not, has the form of an entry.

    One that ends with the detail of another error comes before that; else, where several match,
    the one with the most literal text says the most.
    """
    starts = [0, *(colon.end() for colon in re.finditer(": ", detail))]
    entries = [
        entry
        for entry in _entries()
        if entry[0][0] in detail and all(literal in detail for literal in entry[0])
    ]
    around = [entry for entry in entries if _AROUND.fullmatch(entry[1])]
    # From the last place on: the name of a file in front is no part of what is said of it.
    in_turn = (
        *((entry, start) for start in starts for entry in around),
        *product(entries, reversed(starts)),
    )
    for (_, template, sentence), start in in_turn:
        match = _pattern(template).fullmatch(detail, start)
        if match is not None:
            parts = {
                name: _from_elsewhere(part) if name == _ELSEWHERE else _vietnamese(part)
                for name, part in match.groupdict().items()
            }
            translated = _PLACEHOLDER.sub(lambda place: parts[place[1]], sentence)  # noqa: B023
            return _vietnamese(detail[: start - 2]) + ": " + translated if start else translated
    return None


@cache
def _entries() -> list[tuple[list[str], str, str]]:
    """Of each entry the literal parts, the longest first, the English and the Vietnamese.

    The most literal entry comes first.
    """
    text = (resources.files("admin") / "details.toml").read_text(encoding="utf-8")
    # The faults of a file (`admin/rules/cells.py`) are parts of details too.
    english, vietnamese = catalogue("en"), catalogue("vi")
    faults = {english[key]: vietnamese[key] for key in english if key.startswith("sheet.")}
    entries = [
        (
            sorted(_PLACEHOLDER.sub("\0", template).split("\0"), key=len, reverse=True),
            template,
            sentence,
        )
        for template, sentence in (faults | tomllib.loads(text)).items()
        if "{" not in _PLACEHOLDER.sub("", template)
    ]
    return sorted(entries, key=lambda entry: -len("".join(entry[0])))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(template)
    return re.compile(
        "".join(f"(?P<{part}>.*?)" if i % 2 else re.escape(part) for i, part in enumerate(parts)),
        re.DOTALL,
    )
