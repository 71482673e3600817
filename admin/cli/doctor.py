"""`phieukin doctor`: can this machine run a session?"""

import asyncio
from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console
from admin.session import health
from admin.session.health import Finding
from admin.session.place import Place
from admin.words import words
from crypto.errors import Refused


@click.command("doctor", help=words("cli.doctor.help"))
def command() -> None:
    """Says what is right, what must be mended, and what is advisable."""
    place = Place.open(console.settings().data or Path())
    found = asyncio.run(_examine(place))
    broken = [finding.id for finding in found if finding.needed and not finding.ok]
    if console.settings().json:
        document = {"schema": "phieukin.doctor/1", "ok": not broken}
        console.emit_json({**document, "findings": [asdict(finding) for finding in found]})
    if broken:
        raise Refused(words("cli.doctor.broken", names=", ".join(broken)))


async def _examine(place: Place) -> list[Finding]:
    found = []
    async for finding in health.examine(place):
        found.append(finding)
        if not console.settings().json:
            mark = "✓" if finding.ok else "✗" if finding.needed else "!"
            name = words(f"cli.doctor.names.{finding.id}")
            console.data(f"{mark} {name:<18}  {finding.detail}")
    return found
