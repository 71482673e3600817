"""`phieukin doctor`: can this machine run a session?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console
from admin.session import health
from admin.session.health import Finding
from admin.session.place import SETTINGS, Place
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


async def _findings(place: Place) -> AsyncIterator[Finding]:
    async for finding in health.examine(place):
        yield finding
    if place.settings.telegram_token_file:
        yield await _telegram(place)


async def _examine(place: Place) -> list[Finding]:
    found = []
    async for finding in _findings(place):
        found.append(finding)
        if not console.settings().json:
            mark = "✓" if finding.ok else "✗" if finding.needed else "!"
            name = words(f"cli.doctor.names.{finding.id}")
            console.data(f"{mark} {name:<18}  {finding.detail}")
    return found


async def _telegram(place: Place) -> Finding:
    """Whether the bot can be reached, and letters name it rightly."""
    from bot.chat.application import introduced  # noqa: PLC0415  a second, for a bot only

    way = "webhook" if place.settings.telegram_webhook else "polling"
    named = place.settings.telegram_bot
    try:
        name = await introduced(place)
    except (ConnectionError, Refused) as error:
        return Finding("telegram", ok=False, needed=False, detail=str(error))
    right = name == named
    told = f"@{name}, {way}" if right else words("cli.doctor.bot_name", name=name, file=SETTINGS)
    return Finding("telegram", ok=right, needed=False, detail=told)
