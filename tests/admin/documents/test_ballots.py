"""Paper ballots have the columns of the form, all names, and nothing that tells two apart."""

import io
import json
import re
from dataclasses import replace
from datetime import date

import pytest
from PIL import Image

from admin.documents import ballots, typeset
from admin.documents.ballots import TINTS, BallotHead, BlockBallot
from tests.admin.documents.pictures import Face, shows

OCCASION = BallotHead(
    "Hội đồng nhân dân tỉnh Bình Sơn",
    "Lấy phiếu tín nhiệm đối với người giữ chức vụ do Hội đồng nhân dân bầu",
    date(2026, 2, 7),
    ("Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"),
)
TWO_LEVELS = BallotHead(
    "Tỉnh ủy Bình Sơn",
    "Bỏ phiếu tín nhiệm",
    date(2026, 12, 7),
    ("Tín nhiệm", "Không tín nhiệm"),
)
NAME, HEAD = Face(14, "bold"), Face(12, "bold")


def people(number: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"Nguyễn Thị Ngọc Ưỡng {i}", f"Trưởng Ban số {i}") for i in range(1, number + 1))


def drawing(occasion: BallotHead, *kinds: BlockBallot) -> bytes:
    return typeset.svg("ballots", ballots._data(occasion, kinds, "vi", 1, tinted=False))


def pages(*kinds: BlockBallot, tinted: bool = False) -> list[Image.Image]:
    pictures = ballots.png(OCCASION, kinds, "vi", ppi=40, tinted=tinted)
    return [Image.open(io.BytesIO(picture)).convert("RGB") for picture in pictures]


def test_the_columns_of_the_form_and_every_name_stand_on_it():
    """Number, name, position, a box for each level; the organisation, the instruction."""
    svg = drawing(OCCASION, BlockBallot("Khối Ủy ban nhân dân", people(3)))

    for word in ("STT", "Họ và tên", "Chức vụ, chức danh", "Tín nhiệm cao", "Tín nhiệm thấp"):
        assert shows(svg, word, HEAD), word
    for name, _ in people(3):
        assert shows(svg, name, NAME), name
    assert shows(svg, "đối với khối Ủy ban nhân dân", Face(14, "bold"))
    assert shows(svg, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Face(11, "bold"))
    assert shows(svg, "Đánh dấu X vào một trong ba ô ở mỗi dòng.", Face(12.5, "bold"))


def test_two_levels_have_two_boxes():
    """The second kind of vote."""
    svg = drawing(TWO_LEVELS, BlockBallot("", people(1)))

    assert shows(svg, "Không tín nhiệm", HEAD)
    assert not shows(svg, "thấp", HEAD)
    assert shows(svg, "Đánh dấu X vào một trong hai ô.", Face(12.5, "bold"))
    assert not shows(svg, "mỗi", Face(12.5, "bold"))


def test_numbers_go_on_through_all_khoi():
    """The dossiers, the tally and the minutes call an official by the same number."""
    kinds = [BlockBallot("A", people(2)), BlockBallot("B", people(2), first=3)]
    data = json.dumps(ballots._data(OCCASION, kinds, "vi", 1, tinted=False))

    assert re.findall(r'"number": "(\d+)"', data) == ["1", "2", "3", "4"]


def test_only_a_sample_names_the_place_of_the_stamp():
    """And says that it is none to vote with."""
    sample = replace(OCCASION, sample=True)
    kind = BlockBallot("", people(2))

    assert shows(drawing(sample, kind), "MẪU PHIẾU", Face(12, "bold"))
    assert not shows(drawing(OCCASION, kind), "MẪU", Face(12, "bold"))
    assert ballots._data(OCCASION, [kind], "vi", 1, tinted=False)["stamp"] is None
    assert ballots._data(sample, [kind], "vi", 1, tinted=False)["stamp"] == "(đóng dấu treo)"


def test_a_ballot_of_the_party_is_issued_by_its_committee_and_may_be_signed():
    """QĐ 96-QĐ/TW, Article 6 paragraph 2."""
    party = replace(
        OCCASION, body="Ban Chấp hành Đảng bộ tỉnh Bình Sơn", style="party", may_sign=True
    )
    svg = drawing(party, BlockBallot("", people(2)))

    assert shows(svg, "TỈNH ỦY BÌNH SƠN", Face(12, "bold"))
    assert shows(svg, "ĐẢNG CỘNG SẢN VIỆT NAM", Face(13, "bold"))
    assert shows(svg, "có thể ký tên hoặc không ký tên", Face(11.5))
    assert not shows(drawing(OCCASION, BlockBallot("", people(2))), "ký", Face(11.5))


@pytest.mark.parametrize(("officials", "expected"), [(1, 1), (18, 1), (44, 3), (200, 10)])
def test_all_officials_are_on_it_whatever_their_number(officials: int, expected: int):
    """On as few pages as can be read."""
    assert 1 <= len(pages(BlockBallot("", people(officials)))) <= expected


def test_two_copies_are_the_same():
    """Page for page, so that nobody knows one again."""
    data = ballots._data(OCCASION, [BlockBallot("", people(44))], "vi", 2, tinted=False)
    pictures = typeset.png("ballots", data, ppi=40)

    half = len(pictures) // 2
    assert half > 1
    assert pictures[:half] == pictures[half:]


def test_the_document_has_no_time_and_no_number():
    """Printed twice it is the same file."""
    kinds = [BlockBallot("", people(5))]
    first = ballots.pdf(OCCASION, kinds, "vi", copies=3)

    assert first == ballots.pdf(OCCASION, kinds, "vi", copies=3)
    assert not re.search(rb"CreationDate|ModDate", first)
    assert b"/Type/Pages/Count 3/" in first


def test_each_khoi_has_a_colour_of_its_own_if_asked():
    """White where the paper itself is coloured."""
    kinds = [BlockBallot("Khối một", people(2)), BlockBallot("Khối hai", people(2))]
    corners = [page.getpixel((2, 2)) for page in pages(*kinds, tinted=True)]

    assert corners == [tuple(bytes.fromhex(tint[1:])) for tint in TINTS[:2]]
    assert {page.getpixel((2, 2)) for page in pages(*kinds)} == {(255, 255, 255)}


def test_the_upper_left_is_free_for_the_stamp():
    """Under the organisation's name a square of 25 mm has no ink."""
    (page,) = pages(BlockBallot("", people(3)))
    mm = 40 / 25.4
    room = page.crop((int(30 * mm), int(26 * mm), int(80 * mm), int(46 * mm)))

    assert room.getextrema() == ((255, 255),) * 3
