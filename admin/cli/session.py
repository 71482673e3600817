"""`phieukin session`: from the draft to the published record."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click

from admin.cli import console
from admin.cli.audit import checking
from admin.cli.books import on_session, with_books
from admin.cli.dossiers import outlines, papers
from admin.cli.plan import plan
from admin.cli.session_carried import export, take
from admin.cli.session_draft import check, new
from admin.cli.table import results_table
from admin.details import localized
from admin.lifecycle import on_paper, seal, shares, signing, steps
from admin.lifecycle.steps import Act, Reason, Request
from admin.office import registration
from admin.paper import ballots
from admin.prepare import draft as drafts
from admin.prepare import template
from admin.prepare.draft import Draft
from admin.rules.compute import Results
from admin.session.books import Books
from admin.session.session import Session
from admin.words import language, words
from crypto.checkpoint import Checkpoint
from crypto.errors import Incomplete, NotSigned, Refused
from crypto.lifecycle import State, public
from storage.registrar.book import RegistrarBook

_FIELDS = (
    *("uuid", "state", "code", "fingerprint", "roster", "present", "issued"),
    *("registered", "cast", "opening_code", "closing_code"),
)
_ON_PAPER = ("uuid", "state", "roster", "present")  # nothing else can be known there
_POLL = 1.0  # seconds between two looks while waiting for others


@click.group("session", help=words("cli.session.help"))
def command() -> None:
    """Groups the steps of a session."""


command.add_command(new)
command.add_command(check)
command.add_command(plan)
command.add_command(outlines)
command.add_command(papers)
command.add_command(export)
command.add_command(take)


@command.command("seal", help=words("cli.session.seal"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))
@click.option("--wait", is_flag=True, help=words("cli.session.wait"))
def seal_command(folder: Path, wait: bool) -> None:
    """Registers the session, then goes as far as the trustees' messages allow."""
    draft = drafts.read(folder)
    samples = template.samples(draft)
    if samples and not draft.form.rehearsal:  # a rehearsal may well be held with people of a sample
        raise drafts.refusal(samples, language())

    async def work(books: Books) -> None:
        book, datadir = books.registrar, books.datadir
        dossier_files = await registration.take_over(book, datadir, draft, folder)
        if dossier_files:
            console.say(words("cli.session.papers", number=dossier_files))
        now, settings = int(time.time()), datadir.settings
        registered = await registration.register(book, settings, draft, folder, now)
        if registered and draft.trustees:
            console.say(words("cli.session.codes", folder=folder / registration.CODES))
        if draft.on_paper:  # nobody's key or signature is waited for
            await on_paper.seal(books, draft)
            console.data(words("cli.paper.sealed"))
            return
        await _sealed(books, draft, wait=wait)
        code = (await books.session(draft.uuid)).code
        console.data(words("cli.session.sealed", code=code))

    with_books(work)


async def _sealed(books: Books, draft: Draft, *, wait: bool) -> None:
    """Proposes and seals, as often as something is missing and may be waited for."""
    announced = set[str]()

    def announce(text: str) -> None:
        if text not in announced:
            announced.add(text)
            console.say(text)

    while True:
        try:
            await seal.propose(books, draft)
            announce(words("cli.session.proposed"))
            await seal.seal(books, draft.uuid)
        except (Incomplete, NotSigned):
            await _announce_missing(books.registrar, draft, announce)
            if not wait:
                raise
        else:
            return
        await asyncio.sleep(_POLL)


async def _announce_missing(
    book: RegistrarBook, draft: Draft, announce: Callable[[str], None]
) -> None:
    """Whose message of the first unfinished step the seal waits for."""
    missing = await seal.missing_messages(book, draft.uuid, draft.trustees)
    for kind, owners in missing.items():
        if owners:
            trustees = ", ".join(map(str, owners))
            announce(words(f"cli.session.missing.{kind}", trustees=trustees))
            return


@command.command("show", help=words("cli.session.show"))
@on_session
async def show(books: Books, session: Session) -> None:
    """Where the session stands: state, fingerprint, counts; never a partial result."""
    uuid, counts = session.uuid, {"registered": 0, "cast": 0}
    fingerprint = rehearsal = None
    if session.definition is not None:
        rehearsal = session.policy.rehearsal
        if not session.on_paper:
            counts = await books.box.counts(uuid)
            fingerprint = session.electronic.election.phi
    waiting = await signing.awaited(books.registrar, session)
    document: dict[str, object] = {
        "schema": "phieukin.session/1",
        "uuid": uuid,
        "state": str(public(session.state)),
        "fingerprint": fingerprint,
        "code": session.code or None,
        **await _codes(books, session),
        "waiting": None if waiting is None else asdict(waiting),
        "rehearsal": rehearsal,
        "roster": len(await books.registrar.roster(uuid)),
        "present": session.present,
        "issued": sum((await books.registrar.issued(uuid)).values()),
        **counts,
    }
    paper = await _paper(books, session)
    wrong = await _wrong_shares(books, session)
    document |= {"wrong_shares": wrong, "paper": paper}
    fields = _ON_PAPER if session.on_paper else _FIELDS
    console.result(document, lambda: _show(document, fields, paper or {}))


async def _codes(books: Books, session: Session) -> dict[str, str | None]:
    """The codes of the opening and the closing, for the hall; null until the committee signed."""
    book, electronic = books.registrar, not session.on_paper and session.code
    return {
        f"{moment}_code": (electronic and await signing.committee_code(book, session, state))
        or None
        for moment, state in signing.NOTE_OF.items()
    }


async def _wrong_shares(books: Books, session: Session) -> list[dict[str, object]]:
    """Shares that were sent and will not be used, with a warning that names their trustees."""
    if session.state != State.CLOSED or session.on_paper:
        return []
    wrong = await shares.find_wrong(books.registrar, books.datadir, session.uuid)
    for share in wrong:
        console.warn(
            words("cli.session.wrong_shares", owners=share.owner, why=localized(str(share.error)))
        )
    return [{"trustee": share.owner, "why": str(share.error)} for share in wrong]


async def _paper(books: Books, session: Session) -> dict[str, int] | None:
    """The paper ballots that are out, with a warning where they are too few; None without paper."""
    if not session.takes_paper:
        return None
    count = await ballots.count(books.registrar, session)
    if 0 < count.issued < session.policy.min_ballots:
        least = session.policy.min_ballots
        console.warn(words("cli.paper.few", issued=count.issued, least=least))
    return {"issued": count.issued, "late": count.late}


def _show(document: dict[str, object], fields: Sequence[str], paper: dict[str, int]) -> None:
    if document["rehearsal"]:
        console.data(words("cli.audit.rehearsal"))
    sealing = isinstance(document["waiting"], dict) and document["state"] == State.CHECKIN
    state = State.OPENING if sealing else document["state"]
    shown_as = {"state": words(f"states.{state}")}
    for name in fields:
        value = shown_as.get(name, document[name])
        console.data(f"{words(f'cli.session.fields.{name}')}: {'–' if value is None else value}")
    for name, number in paper.items():
        console.data(f"{words(f'cli.paper.fields.{name}')}: {number}")
    if isinstance(document["waiting"], dict):
        console.data(awaited_words(document["waiting"]))


def awaited_words(waiting: Mapping[str, object]) -> str:
    """For whose signatures everybody waits."""
    return words(f"cli.session.waiting.{waiting['moment']}", **waiting)


@command.command("checkin", help=words("cli.session.checkin"))
@on_session
async def checkin(books: Books, session: Session) -> None:
    """Lets voters get tokens."""
    await steps.check_in(books, session.uuid)
    console.say(words("cli.session.checked_in"))


@command.command("present", help=words("cli.session.present"))
@on_session
@click.option("--count", type=click.IntRange(0), required=True, help=words("cli.session.count"))
async def present(books: Books, session: Session, count: int) -> None:
    """Enters the head count."""
    await steps.set_present(books, session.uuid, count)
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
@click.option("--wait", is_flag=True, help=words("cli.session.wait_committee"))
def open_command(uuid: str, yes: bool, wait: bool) -> None:
    """Ends registration and has the box sealed; warns where nobody knows that it can be counted."""
    session, reasons = _reasons(uuid, Act.OPEN)
    if wait and session.state == State.OPENING:  # waiting was interrupted
        console.data(words("cli.session.opened", code=_await_committee(uuid, State.OPEN)))
        return
    for reason in reasons.values():
        if reason.error is not None:
            raise reason.error
    yes = _confirmed_order(reasons, uuid, yes=yes)
    for code in ("few_credentials", "untried"):
        if code in reasons:
            console.warn(words(f"cli.session.{code}", **reasons[code].facts))
    question = "cli.paper.ask_open" if session.on_paper else "cli.session.ask_open"
    console.sure(words(question), uuid, yes=yes)
    opening = with_books(lambda books: steps.open_voting(books, uuid))
    if opening is None:
        console.data(words("cli.paper.opened"))
    elif wait:
        console.data(words("cli.session.opened", code=_await_committee(uuid, State.OPEN)))
    else:
        registered, number = opening.count("registered"), opening.count("present")
        console.data(words("cli.session.to_seal", registered=registered, present=number))


@command.command("resume", help=words("cli.session.resume"))
@on_session
async def resume(books: Books, session: Session) -> None:
    """Registration goes on, before any trustee has signed the opening."""
    await steps.resume(books, session.uuid)
    console.say(words("cli.session.resumed"))


def _await_committee(uuid: str, state: State) -> str:
    """Waits until the committee has signed the opening or the closing; the code to compare."""
    announced = set[str]()

    async def work(books: Books) -> str:
        while True:
            with suppress(Refused):  # a server of both books does the same, and was first
                await steps.gather(books, uuid)
            session = await books.session(uuid)
            waiting = await signing.awaited(books.registrar, session)
            if waiting is None:
                return await signing.committee_code(books.registrar, session, state)
            text = awaited_words(asdict(waiting))
            if text not in announced:
                announced.add(text)
                console.say(text)
            await asyncio.sleep(_POLL)

    return with_books(work)


def _confirmed_order(reasons: Mapping[str, Reason], uuid: str, *, yes: bool) -> bool:
    """Says what nobody here can know of the session before; whether a person has answered for it.

    Raises:
        click.UsageError: nobody is there to answer, and nobody has before.
        click.Abort: the answer is no.
    """
    for kind in ("unknown", "cancelled"):
        if (reason := reasons.get(f"before_{kind}")) is not None:
            console.warn(words(f"cli.order.{kind}", **reason.facts))
            if not yes:
                console.confirm(words("cli.order.ask"), uuid)
            return True
    return yes


@command.command("close", help=words("cli.session.close"))
@click.argument("uuid")
@click.option("--in", "seconds", type=click.IntRange(0, 3600), default=60, show_default=True)
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
@click.option("--wait", is_flag=True, help=words("cli.session.wait_committee"))
def close(uuid: str, seconds: int, yes: bool, wait: bool) -> None:
    """Closes the vote after a countdown; a running server finishes what it has received."""
    console.sure(words("cli.session.ask_close"), uuid, yes=yes)

    async def work(books: Books) -> Checkpoint | None:
        now = int(time.time())
        closes = await steps.announce_close(books, uuid, now, seconds)
        left = 0 if closes is None else max(0, closes - now)
        with console.progress(words("cli.session.countdown"), left) as advance:
            for _ in range(left):
                await asyncio.sleep(1)
                advance(1)
        try:
            return await steps.finish_close(books, uuid)
        except TimeoutError:
            raise Refused(words("cli.session.not_closing")) from None

    closing = with_books(work)
    if closing is None:
        console.data(words("cli.paper.closed"))
    elif wait:
        console.data(words("cli.session.closed", code=_await_committee(uuid, State.CLOSED)))
    else:
        console.data(words("cli.session.to_sign", cast=closing.count("cast")))


@command.command("publish", help=words("cli.session.publish"))
@click.argument("uuid")
@click.option("--yes", is_flag=True, help=words("cli.session.yes"))
def publish(uuid: str, yes: bool) -> None:
    """Opens the totals from the shares sent by the trustees, and publishes the record."""
    session, reasons = _reasons(uuid, Act.PUBLISH)
    if "uncounted" in reasons:
        console.warn(words("cli.paper.uncounted", **reasons["uncounted"].facts))
    if "wrong_shares" in reasons:
        console.warn(words("cli.session.wrong_shares", **reasons["wrong_shares"].facts))
    console.sure(words("cli.session.ask_publish"), uuid, yes=yes)
    path = with_books(lambda books: steps.publish(books, uuid, lambda: checking(None)))
    if session.on_paper:
        results: Results = json.loads(path.read_bytes())
        console.result(results, lambda: _show_results(results, session, path))
    else:
        console.data(words("cli.session.published", path=path))


def _show_results(results: Results, session: Session, path: Path) -> None:
    console.show(results_table(results, session.regime))
    console.data(words("cli.paper.published", path=path))


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
@on_session
@click.argument("text")
async def note(books: Books, session: Session, text: str) -> None:
    """Records an incident for the minutes."""
    await steps.note(books, session.uuid, text)
    console.say(words("cli.session.noted"))
