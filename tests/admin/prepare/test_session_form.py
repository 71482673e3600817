"""session.toml: every key on its own, every problem by its line."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.prepare import session_form, template
from admin.prepare.session_form import Form
from admin.rules.regime import builtin_ids

UUID = "Phieu1Kin2Test3A"
LINES = {
    "uuid": f'"{UUID}"',
    "body": '"Hội đồng"',
    "title": '"Lấy phiếu"',
    "date": "2026-12-07",
    "place": '"Hội trường"',
    "delegates": "53",
    "regime": '"nq96-2023"',
    "quorum": '"1/2"',
    "min_ballots": "10",
    "trustees": "5",
    "threshold": "3",
    "channels": '["cli", "browser"]',
    "publication": '"members"',
    "recovery": '"none"',
    "rehearsal": "true",
    "checkin": '"07:30"',
    "open": '"2026-12-07 08:30"',
    "close": "2026-12-07T09:00:00",
}
REQUIRED = {"uuid", "body", "date", "regime", "trustees", "threshold", "channels", "publication"}


def text(**changes: str | None) -> str:
    lines = {key: value for key, value in (LINES | changes).items() if value is not None}
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def read(**changes: str | None) -> Form:
    form = session_form.decode(text(**changes).encode())
    assert isinstance(form, Form), [problem.told("en") for problem in form]
    return form


def problems(source: str | bytes) -> list[str]:
    faults = session_form.decode(source.encode() if isinstance(source, str) else source)
    assert not isinstance(faults, Form)
    return [problem.told("en") for problem in faults]


def test_the_tier_of_a_body_is_one_of_five():
    assert (read().tier, read(tier='""').tier, read(tier='"commune"').tier) == ("", "", "commune")
    (fault,) = problems(text(tier='"xã"'))
    assert "tier" in fault
    assert "central, province, district, commune, unit" in fault


def test_the_zone_is_vietnams_where_the_form_names_none():
    assert (read().zone, read(zone='"Europe/Paris"').zone) == ("Asia/Ho_Chi_Minh", "Europe/Paris")
    (fault,) = problems(text(zone='"GMT+7"'))
    assert "zone" in fault
    assert "Asia/Ho_Chi_Minh" in fault


def test_a_form_is_read_whole():
    form = read()

    assert (form.uuid, form.body, form.title) == (UUID, "Hội đồng", "Lấy phiếu")
    assert (form.date, form.place, form.delegates) == ("2026-12-07", "Hội trường", 53)
    assert (form.regime.id, form.invalid, form.quorum) == ("nq96-2023", "line", (1, 2))
    assert (form.min_ballots, form.trustees, form.threshold) == (10, 5, 3)
    assert form.channels == ("browser", "cli")
    assert (form.publication, form.recovery, form.rehearsal) == ("members", "none", True)
    assert form.checkin == "2026-12-07T07:30"
    assert (form.open, form.close) == ("2026-12-07T08:30", "2026-12-07T09:00")


@pytest.mark.parametrize(("seconds", "rehearsal", "right"), [
    ("30", "false", True), ("29", "false", False), ("0", "true", True), ("3601", "true", False),
])  # fmt: skip
def test_the_pause_for_the_phones_has_a_floor(seconds: str, rehearsal: str, right: bool):
    """But in a rehearsal; without it totals would be opened before anybody could say no."""
    form = session_form.decode(text(check_seconds=seconds, rehearsal=rehearsal).encode())

    if right:
        assert isinstance(form, Form)
        assert form.check_seconds == int(seconds)
    else:
        assert not isinstance(form, Form)
        assert [problem.told("en").count("check_seconds") for problem in form] == [1]


def test_what_is_not_said_has_a_default():
    optional = dict.fromkeys(set(LINES) - REQUIRED - {"rehearsal"})
    form = read(**optional)

    assert form.title == form.regime.title.vi
    assert (form.place, form.delegates, form.quorum) == ("", None, (2, 3))
    assert (form.min_ballots, form.recovery) == (10, "phone")
    assert (form.checkin, form.open, form.close) == (None, None, None)


@pytest.mark.parametrize("key", sorted(REQUIRED | {"rehearsal"}))
def test_what_has_no_default_must_be_said(key: str):
    assert problems(text(**{key: None})) == [f"session.toml: the key {key} is missing"]


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("uuid", '""', "not the uuid"),
        ("uuid", '"0OIl0OIl0OIl0OIl"', "not the uuid"),
        ("uuid", "7", "not the uuid"),
        ("body", '""', "nothing is filled in"),
        ("body", '"  "', "nothing is filled in"),
        ("body", "7", "text between double quotes"),
        ("body", '"a\\u202eb"', "character U+202E"),
        ("body", f'"{"x" * 301}"', "longer than 300"),
        ("date", '"2026-02-30"', "a day that exists"),
        ("date", "2026-12-07T08:00:00", "a day that exists"),
        ("date", '"7/12/2026"', "a day that exists"),
        ("delegates", "0", "0 is not from 1 to"),
        ("delegates", "53.0", "a whole number"),
        ("delegates", "true", "a whole number"),
        (
            "regime",
            '"nq97-2031"',
            f"no regime nq97-2031; those known are {', '.join(builtin_ids())}",
        ),
        ("regime", '"../own.toml"', "no regime ../own.toml"),
        ("invalid", '"page"', "page is not one of line, ballot"),
        ("quorum", '"3/2"', "a fraction up to 1"),
        ("quorum", '"0/2"', "a fraction up to 1"),
        ("quorum", "0.66", "a fraction up to 1"),
        ("min_ballots", "4", "4 is not from 5 to"),
        ("trustees", "33", "33 is not from 1 to 32"),
        ("threshold", "6", "6 is not from 1 to 5"),
        ("threshold", "0", "0 is not from 1 to 5"),
        ("threshold", "2", "at least 3 of 5"),
        ("channels", "[]", " is not one of miniapp"),
        ("channels", '["sms"]', "sms is not one of miniapp"),
        ("channels", '["cli", "cli"]', "a channel stands there twice"),
        ("channels", '"cli"', "a list is expected"),
        ("channels", "[[1]]", "[1] is not one of"),
        ("regime", '""', "no regime ; those known are"),
        ("publication", '""', "is not one of public, members"),
        ("publication", '"all"', "all is not one of public, members"),
        ("recovery", '"sms"', "sms is not one of phone, none"),
        ("rehearsal", '"no"', "true or false"),
        ("rehearsal", "0", "true or false"),
        ("checkin", '"25:00"', "a local time is expected"),
        ("checkin", "7", "a local time is expected"),
        ("checkin", "2026-12-07T07:30:00Z", "a local time is expected"),
        ("checkin", '"2026-02-30 07:30"', "a local time is expected"),
        ("checkin", '"2026-12-08 07:30"', "not on the day of the vote, 07/12/2026"),
        ("open", '"2026-12-08 08:30"', "not on the day of the vote, 07/12/2026"),
        ("open", '"07:00"', "not after checkin"),
        ("close", '"2026-12-06 09:00"', "not on the day of the vote, 07/12/2026"),
        ("close", '"08:30"', "not after open"),
        ("guidance", '"\\u202e"', "character U+202E"),
        ("guidance", f'"{"x" * 2001}"', "longer than 2000"),
        ("guidance", f'"{"x" * 1500}\\n{"y" * 501}"', "longer than 2000"),
        ("guidance", "7", "text between double quotes"),
    ],
)
def test_a_problem_names_line_and_key(key: str, value: str, problem: str):
    faults = problems(text(**{key: value}))
    row = [*LINES, key].index(key) + 1

    assert faults[0].startswith(f"session.toml: row {row}, key {key}: "), faults
    assert problem in faults[0]


def test_the_check_in_may_begin_on_an_earlier_day():
    assert read(checkin='"2026-12-06 20:00"').checkin == "2026-12-06T20:00"


def test_the_close_is_not_before_the_check_in_even_without_an_opening():
    (problem,) = problems(text(open=None, close='"07:00"'))

    assert problem.endswith("key close: not after checkin")


@pytest.mark.parametrize(
    ("more", "place"),
    [("treshold = 2\n", "row 19, key treshold"), ("\n[times]\nopen = 1\n", "row 20, key times")],
)
def test_an_unknown_key_or_table_is_named_with_the_keys_there_are(more: str, place: str):
    (problem,) = problems(text() + more)

    assert problem.startswith(f"session.toml: {place}: there is no such key; those")
    assert "threshold" in problem


def test_everything_wrong_is_told_from_top_to_bottom():
    faults = problems(text(body='""', threshold="9", rehearsal="1", date=None))

    assert [problem.split(": ")[1] for problem in faults] == [
        "the key date is missing",
        "row 2, key body",
        "row 10, key threshold",
        "row 14, key rehearsal",
    ]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("body = ", "session.toml: not TOML: "),
        ("a = 1\na = 2", "session.toml: not TOML: "),
        (b'body = "\xff"', "session.toml: byte 8 is not UTF-8"),
        ("#" * 70_000, "session.toml: longer than 65536 bytes"),
        ("a = " + "[" * 60_000, "session.toml: not TOML: "),
    ],
)
def test_what_is_not_toml_is_refused(source: str | bytes, problem: str):
    assert problems(source)[0].startswith(problem)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_editor_does_not_matter(end: str, mark: str):
    source = mark + text().replace("\n", end)

    assert isinstance(session_form.decode(source.encode()), Form)


@pytest.mark.parametrize("name", template.TEMPLATES)
def test_the_templates_ask_for_every_key(tmp_path: Path, name: str):
    template.new(tmp_path / "d", name, "2026-12-07", UUID)
    source = (tmp_path / "d" / session_form.FILE).read_text("utf-8")

    for key in session_form.KEYS:
        assert f"\n{key} = " in source or f"\n# {key} = " in source, key


def test_what_is_spelled_is_read_as_the_same():
    form = read(body='"Hội \\"đồng\\" \\\\"', invalid='"ballot"')
    source = "".join(f"{key} = {value}\n" for key, value in session_form.spelled(form).items())

    assert session_form.decode(source.encode()) == form


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(junk: str):
    with contextlib.suppress(UnicodeEncodeError):
        faults = session_form.decode((text() + junk).encode())
        if not isinstance(faults, Form):
            assert all(problem.told("vi") for problem in faults)


def test_guidance_has_paragraphs():
    form = read(guidance='"""\nMục đích.\n\n  Cách ghi. \n"""')

    assert form.guidance == ("Mục đích.", "Cách ghi.")
    assert json.loads(session_form.spelled(form)["guidance"]) == "Mục đích.\nCách ghi."
    assert "guidance" not in session_form.spelled(read())


def test_a_session_may_follow_another_but_not_itself():
    earlier = "Phieu1Kin2Test3B"

    assert read(after=f'"{earlier}"').after == earlier
    assert session_form.spelled(read(after=f'"{earlier}"'))["after"] == f'"{earlier}"'
    assert read(after='""').after == read().after == ""
    assert "cannot wait" in problems(text(after=f'"{UUID}"'))[0]
    assert "not the uuid" in problems(text(after='"0"'))[0]
