"""The plan of a session, from the draft into the data directory."""

from datetime import date
from pathlib import Path

import pytest

from admin.office import plan as deadlines
from admin.office.plan import Plan
from admin.prepare import session_form, template
from admin.rules.cells import BadDraft
from crypto.errors import Malformed, Refused
from crypto.session import new_uuid
from tests.worlds import hall


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    template.new(tmp_path / "d", "party-committee", "2026-12-07", new_uuid())
    return tmp_path / "d"


def made(folder: Path) -> Plan:
    form = session_form.read(folder / "session.toml", [])
    assert form is not None
    return deadlines.of_draft(folder, form)


def test_the_organiser_says_opening_and_organ_in_the_draft(folder):
    (folder / "deadlines.toml").write_text('opening = 2026-12-01\norgan = "assembly"\n', "utf-8")
    plan = made(folder)
    assert (plan.opening, plan.organ) == (date(2026, 12, 1), "assembly")
    (folder / "deadlines.toml").write_text("opening = 2026-12-08\n", "utf-8")
    with pytest.raises(BadDraft):
        made(folder)


def test_questions_are_taken_until_their_day(folder):
    """Ten days before the vote, as the plan has it; the organiser may say another day."""
    assert made(folder).questions_until() == date(2026, 11, 27)
    (folder / "deadlines.toml").write_text(
        '[[deadlines]]\nkey = "questions"\nwho = "x"\nwhat = "x"\ndays = 3\nrule = "x"\n'
        "questions = true\n",
        "utf-8",
    )
    assert made(folder).questions_until() == date(2026, 12, 4)
    text = (folder / "session.toml").read_text("utf-8")
    (folder / "session.toml").write_text(text.replace('"qd96-2023"', '"two-level"'), "utf-8")
    (folder / "deadlines.toml").unlink()
    assert made(folder).questions_until() is None


def test_a_plan_is_kept_whole_and_what_is_done_stays_done(folder, tmp_path):
    where, plan = hall.datadir(tmp_path), made(folder)
    assert deadlines.kept(where, plan.uuid) is None
    deadlines.keep(where, plan)
    assert deadlines.kept(where, plan.uuid) == plan
    deadlines.finish(where, plan.uuid, ["self_report"])
    deadlines.keep(where, plan)
    again = deadlines.kept(where, plan.uuid)
    assert again is not None
    assert again.done == ("self_report",)
    states = {due.deadline.key: due.state for due in again.dues(date(2026, 12, 8))}
    assert states == {
        "self_report": "done",
        "rater_file": "overdue",
        "questions": "past",
        "explanation": "past",
        "result_report": "ahead",
    }


def test_what_is_not_in_the_plan_cannot_be_done(folder, tmp_path):
    where, plan = hall.datadir(tmp_path), made(folder)
    with pytest.raises(Refused, match="no plan"):
        deadlines.finish(where, plan.uuid, ["self_report"])
    deadlines.keep(where, plan)
    with pytest.raises(Refused, match="nothing_of_it"):
        deadlines.finish(where, plan.uuid, ["nothing_of_it"])


def test_a_plan_that_somebody_changed_is_not_read(folder, tmp_path):
    where, plan = hall.datadir(tmp_path), made(folder)
    deadlines.keep(where, plan)
    path = where.folder / "plans" / f"{plan.uuid}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(path.read_text("utf-8").replace("2026-12-07", "2026-13-07"), "utf-8")
    with pytest.raises(Malformed, match=plan.uuid):
        deadlines.kept(where, plan.uuid)
