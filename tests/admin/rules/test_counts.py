import contextlib
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.rules import regime
from admin.rules.cells import BadTable
from admin.rules.counts import MAX_FILE, decode
from tests.admin.session.books import xlsx

HEADER = "stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong"
NQ96 = regime.load("nq96-2023")


def two_levels() -> regime.Regime:
    data = NQ96.model_dump()
    data["levels"] = regime.load("two-level").model_dump()["levels"]
    data["findings"] = []
    return regime.Regime.model_validate(data, strict=False)


def read(text: str | bytes, rules: regime.Regime = NQ96):
    data = text.encode() if isinstance(text, str) else text
    return decode(data, "counts.csv", rules).officials


def test_a_row_with_quotes_gaps_and_a_vietnamese_name():
    (official,) = read(f'{HEADER}\n1,Lê A,"Tư lệnh, ""Bộ""",73,,0,\n')
    assert (official.name, official.position) == ("Lê A", 'Tư lệnh, "Bộ"')
    assert (official.levels, official.blank) == ((73, None, 0), None)
    assert official.where == "counts.csv: row 2"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_what_spreadsheets_write_is_understood(mark, end, separator):
    lines = [HEADER, "1,A,B,1,2,3,4", "2,C,D,5,6,7,8", ",,,,,,"]
    text = mark + end.join(line.replace(",", separator) for line in lines) + end
    assert [official.levels for official in read(text)] == [(1, 2, 3), (5, 6, 7)]


def test_the_older_header_is_understood():
    text = (
        "stt,ho_ten,chuc_vu,cao,trung_binh,thap,khong_hop_le_or_blank,pct_cao,pct_tn,pct_thap\n"
        'HĐND-1,A,B,19,2,25,1,40.43,"4,26",53.1\n'
    )
    file = decode(text.encode(), "counts.csv", NQ96)
    assert file.officials[0].levels == (19, 2, 25)
    assert file.officials[0].blank == 1
    assert file.published == ((4043, 426, 5310),)


def test_two_levels_have_their_own_columns():
    (official,) = read(
        "stt,ho_ten,chuc_vu,tin_nhiem,khong_tin_nhiem,trong\n1,A,B,30,20,1\n", two_levels()
    )
    assert (official.levels, official.blank) == ((30, 20), 1)


def test_names_are_composed():
    decomposed = unicodedata.normalize("NFD", "Nguyễn Thị Lệ")
    (official,) = read(f"{HEADER}\n1, {decomposed} ,B,1,1,1,0\n")
    assert official.name == "Nguyễn Thị Lệ"


@pytest.mark.parametrize(
    "value", ["x", "-1", "1,5", "1.000", "03", "1e3", "٣", "²", "99999999", "-", "không"]
)
@pytest.mark.parametrize("column", ["cao", "tin_nhiem", "thap", "trong"])
def test_a_count_that_is_no_whole_number_names_file_row_and_column(value, column):
    cells = dict.fromkeys(HEADER.split(","), "1") | {column: f'"{value}"'}
    text = f"{HEADER}\n1,A,B,1,1,1,0\n{','.join(cells.values())}\n"
    letter = "ABCDEFG"[HEADER.split(",").index(column)]
    place = re.escape(
        f"counts.csv: row 3, column {letter} ({column}) “{value}”: a count is a whole"
    )
    with pytest.raises(BadTable, match=place):
        read(text)


@pytest.mark.parametrize(
    "value", ["3", " 3", "3 ", "3\u00a0", "\u202f3", "3.0", "3,0", "3,00", "3\u200b"]
)
def test_a_count_may_be_written_as_spreadsheets_do(value):
    (official,) = read(f'{HEADER}\n1,A,B,"{value}",1,1,0\n')

    assert official.levels == (3, 1, 1)


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\u202e", "\u2066", "\u00ad"])
@pytest.mark.parametrize(
    ("column", "row"), [("B (ho_ten)", '1,"A{}B",x'), ("C (chuc_vu)", '1,x,"A{}B"')]
)
def test_a_character_that_could_deceive_the_reader_is_refused(bad, column, row):
    code = f"character U+{ord(bad):04X}"
    with pytest.raises(
        BadTable, match=re.escape(f"row 2, column {column}") + f".*{re.escape(code)}"
    ):
        read(f"{HEADER}\n{row.format(bad)},1,1,1,0\n")


@pytest.mark.parametrize("blank", ["\t", "\u2028", "\u00a0", "\u202f", "\n"])
def test_a_blank_of_any_kind_is_a_blank(blank):
    (official,) = read(f'{HEADER}\n1,"A{blank}B",x,1,1,1,0\n')

    assert official.name == "A B"


def test_what_was_cleaned_is_told():
    text = f"{HEADER}\n1,A\u200bB,C\u00a0D,1,1,1,0\n"
    warnings = [warning.told("en") for warning in decode(text.encode(), "c.csv", NQ96).warnings]

    assert warnings == [
        "c.csv: characters that cannot be seen were cleaned away: B2",
        "c.csv: blanks too many, line breaks and no-break spaces were read as one blank: C2",
    ]


@pytest.mark.parametrize(
    "header",
    [
        "STT,Họ và tên,Chức vụ,Tín nhiệm cao,Tín nhiệm,Tín nhiệm thấp,Phiếu trắng",
        "tt,HỌ TÊN,Chức danh,Cao,Trung bình,Thấp,",
    ],
)
def test_headings_are_those_that_people_use(header):
    (official,) = read(f"{header}\n1,A,B,30,15,5,\n")

    assert official.levels == (30, 15, 5)


def test_a_workbook_is_read_as_well():
    header = ("STT", "Họ và tên", "Chức vụ", "Cao", "Tín nhiệm", "Thấp")
    (official,) = decode(xlsx((1, "A", "B", 30, 15.0, 5), header=header), "c.xlsx", NQ96).officials

    assert official.levels == (30, 15, 5)


def test_everything_wrong_comes_at_once():
    with pytest.raises(BadTable) as caught:
        read(f"{HEADER}\n1,A,B,x,1,1,0\n2,,C,1,1,1,0\nTổng cộng,,,60,1,1,0\n")

    assert [line.partition(": ")[2][:5] for line in str(caught.value).split("\n")[1:]] == [
        "row 4", "row 2", "row 3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (HEADER, "no officials"),
        (f"{HEADER}\n,,,,,,\n", "no officials"),
        (f"{HEADER}\n1,,B,1,1,1,0\n", "row 2, column B (ho_ten): the name is empty"),
        (f"{HEADER}\n1,A,B,1,1,1\n", "row 2: the row has 6 cells, the head 7"),
        (f"{HEADER}\n1,A,B,1,1,1,0,9\n", "row 2, column H “9”: a cell outside the table"),
        (f"{HEADER}\n1,{'A' * 201},B,1,1,1,0\n", "longer than 200 characters"),
        (f'{HEADER}\n1,"A,B,1,1,1,0\n', "not CSV"),
        ("stt,ho_ten,chuc_vu,cao,thap,trong\n", "row 1: column Tín nhiệm is missing"),
        ("stt,chuc_vu,cao,tin_nhiem,thap\n", "row 1: column Họ và tên is missing"),
        (f"{HEADER},trung_binh\n", "row 1, column H (trung_binh): this column stands"),
        (f"{HEADER},stt\n", "row 1, column H (stt): this column stands"),
        (
            f"{HEADER},khong_tin_nhiem\n",
            "row 1, column H (khong_tin_nhiem): there is no",
        ),
        (
            f"{HEADER},pct_cao\n1,A,B,1,1,1,0,5.555\n",
            "row 2, column H (pct_cao) “5.555”: a percentage has up to two",
        ),
        (b"\xff\xfe1", "is not UTF-8"),
        (b"x" * (MAX_FILE + 1), f"longer than {MAX_FILE} bytes"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(text, message):
    with pytest.raises(BadTable) as caught:
        read(text)
    assert "counts.csv: " in str(caught.value)
    assert message in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(BadTable):
        read(HEADER.encode() + b"\n" + data)
