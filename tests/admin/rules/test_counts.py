import contextlib
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.rules import regime
from admin.rules.counts import MAX_FILE, decode
from crypto.errors import Malformed

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
    "value", ["x", "-1", "1.0", "1,5", "+3", " 3", "03", "1e3", "٣", "²", "99999999"]
)
@pytest.mark.parametrize("column", ["cao", "tin_nhiem", "thap", "trong"])
def test_a_count_that_is_no_whole_number_names_file_row_and_column(value, column):
    cells = dict.fromkeys(HEADER.split(","), "1") | {column: f'"{value}"'}
    text = f"{HEADER}\n1,A,B,1,1,1,0\n{','.join(cells.values())}\n"
    with pytest.raises(Malformed, match=f"^counts[.]csv: row 3, column {column}: "):
        read(text)


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\t", "\u202e", "\u2066", "\u200b", "\u2028"])
@pytest.mark.parametrize(("column", "row"), [("ho_ten", '1,"A{}B",x'), ("chuc_vu", '1,x,"A{}B"')])
def test_a_character_that_could_deceive_the_reader_is_refused(bad, column, row):
    with pytest.raises(Malformed, match=f"row 2, column {column}: character U[+]{ord(bad):04X}"):
        read(f"{HEADER}\n{row.format(bad)},1,1,1,0\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        (HEADER, "no officials"),
        (f"{HEADER}\n,,,,,,\n", "no officials"),
        (f"{HEADER}\n1,,B,1,1,1,0\n", "row 2, column ho_ten: the name is empty"),
        (f"{HEADER}\n1,A,B,1,1,1\n", "row 2: 6 cells, but the header has 7"),
        (f"{HEADER}\n1,A,B,1,1,1,0,9\n", "row 2: 8 cells"),
        (f"{HEADER}\n1,{'A' * 201},B,1,1,1,0\n", "row 2, column ho_ten: longer than 200"),
        (f'{HEADER}\n1,"A,B,1,1,1,0\n', "not CSV"),
        ("stt,ho_ten,chuc_vu,cao,thap,trong\n", "row 1: column tin_nhiem is missing"),
        ("stt,chuc_vu,cao,tin_nhiem,thap\n", "row 1: column ho_ten is missing"),
        (f"{HEADER},trung_binh\n", "row 1: column tin_nhiem is repeated"),
        (f"{HEADER},stt\n", "row 1: a column is repeated"),
        (f"{HEADER},khong_tin_nhiem\n", "row 1: column 'khong_tin_nhiem' is not one of nq96-2023"),
        (
            f"{HEADER},pct_cao\n1,A,B,1,1,1,0,5.555\n",
            "row 2, column pct_cao: '5.555' is not a perc",
        ),
        (b"\xff\xfe1", "byte 0 is not UTF-8"),
        (b"x" * (MAX_FILE + 1), f"longer than {MAX_FILE} bytes"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(text, message):
    with pytest.raises(Malformed) as caught:
        read(text)
    assert str(caught.value).startswith("counts.csv: ")
    assert message in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(Malformed):
        read(HEADER.encode() + b"\n" + data)
