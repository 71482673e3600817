"""papers.toml, what the secretary enters for the papers of a session: who signs, who was absent.

Everything may be left out: the papers have a dotted line for it. What is there must be right, and
each problem names the line. Sealing takes the file over; another may be given when printing.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any, Final, TypeVar

from admin.documents.compose import NUMBERED
from admin.documents.facts import Facts, Person, Signatory
from admin.rules import cells
from admin.rules.cells import Fault, Problem

FILE: Final = "papers.toml"

_T = TypeVar("_T")
_MAX_FILE = 65_536
_MAX_TEXT = 300
_MOST = 100  # people or lines in one list
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_TEXTS: Final = ("parent", "issuer", "town", "venue")
_LISTS: Final = ("complaints", "recipients")
_PEOPLE: Final = {"committee": "role", "witnesses": "role", "excused": "reason"}
_KEYS: Final = (
    *("style", *_TEXTS, "date", "start", "end", "copies", "adopted", *_LISTS),
    *("numbers", "chair", "signatory", *_PEOPLE),
)


def read(path: Path, problems: list[Problem]) -> Facts:
    """The facts in a file; what is wrong with it is added to `problems`.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_FILE + 1)
    return decode(data, path.name, problems)


def decode(data: bytes, name: str, problems: list[Problem]) -> Facts:
    """The facts in a TOML text; `name` is that of its file in problems."""
    try:
        table, lines = _parsed(data)
    except Fault as fault:
        problems.append(Problem(name, None, None, fault))
        return Facts()
    reader = _Reader(table, lines, name)
    facts = reader.facts()
    problems += sorted(reader.problems, key=lambda one: one.row or 0)
    return facts


def _parsed(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The tables, and the lines in which they stand. Raises Fault."""
    if len(data) > _MAX_FILE:
        raise Fault("file_too_long", limit=_MAX_FILE)
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        return tomllib.loads(text), text.split("\n")
    except UnicodeDecodeError as error:
        raise Fault("toml_not_utf8", byte=error.start) from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise Fault("not_toml", reason=error) from None


class _Reader:
    """Takes the keys of the file one by one and remembers what was wrong."""

    def __init__(self, table: dict[str, Any], lines: list[str], file: str) -> None:
        self._table = table
        self._lines = lines
        self._file = file
        self.problems: list[Problem] = []

    def facts(self) -> Facts:
        self._known("", self._table, _KEYS)
        people = {key: self._people(key, beside) for key, beside in _PEOPLE.items()}
        recipients = self._list("recipients")
        return Facts(
            style=self._style(),
            **{key: self._text(key, self._table) for key in _TEXTS},
            numbers=self._numbers(),
            dated=self._one("date", _date),
            start=self._one("start", _time),
            end=self._one("end", _time),
            committee=people["committee"] or (),
            witnesses=people["witnesses"],
            chair=self._chair(),
            excused=people["excused"],
            complaints=self._list("complaints"),
            copies=self._one("copies", _copies),
            adopted=self._one("adopted", _truth),
            recipients=recipients or (),
            signatory=self._signatory(),
        )

    def _style(self) -> Any:
        def style(said: object) -> str:
            if said not in {"state", "party"}:
                raise Fault("not_an_option", value=str(said)[:40], options="state, party")
            return str(said)

        return self._one("style", style)

    def _numbers(self) -> tuple[tuple[str, str], ...]:
        table = self._part("numbers", NUMBERED)
        said = ((kind, self._text(kind, table, "numbers")) for kind in NUMBERED if kind in table)
        return tuple((kind, text) for kind, text in said if text is not None)

    def _chair(self) -> Person | None:
        table = self._part("chair", ("name", "position"))
        name = self._text("name", table, "chair")
        if name is None:
            return None
        return Person(name, self._text("position", table, "chair") or "")

    def _signatory(self) -> Signatory | None:
        table = self._part("signatory", ("lines", "name"))
        name = self._text("name", table, "signatory")
        lines = self._texts("lines", table.get("lines", []), "signatory")
        return Signatory(lines, name or "") if lines else None

    def _people(self, key: str, beside: str) -> tuple[Person, ...] | None:
        said = self._table.get(key)
        if said is None:
            return None
        if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
            self._fail(key, Fault("tables_expected", key=key))
            return None
        found = []
        for place, table in enumerate(said[:_MOST], start=1):
            self._known(key, table, ("name", beside), place)
            name = self._text("name", table, key, place, needed=True)
            more = self._text(beside, table, key, place)
            found.append(Person(name or "", more or ""))
        if len(said) > _MOST:
            self._fail(key, Fault("out_of_range", value=len(said), low=0, high=_MOST))
        return tuple(found)

    def _list(self, key: str) -> tuple[str, ...] | None:
        said = self._table.get(key)
        return None if said is None else self._texts(key, said)

    def _texts(self, key: str, said: object, table: str = "") -> tuple[str, ...]:
        if not isinstance(said, list):
            self._fail(key, Fault("texts_expected"), table)
            return ()
        found = [self._phrase(key, one, table) for one in said[:_MOST]]
        return tuple(text for text in found if text)

    def _text(
        self,
        key: str,
        table: Mapping[str, object],
        of: str = "",
        place: int = 1,
        *,
        needed: bool = False,
    ) -> str | None:
        """The text of a key; None where it is empty or absent."""
        if key not in table:
            if needed:
                self._fail(of, Fault("key_missing", key=key), place=place)
            return None
        text = self._phrase(key, table[key], of, place) or None
        if needed and table[key] == "":
            self._fail(key, Fault("text_empty"), of, place)
        return text

    def _phrase(self, key: str, said: object, of: str = "", place: int = 1) -> str:
        if not isinstance(said, str):
            self._fail(key, Fault("text_expected"), of, place)
            return ""
        try:
            return cells.phrase(said, _MAX_TEXT)
        except Fault as fault:
            self._fail(key, fault, of, place)
            return ""

    def _one(self, key: str, take: Callable[[object], _T]) -> _T | None:
        said = self._table.get(key)
        if said is None or said == "":
            return None
        try:
            return take(said)
        except Fault as fault:
            self._fail(key, fault)
            return None

    def _part(self, key: str, known: tuple[str, ...]) -> dict[str, Any]:
        said = self._table.get(key, {})
        if not isinstance(said, dict):
            self._fail(key, Fault("table_expected", key=key))
            return {}
        self._known(key, said, known)
        return said

    def _known(
        self, of: str, table: Mapping[str, object], known: tuple[str, ...], place: int = 1
    ) -> None:
        for key in table:
            if key not in known:
                self._fail(key, Fault("key_unknown", known=", ".join(known)), of, place)

    def _fail(self, key: str, fault: Fault, table: str = "", place: int = 1) -> None:
        start = self._row(rf"\s*\[+\s*{re.escape(table)}\s*\]", 0, place) if table else 0
        pattern = rf"""\s*(["']?{re.escape(key)}["']?\s*[.=]|\[+\s*{re.escape(key)}\b)"""
        row = self._row(pattern, start or 0, 1 if table else place) or start or None
        shown = f"{table}.{key}" if table else key
        self.problems.append(Problem(self._file, row, shown if row else None, fault))

    def _row(self, pattern: str, after: int, count: int) -> int | None:
        """The number of the line that matches for so many times after a line."""
        for number, line in enumerate(self._lines, start=1):
            if number > after and re.match(pattern, line):
                count -= 1
                if count == 0:
                    return number
        return None


def _date(said: object) -> date:
    try:
        if isinstance(said, str):
            return date.fromisoformat(said.strip())
    except ValueError:
        pass
    if type(said) is date:
        return said
    raise Fault("date_form")


def _time(said: object) -> time:
    if isinstance(said, time):
        return said
    found = _TIME.fullmatch(str(said).strip()) if isinstance(said, str) else None
    if found is None:
        raise Fault("time_form")
    return time(int(found[1]), int(found[2]))


def _copies(said: object) -> int:
    if type(said) is not int:
        raise Fault("integer_expected")
    if not 1 <= said <= _MOST:
        raise Fault("out_of_range", value=said, low=1, high=_MOST)
    return said


def _truth(said: object) -> bool:
    if not isinstance(said, bool):
        raise Fault("boolean_expected")
    return said
