"""`phieukin trustee sign` and `decrypt`: a trustee's work on files that are carried.

The checks are those of a trustee on a server (admin/client/signing.py). Which moment is signed
follows from the files: the definition and the committee's keys; a list of credentials; an archive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from admin.cli import console, room
from admin.cli.audit import MAX_WORKERS, audited
from admin.cli.keys import KeyFile, distinct, read, ready
from admin.cli.room import Answers, TypedCode
from admin.cli.trustee_day import pause, read_through, show_counts, show_definition
from admin.cli.trustee_key import (
    file_path,
    key_options,
    out_options,
    refuse_unfinished,
    show,
)
from admin.client import signing
from admin.client.signing import ClosedBox, Signable
from admin.record import files, session_file
from admin.words import words
from crypto import note
from crypto.audit.archive import MAX_CREDENTIALS_FILE
from crypto.errors import BadCounts, Incomplete, Malformed, Refused
from crypto.keyfile import TrusteeState, remember_tally
from crypto.session import LIMIT, Election
from crypto.trustees import Trustees

_NOTES_LIMIT = 4 * note.LIMIT  # bytes; four checkpoints

_SESSION = b'{"schema":"phieukin.session/'

_PRESENT = click.option("--present", type=click.IntRange(0), help=words("cli.join.present"))
_WORKERS = click.option(
    "--workers", type=click.IntRange(1, MAX_WORKERS), help=words("cli.trustee.options.workers")
)


@dataclass
class Carried:
    """The files that were brought, by what is in them."""

    election: bytes | None = None
    session: bytes | None = None
    trustees: bytes | None = None
    credentials: bytes | None = None
    checkpoints: bytes | None = None
    archive: Path | None = None
    names: list[str] = field(default_factory=list)

    @classmethod
    def sort(cls, paths: Sequence[Path]) -> "Carried":
        """Raises Malformed for a file of an unknown kind, or for two of one kind."""
        carried = cls()
        for path in paths:
            kind, limit = _kind(path)
            if getattr(carried, kind) is not None:
                raise Malformed(f"{path}: a second file of {kind}")
            setattr(carried, kind, path if kind == "archive" else read(path, limit))
            carried.names.append(kind)
        return carried

    def need(self, *kinds: str) -> None:
        """Raises Incomplete, naming the first file that is not among them."""
        for kind in kinds:
            if getattr(self, kind) is None:
                have = ", ".join(self.names)
                raise Incomplete(words("cli.trustee.lacks", kind=_FILES[kind], have=have))


_FILES = {
    "election": "election.json",
    "session": "session.json",
    "trustees": "trustees.json",
    "credentials": "credentials.json",
    "checkpoints": "checkpoints.txt",
    "archive": "UUID.bel",
}


def _kind(path: Path) -> tuple[str, int]:
    """What is in a file, from how it begins; and how large it may be."""
    with path.open("rb") as file:
        start = file.read(len(_SESSION))
    if start.startswith(b"phieukin/"):
        return "checkpoints", _NOTES_LIMIT
    if start == _SESSION:
        return "session", session_file.LIMIT
    if start.startswith(b"{"):
        return "election", LIMIT
    if start.startswith(b"[["):
        return "trustees", LIMIT
    if start.startswith(b"["):
        return "credentials", MAX_CREDENTIALS_FILE
    return "archive", 0


# --- Signatures ---------------------------------------------------------------------------


@click.command("sign", help=words("cli.trustee.sign"))
@key_options
@out_options
@click.option(
    "--fingerprint", metavar="CODE", type=TypedCode(phi=True), help=words("cli.join.fingerprint")
)
@_PRESENT
@_WORKERS
@click.argument("paths", metavar="FILE...", type=file_path(exists=True), nargs=-1, required=True)
def sign(
    key: Path,
    copy: Path | None,
    paths: tuple[Path, ...],
    out: Path,
    force: bool,
    fingerprint: str | None,
    present: int | None,
    workers: int | None,
    passphrase_file: Path | None,
) -> None:
    """Signs what the files are of: the definition, the opening or the closing."""
    distinct(key, copy, out, *paths)
    ready(out, force=force)
    carried = Carried.sort(paths)
    keys = KeyFile(key, copy, passphrase_file)
    opened = keys.open()
    keys.refuse_restored(opened)
    refuse_unfinished(opened, keys)
    answers = Answers(fingerprint=fingerprint, present=present)
    signable = _signable(opened.state, carried, answers, workers)
    opened = keys.save(opened, signing.remembering(opened.state, signable))
    files.write(out, signing.sign(opened.state, signable).encode())
    show(opened, keys)
    console.say(words(f"cli.trustee.after_{signable.moment}", out=out))


def _signable(
    key: TrusteeState, carried: Carried, answers: Answers, workers: int | None
) -> Signable:
    """What the files ask for, once people have answered for it.

    Raises:
        Refused: nobody is there to answer, and the options do not.
    """
    if carried.archive is not None:
        return _closing(key, carried, answers, workers)
    carried.need("election")
    election = Election.decode(carried.election or b"")
    if carried.credentials is not None:
        return _opening(key, election, carried, answers)
    carried.need("trustees", "session")
    trustees = Trustees.decode(carried.trustees or b"")
    trustees.check()
    signable = signing.definition(key, election, trustees, carried.session or b"")
    show_definition(signable)
    if not read_through(election, answers.fingerprint):
        raise Refused(words("cli.join.compare_phi"))
    return signable


def _opening(key: TrusteeState, election: Election, carried: Carried, answers: Answers) -> Signable:
    carried.need("checkpoints")
    notes = signing.read_notes(carried.checkpoints or b"")
    code = signing.session_code(election, notes)
    console.say(words("cli.room.session", code=code))
    if not room.compared("session", code, answers.fingerprint, election.phi):
        raise Refused(words("cli.join.needs_session"))
    present = _present(answers)
    signable = signing.opening(key, election, notes, carried.credentials or b"", present)
    show_counts(signable)
    return signable


def _closing(
    key: TrusteeState, carried: Carried, answers: Answers, workers: int | None
) -> Signable:
    carried.need("checkpoints")
    box = _closed_box(key, carried.archive, carried.checkpoints or b"", workers)
    signable = signing.closing(box, _present(answers))
    show_counts(signable)
    if room.attended():
        room.agreed(words("cli.join.ask_closing"))
    return signable


def _present(answers: Answers) -> int:
    present = room.head_count(answers)
    if present is None:
        raise Refused(words("cli.join.needs_present"))
    return present


def _closed_box(
    key: TrusteeState, archive: Path | None, checkpoints: bytes, workers: int | None
) -> ClosedBox:
    """The closed box, audited and found right; shows the codes of what was signed before."""
    if archive is None:
        raise TypeError("a closing is signed only with an archive")
    notes = signing.read_notes(checkpoints)
    with archive.open("rb") as file:
        box = signing.closed_box(key, audited(file, workers, key, notes), notes)
    console.say(words("cli.room.session", code=box.session_code))
    console.say(words("cli.room.opening", code=box.opening_code))
    return box


# --- The totals ---------------------------------------------------------------------------


@click.command("decrypt", help=words("cli.trustee.decrypt"))
@key_options
@out_options
@click.option("--code", metavar="CODE", type=TypedCode(), help=words("cli.trustee.options.code"))
@_PRESENT
@click.option("--cast", type=click.IntRange(0), help=words("cli.trustee.options.cast"))
@click.option("--settled", is_flag=True, help=words("cli.join.settled"))
@_WORKERS
@click.argument("archive", metavar="FILE.bel", type=file_path(exists=True))
@click.argument("checkpoints", metavar="CHECKPOINTS", type=file_path(exists=True))
def decrypt(
    key: Path,
    copy: Path | None,
    archive: Path,
    checkpoints: Path,
    out: Path,
    force: bool,
    code: str | None,
    present: int | None,
    cast: int | None,
    settled: bool,
    workers: int | None,
    passphrase_file: Path | None,
) -> None:
    """Audits the archive, sees a quorum's signatures, waits for the phones, and makes the share."""
    distinct(key, copy, out, archive, checkpoints)
    ready(out, force=force)
    answers = Answers(closing=code, present=present, cast=cast, settled=settled)
    if not room.attended() and (None in {code, present, cast} or not settled):
        raise Refused(words("cli.trustee.needs_answers"))
    keys = KeyFile(key, copy, passphrase_file)
    opened = keys.open()
    refuse_unfinished(opened, keys)
    notes = read(checkpoints, _NOTES_LIMIT)
    box = _closed_box(opened.state, archive, notes, workers)
    _confirm(box, answers)
    if opened.state.quorum_seen is None:
        opened = keys.save(opened, replace(opened.state, quorum_seen=room.now()))
    check_seconds = box.parameters.policy.check_seconds
    pause(signing.seconds_left(opened.state, check_seconds, room.now()))
    if not settled:
        room.agreed(words("cli.room.ask_settled"))
    opened = keys.save(opened, remember_tally(opened.state, box.archive.cast.tally.digest))
    files.write(out, signing.share(box, opened.state))
    show(opened, keys)
    console.say(words("cli.trustee.after_decrypt", out=out))


def _confirm(box: ClosedBox, answers: Answers) -> None:
    """The closing code, the head count and the ballots cast are those of the room.

    Raises:
        BadCheckpoint: fewer signatures than a quorum's, or another code.
        BadCounts: more ballots than people, or other ballots than the hall screen shows.
    """
    code = signing.totals(box)
    console.say(words("cli.room.closing", code=code))
    room.compared("closing", code, answers.closing)
    signing.closing(box, _present(answers))
    cast = room.cast_count(answers)
    if cast != box.closing.count("cast"):
        raise BadCounts(f"cast {box.closing.count('cast')} in the archive, {cast} on the screen")
