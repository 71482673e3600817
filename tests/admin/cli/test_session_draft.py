"""`session new`, `session check` and `roster`, as a secretary uses them."""

import json
import re
from pathlib import Path

import click
import pytest

from admin.cli import main, roster
from admin.cli.session_draft import check, new
from admin.prepare import template
from tests.admin.session.books import saved, xlsx


@pytest.fixture(autouse=True)
def _commands(monkeypatch: pytest.MonkeyPatch):
    """The commands under their names, without the rest of the program."""

    def program(_: object) -> click.Group:
        group, session = click.Group("phieukin"), click.Group("session")
        session.add_command(new)
        session.add_command(check)
        group.add_command(session)
        group.add_command(roster.command)
        main._accept_global_options(group)
        return group

    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(main, "program", program)


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A new draft."""
    assert main.run(["session", "new", str(tmp_path / "d"), "--electronic"]) == 0
    capsys.readouterr()
    return tmp_path / "d"


def call(capsys: pytest.CaptureFixture[str], *args: object) -> tuple[int, str, str]:
    status = main.run([str(arg) for arg in args])
    stdout, err = capsys.readouterr()
    return status, stdout, err


def test_new_says_the_uuid_and_what_to_do_next(tmp_path: Path, capsys):
    status, stdout, err = call(capsys, "session", "new", tmp_path / "d")
    (uuid,) = re.findall(r'(?m)^uuid = "(.*)"$', (tmp_path / "d/session.toml").read_text("utf-8"))

    assert (status, stdout) == (0, f"{tmp_path}/d: the draft of session {uuid}\n")
    assert re.fullmatch("[1-9A-HJ-NP-Za-km-z]{16}", uuid)
    for part in ("session.toml", "officials.xlsx", "roster.xlsx", "session check"):
        assert part in err


def test_each_new_draft_is_another_session(tmp_path: Path, capsys):
    drafts = [
        json.loads(call(capsys, "session", "new", tmp_path / name, "--json")[1]) for name in "ab"
    ]

    assert drafts[0]["schema"] == "phieukin.draft/1"
    assert drafts[0]["uuid"] != drafts[1]["uuid"]


def test_a_folder_that_is_not_empty_is_refused(folder: Path, capsys):
    before = (folder / "session.toml").read_bytes()
    status, stdout, err = call(capsys, "session", "new", folder)

    assert (status, stdout) == (5, "")
    assert "is not empty" in err
    assert (folder / "session.toml").read_bytes() == before


def test_a_file_in_the_place_of_the_folder_is_a_wrong_path(tmp_path: Path, capsys):
    assert call(capsys, "session", "new", saved(tmp_path, "x", ""))[0] == 2


def test_an_unknown_template_is_wrong_usage(tmp_path: Path, capsys):
    status, _, err = call(capsys, "session", "new", tmp_path / "d", "--template", "club")

    assert status == 2
    assert "people-council" in err
    assert not (tmp_path / "d").exists()


def test_from_needs_a_data_directory(tmp_path: Path, capsys):
    target = tmp_path / "d"
    status, _, err = call(
        capsys, "session", "new", target, "--from", "Phieu1Kin2Test3B", "--data", tmp_path
    )

    assert status == 5
    assert "phieukin init" in err
    assert not target.exists()


@pytest.mark.parametrize("name", template.TEMPLATES)
def test_the_draft_of_every_kind_of_body_is_fine(tmp_path: Path, capsys, name: str):
    """What is left to say is that its people are an example, and what is not known of them."""
    call(capsys, "session", "new", tmp_path / "d", "--template", name)
    status, stdout, err = call(capsys, "session", "check", tmp_path / "d", "--json")
    document = json.loads(stdout)

    assert (status, document["ok"], document["problems"]) == (0, True, [])
    codes = {warning["code"] for warning in document["warnings"]}
    assert codes <= {"since_unknown", "electronic_rules", "telegram_may_fail"}
    assert document["draft"]["quorum"] <= document["draft"]["roster"]
    assert "people of the template are still there: " in err


@pytest.mark.parametrize("name", ["people-council", "party-committee"])
def test_a_new_draft_is_summed_up(tmp_path: Path, capsys, name: str):
    call(capsys, "session", "new", tmp_path / "d", "--template", name, "--electronic")
    status, stdout, err = call(capsys, "session", "check", tmp_path / "d")

    assert status == 0
    assert "Must be present      8 people (2/3 of 12)" in stdout
    assert "5 hold the key, 4 seal and close the box, 3 open the" in stdout
    assert "people of the template are still there: " in err
    assert "session seal" not in err  # which would refuse it


def test_ballots_are_paper_until_the_bodys_own_rules_are_looked_at(tmp_path: Path, capsys):
    """A new draft of a State or Party body is on paper; else every check says what it takes."""
    conditional = {}
    for name, more in (("paper", ()), ("electronic", ("--electronic",))):
        call(capsys, "session", "new", tmp_path / name, *more)
        _, stdout, err = call(capsys, "session", "check", tmp_path / name)
        conditional[name] = "Article 12 of Resolution 31/2023/UBTVQH15" in err
        assert ("no keys: on paper only" in stdout) == (name == "paper")
        assert ("carriers were told to block it" in err) == (name == "electronic")

    assert conditional == {"paper": False, "electronic": True}


def test_the_summary_is_in_the_language_of_the_reader(folder: Path, capsys, monkeypatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    _, stdout, err = call(capsys, "session", "check", folder)

    assert "Phải có mặt           8 người (2/3 của 12)" in stdout
    assert "người của danh sách mẫu: Nguyễn Văn An, " in err


def test_a_day_that_is_past_is_a_warning(folder: Path, capsys):
    path = folder / "session.toml"
    path.write_text(re.sub("(?m)^date = .*", "date = 2020-01-02", path.read_text("utf-8")), "utf-8")
    status, _, err = call(capsys, "session", "check", folder)

    assert status == 0
    assert "session.toml: the day 02/01/2020 is past" in err


def test_every_problem_is_told_and_nothing_summed_up(folder: Path, capsys):
    path = folder / "session.toml"
    path.write_text(path.read_text("utf-8").replace("threshold = 3", "threshold = 6"), "utf-8")
    saved(folder, "roster.xlsx", xlsx((1, "Lê A"), (2, "le a"), (3, "=B2"), (4, "")))
    status, stdout, err = call(capsys, "session", "check", folder)

    assert (status, stdout) == (5, "")
    assert err.splitlines() == [
        (
            "phieukin: warning: roster.xlsx, sheet “Sheet”: row 3, column B (Họ và tên): "
            "le a may be Lê A of row 2 in another spelling"
        ),
        "phieukin: error: the session's files have problems: 3 to correct",
        "  session.toml: row 94, key threshold: 6 is not from 1 to 5",
        "  roster.xlsx, sheet “Sheet”: row 4, column B (Họ và tên): a formula; put its value there",
        "  roster.xlsx, sheet “Sheet”: row 5, column B (Họ và tên): the name is empty",
        "phieukin: hint: correct every place named above, then check again",
    ]


def test_a_draft_is_one_document_with_json(folder: Path, capsys):
    status, stdout, _ = call(capsys, "session", "check", folder, "--json")
    document = json.loads(stdout)

    assert status == 0
    assert (document["schema"], document["ok"], document["problems"]) == (
        "phieukin.draft/1",
        True,
        [],
    )
    assert document["draft"]["quorum"] == 8
    assert document["draft"]["denominator"] == "collected"
    assert document["draft"]["channels"] == ["miniapp", "browser", "cli", "paper"]


def test_problems_are_one_document_with_json(folder: Path, capsys, monkeypatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    (folder / "officials.xlsx").unlink()
    status, stdout, _ = call(capsys, "session", "check", folder, "--json")
    document = json.loads(stdout)

    assert (status, document["ok"], document["draft"]) == (5, False, None)
    assert document["problems"] == [
        {
            "file": "officials",
            "row": None,
            "column": None,
            "code": "no_file",
            "text": "officials: officials.xlsx / officials.csv: not there",
        }
    ]


def test_a_folder_that_is_no_draft_is_an_unreadable_path(tmp_path: Path, capsys):
    status, _, err = call(capsys, "session", "check", tmp_path)

    assert status == 2
    assert "session.toml" in err


# -- roster ---------------------------------------------------------------------------------------

CSV = "ho_ten,chuc_vu\n" + "".join(f"Lê {c},Đại biểu\n" for c in "ABCDE")


def test_a_roster_is_imported_in_the_place_of_the_example(folder: Path, tmp_path: Path, capsys):
    status, stdout, _ = call(capsys, "roster", "import", folder, saved(tmp_path, "x.csv", CSV))

    assert (status, stdout) == (0, f"5 people copied into {folder}.\n")
    assert (folder / "roster.csv").read_text("utf-8") == CSV
    assert not (folder / "roster.xlsx").exists()


def test_a_workbook_is_imported_in_the_place_of_a_csv(folder: Path, tmp_path: Path, capsys):
    data = xlsx(*[(i, f"Lê {c}") for i, c in enumerate("ABCDEF")])
    call(capsys, "roster", "import", folder, saved(tmp_path, "x.csv", CSV))
    status, stdout, _ = call(
        capsys, "roster", "import", folder, saved(tmp_path, "x.XLSX", data), "--json"
    )

    assert (status, json.loads(stdout)["roster"]) == (0, 6)
    assert [path.name for path in folder.glob("roster.*")] == ["roster.xlsx"]


def test_a_bad_roster_is_not_imported(folder: Path, tmp_path: Path, capsys):
    before = (folder / "roster.xlsx").read_bytes()
    status, stdout, err = call(
        capsys, "roster", "import", folder, saved(tmp_path, "x.csv", CSV + ",Đại biểu\n")
    )

    assert (status, stdout) == (5, "")
    assert "x.csv: row 7, column A (ho_ten): the name is empty" in err
    assert (folder / "roster.xlsx").read_bytes() == before


def test_a_folder_without_a_form_takes_no_roster(tmp_path: Path, capsys):
    status, _, err = call(capsys, "roster", "import", tmp_path, saved(tmp_path, "x.csv", CSV))

    assert status == 5
    assert "session new" in err


def test_the_roster_is_listed_in_its_order(folder: Path, capsys):
    status, stdout, _ = call(capsys, "roster", "list", folder)
    lines = stdout.splitlines()

    assert status == 0
    assert lines[0].split() == ["No.", "Name", "Position", "Unit", "Born"]
    assert "1  Nguyễn Văn An" in lines[1]
    assert "12  Triệu Thị Uyên" in lines[-1]


def test_the_list_is_one_document_with_json(folder: Path, capsys):
    _, stdout, _ = call(capsys, "roster", "list", folder, "--json")
    voters = json.loads(stdout)["voters"]

    assert voters[0] == {
        "name": "Nguyễn Văn An",
        "details": {
            "position": "Chủ tịch Hội đồng nhân dân",
            "unit": "Tổ đại biểu số 1",
            "birth": "1968-04-12",
        },
    }


def test_a_bad_roster_is_listed_by_its_problems(folder: Path, capsys):
    saved(folder, "roster.xlsx", b"x")
    status, stdout, _ = call(capsys, "roster", "list", folder, "--json")

    assert status == 5
    assert json.loads(stdout)["problems"][0]["code"] == "not_xlsx"


def test_a_folder_without_a_roster_has_nothing_to_list(tmp_path: Path, capsys):
    status, _, err = call(capsys, "roster", "list", tmp_path)

    assert status == 5
    assert "roster.xlsx / roster.csv: not there" in err


def test_check_tells_blocks_and_who_is_not_rated(folder: Path, capsys):
    (folder / "officials.xlsx").unlink()
    rows = "Lê An,A,Khối Đảng,1/7/2021,\nVũ Bình,B,Khối Đảng,1/7/2021,x\n"
    head = "ho_ten,chuc_vu,khoi,ngay_bau_bo_nhiem,thong_bao_nghi_huu\n"
    saved(folder, "officials.csv", head + rows)
    status, stdout, _ = call(capsys, "session", "check", folder)
    document = json.loads(call(capsys, "session", "check", folder, "--json")[1])["draft"]
    reason = (
        "Đã có thông báo nghỉ công tác chờ nghỉ hưu, theo quy định tại Nghị quyết số 96/2023/QH15"
    )

    assert status == 0
    assert "- Khối Đảng: 1 officials" in stdout
    assert f"- Vũ Bình, B: {reason}" in stdout
    assert document["excluded"] == [{"name": "Vũ Bình", "position": "B", "reason": reason}]
    assert document["blocks"] == [{"heading": "Khối Đảng", "officials": 1}]


@pytest.mark.parametrize(
    ("old", "new", "source", "told"),
    [
        ("", "", {"source": "unread"}, "a default: please compare the body's own rules"),
        ('# quorum = "2/3"', 'quorum = "1/2"', {"source": "own", "rule": None}, "session.toml"),
        (
            'regime = "nq96-2023"',
            'regime = "qd96-2023"',
            {"source": "read", "rule": "Quy định số 96-QĐ/TW"},
            "by Quy định số 96-QĐ/TW",
        ),
    ],
)
def test_check_tells_where_the_quorum_comes_from(folder: Path, capsys, old, new, source, told):
    path = folder / "session.toml"
    path.write_text(
        path.read_text("utf-8").replace(old, new, 1) if old else path.read_text("utf-8"), "utf-8"
    )
    stdout = call(capsys, "session", "check", folder)[1]
    document = json.loads(call(capsys, "session", "check", folder, "--json")[1])["draft"]

    assert document["quorum_from"].items() >= source.items()
    assert told in " ".join(stdout.split())
