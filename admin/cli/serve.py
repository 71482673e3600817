"""`phieukin serve`: the registrar and the ballot box over HTTP."""

import asyncio
import io
import resource
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click
import segno

from admin.cli import audit, console
from admin.session.datadir import DataDir
from admin.words import words
from bot import logs, server
from bot.app import ROLES, Options
from bot.web import tls

_EVERYTHING = "all"
_HTTPS = 443


@click.command("serve", help=words("cli.serve.help"))
@click.option(
    "--role",
    type=click.Choice([*ROLES, _EVERYTHING]),
    default=_EVERYTHING,
    show_default=True,
    help=words("cli.serve.role"),
)
@click.option("--listen", metavar="HOST:PORT", help=words("cli.serve.listen"))
@click.option("--tls-local", "tls_local", is_flag=True, help=words("cli.serve.tls_local"))
def command(role: str, listen: str | None, tls_local: bool) -> None:
    """Serves until it is stopped by a signal; that is its ordinary end."""
    datadir = DataDir.open(console.settings().data or Path())
    host = tls.host_of(datadir.settings.public_url) if tls_local else ""
    try:
        listener = server.listen(listen or datadir.settings.listen)
    except ValueError:
        raise click.BadParameter(words("cli.serve.address"), param_hint="--listen") from None
    roles = ROLES if role == _EVERYTHING else (role,)
    _raise_limit()
    logs.configure()
    audit.say_backend()

    local = _certificate(datadir, host, listener) if tls_local else None

    def announce(_server: object) -> None:
        url = server.address(listener, local)
        if console.settings().json:
            document = {"schema": "phieukin.serve/1", "ok": True, "url": url}
            if local:
                document["ca"] = str(local.folder / tls.AUTHORITY)
                document["ca_sha256"] = local.fingerprint
            console.emit_json(document)
        else:
            console.say(words("cli.serve.ready", url=url))
            if local:
                _explain(datadir.settings.public_url, local)

    with listener:
        asyncio.run(server.serve(datadir, Options(roles), listener, announce, local))


def _certificate(datadir: DataDir, host: str, listener: socket.socket) -> tls.Local:
    """The certificate for this server; warns of what would keep phones away."""
    bound, port = listener.getsockname()[:2]
    everywhere = bound in {"0.0.0.0", "::"}  # noqa: S104  it is compared, not opened
    addresses = tls.around() if everywhere else [bound]
    local = tls.prepare(datadir.folder / tls.FOLDER, host, addresses, int(time.time()))
    missing = [address for address in addresses if not local.hosts.holds(tls.Hosts.of([address]))]
    if missing:
        absent = ", ".join(missing)
        console.warn(words("cli.serve.tls_missing", addresses=absent, folder=local.folder))
    public = datadir.settings.public_url
    if (urlsplit(public).port or _HTTPS) != port or not (everywhere or host in {bound, *addresses}):
        address = server.address(listener, local)
        console.warn(words("cli.serve.tls_elsewhere", public=public, address=address))
    return local


def _explain(public: str, local: tls.Local) -> None:
    """What people do on their phones, and what they risk by it."""
    if sys.stderr.isatty() and not console.settings().quiet:
        drawn = io.StringIO()
        segno.make(public, error="m", micro=False).terminal(drawn, compact=True)
        console.say(drawn.getvalue())
    if local.new:
        console.say(words("cli.serve.tls_made", hosts=local.hosts.text, days=tls.DAYS))
    facts = {"public": public, "file": local.folder / tls.AUTHORITY, "print": local.fingerprint}
    until = local.expires.strftime("%d/%m/%Y")
    console.say(words("cli.serve.tls_phones", name=tls.AUTHORITY, until=until, **facts))


def _raise_limit() -> None:
    """Every follower is an open file; the usual limit of 1024 is too low for an assembly."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * server.CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
