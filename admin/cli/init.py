"""`phieukin init DIR`: a data directory, ready for `serve`."""

import asyncio
import sys
from pathlib import Path

import click

from admin.cli import console
from admin.details import localized
from admin.record import files
from admin.rules import zones
from admin.session.address import public_address
from admin.session.books import Books, opened
from admin.session.datadir import SETTINGS, DataDir, Settings
from admin.words import words
from crypto.errors import Refused


@click.command("init", help=words("cli.init.help"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--public-url", help=words("cli.init.public_url"))
@click.option("--zone", help=words("cli.init.zone"))
@click.option("--listen", help=words("cli.init.listen"))
@click.option(
    "--telegram-token-file",
    "token_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=words("cli.init.token_file"),
)
@click.option("--telegram-webhook", "webhook", is_flag=True, help=words("cli.init.webhook"))
@click.option("--proxy", help=words("cli.init.proxy"))
def command(
    folder: Path,
    public_url: str | None,
    zone: str | None,
    listen: str | None,
    token_file: Path | None,
    webhook: bool,
    proxy: str | None,
) -> None:
    """Asks what was not given, writes phieukin.toml and makes both databases."""
    if (folder / SETTINGS).exists():
        raise Refused(words("cli.init.exists", path=folder / SETTINGS))
    defaults = Settings()
    listen = listen or _ask(words("cli.init.ask_listen"), defaults.listen)
    public_url = public_address(
        public_url or _ask(words("cli.init.ask_public_url"), f"http://{listen}")
    )
    zone = zones.named(zone or _ask(words("cli.init.ask_zone"), defaults.zone)).key
    token_file = token_file or _token_file()
    if token_file is not None and proxy is None:
        proxy = _ask(words("cli.init.ask_proxy"), defaults.proxy)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)  # also of a folder that was there
    chosen = Settings(
        public_url=public_url,
        zone=zone,
        listen=listen,
        telegram_token_file=str(token_file.resolve()) if token_file else "",
        telegram_webhook=webhook,
        proxy=proxy or "",
    )
    _write(folder, _named(folder, chosen))
    asyncio.run(_make(DataDir.open(folder)))
    console.data(words("cli.init.done", folder=folder))
    console.say(words("cli.init.next", folder=folder))


def _write(folder: Path, settings: Settings) -> None:
    lines = [f"{key} = {_toml(value)}" for key, value in settings.model_dump().items()]
    files.write(folder / SETTINGS, ("\n".join(lines) + "\n").encode(), mode=0o600)


def _named(folder: Path, settings: Settings) -> Settings:
    """The settings with the bot's name, which letters need; asked of Telegram itself."""
    if not settings.telegram_token_file:
        return settings
    from bot.chat.application import introduced  # noqa: PLC0415  a second, for a bot only

    try:
        name = asyncio.run(introduced(DataDir(folder, settings)))
    except ConnectionError as error:
        console.warn(words("cli.init.no_bot", why=localized(str(error))))
        return settings
    console.say(words("cli.init.bot", name=name))
    return settings.model_copy(update={"telegram_bot": name or ""})


def _token_file() -> Path | None:
    answer = _ask(words("cli.init.ask_token_file"), "")
    if not answer:
        return None
    if not Path(answer).is_file():
        raise click.BadParameter(words("cli.init.no_file", path=answer))
    return Path(answer)


async def _make(datadir: DataDir) -> Books:
    async with opened(datadir) as books:
        return books


def _ask(question: str, default: str) -> str:
    if not sys.stdin.isatty():
        return default
    return str(click.prompt(question, default=default, err=True))


def _toml(value: str | bool) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
