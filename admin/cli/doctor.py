"""`phieukin doctor`: can this machine run a session?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console
from admin.details import localized
from admin.office import health, volume
from admin.office.health import HealthCheck
from admin.session import page
from admin.session.datadir import SETTINGS, DataDir
from admin.words import words
from crypto.encoding import sha256
from crypto.errors import Refused

_PATIENCE = 4.0  # seconds for our own server to give out its list
_LONGEST = 1 << 16  # bytes of such a list
_OK = 200
_OURS = "application/problem+json"


@click.command("doctor", help=words("cli.doctor.help"))
def command() -> None:
    """Says what is right, what must be mended, and what is advisable."""
    datadir = DataDir.open(console.settings().data or Path())
    findings = asyncio.run(_examine(datadir))
    broken = [finding.id for finding in findings if finding.needed and not finding.ok]
    names = ", ".join(words(f"cli.doctor.names.{broken_id}") for broken_id in broken)
    if console.settings().json:
        document = {"schema": "phieukin.doctor/1", "ok": not broken}
        console.emit_json({**document, "findings": [asdict(finding) for finding in findings]})
    if broken:
        raise Refused(words("cli.doctor.broken", names=names))


async def _findings(datadir: DataDir) -> AsyncIterator[HealthCheck]:
    async for finding in health.examine(datadir):
        yield finding
    yield _volume(datadir)
    yield await _page(datadir)
    if datadir.settings.telegram_token_file:
        yield await _telegram(datadir)


async def _examine(datadir: DataDir) -> list[HealthCheck]:
    findings = []
    async for finding in _findings(datadir):
        findings.append(finding)
        if not console.settings().json:
            mark = "✓" if finding.ok else "✗" if finding.needed else "!"
            name = words(f"cli.doctor.names.{finding.id}")
            console.data(f"{mark} {name:<18}  {localized(finding.detail)}")
    return findings


def _volume(datadir: DataDir) -> HealthCheck:
    """Whether what a disk keeps beyond our reach is of use to nobody."""
    encrypted = volume.encrypted(datadir.folder)
    how = "unknown" if encrypted is None else "encrypted" if encrypted else "plain"
    detail = words(f"cli.doctor.volume_{how}")
    return HealthCheck("volume", ok=encrypted is True, needed=False, detail=detail)


async def _page(datadir: DataDir) -> HealthCheck:
    """Whether the pages are built, and the running server gives out these."""
    built = page.read()
    if built is None:
        return HealthCheck(
            "page", ok=False, needed=False, detail=words("cli.doctor.page_not_built")
        )
    summary = words(
        "cli.doctor.page",
        files=len(built.files),
        size=sum(len(page.packed(body)) for body in built.files.values()) // 1000,
        sum=sha256(built.sums)[:8],
    )
    url = datadir.settings.public_url + page.SUMS
    served = await _served(url)
    if served is None:
        return HealthCheck(
            "page", ok=True, needed=False, detail=f"{summary}; {_compared('unasked', url)}"
        )
    same = served == built.sums
    comparison = _compared("same" if same else "other", url)
    return HealthCheck("page", ok=same, needed=False, detail=f"{summary}; {comparison}")


def _compared(how: str, url: str) -> str:
    return words(f"cli.doctor.page_{how}", url=url)


async def _served(url: str) -> bytes | None:
    """What a server of this program answers there; None if there is none."""
    import httpx  # noqa: PLC0415  slow to import

    try:
        async with (
            asyncio.timeout(_PATIENCE),
            httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != _OK:
                return b"" if answer.headers.get("content-type") == _OURS else None
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > _LONGEST:
                    break
            return body
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError):
        return None


async def _telegram(datadir: DataDir) -> HealthCheck:
    """Whether the bot can be reached, and letters name it rightly."""
    from bot.chat.application import introduced  # noqa: PLC0415  a second, for a bot only

    way = "webhook" if datadir.settings.telegram_webhook else "polling"
    named = datadir.settings.telegram_bot
    try:
        name = await introduced(datadir)
    except (ConnectionError, Refused) as error:
        return HealthCheck("telegram", ok=False, needed=False, detail=str(error))
    right = name == named
    detail = f"@{name}, {way}" if right else words("cli.doctor.bot_name", name=name, file=SETTINGS)
    return HealthCheck("telegram", ok=right, needed=False, detail=detail)
