"""Whom somebody means who types a name or a number of the roster."""

import pytest

from admin.session import lookup
from admin.session.lookup import NotOnRoster
from storage.rows import Person

NAMES: tuple[tuple[str, dict[str, str]], ...] = (
    ("Nguyễn Thị Hoà", {"unit": "Tổ 1"}),
    ("Trần Văn Thuý", {}),
    ("Đặng Văn Khoẻ", {}),
    ("Y’Ban Niê", {}),
    ("Lê Văn Nam", {"unit": "Tổ 1"}),
    ("Lê Văn Nam", {"unit": "Tổ 2", "birth": "1970"}),
    ("Phạm Hòa", {}),
    ("Phạm Hoà", {}),
    ("Lý Thị Mỹ", {}),
)
ROSTER = [Person(bytes([place]), place, *row) for place, row in enumerate(NAMES, start=1)]


def places(*typed: str) -> list[int]:
    return [person.place for person in lookup.people(ROSTER, lookup.spread(typed))]


@pytest.mark.parametrize(
    ("typed", "place"),
    [
        ("Nguyễn Thị Hoà", 1),
        ("Nguyễn Thị Hòa", 1),
        ("  nguyễn  thị HÒA ", 1),
        ("Nguye\u0302\u0303n Thi\u0323 Hoa\u0300", 1),
        ("Nguyễn\u00a0Thị\u202fHoà", 1),
        ("Trần Văn Thúy", 2),
        ("Ðặng Văn Khỏe", 3),
        ("Ɖặng Văn Khoẻ", 3),
        ("Y'Ban Niê", 4),
        ("Y`Ban Niê", 4),
        ("Y Ban Niê", None),
        ("YBan Niê", 4),
        ("Phạm Hòa", 7),
        ("Phạm Hoà", 8),
        ("3", 3),
        (" 3. ", 3),
        ("03", 3),
    ],
)
def test_a_name_is_known_however_it_is_typed(typed: str, place: int | None):
    if place is None:
        with pytest.raises(NotOnRoster, match=r"give the number: 4\. Y’Ban"):
            places(typed)
    else:
        assert places(typed) == [place]


@pytest.mark.parametrize("dash", "-–—‑−‒")
@pytest.mark.parametrize("blank", ["", " ", "\u00a0"])
def test_a_range_has_any_dash(dash: str, blank: str):
    assert places(f"1{blank}{dash}{blank}3", "5") == [1, 2, 3, 5]


def test_a_range_that_ends_before_it_begins_is_none():
    with pytest.raises(ValueError, match="3–1"):
        lookup.spread(["3–1"])


def test_all_of_one_name_are_told_by_what_tells_them_apart():
    with pytest.raises(NotOnRoster) as caught:
        places("lê văn nam")

    assert str(caught.value) == (
        "lê văn nam: several have this name, give the number of one: "
        "5. Lê Văn Nam, Tổ 1; 6. Lê Văn Nam, Tổ 2, 1970"
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Nguyen Thi Hoa", "1. Nguyễn Thị Hoà, Tổ 1"),
        ("Nguyễn Thi Hòa", "1. Nguyễn Thị Hoà, Tổ 1"),
        ("Lí Thị Mĩ", "9. Lý Thị Mỹ"),
        ("Đặng Văn Khoe", "3. Đặng Văn Khoẻ"),
        ("Trần Văng Thúy", "2. Trần Văn Thuý"),
        ("Phạm Hoá", "7. Phạm Hòa; 8. Phạm Hoà"),
    ],
)
def test_a_name_that_is_nearly_one_is_asked(typed: str, meant: str):
    """Nobody is taken for another: the number decides."""
    with pytest.raises(NotOnRoster) as caught:
        places(typed)

    assert str(caught.value).endswith(f"perhaps one of these, give the number: {meant}")


def test_everybody_unknown_is_told_at_once():
    with pytest.raises(NotOnRoster) as caught:
        places("1", "99", "Vũ Xa Lạ", "x")

    assert str(caught.value).count("no number and no name on the roster") == 3


def test_the_answer_is_in_the_language_of_the_reader(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    with pytest.raises(NotOnRoster, match="danh sách không có số hoặc họ tên này"):
        places("99")
