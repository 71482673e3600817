"""Tables as offices save them, and what must happen to each: inputs/*.toml, one case a table.

A case says which reader (`roster` unless it says otherwise), how the table is saved (`in`: as CSV
and as a workbook unless it says otherwise), and what comes of it: how many `people`, or all
`problems`, and all `warnings`; each is the code of a fault of `admin/locales/sheet`, with its cell
or row.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from admin.office import expected
from admin.prepare import people, roster
from admin.rules import counts, regime
from admin.rules.cells import BadTable, Problem
from admin.words import catalogue
from tests.admin.rules import workbooks
from tests.admin.rules.workbooks import Look
from tests.admin.session.books import saved

INPUTS: Final = Path(__file__).parent / "inputs"
VOTE: Final = date(2026, 12, 7)
RULES: Final = regime.load("nq96-2023")
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")  # that Windows-1258 has alone

Case = dict[str, Any]


def cases() -> Iterator[Any]:
    """Each case in each way it is saved."""
    for path in sorted(INPUTS.glob("*.toml")):
        for name, case in tomllib.loads(path.read_text("utf-8")).items():
            ways = case.get("in", ["csv", "xlsx"]) if "table" in case else [""]
            for way in ways:
                yield pytest.param(case, way, id=f"{path.stem}-{name}-{way}".rstrip("-"))


CASES: Final = list(cases())


def in_windows_1258(text: str) -> bytes:
    """A letter with two marks is one with a mark, and the tone behind it."""
    encoded = b""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in parts if mark in _TONES)
        try:
            encoded += letter.encode("cp1258")
        except UnicodeEncodeError:
            base = unicodedata.normalize("NFC", parts.replace(tone, "", 1))
            encoded += (base + tone).encode("cp1258")
    return encoded


def contents(case: Case, way: str) -> bytes:
    """The file of a case."""
    if "file" in case:
        return (INPUTS / str(case["file"])).read_bytes()
    if way == "xlsx":
        keys = ("merged", "hidden_rows", "hidden_columns", "strict", "more")
        look = Look(**{key: case[key] for key in keys if key in case})
        return workbooks.workbook(case["table"], look)
    text = case.get("start", "") + (
        case["raw"]
        if "raw" in case
        else workbooks.text(case["table"], case.get("separator", ","), case.get("end", "\r\n"))
    )
    encoding = case.get("encoding", "utf-8")
    data = in_windows_1258(text) if encoding == "cp1258" else text.encode(encoding)
    return data[: len(data) - case.get("cut", 0)] + bytes.fromhex(case.get("hex", ""))


def read(case: Case, path: Path) -> tuple[list[Any], list[Problem], list[Problem]]:
    """The rows that a reader takes, with problems and warnings."""
    problems: list[Problem] = []
    warnings: list[Problem] = []
    rows: list[Any] = []
    match case.get("reader", "roster"):
        case "roster":
            rows += people.read_roster(path, problems, warnings, VOTE)
        case "officials":
            rows += people.read_officials(path, problems, warnings)
        case "expected":
            rows += expected.read(path, problems, warnings)
        case _:
            rows, problems, warnings = read_counts(path)
    return rows, problems, warnings


def read_counts(path: Path) -> tuple[list[Any], list[Problem], list[Problem]]:
    """The same of counts, which are refused as a whole."""
    try:
        table = counts.decode(path.read_bytes(), path.name, RULES)
    except BadTable as error:
        return [], list(error.problems), []
    return list(table.officials), [], list(table.warnings)


def places(problems: list[Problem]) -> list[str]:
    """Code and cell, or row, of each."""
    return [
        problem.fault.code + ("" if problem.row is None else f"@{column(problem)}{problem.row}")
        for problem in problems
    ]


def column(problem: Problem) -> str:
    return "" if problem.column is None else problem.column.partition(" ")[0]


@pytest.mark.parametrize(("case", "way"), CASES)
def test_what_must_happen_happens(
    case: Case, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(roster, "FEWEST", 1)
    name = case.get("name") or (Path(case["file"]).name if "file" in case else f"r.{way or 'csv'}")
    rows, problems, warnings = read(case, saved(tmp_path, name, contents(case, way)))

    assert places(problems) == case.get("problems", []), [p.told("vi") for p in problems]
    assert places(warnings) == case.get("warnings", []), [w.told("vi") for w in warnings]
    if "people" in case:
        assert len(rows) == case["people"]
    for key in ("positions", "units", "births"):
        if key in case:
            assert [row.detail(key.removesuffix("s")) for row in rows] == case[key]
    if "names" in case:
        assert [row.name for row in rows] == case["names"]
    if "since" in case:
        assert [row.career.since.isoformat() for row in rows] == case["since"]


@pytest.mark.parametrize(("case", "way"), CASES)
def test_every_problem_says_where_what_and_what_to_do(
    case: Case, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In Vietnamese no word of English, beside commands and names of formats."""
    monkeypatch.setattr(roster, "FEWEST", 1)
    name = case.get("name") or (Path(case["file"]).name if "file" in case else f"r.{way or 'csv'}")
    _, problems, warnings = read(case, saved(tmp_path, name, contents(case, way)))
    for problem in [*problems, *warnings]:
        line = problem.told("vi")
        assert line.startswith(name)
        if problem.row is not None:
            assert f"dòng {problem.row}" in line
        if problem.content:
            assert "“" in line
        assert not re.search(r"\b(the|row|column|is|not|and)\b", line), line


def test_there_are_enough_of_them():
    assert len(CASES) >= 120


def test_every_fault_of_a_table_has_a_case():
    """Faults that the tests of single parts show are named here."""
    shown = {
        place.partition("@")[0]
        for param in CASES
        for key in ("problems", "warnings")
        for place in param.values[0].get(key, [])
    }
    texts = INPUTS.parents[3] / "admin" / "locales" / "sheet" / "en.toml"
    faults = set(tomllib.loads(texts.read_text("utf-8"))["sheet"])
    elsewhere = {"of_workbook", "place", "password", "body_empty", "no_officials", "percent"}
    of_drafts = {"gap", "sample", "counter_rated", "cycle_year", "cycle_order", "own_reason"}

    assert faults - elsewhere - of_drafts <= shown
    assert {f"sheet.{code}" for code in shown} <= catalogue("vi").keys()


def test_every_case_of_the_field_is_answered():
    files = {param.values[0].get("file") for param in CASES}

    assert {str(path.relative_to(INPUTS)) for path in (INPUTS / "field").iterdir()} <= files
