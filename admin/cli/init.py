"""`phieukin init DIR`: a data directory, ready for `serve`."""

import asyncio
import sys
from pathlib import Path

import click

from admin.cli import console
from admin.record import files
from admin.session.house import House, opened
from admin.session.place import SETTINGS, Place, Settings
from admin.words import words
from crypto.errors import Refused


@click.command("init", help=words("cli.init.help"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--public-url", help=words("cli.init.public_url"))
@click.option("--listen", help=words("cli.init.listen"))
def command(folder: Path, public_url: str | None, listen: str | None) -> None:
    """Asks what was not given, writes phieukin.toml and makes both databases."""
    if (folder / SETTINGS).exists():
        raise Refused(words("cli.init.exists", path=folder / SETTINGS))
    known = Settings()
    listen = listen or _ask(words("cli.init.ask_listen"), known.listen)
    public_url = public_url or _ask(words("cli.init.ask_public_url"), f"http://{listen}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    chosen = {**known.model_dump(), "public_url": public_url.rstrip("/"), "listen": listen}
    lines = [f"{key} = {_toml(value)}" for key, value in chosen.items()]
    files.write(folder / SETTINGS, ("\n".join(lines) + "\n").encode())
    asyncio.run(_make(Place.open(folder)))
    console.data(words("cli.init.done", folder=folder))
    console.say(words("cli.init.next", folder=folder))


async def _make(place: Place) -> House:
    async with opened(place) as house:
        return house


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    return str(click.prompt(question, default=default, err=True))


def _toml(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
