"""The session from the draft to the record: every person is a client, the house runs its own steps.

Voters and trustees are those of admin/client; what the secretary types is done here by the same
use cases as in admin/cli/session.py. How they reach the books differs: over real connections to a
server (server.py), or within one process (one_process.py).
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from admin.client import session_view, voter
from admin.client.server import Box, Registrar, Server
from admin.client.session_view import CHANNEL
from admin.client.voter import Secrets
from admin.demo import committee
from admin.demo.scenario import Choices, Scenario
from admin.lifecycle import steps
from admin.prepare.draft import Draft
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.record.pool import Workers
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.voting import codes, invite
from admin.voting.invite import Letter
from crypto import note
from crypto.keyfile import TrusteeState
from crypto.session import Official, new_uuid

_T = TypeVar("_T")
MINIAPP = "miniapp"
MIN_BALLOTS = 10
_QUORUM = (2, 3)

# stage(name, total) shows a stage of the session; what it yields is told of each step done.
Stage = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True, repr=False)
class Guest:
    """A voter's task, perhaps in a worker process: where, who by code, and what to vote.

    Attributes:
        init_data: what Telegram signed when the Mini App was opened; empty without Telegram.
    """

    server: Server
    uuid: str
    code: str
    choices: Choices
    init_data: str = ""

    @property
    def box(self) -> Box:
        return Box(self.server, self.uuid)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A session that everyone has signed, and whose letters are out.

    Attributes:
        keys: what the trustees' key files would hold.
        guests: one for each letter.
    """

    secretary: "Secretary"
    uuid: str
    keys: list[TrusteeState]
    guests: list[Guest]

    @property
    def box(self) -> Box:
        return Box(self.secretary.server, self.uuid)


def play(
    scenario: Scenario, folder: Path, secretary: "Secretary", workers: Workers, stage: Stage
) -> Path:
    """Plays the session on a server; leaves the archive and the bundle in `folder`.

    Returns:
        The bundle.
    """
    session = seal_session(scenario, secretary, (CHANNEL,), stage)
    return play_sealed(session, folder, workers, workers, stage)


def play_sealed(
    session: Sealed, folder: Path, voters: Workers, workers: Workers, stage: Stage
) -> Path:
    """From check-in to the bundle.

    Args:
        session: sealed.
        folder: for the archive and the bundle.
        voters: where each guest's tasks run.
        workers: the trustees' audits.
        stage: shows progress.
    """
    secretary, uuid, guests = session.secretary, session.uuid, session.guests
    size = len(guests)
    secretary.do(lambda books: steps.check_in(books, uuid))
    with stage("checkin", size) as step:
        credentials = _stepping(voters.map(check_in, guests), step)
    secretary.do(lambda books: steps.set_present(books, uuid, size))
    secretary.do(lambda books: steps.open_voting(books, uuid))
    committee.seal_box(session, size)
    with stage("vote", size) as step:
        open_for_check(guests[0], credentials[0])
        promises = _stepping(voters.map(vote, zip(guests, credentials, strict=True)), step)
    with stage("close", 2 * size) as step:  # the committee's audit, and every voter's look
        secretary.close(uuid)
        closed = committee.sign_close(session, size, workers, step)
        _stepping(voters.map(find, zip(guests, promises, strict=True)), step)
    with stage("tally", size) as step:  # the house has checked every ballot before it took it
        committee.open_totals(session, closed)
        audit = workers.checking()
        secretary.do(lambda books: steps.publish(books, uuid, lambda: nullcontext(audit)))
        step(size)
    with stage("publish", 1) as step:
        bundle = take_record(session, folder)
        step(1)
    return bundle


def _stepping(results: Iterable[_T], step: Callable[[int], None]) -> list[_T]:
    """All results, with a step of progress for each."""
    collected = []
    for result in results:
        collected.append(result)
        step(1)
    return collected


def seal_session(
    scenario: Scenario,
    secretary: "Secretary",
    channels: tuple[str, ...],
    stage: Stage,
    *,
    recovery: str = "phone",
) -> Sealed:
    """From the draft to the letters."""
    draft = draft_of(scenario, channels, recovery=recovery)
    with stage("seal", 1) as step:
        keys = committee.seal_session(secretary, draft)
        step(1)
    guests = [
        Guest(secretary.server, draft.uuid, letter.code, choices)
        for letter, choices in zip(secretary.letters(draft.uuid), scenario.votes, strict=True)
    ]
    return Sealed(secretary, draft.uuid, keys, guests)


def take_record(session: Sealed, folder: Path) -> Path:
    """Takes archive and bundle of a published session; returns the bundle."""
    datadir = session.secretary.datadir
    shutil.copy(datadir.archive(session.uuid), folder)
    return Path(shutil.copy(datadir.bundle(session.uuid), folder))


def now() -> int:
    """Unix seconds."""
    return int(time.time())


def draft_of(
    scenario: Scenario, channels: tuple[str, ...] = (CHANNEL,), *, recovery: str = "phone"
) -> Draft:
    """What the secretary's files would say."""
    size = len(scenario.votes)
    form = Form(
        uuid=new_uuid(),
        body=scenario.body,
        title=scenario.regime.title.vi,
        date=scenario.date,
        place="",
        delegates=None,
        regime=scenario.regime,
        invalid="line",
        quorum=_QUORUM,
        min_ballots=min(MIN_BALLOTS, size),
        trustees=committee.SIZE,
        threshold=committee.THRESHOLD,
        channels=channels,
        publication="public",
        recovery=recovery,
        rehearsal=True,
        check_seconds=0,
        checkin=None,
        open=None,
        close=None,
    )
    officials = tuple(Official(official.name, official.position) for official in scenario.officials)
    roster = tuple(RosterRow(f"delegate {i}") for i in range(1, size + 1))
    return Draft(form, officials, roster, blocks=scenario.blocks)


# --- The house ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Secretary:
    """Runs the house's own steps on the data directory of a running server."""

    datadir: DataDir
    server: Server

    def do(self, work: Callable[[Books], Awaitable[_T]]) -> _T:
        """A step, with the books opened for it."""

        async def step() -> _T:
            async with opened(self.datadir) as books:
                return await work(books)

        return asyncio.run(step())

    def role_login(self, uuid: str, role: str, owner: int | None = None) -> str:
        """The letters of a new role code."""
        letter = self.do(lambda books: role_letter(books, uuid, role, owner))
        return codes.parse(letter.decode().splitlines()[0], uuid)

    def register(self, draft: Draft) -> None:
        """Makes the session known."""
        uuid, human = draft.uuid, draft.human.encode()

        async def work(books: Books) -> None:
            await books.registrar.add_session(uuid, human)
            await books.registrar.update_draft(uuid, draft.terms.encode(), human)

        self.do(work)

    def gather(self, uuid: str) -> None:
        """Where a server runs, it takes in by itself what the committee signs."""

    def letters(self, uuid: str) -> list[Letter]:
        """New codes for all voters."""

        async def work(books: Books) -> list[Letter]:
            settings, session = books.datadir.settings, await books.session(uuid)
            return await invite.letters(books.registrar, settings, session, (), now())

        return self.do(work)

    def close(self, uuid: str) -> None:
        """Ends the vote now. Raises TimeoutError if the server, if there is one, does not."""
        self.do(lambda books: steps.announce_close(books, uuid, now(), 0))
        self.do(lambda books: steps.finish_close(books, uuid))


async def role_letter(books: Books, uuid: str, role: str, owner: int | None) -> bytes:
    """A new code for a role."""
    settings, session = books.datadir.settings, await books.session(uuid)
    return await invite.role_letter(books.registrar, settings, session, role, owner, now())


# --- Voters, in workers ---------------------------------------------------------------------


def check_in(guest: Guest) -> Secrets:
    """From the letter to a credential on the list."""
    session = session_view.look(guest.box)
    server = guest.server
    if guest.init_data:
        registrar, channel = Registrar.admitted(server, guest.uuid, guest.init_data), MINIAPP
    else:
        code = codes.parse(guest.code, guest.uuid)
        registrar, channel = Registrar.login(server, guest.uuid, code), CHANNEL
    secrets = Secrets.make(session.issuer, session.election.phi)
    voter.register(guest.box, secrets, voter.fetch_token(registrar, session, secrets, channel))
    return secrets


def open_for_check(guest: Guest, secrets: Secrets) -> None:
    """Encrypts and opens a ballot instead of casting it (Benaloh): was the choice encrypted?"""
    voter.test_ballot(session_view.look(guest.box), secrets, list(guest.choices))


def vote(task: tuple[Guest, Secrets]) -> bytes:
    """Encrypts and casts; returns the box's promise."""
    guest, secrets = task
    session = session_view.look(guest.box)
    voter.check_opened(guest.box, session, secrets)
    ballot = voter.prepare(session, secrets, list(guest.choices))
    return voter.cast(guest.box, session, ballot).encode()


def find(task: tuple[Guest, bytes]) -> None:
    """After the close: the ballot is on the list, as it was promised."""
    guest, promise = task
    voter.check_counted(guest.box, session_view.look(guest.box), note.parse(promise), None)
