"""A secretary's desk with paper ballots: sessions on paper or mixed, tables of counts."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.admin.cli.office import Office

HEADER = "stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong"
COUNTS = ((6, 4, 0), (5, 3, 2), (7, 3, 0), (1, 2, 7), (4, 4, 1))  # of ten valid ballots


def changed(office: Office, **lines: str) -> Office:
    """The draft's form with these keys anew; an empty one is taken out."""
    path = office.draft / "session.toml"
    text = path.read_text("utf-8")
    for key, value in lines.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}" if value else "", text)
    path.write_text(text, "utf-8")
    return office


def drafted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    made = Office(tmp_path, capsys)
    assert made.run("init", str(made.data))[0] == 0
    assert made.run("session", "new", str(made.draft))[0] == 0
    return made


def sealed_on_paper(office: Office) -> Office:
    """A sealed session whose only channel is paper."""
    changed(office, channels='["paper"]', trustees="", threshold="")
    assert office.run("session", "seal", str(office.draft))[0] == 0
    return office


def say(office: Office, *args: str) -> tuple[int, str, str]:
    return office.run("paper", args[0], office.uuid, *args[1:])


def officials(office: Office) -> list[str]:
    with (office.draft / "csv" / "officials.csv").open(encoding="utf-8-sig") as file:
        return [row["Họ và tên"] for row in csv.DictReader(file)]


def table(office: Office, counts: Sequence[Sequence[int]] = COUNTS, name: str = "counts") -> str:
    """A CSV of these counts."""
    path = office.folder / f"{name}.csv"
    rows = [
        f"{i},{who},," + ",".join(map(str, line)) + ","
        for i, (who, line) in enumerate(zip(officials(office), counts, strict=True), start=1)
    ]
    path.write_text("\n".join([HEADER, *rows]), "utf-8")
    return str(path)


def voted(office: Office, present: int = 12, ballots: str = "1-11") -> Office:
    """A session on paper after its close."""
    office.session("checkin")
    office.session("present", "--count", str(present))
    assert say(office, "issue", ballots)[0] == 0
    assert office.session("open")[0] == 0
    assert office.session("close")[0] == 0
    return office


def enter(
    office: Office, by: str, counts: Sequence[Sequence[int]] = COUNTS
) -> tuple[int, str, str]:
    numbers = ("--collected", "11", "--invalid", "1")
    return say(office, "enter", table(office, counts), "--by", by, *numbers)
