"""One reader for all TOML forms: every fault at its line, under the name of its key."""

from typing import Annotated

import pytest

from admin.rules import toml_form
from admin.rules.toml_form import Filled, TomlTable, array


class Seat(TomlTable):
    """A place in the hall."""

    name: Filled
    rank: int = 0


class Hall(TomlTable):
    """A form with a table of each kind."""

    town: Filled
    door: Seat = Seat(name="x")
    seats: Annotated[tuple[Seat, ...], array("tables_expected")] = ()


def faults(text: str) -> list[str]:
    form = toml_form.decode(text.encode(), "hall.toml", Hall)
    assert isinstance(form, list)
    return [problem.told("en").removeprefix("hall.toml: ") for problem in form]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[door]\nname = "a"\n\n[other]\nrank = 1', "row 4, key other: there is no such key"),
        ('[door]\nname = ""', "row 2, key door.name: nothing is filled in"),
        ('door = { name = "" }\n[[x.name]]', "row 1, key door.name: nothing"),
        ('[ "door" ]\n"name" = "a"\nrank = "1"', "row 3, key door.rank: a whole number"),
        ('[door]\nrank = 1\n[x]\nname = "a"', "row 1, key door: the key name is missing"),
        ('[[seats]]\nname = "a"\n[[seats]]\nrank = 2', "row 3, key seats: the key name is missing"),
        ('seats = [{ name = "a" }, { rank = 2 }]', "row 1, key seats: the key name is missing"),
        ("seats = [1]", "row 1, key seats: must be tables"),
        ("seats = 1", "row 1, key seats: must be tables"),
        ("door = 1", "row 1, key door: must be a table"),
        ("[other.inner]\nx = 1", "row 1, key other: there is no such key"),
        ('other."town" = 1', "row 1, key other: there is no such key; those known are town, "),
    ],
)
def test_a_fault_stands_at_its_line(text: str, expected: str):
    """A key of the same name in another table is not taken for it."""
    problems = faults(f"{text}\n")

    assert "the key town is missing" in problems
    assert any(fault.startswith(expected) for fault in problems), problems
