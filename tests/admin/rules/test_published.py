"""Percentages that Vietnamese bodies published, reproduced from their counts.

``data/`` holds counts and percentages as printed, in the older header, with gaps as found.
"""

from pathlib import Path

import pytest

from admin.rules import regime
from admin.rules.compute import Results, Turnout, compute, percentage
from admin.rules.counts import CountsFile, decode
from admin.rules.infer import infer

DATA = Path(__file__).parent / "data"

VOTES = [
    ("quoc_hoi_2013_06_11", "nq35-2012", Turnout(498, 492), 41),
    ("hdnd_tphcm_2014", "nq35-2012", Turnout(delegates=94, collected=90), 12),
    ("hdnd_binhthuan_2018_12", "nq85-2014", Turnout(delegates=54, collected=51), 5),
    ("hdnd_thuathienhue_2018_12_07", "nq85-2014", Turnout(delegates=53, collected=52), 3),
    ("quoc_hoi_2018_10_25", "nq85-2014", Turnout(485, None, 475, 475), 47),
    ("hdnd_cantho_2023_12_07", "nq96-2023", Turnout(53, 50, None, 50), 17),
    ("hdnd_hatinh_2023_12", "nq96-2023", Turnout(collected=52), 9),
    ("hdnd_vinhphuc_2023", "nq96-2023", Turnout(collected=47), 3),
]


def read(name: str, rules: str) -> CountsFile:
    file = f"{name}.csv"
    return decode((DATA / file).read_bytes(), file, regime.load(rules))


def results(name: str, rules: str, turnout: Turnout) -> Results:
    return compute(regime.load(rules), read(name, rules).officials, turnout)


@pytest.mark.parametrize(("name", "rules", "turnout", "printed"), VOTES)
def test_every_published_percentage_is_reproduced(name, rules, turnout, printed):
    document = results(name, rules, turnout)
    published = read(name, rules).published
    compared = 0
    for official, row in zip(document["officials"], published, strict=True):
        for text, expected in zip(official["percent"].values(), row, strict=True):
            if expected is not None and text is not None:
                whole, _, decimals = text.partition(",")
                assert int(whole) * 100 + int(decimals.ljust(2, "0")) == expected
                compared += 1
    assert compared == printed


@pytest.mark.parametrize(("name", "rules", "turnout", "printed"), VOTES)
def test_exactly_one_total_reproduces_a_vote(name, rules, turnout, printed):
    inferred = infer(read(name, rules))
    kind = regime.load(rules).denominator.kind
    assert inferred.checked == printed
    assert inferred.denominators == (turnout.denominator(kind),)


def test_every_vote_kept_here_is_reproduced():
    stored = {path.stem for path in DATA.glob("*.csv")}
    assert stored == {name for name, *_ in VOTES} | {"hdnd_tphcm_2023_12_07"}  # no percentages


def test_tphcm_2014_divides_by_the_delegates_neither_by_ballots_nor_by_valid_ones():
    document = results("hdnd_tphcm_2014", "nq35-2012", Turnout(delegates=94, collected=90))
    third = document["officials"][2]
    assert third["counts"] == {"high": 49, "medium": 34, "low": 6, "blank": 1}
    assert third["percent"] == {"high": "52,13", "medium": "36,17", "low": "6,38"}


def test_a_unanimous_vote_of_52_among_53_delegates_is_9811():
    document = results("hdnd_thuathienhue_2018_12_07", "nq85-2014", Turnout(53, 52, 52, 52))
    assert document["officials"][0]["percent"] == {"high": "98,11", "medium": "0", "low": "0"}
    assert document["denominator"] == {"kind": "delegates", "value": 53}


def test_vinh_phuc_2023_is_over_half_and_counts_the_invalid_ballot():
    (official,) = results("hdnd_vinhphuc_2023", "nq96-2023", Turnout(collected=47))["officials"]
    assert official["counts"] == {"high": 19, "medium": 2, "low": 25, "blank": 1}
    assert official["percent"]["low"] == "53,19"
    assert official["finding"] is not None
    assert official["finding"]["code"] == "low_over_half"
    assert "96/2023/QH15" in official["finding"]["rule"]


def test_rows_that_were_cut_stay_unknown():
    document = results("hdnd_tphcm_2023_12_07", "nq96-2023", Turnout(collected=81))
    complete, cut = document["officials"][:18], document["officials"][18:]
    assert len(cut) == 5
    assert complete[0]["percent"] == {"high": "90,12", "medium": "7,41", "low": "2,47"}
    assert all(official["counts"]["blank"] == 0 for official in complete)
    for official in cut:
        assert official["counts"]["high"] is not None
        assert official["percent"]["high"] is not None
        assert [official["counts"][key] for key in ("medium", "low", "blank")] == [None] * 3
        assert (official["percent"]["medium"], official["percent"]["low"]) == (None, None)
        assert official["finding"] is None


def test_blank_lines_are_taken_from_the_ballots_collected():
    document = results("quoc_hoi_2018_10_25", "nq85-2014", Turnout(485, None, 475, 475))
    by_name = {official["name"]: official for official in document["officials"]}
    assert by_name["Nguyễn Thị Kim Ngân"]["counts"]["blank"] == 0
    assert by_name["Nguyễn Văn Thể"]["counts"]["blank"] == 5


def test_the_press_style():
    assert percentage(323, 485) == "66,6"
    assert percentage(194, 485) == "40"
    assert percentage(49, 50) == "98"
    assert percentage(48, 54) == "88,89"
