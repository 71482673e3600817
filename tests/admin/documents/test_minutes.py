"""The model of the minutes refuses what contradicts itself, and computes nothing of its own."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from admin.documents.facts import MeetingFacts, Participant
from admin.record.session_file import Block, SessionFile
from admin.rules import regime
from admin.rules.channel import ChannelCount, Marks, Pile, electronic
from admin.rules.compute import OfficialCounts, Turnout, compute
from crypto.errors import Refused
from tests.admin.documents import samples
from tests.admin.rules.test_published import VOTES, read

HONEST = samples.state(2)


def column(**changes: Any) -> ChannelCount:
    assert HONEST.electronic is not None
    return replace(HONEST.electronic, **changes)


def with_blocks(*blocks: Block) -> SessionFile:
    return replace(HONEST.session_file, blocks=blocks)


def test_the_honest_counts_are_taken():
    assert HONEST.absent == 13
    assert samples.party().issued == 94


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"electronic": column(issued=80)}, "electronic collected 81 is more than"),
        ({"present": 81}, "issued 82 is more than present 81"),
        ({"present": 96}, "present 96 is more than summoned 95"),
        ({"late": 14}, "present 96 is more than summoned 95"),
        (
            {"electronic": column(piles=(Pile(81, 1),))},
            "electronic: Nguyễn Thị Lệ: levels and invalid lines make 81, but 80",
        ),
        (
            {"electronic": column(officials=(Marks((73, 6, 2), 1), Marks((67, 12, 2), 0)))},
            "electronic: Nguyễn Thị Lệ: levels and invalid lines make 82, but 81",
        ),
        (
            {"electronic": column(officials=(Marks((73, 6, 2), 0), Marks((67, 12, 1), 0)))},
            "electronic: Lê Trương Hải Hiếu: levels and invalid lines make 80",
        ),
        ({"electronic": column(officials=())}, "0 officials are counted, 2 are rated"),
        ({"session_file": with_blocks(Block("A", 1))}, "the blocks hold 1 officials, 2 are rated"),
        (
            {"session_file": with_blocks(Block("A", 1), Block("B", 1))},
            "1 piles of ballots, but 2 blocks",
        ),
        ({"electronic": None}, "neither electronic nor paper"),
        ({"paper": samples.paper(2)}, "issued 94 is more than present 82"),
        ({"paper": samples.paper(1), "late": 12}, "paper: 1 officials are counted"),
        ({"uncounted": 1}, "issued 83 is more than present 82"),
        (
            {"facts": MeetingFacts(excused=(Participant("A"),) * 14)},
            "excused 14 is more than absent 13",
        ),
    ],
)
def test_a_contradiction_is_refused_by_name(changes: dict[str, Any], refusal: str):
    """Each of the reconciliations of domain.md §2.3, broken alone."""
    with pytest.raises(Refused, match=refusal):
        replace(HONEST, **changes)


def test_every_sheet_of_paper_is_told_once():
    """Of two khối there are twice as many sheets; a spoiled one is one, whatever its khối."""
    (count,) = (samples.party(),)
    assert count.left is None
    printed = replace(count.facts, printed=20)
    assert replace(count, facts=printed).left == 2 * (20 - 12) - 1
    assert samples.state(2).left is None
    with pytest.raises(Refused, match="issued and exchanged 25 is more than printed 24"):
        replace(count, facts=replace(count.facts, printed=12))


def test_results_are_those_of_results_compute():
    """The same function, the same numbers: paper and electronic ballots added first."""
    both = samples.state(2, paper=samples.paper(2), late=12)
    lines = [
        OfficialCounts(official.name, official.position, (a + 8, b + 2, c + 1))
        for official, (a, b, c) in zip(both.officials, [(73, 6, 2), (67, 12, 2)], strict=True)
    ]

    assert both.results == compute(both.regime, lines, Turnout(delegates=95, collected=93))
    assert both.results["officials"][0]["percent"]["high"] == "87,1"


def test_blank_lines_and_invalid_ballots_are_in_the_denominator_and_at_no_level():
    """On a ballot with two names a blank line is a line, in whatever way it was cast."""
    blank = electronic(HONEST.regime, 10, 10, [(5, 3, 1), (10, 0, 0)], (2,))
    paper = ChannelCount(10, (Pile(10, 2),), (Marks((6, 1, 0), 1), Marks((8, 0, 0), 0)))
    count = samples.state(2, electronic=blank, paper=paper)
    first, second = count.results["officials"]

    assert count.piles == (Pile(20, 2),)
    assert first["counts"] == {"high": 11, "medium": 4, "low": 1, "blank": 4}
    assert second["counts"] == {"high": 18, "medium": 0, "low": 0, "blank": 2}
    assert count.results["denominator"]["value"] == 20
    assert first["percent"]["high"] == "55"


def published(rules: str, levels: Sequence[Sequence[int]], turnout: Turnout, *, apart: bool):
    """The minutes of a published vote: a ballot for each official, or one for all."""
    collected = turnout.collected or turnout.present or 0
    sizes = (1,) * len(levels) if apart else (len(levels),)
    blocks = tuple(Block(f"Khối {number}", size) for number, size in enumerate(sizes, start=1))
    session_file = replace(samples.COUNCIL, delegates=turnout.delegates or collected, blocks=blocks)
    counted = electronic(regime.load(rules), collected, collected, levels, sizes)
    return samples.state(
        len(levels),
        rules,
        session_file,
        electronic=counted,
        summoned=collected,
        present=collected,
        facts=MeetingFacts(),
    )


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize(("name", "rules", "turnout", "_"), VOTES)
def test_minutes_and_results_compute_agree_on_what_was_published(
    name: str, rules: str, turnout: Turnout, _: int, *, apart: bool
):
    """Counts, percentages and findings, whether a blank line spoils the ballot or only itself."""
    complete = [who for who in read(name, rules).officials if None not in who.levels]
    levels = [[count for count in who.levels if count is not None] for who in complete]
    if levels:
        minutes = published(rules, levels, turnout, apart=apart)
        lines = compute(regime.load(rules), complete, turnout)["officials"]
        collected = turnout.collected or turnout.present or 0  # all who voted in 2013
        for written, computed in zip(minutes.results["officials"], lines, strict=True):
            assert written["percent"] == computed["percent"]
            assert (written["finding"] is None) == (computed["finding"] is None)
            assert sum(count or 0 for count in written["counts"].values()) == collected
        spoiled = [collected - sum(line) for line in levels]
        alone = apart or len(levels) == 1
        assert [pile.invalid for pile in minutes.piles] == (spoiled if alone else [0])


@pytest.mark.parametrize(
    ("rules", "levels", "turnout", "valid"),
    [
        ("nq96-2023", (19, 2, 25), Turnout(collected=47), 46),  # Vĩnh Phúc 2023
        ("nq96-2023", (46, 5, 0), Turnout(collected=52), 51),  # Hà Tĩnh 2023: “46/51 (88,46%)”
        ("nq85-2014", (52, 0, 0), Turnout(53, 52, 52, 52), 52),  # Thừa Thiên Huế 2018
        ("nq35-2012", (49, 34, 6), Turnout(delegates=94, collected=90), 89),  # TP.HCM 2014
    ],
)
def test_valid_ballots_are_those_that_were_published(
    rules: str, levels: tuple[int, ...], turnout: Turnout, valid: int
):
    """A ballot of an official's own without a valid mark is invalid, and in the denominator."""
    (pile,) = published(rules, [levels], turnout, apart=True).piles

    assert (pile.collected, pile.valid) == (turnout.collected, valid)


def test_each_block_is_a_share_of_its_own_ballots():
    """Of khối with unlike numbers of ballots each has its own denominator."""
    piles = (Pile(12, 1), Pile(11))
    count = samples.party(paper=samples.paper(18, piles))

    assert count.results["denominator"]["value"] is None
    percents = [count.results["officials"][i]["percent"]["high"] for i in (0, 4)]
    assert percents == ["87,1", "84,78"]  # 81 of 93; 78 of 92


def test_a_party_regulation_has_party_documents_unless_somebody_says_otherwise():
    assert HONEST.style == "state"
    assert samples.party().style == "party"
    assert replace(HONEST, facts=MeetingFacts(style="party")).style == "party"


@pytest.mark.parametrize("kind", ["party", "state"])
@pytest.mark.parametrize("name", ["own-qd22", "qd22-own", "quy-che-mau"])
def test_what_a_regulation_is_called_does_not_decide_whose_it_is(kind: str, name: str):
    """A regime of one's own is of the Party or of the State as its ``kind`` says."""
    own = regime.load("qd96-2023").model_copy(update={"id": name, "kind": kind})

    assert replace(HONEST, regime=own).style == kind
