"""`phieukin audit`: the full check of a record or archive, one line each."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click

from admin.cli import console
from admin.cli.room import TypedCode
from admin.cli.table import results_table
from admin.client import signing
from admin.details import localized
from admin.record import result_file
from admin.record.audit import AuditOptions, Outcome, audit_file, describe, rewinding
from admin.record.opening import ClosedArchive, audit_closed
from admin.record.pool import workers
from admin.record.result_file import ResultFile
from admin.words import language, words
from crypto.audit.ballots import Batch, Run
from crypto.audit.report import Check, Report
from crypto.errors import Incomplete
from crypto.group import backend
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import Note

MAX_WORKERS = 64
_NAME_WIDTH = 18


class RecordFile(click.Path):
    """A record or an archive; some browsers unpack what they download, and leave a folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, exists=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = super().convert(value, param, ctx)
        if Path(os.fsdecode(path)).is_dir():
            self.fail(words("cli.audit.folder", path=path), param, ctx)
        return path


@click.command("audit", help=words("cli.audit.help"))
@click.argument("file", type=RecordFile())
@click.option(
    "--auditor",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help=words("cli.audit.auditor"),
)
@click.option("--belenios", is_flag=True, help=words("cli.audit.belenios"))
@click.option(
    "--fingerprint", metavar="CODE", type=TypedCode(phi=True), help=words("cli.audit.fingerprint")
)
@click.option(
    "--promise",
    "promises",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help=words("cli.audit.promise"),
)
@click.option(
    "--workers", "count", type=click.IntRange(1, MAX_WORKERS), help=words("cli.audit.workers")
)
def command(
    file: Path,
    auditor: Path | None,
    belenios: bool,
    fingerprint: str | None,
    promises: tuple[Path, ...],
    count: int | None,
) -> None:
    """Audits FILE; returns normally only if every check of its scope was made and passed."""
    with checking(count) as run:
        report = (lambda _: None) if console.settings().json else show_check
        options = AuditOptions(fingerprint, promises, auditor, belenios, run, report)
        if result_file.is_one(file):
            _show_result(_audit_result(file, options), compared=fingerprint is not None)
            return
        outcome = audit_file(file, options)
    show_outcome(outcome, compared=fingerprint is not None)


def _audit_result(path: Path, options: AuditOptions) -> ResultFile:
    """Checks a result file, and the record in it.

    Raises:
        Incomplete: the options ask for what only a record has, and the session voted on paper.
        ProtocolError: as `result_file.read`.
    """
    with path.open("rb") as file:
        result = result_file.read(file, options)
    asks = options.fingerprint or options.promises or options.auditor or options.belenios
    if asks and result.sealed.outcome is None:
        raise Incomplete(
            f"{path.name}: a session on paper has no record: nothing to compare with a session"
            " code, a receipt, an auditors' bundle or belenios-tool"
        )
    return result


def _show_result(result: ResultFile, *, compared: bool) -> None:
    outcome, scans = result.sealed.outcome, sorted(result.scans)
    document: dict[str, object] = {
        "schema": "phieukin.result-audit/1",
        "ok": True,
        "uuid": result.count.uuid,
    }
    document |= {"counts_sha256": result.count.digest, "scans": scans}
    document["record"] = None if outcome is None else outcome.to_json()

    def show() -> None:
        if outcome is not None:
            show_outcome(outcome, compared=compared)
        console.data(words("cli.audit.result", digest=result.count.digest, scans=len(scans)))
        console.say(words("cli.audit.compare_counts"))

    console.result(document, show)


@contextmanager
def checking(count: int | None) -> Iterator[Run]:
    """Workers that check ballots, with a progress bar while they do."""
    say_backend()
    with workers(count) as pool:

        def run(batches: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
            with console.progress(words("cli.audit.progress"), None) as advance:
                yield from pool.checking(advance)(batches)

        yield run


def say_backend() -> None:
    """One line where a kernel is installed and cannot be used; all goes on without it."""
    if problem := backend().problem:
        console.warn(words("cli.audit.backend", problem=problem))


def show_check(check: Check) -> None:
    """One line of the report, as soon as it is known."""
    name = words(f"cli.audit.checks.{check.id}")
    console.data(f"{'✓' if check.ok else '✗'} {name:<{_NAME_WIDTH}}  {describe(check, language())}")


def show_outcome(outcome: Outcome, *, compared: bool) -> None:
    """The results, the verdict, and what a person still has to compare.

    Raises:
        ProtocolError: the audit's own error, so that the exit status says what it was.
    """
    if console.settings().json:
        console.emit_json(outcome.to_json())
    elif outcome.error is None:
        if outcome.document is not None:
            console.data("")
            if outcome.rehearsal:
                console.data(words("cli.audit.rehearsal"))
            console.show(results_table(outcome.document, outcome.rules))
        number = len(outcome.report.checks)
        console.data(words("cli.audit.ok", number=number, scope=localized(outcome.scope)))
    if not compared and outcome.code is not None:
        console.say(words("cli.audit.compare", code=outcome.code))
    elif not compared and outcome.fingerprint is not None:
        console.say(words("cli.audit.compare_phi", phi=outcome.fingerprint))
    if outcome.error is not None:
        raise outcome.error


def audited(
    file: BinaryIO, count: int | None, key: TrusteeState, notes: Mapping[State, Note]
) -> ClosedArchive:
    """A closed archive, after every check that comes before a decryption, told line by line.

    Args:
        file: the archive.
        count: of workers; None for one each core.
        key: proves nothing again about ballots whose closing, among the `notes`, it has signed.
    """

    def heard(line: Check) -> None:
        name = words(f"cli.audit.checks.{line.id}")
        console.say(f"{'✓' if line.ok else '✗'} {name}: {describe(line, language())}")

    with checking(count) as run:
        unsigned_only = signing.knowing_signed(run, key, notes, rewinding(file))
        return audit_closed(rewinding(file), Report(heard), unsigned_only)
