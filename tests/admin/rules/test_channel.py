"""A line without a valid mark: of a ballot with one name it is the ballot, of others the line.

The same ballots are counted electronically, by keys and by a table, and by hand.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.paper import sums
from admin.paper.entry import Keys, Pending
from admin.paper.sums import BadPaper, BallotForm, PaperSums
from admin.record.session_file import Block
from admin.rules import regime
from admin.rules.channel import Marks, Pile, at_no_level, electronic
from admin.rules.compute import OfficialCounts, Turnout, compute
from admin.rules.regime import Regime
from crypto.session import Level, Official, Policy

Ballots = Sequence[tuple[int, ...]]  # 0 for a line without a valid mark, then the levels from 1
LINE_ONLY = ("qd96-2023", "nq96-2023", "nq85-2014", "nq35-2012", "two-level-nq96")


def form(rules: Regime, *sizes: int) -> BallotForm:
    """A paper ballot of khối with so many names."""
    officials = tuple(Official(f"Người thứ {i}", "Ủy viên") for i in range(sum(sizes)))
    levels = tuple(Level(level.key, level.label.vi) for level in rules.levels)
    policy = Policy(
        levels=levels,
        channels=("paper",),
        min_ballots=5,
        regime=rules.id,
        invalid=rules.invalid.scope,
        publication="public",
        recovery="none",
        rehearsal=False,
    )
    blocks = tuple(Block(f"Khối {number}", size) for number, size in enumerate(sizes, start=1))
    return sums.ballot_form(officials, rules, policy, blocks)


def totals(rules: Regime, ballots: Ballots) -> list[list[int]]:
    """For each official the count of each level."""
    keys = range(1, len(rules.level_keys) + 1)
    return [[line.count(key) for key in keys] for line in zip(*ballots, strict=True)]


def by_keys(ballot_form: BallotForm, ballots: Ballots) -> PaperSums:
    """As a person presses them, khối by khối."""
    pending = Pending.begin(ballot_form)
    for block in range(len(ballot_form.blocks)):
        places = ballot_form.of(block)
        for ballot in ballots:
            keys = Keys(len(places), len(ballot_form.levels), ballot_form.whole(block))
            assert all(keys.mark(str(ballot[place])) for place in places)
            pending = pending.record(keys.ballot())
        pending = pending.finish()
    return pending.entry(len(ballots))


def by_table(ballot_form: BallotForm, ballots: Ballots, *, blanks: bool) -> PaperSums:
    """As a person writes them into a table, with the column of blank lines or without."""
    two = len(ballot_form.levels) == 2
    head = "tin_nhiem,khong_tin_nhiem" if two else "cao,tin_nhiem,thap"
    rows = [f"stt,ho_ten,chuc_vu,{head},trong"]
    for place, line in enumerate(totals(ballot_form.rules, ballots)):
        blank = len(ballots) - sum(line) if blanks else ""
        who = ballot_form.officials[place]
        rows.append(f"{place + 1},{who.name},{who.position},{','.join(map(str, line))},{blank}")
    piles = (Pile(len(ballots)),) * len(ballot_form.blocks)
    return sums.from_table(ballot_form, "\n".join(rows).encode(), "a.csv", piles, len(ballots), [])


@st.composite
def votes(draw: st.DrawFn) -> tuple[BallotForm, Ballots]:
    """Khối of one, two and three names in some order, and what was marked on them."""
    rules = regime.load(draw(st.sampled_from(LINE_ONLY)))
    sizes = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    mark = st.integers(0, len(rules.level_keys))
    ballot = st.tuples(*[mark] * sum(sizes))
    return form(rules, *sizes), draw(st.lists(ballot, min_size=5, max_size=12))


@given(votes())
def test_one_name_spoils_the_ballot_and_several_only_the_line(vote: tuple[BallotForm, Ballots]):
    """Compared with a plain count of the pile."""
    ballot_form, ballots = vote
    number, rules = len(ballots), ballot_form.rules
    sizes = [block.officials for block in ballot_form.blocks]
    counted = electronic(rules, number, number, totals(rules, ballots), sizes)

    for block, pile in enumerate(counted.piles):
        places = ballot_form.of(block)
        for place in places:
            without = sum(ballot[place] == 0 for ballot in ballots)
            alone = len(places) == 1
            assert pile == Pile(number, without if alone else 0)
            assert counted.officials[place].blank == (0 if alone else without)


@given(votes(), st.booleans())
def test_paper_and_electronic_ballots_are_counted_alike(
    vote: tuple[BallotForm, Ballots], blanks: bool
):
    """By keys, by a table and by the box: the same piles, the same lines, nothing refused."""
    ballot_form, ballots = vote
    number, rules = len(ballots), ballot_form.rules
    sizes = [block.officials for block in ballot_form.blocks]
    counted = electronic(rules, number, number, totals(rules, ballots), sizes)

    for entry in (by_keys(ballot_form, ballots), by_table(ballot_form, ballots, blanks=blanks)):
        entry.check(ballot_form, number)
        assert (entry.piles, entry.officials) == (counted.piles, counted.officials)


@given(votes())
def test_percentages_are_of_all_ballots_collected(vote: tuple[BallotForm, Ballots]):
    """Invalid ones among them: what the minutes have is what `results compute` has."""
    ballot_form, ballots = vote
    number, rules = len(ballots), ballot_form.rules
    sizes = [block.officials for block in ballot_form.blocks]
    counted = electronic(rules, number, number, totals(rules, ballots), sizes)
    turnout = Turnout(delegates=number + 3, collected=number)

    for block, pile in enumerate(counted.piles):
        for place in ballot_form.of(block):
            line = counted.officials[place]
            blank = at_no_level(rules, pile, line)
            assert compute(rules, [OfficialCounts("A", "", line.levels, blank)], turnout) == (
                compute(rules, [OfficialCounts("A", "", line.levels)], turnout)
            )


def test_the_regulation_that_was_read_says_so():
    """QĐ 96-QĐ/TW, Article 6 paragraph 3: the denominator, and one and several names."""
    rules = regime.load("qd96-2023")

    assert rules.denominator.kind == "collected"
    assert (rules.invalid.scope, rules.invalid.one_name) == ("line", "ballot")
    for value in (rules.denominator, rules.blank, rules.invalid):
        assert value.verified
        assert value.rule == "Khoản 3 Điều 6 Quy định số 96-QĐ/TW"


def test_rules_of_ones_own_may_say_otherwise():
    """A blank line on a ballot with one name stays a line; where it counts as no, always."""
    rules = regime.load("two-level-nq96")
    line = rules.model_copy(
        update={"invalid": rules.invalid.model_copy(update={"one_name": "line"})}
    )
    as_no = rules.model_copy(
        update={"blank": rules.blank.model_copy(update={"policy": "counts_as_no"})}
    )

    for own in (line, as_no):
        counted = electronic(own, 10, 10, [(6, 3)], (1,))
        assert (counted.piles, counted.officials) == ((Pile(10),), (Marks((6, 3), 1),))
        assert not form(own, 1).whole(0)
    assert electronic(rules, 10, 10, [(6, 3)], (1,)).piles == (Pile(10, 1),)


def test_a_blank_line_on_a_ballot_with_one_name_is_no_entry():
    """Whoever brings such sums is told whose line it is."""
    ballot_form = form(regime.load("qd96-2023"), 1, 2)
    lines = (Marks((9, 0, 0), 0), Marks((6, 2, 1), 1), Marks((10, 0, 0), 0))
    entry = PaperSums(10, (Pile(10, 1), Pile(10)), lines)

    entry.check(ballot_form, 10)
    wrong = replace(entry, piles=(Pile(10), Pile(10)), officials=(Marks((9, 0, 0), 1), *lines[1:]))
    with pytest.raises(BadPaper, match=r"1\. Người thứ 0: 1 blank"):
        wrong.check(ballot_form, 10)
