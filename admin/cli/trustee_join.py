"""`phieukin trustee join`: the whole of a trustee's work on a server, one step after the other.

Each run finds out what comes next, does it, and says what comes after it; `--wait` goes on as
soon as the others have done theirs. The key file is written before anything leaves this machine.
What only people in the room can know is asked for, or given as options (room.py); without either
the step waits. The ceremony is here, the day of the meeting in trustee_day.py.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from admin.cli import console, room
from admin.cli.audit import MAX_WORKERS
from admin.cli.keys import ready
from admin.cli.passphrase import ask, passphrase_option
from admin.cli.room import Answers, TypedCode
from admin.cli.server import code_option, link_uuid, read_code, server_option, uuid_option
from admin.cli.trustee_day import AT_REST, WORK, Work
from admin.cli.trustee_desk import Desk
from admin.client import trustee
from admin.client.server import Server
from admin.client.trustee import WAITING, Next, View
from admin.voting import codes
from admin.words import words
from crypto import ceremony
from crypto.committee import Moment
from crypto.keyfile import TrusteeState, new_seed

SCHEMA = "phieukin.join/1"
_POLL = 1.0  # seconds between two looks at what the others have done
_CODES: Final = ("agreement", "session", "opening", "closing")
_KEY = click.Path(dir_okay=False, path_type=Path)


@click.command("join", help=words("cli.join.help"))
@server_option
@uuid_option(required=False)
@code_option
@click.option("--key", type=_KEY, help=words("cli.join.key"))
@click.option("--copy", type=_KEY, help=words("cli.trustee.options.copy"))
@click.option("--wait", is_flag=True, help=words("cli.join.wait"))
@click.option("--agreement", metavar="CODE", type=TypedCode(), help=words("cli.join.agreement"))
@click.option(
    "--fingerprint", metavar="CODE", type=TypedCode(phi=True), help=words("cli.join.fingerprint")
)
@click.option(
    "--opening-code", metavar="CODE", type=TypedCode(), help=words("cli.join.opening_code")
)
@click.option("--code", metavar="CODE", type=TypedCode(), help=words("cli.trustee.options.code"))
@click.option("--present", type=click.IntRange(0), help=words("cli.join.present"))
@click.option("--settled", is_flag=True, help=words("cli.join.settled"))
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
    opening_code: str | None,
    code: str | None,
    present: int | None,
    settled: bool,
    workers: int | None,
    passphrase_file: Path | None,
) -> None:
    """Does what comes next, and everything after it that is possible."""
    text = read_code(code_file)
    uuid = uuid or link_uuid(text)
    answers = Answers(agreement, fingerprint, opening_code, code, present, settled=settled)
    login = codes.parse(text, uuid)
    desk = Desk(Server(server), uuid, login, key, copy, passphrase_file, answers, workers)
    view = desk.look()
    _greet(desk, view)
    finished: list[str] = []
    step = _advance(desk, view, finished)
    announced = ""
    while wait and step in WAITING:
        announced = _announce(desk.look(), step, announced)
        room.rest(_POLL)
        step = _advance(desk, desk.look(), finished)
    _report(desk, desk.look(), step, finished)


def _greet(desk: Desk, view: View) -> None:
    files = desk.files(view)
    console.say(words("cli.join.who", index=view.index, of=view.size, threshold=view.threshold))
    console.say(words("cli.join.key_file", path=files.path))
    if files.copy is None:
        console.warn(words("cli.trustee.no_copy"))


def _advance(desk: Desk, view: View, finished: list[str]) -> Next:
    """Takes every step that is possible now, and notes it; what comes next."""
    while True:
        step = trustee.find_step(view, desk.open_key(view), room.now())
        if step in AT_REST:
            AT_REST[step](desk, view)
        work = _WORK.get(step)
        stopped = step if work is None else work(desk, view)
        if stopped is not None:
            return stopped
        finished.append(str(step))
        console.say(words(f"cli.join.done_{step}"))
        view = desk.look()


# --- The ceremony ---------------------------------------------------------------------------


def _make_key(desk: Desk, view: View) -> Next | None:
    files = desk.files(view)
    ready(files.path, files.copy)
    passphrase = ask(desk.passphrase_file, new=True)
    if view.size == 1:
        state = TrusteeState(new_seed(), 1, 1, 1)
    else:
        state, _ = ceremony.step1(view.index, view.size, view.threshold)
    desk.key = files.make(state, passphrase)
    return None


def _step1(desk: Desk, view: View) -> Next | None:
    desk.refuse_restored(view)
    desk.put("step1", trustee.first_message(desk.state))
    return None


def _step2(desk: Desk, view: View) -> Next | None:
    """Reveals, once people have compared what everyone committed to."""
    desk.refuse_restored(view)
    messages = trustee.step1s(view)
    state, message = ceremony.step2(desk.state, messages)
    if not desk.compare("agreement", ceremony.agreement_code(messages), desk.answers.agreement):
        console.say(words("cli.join.compare_agreement"))
        return Next.STEP2
    desk.store(view, state)
    desk.put("step2", message.encode())
    return None


def _step3(desk: Desk, view: View) -> Next | None:
    desk.refuse_restored(view)
    state, message = ceremony.step3(desk.state, trustee.step2s(view))
    desk.store(view, state)
    desk.put("step3", message.encode())
    return None


_WORK: Final[Mapping[Next, Work]] = {
    Next.MAKE_KEY: _make_key,
    Next.STEP1: _step1,
    Next.STEP2: _step2,
    Next.STEP3: _step3,
    **WORK,
}


# --- What is told -------------------------------------------------------------------------

_MOMENT: Final = {
    Next.WAIT_SEAL: Moment.DEFINITION,
    Next.WAIT_OPENED: Moment.OPENING,
    Next.WAIT_CLOSED: Moment.CLOSING,
}
_KIND: Final = {
    Next.WAIT_STEP1: "step1",
    Next.WAIT_STEP2: "step2",
    Next.WAIT_PROPOSAL: "step3",
    Next.WAIT_SEAL: "seal",
    Next.WAIT_SHARES: "share",
}


# What these wait for may be there already from every trustee.
_OF_ALL: Final = {Next.WAIT_PROPOSAL, Next.WAIT_SEAL, Next.WAIT_SHARES}


def _announce(view: View, step: Next, announced: str) -> str:
    """Says what is waited for, when it has changed."""
    text = _next_words(view, step)
    if text != announced:
        console.say(text)
    return text


def _next_words(view: View, step: Next) -> str:
    missing = ", ".join(map(str, view.missing(_KIND[step]))) if step in _KIND else ""
    waiting = _waiting(view, step) or {}
    facts = {"missing": missing, "state": words(f"states.{view.state}"), **waiting}
    everyone = "_all" if step in _OF_ALL and not missing else ""
    return words(f"cli.join.next_{step}{everyone}", **facts)


def _waiting(view: View, step: Next) -> dict[str, object] | None:
    """For how many signatures this trustee waits with all others."""
    moment = _MOMENT.get(step)
    if moment is None:
        return None
    needed = view.size if moment is Moment.DEFINITION else view.quorum
    signed = min(view.signed(moment), needed)
    return {"moment": str(moment), "signed": signed, "needed": needed, "size": view.size}


def _report(desk: Desk, view: View, step: Next, finished: list[str]) -> None:
    console.say(_next_words(view, step))
    if not console.settings().json:
        return
    phi = None
    if step in {Next.SIGN, Next.WAIT_SEAL}:
        phi = trustee.proposed(view, desk.state).election.phi
    console.emit_json(
        {
            "schema": SCHEMA,
            "uuid": view.uuid,
            "index": view.index,
            "of": view.size,
            "threshold": view.threshold,
            "quorum": view.quorum,
            "state": str(view.state),
            "done": finished,
            "next": str(step),
            "missing": {kind: view.missing(kind) for kind in trustee.KINDS},
            "waiting": _waiting(view, step),
            "restored": desk.key is not None and desk.key.restored,
            "phi": phi,
            "codes": {kind: desk.codes.get(kind) for kind in _CODES},
        }
    )
