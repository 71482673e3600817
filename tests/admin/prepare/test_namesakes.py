"""One person written twice is noticed; two people of one name are left in peace."""

import time

import pytest

from admin.prepare import namesakes
from admin.prepare.namesakes import Traits, pairs


def doubles(*people: tuple[str, str, str]) -> list[tuple[int, int, str]]:
    traits = [
        Traits(i, name, birth, position) for i, (name, birth, position) in enumerate(people, 2)
    ]
    return [(pair.first.row, pair.second.row, pair.code) for pair in pairs(traits)]


@pytest.mark.parametrize(
    "second",
    [
        "NGUYỄN VĂN ĐỨC", "nguyen van duc", "Nguyễn Văn Dức", "Nguyễn-Văn Đức", "Đức Nguyễn Văn",
        "Nguyễn Vân Đức",
    ],
)  # fmt: skip
def test_another_spelling_is_noticed(second: str):
    assert doubles(("Nguyễn Văn Đức", "", ""), (second, "", "")) == [(2, 3, "other_spelling")]


def test_the_old_and_the_new_place_of_a_tone_are_one_name():
    assert doubles(("Lê Hoà", "", ""), ("Lê Hòa", "", "")) == [(2, 3, "other_spelling")]


def test_the_same_name_is_noticed_unless_the_births_differ():
    name = "Nguyễn Văn Nam"

    assert doubles((name, "", "A"), (name, "1970", "B")) == [(2, 3, "same_name")]
    assert doubles((name, "1970", "A"), (name, "1970-02-03", "B")) == [(2, 3, "same_name")]
    assert doubles((name, "1971", "A"), (name, "1970-02-03", "B")) == []
    assert doubles((name, "1970-02-04", "A"), (name, "1970-02-03", "B")) == []


def test_each_further_row_is_told_once():
    name = "Nguyễn Văn Nam"

    assert doubles(*[(name, "", str(i)) for i in range(4)]) == [
        (2, 3, "same_name"),
        (2, 4, "same_name"),
        (2, 5, "same_name"),
    ]


@pytest.mark.parametrize(
    "second", ["Hoàng Thị Lam", "Hoàng Thị Lann", "Hoàng Thị L", "Hoàn Thị Lan"]
)
def test_a_letter_apart_with_the_same_birth_or_position_is_noticed(second: str):
    first = "Hoàng Thị La" if second.endswith(" L") else "Hoàng Thị Lan"

    assert doubles((first, "1970-02-03", ""), (second, "1970-02-03", "")) == [
        (2, 3, "similar_name")
    ]
    assert doubles((first, "", "Giám đốc Sở"), (second, "", "giám đốc sở")) == [
        (2, 3, "similar_name")
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("Hoàng Thị Lan", "", ""), ("Hoàng Thị Lam", "", "")),
        (("Hoàng Thị Lan", "1970", ""), ("Hoàng Thị Lam", "1970", "")),
        (("Hoàng Thị Lan", "1970-02-03", "X"), ("Hoàng Thị Lam", "1971-02-03", "X")),
        (("Hoàng Thị Lan", "1970-02-03", ""), ("Hoàng Thị Mai", "1970-02-03", "")),
        (("Hoàng Thị Lan", "", "X"), ("Hoàng Thị Lam", "", "Y")),
    ],
)
def test_two_people_are_left_in_peace(first, second):
    assert doubles(first, second) == []


def test_a_position_that_many_have_says_nothing():
    names = ["Lê Văn Nam", "Lê Văn Lam", "Trần An", "Phạm Bình"]

    assert doubles(*[(name, "", "Đại biểu") for name in names]) == []


def test_in_a_crowd_only_the_same_names_are_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(namesakes, "CROWD", 3)
    people = [("Hoàng Thị Lan", "", "A"), ("Hoàng Thị Lam", "", "A"), ("hoang thi lan", "", "")]

    assert doubles(*people) == [(2, 3, "similar_name"), (2, 4, "other_spelling")]
    assert doubles(*people, ("Lê A", "", "")) == [(2, 4, "other_spelling")]


@pytest.mark.slow
def test_a_large_roster_is_looked_through_in_seconds():
    """Eight thousand people of one position, some hundred born each day."""
    people = [
        Traits(
            i, f"Nguyễn {i % 9973} Văn {i % 313}", f"19{50 + i % 40}-01-0{1 + i % 9}", "Đại biểu"
        )
        for i in range(8_000)
    ]
    started = time.monotonic()
    pairs(people)

    assert time.monotonic() - started < 20
