"""Paper ballots at a secretary's desk: issued, counted in tables, entered."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from admin.record import result_file
from admin.record.count import Cadre, Count
from admin.record.paper_definition import PaperDefinition
from admin.record.session_file import SessionFile, builtin
from admin.rules.channel import ChannelCount, Marks, Pile
from crypto.checkpoint import origin
from crypto.encoding import sha256
from crypto.note import SeedSigner
from crypto.session import Level, Official, Policy
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


# --- Result files without a desk: a body that voted on paper, and what it sends up ---------------


@dataclass(frozen=True)
class Body:
    """A vote on paper: ten valid ballots and one that is not, of fifteen summoned.

    Attributes:
        lines: for each official the marks on the valid ballots; the rest of them is blank.
    """

    session_file: SessionFile
    officials: Sequence[Official]
    lines: Sequence[Sequence[int]]
    regime: str = "qd96-2023"
    cadres: tuple[Cadre, ...] = ()

    @property
    def definition(self) -> PaperDefinition:
        rules = builtin(self.regime)
        policy = Policy(
            levels=tuple(Level(level.key, level.label.vi) for level in rules.levels),
            channels=("paper",),
            min_ballots=5,
            regime=self.regime,
            invalid="line",
            publication="members",
            recovery="none",
            rehearsal=False,
        )
        raw = self.session_file.encode()
        return definition(self.officials, policy, roster=15, session_json=raw)

    @property
    def count(self) -> Count:
        marks = tuple(Marks(tuple(line), 10 - sum(line)) for line in self.lines)
        piles = (Pile(11, 1),) * (len(self.session_file.blocks) or 1)
        return Count(
            uuid=self.session_file.uuid,
            definition=self.definition.digest,
            roster=15,
            present=12,
            late=0,
            paper=ChannelCount(11, piles, marks, 0, 0),
            entered=("Nguyễn An", "Trần Bình"),
            cadres=self.cadres,
        )

    def files(self) -> dict[str, bytes]:
        """What is in its result file, but the manifest."""
        return {
            result_file.COUNT: self.count.encode(),
            result_file.PAPER: self.definition.encode(),
            "session.json": self.session_file.encode(),
        }

    def send(self, folder: Path, **changed: bytes) -> Path:
        """Its result file, with these files changed before the chair signed them."""
        path = folder / f"{self.session_file.uuid}{result_file.SUFFIX}"
        return signed(path, self.session_file.uuid, self.files() | changed)


def signed(path: Path, uuid: str, files: Mapping[str, bytes]) -> Path:
    """A result file of these files, which the chair has signed as they are."""
    with path.open("w+b") as target:
        chair = SeedSigner(f"{origin(uuid)}/chair", CHAIR.seed)
        result_file.write(target, uuid, {n: io.BytesIO(raw) for n, raw in files.items()}, chair)
    return path
