"""`phieukin auditor`: the auditors' key, and the evidence of Telegram's check-in that it opens."""

from datetime import UTC, datetime
from pathlib import Path

import click

from admin.cli import console
from admin.cli.books import on_session
from admin.cli.keys import read
from admin.rules import zones
from admin.session.books import Books
from admin.session.session import Session
from admin.voting import invite, telegram_evidence
from admin.voting.telegram_evidence import Launch
from admin.words import words
from crypto.errors import Refused, Rejected

SCHEMA = "phieukin.evidence/1"
_MAX_KEY = 1024  # bytes; a key file has 45


@click.group("auditor", help=words("cli.auditor.help"))
def command() -> None:
    """Groups what is done with the auditors' key."""


@command.command("key", help=words("cli.auditor.key"))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), required=True, help=words("cli.auditor.out")
)
def key_command(out: Path) -> None:
    """Makes a key file that only its owner can read; prints the public key."""
    key = telegram_evidence.new_key()
    invite.keep(out, telegram_evidence.key_file(key))
    public = telegram_evidence.public(key)
    console.result({"schema": SCHEMA, "auditor_key": public}, f'auditor_key = "{public}"')
    console.say(words("cli.auditor.key_done", path=out))


@command.command("evidence", help=words("cli.auditor.evidence"))
@on_session
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    required=True,
    help=words("cli.auditor.key_file"),
)
async def evidence_command(books: Books, session: Session, key_file: Path) -> None:
    """Opens each piece and judges it; returns normally only if all are genuine."""
    key = telegram_evidence.read_key(read(key_file, _MAX_KEY))
    evidence = await _opened(books, session.uuid, key)
    genuine = sum(launch is not None and launch.genuine for launch in evidence)
    document = {
        "schema": SCHEMA,
        "uuid": session.uuid,
        "evidence": [_to_json(launch) for launch in evidence],
    }
    console.result(
        document, "\n".join(_line(launch, session.session_file.zone) for launch in evidence)
    )
    console.say(words("cli.auditor.total", good=genuine, number=len(evidence)))
    if genuine < len(evidence):
        raise Rejected(f"{len(evidence) - genuine} pieces of evidence are not genuine")


async def _opened(books: Books, uuid: str, key: bytes) -> list[Launch | None]:
    """Every piece in the order of Telegram's clock; None for each that is nothing."""
    token = books.datadir.token()
    if token is None:
        raise Refused(words("cli.auditor.no_bot"))
    bot = int(token.partition(":")[0])
    evidence: list[Launch | None] = []
    for sealed in await books.registrar.logins.evidence(uuid):
        try:
            evidence.append(
                telegram_evidence.read(telegram_evidence.unseal(key, uuid, sealed), bot)
            )
        except Refused:
            evidence.append(None)
    return sorted(
        evidence, key=lambda launch: (launch.moment, launch.account) if launch else (0, 0)
    )


def _to_json(launch: Launch | None) -> dict[str, object]:
    if launch is None:
        return {"account": None, "time": None, "ok": False}
    moment = datetime.fromtimestamp(launch.moment, tz=UTC).isoformat()
    return {"account": launch.account, "time": moment, "ok": launch.genuine}


def _line(launch: Launch | None, zone: str) -> str:
    if launch is None:
        return words("cli.auditor.closed", mark="✗")
    moment = f"{zones.local(launch.moment, zone):%d/%m/%Y %H:%M:%S}"
    mark = "✓" if launch.genuine else "✗"
    return words("cli.auditor.line", mark=mark, account=launch.account, time=moment)
