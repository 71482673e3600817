"""From a draft folder to a registered session: what is kept of it, and the trustees' codes."""

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from admin.lifecycle import venues
from admin.office import dossiers, meeting_facts
from admin.office import plan as plans
from admin.prepare.draft import Draft
from admin.session import cadres
from admin.session.datadir import DataDir, Settings
from admin.session.session import Session
from admin.voting import invite
from crypto.errors import UnknownSession
from crypto.lifecycle import Step, after
from storage.registrar.book import RegistrarBook

CODES: Final = "codes"


async def take_over(book: RegistrarBook, datadir: DataDir, draft: Draft, folder: Path) -> int:
    """Keeps papers.toml, cadres, dossiers and plan of a draft; how many dossier files.

    Raises:
        WrongState: the session is sealed; its dossiers are changed by `session papers` only.
        Refused: somebody is rated at two venues of the data directory already.
        BadDraft: papers.toml or what the organiser added to the plan is wrong.
    """
    plan = plans.of_draft(folder, draft.form)
    with suppress(UnknownSession):
        after((await book.session(draft.uuid)).state, Step.SEAL)
    await venues.check(book, datadir, draft)
    meeting_facts.keep(folder, datadir, draft.uuid)
    cadres.keep(datadir, draft.uuid, draft.cadres)
    copied = dossiers.copy(folder, datadir, draft.uuid, len(draft.officials))
    plans.keep(datadir, plan)
    return copied.total


async def register(
    book: RegistrarBook, settings: Settings, draft: Draft, folder: Path, now: int
) -> bool:
    """Makes the session known and writes the trustees' codes, once; whether there was any to do.

    The terms come last: without them the codes were not all written, and are made anew.

    Args:
        folder: of the draft; the codes go into a folder of it that only its owner can read.
        now: Unix seconds.
    """
    uuid = draft.uuid
    try:
        if (await book.session(uuid)).terms is not None:
            return False
        interrupted = True
    except UnknownSession:
        await book.add_session(uuid, draft.human.encode())
        interrupted = False
    session = await Session.load(book, uuid)
    (folder / CODES).mkdir(exist_ok=True, mode=0o700)
    for owner in range(1, draft.trustees + 1):
        path = folder / CODES / f"trustee-{owner}.txt"
        if interrupted:
            path.unlink(missing_ok=True)
        keeping = partial(invite.in_file, path)
        await invite.role_letter(book, settings, session, "trustee", owner, now, keeping=keeping)
    await book.update_draft(uuid, draft.terms.encode(), draft.human.encode())
    return True
