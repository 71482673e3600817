"""What the audit says of bytes, in a form that tests compare."""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from admin.record import bundle
from admin.record.audit import AuditOptions, Outcome, audit_file
from crypto.audit.archive import audit_archive
from crypto.audit.ballots import Batch, check_batch
from crypto.audit.evidence import check_evidence
from crypto.audit.report import Audited, Check, Report
from crypto.encoding import sha256
from crypto.errors import ProtocolError
from tests.mutants import Mutant
from tests.testkit import UUID, Parts, honest, session


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
    with TemporaryDirectory(prefix="phieukin-") as folder:
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
    for mutant in changes:
        verdict = judged(mutant.raw)
        expected = next(meant for pattern, meant in rules if re.fullmatch(pattern, mutant.place))
        if not re.fullmatch(expected, verdict.outcome):
            wrong.append(f"{mutant}: {verdict.outcome}: {verdict.error}")
    return wrong
