"""One person's count of paper ballots: what adds up is taken, everything else is named."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.paper import sums
from admin.paper.sums import BadPaper, BallotForm, PaperSums, TooFewPaper
from admin.record.session_file import Block
from admin.rules import regime
from admin.rules.channel import Marks, Pile
from crypto.errors import Malformed
from crypto.session import Level, Official, Policy

RULES = regime.load("nq96-2023")
POLICY = Policy(
    levels=tuple(Level(level.key, level.label.vi) for level in RULES.levels),
    channels=("paper",),
    min_ballots=10,
    regime=RULES.id,
    invalid="line",
    publication="public",
    recovery="none",
    rehearsal=False,
)
OFFICIALS = (
    Official("Nguyễn Văn An", "Chủ tịch"),
    Official("Trần Thị Bình", "Phó Chủ tịch"),
    Official("Lê Hoàng Cường", "Trưởng Ban"),
)
ONE = sums.ballot_form(OFFICIALS, RULES, POLICY, ())
TWO = sums.ballot_form(OFFICIALS, RULES, POLICY, (Block("Khối một", 1), Block("Khối hai", 2)))
ENTRY = PaperSums(
    20, (Pile(18, 2),), (Marks((10, 5, 1), 0), Marks((4, 4, 4), 4), Marks((0, 0, 16), 0))
)
HEADER = "stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong\n"
AN = "1,Nguyễn Văn An,Chủ tịch,10,5,1,"
BINH = "2,Trần Thị Bình,Phó Chủ tịch,4,4,4,"
CUONG = "3,Lê Hoàng Cường,,0,0,16,"


def table(*lines: str) -> bytes:
    return (HEADER + "\n".join(lines)).encode()


def test_an_entry_that_adds_up_is_taken():
    """Collected ≤ issued, and each line has as many marks as there are valid ballots."""
    ENTRY.check(ONE, 20)
    assert PaperSums.decode(ENTRY.encode()) == ENTRY


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"issued": 19}, "issued is 19, but 20 are in the registrar's book"),
        ({"piles": (Pile(21, 5),)}, "collected 21 > issued 20"),
        ({"piles": (Pile(18, 19),)}, "invalid 19 > collected 18"),
        (
            {"officials": (Marks((11, 5, 1), 0), *ENTRY.officials[1:])},
            "1. Nguyễn Văn An: .* 17 > 16 valid",
        ),
        (
            {"officials": (*ENTRY.officials[:2], Marks((0, 0, 15), 0))},
            "3. Lê Hoàng Cường: .* 15 < 16 valid",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_named(wrong: dict[str, Any], refusal: str):
    """Each with the khối or the official whose they are."""
    with pytest.raises(BadPaper, match=refusal):
        replace(ENTRY, **wrong).check(ONE, 20)


def test_fewer_than_the_least_number_are_not_counted():
    """So few ballots would tell who gave them; the least number itself is enough."""
    lines = (Marks((9, 0, 0), 0),) * 3
    few = PaperSums(20, (Pile(9, 0),), lines)
    with pytest.raises(TooFewPaper, match="9 paper ballots, at least 10"):
        few.check(ONE, 20)

    replace(few, piles=(Pile(10, 1),)).check(ONE, 20)


def test_too_few_of_one_khoi_are_named():
    """Each khối is a ballot of its own."""
    lines = (Marks((12, 0, 0), 0), Marks((8, 0, 0), 0), Marks((8, 0, 0), 0))
    with pytest.raises(TooFewPaper, match="Khối hai: 8 paper ballots"):
        PaperSums(20, (Pile(12, 0), Pile(8, 0)), lines).check(TWO, 20)


def test_a_blank_line_where_it_spoils_the_ballot_is_refused():
    """Such a ballot is among the invalid ones and has no lines."""
    strict = sums.ballot_form(OFFICIALS, RULES, replace(POLICY, invalid="ballot"), ())
    with pytest.raises(BadPaper, match=r"2\. Trần Thị Bình: 4 blank lines"):
        ENTRY.check(strict, 20)

    lines = (ENTRY.officials[0], Marks((8, 4, 4), 0), ENTRY.officials[2])
    replace(ENTRY, officials=lines).check(strict, 20)


def test_every_difference_is_found():
    """Sums of khối and of officials, each with both numbers."""
    first = PaperSums(20, (Pile(12, 0), Pile(12, 0)), (Marks((12, 0, 0), 0),) * 3)
    second = PaperSums(20, (Pile(12, 0), Pile(13, 1)), (Marks((11, 1, 0), 0), *first.officials[1:]))

    assert list(sums.differences(TWO, first, second)) == [
        ("Khối hai: collected", 12, 13),
        ("Khối hai: invalid", 0, 1),
        ("1. Nguyễn Văn An, high", 12, 11),
        ("1. Nguyễn Văn An, medium", 0, 1),
    ]
    assert list(sums.differences(TWO, first, first)) == []


class TestTable:
    def entry(
        self, *lines: str, form: BallotForm = ONE, piles: tuple[Pile, ...] = (Pile(18, 2),)
    ) -> PaperSums:
        return sums.from_table(form, table(*lines), "a.csv", piles, 20, [])

    def test_a_table_is_an_entry(self):
        """Blank lines are those of the column, else what is left of the valid ballots."""
        assert self.entry(AN, BINH, CUONG + "0") == ENTRY

    @pytest.mark.parametrize(
        ("lines", "refusal"),
        [
            ([AN], "1 officials, the session has 3"),
            (
                ["1,Trần Thị Bình,Phó Chủ tịch,4,4,4,", "2,Nguyễn Văn An,Chủ tịch,10,5,1,", CUONG],
                "row 2: Trần Thị Bình, Phó Chủ tịch is not 1. Nguyễn Văn An – Chủ tịch",
            ),
            (
                ["1,Nguyễn Văn An,Chủ tịch,10,,1,", BINH, CUONG],
                "row 2: 1. Nguyễn Văn An: a count is missing",
            ),
        ],
    )
    def test_another_table_is_refused_by_name(self, lines: list[str], refusal: str):
        """Row and official."""
        with pytest.raises(BadPaper, match=refusal):
            self.entry(*lines)

    def test_a_name_may_have_its_tones_elsewhere(self):
        """Unless the ballot has both."""
        hoa, other = Official("Nguyễn Thị Hoà", "Chủ tịch"), Official("Lê An", "Giám đốc")
        rows = ("1,nguyễn thị hòa,CT,10,5,1,", "2,Lê An,GĐ,10,5,1,")
        both = (hoa, Official("Nguyễn Thị Hòa", "Giám đốc"))

        entry = self.entry(*rows, form=sums.ballot_form((hoa, other), RULES, POLICY, ()))
        assert entry.officials == (Marks((10, 5, 1), 0),) * 2
        swapped = ("1,Nguyễn Thị Hòa,Giám đốc,10,5,1,", "2,Nguyễn Thị Hoà,Chủ tịch,10,5,1,")
        with pytest.raises(BadPaper, match=r"is not 1\. Nguyễn Thị Hoà – Chủ tịch"):
            self.entry(*swapped, form=sums.ballot_form(both, RULES, POLICY, ()))

    def test_everything_wrong_with_a_table_comes_at_once(self):
        with pytest.raises(BadPaper) as caught:
            self.entry("1,X,Chủ tịch,10,5,1,", "2,Trần Thị Bình,Phó Chủ tịch,4,4,,", CUONG)

        assert [line.strip()[:11] for line in str(caught.value).split("\n")] == [
            "a.csv: row ",
            "a.csv: row ",
        ]

    def test_a_table_is_refused_in_the_language_of_the_reader(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setenv("PHIEUKIN_LANG", "vi")
        with pytest.raises(BadPaper, match=r"a\.csv: có 1 người, phiên có 3"):
            self.entry(AN)

    def test_namesakes_are_told_apart_by_their_positions(self):
        """Where a name alone does not say who it is, the position must be the ballot's."""
        twins = (Official("Nguyễn Văn An", "Chủ tịch"), Official("Nguyễn Văn An", "Giám đốc"))
        form = sums.ballot_form(twins, RULES, POLICY, ())
        good = ("1,Nguyễn Văn An,Chủ tịch,10,5,1,", "2,Nguyễn Văn An,Giám đốc,10,5,1,")
        self.entry(*good, form=form)
        with pytest.raises(BadPaper, match="row 2"):
            self.entry(good[1], good[0], form=form)

    def test_more_marks_than_ballots_are_found_whatever_the_blank_column(self):
        """A table without blanks cannot hide that it has too many marks."""
        entry = self.entry("1,Nguyễn Văn An,Chủ tịch,10,5,2,", BINH, CUONG + "0")
        with pytest.raises(BadPaper, match="17 > 16 valid"):
            entry.check(ONE, 20)


class TestPiles:
    def test_one_number_is_for_all_khoi_and_its_own_goes_first(self):
        assert sums.piles(TWO, {None: 18, 2: 17}, {1: 1}) == (Pile(18, 1), Pile(17, 0))

    @pytest.mark.parametrize(
        ("collected", "refusal"),
        [({}, "Khối một: how many were collected"), ({1: 9, 3: 9}, "there is no khối 3")],
    )
    def test_a_missing_or_strange_number_is_refused(
        self, collected: dict[int | None, int], refusal: str
    ):
        with pytest.raises(BadPaper, match=refusal):
            sums.piles(TWO, collected, {})


@given(st.binary(max_size=60))
def test_no_bytes_are_half_an_entry(raw: bytes):
    """What is not an entry is malformed, whatever it is."""
    with pytest.raises(Malformed):
        PaperSums.decode(raw)
