"""Where the sessions of a data directory stand, for the office above."""

import asyncio
import json
from datetime import date
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.cli import main
from admin.office import progress
from admin.session import books
from admin.session.datadir import SETTINGS, DataDir
from crypto.lifecycle import State
from tests.admin.lifecycle.test_venues import held, uuid

TODAY = date(2026, 12, 10)


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A data directory with four sessions."""
    (tmp_path / SETTINGS).write_text("")
    async with books.opened(DataDir.open(tmp_path)) as home:
        await held(home, 1, state=State.CHECKIN, date="2026-12-11")
        await held(home, 2, state=State.CLOSED, date="2026-11-27")
        await held(home, 3, state=State.CANCELLED)
        await held(home, 4, state=State.SEALED, date="2026-12-20", rehearsal=True)
    return tmp_path


async def test_what_is_going_on_is_listed_by_day(folder: Path):
    """A session that was cancelled owes nothing; a report is due seven working days later."""
    async with books.opened(DataDir.open(folder)) as home:
        sessions = await progress.sessions(home, TODAY)

    assert [session.uuid for session in sessions] == [uuid(2), uuid(1), uuid(4)]
    assert [session.state for session in sessions] == [State.CLOSED, State.CHECKIN, State.SEALED]
    assert [session.rehearsal for session in sessions] == [False, False, True]
    due = [(session.report.day, session.report.state) for session in sessions if session.report]
    assert due[0] == (date(2026, 12, 8), "overdue")
    assert due[1] == (date(2026, 12, 22), "ahead")


async def test_the_command_shows_no_result(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Counts and days only, as JSON, as a workbook and on the screen."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    args = ["consolidate", "--status", "--today", "2026-12-10", "--data", str(folder)]
    workbook = folder / "status.xlsx"
    assert await _run([*args, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert await _run([*args, "-o", str(workbook)]) == 0
    capsys.readouterr()
    assert await _run(args) == 0
    printed = capsys.readouterr().out

    first = document["sessions"][0]
    assert document["schema"] == "phieukin.status/1"
    assert first["report"]["due"] == "2026-12-08"
    assert first["report"]["overdue"] is True
    assert set(first) == {
        "uuid", "body", "title", "date", "rehearsal", "state", "counts", "report",
    }  # fmt: skip
    assert "08/12/2026, overdue" in printed
    assert "(rehearsal)" in printed
    (sheet,) = openpyxl.load_workbook(workbook).worksheets
    assert sheet.max_row == 4


async def _run(args: list[str]) -> int:
    """In a thread: the command has an event loop of its own."""
    return await asyncio.to_thread(main.run, args)
