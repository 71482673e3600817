"""`phieukin paper`: printing, giving out and counting paper ballots."""

import re
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from admin.cli import console, paper_keys
from admin.cli.books import with_books, with_session
from admin.documents import ballots as printed
from admin.documents.ballots import MOST_COPIES, BallotHead, BlockBallot
from admin.paper import ballots as paper
from admin.paper import sums
from admin.paper.entry import forget
from admin.paper.sums import BadPaper, BallotForm, PaperSums, piles
from admin.prepare import draft as drafts
from admin.record import files
from admin.record.session_file import SessionFile
from admin.rules import counts
from admin.session.books import Books
from admin.session.session import Session
from admin.words import LANGUAGES, Language, words
from crypto.lifecycle import COUNTED, State
from storage.rows import PAPER, PaperEntry, Person

_RANGE = re.compile(r"([1-9][0-9]{0,5})-([1-9][0-9]{0,5})", re.ASCII)
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
@click.option("--tint", is_flag=True, help=words("cli.paper.tint"))
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default=LANGUAGES[0],
    show_default=True,
    help=words("cli.paper.language"),
)
def ballots(target: str, out: Path | None, copies: int, tint: bool, language: Language) -> None:
    """Prints the ballots of each khối, of a draft or of a session."""
    human, said = _printable(target)
    path = out or Path(f"{human.uuid}-ballots.pdf")
    head = BallotHead(
        human.body,
        human.title,
        date.fromisoformat(human.date),
        said.levels,
        said.policy.invalid == "ballot",
        said.policy.rehearsal,
    )
    kinds = _kinds(said)
    with console.progress(words("cli.paper.setting"), None) as advance:
        made = printed.pdf(head, kinds, language, copies=copies, tinted=tint)
        advance(1)
    files.write(path, made)
    if console.settings().json:
        document = {"schema": "phieukin.paper_ballots/1", "uuid": human.uuid, "file": str(path)}
        console.emit_json({**document, "blocks": len(kinds), "copies": copies})
        return
    console.data(words("cli.paper.printed", path=path, blocks=len(kinds), copies=copies))
    console.say(words("cli.paper.compare"))


def _printable(target: str) -> tuple[SessionFile, BallotForm]:
    """A draft's folder, or a session of this data directory."""
    if Path(target).is_dir():
        draft = drafts.read(Path(target))
        if PAPER not in draft.form.channels:
            raise paper.NoPaperChannel(f"{target}: channels does not have paper")
        officials = tuple(draft.officials)
        return draft.human, sums.ballot_form(officials, draft.policy, draft.human.blocks)

    session = with_books(lambda books: books.session(target))
    return session.session_file, paper.form(session)


def _kinds(said: BallotForm) -> list[BlockBallot]:
    made = []
    for block, one in enumerate(said.blocks):
        people = [said.officials[i] for i in said.of(block)]
        made.append(BlockBallot(one.heading, tuple((o.name, o.position) for o in people)))
    return made


# ---- giving out


@command.command("issue", help=words("cli.paper.issue"))
@click.argument("uuid")
@click.argument("who", metavar="NUMBER|A-B|NAME…", nargs=-1, required=True)
@click.option("--late", is_flag=True, help=words("cli.paper.late"))
def issue(uuid: str, who: tuple[str, ...], late: bool) -> None:
    """Gives paper ballots to people of the roster: to all that are named, or to none."""
    people = with_session(
        uuid, lambda books, session: paper.issue(books.registrar, session, _spread(who), late=late)
    )
    _told(uuid, "issued", people)


@command.command("withdraw", help=words("cli.paper.withdraw"))
@click.argument("uuid")
@click.argument("who", metavar="NUMBER|NAME")
def withdraw(uuid: str, who: str) -> None:
    """Takes back a ballot that was not used."""
    _told(
        uuid,
        "withdrawn",
        [with_session(uuid, lambda books, session: paper.withdraw(books.registrar, session, who))],
    )


@command.command("exchange", help=words("cli.paper.exchange"))
@click.argument("uuid")
@click.argument("who", metavar="NUMBER|NAME")
def exchange(uuid: str, who: str) -> None:
    """Counts a spoiled ballot that was exchanged."""
    _told(
        uuid,
        "exchanged",
        [with_session(uuid, lambda books, session: paper.exchange(books.registrar, session, who))],
    )


def _spread(who: Sequence[str]) -> list[str]:
    """Ranges of numbers as their numbers."""
    spread: list[str] = []
    for said in who:
        match = _RANGE.fullmatch(said)
        if match is None:
            spread.append(said)
            continue
        first, last = int(match[1]), int(match[2])
        if first > last:
            raise click.BadParameter(words("cli.paper.range", said=said), param_hint="NUMBER")
        spread += map(str, range(first, last + 1))
    return spread


def _told(uuid: str, what: str, people: Sequence[Person]) -> None:
    found = with_session(uuid, lambda books, session: paper.count(books.registrar, session))
    least = found.form.policy.min_ballots
    if found.issued and found.issued < least:
        console.warn(words("cli.paper.few", issued=found.issued, least=least))
    if console.settings().json:
        named = [{"number": one.place, "name": one.name} for one in people]
        document = {"schema": "phieukin.paper_issue/1", "uuid": uuid, "done": what}
        console.emit_json({**document, "people": named, **_numbers(found)})
        return
    for one in people:
        console.data(words(f"cli.paper.done.{what}", number=one.place, name=one.name))
    console.say(words("cli.paper.out", issued=found.issued, late=found.late))


def _numbers(found: paper.PaperCount) -> dict[str, int]:
    return {
        "issued": found.issued,
        "late": found.late,
        "exchanged": found.exchanged,
        "unused": found.unused,
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
    said = paper.form(session)
    if issued is None:
        issued = with_books(lambda books: paper.count(books.registrar, session)).issued
    if file is None:
        made = paper_keys.ask(uuid, by, said, issued, again=again)
        if made is None:
            console.say(words("cli.paper.kept"))
            return
        _check_piles(made, said, _by_block(collected), _by_block(invalid))
    else:
        there = piles(said, _by_block(collected), _by_block(invalid))
        made = sums.from_table(said, session.regime, _read(file), file, there, issued)
    agrees = _enter(uuid, by, made)
    if console.settings().json:
        document = {"schema": "phieukin.paper_enter/1", "uuid": uuid, "by": by}
        console.emit_json({**document, "hash": made.digest, "agrees": agrees})
        return
    key = "agrees" if agrees else "waiting"
    console.data(words(f"cli.paper.entered.{key}", hash=made.digest[:_SHOWN_HASH], by=by))


def _enter(uuid: str, by: str, made: PaperSums) -> bool:
    """Keeps the entry; what was entered ballot by ballot goes unless the entry was refused."""
    moment = time.strftime("%Y-%m-%dT%H")

    async def work(books: Books, session: Session) -> bool:
        book = books.registrar
        try:
            agrees = await paper.enter(book, session, by, moment, made)
        except paper.PaperDisagrees:
            await forget(book, uuid, by)
            raise
        await forget(book, uuid, by)
        return agrees

    return with_session(uuid, work)


def _check_piles(
    made: PaperSums,
    said: BallotForm,
    collected: dict[int | None, int],
    invalid: dict[int | None, int],
) -> None:
    """What was counted by hand beforehand is what was entered, as far as it is given."""
    for place, pile in enumerate(made.piles):
        given = ((collected, "collected", pile.collected), (invalid, "invalid", pile.invalid))
        for numbers, name, there in given:
            wanted = numbers.get(place + 1, numbers.get(None, there))
            if wanted != there:
                raise BadPaper(f"{said.title(place)}{name} is {wanted}, but {there} were entered")


def _by_block(said: Sequence[str]) -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for one in said:
        match = _NUMBERS.fullmatch(one)
        if match is None:
            raise click.BadParameter(words("cli.paper.numbers", said=one))
        block = None if match[1] is None else int(match[1])
        if block in found:
            raise click.BadParameter(words("cli.paper.numbers_twice", said=one))
        found[block] = int(match[2])
    return found


def _read(path: str) -> bytes:
    """The file, or one byte more than is accepted of it."""
    if path == "-":
        return sys.stdin.buffer.read(counts.MAX_FILE + 1)
    with Path(path).open("rb") as file:
        return file.read(counts.MAX_FILE + 1)


@command.command("log", help=words("cli.paper.log"))
@click.argument("uuid")
def log(uuid: str) -> None:
    """Who entered when, and which entries are the same."""
    kept = with_session(uuid, lambda books, session: paper.log(books.registrar, session))
    rows = [_log_row(entry, kept) for entry in kept]
    if console.settings().json:
        console.emit_json({"schema": "phieukin.paper_log/1", "uuid": uuid, "entries": rows})
        return
    if not rows:
        console.say(words("cli.paper.log_empty"))
        return
    _show_log(uuid, rows)


def _log_row(entry: PaperEntry, kept: Sequence[PaperEntry]) -> dict[str, object]:
    same = [other.number for other in kept if other is not entry and other.body == entry.body]
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
        listed = ", ".join(map(str, same)) if isinstance(same, list) and same else "–"
        known = (str(row["number"]), str(row["by"]), when, words(f"states.{row['state']}"))
        table.add_row(*known, str(row["hash"])[:_SHOWN_HASH], listed)
    console.show(table)


@command.command("show", help=words("cli.paper.show"))
@click.argument("uuid")
def show(uuid: str) -> None:
    """The paper ballots so far; what is on them only once the totals are open."""

    async def work(books: Books, session: Session) -> tuple[paper.PaperCount, State]:
        return await paper.count(books.registrar, session), session.state

    found, state = with_session(uuid, work)
    if console.settings().json:
        console.emit_json(_document(uuid, found, state))
        return
    for name, number in _numbers(found).items():
        console.data(f"{words(f'cli.paper.fields.{name}')}: {number}")
    for block, pile in enumerate(found.sums.piles if found.sums else ()):
        heading = found.form.blocks[block].heading
        told = words("cli.paper.pile", collected=pile.collected, invalid=pile.invalid)
        console.data(f"{heading}: {told}" if heading else told)
    if found.by is not None:
        console.data(words("cli.paper.counted_by", first=found.by[0], second=found.by[1]))
    if state in COUNTED and found.sums is not None:
        _show_lines(found.form, found.sums)


def _document(uuid: str, found: paper.PaperCount, state: State) -> dict[str, object]:
    piled = (
        [{"collected": p.collected, "invalid": p.invalid} for p in found.sums.piles]
        if found.sums
        else None
    )
    lines = None
    if state in COUNTED and found.sums is not None:
        lines = [
            {
                "name": official.name,
                "position": official.position,
                "counts": dict(zip(found.form.levels, marks.levels, strict=True))
                | {"blank": marks.blank},
            }
            for official, marks in zip(found.form.officials, found.sums.officials, strict=True)
        ]
    return {
        "schema": "phieukin.paper/1",
        "uuid": uuid,
        **_numbers(found),
        "blocks": piled or None,
        "counted_by": None if found.by is None else list(found.by),
        "officials": lines,
    }


def _show_lines(form: BallotForm, entry: PaperSums) -> None:
    from rich.table import Table  # noqa: PLC0415  as above

    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for level in (*form.levels, "blank"):
        table.add_column(words(f"levels_short.{level}"), justify="right")
    for i, marks in enumerate(entry.officials):
        table.add_row(form.name(i), *map(str, (*marks.levels, marks.blank)))
    console.show(table)
