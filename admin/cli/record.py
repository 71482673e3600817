"""`phieukin record`: the record of a session, and the scan of the signed minutes beside it."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import checking
from admin.cli.books import on_session
from admin.office import export, minutes, scan
from admin.record import scan as papers
from admin.record.audit import AuditOptions, audit_file
from admin.session.books import Books
from admin.session.session import Session
from admin.words import words
from crypto.errors import Incomplete

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group("record", help=words("cli.record.help"))
def command() -> None:
    """Groups what is done with a record."""


@command.command("export", help=words("cli.record.export"))
@on_session
@click.option("--auditor", is_flag=True, help=words("cli.record.auditor"))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=words("cli.record.out"),
)
async def export_command(books: Books, session: Session, auditor: bool, out: Path) -> None:
    """Writes the file whole or not at all."""
    if auditor:
        await export.for_auditors(books.registrar, books.datadir, session, out)
    else:
        export.record(books.datadir, session, out)
    if console.settings().json:
        console.emit_json({"schema": "phieukin.export/1", "uuid": session.uuid, "file": str(out)})
    key = "exported_auditor" if auditor else "exported"
    console.say(words(f"cli.record.{key}", path=out))


@command.command("attach", help=words("cli.papers.record.attach"))
@on_session
@click.argument("scan_file", metavar="FILE", type=_FILE)
async def attach_command(books: Books, session: Session, scan_file: Path) -> None:
    """Adds a scan to the papers of a session."""
    written = scan.attach(books.datadir, session, scan_file)
    document = {"schema": "phieukin.attached/1", "ok": True, "uuid": session.uuid}
    document |= {"file": str(written), "sha256": minutes.digest(written)}
    console.result(document, words("cli.papers.record.attached", path=written))


@command.command("check", help=words("cli.papers.record.check"))
@click.argument("papers_file", metavar="PAPERS", type=_FILE)
@click.argument("record", metavar="RECORD", type=_FILE)
def check_command(papers_file: Path, record: Path) -> None:
    """Audits the record, then compares the papers with it."""
    with checking(None) as run:
        outcome = audit_file(record, AuditOptions(run=run))
    if outcome.error is not None:
        raise outcome.error
    setup = outcome.report.setup
    if outcome.counts is None or setup is None or setup.election.parameters is None:
        raise Incomplete(f"{record.name}: a whole record is needed, not an archive")
    election, parameters = setup.election, setup.election.parameters
    with papers_file.open("rb") as file:
        names = papers.check(file, election, parameters, minutes.digest(record))
    document = {"schema": "phieukin.papers-check/1", "ok": True, "fingerprint": election.phi}
    document["files"] = list(names)
    code = outcome.code or ""
    console.result(document, words("cli.papers.record.checked", code=code, number=len(names)))
