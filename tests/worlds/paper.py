"""Paper ballots at a secretary's desk: issued, counted in tables, entered."""

import csv
from collections.abc import Sequence

from admin.record.paper_definition import PaperDefinition
from crypto.encoding import sha256
from crypto.note import SeedSigner
from crypto.session import Official, Policy
from tests.worlds.office import Office, reach

CHAIR = SeedSigner("chair", b"c" * 32)

HEADER = "stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong"
COUNTS = ((6, 4, 0), (5, 3, 2), (7, 3, 0), (1, 2, 7), (4, 4, 1))  # of ten valid ballots


def definition(
    officials: Sequence[Official], policy: Policy, *, roster: int = 3, session_json: bytes = b"{}"
) -> PaperDefinition:
    """What is sealed of a session on paper; `CHAIR` signs for it."""
    public = CHAIR.key.public
    return PaperDefinition(sha256(session_json), public, roster, tuple(officials), policy)


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


def voted(office: Office, ballots: str = "1-11") -> Office:
    """A session on paper after its close: twelve present, ballots for these."""

    def vote(office: Office) -> None:
        office.session("checkin")
        office.session("present", "--count", "12")
        assert say(office, "issue", ballots)[0] == 0
        assert office.session("open")[0] == 0
        assert office.session("close")[0] == 0

    return reach(office, f"voted on paper {ballots}", vote)


def enter(
    office: Office, by: str, counts: Sequence[Sequence[int]] = COUNTS
) -> tuple[int, str, str]:
    numbers = ("--collected", "11", "--invalid", "1")
    return say(office, "enter", table(office, counts), "--by", by, *numbers)
