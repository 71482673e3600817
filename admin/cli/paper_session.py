"""The steps of `phieukin session` in a session that votes on paper only."""

from pathlib import Path

from admin.cli import console
from admin.cli.table import results_table
from admin.lifecycle import on_paper
from admin.paper import ballots
from admin.prepare.draft import Draft
from admin.rules.compute import Results
from admin.session.books import Books
from admin.words import words
from crypto.errors import WrongState
from crypto.lifecycle import State


async def seal(books: Books, draft: Draft) -> None:
    """Nobody's key or signature is waited for."""
    await on_paper.seal(books, draft)
    console.data(words("cli.paper.sealed"))


async def publish(books: Books, uuid: str) -> tuple[Results, Path]:
    """The results of two people's equal entries, and the file they are in."""
    path = await on_paper.publish(books, uuid)
    return await on_paper.counted(books, uuid), path


def published(found: Results, path: Path) -> None:
    """Prints the results."""
    if console.settings().json:
        console.emit_json(found)
        return
    console.show(results_table(found))
    console.data(words("cli.paper.published", path=path))


async def shown(books: Books, uuid: str, state: State) -> dict[str, int] | None:
    """The paper ballots that are out, with a warning where they are too few; None without paper."""
    if state == State.DRAFT:
        return None
    try:
        found = await ballots.count(books.registrar, await books.session(uuid))
    except (ballots.NoPaperChannel, WrongState):  # no paper, or cancelled before the seal
        return None
    least = found.form.policy.min_ballots
    if 0 < found.issued < least:
        console.warn(words("cli.paper.few", issued=found.issued, least=least))
    return {"issued": found.issued, "late": found.late}


async def uncounted(books: Books, uuid: str) -> int:
    """How many paper ballots are out whose numbers no two people have entered."""
    try:
        found = await ballots.count(books.registrar, await books.session(uuid))
    except (ballots.NoPaperChannel, WrongState):
        return 0
    return found.issued if found.sums is None else 0


def show(found: object) -> None:
    """Prints what `shown` found."""
    for name, number in found.items() if isinstance(found, dict) else ():
        console.data(f"{words(f'cli.paper.fields.{name}')}: {number}")
