"""`phieukin serve`: the registrar and the ballot box over HTTP."""

import asyncio
import resource
from pathlib import Path

import click

from admin.cli import console
from admin.session.place import Place
from admin.words import words
from bot.web import logs, server
from bot.web.app import ROLES, Options

_EVERYTHING = "all"


@click.command("serve", help=words("cli.serve.help"))
@click.option(
    "--role",
    type=click.Choice([*ROLES, _EVERYTHING]),
    default=_EVERYTHING,
    show_default=True,
    help=words("cli.serve.role"),
)
@click.option("--listen", metavar="HOST:PORT", help=words("cli.serve.listen"))
def command(role: str, listen: str | None) -> None:
    """Serves until it is stopped by a signal; that is its ordinary end."""
    place = Place.open(console.settings().data or Path())
    try:
        listener = server.listen(listen or place.settings.listen)
    except ValueError:
        raise click.BadParameter(words("cli.serve.address"), param_hint="--listen") from None
    roles = ROLES if role == _EVERYTHING else (role,)
    _raise_limit()
    logs.configure()

    def told(_server: object) -> None:
        url = server.address(listener)
        if console.settings().json:
            console.emit_json({"schema": "phieukin.serve/1", "ok": True, "url": url})
        else:
            console.say(words("cli.serve.ready", url=url))

    with listener:
        asyncio.run(server.serve(place, Options(roles), listener, told))


def _raise_limit() -> None:
    """Every follower is an open file; the usual limit of 1024 is too low for an assembly."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * server.CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
