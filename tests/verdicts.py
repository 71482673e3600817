"""What the audit says of bytes, in a form that tests compare."""

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from unittest.mock import patch

from admin.record import bundle
from admin.record.audit import AuditOptions, Outcome, audit_file
from crypto.archive import Event, Kind
from crypto.audit import archive, ballots
from crypto.audit.archive import audit_archive
from crypto.audit.ballots import Batch, Run, check_batch
from crypto.audit.evidence import check_evidence
from crypto.audit.report import Audited, Cast, Check, Report, Setup
from crypto.encoding import sha256
from crypto.errors import ProtocolError
from tests.mutants import Mutant
from tests.testkit import UUID, Parts, honest, session

_Key = TypeVar("_Key")
_Fact = TypeVar("_Fact")


@lru_cache(maxsize=512)
def checked(election: bytes, raw: bytes) -> Batch:
    """The check of one ballot; once for the same bytes."""
    return check_batch(election, 1, [raw])


def remembered(batches: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
    """A `Run`: the audit's own check of each ballot, made once for the same bytes."""
    for election, first, raws in batches:
        for number, raw in enumerate(raws, start=first):
            try:
                yield checked(election, raw)
            except ProtocolError:
                # Again, for the number of the ballot in the error.
                yield check_batch(election, number, [raw])


@dataclass(frozen=True)
class Verdict:
    """What an audit came to: no error, or which, and the last check that was made."""

    error: ProtocolError | None
    last: Check | None
    checks: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The name of the error, "" for none."""
        return type(self.error).__name__ if self.error else ""

    @property
    def failed(self) -> str:
        """The id of the check that failed, "" if none did."""
        return self.last.id if self.last and not self.last.ok else ""

    @property
    def outcome(self) -> str:
        """Both, as `Rules` spell them."""
        return f"{self.kind} at {self.failed}"

    def __str__(self) -> str:
        return f"{self.kind or 'accepted'} at {self.failed or '-'}: {self.error}"


def audit_bytes(
    raw: bytes, suffix: str = bundle.SUFFIX, options: AuditOptions | None = None
) -> Outcome:
    """`audit_file` on bytes."""
    where = os.environ.get("PYTEST_DEBUG_TEMPROOT")  # as all temporary files of tests
    with TemporaryDirectory(prefix="phieukin-", dir=where) as folder:
        path = Path(folder) / f"{UUID}{suffix}"
        path.write_bytes(raw)
        return audit_file(path, options or AuditOptions(run=remembered))


def judge(raw: bytes, suffix: str = bundle.SUFFIX) -> Verdict:
    """The verdict on a bundle, or on an archive where the suffix is ".bel"."""
    outcome = audit_bytes(raw, suffix)
    checks = outcome.report.checks
    return Verdict(outcome.error, checks[-1] if checks else None, tuple(c.id for c in checks))


def judge_archive(parts: Parts) -> Verdict:
    return judge(parts.archive, ".bel")


def judge_bundle(parts: Parts) -> Verdict:
    return judge(session().bundle(parts))


def audited(raw: bytes) -> Audited:
    """An archive that passes, outside of any file. Raises what the audit raises."""
    return audit_archive(lambda: io.BytesIO(raw), Report(), run=remembered)


def judge_evidence(parts: Parts) -> Verdict:
    """Checks 10 to 14 on the side files, over the honest archive."""
    report, error, found = Report(), None, _honest()
    try:
        check_evidence(parts.side, found.setup, found.cast, found.result, report)
    except ProtocolError as refusal:
        error = refusal
    checks = report.checks
    return Verdict(error, checks[-1] if checks else None, tuple(c.id for c in checks))


@cache
def _honest() -> Audited:
    return audited(honest().archive)


def positions(what: str, count: int, below: int) -> list[int]:
    """Numbers that are the same in every run."""
    return [int(sha256(f"{what} {i}".encode()), 16) % below for i in range(count)]


# (pattern of a place and a change, pattern of "error at check"): the first that fits is meant.
Rules = list[tuple[str, str]]


def survivors(
    changes: Iterable[Mutant], rules: Rules, judged: Callable[[bytes], Verdict]
) -> list[str]:
    """The changes whose verdict is not the expected one."""
    wrong = []
    with unchanged_once():
        for mutant in changes:
            verdict = judged(mutant.raw)
            expected = next(
                meant for pattern, meant in rules if re.fullmatch(pattern, mutant.place)
            )
            if not re.fullmatch(expected, verdict.outcome):
                wrong.append(f"{mutant}: {verdict.outcome}: {verdict.error}")
    return wrong


@contextmanager
def unchanged_once() -> Iterator[None]:
    """Within the block, an audit makes checks 2 to 5 of the same bytes only once.

    A change of a share leaves definition, keys, credentials and ballots as they were, and what an
    audit says of those is a function of their bytes. Refusals are not remembered.
    """
    setups: dict[tuple[bytes, ...], tuple[Setup, list[Check]]] = {}
    casts: dict[tuple[object, ...], tuple[Cast, list[Check]]] = {}
    check_setup, check_ballots = archive._check_setup, ballots.check_ballots

    def setup_once(event: Event, report: Report) -> Setup:
        return _once(setups, tuple(event.files), report, lambda: check_setup(event, report))

    def ballots_once(events: Iterator[Event], setup: Setup, report: Report, run: Run) -> Cast:
        read = []
        for event in events:
            read.append(event)
            if event.kind != Kind.BALLOT:
                break
        key = id(setup), *((event.kind, *event.files) for event in read)
        return _once(casts, key, report, lambda: check_ballots(iter(read), setup, report, run))

    with (
        patch.object(archive, "_check_setup", setup_once),
        patch.object(archive, "check_ballots", ballots_once),
    ):
        yield


def _once(
    settled: dict[_Key, tuple[_Fact, list[Check]]],
    key: _Key,
    report: Report,
    check: Callable[[], _Fact],
) -> _Fact:
    """What was settled for the key, its lines in the report; else what the check says now."""
    if key in settled:
        fact, lines = settled[key]
        report.checks += lines
        return fact
    before = len(report.checks)
    fact = check()
    settled[key] = fact, report.checks[before:]
    return fact
