"""Who is rated and how everyone will vote: from published counts, or at random."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from admin.record.session_file import Block
from admin.rules import counts
from admin.rules.compute import OfficialCounts
from admin.rules.regime import Regime
from crypto.errors import Malformed, Refused
from crypto.session import MAX_OFFICIALS, MIN_BALLOTS_FLOOR

EXAMPLE = "hdnd_tphcm_2023_12_07"
MAX_VOTERS = 5000
_CHANCES = (60, 28, 9)  # of each level from the highest, in a hundred; the rest stay blank

Choices = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A vote to play.

    Attributes:
        body, date: whose vote it is and of which day (YYYY-MM-DD).
        regime: the rules.
        officials: with the counts that must come out.
        votes: each delegate's choices.
        left_out: officials of the file whose counts are not all known.
        blocks: the khối of the ballot, if it has any.
    """

    body: str
    date: str
    regime: Regime
    officials: tuple[OfficialCounts, ...]
    votes: tuple[Choices, ...]
    left_out: int = 0
    blocks: tuple[Block, ...] = ()


def published(regime: Regime) -> Scenario:
    """The default: a real result, see admin/examples."""
    folder = resources.files("admin") / "examples"
    example = json.loads((folder / f"{EXAMPLE}.json").read_text(encoding="utf-8"))
    data = (folder / f"{EXAMPLE}.csv").read_bytes()
    return replay(data, f"{EXAMPLE}.csv", regime, body=example["body"], date=example["date_vote"])


def replay(data: bytes, file: str, regime: Regime, *, body: str, date: str) -> Scenario:
    """A vote whose totals are those of a CSV of counts.

    Officials whose counts are not all known are left out. Where a row has fewer marks than
    the fullest one, the rest are blank lines.

    Raises:
        Malformed: the file is not such a CSV, or has no complete row.
        Refused: more or fewer ballots than a demo plays.
    """
    rows = counts.decode(data, file, regime).officials
    complete = [row for row in rows if None not in row.levels]
    if not complete:
        raise Malformed(f"{file}: no row has all its counts")
    levels = [[n for n in row.levels if n is not None] for row in complete]
    ballots = max(sum(n) + (row.blank or 0) for n, row in zip(levels, complete, strict=True))
    _check_size(ballots, len(complete))
    columns = [_column(numbers, ballots) for numbers in levels]
    votes = tuple(zip(*columns, strict=True))
    return Scenario(body, date, regime, tuple(complete), votes, len(rows) - len(complete))


def random(voters: int, names: Sequence[tuple[str, str]], regime: Regime, body: str) -> Scenario:
    """A made-up vote on officials with these names and positions."""
    _check_size(voters, len(names))
    votes = tuple(tuple(_choice(regime) for _ in names) for _ in range(voters))
    officials = [
        OfficialCounts(
            name,
            position,
            tuple(sum(vote[i] == j for vote in votes) for j in range(len(regime.level_keys))),
            sum(vote[i] is None for vote in votes),
        )
        for i, (name, position) in enumerate(names)
    ]
    return Scenario(body, "2026-01-01", regime, tuple(officials), votes)


def _check_size(voters: int, officials: int) -> None:
    if not MIN_BALLOTS_FLOOR <= voters <= MAX_VOTERS:
        limits = f"{MIN_BALLOTS_FLOOR}–{MAX_VOTERS}"
        raise Refused(f"{voters} ballots: a demo plays {limits}, and fewer are never opened")
    if not 1 <= officials <= MAX_OFFICIALS:
        raise Refused(f"{officials} officials: a session has 1 to {MAX_OFFICIALS}")


def _column(numbers: Sequence[int], ballots: int) -> list[int | None]:
    """Each ballot's choice for one official, shuffled."""
    marks: list[int | None] = [level for level, n in enumerate(numbers) for _ in range(n)]
    marks += [None] * (ballots - len(marks))
    secrets.SystemRandom().shuffle(marks)
    return marks


def _choice(regime: Regime) -> int | None:
    chances = _CHANCES[: len(regime.level_keys)]
    drawn = secrets.randbelow(100)
    for level, chance in enumerate(chances):
        drawn -= chance
        if drawn < 0:
            return level
    return None
