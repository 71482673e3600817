"""`session plan`, as a secretary uses it."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from admin.cli import ics, main
from tests.admin.session.books import saved

STAMP = datetime(2026, 12, 7, 1, 2, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    monkeypatch.setenv("COLUMNS", "120")


def drafted(folder: Path, template: str, day: str) -> Path:
    assert main.run(["session", "new", str(folder), "--template", template]) == 0
    change(folder, "date = .*", f"date = {day}")
    return folder


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "session.toml"
    text, count = re.subn(f"(?m)^{old}$", new, path.read_text("utf-8"))
    assert count == 1
    path.write_text(text, "utf-8")


@pytest.fixture
def party(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A Party committee that votes on a Monday."""
    folder = drafted(tmp_path / "d", "party-committee", "2026-12-07")
    capsys.readouterr()
    return folder


@pytest.fixture
def council(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A People's Council."""
    folder = drafted(tmp_path / "c", "people-council", "2026-12-07")
    capsys.readouterr()
    return folder


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    status = main.run(["session", "plan", *(str(arg) for arg in args)])
    stdout, err = capsys.readouterr()
    return status, stdout, err


def document(capsys: pytest.CaptureFixture[str], *args: object) -> dict[str, object]:
    status, stdout, _ = call(capsys, *args, "--json")
    assert status == 0
    document: dict[str, object] = json.loads(stdout)
    return document


def codes(plan: dict[str, object]) -> list[str]:
    notes = plan["notes"]
    assert isinstance(notes, list)
    return [note["code"] for note in notes]


def deadlines(plan: dict[str, object]) -> dict[str, dict[str, object]]:
    rows = plan["deadlines"]
    assert isinstance(rows, list)
    return {row["key"]: row for row in rows}


def test_the_table_says_who_owes_what_and_what_is_overdue(party: Path, capsys):
    status, stdout, err = call(capsys, party, "--today", "2026-11-20")

    assert status == 0
    assert "Day of the vote: Mon 2026-12-07 · Quy định số 96-QĐ/TW" in stdout
    for part in (
        r"Tue 2026-11-17 +OVERDUE, days: 3 +The person being rated",
        r"Sun 2026-11-22 +days left: 2 +The personnel body",
        r"Wed 2026-12-16 +days left: 26",
        r"\(day off\)",
        r"\[1\] Khoản 3 Điều 7 Quy định số 96-QĐ/TW",
    ):
        assert re.search(part, stdout), part
    assert 'done = ["self_report"]' in err


def test_the_table_is_in_the_language_of_the_reader(party: Path, capsys, monkeypatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    _, stdout, _ = call(capsys, party, "--today", "17/11/2026")

    assert re.search(r"Thứ Ba 17/11/2026 +HẠN HÔM NAY +Người được lấy phiếu", stdout)
    assert "Chủ nhật 22/11/2026" in stdout


def test_nothing_is_overdue_in_good_time(party: Path, capsys):
    _, stdout, err = call(capsys, party, "--today", "2026-10-01")

    assert "OVERDUE" not in stdout
    assert err == ""


def test_today_is_the_real_day_where_none_is_given(party: Path, capsys, monkeypatch):
    monkeypatch.setattr("admin.cli.plan.zones.today", lambda *_: date(2026, 11, 16))
    assert document(capsys, party)["today"] == "2026-11-16"


def test_the_document(party: Path, capsys):
    plan = document(capsys, party, "--today", "2026-11-20")

    assert (plan["schema"], plan["regime"], plan["vote"]) == (
        "phieukin.plan/1",
        "qd96-2023",
        "2026-12-07",
    )
    assert plan["notes"] == []
    first = deadlines(plan)["self_report"]
    assert first["who"] == {"vi": "Người được lấy phiếu tín nhiệm", "en": "The person being rated"}
    assert {key: first[key] for key in ("date", "weekday", "days_left", "state", "verified")} == {
        "date": "2026-11-17",
        "weekday": 2,
        "days_left": -3,
        "state": "overdue",
        "verified": True,
    }
    report = deadlines(plan)["result_report"]
    assert (report["verified"], report["local"]) == (True, True)
    assert deadlines(plan)["rater_file"]["working_day"] is False


def test_a_council_counts_from_the_opening(council: Path, capsys):
    guessed = document(capsys, council)
    plan = document(capsys, council, "--opening", "2026-12-03")

    assert codes(guessed) == ["opening_not_given", "organ"]
    assert deadlines(guessed)["council_report"]["date"] == "2026-11-07"
    assert codes(plan) == ["organ"]
    assert deadlines(plan)["council_report"]["date"] == "2026-11-03"
    assert deadlines(plan)["result_report"]["date"] == "2026-12-16"


def test_the_assembly_is_known_by_its_name_or_said(council: Path, capsys):
    refusal = document(capsys, council, "--organ", "assembly", "--opening", "2026-10-20")
    change(council, "body = .*", 'body = "Quốc hội nước Cộng hòa xã hội chủ nghĩa Việt Nam"')
    named = document(capsys, council, "--opening", "2026-10-20")

    assert deadlines(refusal)["assembly_list"]["date"] == "2026-09-05"
    assert deadlines(named) == deadlines(refusal)


@pytest.mark.parametrize("opening", ["2026-12-08", "2025-12-05", "7.12.2026", "8/12/2026"])
def test_an_opening_out_of_place_is_wrong_usage(council: Path, capsys, opening):
    assert call(capsys, council, "--opening", opening)[0] == 2


def test_holidays_that_are_not_known_are_said(party: Path, capsys):
    change(party, "date = .*", "date = 2031-03-03")
    _, stdout, _ = call(capsys, party)
    assert "Holidays of the year not known: 2031." in stdout

    change(party, "date = .*", "date = 2026-04-24")
    assert codes(document(capsys, party)) == ["compensatory"]
    saved(party, "holidays.toml", "off = [2026-04-27]")
    plan = document(capsys, party)
    assert codes(plan) == []
    assert deadlines(plan)["result_report"]["date"] == "2026-05-08"


def test_a_holiday_is_named(party: Path, capsys):
    change(party, "date = .*", "date = 2026-05-03")
    plan = document(capsys, party)
    explanation = deadlines(plan)["explanation"]

    assert explanation["date"] == "2026-04-30"
    assert explanation["holiday"] == {"vi": "Ngày Chiến thắng", "en": "Victory Day"}


def test_the_body_adds_and_finishes_deadlines(party: Path, capsys):
    text = (
        'done = ["self_report"]\n[[deadlines]]\nkey = "print"\nwho = "Văn phòng"\n'
        'what = "In phiếu"\ndays = 2\nrule = "Kế hoạch số 1"\n'
    )
    saved(party, "deadlines.toml", text)
    status, stdout, err = call(capsys, party, "--today", "2026-11-20")

    assert status == 0
    assert re.search(r"Tue 2026-11-17 +done", stdout)
    assert re.search(r"Sat 2026-12-05 +days left: 15 +Văn phòng +In phiếu", stdout)
    assert err == ""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("deadlines.toml", "days = 3", "deadlines.toml: days: "),
        ("deadlines.toml", 'done = ["nothing"]', "there is no deadline nothing"),
        ("holidays.toml", "off = 2026-04-27", "holidays.toml: off: "),
    ],
)
def test_what_the_body_added_may_be_wrong(party: Path, capsys, name, text, said):
    saved(party, name, text)
    status, stdout, err = call(capsys, party)

    assert (status, stdout) == (5, "")
    assert said in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("# no date", "session.toml: the key date is missing"),
        ('date = "31/12/2026"', "key date: "),
        ("date = 0001-01-05", "session.toml: "),
        ("date = 9999-12-31", "session.toml: "),
    ],
)
def test_a_date_that_is_missing_or_wrong_is_the_forms_own_error(party: Path, capsys, line, said):
    change(party, "date = .*", line)
    status, stdout, err = call(capsys, party)

    assert (status, stdout) == (5, "")
    assert said in err
    assert "session's files have problems: 1 to correct" in err


def test_a_folder_that_is_no_draft_is_an_unreadable_path(tmp_path: Path, capsys):
    status, _, err = call(capsys, tmp_path)
    assert status == 2
    assert "session.toml" in err


# ---- the calendar file


def unfolded(data: bytes) -> list[str]:
    """The content lines, strictly as RFC 5545, 3.1, has them."""
    assert data.endswith(b"\r\n")
    physical = data.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 for line in physical)
    assert not any(b"\r" in line or b"\n" in line for line in physical)
    for line in physical:
        line.decode("utf-8")  # no character is cut
    return data.replace(b"\r\n ", b"").decode("utf-8").removesuffix("\r\n").split("\r\n")


def read(text: str) -> str:
    """A TEXT value without its escapes (RFC 5545, 3.3.11)."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", text)
    plain = {"n": "\n"}
    return re.sub(r"\\(.)", lambda escape: plain.get(escape[1], escape[1]), text)


def test_the_calendar_file(party: Path, tmp_path: Path, capsys, monkeypatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    target = tmp_path / "plan.ics"
    status, _, err = call(capsys, party, "--today", "2026-10-01", "--ics", target)
    lines = unfolded(target.read_bytes())
    again = tmp_path / "again.ics"
    change(party, "date = .*", "date = 2026-12-08")
    call(capsys, party, "--ics", again)

    assert status == 0
    assert str(target) in err
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 6
    assert len([line for line in lines if re.fullmatch(r"DTSTAMP:\d{8}T\d{6}Z", line)]) == 6
    assert "DTSTART;VALUE=DATE:20261117" in lines
    assert "DTEND;VALUE=DATE:20261118" in lines
    names = [line for line in lines if line.startswith("UID:")]
    assert len(set(names)) == 6
    assert names == [line for line in unfolded(again.read_bytes()) if line.startswith("UID:")]
    summaries = [read(line[8:]) for line in lines if line.startswith("SUMMARY:")]
    assert "Gửi báo cáo tự đánh giá đến cơ quan tham mưu về tổ chức, cán bộ" in summaries[0]
    assert "Lấy phiếu tín nhiệm đối với các đồng chí Ủy viên Ban Thường vụ" in summaries


def test_the_calendar_file_beside_json(party: Path, tmp_path: Path, capsys):
    plan = document(capsys, party, "--ics", tmp_path / "plan.ics")
    assert plan["schema"] == "phieukin.plan/1"
    assert (tmp_path / "plan.ics").exists()


@pytest.mark.parametrize("text", ["ế" * 1000, "a,b;c\\n\nEND:VEVENT" * 9])
def test_long_or_hostile_text_stays_one_value(text: str):
    event = ics.WholeDay("x@phieukin", date(2028, 2, 29), text, "a\nb", reminds=True)
    lines = unfolded(ics.encode([event], STAMP, "vi"))

    assert lines.count("END:VEVENT") == 1
    assert lines[5:9] == [
        "UID:x@phieukin",
        "DTSTAMP:20261207T010203Z",
        "DTSTART;VALUE=DATE:20280229",
        "DTEND;VALUE=DATE:20280301",
    ]
    assert read(lines[9].removeprefix("SUMMARY:")) == text
    assert read(lines[10].removeprefix("DESCRIPTION:")) == "a\nb"


def test_a_calendar_reminds_of_what_is_not_done():
    """At nine in the morning two days before, and on the day."""
    due = ics.WholeDay("a@phieukin", date(2026, 12, 7), "Gửi báo cáo", "", reminds=True)
    day = ics.WholeDay("b@phieukin", date(2026, 12, 7), "Gửi báo cáo", "", reminds=False)
    lines = ics.encode([due], STAMP, "vi").decode().split("\r\n")

    assert [line for line in lines if line.startswith("TRIGGER:")] == [
        "TRIGGER:-PT39H",
        "TRIGGER:PT9H",
    ]
    assert lines.count("BEGIN:VALARM") == lines.count("END:VALARM") == 2
    assert b"VALARM" not in ics.encode([day], STAMP, "vi")
