"""`phieukin record`: the record of a session, and the scan of the signed minutes beside it."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import checking
from admin.cli.books import on_session
from admin.office import export, minutes, scan
from admin.record import result_file
from admin.record import scan as papers
from admin.record.audit import AuditOptions, audit_file
from admin.record.scan import Belonging
from admin.session.books import Books
from admin.session.session import Session
from admin.words import words
from crypto import checkpoint
from crypto.errors import BadRecord, Incomplete
from crypto.note import NoteKey

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group("record", help=words("cli.record.help"))
def command() -> None:
    """Groups what is done with a record."""


@command.command("export", help=words("cli.record.export"))
@on_session
@click.option("--auditor", is_flag=True, help=words("cli.record.auditor"))
@click.option("--result", is_flag=True, help=words("cli.record.result"))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=words("cli.record.out"),
)
async def export_command(
    books: Books, session: Session, auditor: bool, result: bool, out: Path
) -> None:
    """Writes the file whole or not at all; a session on paper has only its result file."""
    if auditor and result:
        raise click.UsageError(words("cli.record.one_kind"))
    if auditor:
        await export.for_auditors(books.registrar, books.datadir, session, out)
        key = "exported_auditor"
    elif result or session.on_paper:
        await _result(books, session, out)
        key = "exported_result"
    else:
        export.record(books.datadir, session, out)
        key = "exported"
        if session.takes_paper:
            console.warn(words("cli.record.without_paper"))
    if console.settings().json:
        console.emit_json({"schema": "phieukin.export/1", "uuid": session.uuid, "file": str(out)})
    console.say(words(f"cli.record.{key}", path=out))


async def _result(books: Books, session: Session, out: Path) -> None:
    with checking(None) as run:
        scans = await export.result(books, session, out, run)
    if not scans:
        console.warn(words("cli.record.no_scan"))


@command.command("attach", help=words("cli.papers.record.attach"))
@on_session
@click.argument("scan_file", metavar="FILE", type=_FILE)
@click.option("--check", "only_check", is_flag=True, help=words("cli.papers.record.only_check"))
@click.option("--replace", is_flag=True, help=words("cli.papers.record.replace"))
async def attach_command(
    books: Books, session: Session, scan_file: Path, only_check: bool, replace: bool
) -> None:
    """Adds a scan to the papers of a session, or puts it in the place of all before."""
    document: dict[str, object] = {"schema": "phieukin.attached/1", "ok": True}
    document["uuid"] = session.uuid
    if not scan.printed(books.datadir, session.uuid):
        console.warn(words("cli.papers.record.not_printed"))
    if only_check:
        scan.check(books.datadir, session, scan_file)
        console.result(document, words("cli.papers.record.may_attach", path=scan_file))
        return
    written = await scan.attach(books, session, scan_file, alone=replace)
    document |= {"file": str(written), "sha256": minutes.digest(written)}
    console.result(document, words("cli.papers.record.attached", path=written))


@command.command("check", help=words("cli.papers.record.check"))
@click.argument("papers_file", metavar="PAPERS", type=_FILE)
@click.argument("record", metavar="RECORD", type=_FILE)
def check_command(papers_file: Path, record: Path) -> None:
    """Audits the record, or checks the result file, then compares the papers with it."""
    with checking(None) as run:
        if result_file.is_one(record):
            belonging, chair, scans = _of_result(record, AuditOptions(run=run))
        else:
            belonging, chair, scans = _of_record(record, AuditOptions(run=run))
    with papers_file.open("rb") as file:
        digests = papers.check(file, belonging, chair)
    for name, digest in scans.items():
        if digests.get(name) != digest:
            raise BadRecord(f"{papers_file.name}: {name} is not the one in {record.name}")
    document = {"schema": "phieukin.papers-check/1", "ok": True}
    document |= {"fingerprint": belonging.definition, "files": sorted(digests)}
    named = belonging.uuid
    console.result(document, words("cli.papers.record.checked", code=named, number=len(digests)))


def _of_record(path: Path, options: AuditOptions) -> tuple[Belonging, NoteKey, dict[str, str]]:
    """To what papers must belong, who signed them, and no scans."""
    outcome = audit_file(path, options)
    if outcome.error is not None:
        raise outcome.error
    setup = outcome.report.setup
    if outcome.counts is None or setup is None or setup.election.parameters is None:
        raise Incomplete(f"{path.name}: a whole record is needed, not an archive")
    election, parameters = setup.election, setup.election.parameters
    belonging = Belonging(election.uuid, election.phi, minutes.digest(path))
    return belonging, checkpoint.party_key(election, parameters, "chair"), {}


def _of_result(path: Path, options: AuditOptions) -> tuple[Belonging, NoteKey, dict[str, str]]:
    """The same of a result file, whose scans must be among the papers."""
    with path.open("rb") as file:
        read = result_file.read(file, options)
    belonging = Belonging(read.count.uuid, read.sealed.digest, read.record or read.count.digest)
    return belonging, read.sealed.chair, dict(read.scans)
