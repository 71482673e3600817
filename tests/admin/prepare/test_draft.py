"""A folder is read whole, or refused whole with everything that is wrong in it."""

import re
from importlib import resources
from pathlib import Path

import pytest

from admin.prepare import draft, roster, template
from admin.prepare.roster import RosterRow
from admin.record.session_file import Block, SessionFile
from admin.rules.cells import BadDraft
from crypto.encoding import canonical
from crypto.errors import BadRecord, Malformed, Refused
from crypto.session import Official, Policy
from tests.admin.session.books import saved, xlsx

pytestmark = pytest.mark.slow

UUID = "Phieu1Kin2Test3A"
TODAY = "2026-12-07"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new draft of the People's Council."""
    template.new(tmp_path / "d", "people-council", TODAY, UUID, electronic=True)
    return tmp_path / "d"


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "session.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_buttons_have_room_for_so_many_officials(folder):
    """One more is refused with both numbers; without buttons it is fine."""
    edit(folder, '["miniapp",', '["chat", "miniapp",')
    rows = "".join(f"{i},Nguyễn Văn {i},Ủy viên {i}\n" for i in range(1, 58))
    (folder / "officials.xlsx").unlink(missing_ok=True)
    (folder / "officials.csv").write_text("STT,Họ và tên,Chức vụ\n" + rows, "utf-8")

    assert any("room for 56 officials; the list has 57" in line for line in refusal(folder))

    edit(folder, '["chat", "miniapp",', '["miniapp",')
    assert len(draft.read(folder).officials) == 57


ALWAYS = ("since_unknown", "electronic_rules", "telegram_may_fail")


def refusal(folder: Path) -> list[str]:
    with pytest.raises(BadDraft) as caught:
        draft.read(folder)
    head, *problems = str(caught.value).split("\n  ")
    assert head == f"{len(problems)} to correct"
    return problems


def doubts(folder: Path) -> list[str]:
    """Beside those that every new draft with electronic ballots has."""
    codes = [warning.fault.code for warning in draft.examine(folder).warnings]
    return [code for code in codes if code not in ALWAYS]


@pytest.mark.parametrize("name", template.TEMPLATES)
def test_a_new_draft_has_no_problems(tmp_path: Path, name: str):
    template.new(tmp_path / "d", name, TODAY, UUID)
    examined = draft.examine(tmp_path / "d")

    assert examined.problems == ()
    assert {warning.fault.code for warning in examined.warnings} <= set(ALWAYS)
    assert examined.draft is not None
    assert examined.draft.on_paper == (name != "association")
    assert (examined.draft.uuid, examined.draft.human.date) == (UUID, TODAY)
    samples = [problem.fault.code for problem in template.samples(examined.draft)]
    whole = name == "national-assembly"  # there is but one, which has its name
    assert samples == ["sample", "sample"] if whole else ["gap", "sample", "sample"]


@pytest.mark.parametrize("name", template.TEMPLATES)
def test_the_csv_beside_the_workbook_says_the_same(tmp_path: Path, name: str):
    folder = tmp_path / "d"
    template.new(folder, name, TODAY, UUID)
    first = draft.read(folder)
    for stem in ("officials", "roster"):
        (folder / f"{stem}.xlsx").unlink()
        (folder / "csv" / f"{stem}.csv").rename(folder / f"{stem}.csv")

    assert draft.read(folder) == first


def test_the_numbers_of_body_and_meeting_and_how_people_are_addressed_are_sealed(folder: Path):
    """Whoever writes "thứ" as well has it printed once."""
    edit(folder, '# convocation = "XVIII"', 'convocation = "Khóa XVIII"')
    edit(folder, '# sitting = "20"', 'sitting = "lần thứ 20"')
    people_rows = "1,Vũ An,A,Bà\n2,Vũ Bình,B,\n"
    (folder / "officials.xlsx").unlink()
    (folder / "officials.csv").write_text("STT,Họ tên,Chức vụ,Xưng hô\n" + people_rows, "utf-8")
    sealed = SessionFile.decode(draft.read(folder).human.encode())

    assert (sealed.convocation, sealed.term, sealed.sitting) == ("XVIII", "", "20")
    assert sealed.honorifics == ("Bà", "")
    with pytest.raises(BadRecord, match="honorifics: 2 officials, 3 on the ballot"):
        sealed.check_officials([Official(name, "") for name in "ABC"])


def test_a_draft_gives_what_is_sealed(folder: Path):
    drafted = draft.read(folder)

    assert SessionFile.decode(drafted.human.encode()) == drafted.human
    assert Policy.from_json(drafted.policy.to_json(), "policy") == drafted.policy
    assert [level.label for level in drafted.policy.levels] == [
        "Tín nhiệm cao",
        "Tín nhiệm",
        "Tín nhiệm thấp",
    ]
    assert (drafted.trustees, drafted.threshold, drafted.quorum) == (5, 3, (2, 3))
    assert (drafted.human.delegates, len(drafted.officials), len(drafted.roster)) == (12, 5, 12)


@pytest.mark.parametrize(
    ("quorum", "number"), [("2/3", 8), ("1/2", 6), ("3/4", 9), ("1/1", 12), ("5/7", 9)]
)
def test_the_quorum_is_rounded_up(folder: Path, quorum: str, number: int):
    edit(folder, '# quorum = "2/3"', f'quorum = "{quorum}"')

    assert draft.read(folder).quorum_number == number


def test_the_problems_of_all_three_files_come_together(folder: Path):
    edit(folder, "threshold = 3", "threshold = 6")
    saved(folder, "officials.xlsx", xlsx((1, ""), header=("STT", "Họ và tên", "Chức vụ")))
    saved(folder, "roster.xlsx", b"no workbook")

    assert [problem.split(": ")[0] for problem in refusal(folder)] == [
        "session.toml",
        "officials.xlsx, sheet “Sheet”",
        "roster.xlsx",
    ]


def test_two_spreadsheets_for_one_thing_are_refused(folder: Path):
    (folder / "csv" / "roster.csv").rename(folder / "roster.csv")

    assert refusal(folder) == ["roster: roster.xlsx / roster.csv are both there; leave only one"]


def test_a_missing_spreadsheet_is_refused(folder: Path):
    (folder / "officials.xlsx").unlink()

    assert refusal(folder) == ["officials: officials.xlsx / officials.csv: not there"]


def test_a_folder_without_a_form_is_the_operating_systems_error(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        draft.read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("# delegates = 53", "delegates = 11", "delegates is 11, fewer than the 12 on the roster"),
        (
            "min_ballots = 10",
            "min_ballots = 13",
            "min_ballots is 13, more than the 12 on the roster: no result could ever be opened",
        ),
    ],
)
def test_the_form_and_the_roster_do_not_contradict_each_other(
    folder: Path, old: str, new: str, problem: str
):
    edit(folder, old, new)

    assert refusal(folder) == [f"session.toml: {problem}"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('["miniapp",', '["chat", "miniapp",', "chat_is_weaker"),
        ("threshold = 3", "threshold = 1", "one_trustee"),
        ("threshold = 3", "threshold = 2", "quorum_all"),
        ("threshold = 3", "threshold = 5", "threshold_all"),
    ],
)
def test_what_is_doubtful_is_a_warning(folder: Path, old: str, new: str, code: str):
    edit(folder, old, new)
    if holders := {"one_trustee": 1, "quorum_all": 3}.get(code):
        edit(folder, "trustees = 5", f"trustees = {holders}")

    assert doubts(folder) == [code]
    assert draft.read(folder).uuid == UUID


def test_the_roster_file_is_the_same_until_somebody_changes(folder: Path):
    drafted = draft.read(folder)
    saved(folder, "roster.xlsx", xlsx(*[(i, row.name) for i, row in enumerate(drafted.roster)]))

    assert draft.read(folder).roster_bytes != drafted.roster_bytes
    assert roster.decode(drafted.roster_bytes) == (UUID, drafted.roster)


def test_the_order_of_columns_and_the_kind_of_file_do_not_change_the_roster(folder: Path):
    drafted = draft.read(folder)
    lines = [f"{row.detail('position')},{row.name}" for row in drafted.roster]
    rows = [(row.name, row.detail("position")) for row in drafted.roster]
    saved(folder, "roster.xlsx", xlsx(*rows, header=("Họ và tên", "Chức vụ")))
    first = draft.read(folder).roster_bytes
    (folder / "roster.xlsx").unlink()
    saved(folder, "roster.csv", "chuc_vu,ho_ten\n" + "\n".join(lines))

    assert draft.read(folder).roster_bytes == first


@pytest.mark.parametrize(
    "voter",
    [
        *({"name": name, "details": {}} for name in ("Lê \ud800", "Lê\u0301", "", "A\nB")),
        {"name": "Lê A", "details": {"unit": "a", "position": "b"}},
        {"name": "Lê A", "details": {"phone": "1"}},
        {"name": "Lê A", "details": {"unit": ""}},
    ],
    ids=ascii,
)
def test_a_roster_file_has_what_a_spreadsheet_may_have(voter: dict[str, object]):
    """Names as they are read there; known details in their order."""
    value = {"schema": roster.SCHEMA, "uuid": UUID, "voters": [voter] * 5}

    with pytest.raises((Malformed, UnicodeEncodeError)):
        roster.decode(canonical(value))


def test_a_roster_file_of_too_few_is_refused():
    with pytest.raises(Malformed, match=r"roster[.]voters: 4 members"):
        roster.decode(roster.encode(UUID, [RosterRow(f"Lê {c}") for c in "ABCD"]))


# -- templates ------------------------------------------------------------------------------------


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path):
    saved(tmp_path, "x", "y")

    with pytest.raises(Refused, match="not empty"):
        template.new(tmp_path, "people-council", TODAY, UUID)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_an_empty_folder_is_taken(tmp_path: Path):
    template.new(tmp_path, "people-council", TODAY, UUID)

    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")) == [
        "csv/officials.csv",
        "csv/roster.csv",
        "officials.xlsx",
        "papers.toml",
        "roster.xlsx",
        "session.toml",
    ]


@pytest.mark.parametrize("name", template.TEMPLATES)
def test_another_like_it_has_the_rules_and_the_people(tmp_path: Path, name: str):
    template.new(tmp_path / "d", name, TODAY, UUID)
    edit(tmp_path / "d", "min_ballots = 10", "min_ballots = 7")
    edit(tmp_path / "d", 'place = ""', 'place = "Nhà \\\\1 \\"văn hóa\\""')
    edit(tmp_path / "d", "# close =", "close =")
    first = draft.read(tmp_path / "d")
    template.again(tmp_path / "e", first, "2027-01-02", "Phieu1Kin2Test3B")
    second = draft.read(tmp_path / "e")

    assert (second.uuid, second.human.date) == ("Phieu1Kin2Test3B", "2027-01-02")
    assert (second.officials, second.roster) == (first.officials, first.roster)
    assert second.policy == first.policy
    assert (second.human.place, second.human.body) == ('Nhà \\1 "văn hóa"', first.human.body)
    assert (first.form.close, second.form.close) == ("2026-12-07T09:00", None)


# -- who is rated ---------------------------------------------------------------------------------

LIST = "ho_ten,chuc_vu,khoi,co_quan_quan_ly,ngay_bau_bo_nhiem,thong_bao_nghi_huu\n"


def listed(folder: Path, *rows: str) -> None:
    (folder / "officials.xlsx").unlink(missing_ok=True)
    saved(folder, "officials.csv", LIST + "\n".join(rows))


def test_blocks_and_authorities_are_of_those_who_are_rated(folder: Path):
    listed(
        folder,
        "Lê An,A,Khối Đảng,Tỉnh ủy,1/7/2021,",
        "Vũ Bình,B,Khối Đảng,Tỉnh ủy,1/7/2021,x",
        "Ngô Chi,C,Khối Nhà nước,,1/7/2021,",
        "Đỗ Dung,D,Khối Nhà nước,Thành ủy,1/7/2021,",
        "Hồ Giang,E,Khối Đoàn thể,,1/2/2026,",
    )
    drafted = draft.read(folder)

    assert drafted.blocks == (Block("Khối Đảng", 1), Block("Khối Nhà nước", 2))
    assert drafted.managed == ("Tỉnh ủy", "", "Thành ủy")
    assert [official.name for official in drafted.excluded] == ["Vũ Bình", "Hồ Giang"]
    assert drafted.human.excluded == drafted.excluded
    drafted.human.check_officials(drafted.officials)


def test_nobody_left_on_the_ballot_is_refused(folder: Path):
    listed(folder, "Lê An,A,,,1/7/2021,x", "Vũ Bình,B,,,1/7/2026,")

    (problem,) = refusal(folder)
    assert "nobody is left on the ballot" in problem


def test_a_doubt_about_an_official_names_the_row(folder: Path):
    listed(folder, "Lê An,A,,,1/7/2021,", "Vũ Bình,B,,,1/7/2021,1/3/2027")
    (warning,) = (w for w in draft.examine(folder).warnings if w.fault.code not in ALWAYS)

    assert warning.told("en").startswith("officials: row 3: Vũ Bình: retirement was announced on")


def test_the_quorum_is_the_regimes_unless_the_form_says_another(folder: Path):
    theirs = draft.read(folder)
    edit(folder, '# quorum = "2/3"', 'quorum = "1/2"')
    own = draft.read(folder)

    assert (theirs.quorum, theirs.form.own_quorum) == ((2, 3), False)
    assert (own.quorum, own.form.own_quorum) == ((1, 2), True)


# -- rules of one's own ---------------------------------------------------------------------------


@pytest.fixture
def own(folder: Path) -> Path:
    """The draft under a regime that stands beside the form."""
    built_in = resources.files("admin.rules") / "nq96-2023" / "regime.toml"
    text = built_in.read_text("utf-8").replace('id = "nq96-2023"', 'id = "hoi-2026"')
    (folder / "quy-che.toml").write_text(text, "utf-8")
    edit(folder, 'regime = "nq96-2023"', 'regime = "quy-che.toml"')
    return folder


def test_a_regime_beside_the_form_travels_with_the_session(own: Path, tmp_path: Path):
    drafted = draft.read(own)
    template.again(tmp_path / "next", drafted, TODAY, "Phieu1Kin2Test3B")

    assert (drafted.policy.regime, drafted.human.rules) == ("hoi-2026", drafted.regime)
    assert SessionFile.decode(drafted.human.encode()) == drafted.human
    assert draft.read(tmp_path / "next").regime == drafted.regime


def test_a_copy_of_a_built_in_regime_does_not_travel(own: Path):
    path = own / "quy-che.toml"
    path.write_text(path.read_text("utf-8").replace("hoi-2026", "nq96-2023"), "utf-8")

    assert draft.read(own).human.rules is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("", "", "quy-che.toml"),  # gone
        ('id = "hoi-2026"', f'id = "{"x" * 33}"', "longer than 32"),
        ("part = [2, 3]", "part = [4, 3]", "part is more than the whole"),
        ('id = "hoi-2026"', 'id = "nq85-2014"', "nq85-2014 is a built-in regime"),
    ],
)
def test_a_regime_that_cannot_be_used_is_refused_by_its_key(
    own: Path, old: str, new: str, reason: str
):
    path = own / "quy-che.toml"
    if old:
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    else:
        path.unlink()

    (problem,) = refusal(own)
    assert "key regime: " in problem
    assert reason in problem


def test_a_regime_elsewhere_is_not_looked_for(own: Path):
    (own / "quy-che.toml").rename(own.parent / "quy-che.toml")
    edit(own, '"quy-che.toml"', '"../quy-che.toml"')

    (problem,) = refusal(own)
    assert "no regime ../quy-che.toml" in problem


def test_a_text_that_no_record_can_hold_is_refused(folder: Path):
    """Its decoders know the characters of Unicode 3.2: a newer one is told before the seal."""
    path = folder / "session.toml"
    text = re.sub("(?m)^title = .*$", 'title = "Lấy phiếu \U0001f5f3"', path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    (line,) = refusal(folder)

    assert "no record could hold this: session.json.title" in line
    assert "U+1F5F3" in line
    path.write_text(text.replace("\U0001f5f3", "★"), "utf-8")
    assert draft.read(folder).human.title == "Lấy phiếu ★"
