"""`phieukin session`: from the draft to the published record."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import click

from admin.cli import console, order, paper_session
from admin.cli.audit import checking
from admin.cli.books import with_books
from admin.cli.dossiers import outlines, papers
from admin.cli.plan import plan
from admin.cli.session_draft import check, new
from admin.lifecycle import order as venues
from admin.lifecycle import seal, steps
from admin.lifecycle.steps import Act, Reason, Request
from admin.office import dossiers
from admin.office import plan as deadlines
from admin.office.minutes import keep as keep_papers
from admin.prepare import draft as drafts
from admin.prepare.draft import Draft
from admin.session.books import Books
from admin.session.session import Session
from admin.voting import invite
from admin.words import words
from crypto.checkpoint import Checkpoint
from crypto.errors import Incomplete, NotSigned, Refused, UnknownSession
from crypto.lifecycle import Step, after

_POLL = 1.0  # seconds between two looks while waiting for others


@click.group("session", help=words("cli.session.help"))
def command() -> None:
    """Groups the steps of a session."""


command.add_command(new)
command.add_command(check)
command.add_command(plan)
command.add_command(outlines)
command.add_command(papers)


@command.command("seal", help=words("cli.session.seal"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
@click.option("--wait", is_flag=True, help=words("cli.session.wait"))
def seal_command(folder: Path, wait: bool) -> None:
    """Registers the session, then goes as far as the trustees' messages allow."""
    draft = drafts.read(folder)

    async def work(books: Books) -> None:
        planned = deadlines.of_draft(folder, draft.form)
        await _check_unsealed(books, draft.uuid)
        await venues.check_venues(books.registrar, draft)
        keep_papers(folder, books.datadir, draft.uuid)
        copied = dossiers.copy(folder, books.datadir, draft.uuid, len(draft.officials))
        if copied.total:
            console.say(words("cli.session.papers", number=copied.total))
        deadlines.keep(books.datadir, planned)
        await _register(books, draft, folder)
        if draft.on_paper:
            await paper_session.seal(books.registrar, draft)
            return
        made = await _sealed(books, draft, wait=wait)
        election = (await books.session(draft.uuid)).electronic.election
        console.data(words("cli.session.sealed", phi=election.spoken_phi))
        console.data(words("cli.session.code", code=made.short_code))

    with_books(work)


async def _check_unsealed(books: Books, uuid: str) -> None:
    """Raises WrongState once it is sealed: papers are then changed by `session papers` only."""
    with suppress(UnknownSession):
        after((await books.registrar.session(uuid)).state, Step.SEAL)


async def _sealed(books: Books, draft: Draft, *, wait: bool) -> Checkpoint:
    told, shown = "", set[str]()
    while True:
        try:
            proposed = await seal.propose(books, draft)
            if proposed.spoken_phi not in shown:
                shown.add(proposed.spoken_phi)
                console.say(words("cli.session.proposed", phi=proposed.spoken_phi))
            return await seal.seal(books, draft.uuid)
        except (Incomplete, NotSigned) as error:
            if not wait:
                raise
            if str(error) != told:
                told = str(error)
                console.say(told)
        await asyncio.sleep(_POLL)


async def _register(books: Books, draft: Draft, folder: Path) -> None:
    """Makes the session known and hands out the codes of the roles, once.

    The terms come last: without them the codes were not all written, and are made anew.
    """
    try:
        if (await books.registrar.session(draft.uuid)).terms is not None:
            return
        begun = True
    except UnknownSession:
        await books.registrar.add_session(draft.uuid, draft.human.encode())
        begun = False
    codes = folder / "codes"
    codes.mkdir(exist_ok=True, mode=0o700)
    for owner in range(1, draft.trustees + 1):
        path = codes / f"trustee-{owner}.txt"
        if begun:
            path.unlink(missing_ok=True)
        letter = await invite.role_letter(books, draft.uuid, "trustee", owner, int(time.time()))
        invite.keep(path, letter)
    await books.registrar.update_draft(draft.uuid, draft.terms.encode(), draft.human.encode())
    if draft.trustees:
        console.say(words("cli.session.codes", folder=codes))


@command.command("show", help=words("cli.session.show"))
@click.argument("uuid")
def show(uuid: str) -> None:
    """Where the session stands: state, fingerprint, counts; never a partial result."""
    found = with_books(lambda books: _standing(books, uuid))
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


async def _standing(books: Books, uuid: str) -> dict[str, object]:
    session = await books.session(uuid)
    counts = {"registered": 0, "cast": 0}
    if session.definition is not None and not session.on_paper:
        counts = await books.box.counts(uuid)
    sealed = session.definition is not None
    return {
        "schema": "phieukin.session/1",
        "uuid": uuid,
        "state": str(session.state),
        "fingerprint": session.electronic.election.spoken_phi
        if sealed and not session.on_paper
        else None,
        "rehearsal": session.policy.rehearsal if sealed else None,
        "roster": len(await books.registrar.roster(uuid)),
        "present": session.present,
        "issued": sum((await books.registrar.issued(uuid)).values()),
        **counts,
        "paper": await paper_session.shown(books, uuid, session.state),
    }


def _said(name: str, value: object) -> str:
    if value is None:
        return "–"
    return words(f"states.{value}") if name == "state" else str(value)


@command.command("checkin", help=words("cli.session.checkin"))
@click.argument("uuid")
def checkin(uuid: str) -> None:
    """Lets voters get tokens."""
    with_books(lambda books: steps.check_in(books, uuid))
    console.say(words("cli.session.checked_in"))


@command.command("present", help=words("cli.session.present"))
@click.argument("uuid")
@click.option("--count", type=click.IntRange(0), required=True, help=words("cli.session.count"))
def present(uuid: str, count: int) -> None:
    """Enters the head count."""
    with_books(lambda books: steps.set_present(books, uuid, count))
    console.say(words("cli.session.presented", count=count))


def _reasons(uuid: str, act: Act) -> tuple[Session, dict[str, Reason]]:
    """The session, and what stands against a step, by code."""

    async def work(books: Books) -> tuple[Session, dict[str, Reason]]:
        session = await books.session(uuid)
        reasons = await steps.reasons(books, session, Request(act))
        return session, {reason.code: reason for reason in reasons}

    return with_books(work)


@command.command("open", help=words("cli.session.open"))
@click.argument("uuid")
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def open_command(uuid: str, yes: bool) -> None:
    """Ends registration and opens the vote; warns where nobody knows that it can be counted."""
    session, reasons = _reasons(uuid, Act.OPEN)
    for reason in reasons.values():
        if reason.error is not None:
            raise reason.error
    yes = order.confirmed(reasons, uuid, yes=yes)
    if "untried" in reasons:
        console.warn(words("cli.session.untried", **reasons["untried"].facts))
    question = "cli.paper.ask_open" if session.on_paper else "cli.session.ask_open"
    console.sure(words(question), uuid, yes=yes)
    opening = with_books(lambda books: steps.open_voting(books, uuid))
    if opening is None:
        console.data(words("cli.paper.opened"))
    else:
        console.data(words("cli.session.opened", code=opening.short_code))


@command.command("close", help=words("cli.session.close"))
@click.argument("uuid")
@click.option("--in", "seconds", type=click.IntRange(0, 3600), default=60, show_default=True)
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def close(uuid: str, seconds: int, yes: bool) -> None:
    """Closes the vote after a countdown; a running server finishes what it has received."""
    console.sure(words("cli.session.ask_close"), uuid, yes=yes)

    async def work(books: Books) -> Checkpoint | None:
        now = int(time.time())
        closes = await steps.announce_close(books, uuid, now, seconds)
        rest = 0 if closes is None else max(0, closes - now)
        with console.progress(words("cli.session.countdown"), rest) as advance:
            for _ in range(rest):
                await asyncio.sleep(1)
                advance(1)
        try:
            return await steps.finish_close(books, uuid)
        except TimeoutError:
            raise Refused(words("cli.session.not_closing")) from None

    closing = with_books(work)
    if closing is None:
        console.data(words("cli.paper.closed"))
    else:
        console.data(words("cli.session.closed", code=closing.short_code))


@command.command("publish", help=words("cli.session.publish"))
@click.argument("uuid")
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def publish(uuid: str, yes: bool) -> None:
    """Opens the totals from the shares sent by the trustees, and publishes the record."""
    session, reasons = _reasons(uuid, Act.PUBLISH)
    if "uncounted" in reasons:
        console.warn(words("cli.paper.uncounted", **reasons["uncounted"].facts))
    console.sure(words("cli.session.ask_publish"), uuid, yes=yes)
    path = with_books(lambda books: steps.publish(books, uuid, lambda: checking(None)))
    if session.on_paper:
        paper_session.published(path)
    else:
        console.data(words("cli.session.published", path=path))


@command.command("cancel", help=words("cli.session.cancel"))
@click.argument("uuid")
@click.option("--reason", required=True, help=words("cli.session.reason"))
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def cancel(uuid: str, reason: str, yes: bool) -> None:
    """Ends the session without a result."""
    console.sure(words("cli.session.ask_cancel"), uuid, yes=yes)
    with_books(lambda books: steps.cancel(books, uuid, reason))
    console.say(words("cli.session.cancelled"))


@command.command("fail", help=words("cli.session.fail"))
@click.argument("uuid")
@click.option("--reason", required=True, help=words("cli.session.reason"))
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def fail(uuid: str, reason: str, yes: bool) -> None:
    """Ends a closed session whose totals cannot be opened."""
    console.sure(words("cli.session.ask_fail"), uuid, yes=yes)
    with_books(lambda books: steps.fail(books, uuid, reason))
    console.say(words("cli.session.has_failed", uuid=uuid))


@command.command("note", help=words("cli.session.note"))
@click.argument("uuid")
@click.argument("text")
def note(uuid: str, text: str) -> None:
    """Records an incident for the minutes."""
    with_books(lambda books: steps.note(books, uuid, text))
    console.say(words("cli.session.noted"))
