"""`phieukin trustee join`: the whole of a trustee's work on a server, one step after the other.

Each run finds out what comes next, does it, and says what comes after it; `--wait` goes on as
soon as the others have done theirs. The key file is written before anything leaves this machine.
What only people in the room can know is asked for: that all have the same agreement code, that φ
is the one on the hall screen, the closing code and the head count. A script gives them as options.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import MAX_WORKERS, audited
from admin.cli.keys import KeyFile, ready, same_code
from admin.cli.passphrase import ask, passphrase_option
from admin.cli.server import code_option, link_uuid, read_code, server_option, uuid_option
from admin.client import trustee
from admin.client.server import Box, Registrar, Server
from admin.client.session_view import archive_limit, fetch_note
from admin.client.trustee import WAITING, Next, ProposedDefinition, View
from admin.record import opening
from admin.record.audit import rewinding
from admin.voting import codes
from admin.words import words
from crypto import ceremony
from crypto.errors import BadCheckpoint, BadCode, BadDefinition
from crypto.keyfile import TrusteeState, new_seed, remember, try_share
from crypto.lifecycle import State
from crypto.session import same_fingerprint

SCHEMA = "phieukin.join/1"
_POLL = 1.0  # seconds between two looks at what the others have done
_KEY = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Answers:
    """What people in the room said, if the command line has it."""

    agreement: str | None
    fingerprint: str | None
    code: str | None
    present: int | None
    workers: int | None


@dataclass
class Desk:
    """A trustee at work: the server, the key file, and what is known of both.

    Attributes:
        login: the code with which the registrar is asked for a bearer.
    """

    server: Server
    uuid: str
    login: str = field(repr=False)
    key: Path | None
    copy: Path | None
    passphrase_file: Path | None
    answers: Answers
    registrar: Registrar | None = field(default=None, repr=False)
    state: TrusteeState | None = None
    passphrase: str = field(default="", repr=False)

    def look(self) -> View:
        """What the server shows now; a bearer that the server has forgotten is replaced."""
        if self.registrar is not None:
            try:
                return trustee.fetch(self.registrar, self.uuid)
            except BadCode:
                pass
        self.registrar = Registrar.login(self.server, self.uuid, self.login)
        return trustee.fetch(self.registrar, self.uuid)

    def put(self, kind: str, message: bytes) -> None:
        self.logged_in.put(self.uuid, kind, message)

    @property
    def logged_in(self) -> Registrar:
        if self.registrar is None:
            self.registrar = Registrar.login(self.server, self.uuid, self.login)
        return self.registrar

    def files(self, view: View) -> KeyFile:
        path = self.key or Path(f"{self.uuid}-trustee-{view.index}.key")
        return KeyFile(path, self.copy, self.passphrase_file)

    def open_key(self, view: View) -> TrusteeState | None:
        """The key as it is on the disk; None if there is no such file yet."""
        files = self.files(view)
        if self.state is None and files.path.exists():
            self.state, self.passphrase = files.open()
        return self.state

    def store(self, view: View, state: TrusteeState) -> None:
        """Writes the key file; only then is the new state the trustee's."""
        self.files(view).save(state, self.passphrase)
        self.state = state

    @property
    def opened(self) -> TrusteeState:
        if self.state is None:
            raise TypeError("a step that needs the key comes after the one that makes it")
        return self.state


@click.command("join", help=words("cli.join.help"))
@server_option
@uuid_option(required=False)
@code_option
@click.option("--key", type=_KEY, help=words("cli.join.key"))
@click.option("--copy", type=_KEY, help=words("cli.trustee.options.copy"))
@click.option("--wait", is_flag=True, help=words("cli.join.wait"))
@click.option("--agreement", metavar="CODE", help=words("cli.join.agreement"))
@click.option("--fingerprint", metavar="PHI", help=words("cli.join.fingerprint"))
@click.option("--code", metavar="CODE", help=words("cli.trustee.options.code"))
@click.option("--present", type=click.IntRange(0), help=words("cli.join.present"))
@click.option(
    "--workers", type=click.IntRange(1, MAX_WORKERS), help=words("cli.trustee.options.workers")
)
@passphrase_option
def command(
    server: str,
    uuid: str | None,
    code_file: Path,
    key: Path | None,
    copy: Path | None,
    wait: bool,
    agreement: str | None,
    fingerprint: str | None,
    code: str | None,
    present: int | None,
    workers: int | None,
    passphrase_file: Path | None,
) -> None:
    """Does what comes next, and everything after it that is possible."""
    text = read_code(code_file)
    uuid = uuid or link_uuid(text)
    answers = Answers(agreement, fingerprint, code, present, workers)
    login = codes.parse(text, uuid)
    desk = Desk(Server(server), uuid, login, key, copy, passphrase_file, answers)
    view = desk.look()
    _greet(desk, view)
    step, finished = _advance(desk, view)
    announced = None
    while wait and step in WAITING:
        if step != announced:
            _say_next(view, step)
            announced = step
        time.sleep(_POLL)
        view = desk.look()
        step, more = _advance(desk, view)
        finished += more
    if step == Next.WAIT_CLOSE:
        try_share(desk.opened)
        desk.put("checked", b"")
        console.say(words("cli.join.checked"))
    _report(desk, desk.look(), step, finished)


def _greet(desk: Desk, view: View) -> None:
    files = desk.files(view)
    console.say(words("cli.join.who", index=view.index, of=view.size, threshold=view.threshold))
    console.say(words("cli.join.key_file", path=files.path))
    if files.copy is None:
        console.warn(words("cli.trustee.no_copy"))


def _advance(desk: Desk, view: View) -> tuple[Next, list[str]]:
    """Takes every step that is possible now; what comes next, and what was done."""
    finished: list[str] = []
    while True:
        step = trustee.find_step(view, desk.open_key(view))
        work = _WORK.get(step)
        if work is None or not work(desk, view):
            return step, finished
        finished.append(str(step))
        console.say(words(f"cli.join.done_{step}"))
        view = desk.look()


# --- Steps: each says whether it was taken --------------------------------------------------


def _make_key(desk: Desk, view: View) -> bool:
    files = desk.files(view)
    ready(files.path, files.copy)
    passphrase = ask(desk.passphrase_file, new=True)
    desk.passphrase = passphrase
    if view.size == 1:
        state = TrusteeState(new_seed(), 1, 1, 1)
    else:
        state, _ = ceremony.step1(view.index, view.size, view.threshold)
    desk.store(view, state)
    return True


def _step1(desk: Desk, _view: View) -> bool:
    desk.put("step1", trustee.first_message(desk.opened))
    return True


def _step2(desk: Desk, view: View) -> bool:
    """Reveals, once people have compared what everyone committed to."""
    messages = trustee.step1s(view)
    state, message = ceremony.step2(desk.opened, messages)
    if not _agreed(desk, ceremony.agreement_code(messages)):
        return False
    desk.store(view, state)
    desk.put("step2", message.encode())
    return True


def _agreed(desk: Desk, code: str) -> bool:
    console.say(words("cli.trustee.agreement", code=code))
    if desk.answers.agreement is not None:
        if not same_code(code, desk.answers.agreement):
            raise BadCheckpoint(f"the agreement code here is {code}: not all have the same keys")
        return True
    if not sys.stdin.isatty():
        console.say(words("cli.join.compare_agreement"))
        return False
    return _typed(words("cli.join.ask_agreement"), code)


def _step3(desk: Desk, view: View) -> bool:
    state, message = ceremony.step3(desk.opened, trustee.step2s(view))
    desk.store(view, state)
    desk.put("step3", message.encode())
    return True


def _sign(desk: Desk, view: View) -> bool:
    """Signs φ, once a person has seen what it stands for."""
    proposal = trustee.proposed(view, desk.opened)
    _show(proposal)
    if not _same_phi(desk, proposal):
        return False
    desk.put("seal", trustee.sign(desk.opened, proposal).encode())
    return True


def _show(proposal: ProposedDefinition) -> None:
    parameters = proposal.parameters
    console.say(words("cli.join.session", name=proposal.election.name))
    for number, official in enumerate(parameters.officials, start=1):
        console.say(f"{number:>3}. {official.question}")
    policy = parameters.policy
    labels = ", ".join(f"{level.label} = {level.key}" for level in policy.levels)
    console.say(words("cli.join.levels", regime=policy.regime, levels=labels))
    console.say(words("cli.join.roster", size=parameters.roster_size))
    if parameters.policy.rehearsal:
        console.warn(words("cli.vote.rehearsal"))
    console.say(words("cli.vote.fingerprint", phi=proposal.election.spoken_phi))


def _same_phi(desk: Desk, proposal: ProposedDefinition) -> bool:
    election = proposal.election
    if desk.answers.fingerprint is not None:
        if not same_fingerprint(election.phi, desk.answers.fingerprint):
            raise BadDefinition(f"φ is {election.spoken_phi}, not the one you gave")
        return True
    if not sys.stdin.isatty():
        console.say(words("cli.join.compare_phi"))
        return False
    return _typed(words("cli.join.ask_phi"), election.spoken_phi)


def _typed(question: str, code: str) -> bool:
    """A person types the first group of a code that all compare. Raises click.Abort if not."""
    if not same_code(code.split("-", maxsplit=1)[0], str(click.prompt(question, err=True))):
        raise click.Abort
    return True


def _share(desk: Desk, view: View) -> bool:
    """Audits the archive, compares what the room knows, remembers, and only then decrypts."""
    key, registrar = desk.opened, desk.logged_in
    limit = archive_limit(Box(desk.server, view.uuid))
    with tempfile.TemporaryFile(prefix="phieukin-") as file:
        registrar.record(view.uuid, file, limit)
        closed = audited(file, desk.answers.workers)
    owner = trustee.check_closed(closed, view, key)
    code, present = _counted(desk)
    if code is None or present is None:
        console.say(words("cli.join.needs_counts"))
        return False
    if not same_code(closed.checkpoint.short_code, code):
        raise BadCheckpoint("the code on the hall screen is not that of this archive")
    opening = fetch_note(Box(desk.server, view.uuid), State.OPEN)
    trustee.check_present(closed, opening, present)
    election, total = closed.setup.election, closed.cast.tally
    state = remember(key, election.phi, closed.checkpoint.short_code, total.digest)
    desk.store(view, state)
    desk.put("share", trustee.share(closed, owner, state))
    return True


def _resend(desk: Desk, view: View) -> bool:
    """Sends the share anew if that which the server shows is wrong (docs/protocol.md §7.2)."""
    own = {view.index: view.own("share") or b""}
    limit = archive_limit(Box(desk.server, view.uuid))
    with tempfile.TemporaryFile(prefix="phieukin-") as file:
        desk.logged_in.record(view.uuid, file, limit)
        wrong = opening.find_wrong(rewinding(file), opening.of_messages(own))
    if not wrong:
        return False
    console.warn(words("cli.join.wrong_share", why=wrong[0].error))
    return _share(desk, view)


def _counted(desk: Desk) -> tuple[str | None, int | None]:
    """The closing code and the head count, from the options or the person at the terminal."""
    code, present = desk.answers.code, desk.answers.present
    if sys.stdin.isatty():
        code = code or str(click.prompt(words("cli.trustee.ask_code"), err=True))
        if present is None:
            present = click.prompt(words("cli.join.ask_present"), type=click.IntRange(0), err=True)
    return code, present


_WORK: dict[Next, Callable[[Desk, View], bool]] = {
    Next.MAKE_KEY: _make_key,
    Next.STEP1: _step1,
    Next.STEP2: _step2,
    Next.STEP3: _step3,
    Next.SIGN: _sign,
    Next.SHARE: _share,
    Next.WAIT_SHARES: _resend,
}


# --- What is told -------------------------------------------------------------------------


def _say_next(view: View, step: Next) -> None:
    kind = {Next.WAIT_STEP1: "step1", Next.WAIT_STEP2: "step2", Next.WAIT_PROPOSAL: "step3"}
    kind |= {Next.WAIT_SEAL: "seal", Next.WAIT_SHARES: "share"}
    missing = ", ".join(map(str, view.missing(kind[step]))) if step in kind else ""
    console.say(words(f"cli.join.next_{step}", missing=missing or "–", state=view.state))


def _report(desk: Desk, view: View, step: Next, finished: list[str]) -> None:
    _say_next(view, step)
    if not console.settings().json:
        return
    agreement = phi = None
    if step == Next.STEP2:
        agreement = ceremony.agreement_code(trustee.step1s(view))
    if step in {Next.SIGN, Next.WAIT_SEAL}:
        phi = trustee.proposed(view, desk.opened).election.spoken_phi
    console.emit_json(
        {
            "schema": SCHEMA,
            "uuid": view.uuid,
            "index": view.index,
            "of": view.size,
            "threshold": view.threshold,
            "state": str(view.state),
            "done": finished,
            "next": str(step),
            "missing": {kind: view.missing(kind) for kind in trustee.KINDS},
            "agreement": agreement,
            "fingerprint": phi,
        }
    )
