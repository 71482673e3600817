"""`phieukin vote`: a complete voter without Telegram, from the invitation code to the count.

Everything a killed run needs again is in files that this command keeps: the voter's secrets, until
the ballot was found counted; the ballot that was confirmed, until the box has promised it; and the
promise. None says what was chosen. With `--backup-file` another device can go on: the file has the
code that opens what this one leaves with the registrar.
"""

import sys
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click

from admin.cli import console
from admin.cli.server import code_option, read_code, server_option, uuid_option
from admin.client import session_view, voter
from admin.client.server import Box, Registrar, Server
from admin.client.session_view import SessionView
from admin.client.voter import MASK_SECONDS, Secrets
from admin.record import files
from admin.voting import codes
from admin.words import words
from crypto import ballot, checkpoint, note
from crypto.encoding import b64_sha256
from crypto.errors import BadCheckpoint, Incomplete, Malformed, Refused, RegistrationEnded
from crypto.lifecycle import BALLOTS_OUT, COUNTABLE, State
from crypto.note import Note

SCHEMA = "phieukin.vote/1"
_MAX_FILE = 1 << 20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Run:
    """What the command line said.

    Attributes:
        code: the letters of the letter's code.
        keep: the folder of the files.
        backup_file: where the backup code is, or is to be written; None for a voter without one.
        patient: whether to wait for the opening and the close.
        confirms: whether a person confirms at the terminal.
        mask: the longest random wait between the registrar and the box, in seconds.
    """

    box: Box
    code: str = field(repr=False)
    keep: Path
    backup_file: Path | None
    patient: bool
    confirms: bool
    test: bool
    mask: float

    @property
    def secrets_path(self) -> Path:
        """Named after the code, which is all that a run knows of its voter before it has asked.

        A promise is not: whoever is shown one must not learn whose it is.
        """
        uuid = self.box.uuid
        return self.keep / f"{uuid}-{codes.code_hash(uuid, self.code).hex()[:8]}.secrets"

    def backup_code(self) -> str | None:
        """The letters in the file of the backup code, if it is there."""
        if self.backup_file is None or not self.backup_file.exists():
            return None
        return codes.parse_backup(read_code(self.backup_file))


@click.command("vote", help=words("cli.vote.help"))
@server_option
@uuid_option()
@code_option
@click.option("--choices", type=_FILE, required=True, help=words("cli.vote.choices"))
@click.option("--keep", type=_FOLDER, default=".", show_default=True, help=words("cli.vote.keep"))
@click.option("--backup-file", type=_NEW_FILE, help=words("cli.vote.backup_file"))
@click.option("--no-wait", is_flag=True, help=words("cli.vote.no_wait"))
@click.option("--test-ballot", is_flag=True, help=words("cli.vote.test_ballot"))
@click.option("--yes", is_flag=True, help=words("cli.vote.yes"))
@click.option(
    "--mask",
    type=click.FloatRange(0, 600),
    default=MASK_SECONDS,
    show_default=True,
    help=words("cli.vote.mask"),
)
def command(
    server: str,
    uuid: str,
    code_file: Path,
    choices: Path,
    keep: Path,
    backup_file: Path | None,
    no_wait: bool,
    test_ballot: bool,
    yes: bool,
    mask: float,
) -> None:
    """Votes, as far as the session lets it now."""
    text = read_code(code_file)
    code = codes.parse(text, uuid)
    with choices.open("rb") as file:
        raw = file.read(_MAX_FILE)
    confirms = not yes and sys.stdin.isatty()
    box = Box(Server(server), uuid)
    run = Run(box, code, keep, backup_file, not no_wait, confirms, test_ballot, mask)
    session = session_view.look(box, _session_code(text))
    console.say(words("cli.vote.session", name=session.election.name))
    console.say(words("cli.vote.session_code", code=session.code))
    if session.parameters.policy.rehearsal:
        console.warn(words("cli.vote.rehearsal"))
    chosen = voter.read_choices(raw, choices.name, session)
    if session.state in COUNTABLE:
        _look_up(run, session)
    else:
        _vote(run, session, chosen)


def _session_code(text: str) -> str | None:
    """What people compare, where the code was given as the link of a letter that has it."""
    if "#" not in text:
        return None
    with suppress(ValueError):
        values = parse_qs(urlsplit(text.strip()).fragment, max_num_fields=4).get("f", [])
        return values[0] if values else None
    return None


def _vote(run: Run, session: SessionView, chosen: list[int | None]) -> None:
    before = _reach(run, session, BALLOTS_OUT | COUNTABLE, "wait_checkin")
    if before is None:
        return
    secrets = _credential(run, session)
    state = _reach(run, session, {State.OPEN} | COUNTABLE, "wait_open")
    if state is None:
        _report(session, "registered", None)
        return
    voter_files = VoterFiles(run.keep / f"{session.election.uuid}-{secrets.credential.hex[:8]}")
    promise = voter_files.promise(session)
    if promise is None:
        session_view.refuse_if_over(state)
        opened = voter.check_opened(run.box, session, secrets)
        voter_files.keep_opening(opened.checkpoint.signed_digest)
        console.say(words("cli.vote.opened", code=opened.code))
        promise = _cast(run, session, secrets, chosen, voter_files)
    tracker = tracker_of(promise, session)
    console.say(words("cli.vote.recorded", path=voter_files.promise_path))
    if _reach(run, session, COUNTABLE, "wait_close") is None:
        _report(session, "cast", tracker, voter_files.promise_path)
        return
    if _counted(run, session, promise, voter_files):
        _report(session, "counted", tracker, voter_files.promise_path)
    else:
        console.say(words("cli.vote.wait_committee_later"))
        _report(session, "cast", tracker, voter_files.promise_path)


def _counted(run: Run, session: SessionView, promise: Note, voter_files: "VoterFiles") -> bool:
    """Whether the ballot is on the list that the committee has signed; waits for that if wanted."""
    closed: checkpoint.SignedState | None = None
    with console.progress(words("cli.vote.wait_committee"), None) as advance:
        while closed is None:
            try:
                closed = voter.check_counted(run.box, session, promise, voter_files.opening())
            except Incomplete:
                if not run.patient:
                    return False
                session_view.pause(advance)
    run.secrets_path.unlink(missing_ok=True)
    console.say(words("cli.vote.counted", code=closed.code))
    return True


def tracker_of(promise: Note, session: SessionView) -> str:
    """The tracker of a promise that was kept. Raises BadCheckpoint: not this box's."""
    return checkpoint.promised_tracker(promise, session.election, session.parameters)


def _look_up(run: Run, session: SessionView) -> None:
    """After the close the registrar knows nobody: what is left are the promises kept here."""
    paths = sorted(run.keep.glob(f"{session.election.uuid}-*.promise"))
    if not paths:
        session_view.refuse_if_over(session.state)
    for path in paths:
        promise = note.parse(path.read_bytes())
        if not _counted(run, session, promise, VoterFiles(path.with_suffix(""))):
            raise Incomplete(words("cli.vote.wait_committee_later"))
        if not console.settings().json:
            console.data(tracker_of(promise, session))
    if console.settings().json:
        only = paths[0] if len(paths) == 1 else None
        tracker = tracker_of(note.parse(only.read_bytes()), session) if only else None
        _report(session, "counted", tracker, only)


def _reach(run: Run, session: SessionView, states: Collection[State], doing: str) -> State | None:
    """The state, once it is one of those wanted; None if it is not and nobody wants to wait."""
    state = session_view.wait(run.box, session, list(State), lambda: None)
    if state in states:
        return state
    session_view.refuse_if_over(state)
    if not run.patient:
        console.say(words(f"cli.vote.{doing}_later"))
        return None
    with console.progress(words(f"cli.vote.{doing}"), None) as advance:
        return session_view.wait(run.box, session, states, lambda: session_view.pause(advance))


def _credential(run: Run, session: SessionView) -> Secrets:
    """The voter's credential, registered; from an earlier run or device if there was one."""
    if run.backup_file is not None and session.parameters.policy.recovery != "phone":
        raise Refused("in this session no ballot moves to another device: leave --backup-file out")
    registrar = Registrar.login(run.box.server, session.election.uuid, run.code)
    voter.check_levels(registrar, session)
    backup_code = run.backup_code()
    left = None if backup_code is None else voter.recovered(registrar, session, backup_code)
    has_collected = left is not None or run.secrets_path.exists()
    secrets = _kept(run, session, left)
    token: bytes | None = None
    try:
        token = voter.fetch_token(registrar, session, secrets)
    except RegistrationEnded:
        # Voting is open; an earlier run, or another device, may have registered the credential.
        if not voter.registered(run.box, secrets):
            if has_collected:
                raise voter.unlisted(secrets) from None
            run.secrets_path.unlink()  # of a latecomer, who has nothing to be missed
            raise
    with console.progress(words("cli.vote.mask_now"), None):
        voter.mask(run.mask)
    if token is not None:
        voter.register(run.box, secrets, token)
    console.say(words("cli.vote.registered"))
    if run.backup_file is not None and left is None:
        _back_up(run.backup_file, registrar, session, secrets, backup_code)
    return secrets


def _kept(run: Run, session: SessionView, left: Secrets | None) -> Secrets:
    """The secrets that another device left, or an earlier run kept, else new ones; kept first."""
    phi, path = session.election.phi, run.secrets_path
    if left is None and path.exists():
        return Secrets.decode(path.read_bytes(), phi, session.issuer)
    secrets = left or Secrets.make(session.issuer, phi)
    files.write(path, secrets.encode(phi), mode=0o600)
    return secrets


def _back_up(
    path: Path, registrar: Registrar, session: SessionView, secrets: Secrets, code: str | None
) -> None:
    if code is None:
        grouped = codes.new_backup_code()
        # Before it is used: a code that is lost with this run would open nothing for anybody.
        files.write(path, f"{grouped}\n".encode(), mode=0o600)
        code = codes.parse_backup(grouped)
    voter.back_up(registrar, session, secrets, code)
    console.say(words("cli.vote.backed_up", path=path))


@dataclass(frozen=True, slots=True)
class VoterFiles:
    """The ballot and the promise of one voter.

    Attributes:
        stem: their path without its ending; it has the beginning of the credential, so that
            several voters can use one folder.
    """

    stem: Path

    @property
    def promise_path(self) -> Path:
        return self.stem.with_name(self.stem.name + ".promise")

    @property
    def ballot_path(self) -> Path:
        return self.stem.with_name(self.stem.name + ".ballot")

    @property
    def opening_path(self) -> Path:
        return self.stem.with_name(self.stem.name + ".opening")

    def keep_opening(self, digest: str) -> None:
        """Remembers SHA-256 of the opening under which this voter votes, hex.

        Raises:
            BadCheckpoint: an earlier run was shown another; the committee signs one.
        """
        if self.opening() not in (None, digest):
            raise BadCheckpoint("this voter was shown another sealed opening before")
        files.write(self.opening_path, digest.encode(), mode=0o600)

    def opening(self) -> str | None:
        return self.opening_path.read_text() if self.opening_path.exists() else None

    def promise(self, session: SessionView) -> Note | None:
        """The promise of an earlier run, verified."""
        if not self.promise_path.exists():
            return None
        promise = note.parse(self.promise_path.read_bytes())
        tracker_of(promise, session)
        return promise

    def confirmed(self, session: SessionView, secrets: Secrets) -> ballot.Ballot | None:
        """The ballot that was confirmed in an earlier run and perhaps sent."""
        if not self.ballot_path.exists():
            return None
        stored = ballot.decode(self.ballot_path.read_bytes(), session.election)
        if stored.credential != secrets.credential:
            raise Malformed(f"{self.ballot_path}: another voter's ballot")
        return stored


def _cast(
    run: Run,
    session: SessionView,
    secrets: Secrets,
    chosen: list[int | None],
    voter_files: VoterFiles,
) -> Note:
    encrypted = voter_files.confirmed(session, secrets)
    if encrypted is not None:
        console.warn(words("cli.vote.again", path=voter_files.ballot_path))
    else:
        encrypted = _fill(run, session, secrets, chosen)
        # Before it is sent: the box answers a second time only to the same bytes.
        files.write(voter_files.ballot_path, encrypted.raw, mode=0o600)
    promise = voter.cast(run.box, session, encrypted)
    files.write(voter_files.promise_path, promise.encode(), mode=0o600)
    voter_files.ballot_path.unlink()
    return promise


def _fill(
    run: Run, session: SessionView, secrets: Secrets, chosen: list[int | None]
) -> ballot.Ballot:
    """An encrypted ballot that the person has confirmed."""
    if run.test:
        tracker = voter.test_ballot(session, secrets, chosen)
        console.say(words("cli.vote.tested", tracker=tracker))
    if run.confirms:
        _review(session, chosen)
    encrypted = voter.prepare(session, secrets, chosen)
    console.say(words("cli.vote.encrypted", tracker=b64_sha256(encrypted.raw)))
    if run.confirms:
        console.confirm(words("cli.vote.send"), words("cli.vote.send_word"))
    return encrypted


def _review(session: SessionView, chosen: list[int | None]) -> None:
    """What will be sent, in words, for the person at the terminal only."""
    parameters = session.parameters
    for i, (official, choice) in enumerate(zip(parameters.officials, chosen, strict=True), 1):
        blank = words("cli.vote.blank")
        label = blank if choice is None else parameters.policy.levels[choice].label
        click.echo(f"{i:>3}. {official.question}: {label}", err=True)


def _report(
    session: SessionView, reached: str, tracker: str | None, path: Path | None = None
) -> None:
    """The command's data: the tracker alone, or a document."""
    if console.settings().json:
        console.emit_json(
            {
                "schema": SCHEMA,
                "uuid": session.election.uuid,
                "fingerprint": session.election.phi,
                "done": reached,
                "tracker": tracker,
                "promise": None if path is None else str(path),
            }
        )
    elif tracker is not None:
        console.data(tracker)
