"""A trustee's desk: a folder, key files, a closed archive, and commands run there."""

import io
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.cli.main import run
from crypto import ballot, checkpoint, tally
from crypto.archive import Kind, Reader, Writer
from crypto.audit.archive import encode_credentials
from crypto.audit.evidence import encode_trackers
from crypto.encoding import canonical
from crypto.group import G, random_scalar
from crypto.keyfile import Cost, seal
from crypto.lifecycle import State
from crypto.session import Election
from crypto.trustees import Trustees
from tests.crypto.room import hold

PASSPHRASE = "hoa sen trắng 94"  # noqa: S105
BALLOTS = 5


@dataclass
class Desk:
    """A folder with a passphrase file, where commands are run."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def __post_init__(self) -> None:
        (self.folder / "pass").write_text(PASSPHRASE + "\n", encoding="utf-8")

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def trustee(self, *args: str, file: str | None = "pass") -> tuple[int, str, str]:
        """(exit status, stdout, stderr) of a trustee command; names are in the folder."""
        passphrase = ["--passphrase-file", self.path(file)] if file else []
        self.capture.readouterr()
        status = run(["trustee", *args, *passphrase])
        stdout, err = self.capture.readouterr()
        return status, stdout, err

    def step1(self, i: int, *more: str, of: int = 3, t: int = 2) -> tuple[int, str, str]:
        place = ["--index", str(i), "--of", str(of), "--threshold", str(t)]
        return self.trustee(
            "step1", *place, "--key", self.path(f"k{i}"), "-o", self.path(f"one{i}"), *more
        )

    def step(self, step: int, i: int, *more: str) -> tuple[int, str, str]:
        """Step 2 or 3 of trustee i with all messages of the step before."""
        before, after = {2: ("one", "two"), 3: ("two", "three")}[step]
        files = [self.path(f"{before}{j}") for j in (1, 2, 3)]
        named = ["--key", self.path(f"k{i}"), "-o", self.path(f"{after}{i}")]
        return self.trustee(f"step{step}", *named, *files, *more)

    def raw(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


def hold_here(desk: Desk) -> Trustees:
    """The outcome of a ceremony of three, of whom two open, in cheap key files."""
    room = hold(3, 2)
    for state in room.states:
        raw = seal(state, PASSPHRASE, Cost(memory_kib=64, iterations=1, lanes=1))
        (desk.folder / f"k{state.index}").write_bytes(raw)
    return room.trustees


def close(folder: Path, trustees: Trustees, ballots: int = BALLOTS) -> tuple[Election, str]:
    """Writes a closed archive; returns its election and the code on the hall screen."""
    question = {"answers": ["cao", "thấp"], "min": 0, "max": 1, "question": "Trần Văn Ba"}
    election = Election.decode(
        canonical(
            {
                "version": 1,
                "description": "",
                "name": "Thử",
                "group": "Ed25519",
                "public_key": trustees.public_key.hex,
                "questions": [question],
                "uuid": "11111111111111",
            }
        )
    )
    secrets = [random_scalar() for _ in range(ballots)]
    votes = [ballot.decode(ballot.prepare(election, s, [0])[0], election) for s in secrets]
    votes.sort(key=lambda vote: vote.tracker)
    total = tally.empty(election)
    for vote in votes:
        total = total * tally.Tally(tuple(answer.choices for answer in vote.answers))
    writer = Writer(1700000000)
    credentials = encode_credentials([G**s for s in secrets])
    archive = writer.head() + writer.setup(election.raw, trustees.encode(), credentials)
    archive += b"".join(writer.ballot(ballot.encode(vote)) for vote in votes)
    archive += writer.end_ballots()
    archive += writer.encrypted_tally(total.encode(), tally.sized(total, ballots))
    (folder / "a.bel").write_bytes(archive)
    trackers = encode_trackers([vote.tracker for vote in votes])
    counts = (ballots, ballots)
    return election, checkpoint.make(election, State.CLOSED, counts, trackers).short_code


def archived_tally(desk: Desk, election: Election) -> tally.Tally:
    """The encrypted tally at the end of the archive."""
    events = Reader(io.BytesIO(desk.raw("a.bel")))
    event = next(event for event in events if event.kind == Kind.ENCRYPTED_TALLY)
    return tally.Tally.decode(event.files[0], election)
