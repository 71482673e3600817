"""The picture says what the results say, to everyone, and nothing is cut."""

import unicodedata
from dataclasses import replace
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from admin.documents import typeset
from admin.documents.chart import OFFICIALS_PER_PAGE, ChartHeading, _data, chart, charts
from admin.rules import counts, regime
from admin.rules.channel import Marks, Pile
from admin.rules.compute import OfficialCounts, Results, Turnout, tabulate
from admin.words import words
from tests.admin.documents import samples
from tests.admin.documents.pictures import (
    BANNER,
    BODY,
    COUNT,
    FOOT,
    NAME,
    PLAIN,
    TITLE,
    VIETNAMESE,
    bars,
    height,
    looks_as_it_did,
    outlines,
    shows,
    size,
    spelled,
    swatches,
)
from tests.admin.record.test_levels import own
from tests.admin.rules.test_labels import WORDS

NQ85 = regime.load("nq85-2014")  # percentages of all delegates
NQ96 = regime.load("nq96-2023")  # percentages of the ballots collected
CODE = "7KQ2-M9XA-41ZT-0DHE-RW8C"
HEADING = ChartHeading("HĐND tỉnh", "Lấy phiếu tín nhiệm", date(2023, 12, 7), NQ96, CODE)
GOLDEN = Path(__file__).parent / "golden" / "chart.png"
WIDTH = 262  # points of a full bar

TELEGRAM_SIDES, TELEGRAM_RATIO, TELEGRAM_BYTES = 10_000, 20, 10_000_000


def results(*lines: OfficialCounts, delegates: int | None = None, cast: int = 81) -> Results:
    rules = NQ85 if delegates else NQ96
    return tabulate(rules, lines, Turnout(delegates=delegates, collected=cast))


def official(name: str = "Nguyễn Thị Lệ", position: str = "Chủ tịch") -> OfficialCounts:
    return OfficialCounts(name, position, (73, 6, 2))


def council() -> Results:
    source = resources.files("admin") / "examples" / "hdnd_tphcm_2023_12_07.csv"
    read = counts.decode(source.read_bytes(), "counts.csv", NQ96)
    return results(*read.officials)


def two_levels(confidence: int, no_confidence: int, blank: int) -> Results:
    return {
        "schema": "phieukin.results/1",
        "regime": "",
        "denominator": {"kind": "delegates", "value": 100},
        "officials": [
            {
                "name": "Nguyễn Văn A",
                "position": "",
                "counts": {
                    "confidence": confidence,
                    "no_confidence": no_confidence,
                    "blank": blank,
                },
                "percent": {"confidence": f"{confidence}", "no_confidence": f"{no_confidence}"},
                "finding": None,
            }
        ],
    }


def test_a_published_result_is_two_pictures_and_one_drawing_with_every_text():
    """The 18 officials of Ho Chi Minh City: each name, post, count and share is there."""
    published = council()
    assert len(published["officials"]) == 18
    assert len(charts(published, HEADING, "vi")) == 2
    drawn = chart(published, HEADING, "vi")
    assert len(bars(drawn)) == 18
    for line in published["officials"]:
        assert shows(drawn, line["name"], NAME)
        assert shows(drawn, line["position"])
        for key, percent in line["percent"].items():
            assert shows(drawn, str(line["counts"][key]), COUNT)
            assert shows(drawn, f"({percent}%)")


def test_officials_stand_in_their_order():
    drawn = outlines(chart(council(), HEADING, "vi"))
    names = [" ".join(spelled(line["name"], NAME)[-1:]) for line in council()["officials"]]
    numbers = [spelled(f"{number}.")[0] for number in range(1, 19)]
    datadir = 0
    for number, name in zip(numbers, names, strict=True):
        datadir = drawn.index(name, drawn.index(number, datadir))


def test_the_heading_and_the_footnote_say_what_was_voted_on_and_by_whom():
    drawn = chart(results(official()), HEADING, "vi")
    assert shows(drawn, "HĐND tỉnh", BODY)
    assert shows(drawn, "Lấy phiếu tín nhiệm", TITLE)
    assert shows(drawn, "Ngày 07/12/2023")
    assert shows(drawn, "Tỷ lệ % tính trên tổng số phiếu thu về: 81.", FOOT)
    assert shows(drawn, "Mã đối chiếu:", FOOT)
    for label in NQ96.labels_in("vi"):
        assert shows(drawn, label)


def test_the_words_are_those_of_the_rules():
    """Where a body has words of its own, they stand in the legend, and no others."""
    rules = own().rules
    assert rules is not None
    drawn = chart(results(official()), replace(HEADING, rules=rules), "vi")
    assert all(shows(drawn, label) for label in WORDS.values())
    assert not shows(drawn, "Tín nhiệm thấp")
    with pytest.raises(ValueError, match="not the levels of nq96-2023"):
        chart(two_levels(60, 40, 0), HEADING, "vi")


def test_the_session_code_is_in_the_picture_where_there_is_one():
    with_phi = chart(results(official()), HEADING, "vi")
    with_code = chart(results(official()), replace(HEADING, code="7KQ2-M9XA"), "vi")
    without = chart(results(official()), replace(HEADING, code=None), "vi")
    assert len({with_phi, with_code, without}) == 3
    assert not shows(without, "Mã đối chiếu:", FOOT)


def test_only_a_rehearsal_says_that_it_is_one():
    banner = "DIỄN TẬP – KHÔNG CÓ GIÁ TRỊ"
    assert words("cli.audit.rehearsal", "vi") == banner
    assert not shows(chart(results(official()), HEADING, "vi"), banner, BANNER)
    exercise = replace(HEADING, rehearsal=True)
    assert shows(chart(results(official()), exercise, "vi"), banner, BANNER)


def test_the_picture_is_in_the_readers_language():
    drawn = chart(results(official()), HEADING, "en")
    assert shows(drawn, "High confidence")
    assert shows(drawn, "2023-12-07")
    assert not shows(drawn, "Tín nhiệm cao")


@pytest.mark.parametrize(
    "name",
    [
        '#let x = "1"',
        r"\u{41} \ A",
        "*A* _B_ $x$ <c> @d",
        "A // B /* C */",
        "#sys.inputs",
        "[A](B)",
    ],
)
def test_a_name_is_never_a_command(name):
    """What Typst would obey in a source is only a name in the data."""
    document = results(official(name, name))
    drawn = chart(document, HEADING, "vi")
    assert shows(drawn, name, NAME)
    assert shows(drawn, name)
    (line,) = _data(document, HEADING, "vi", [range(1)])["pages"][0]["officials"]
    assert line["name"] == name


def test_letters_that_are_composed_of_marks_look_like_whole_ones():
    name = "Đặng Thị Nghiễm Ưỡng Ỳ Ỵ ằ ẵ ợ"
    apart = unicodedata.normalize("NFD", name)
    assert apart != name
    assert charts(results(official(name)), HEADING, "vi") == charts(
        results(official(apart)), HEADING, "vi"
    )


def test_every_vietnamese_letter_is_in_the_font():
    """No letter is an empty box: each has an outline of its own, in every weight used."""
    for face in (PLAIN, BODY, NAME):
        drawn = spelled(" ".join(VIETNAMESE), face)
        assert len(set(drawn)) == len(VIETNAMESE) == 146
        assert not set(spelled("漢", face)) & set(drawn)


def test_a_bar_is_as_long_as_its_shares():
    (bar,) = bars(chart(results(official()), HEADING, "vi"))
    assert [width for _, width in bar] == pytest.approx([WIDTH * n / 81 for n in (73, 6, 2)])


def test_the_levels_have_three_paints_that_the_legend_explains_in_legal_order():
    drawn = chart(results(official()), HEADING, "vi")
    (bar,) = bars(drawn)
    paints = [paint for paint, _ in bar]
    assert len(set(paints)) == 3
    assert swatches(drawn) == paints * 2  # of the legend, of the numbers


def test_results_with_fields_in_another_order_give_the_same_picture():
    document = results(official())
    turned = results(official())
    for line in turned["officials"]:
        line["percent"] = dict(reversed(line["percent"].items()))
        line["counts"] = dict(reversed(line["counts"].items()))
    assert chart(turned, HEADING, "vi") == chart(document, HEADING, "vi")


def test_absent_delegates_leave_a_gap_and_blank_lines_a_light_part():
    line = OfficialCounts("A", "B", (70, 6, 2), 3)
    drawn = chart(results(line, delegates=100), HEADING, "vi")
    (bar,) = bars(drawn)
    assert [width for _, width in bar] == pytest.approx([WIDTH * n / 100 for n in (70, 6, 2, 3)])
    assert bar[-1][0] == "#ececec"
    assert shows(drawn, words("levels.blank", "vi"))
    assert shows(drawn, words("chart.gap.delegates", "vi"))


def test_an_invalid_ballot_is_never_an_absent_delegate():
    """It was collected: it stands with the blank lines, or is said to be invalid."""
    count = samples.state(1)
    pile, marks = Pile(81, 4), Marks((70, 4, 3), 0)
    assert count.electronic is not None
    column = replace(count.electronic, piles=(pile,), officials=(marks,))
    document = replace(count, electronic=column).results
    drawn = chart(document, replace(HEADING, rules=count.regime), "vi")

    assert document["officials"][0]["counts"]["blank"] == 4
    assert shows(drawn, words("levels.blank", "vi"))
    for kind in ("delegates", "collected"):
        assert not shows(drawn, words(f"chart.gap.{kind}", "vi"))
    two = samples.state(1, "two-level-nq85")
    as_no = two.regime.model_copy(
        update={
            "blank": two.regime.blank.model_copy(update={"policy": "counts_as_no"}),
            "denominator": two.regime.denominator.model_copy(update={"kind": "collected"}),
        }
    )
    column = replace(count.electronic, piles=(pile,), officials=(Marks((70, 7), 0),))
    document = replace(two, regime=as_no, electronic=column).results
    drawn = chart(document, replace(HEADING, rules=as_no), "vi")
    assert shows(drawn, words("chart.gap.collected", "vi"))


def test_a_full_bar_needs_no_word_about_gaps_or_blank_lines():
    drawn = chart(results(official()), HEADING, "vi")
    assert not shows(drawn, words("levels.blank", "vi"))
    assert not shows(drawn, words("chart.gap.delegates", "vi"))


def test_a_single_vote_of_thousands_is_visible_and_the_bar_no_longer_for_it():
    line = OfficialCounts("A", "B", (1, 1, 4998), 0)
    (bar,) = bars(chart(results(line, cast=5000), HEADING, "vi"))
    widths = [width for _, width in bar]
    assert min(widths) > 2
    assert sum(widths) == pytest.approx(WIDTH)


def test_two_levels_are_drawn_with_the_outer_paints_of_three():
    three = bars(chart(results(OfficialCounts("A", "B", (40, 20, 40)), cast=100), HEADING, "vi"))
    rules = regime.load("two-level")
    drawn = chart(two_levels(60, 40, 0), replace(HEADING, rules=rules), "vi")
    (bar,) = bars(drawn)
    assert [paint for paint, _ in bar] == [three[0][0][0], three[0][2][0]]
    assert [width for _, width in bar] == pytest.approx([WIDTH * 0.6, WIDTH * 0.4])
    assert shows(drawn, "Không tín nhiệm")


def test_counts_that_are_not_known_are_not_drawn():
    """A missing count is neither zero nor a guess: no bar, and words in its place."""
    complete = OfficialCounts("A", "B", (73, 6, 2))
    for levels in [(None, None, None), (73, None, 2)]:
        drawn = chart(results(replace(complete, levels=levels)), HEADING, "vi")
        assert bars(drawn) == [[]]
        assert spelled("73", COUNT)[0] in outlines(drawn) or levels[0] is None
    full = chart(results(complete), HEADING, "vi")
    assert len(bars(full)[0]) == 3


def test_without_the_number_of_delegates_there_are_counts_and_no_percentages():
    document = tabulate(NQ85, [official()], Turnout(collected=81))
    drawn = chart(document, HEADING, "vi")
    assert shows(drawn, "Chưa tính tỷ lệ: chưa biết tổng số đại biểu.", FOOT)
    assert shows(drawn, "73", COUNT)
    assert spelled("(90,12%)")[0] not in outlines(drawn)


@pytest.mark.parametrize("number", [1, 2, 12, 13, 18, 24, 25, 200])
def test_pictures_hold_up_to_twelve_officials_and_are_equally_full(number):
    pictures = charts(results(*[official()] * number), HEADING, "vi")
    assert len(pictures) == -(-number // OFFICIALS_PER_PAGE)
    heights = [size(picture)[1] for picture in pictures]
    assert len(set(heights[:-1])) <= 1
    assert heights[-1] <= heights[0]


@pytest.mark.parametrize(
    "line",
    [
        official(),
        official("W" * 200, "W" * 200),
        official("Đ" + "ặ" * 199, "Ngô " * 49 + "Ngô"),
        OfficialCounts("A", "", (None, None, None)),
    ],
    ids=["ordinary", "one long word", "letters with marks", "nothing known"],
)
def test_telegram_takes_every_picture(line):
    heading = replace(HEADING, body="W" * 200, title="W" * 200, rehearsal=True)
    for picture in charts(results(*[line] * 25), heading, "vi"):
        wide, high = size(picture)
        assert wide + high <= TELEGRAM_SIDES
        assert max(wide, high) <= TELEGRAM_RATIO * min(wide, high)
        assert len(picture) <= TELEGRAM_BYTES


def test_two_hundred_officials_are_one_drawing():
    drawn = chart(results(*[official()] * 200), HEADING, "vi")
    assert len(bars(drawn)) == 200
    assert shows(drawn, "200.")


def test_a_long_name_and_post_wrap_and_make_room_for_themselves():
    """A line more of text makes the picture a line higher: nothing is cut, nothing overlaps."""
    name, post = "Tôn Nữ Công Huyền", "Phó Chủ tịch Ủy ban nhân dân"
    heights = [
        height(chart(results(official(" ".join([name] * n), " ".join([post] * n))), HEADING, "vi"))
        for n in (2, 4, 6, 8)
    ]
    steps = [later - earlier for earlier, later in pairwise(heights)]
    assert min(steps) > 24  # points: two lines and more for every second repetition
    drawn = chart(results(official(" ".join([name] * 8), post)), HEADING, "vi")
    assert outlines(drawn).count(" ".join(spelled(name, NAME)[-1:])) == 8


def test_a_word_longer_than_its_column_is_broken_and_keeps_every_letter():
    short, long = (
        chart(results(official(letter * 80, "")), HEADING, "vi") for letter in ("i", "W")
    )
    assert height(long) > height(short) + 40
    assert outlines(long).count(spelled("W", NAME)[0]) == 80


def test_the_same_results_give_the_same_bytes():
    assert charts(council(), HEADING, "vi") == charts(council(), HEADING, "vi")
    assert chart(council(), HEADING, "vi") == chart(council(), HEADING, "vi")


def test_a_single_vote_more_is_another_picture():
    before, after = (
        charts(results(OfficialCounts("A", "B", levels)), HEADING, "vi")
        for levels in ((73, 6, 2), (73, 5, 3))
    )
    assert before != after


def test_a_vote_about_nobody_or_about_no_levels_is_not_drawn():
    stock = results(official())
    stock["officials"][0]["percent"] = {"Yes": None, "No": None}
    for document in (stock, results()):
        with pytest.raises(ValueError, match=r"not the levels|no officials"):
            charts(document, HEADING, "vi")


def test_the_picture_looks_as_it_did(tmp_path):
    lines = [
        OfficialCounts("Lê Trương Hải Hiếu", "Trưởng Ban Kinh tế - Ngân sách", (67, 12, 2), 4),
        OfficialCounts("Nguyễn Thị Thanh Vân", "Trưởng Ban Đô thị", (None, 15, 0)),
    ]
    document = results(*lines, delegates=95, cast=85)
    heading = replace(HEADING, rehearsal=True)
    (picture,) = typeset.png("chart", _data(document, heading, "vi", [range(2)]), ppi=96)
    looks_as_it_did(picture, GOLDEN, tmp_path)
