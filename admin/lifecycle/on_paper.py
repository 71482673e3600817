"""The life of a session that votes on paper only: sealed by nobody's keys, counted by two people.

The steps are those of every session; what belongs to keys, box and record is absent. Every step
may be repeated after a crash.
"""

from pathlib import Path

from admin.lifecycle import counted
from admin.lifecycle.seal import keep_roster
from admin.prepare.draft import Draft
from admin.record import files, results
from admin.record.paper_definition import PaperDefinition
from admin.session import keys
from admin.session.books import Books
from admin.session.session import Session
from crypto.encoding import sha256
from crypto.lifecycle import State, Step, after
from storage.registrar.book import RegistrarBook


async def seal(books: Books, draft: Draft) -> None:
    """Fixes roster, officials, rules and the chair's key. Idempotent until it is sealed.

    Raises:
        WrongState: the session is sealed already.
        Refused: another draft was being sealed.
    """
    uuid, book, session_json = draft.uuid, books.registrar, draft.human.encode()
    after((await book.session(uuid)).state, Step.SEAL)
    definition = PaperDefinition(
        session=sha256(session_json),
        chair=keys.make_chair(books.datadir, uuid).key.public,
        roster=len(draft.roster),
        officials=tuple(draft.officials),
        policy=draft.policy,
    )
    await book.propose_on_paper(uuid, session_json, definition.encode())
    await keep_roster(book, draft)
    await book.move(uuid, Step.SEAL)


async def close(book: RegistrarBook, session: Session) -> None:
    """Ends the vote: from now on ballots are counted and entered."""
    if session.state != State.CLOSED:
        await book.move(session.uuid, Step.CLOSE)
    await book.forget(session.uuid)


async def publish(books: Books, session: Session) -> Path:
    """Writes the results, once two people have entered the same numbers; where they are.

    Raises:
        PaperNotEntered: they have not.
    """
    uuid, book = session.uuid, books.registrar
    path = books.datadir.results(uuid)
    path.parent.mkdir(parents=True, exist_ok=True)
    count = await counted.of_books(books, session)
    document = count.results(session.regime, session.session_file, session.officials)
    files.write(path, results.encode(document))
    for before, step in ((State.CLOSED, Step.TALLY), (State.TALLIED, Step.PUBLISH)):
        if (await book.session(uuid)).state == before:
            await book.move(uuid, step)
    return path
