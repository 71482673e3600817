"""`record attach` and `record check`: the scan of the signed minutes beside the record."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import checking
from admin.cli.session import with_books
from admin.office import minutes
from admin.office import scan as papers_attach
from admin.record import scan as paperwork
from admin.record.audit import Options, audit_file
from admin.words import words
from crypto.errors import Incomplete

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command("attach", help=words("cli.papers.record.attach"))
@click.argument("uuid")
@click.argument("scan", metavar="FILE", type=_FILE)
def attach(uuid: str, scan: Path) -> None:
    """Adds a scan to the papers of a session."""
    written = with_books(lambda books: papers_attach.attach(books, uuid, scan))
    if console.settings().json:
        digest = minutes.digest(written)
        document = {"schema": "phieukin.attached/1", "ok": True, "uuid": uuid}
        console.emit_json({**document, "file": str(written), "sha256": digest})
        return
    console.data(words("cli.papers.record.attached", path=written))


@click.command("check", help=words("cli.papers.record.check"))
@click.argument("papers_file", metavar="PAPERS", type=_FILE)
@click.argument("record", metavar="RECORD", type=_FILE)
def check(papers_file: Path, record: Path) -> None:
    """Audits the record, then compares the papers with it."""
    with checking(None) as run:
        outcome = audit_file(record, Options(run=run))
    if outcome.error is not None:
        raise outcome.error
    setup = outcome.facts.setup
    if outcome.counts is None or setup is None or setup.election.parameters is None:
        raise Incomplete(f"{record.name}: a whole record is needed, not an archive")
    election, parameters = setup.election, setup.election.parameters
    with papers_file.open("rb") as file:
        names = paperwork.check(file, election, parameters, minutes.digest(record))
    if console.settings().json:
        document = {"schema": "phieukin.papers-check/1", "ok": True}
        console.emit_json({**document, "fingerprint": election.phi, "files": list(names)})
        return
    phi = election.spoken_phi
    console.data(words("cli.papers.record.checked", phi=phi, number=len(names)))
