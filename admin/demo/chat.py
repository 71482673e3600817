"""The session through the bot of a real server: delegates vote by buttons, the chair leads in chat.

The server's bot is the ordinary one; it talks to the stand-in for Telegram in this process, and
nothing leaves this machine. In a mixed session every third delegate is a client of the server
instead, as in session.py. The seal and the trustees' shares are done as there, nobody does them in
chat.

Does not show how fast Telegram is: the stand-in answers at once, the bot keeps Telegram's pace.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from admin.client import session_view
from admin.demo import committee, phones
from admin.demo.phones import Chair, Delegate, Exchange, Phone, sentence
from admin.demo.scenario import Scenario
from admin.demo.server import Running, serving
from admin.demo.session import (
    Guest,
    Sealed,
    Stage,
    check_in,
    find,
    seal_session,
    take_record,
    vote,
)
from admin.record import files
from admin.record.pool import Workers
from admin.session.channels import most_officials
from admin.voting import codes
from crypto import checkpoint, note
from crypto.encoding import array, parse
from crypto.errors import BadCheckpoint, Refused
from crypto.lifecycle import State
from crypto.session import Election

CHANNEL: Final = "chat"
_EVERY: Final = 3  # of so many delegates of a mixed session one uses no chat
_AT_ONCE: Final = 28  # delegates; each taps once a second, and a bot may say so much in a second
_MAX_TRACKERS: Final = 1 << 20  # bytes; 5000 trackers, the most of a demo, need 230 kB
_CHAIR, _OBSERVER, _DELEGATES = 1001, 1002, 2001  # Telegram's numbers of these people


@dataclass(frozen=True, slots=True)
class Hall:
    """A server whose bot answers on people's phones."""

    running: Running
    exchange: Exchange

    def phone(self, number: int, name: str) -> Phone:
        return Phone(self.exchange.telegram.person(number, name))


@contextmanager
def hosting(folder: Path) -> Iterator[Hall]:
    """A server with a bot for the length of the block, its data in `folder`.

    Raises:
        ConnectionError: it does not start.
    """
    with phones.exchange() as exchange:
        telegram, token = exchange.telegram, folder.with_name("bot.token").resolve()
        files.write(token, telegram.token.encode(), mode=0o600)
        settings = {
            "telegram_token_file": str(token),
            "telegram_api": telegram.url,
            "telegram_bot": telegram.username,
        }
        lines = (f"{name} = {json.dumps(value)}" for name, value in settings.items())
        with serving(folder, *lines) as running:
            yield Hall(running, exchange)


@dataclass(frozen=True, slots=True)
class Gathering:
    """Who takes part, and by which way."""

    hall: Hall
    session: Sealed
    chair: Chair
    observer: Phone
    delegates: list[Delegate]
    guests: list[Guest]
    levels: list[str]

    @property
    def size(self) -> int:
        return len(self.delegates) + len(self.guests)

    @property
    def phones(self) -> list[Phone]:
        return [self.chair.phone, self.observer, *(delegate.phone for delegate in self.delegates)]


def play(
    scenario: Scenario, folder: Path, hall: Hall, workers: Workers, stage: Stage, *, mixed: bool
) -> Path:
    """Plays the session; leaves the archive and the bundle in `folder`.

    Returns:
        The bundle.

    Raises:
        Refused: more officials than a ballot by buttons has room for.
        TimeoutError: somebody waited in vain; the detail is what stands on the phone.
    """
    most = most_officials(len(scenario.regime.level_keys))
    if (officials := len(scenario.officials)) > most:
        raise Refused(f"{officials} officials: a ballot by buttons has room for {most}")
    channels = (CHANNEL, session_view.CHANNEL) if mixed else (CHANNEL,)
    session = seal_session(scenario, hall.running.secretary, channels, stage)
    people = _gathered(hall, session, scenario, mixed=mixed)
    on_phones, size = hall.exchange.begin, people.size
    on_phones(_begin(people)).result()
    with stage("checkin", size) as step:
        checking_in = on_phones(_check_in(people, step))
        secrets = list(workers.map(check_in, people.guests))
        checking_in.result()
        step(len(secrets))
    on_phones(_open(people)).result()
    committee.seal_box(session, size)
    with stage("vote", size * officials) as step:
        voting = on_phones(_vote(people, step))
        promises = list(workers.map(vote, zip(people.guests, secrets, strict=True)))
        voting.result()
        step(len(promises) * officials)
    with stage("close", 2 * size) as step:
        on_phones(people.chair.closes()).result()
        closed = committee.sign_close(session, size, workers, step)
        looking = on_phones(_look(people))
        _find(people, step)
        for _ in workers.map(find, zip(people.guests, promises, strict=True)):
            step(1)
        looking.result()
    with stage("tally", size) as step:
        committee.open_totals(session, closed)
        step(size)
    with stage("publish", 1) as step:
        on_phones(_publish(people)).result()
        bundle = take_record(session, folder)
        step(1)
    return bundle


def _gathered(hall: Hall, session: Sealed, scenario: Scenario, *, mixed: bool) -> Gathering:
    """Gives everybody a phone or a place at a computer."""
    guests = session.guests
    remote = guests[_EVERY - 1 :: _EVERY] if mixed else []
    delegates = [
        Delegate(
            hall.phone(_DELEGATES + number, f"Đại biểu {number + 1}"),
            session.uuid,
            codes.parse(guest.code, session.uuid),
            guest.choices,
        )
        for number, guest in enumerate(guests)
        if guest not in remote
    ]
    return Gathering(
        hall,
        session,
        Chair(hall.phone(_CHAIR, "Chủ trì"), _session_code(session)),
        hall.phone(_OBSERVER, "Giám sát"),
        delegates,
        remote,
        [level.label.vi for level in scenario.regime.levels],
    )


def _definition(session: Sealed) -> Election:
    return Election.decode(session.box.session()["election"].encode())


def _session_code(session: Sealed) -> str:
    """As the hall screen shows it."""
    election = _definition(session)
    if election.parameters is None:
        raise BadCheckpoint("the session has no keys")
    trustees = election.parameters.trustees
    return session_view.check_signed(
        session.box, election, election.parameters, State.SEALED, trustees
    ).code


# --- On phones ----------------------------------------------------------------------------


async def _begin(people: Gathering) -> None:
    """Chair and observer show their codes; the chair begins check-in."""
    session = people.session
    for role, phone in (("chair", people.chair.phone), ("observer", people.observer)):
        login = await asyncio.to_thread(session.secretary.role_login, session.uuid, role)
        await phone.enter(session.uuid, login)
    await people.chair.says("checkin", "chair.done.checkin")
    await phones.watch(people.observer)


async def _check_in(people: Gathering, step: Callable[[int], None]) -> None:
    await _in_turn(people, lambda delegate: delegate.check_in(step))


async def _open(people: Gathering) -> None:
    await people.chair.counts_present(people.size)
    await people.chair.says("open", "chair.done.open")


async def _vote(people: Gathering, step: Callable[[int], None]) -> None:
    await _in_turn(people, lambda delegate: delegate.vote(people.levels, step))


async def _look(people: Gathering) -> None:
    """The chair hears of the signatures, each delegate that the ballot is counted."""
    await people.chair.hears_of_the_close()
    await _in_turn(people, Delegate.look)


async def _in_turn(people: Gathering, work: Callable[[Delegate], Awaitable[None]]) -> None:
    """So many delegates at once as the bot can answer without delay."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def in_place(delegate: Delegate) -> None:
        async with places:
            await work(delegate)

    await asyncio.gather(*map(in_place, people.delegates))


def _find(people: Gathering, step: Callable[[int], None]) -> None:
    """Each looks for the tracker in the public list; the promise is the box's.

    Raises:
        BadCheckpoint: a ballot is not there, or was not promised.
    """
    raw = people.session.box.trackers()
    trackers = set(array(parse(raw, "trackers", limit=_MAX_TRACKERS), "trackers"))
    election = _definition(people.session)
    if election.parameters is None:
        raise BadCheckpoint("the session has no keys")
    for delegate in people.delegates:
        if delegate.tracker not in trackers:
            raise BadCheckpoint(f"the ballot {delegate.tracker} is not in the list")
        promise = note.parse(delegate.promise.encode())
        checkpoint.check_promise(promise, election, election.parameters, delegate.tracker)
        step(1)


async def _publish(people: Gathering) -> None:
    """The chair counts and publishes; everybody gets the result."""
    await people.chair.publishes()
    await asyncio.gather(*(phone.sees(*sentence("results.head")) for phone in people.phones))
