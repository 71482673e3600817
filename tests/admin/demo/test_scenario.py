"""admin/demo/scenario.py: votes whose totals come out as told."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.demo import scenario
from admin.demo.scenario import Scenario
from admin.rules import regime
from crypto.errors import Malformed, Refused

RULES = regime.load("nq96-2023")
HEADER = "stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong\n"


def replay(rows: str, header: str = HEADER) -> Scenario:
    return scenario.replay(
        (header + rows).encode(), "counts.csv", RULES, body="b", date="2026-01-01"
    )


def counted(played: Scenario) -> list[list[int]]:
    """The plain count of the votes."""
    return [
        [sum(vote[i] == level for vote in played.votes) for level in range(3)]
        for i in range(len(played.officials))
    ]


def told(played: Scenario) -> list[list[int | None]]:
    return [list(official.levels) for official in played.officials]


def test_published_result():
    """The default plays the 18 complete rows of a real result with its 81 ballots."""
    played = scenario.published(RULES)

    assert (len(played.votes), len(played.officials)) == (81, 18)
    assert counted(played) == told(played)
    assert played.left_out == 0
    assert all(len(vote) == 18 for vote in played.votes)


def test_replay():
    """Each official's counts come out; missing marks are blank lines."""
    played = replay("1,A,x,3,2,1,0\n2,B,y,0,0,5,\n3,C,,6,0,0,0\n")

    assert counted(played) == [[3, 2, 1], [0, 0, 5], [6, 0, 0]]
    assert len(played.votes) == 6
    assert sum(vote[1] is None for vote in played.votes) == 1


def test_blank_column_counts_as_ballots():
    """Blank lines are ballots too, though nobody marked anything."""
    played = replay("1,A,x,3,2,1,4\n")

    assert len(played.votes) == 10


def test_rows_that_are_not_complete_are_left_out():
    """An official whose counts are not all known is not played, and counted as left out."""
    played = replay("1,A,x,3,2,1,0\n2,B,y,3,,1,0\n3,C,z,,,,\n")

    assert [official.name for official in played.officials] == ["A"]
    assert played.left_out == 2


@settings(max_examples=30)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=5))
def test_any_counts(rows: list[list[int]]):
    """Any counts of five ballots or more are played exactly."""
    text = "".join(f"{i},N{i},,{a},{b},{c},\n" for i, (a, b, c) in enumerate(rows, 1))
    if max(map(sum, rows)) < 5:
        with pytest.raises(Refused, match="never opened"):
            replay(text)
        return

    played = replay(text)

    assert counted(played) == rows
    assert len(played.votes) == max(map(sum, rows))


def test_columns_are_shuffled():
    """The order of the votes says nothing: two plays differ."""
    rows = "".join(f"{i},N{i},,20,20,20,\n" for i in range(3))

    assert replay(rows).votes != replay(rows).votes


@pytest.mark.parametrize("rows", ["1,A,x,,2,1,0\n", "1,A,x,,,,\n"])
def test_no_complete_row(rows: str):
    """A file without a complete row cannot be played."""
    with pytest.raises(Malformed, match=r"counts\.csv: no row has all"):
        replay(rows)


@pytest.mark.parametrize("rows", ["1,A,x,1,2,1,0\n", "1,A,x,0,0,0,0\n", "1,A,x,5001,0,0,0\n"])
def test_number_of_ballots(rows: str):
    """Fewer ballots than are ever opened, or more than a demo plays."""
    with pytest.raises(Refused, match="ballots: a demo plays 5–5000"):
        replay(rows)


@pytest.mark.parametrize(
    ("rows", "header", "where"),
    [
        ("1,A,x,a,2,1,0\n", HEADER, "row 2, column D .cao."),
        ("1,A,x,-1,2,1,0\n", HEADER, "row 2, column D .cao."),
        ("1,,x,1,2,1,0\n", HEADER, "row 2, column B .ho_ten."),
        ("1,A\n", HEADER, "row 2"),
        ("", HEADER, "no officials"),
        ("1,A,x,1,2,1,0\n", "stt,ten,chuc_vu,cao,tin_nhiem,thap,trong\n", "row 1"),
    ],
)
def test_file_that_is_no_such_table(rows: str, header: str, where: str):
    """What is wrong with the file is said with its row and column."""
    with pytest.raises(Malformed, match=where):
        replay(rows, header)


@pytest.mark.parametrize("voters", [5, 40])
def test_random_votes(voters: int):
    """The officials' counts are those of the votes, blank lines included."""
    played = scenario.random(voters, [("A", "x"), ("B", "")], RULES, "body")

    assert len(played.votes) == voters
    assert counted(played) == told(played)
    for official in played.officials:
        assert sum(n or 0 for n in official.levels) + (official.blank or 0) == voters


@pytest.mark.parametrize("voters", [0, 4, 5001])
def test_random_votes_of_too_few_or_many(voters: int):
    """The same limits for made-up votes."""
    with pytest.raises(Refused, match=f"{voters} ballots"):
        scenario.random(voters, [("A", "")], RULES, "body")


@pytest.mark.parametrize("officials", [0, 201])
def test_random_votes_on_too_few_or_many(officials: int):
    """A session has 1 to 200 officials."""
    with pytest.raises(Refused, match=f"{officials} officials"):
        scenario.random(5, [(f"N{i}", "") for i in range(officials)], RULES, "body")
