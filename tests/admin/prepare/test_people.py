"""Officials and rosters: what their rows must and must not hold."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from admin.prepare import people, roster
from admin.prepare.people import OfficialRow
from admin.prepare.roster import RosterRow
from admin.rules.cells import Problem
from admin.rules.eligibility import Career
from crypto.session import MAX_OFFICIALS
from tests.admin.session.books import saved, without_content

NAMES = ("Lê An", "Trần Bình", "Phạm Cường", "Vũ Dung", "Ngô Giang")
PEOPLE = "".join(f"{name},,,,\n" for name in NAMES)
HEADER = "ho_ten,chuc_vu,don_vi,ngay_sinh,ghi_chu\n"


def read_roster(
    folder: Path, text: str, header: str = HEADER
) -> tuple[tuple[RosterRow, ...], list[str], list[str]]:
    problems: list[Problem] = []
    warnings: list[Problem] = []
    rows = people.read_roster(saved(folder, "r.csv", header + text), problems, warnings)
    return rows, told(problems), told(warnings)


def read_officials(
    folder: Path, text: str, header: str = "ho_ten,chuc_vu"
) -> tuple[tuple[OfficialRow, ...], list[str], list[str]]:
    problems: list[Problem] = []
    warnings: list[Problem] = []
    path = saved(folder, "o.csv", f"{header}\n{text}")
    return people.read_officials(path, problems, warnings), told(problems), told(warnings)


def told(problems: Sequence[Problem]) -> list[str]:
    """Without what stands in the cell, which has a test of its own."""
    return [without_content(problem.told("en")) for problem in problems]


def test_the_roster_keeps_order_and_details(tmp_path: Path):
    rows, problems, warnings = read_roster(
        tmp_path, PEOPLE + "Đỗ Hoà,Đại biểu,Tổ 1,12/4/1968,nghỉ phép\n"
    )

    assert (problems, warnings) == ([], [])
    assert [row.name for row in rows] == [*NAMES, "Đỗ Hoà"]
    assert dict(rows[5].details) == {
        "position": "Đại biểu",
        "unit": "Tổ 1",
        "birth": "1968-04-12",
        "note": "nghỉ phép",
    }
    assert (rows[0].details, rows[0].detail("unit")) == ((), "")


@pytest.mark.parametrize(
    ("written", "honorific"),
    [("Bà", "Bà"), ("nữ", "Bà"), ("Nam", "Ông"), ("đ/c", "Đồng chí"), ("Hòa thượng", "Hòa thượng")],
)
def test_how_somebody_is_addressed_may_be_told_by_the_sex(
    tmp_path: Path, written: str, honorific: str
):
    rows, problems, _ = read_roster(
        tmp_path,
        f"Đỗ Hoà,{written}\n" + "".join(f"{name},\n" for name in NAMES),
        "ho_ten,gioi_tinh\n",
    )

    assert (rows[0].detail("honorific"), problems) == (honorific, [])
    assert rows[1].details == ()


def test_a_number_addresses_nobody(tmp_path: Path):
    _, problems, _ = read_officials(tmp_path, "An Bình,Chủ tịch,1\n", "ho_ten,chuc_vu,gioi_tinh")

    assert problems == [
        "o.csv: row 2, column C (gioi_tinh): no form of address such as Ông, Bà (or a sex: Nam, Nữ)"
    ]


@pytest.mark.parametrize(
    ("written", "birth"),
    [
        ("12/04/1968", "1968-04-12"),
        ("2-9-1970", "1970-09-02"),
        ("29.02.1972", "1972-02-29"),
        ("1968-04-12", "1968-04-12"),
        ("1968", "1968"),
    ],
)
def test_a_birth_date_is_read_as_vietnamese_write_it(tmp_path: Path, written: str, birth: str):
    rows, problems, _ = read_roster(tmp_path, f"{PEOPLE}Đỗ Hoà,,,{written},\n")

    assert (rows[5].detail("birth"), problems) == (birth, [])


@pytest.mark.parametrize(
    "written",
    ["31/02/1970", "4/13/1968", "12/04/68", "1899", "0001", "x", "1968-4-12", "١٩٦٨", "12/04/-968"],
)
def test_a_birth_date_that_is_none_is_refused(tmp_path: Path, written: str):
    _, (problem,), _ = read_roster(tmp_path, f"{PEOPLE}Đỗ Hoà,,,{written},\n")

    assert problem.startswith("r.csv: row 7, column D (ngay_sinh): a birth date is day/month/year")


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "the name is empty"),
        ("–", "the name has no letters"),
        ("12", "the name has no letters"),
        ("Tr¸n B×nh", "“r¸” is no Vietnamese word in Unicode: text of a TCVN3 (ABC) font; convert"),
        ("NguyÔn V¨n", "“V¨” is no Vietnamese word"),
        ("An & Bình", "the sign & cannot"),
        ("An; Bình", "the sign ; cannot"),
    ],
)
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str, problem: str):
    _, (officials,), _ = read_roster(tmp_path, f'{PEOPLE}"{name}",Đại biểu,,,\n')

    assert officials.startswith(f"r.csv: row 7, column A (ho_ten): {problem}")


@pytest.mark.parametrize(
    "name", ["H’Hen Niê", "Y Bion Mlô", "O'Brien-Lê", "Lê A (B)", "Nguyễn Văn Nam 2", "TS. Lê A"]
)
def test_names_of_all_peoples_are_names(tmp_path: Path, name: str):
    rows, problems, _ = read_roster(tmp_path, f"{PEOPLE}{name},,,,\n")

    assert (rows[5].name, problems) == (name, [])


def test_the_same_row_twice_is_refused_by_both_rows(tmp_path: Path):
    _, problems, warnings = read_roster(tmp_path, PEOPLE + "Lê An,,,,\n")

    assert problems == ["r.csv: row 7: the same in everything as row 2"]
    assert warnings == []


def test_the_number_does_not_make_a_row_another(tmp_path: Path):
    text = "stt,ho_ten\n" + "".join(f"{i},{name}\n" for i, name in enumerate([*NAMES, NAMES[0]]))
    problems: list[Problem] = []
    people.read_roster(saved(tmp_path, "r.csv", text), problems, [])

    assert told(problems) == ["r.csv: row 7: the same in everything as row 2"]


def test_a_name_twice_with_other_details_is_a_warning(tmp_path: Path):
    rows, problems, warnings = read_roster(tmp_path, PEOPLE + "Lê An,Đại biểu,,,\n")

    assert (len(rows), problems) == (6, [])
    (warning,) = warnings
    assert warning.startswith("r.csv: row 7, column A (ho_ten): Lê An has the name of row 2; see")


@pytest.mark.parametrize(
    ("size", "most", "fine"),
    [(0, 200_000, False), (4, 200_000, False), (5, 5, True), (6, 5, False)],
)
def test_a_roster_has_five_people_or_more_up_to_the_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, most: int, fine: bool
):
    assert roster.MOST == 200_000
    monkeypatch.setattr(roster, "MOST", most)
    names = [*NAMES, "Đỗ Hoà"][:size]
    _, problems, _ = read_roster(tmp_path, "".join(f"{name},,,,\n" for name in names))

    assert problems == ([] if fine else [f"r.csv: {size} rows, there must be 5 to {most}"])


def test_a_bad_row_does_not_make_the_roster_small_too(tmp_path: Path):
    _, problems, _ = read_roster(tmp_path, "=1,,,,\n")

    assert [problem.split(": ")[1] for problem in problems] == ["row 2, column A (ho_ten)"]


def test_officials_keep_the_order_of_the_ballot(tmp_path: Path):
    officials, problems, warnings = read_officials(tmp_path, "Vũ B,Chủ tịch\nLê A,\n")

    assert officials == (OfficialRow("Vũ B", "Chủ tịch"), OfficialRow("Lê A", ""))
    assert problems == []
    assert warnings == [
        "o.csv: row 3, column B (chuc_vu): Lê A has no position; the ballot prints none"
    ]


def test_an_official_with_a_reason_is_excluded(tmp_path: Path):
    """The list keeps everybody; twice is twice, excluded or not."""
    header = "ho_ten,chuc_vu,Lý do không lấy phiếu"
    text = "Vũ B,X,Đã có thông báo nghỉ hưu\nLê A,Y,\n"
    officials, problems, _ = read_officials(tmp_path, text, header)
    _, (twice,), _ = read_officials(tmp_path, text + "Vũ B,X,\n", header)

    assert officials == (
        OfficialRow("Vũ B", "X", "Đã có thông báo nghỉ hưu"),
        OfficialRow("Lê A", "Y"),
    )
    assert problems == []
    assert twice.startswith("o.csv: row 4: ")


def test_an_official_twice_is_refused_and_one_with_two_posts_is_a_warning(tmp_path: Path):
    _, problems, warnings = read_officials(tmp_path, "Lê A,X\nLe A,Y\nLê A,X\n")

    assert problems == ["o.csv: row 4: the same in everything as row 2"]
    assert warnings == [
        "o.csv: row 3, column A (ho_ten): Le A may be Lê A of row 2 in another spelling"
    ]


@pytest.mark.parametrize(("size", "fine"), [(0, False), (1, True), (200, True), (201, False)])
def test_a_ballot_has_one_to_two_hundred_lines(tmp_path: Path, size: int, fine: bool):
    _, problems, _ = read_officials(tmp_path, "".join(f"A {i},Chức {i}\n" for i in range(size)))

    assert problems == ([] if fine else [f"o.csv: {size} rows, there must be 1 to {MAX_OFFICIALS}"])


def test_officials_have_a_column_for_the_position(tmp_path: Path):
    _, problems, _ = read_officials(tmp_path, "Lê A\n", "ho_ten")

    assert problems == ["o.csv: row 1: column Chức vụ is missing"]


FACTS = "ho_ten,chuc_vu,Khối,Cơ quan quản lý,Ngày bầu,Thông báo nghỉ hưu,Nghỉ bệnh từ"


def test_the_facts_of_an_official_are_read(tmp_path: Path):
    """Dates as Vietnamese write them; a mark for an announcement without a date."""
    text = (
        "Lê A,X,Khối Đảng,Tỉnh ủy,31/12/2025,,\n"
        "Vũ B,Y,Khối Đảng,,2025-01-02,01/3/2026,9/2/2026\n"
        "Ngô C,Z,Khối Nhà nước,,,x,\n"
    )
    officials, problems, _ = read_officials(tmp_path, text, FACTS)

    assert problems == []
    assert [(row.block, row.managed) for row in officials] == [
        ("Khối Đảng", "Tỉnh ủy"),
        ("Khối Đảng", ""),
        ("Khối Nhà nước", ""),
    ]
    assert [row.career for row in officials] == [
        Career(since=date(2025, 12, 31)),
        Career(date(2025, 1, 2), True, date(2026, 3, 1), date(2026, 2, 9)),
        Career(retiring=True),
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Lê A,X,,,2025,,", "E (Ngày bầu)"),
        ("Lê A,X,,,x,,", "E (Ngày bầu)"),
        ("Lê A,X,,,31/02/2025,,", "E (Ngày bầu)"),
        ("Lê A,X,,,,không,", "F (Thông báo nghỉ hưu)"),
        ("Lê A,X,,,,,x", "G (Nghỉ bệnh từ)"),
    ],
)
def test_a_fact_without_a_day_is_refused(tmp_path: Path, row: str, column: str):
    _, (problem,), _ = read_officials(tmp_path, f"{row}\n", FACTS)

    assert problem.startswith(f"o.csv: row 2, column {column}: a whole date is expected")


def test_a_block_is_one_run_of_rows(tmp_path: Path):
    """Who is not rated needs none, and does not interrupt one."""
    rows = "Lê A,X,1,,,,\nVũ B,X,2,,,,\nNgô C,X,1,,,,\n"
    _, apart, _ = read_officials(tmp_path, rows, FACTS)
    _, missing, _ = read_officials(tmp_path, "Lê A,X,1,,,,\nVũ B,X,,,,,\n", FACTS)
    rows = "Lê A,X,1,\nVũ B,X,,nghỉ hưu\nNgô C,X,1,\n"
    _, problems, _ = read_officials(tmp_path, rows, "ho_ten,chuc_vu,khoi,khong_lay_phieu")

    assert [line.split(": ")[1] for line in apart] == ["row 4, column C (Khối)"]
    assert "khối 1 began in row 2" in apart[0]
    assert [line.split(": ")[1] for line in missing] == ["row 3, column C (Khối)"]
    assert problems == []


def test_a_row_may_insist(tmp_path: Path):
    """However it is spelled; it is no reason then."""
    text = "Lê A,X,Vẫn lấy phiếu\nVũ B,Y,van  lay phieu.\n"
    officials, *_ = read_officials(tmp_path, text, "ho_ten,chuc_vu,khong_lay_phieu")

    assert [(row.insisted, row.reason) for row in officials] == [(True, "")] * 2
