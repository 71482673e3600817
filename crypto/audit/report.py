"""What an audit has checked so far, and what it has established about the session."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from crypto.errors import ProtocolError
from crypto.group import Element
from crypto.session import Election
from crypto.tally import PartialDecryption, Tally
from crypto.trustees import Trustees


@dataclass(frozen=True, slots=True)
class Setup:
    """The definition, as checks 2 to 4 found it."""

    election: Election
    trustees: Trustees
    credentials: list[Element]
    credentials_file: bytes


@dataclass(frozen=True, slots=True)
class Cast:
    """The ballots, as check 5 found them: their trackers and their product.

    Attributes:
        ended: whether EndBallots came after them; without it the session is not closed.
    """

    trackers: list[str]
    tally: Tally
    ended: bool


@dataclass(frozen=True, slots=True)
class Audited:
    """An archive that passed checks 1 to 9."""

    setup: Setup
    cast: Cast
    shares: list[PartialDecryption]
    result: list[list[int]]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report: what the check found, or why it failed."""

    id: str
    ok: bool
    facts: Mapping[str, object]
    failure: str = ""


@dataclass
class Report:
    """The checks in the order they were made; a failed one is the last.

    Attributes:
        on_check: called with every check when it has been made.
        setup, cast: filled in when their checks have passed, so that a caller has them after
            an error, too.
    """

    on_check: Callable[[Check], None] = lambda _: None
    checks: list[Check] = field(default_factory=list)
    setup: Setup | None = None
    cast: Cast | None = None

    @contextmanager
    def check(self, name: str) -> Iterator[dict[str, object]]:
        """Records one check: its facts are what the block fills in, or the error."""
        facts: dict[str, object] = {}
        try:
            yield facts
        except ProtocolError as error:
            self._add(Check(name, ok=False, facts={}, failure=str(error)))
            raise
        self._add(Check(name, ok=True, facts=facts))

    def _add(self, check: Check) -> None:
        self.checks.append(check)
        self.on_check(check)
