"""The steps of `phieukin session` in a session that votes on paper only."""

from pathlib import Path

from admin.cli import console
from admin.cli.table import results_table
from admin.rules.compute import Results
from admin.session import paper, paper_session
from admin.session.draft import Draft
from admin.session.house import House
from admin.words import words
from crypto.errors import WrongState
from crypto.lifecycle import State


async def seal(house: House, draft: Draft) -> None:
    """Nobody's key or signature is waited for."""
    await paper_session.seal(house, draft)
    console.data(words("cli.paper.sealed"))


async def publish(house: House, uuid: str) -> tuple[Results, Path]:
    """The results of two people's equal entries, and the file they are in."""
    path = await paper_session.publish(house, uuid)
    return await paper_session.counted(house, uuid), path


def published(found: Results, path: Path) -> None:
    """Prints the results."""
    if console.settings().json:
        console.emit_json(found)
        return
    console.show(results_table(found))
    console.data(words("cli.paper.published", path=path))


async def shown(house: House, uuid: str, state: State) -> dict[str, int] | None:
    """The paper ballots that are out, with a warning where they are too few; None without paper."""
    if state == State.DRAFT:
        return None
    try:
        found = await paper.column(house, uuid)
    except (paper.NoPaperChannel, WrongState):  # no paper, or cancelled before the seal
        return None
    least = found.form.policy.min_ballots
    if 0 < found.issued < least:
        console.warn(words("cli.paper.few", issued=found.issued, least=least))
    return {"issued": found.issued, "late": found.late}


async def uncounted(house: House, uuid: str) -> int:
    """How many paper ballots are out whose numbers no two people have entered."""
    try:
        found = await paper.column(house, uuid)
    except (paper.NoPaperChannel, WrongState):
        return 0
    return found.issued if found.piles is None else 0


def show(found: object) -> None:
    """Prints what `shown` found."""
    for name, number in found.items() if isinstance(found, dict) else ():
        console.data(f"{words(f'cli.paper.fields.{name}')}: {number}")
