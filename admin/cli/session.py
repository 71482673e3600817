"""`phieukin session`: from the draft to the published record."""

import asyncio
import fcntl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import click

from admin.cli import console, order, paper_session
from admin.cli.audit import checking
from admin.cli.dossiers import outlines, papers
from admin.cli.plan import plan
from admin.cli.session_draft import check, new
from admin.session import deadlines, dossiers, invite, run, seal, venues
from admin.session import draft as drafts
from admin.session import paper_session as steps
from admin.session.committee import untried
from admin.session.draft import Draft
from admin.session.house import House, definition, opened, paper_definition
from admin.session.paper_session import is_on_paper
from admin.session.papers import keep as keep_papers
from admin.session.place import Place
from admin.words import words
from crypto.checkpoint import Checkpoint
from crypto.errors import Incomplete, NotSigned, Refused, UnknownSession
from crypto.lifecycle import State, Step, after

_T = TypeVar("_T")
_PATIENCE = 120  # seconds that a running server may take to close
_POLL = 1.0  # seconds between two looks while waiting for others


@click.group("session", help=words("cli.session.help"))
def command() -> None:
    """Groups the steps of a session."""


command.add_command(new)
command.add_command(check)
command.add_command(plan)
command.add_command(outlines)
command.add_command(papers)


def place() -> Place:
    """The data directory of this run."""
    return Place.open(console.settings().data or Path())


def in_house(work: Callable[[House], Awaitable[_T]]) -> _T:
    """Runs one piece of work with both books open."""

    async def whole() -> _T:
        async with opened(place()) as house:
            return await work(house)

    return asyncio.run(whole())


@command.command("seal", help=words("cli.session.seal"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
@click.option("--wait", is_flag=True, help=words("cli.session.wait"))
def seal_command(folder: Path, wait: bool) -> None:
    """Registers the session, then goes as far as the trustees' messages allow."""
    draft = drafts.read(folder)

    async def work(house: House) -> None:
        planned = deadlines.of_draft(folder, draft.form)
        await _check_unsealed(house, draft.uuid)
        await venues.check_venues(house, draft)
        keep_papers(folder, house.place, draft.uuid)
        copied = dossiers.copy(folder, house.place, draft.uuid, len(draft.officials))
        if copied.total:
            console.say(words("cli.session.papers", number=copied.total))
        deadlines.keep(house.place, planned)
        await _register(house, draft, folder)
        if draft.on_paper:
            await paper_session.seal(house, draft)
            return
        made = await _sealed(house, draft, wait=wait)
        known = await definition(house, draft.uuid)
        console.data(words("cli.session.sealed", phi=known.election.spoken_phi))
        console.data(words("cli.session.code", code=made.short_code))

    in_house(work)


async def _check_unsealed(house: House, uuid: str) -> None:
    """Raises WrongState once it is sealed: papers are then changed by `session papers` only."""
    with suppress(UnknownSession):
        after((await house.registrar.session(uuid)).state, Step.SEAL)


async def _sealed(house: House, draft: Draft, *, wait: bool) -> Checkpoint:
    told, shown = "", set[str]()
    while True:
        try:
            proposed = await seal.propose(house, draft)
            if proposed.spoken_phi not in shown:
                shown.add(proposed.spoken_phi)
                console.say(words("cli.session.proposed", phi=proposed.spoken_phi))
            return await seal.seal(house, draft.uuid)
        except (Incomplete, NotSigned) as error:
            if not wait:
                raise
            if str(error) != told:
                told = str(error)
                console.say(told)
        await asyncio.sleep(_POLL)


async def _register(house: House, draft: Draft, folder: Path) -> None:
    """Makes the session known and hands out the codes of the roles, once.

    The terms come last: without them the codes were not all written, and are made anew.
    """
    try:
        if (await house.registrar.session(draft.uuid)).draft is not None:
            return
        begun = True
    except UnknownSession:
        await house.registrar.add_session(draft.uuid, draft.human.encode())
        begun = False
    codes = folder / "codes"
    codes.mkdir(exist_ok=True, mode=0o700)
    for owner in range(1, draft.trustees + 1):
        path = codes / f"trustee-{owner}.txt"
        if begun:
            path.unlink(missing_ok=True)
        letter = await invite.role_letter(house, draft.uuid, "trustee", owner, int(time.time()))
        invite.keep(path, letter)
    await house.registrar.update_draft(draft.uuid, draft.terms.encode(), draft.human.encode())
    if draft.trustees:
        console.say(words("cli.session.codes", folder=codes))


@command.command("show", help=words("cli.session.show"))
@click.argument("uuid")
def show(uuid: str) -> None:
    """Where the session stands: state, fingerprint, counts; never a partial result."""
    found = in_house(lambda house: _standing(house, uuid))
    if console.settings().json:
        console.emit_json(found)
        return
    if found["rehearsal"]:
        console.data(words("cli.audit.rehearsal"))
    for name in ("uuid", "state", "fingerprint", "roster", "present", "issued"):
        console.data(f"{words(f'cli.session.fields.{name}')}: {_said(name, found[name])}")
    for name in ("registered", "cast"):
        console.data(f"{words(f'cli.session.fields.{name}')}: {found[name]}")
    paper_session.show(found["paper"])


async def _standing(house: House, uuid: str) -> dict[str, object]:
    row = await house.registrar.session(uuid)
    counts = {"registered": 0, "cast": 0}
    if await run.box_state(house, uuid) is not None:
        counts = await house.box.counts(uuid)
    phi, rehearsal = None, None
    if row.election is not None:
        known = await definition(house, uuid)
        phi, rehearsal = known.election.spoken_phi, known.parameters.policy.rehearsal
    elif (alone := await paper_definition(house.registrar, uuid)) is not None:
        rehearsal = alone.policy.rehearsal
    return {
        "schema": "phieukin.session/1",
        "uuid": uuid,
        "state": str(row.state),
        "fingerprint": phi,
        "rehearsal": rehearsal,
        "roster": len(await house.registrar.roster(uuid)),
        "present": row.present,
        "issued": sum((await house.registrar.issued(uuid)).values()),
        **counts,
        "paper": await paper_session.shown(house, uuid, row.state),
    }


def _said(name: str, value: object) -> str:
    if value is None:
        return "–"
    return words(f"states.{value}") if name == "state" else str(value)


@command.command("checkin", help=words("cli.session.checkin"))
@click.argument("uuid")
def checkin(uuid: str) -> None:
    """Lets voters get tokens."""
    in_house(lambda house: run.check_in(house, uuid))
    console.say(words("cli.session.checked_in"))


@command.command("present", help=words("cli.session.present"))
@click.argument("uuid")
@click.option("--count", type=click.IntRange(0), required=True, help=words("cli.session.count"))
def present(uuid: str, count: int) -> None:
    """Enters the head count."""
    in_house(lambda house: run.set_present(house, uuid, count))
    console.say(words("cli.session.presented", count=count))


@command.command("open", help=words("cli.session.open"))
@click.argument("uuid")
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def open_command(uuid: str, yes: bool) -> None:
    """Ends registration and opens the vote; warns where nobody knows that it can be counted."""
    yes = order.confirmed(in_house(lambda house: venues.check_order(house, uuid)), uuid, yes=yes)
    if in_house(lambda house: is_on_paper(house, uuid)):
        console.sure(words("cli.paper.ask_open"), uuid, yes=yes)
        in_house(lambda house: steps.open_voting(house, uuid))
        console.data(words("cli.paper.opened"))
        return
    missing, needed = in_house(lambda house: untried(house, uuid, time.time()))
    known = in_house(lambda house: definition(house, uuid))
    if len(known.trustees.signing_keys) - len(missing) < needed:
        listed = ", ".join(str(owner) for owner in missing)
        console.warn(words("cli.session.untried", missing=listed, needed=needed))
    console.sure(words("cli.session.ask_open"), uuid, yes=yes)
    made = in_house(lambda house: run.open_voting(house, uuid))
    console.data(words("cli.session.opened", code=made.short_code))


@command.command("close", help=words("cli.session.close"))
@click.argument("uuid")
@click.option("--in", "seconds", type=click.IntRange(0, 3600), default=60, show_default=True)
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def close(uuid: str, seconds: int, yes: bool) -> None:
    """Closes the vote after a countdown; a running server finishes what it has received."""
    console.sure(words("cli.session.ask_close"), uuid, yes=yes)
    if in_house(lambda house: is_on_paper(house, uuid)):
        in_house(lambda house: steps.close(house, uuid))
        console.data(words("cli.paper.closed"))
        return

    async def work(house: House) -> str:
        if await run.box_state(house, uuid) == State.OPEN:
            await _announce(house, uuid, int(time.time()), seconds)
        with console.progress(words("cli.session.countdown"), seconds) as advance:
            for _ in range(seconds):
                await asyncio.sleep(1)
                advance(1)
        waited = 0.0
        while _served(house.place) and State.CLOSED not in await house.box.notes(uuid):
            await asyncio.sleep(_POLL)
            waited += _POLL
            if waited > _PATIENCE:
                raise Refused(words("cli.session.not_closing"))
        return (await run.close(house, uuid)).short_code

    console.data(words("cli.session.closed", code=in_house(work)))


async def _announce(house: House, uuid: str, now: int, seconds: int) -> None:
    """Sets the end; one that has passed stays, for ballots may have been refused since."""
    closes = (await house.box.session(uuid)).closes
    if closes is None or closes > now:
        await house.box.set_closing(uuid, now + seconds)


def _served(where: Place) -> bool:
    """Whether a `serve` holds the lock of this data directory."""
    if not where.lock.exists():
        return False
    with where.lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


@command.command("publish", help=words("cli.session.publish"))
@click.argument("uuid")
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def publish(uuid: str, yes: bool) -> None:
    """Opens the totals from the shares sent by the trustees, and publishes the record."""
    alone = in_house(lambda house: is_on_paper(house, uuid))
    if not alone and (out := in_house(lambda house: paper_session.uncounted(house, uuid))):
        console.warn(words("cli.paper.uncounted", issued=out))
    console.sure(words("cli.session.ask_publish"), uuid, yes=yes)
    if alone:
        paper_session.published(*in_house(lambda house: paper_session.publish(house, uuid)))
        return

    async def work(house: House) -> Path:
        with checking(None) as checks:
            await run.count_sent(house, uuid, checks)
        await run.publish(house, uuid)
        return house.place.bundle(uuid)

    console.data(words("cli.session.published", path=in_house(work)))


@command.command("cancel", help=words("cli.session.cancel"))
@click.argument("uuid")
@click.option("--reason", required=True, help=words("cli.session.reason"))
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def cancel(uuid: str, reason: str, yes: bool) -> None:
    """Ends the session without a result."""
    console.sure(words("cli.session.ask_cancel"), uuid, yes=yes)
    in_house(lambda house: run.cancel(house, uuid, reason))
    console.say(words("cli.session.cancelled"))


@command.command("fail", help=words("cli.session.fail"))
@click.argument("uuid")
@click.option("--reason", required=True, help=words("cli.session.reason"))
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def fail(uuid: str, reason: str, yes: bool) -> None:
    """Ends a closed session whose totals cannot be opened."""
    console.sure(words("cli.session.ask_fail"), uuid, yes=yes)
    in_house(lambda house: run.fail(house, uuid, reason))
    console.say(words("cli.session.has_failed", uuid=uuid))


@command.command("note", help=words("cli.session.note"))
@click.argument("uuid")
@click.argument("text")
def note(uuid: str, text: str) -> None:
    """Records an incident for the minutes."""
    in_house(lambda house: house.registrar.add_entry(uuid, text))
    console.say(words("cli.session.noted"))
