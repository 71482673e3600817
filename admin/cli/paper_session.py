"""The steps of `phieukin session` in a session that votes on paper only."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from admin.cli import console
from admin.cli.table import results_table
from admin.lifecycle import on_paper
from admin.paper import ballots
from admin.prepare.draft import Draft
from admin.session.books import Books
from admin.words import words
from crypto.errors import WrongState
from crypto.lifecycle import State
from storage.registrar.book import RegistrarBook

if TYPE_CHECKING:
    from admin.rules.compute import Results


async def seal(book: RegistrarBook, draft: Draft) -> None:
    """Nobody's key or signature is waited for."""
    await on_paper.seal(book, draft)
    console.data(words("cli.paper.sealed"))


def published(path: Path) -> None:
    """Prints the results of two people's equal entries, from the file they are in."""
    document: Results = json.loads(path.read_bytes())
    if console.settings().json:
        console.emit_json(document)
        return
    console.show(results_table(document))
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


def show(found: object) -> None:
    """Prints what `shown` found."""
    for name, number in found.items() if isinstance(found, dict) else ():
        console.data(f"{words(f'cli.paper.fields.{name}')}: {number}")
