"""`phieukin tally`: the trustees' shares become totals."""

from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import checking
from admin.details import localized
from admin.record import opening
from admin.record.audit import rewinding
from admin.record.opening import SentShare
from admin.session.datadir import SETTINGS, DataDir
from admin.words import words
from crypto.audit.report import Report
from crypto.encoding import uuid as check_uuid
from crypto.errors import Malformed

MAX_SHARE = 1 << 20


@click.group("tally", help=words("cli.tally.help"))
def command() -> None:
    """Groups what is done after the close."""


@command.command("combine", help=words("cli.tally.combine"))
@click.argument("uuid")
@click.argument(
    "shares",
    nargs=-1,
    required=True,
    metavar="SHARE...",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)
def combine(uuid: str, shares: tuple[Path, ...]) -> None:
    """Checks every share and writes as many as are needed, and the result, to the archive.

    A wrong share is named and left out; right ones beside it still give the result.
    """
    try:
        check_uuid(uuid, "UUID")
    except Malformed as error:
        raise click.UsageError(str(error)) from None
    folder = console.settings().data or Path()
    served = folder / SETTINGS
    archive = DataDir.open(folder).archive(uuid) if served.exists() else folder / f"{uuid}.bel"
    with archive.open("rb") as file, checking(None) as run:
        closed = opening.audit_closed(rewinding(file), Report(), run)
    sent = [SentShare(path.name, _read(path)) for path in shares]
    setup = closed.setup
    checked = opening.check_shares(setup.election, setup.trustees, closed.cast.tally, sent)
    opened = opening.open_totals(closed, checked)
    for wrong in opened.wrong:
        console.warn(words("cli.tally.wrong", file=wrong.path, why=localized(str(wrong.error))))
    opening.append(archive, closed, opened)
    owners = [share.owner for share in opened.shares]
    document: dict[str, object] = {
        "schema": "phieukin.tally/1",
        "uuid": uuid,
        "result": opened.totals,
        "owners": owners,
        "wrong": [
            {"file": wrong.path, "owner": wrong.owner, "why": str(wrong.error)}
            for wrong in opened.wrong
        ],
    }
    named = ", ".join(map(str, owners))
    console.result(document, words("cli.tally.done", path=archive, owners=named))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SHARE + 1)
