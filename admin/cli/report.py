"""`phieukin report`: report, announcement and press version, with a workbook and a chart."""

from pathlib import Path

import click

from admin.cli.minutes import REPORTS, options, write
from admin.words import words


@click.command("report", help=words("cli.report.help"))
@options(REPORTS, REPORTS[:1])
def command(
    source: str, kinds: tuple[str, ...], facts: Path | None, out: Path | None, workers: int | None
) -> None:
    """Writes the papers on the results."""
    write(source, kinds, facts, out, workers)
