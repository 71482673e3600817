"""What a template leaves in a draft is not sealed; what is doubtful beside it is told."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.worlds import office as stages
from tests.worlds.office import Office

REFUSED = 5


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A draft of somebody's own, which could be sealed."""
    return stages.new(tmp_path, capsys)


def edit(office: Office, pattern: str, value: str) -> None:
    path = office.draft / "session.toml"
    text, times = re.subn(f"(?m){pattern}", value, path.read_text("utf-8"))
    assert times == 1
    path.write_text(text, "utf-8")


def sample(stem: str) -> Callable[[Office], None]:
    def put(office: Office) -> None:
        (office.draft / f"{stem}.xlsx").unlink()
        (office.draft / "csv" / f"{stem}.csv").rename(office.draft / f"{stem}.csv")

    return put


def gap(office: Office) -> None:
    edit(office, '^body = ".*"$', 'body = "Hội đồng nhân dân tỉnh …"')


@pytest.mark.parametrize(
    ("put", "told"),
    [
        (gap, "body still has the gap of the template"),
        (sample("officials"), "5 people of the template are still there: Nguyễn Văn An"),
        (sample("roster"), "12 people of the template are still there: Nguyễn Văn An"),
    ],
)
def test_what_is_the_templates_is_not_sealed(
    office: Office, put: Callable[[Office], None], told: str
):
    put(office)
    checked, _, _ = office.run("session", "check", str(office.draft))
    status, _, err = office.run("session", "seal", str(office.draft))

    assert checked == 0
    assert status == REFUSED
    assert told in err
    assert office.run("session", "show", office.uuid)[0] == REFUSED  # nothing is registered


def test_a_draft_of_somebodys_own_goes_on(office: Office):
    status, _, err = office.run("session", "seal", str(office.draft))

    assert (status, "template" in err) == (stages.INCOMPLETE, False)


def test_a_rehearsal_may_be_held_with_a_sample(office: Office):
    gap(office)
    edit(office, "^rehearsal = false$", "rehearsal = true")

    assert office.run("session", "seal", str(office.draft))[0] == stages.INCOMPLETE


def test_who_is_rated_does_not_count(office: Office):
    """However the name is typed; somebody else may."""
    papers = office.draft / "papers.toml"
    text = papers.read_text("utf-8")
    for name in ("nguyễn văn AN", "Nguyễn Văn Ân"):
        papers.write_text(f'{text}\n[[committee]]\nname = "{name}"\n', "utf-8")
        _, _, err = office.run("session", "check", str(office.draft))
        warned = "Nguyễn Văn An is on the counting committee and is rated" in err

        assert warned == (name == "nguyễn văn AN")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"^date = .*$": "date = 2028-07-04"}, []),
        (
            {"^date = .*$": "date = 2027-07-04"},
            ["third year of the term, 2023 or 2028"],
        ),
        ({"^date = .*$": "date = 2027-07-04", "^rehearsal = false$": "rehearsal = true"}, []),
        (
            {
                "^date = .*$": "date = 2028-07-04",
                "^regime = .*$": 'regime = "qd96-2023"',
                '^body = ".*"$': 'body = "Ban Chấp hành Đảng bộ tỉnh"',
            },
            ["rated there first, and in the Party committee afterwards"],
        ),
    ],
)
def test_the_year_and_the_order_are_looked_at(
    office: Office, changes: dict[str, str], told: list[str]
):
    for pattern, value in changes.items():
        edit(office, pattern, value)
    _, _, err = office.run("session", "check", str(office.draft))
    cycle = ("third year", "rated there first")

    assert [line for line in err.splitlines() if any(text in line for text in cycle)] == [
        line for line in err.splitlines() if any(text in line for text in told)
    ]
    assert all(text in err for text in told)
