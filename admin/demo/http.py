"""The session through a real server: every person is a client, the house runs its own steps.

Voters and trustees are those of admin/remote, in worker processes, over real connections. What
the secretary types is done here by the same use cases as in admin/cli/session.py.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from admin.client import session_view, trustee, voter
from admin.client.server import Box, Registrar, Server
from admin.client.session_view import CHANNEL
from admin.client.trustee import Next
from admin.client.voter import Secrets
from admin.demo.committee import OPENING, SIZE, THRESHOLD
from admin.demo.scenario import Choices, Scenario
from admin.demo.server import Running
from admin.demo.session import MIN_BALLOTS, Stage
from admin.lifecycle import seal, steps
from admin.prepare.draft import Draft
from admin.prepare.roster import RosterRow
from admin.prepare.session_form import Form
from admin.record import opening
from admin.record.audit import rewinding
from admin.record.pool import Workers
from admin.session.books import Books, opened
from admin.voting import codes, invite
from admin.voting.invite import Letter
from crypto import ceremony, note
from crypto.audit.report import Report
from crypto.keyfile import TrusteeState, remember
from crypto.lifecycle import State
from crypto.session import Official, new_uuid

_T = TypeVar("_T")
MINIAPP = "miniapp"
_QUORUM = (2, 3)
_POLL = 0.2  # seconds
_CLOSE_SECONDS = 120  # 5000 ballots, the most of a demo, take half a minute


@dataclass(frozen=True, slots=True, repr=False)
class Guest:
    """A voter's task in a worker process: where, who by code, and what to vote.

    Attributes:
        init_data: what Telegram signed when the Mini App was opened; empty without Telegram.
    """

    origin: str
    uuid: str
    code: str
    choices: Choices
    init_data: str = ""

    @property
    def box(self) -> Box:
        return Box(Server(self.origin), self.uuid)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A session that everyone has signed, and whose letters are out.

    Attributes:
        keys: what the trustees' key files would hold.
        guests: one for each letter.
    """

    desk: "Secretary"
    uuid: str
    keys: list[TrusteeState]
    guests: list[Guest]

    @property
    def box(self) -> Box:
        return Box(Server(self.desk.running.url), self.uuid)


def play(
    scenario: Scenario, folder: Path, running: Running, workers: Workers, stage: Stage
) -> Path:
    """Plays the session on a server; leaves the archive and the bundle in `folder`.

    Returns:
        The bundle.
    """
    return played(sealed(scenario, running, (CHANNEL,), stage), folder, workers, stage)


def played(session: Sealed, folder: Path, workers: Workers, stage: Stage) -> Path:
    """From check-in to the bundle, each guest in a worker process."""
    desk, uuid, guests, size = session.desk, session.uuid, session.guests, len(session.guests)
    desk.do(lambda books: steps.check_in(books, uuid))
    with stage("checkin", size) as step:
        made = []
        for mine in workers.map(check_in, guests):
            made.append(mine)
            step(1)
    desk.do(lambda books: steps.set_present(books, uuid, size))
    desk.do(lambda books: steps.open_voting(books, uuid))
    with stage("vote", size) as step:
        promises = []
        for promise in workers.map(vote, zip(guests, made, strict=True)):
            promises.append(promise)
            step(1)
    with stage("close", size) as step:
        _close(desk, session.box)
        for _ in workers.map(find, zip(guests, promises, strict=True)):
            step(1)
    with stage("tally", len(OPENING) * size) as step:
        open_totals(session, size, workers, step)
    with stage("publish", 1) as step:
        desk.do(lambda books: steps.publish(books, uuid, lambda: nullcontext(workers.checking())))
        path = taken(session, folder)
        step(1)
    return path


def sealed(scenario: Scenario, running: Running, channels: tuple[str, ...], stage: Stage) -> Sealed:
    """From the draft to the letters."""
    draft, desk = _draft(scenario, channels), Secretary(running)
    with stage("seal", 1) as step:
        keys = _seal(desk, draft)
        step(1)
    letters = desk.letters(draft.uuid)
    pairs = zip(letters, scenario.votes, strict=True)
    guests = [Guest(running.url, draft.uuid, letter.code, vote) for letter, vote in pairs]
    return Sealed(desk, draft.uuid, keys, guests)


def open_totals(
    session: Sealed, present: int, workers: Workers, step: Callable[[int], None]
) -> None:
    """The trustees who are there send their shares."""
    for owner in OPENING:
        key = session.keys[owner - 1]
        _open_totals(session.desk, session.uuid, key, present, workers, step)


def taken(session: Sealed, folder: Path) -> Path:
    """Takes archive and bundle of a published session; returns the bundle."""
    datadir = session.desk.running.datadir
    shutil.copy(datadir.archive(session.uuid), folder)
    return Path(shutil.copy(datadir.bundle(session.uuid), folder))


def _now() -> int:
    return int(time.time())


def _draft(scenario: Scenario, channels: tuple[str, ...] = (CHANNEL,)) -> Draft:
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
        trustees=SIZE,
        threshold=THRESHOLD,
        channels=channels,
        publication="public",
        recovery="code",
        rehearsal=True,
        checkin=None,
        open=None,
        close=None,
    )
    officials = tuple(Official(one.name, one.position) for one in scenario.officials)
    roster = tuple(RosterRow(f"delegate {i}") for i in range(1, size + 1))
    return Draft(form, officials, roster, blocks=scenario.blocks)


# --- The house ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Secretary:
    """Runs the house's own steps on the data directory of a running server."""

    running: Running

    def do(self, work: Callable[[Books], Awaitable[_T]]) -> _T:
        async def whole() -> _T:
            async with opened(self.running.datadir) as books:
                return await work(books)

        return asyncio.run(whole())

    def role_login(self, uuid: str, role: str, owner: int | None = None) -> str:
        """The half of a new role code that logs in."""
        letter = self.do(lambda books: role_letter(books, uuid, role, owner))
        return codes.parse(letter.decode().splitlines()[0], uuid).login

    def letters(self, uuid: str) -> list[Letter]:
        """New codes for all voters."""

        async def work(books: Books) -> list[Letter]:
            settings, session = books.datadir.settings, await books.session(uuid)
            return await invite.letters(books.registrar, settings, session, (), _now())

        return self.do(work)


async def role_letter(books: Books, uuid: str, role: str, owner: int | None) -> bytes:
    """A new code for a role."""
    settings, session = books.datadir.settings, await books.session(uuid)
    return await invite.role_letter(books.registrar, settings, session, role, owner, _now())


def _seal(desk: Secretary, draft: Draft) -> list[TrusteeState]:
    """The ceremony through the server; returns what the trustees' key files would hold."""
    uuid = draft.uuid
    roles = desk.do(lambda books: _register(books, draft))
    server = Server(desk.running.url)
    bearers = [Registrar.login(server, uuid, codes.parse(role, uuid).login) for role in roles]
    keys: list[TrusteeState] = []
    for owner, bearer in enumerate(bearers, start=1):
        state, message = ceremony.step1(owner, SIZE, THRESHOLD)
        bearer.put(uuid, Next.STEP1, message.encode())
        keys.append(state)
    for owner, bearer in enumerate(bearers):
        view = trustee.fetch(bearer, uuid)
        keys[owner], second = ceremony.step2(keys[owner], trustee.step1s(view))
        bearer.put(uuid, Next.STEP2, second.encode())
    for owner, bearer in enumerate(bearers):
        view = trustee.fetch(bearer, uuid)
        keys[owner], third = ceremony.step3(keys[owner], trustee.step2s(view))
        bearer.put(uuid, Next.STEP3, third.encode())
    desk.do(lambda books: seal.propose(books, draft))
    for key, bearer in zip(keys, bearers, strict=True):
        proposal = trustee.proposed(trustee.fetch(bearer, uuid), key)
        bearer.put(uuid, "seal", trustee.sign(key, proposal).encode())
    desk.do(lambda books: seal.seal(books, uuid))
    return keys


async def _register(books: Books, draft: Draft) -> list[str]:
    """Makes the session known; returns the trustees' letters."""
    uuid, human = draft.uuid, draft.human.encode()
    await books.registrar.add_session(uuid, human)
    await books.registrar.update_draft(uuid, draft.terms.encode(), human)
    letters = [await role_letter(books, uuid, "trustee", owner) for owner in range(1, SIZE + 1)]
    return [letter.decode().splitlines()[0] for letter in letters]


def _close(desk: Secretary, box: Box) -> None:
    """Announces the end; the server itself closes. Raises TimeoutError if it does not."""
    uuid, ends = box.uuid, time.monotonic() + _CLOSE_SECONDS
    desk.do(lambda books: books.box.set_closing(uuid, _now()))

    def pause() -> None:
        if time.monotonic() > ends:
            raise TimeoutError(f"the server has not closed the vote in {_CLOSE_SECONDS} s")
        time.sleep(_POLL)

    session_view.wait(box, session_view.look(box), {State.CLOSED}, pause)


def _open_totals(
    desk: Secretary,
    uuid: str,
    key: TrusteeState,
    present: int,
    workers: Workers,
    step: Callable[[int], None],
) -> None:
    """A trustee audits the archive, compares the head count, remembers and sends a share."""
    server = Server(desk.running.url)
    bearer = Registrar.login(server, uuid, desk.role_login(uuid, "trustee", key.index))
    view = trustee.fetch(bearer, uuid)
    with tempfile.TemporaryFile() as file:
        bearer.record(uuid, file)
        closed = opening.audit_closed(rewinding(file), Report(), workers.checking(step))
    owner = trustee.check_closed(closed, view, key)
    trustee.check_present(closed, session_view.fetch_note(Box(server, uuid), State.OPEN), present)
    code, total = closed.checkpoint.short_code, closed.cast.tally
    state = remember(key, closed.setup.election.phi, code, total.digest)
    bearer.put(uuid, "share", trustee.share(closed, owner, state))


# --- Voters, in worker processes ------------------------------------------------------------


def check_in(guest: Guest) -> Secrets:
    """From the letter to a credential on the list."""
    session = session_view.look(guest.box)
    server, halves = guest.box.server, codes.parse(guest.code, guest.uuid)
    if guest.init_data:
        registrar, channel = Registrar.admitted(server, guest.uuid, guest.init_data), MINIAPP
    else:
        registrar, channel = Registrar.login(server, guest.uuid, halves.login), CHANNEL
    mine = voter.secrets_of(registrar, session, halves.recovery)
    voter.register(guest.box, mine, voter.fetch_token(registrar, session, mine, channel))
    return mine


def vote(task: tuple[Guest, Secrets]) -> bytes:
    """Encrypts and casts; returns the box's promise."""
    guest, mine = task
    session = session_view.look(guest.box)
    voter.check_opened(guest.box, session, mine)
    made = voter.prepare(session, mine, list(guest.choices))
    return voter.cast(guest.box, session, made).encode()


def find(task: tuple[Guest, bytes]) -> None:
    """After the close: the ballot is on the list, as it was promised."""
    guest, promise = task
    voter.check_counted(guest.box, session_view.look(guest.box), note.parse(promise))
