"""`phieukin session signing` and `session sign`: signatures of trustees who are not on the network.

The secretary carries files to them and their notes back. Nothing here has to be believed: a
trustee makes the text that it signs itself, and each note is checked before it is kept.
"""

from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console
from admin.cli.books import on_session
from admin.cli.keys import read
from admin.lifecycle import signing, steps
from admin.lifecycle.seal import proposal
from admin.record import files
from admin.session.books import Books
from admin.session.definition import Definition
from admin.session.session import Session
from admin.words import words
from crypto import checkpoint, note
from crypto.audit.archive import encode_credentials
from crypto.checkpoint import MOMENT_OF, Checkpoint
from crypto.committee import Moment
from crypto.errors import BadCheckpoint, WrongState
from crypto.group import Element
from crypto.lifecycle import State
from crypto.note import Note


@click.command("signing", help=words("cli.session.signing"))
@on_session
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help=words("cli.session.signing_out"),
)
async def export(books: Books, session: Session, out: Path) -> None:
    """Writes what a trustee needs for `trustee sign`, or after the close for `trustee decrypt`."""
    _write(out, await _carried(books, session))
    if session.state == State.CLOSED:
        console.data(str(books.datadir.archive(session.uuid)))


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        files.write(folder / name, content)
        console.data(str(folder / name))


async def _carried(books: Books, session: Session) -> dict[str, bytes]:
    """The files of the moment, by name; of a closed session beside its archive.

    Raises:
        WrongState: there is nothing to be signed or opened now.
    """
    uuid, proposed = session.uuid, await _proposed(books, session)
    election = {"election.json": proposed.election.raw}
    if session.state == State.DRAFT:
        trustees, human = proposed.trustees.encode(), session.session_file.encode()
        return election | {"session.json": human, "trustees.json": trustees}
    if session.state not in {State.OPENING, State.CLOSED}:
        raise WrongState(f"there is nothing to sign now; the session is {session.state}")
    await signing.gather(books, uuid)
    notes = await books.box.notes(uuid)
    joined = checkpoint.join([notes[state] for state in checkpoint.COUNTS if state in notes])
    if session.state == State.CLOSED:
        return {"checkpoints.txt": joined}
    credentials = [Element(raw) for raw, _ in await books.box.credentials(uuid)]
    files_of_box = {"credentials.json": encode_credentials(credentials), "checkpoints.txt": joined}
    return election | files_of_box


async def _proposed(books: Books, session: Session) -> Definition:
    proposed = await proposal(books.registrar, session.uuid)
    if proposed is None:
        raise WrongState("there is no definition to sign yet")
    return proposed


@click.command("sign", help=words("cli.session.sign"))
@on_session
@click.argument(
    "paths",
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    required=True,
)
async def take(books: Books, session: Session, paths: tuple[Path, ...]) -> None:
    """Keeps trustees' notes; with a quorum on the opening the vote is open."""
    uuid, definition = session.uuid, await _proposed(books, session)
    await steps.gather(books, uuid)  # what an earlier run was interrupted in
    for path in paths:
        raw = read(path, note.LIMIT)
        signed = note.parse(raw)
        moment, owner = _moment(signed, path), _owner(signed, definition, path)
        await signing.take_signature(books.registrar, uuid, moment, owner, raw)
        console.say(words("cli.session.signature_taken", path=path, owner=owner))
    await steps.gather(books, uuid)
    await _tell(books, await books.session(uuid))


async def _tell(books: Books, session: Session) -> None:
    """For whose signatures everybody still waits; or the code that people compare now."""
    waiting = await signing.awaited(books.registrar, session)
    code = await _code(books, session)
    document = {"schema": "phieukin.signing/1", "uuid": session.uuid, "code": code or None}
    if waiting is None:
        text = words("cli.session.all_signed", code=code or "–")
        console.result({**document, "waiting": None}, text)
        return
    facts = asdict(waiting)
    text = words(f"cli.session.waiting.{waiting.moment}", **facts)
    console.result({**document, "waiting": facts}, text)


async def _code(books: Books, session: Session) -> str:
    """The code of the opening or the closing; empty until a quorum has signed it."""
    if session.state not in {State.OPEN, State.CLOSED}:
        return ""
    return await signing.committee_code(books.registrar, session, session.state)


def _moment(signed: Note, path: Path) -> Moment:
    state = Checkpoint.from_body(signed.text).state
    if state not in MOMENT_OF:
        raise BadCheckpoint(f"{path}: the committee signs no checkpoint of the state {state}")
    return MOMENT_OF[state]


def _owner(signed: Note, definition: Definition, path: Path) -> int:
    """Under whose key a line stands; whether it is right, is checked before the note is kept."""
    owners = checkpoint.signers(signed, definition.election, definition.parameters)
    if len(owners) != 1:
        raise BadCheckpoint(f"{path}: not the note of one trustee of this session")
    return owners[0]
