from collections.abc import Callable
from fractions import Fraction
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.rules import regime
from admin.rules.compute import (
    Finding,
    OfficialCounts,
    Turnout,
    compute,
    hundredths,
    percentage,
    tabulate,
)
from crypto.errors import Incomplete, Refused

NQ85 = regime.load("nq85-2014")
NQ96 = regime.load("nq96-2023")
TWO = regime.load("two-level")


def finding(rules: regime.Regime, last: int, whole: int) -> Finding | None:
    """What is said where so many marks are at the last level of the ballot."""
    unknown = [None] * (len(rules.level_keys) - 1)
    official = OfficialCounts("Nguyễn Văn A", "Chủ tịch", (*unknown, last))
    turnout = Turnout(delegates=whole, collected=whole)
    return compute(rules, [official], turnout)["officials"][0]["finding"]


HALF, TWO_THIRDS = Fraction(1, 2), Fraction(2, 3)

# For each regime whether a share is more than a half, and whether it reaches two thirds.
EXPECTED: dict[str, Callable[[Fraction], tuple[bool, bool]]] = {
    "nq35-2012": lambda share: (share > HALF, share > TWO_THIRDS),
    "nq85-2014": lambda share: (share > HALF, share >= TWO_THIRDS),
    "nq96-2023": lambda share: (share > HALF, share >= TWO_THIRDS),
    "qd262-2014": lambda share: (share > HALF, False),
    "qd96-2023": lambda share: (share > HALF, share >= TWO_THIRDS),
    "two-level-nq85": lambda share: (share > HALF, False),
    "two-level-nq96": lambda share: (share > HALF, False),
}


def expected(rules: regime.Regime, low: int, whole: int) -> str | None:
    half, two_thirds = EXPECTED[rules.id](Fraction(low, whole))
    if two_thirds:
        return "low_two_thirds"
    over = "low_over_half" if len(rules.level_keys) == 3 else "no_confidence_over_half"
    return over if half else None


@pytest.mark.slow
@pytest.mark.parametrize("name", regime.builtin_ids())
def test_thresholds_are_exact_around_half_and_two_thirds_for_every_size(name):
    rules = regime.load(name)
    for whole in range(1, 1001):
        for middle in (whole // 2, 2 * whole // 3):
            for low in range(max(0, middle - 2), min(whole, middle + 2) + 1):
                reached = finding(rules, low, whole)
                assert (reached and reached["code"]) == expected(rules, low, whole), (low, whole)


@pytest.mark.parametrize("rules", [NQ85, NQ96, TWO], ids=lambda rules: rules.id)
def test_no_ballots_give_neither_percentages_nor_findings(rules):
    nothing = tuple(0 for _ in rules.level_keys)
    official = OfficialCounts("A", "", nothing)
    (results,) = compute(rules, [official], Turnout(delegates=53, collected=0))["officials"]
    assert results["counts"] == dict.fromkeys((*rules.level_keys, "blank"), 0)
    whole = "0" if rules.denominator.kind == "delegates" else None
    assert results["percent"] == dict.fromkeys(rules.level_keys, whole)
    assert results["finding"] is None


def test_nobody_rated_is_an_empty_list():
    assert compute(NQ96, [], Turnout(collected=50))["officials"] == []


def own(policy: str) -> regime.Regime:
    """The two-level vote with another word on blank lines."""
    source = resources.files("admin.rules") / "two-level-nq96" / "regime.toml"
    text = source.read_text("utf-8").replace('"invalid_line"', f'"{policy}"')
    return regime.decode(text.replace('id = "two-level-nq96"', 'id = "own"').encode(), "own.toml")


UNKNOWN = {"confidence": None, "no_confidence": None, "blank": None}


@pytest.mark.parametrize(
    ("policy", "levels", "counts", "code"),
    [
        ("invalid_line", (24, 24), {"confidence": 24, "no_confidence": 24, "blank": 2}, None),
        (
            "counts_as_no",
            (24, 24),
            {"confidence": 24, "no_confidence": 26, "blank": 0},
            "no_confidence_over_half",
        ),
        ("counts_as_no", (None, 24), UNKNOWN, None),  # it needs the number of blanks
    ],
)
def test_a_blank_line_is_what_the_rule_says(policy, levels, counts, code):
    official = OfficialCounts("A", "", levels)
    (results,) = compute(own(policy), [official], Turnout(collected=50))["officials"]
    assert results["counts"] == counts
    assert (results["finding"] and results["finding"]["code"]) == code


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_percentage_is_the_nearest_hundredth_and_ties_go_up(pair):
    count, whole = pair
    exact = Fraction(10_000 * count, whole)
    results = hundredths(count, whole)
    assert results - Fraction(1, 2) <= exact < results + Fraction(1, 2)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_percentage_is_written_without_needless_zeros(pair):
    text = percentage(*pair)
    whole, comma, decimals = text.partition(",")
    assert str(int(whole)) == whole
    assert not decimals.endswith("0")
    assert bool(comma) == bool(decimals)
    assert int(whole) * 100 + int(decimals.ljust(2, "0")) == hundredths(*pair)


def test_ties_go_up():
    assert percentage(1, 800) == "0,13"  # 0.125
    assert percentage(1, 32) == "3,13"  # 3.125
    assert percentage(3, 3) == "100"
    assert percentage(0, 3) == "0"


def test_the_document_has_the_fields_of_the_interface_in_their_order():
    official = OfficialCounts("A", "B", (73, 6, 2))
    results = compute(NQ96, [official], Turnout(collected=81))
    assert list(results) == ["schema", "regime", "denominator", "officials"]
    assert results["schema"] == "phieukin.results/1"
    assert results["officials"] == [
        {
            "name": "A",
            "position": "B",
            "counts": {"high": 73, "medium": 6, "low": 2, "blank": 0},
            "percent": {"high": "90,12", "medium": "7,41", "low": "2,47"},
            "finding": None,
        }
    ]


def test_blank_is_the_column_before_the_difference():
    rows = [OfficialCounts("A", "", (40, 5, 3), blank=1), OfficialCounts("B", "", (40, 5, 3))]
    results = compute(NQ96, rows, Turnout(collected=50))
    assert [official["counts"]["blank"] for official in results["officials"]] == [1, 2]


def test_blank_is_unknown_without_the_ballots_collected():
    results = compute(NQ85, [OfficialCounts("A", "", (40, 5, 3))], Turnout(delegates=54))
    assert results["officials"][0]["counts"]["blank"] is None


def test_an_unknown_low_count_has_no_finding():
    results = compute(NQ96, [OfficialCounts("A", "", (1, 1, None))], Turnout(collected=81))
    assert results["officials"][0]["finding"] is None
    assert results["officials"][0]["percent"]["low"] is None


@pytest.mark.parametrize(
    ("rules", "turnout"), [(NQ85, Turnout(collected=50)), (NQ96, Turnout(delegates=53, issued=50))]
)
def test_the_denominator_of_the_regime_must_be_known(rules, turnout):
    with pytest.raises(Incomplete, match=rules.denominator.kind):
        compute(rules, [], turnout)
    assert tabulate(rules, [], turnout)["denominator"]["value"] is None


@pytest.mark.parametrize(
    ("turnout", "limit"),
    [
        (Turnout(collected=81), "collected is 81"),
        (Turnout(delegates=81), "delegates is 81"),
        (Turnout(delegates=95, present=90, issued=81), "issued is 81"),
    ],
)
def test_more_marks_than_ballots_are_refused_with_row_and_official(turnout, limit):
    official = OfficialCounts("Nguyễn Thị Lệ", "", (73, 6, 2), blank=1, where="counts.csv: row 2")
    with pytest.raises(Refused, match=rf"counts[.]csv: row 2: Nguyễn Thị Lệ: 82 marks, .*{limit}"):
        tabulate(NQ85, [official], turnout)


def test_a_single_known_count_may_not_exceed_the_ballots_either():
    with pytest.raises(Refused, match=r"^A: 82 marks"):
        tabulate(NQ96, [OfficialCounts("A", "", (None, None, 82))], Turnout(collected=81))


@pytest.mark.parametrize(
    ("turnout", "message"),
    [
        (Turnout(collected=82, issued=81), "collected 82 is more than issued 81"),
        (Turnout(issued=82, present=81), "issued 82 is more than present 81"),
        (Turnout(present=82, delegates=81), "present 82 is more than delegates 81"),
        (Turnout(collected=82, delegates=81), "collected 82 is more than delegates 81"),
    ],
)
def test_a_turnout_that_contradicts_itself_is_refused(turnout, message):
    with pytest.raises(Refused, match=message):
        tabulate(NQ96, [], turnout)
