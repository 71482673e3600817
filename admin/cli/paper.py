"""`phieukin paper`: printing, giving out and counting paper ballots."""

import re
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from admin.cli import console, paper_keys
from admin.cli.books import datadir, on_session, with_books, with_session
from admin.documents import ballots as printed
from admin.documents.ballots import MOST_COPIES, BallotHead, BlockBallot
from admin.documents.facts import MeetingFacts
from admin.documents.minutes import style_of
from admin.documents.wording import of_body
from admin.office import meeting_facts
from admin.paper import ballots as paper
from admin.paper import sums
from admin.paper.entry import forget
from admin.paper.sums import BadPaper, BallotForm, PaperSums, piles
from admin.prepare import draft as drafts
from admin.record import files
from admin.record.session_file import SessionFile
from admin.rules import counts, zones
from admin.rules.regime import Regime
from admin.session import lookup
from admin.session.books import Books
from admin.session.session import Session
from admin.words import LANGUAGES, Language, language, words
from crypto.lifecycle import COUNTED, State
from storage.rows import PAPER, PaperEntry, Person

if TYPE_CHECKING:
    from admin.rules.cells import Problem

_NUMBERS = re.compile(r"(?:([1-9][0-9]?)=)?([0-9]{1,7})", re.ASCII)
_SHOWN_HASH = 16  # characters of a SHA-256 in the log: enough to compare by eye


@click.group("paper", help=words("cli.commands.paper"))
def command() -> None:
    """Groups what is done with paper ballots."""


# ---- printing


@command.command("ballots", help=words("cli.paper.ballots"))
@click.argument("target", metavar="UUID|DIR")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="F.pdf")
@click.option(
    "--copies",
    type=click.IntRange(1, MOST_COPIES),
    default=1,
    show_default=True,
    help=words("cli.paper.copies"),
)
@click.option("--sample", is_flag=True, help=words("cli.paper.sample"))
@click.option("--tint", is_flag=True, help=words("cli.paper.tint"))
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help=words("cli.paper.language"),
)
def ballots(
    target: str, out: Path | None, copies: int, sample: bool, tint: bool, language: Language
) -> None:
    """Prints the ballots of each khối, of a draft or of a session."""
    human, rules, form, facts = _printable(target)
    path = out or Path(f"{human.uuid}-ballots.pdf")
    head = BallotHead(
        human.body,
        human.title,
        date.fromisoformat(human.date),
        rules.labels_in(language),
        style_of(facts, rules),
        of_body(human),
        may_sign=rules.may_sign,
        rehearsal=form.policy.rehearsal,
        sample=sample,
    )
    kinds = _kinds(form)
    with console.progress(words("cli.paper.setting"), None) as advance:
        pdf = printed.pdf(head, kinds, language, copies=copies, tinted=tint)
        advance(1)
    files.write(path, pdf)

    def show() -> None:
        console.data(words("cli.paper.printed", path=path, blocks=len(kinds), copies=copies))
        console.say(words("cli.paper.compare"))

    document = {"schema": "phieukin.paper_ballots/1", "uuid": human.uuid, "file": str(path)}
    console.result({**document, "blocks": len(kinds), "copies": copies}, show)


def _printable(target: str) -> tuple[SessionFile, Regime, BallotForm, MeetingFacts]:
    """Of a draft's folder, or a session of this data directory."""
    if Path(target).is_dir():
        draft = drafts.read(Path(target))
        if PAPER not in draft.form.channels:
            raise paper.NoPaperChannel(f"{target}: channels does not have paper")
        officials = tuple(draft.officials)
        form = sums.ballot_form(officials, draft.regime, draft.policy, draft.human.blocks)
        return draft.human, draft.regime, form, meeting_facts.drafted(Path(target))
    session = with_books(lambda books: books.session(target))
    facts = meeting_facts.kept(datadir(), session.uuid)
    return session.session_file, session.regime, paper.form(session), facts


def _kinds(form: BallotForm) -> list[BlockBallot]:
    kinds = []
    for number, block in enumerate(form.blocks):
        people = tuple((o.name, o.position) for o in (form.officials[i] for i in form.of(number)))
        first = form.of(number).start + 1
        kinds.append(BlockBallot(block.heading, people, form.whole(number), first))
    return kinds


# ---- giving out


@command.command("issue", help=words("cli.paper.issue"))
@on_session
@click.argument("who", metavar="NUMBER|A-B|NAME…", nargs=-1, required=True)
@click.option("--late", is_flag=True, help=words("cli.paper.late"))
async def issue(books: Books, session: Session, who: tuple[str, ...], late: bool) -> None:
    """Gives paper ballots to people of the roster: to all that are named, or to none."""
    people = await paper.issue(books.registrar, session, _spread(who), late=late)
    await _report(books, session, "issued", people)


@command.command("withdraw", help=words("cli.paper.withdraw"))
@on_session
@click.argument("who", metavar="NUMBER|NAME")
async def withdraw(books: Books, session: Session, who: str) -> None:
    """Takes back a ballot that was not used."""
    person = await paper.withdraw(books.registrar, session, who)
    await _report(books, session, "withdrawn", [person])


@command.command("exchange", help=words("cli.paper.exchange"))
@on_session
@click.argument("who", metavar="NUMBER|NAME")
async def exchange(books: Books, session: Session, who: str) -> None:
    """Counts a spoiled ballot that was exchanged."""
    person = await paper.exchange(books.registrar, session, who)
    await _report(books, session, "exchanged", [person])


def _spread(who: Sequence[str]) -> list[str]:
    """Ranges of numbers as their numbers."""
    try:
        return lookup.spread(who)
    except ValueError as error:
        problem = words("cli.paper.range", said=error.args[0])
        raise click.BadParameter(problem, param_hint="NUMBER") from None


async def _report(books: Books, session: Session, outcome: str, people: Sequence[Person]) -> None:
    """Who got, gave back or exchanged a ballot, and how many are out now."""
    count = await paper.count(books.registrar, session)
    least = session.policy.min_ballots
    if count.issued and count.issued < least:
        console.warn(words("cli.paper.few", issued=count.issued, least=least))

    def show() -> None:
        for person in people:
            console.data(words(f"cli.paper.done.{outcome}", number=person.place, name=person.name))
        console.say(words("cli.paper.out", issued=count.issued, late=count.late))

    rows = [{"number": person.place, "name": person.name} for person in people]
    document = {"schema": "phieukin.paper_issue/1", "uuid": session.uuid, "done": outcome}
    console.result({**document, "people": rows, **_numbers(count)}, show)


def _numbers(count: paper.PaperCount) -> dict[str, int]:
    return {
        "issued": count.issued,
        "late": count.late,
        "exchanged": count.exchanged,
        "unused": count.unused,
    }


# ---- counting


@command.command("enter", help=words("cli.paper.enter"))
@click.argument("uuid")
@click.argument("file", metavar="[FILE.csv]", required=False)
@click.option("--by", required=True, metavar="NAME", help=words("cli.paper.by"))
@click.option("--issued", type=click.IntRange(0), metavar="N", help=words("cli.paper.issued"))
@click.option("--collected", multiple=True, metavar="N|K=N", help=words("cli.paper.collected"))
@click.option("--invalid", multiple=True, metavar="N|K=N", help=words("cli.paper.invalid"))
@click.option("--again", is_flag=True, help=words("cli.paper.again"))
def enter(
    uuid: str,
    file: str | None,
    by: str,
    issued: int | None,
    collected: tuple[str, ...],
    invalid: tuple[str, ...],
    again: bool,
) -> None:
    """Takes one person's count: a table of sums, or the ballots one by one."""
    by = paper.author(by)
    session = with_books(lambda books: books.session(uuid))
    form = paper.form(session)
    if issued is None:
        issued = with_books(lambda books: paper.count(books.registrar, session)).issued
    if file is None:
        entry = paper_keys.ask(uuid, by, form, issued, again=again)
        if entry is None:
            console.say(words("cli.paper.kept"))
            return
        _check_piles(entry, form, _by_block(collected), _by_block(invalid))
    else:
        counted = piles(form, _by_block(collected), _by_block(invalid))
        warnings: list[Problem] = []
        entry = sums.from_table(form, _read(file), file, counted, issued, warnings)
        for warning in warnings:
            console.warn(warning.told(language()))
    agrees = _enter(uuid, by, entry)
    document = {"schema": "phieukin.paper_enter/1", "uuid": uuid, "by": by}
    key = "agrees" if agrees else "waiting"
    text = words(f"cli.paper.entered.{key}", hash=entry.digest[:_SHOWN_HASH], by=by)
    console.result({**document, "hash": entry.digest, "agrees": agrees}, text)


def _enter(uuid: str, by: str, entry: PaperSums) -> bool:
    """Keeps the entry; what was entered ballot by ballot goes unless the entry was refused."""

    async def work(books: Books, session: Session) -> bool:
        book = books.registrar
        moment = f"{zones.local(time.time(), session.session_file.zone):%Y-%m-%dT%H}"
        try:
            agrees = await paper.enter(book, session, by, moment, entry)
        except paper.PaperDisagrees:
            await forget(book, uuid, by)
            raise
        await forget(book, uuid, by)
        return agrees

    return with_session(uuid, work)


def _check_piles(
    entry: PaperSums,
    form: BallotForm,
    collected: dict[int | None, int],
    invalid: dict[int | None, int],
) -> None:
    """What was counted by hand beforehand is what was entered, as far as it was counted."""
    for place, pile in enumerate(entry.piles):
        by_hand = ((collected, "collected", pile.collected), (invalid, "invalid", pile.invalid))
        for numbers, name, entered in by_hand:
            counted = numbers.get(place + 1, numbers.get(None, entered))
            if counted != entered:
                title = form.title(place)
                raise BadPaper(f"{title}{name} is {counted}, but {entered} were entered")


def _by_block(options: Sequence[str]) -> dict[int | None, int]:
    """`12` for the whole ballot (None), `2=12` for its second khối."""
    numbers: dict[int | None, int] = {}
    for option in options:
        match = _NUMBERS.fullmatch(option)
        if match is None:
            raise click.BadParameter(words("cli.paper.numbers", said=option))
        block = None if match[1] is None else int(match[1])
        if block in numbers:
            raise click.BadParameter(words("cli.paper.numbers_twice", said=option))
        numbers[block] = int(match[2])
    return numbers


def _read(path: str) -> bytes:
    """The file, or one byte more than is accepted of it."""
    if path == "-":
        return sys.stdin.buffer.read(counts.MAX_FILE + 1)
    with Path(path).open("rb") as file:
        return file.read(counts.MAX_FILE + 1)


@command.command("log", help=words("cli.paper.log"))
@on_session
async def log(books: Books, session: Session) -> None:
    """Who entered when, and which entries are the same."""
    entries = await paper.log(books.registrar, session)
    rows = [_log_row(entry, entries) for entry in entries]

    def show() -> None:
        if rows:
            _show_log(session.uuid, rows)
        else:
            console.say(words("cli.paper.log_empty"))

    document = {"schema": "phieukin.paper_log/1", "uuid": session.uuid, "entries": rows}
    console.result(document, show)


def _log_row(entry: PaperEntry, entries: Sequence[PaperEntry]) -> dict[str, object]:
    same = [twin.number for twin in entries if twin is not entry and twin.body == entry.body]
    return {
        "number": entry.number,
        "by": entry.by,
        "moment": entry.moment,
        "state": str(entry.state),
        "hash": PaperSums.decode(entry.body).digest,
        "same_as": same,
    }


def _show_log(uuid: str, rows: Sequence[dict[str, object]]) -> None:
    from rich.table import Table  # noqa: PLC0415  rich costs 70 ms, which JSON need not pay

    console.data(words("cli.paper.log_title", uuid=uuid))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for key in ("number", "by", "moment", "state", "hash", "same_as"):
        table.add_column(words(f"cli.paper.columns.{key}"))
    for row in rows:
        day, hour = str(row["moment"]).split("T")
        year, month, number = day.split("-")
        when = words("cli.paper.moment", hour=hour, day=number, month=month, year=year)
        same = row["same_as"]
        twins = ", ".join(map(str, same)) if isinstance(same, list) and same else "–"
        facts = (str(row["number"]), str(row["by"]), when, words(f"states.{row['state']}"))
        table.add_row(*facts, str(row["hash"])[:_SHOWN_HASH], twins)
    console.show(table)


@command.command("show", help=words("cli.paper.show"))
@on_session
async def show_command(books: Books, session: Session) -> None:
    """The paper ballots so far; what is on them only once the totals are open."""
    count = await paper.count(books.registrar, session)
    document = _document(session.uuid, count, session.state)
    console.result(document, lambda: _show(count, session.state))


def _show(count: paper.PaperCount, state: State) -> None:
    for name, number in _numbers(count).items():
        console.data(f"{words(f'cli.paper.fields.{name}')}: {number}")
    for block, pile in enumerate(count.sums.piles if count.sums else ()):
        heading = count.form.blocks[block].heading
        text = words("cli.paper.pile", collected=pile.collected, invalid=pile.invalid)
        console.data(f"{heading}: {text}" if heading else text)
    if count.by is not None:
        console.data(words("cli.paper.counted_by", first=count.by[0], second=count.by[1]))
    if state in COUNTED and count.sums is not None:
        _show_lines(count.form, count.sums)


def _document(uuid: str, count: paper.PaperCount, state: State) -> dict[str, object]:
    blocks = (
        [{"collected": p.collected, "invalid": p.invalid} for p in count.sums.piles]
        if count.sums
        else None
    )
    lines = None
    if state in COUNTED and count.sums is not None:
        lines = [
            {
                "name": official.name,
                "position": official.position,
                "counts": dict(zip(count.form.levels, marks.levels, strict=True))
                | {"blank": marks.blank},
            }
            for official, marks in zip(count.form.officials, count.sums.officials, strict=True)
        ]
    return {
        "schema": "phieukin.paper/1",
        "uuid": uuid,
        **_numbers(count),
        "blocks": blocks or None,
        "counted_by": None if count.by is None else list(count.by),
        "officials": lines,
    }


def _show_lines(form: BallotForm, entry: PaperSums) -> None:
    from rich.table import Table  # noqa: PLC0415  as above

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for label in (*form.labels, words("levels.blank_short")):
        table.add_column(label, justify="right")
    for i, marks in enumerate(entry.officials):
        table.add_row(form.name(i), *map(str, (*marks.levels, marks.blank)))
    console.show(table)
