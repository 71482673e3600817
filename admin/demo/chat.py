"""The session through the bot of a real server: delegates vote by buttons, the chair leads in chat.

The server's bot is the ordinary one; it talks to the stand-in for Telegram in this process, and
nothing leaves this machine. In a mixed session every third delegate is a client of the server
instead, as in http.py. What nobody does in chat is done as there: the seal, the trustees' shares.

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
from admin.demo import http, phones
from admin.demo.committee import OPENING
from admin.demo.http import Guest, Sealed
from admin.demo.phones import Chair, Delegate, Exchange, Phone, said
from admin.demo.scenario import Scenario
from admin.demo.server import Running, serving
from admin.demo.session import Stage
from admin.record import files
from admin.record.pool import Workers
from admin.session.channels import most_officials
from admin.voting import codes
from crypto import checkpoint, note
from crypto.encoding import array, parse
from crypto.errors import BadCheckpoint, Refused
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
        return [self.chair.phone, self.observer, *(one.phone for one in self.delegates)]


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
    session = http.sealed(scenario, hall.running, channels, stage)
    people = _gathered(hall, session, scenario, mixed=mixed)
    size = people.size
    hall.exchange.begin(_begin(people)).result()
    with stage("checkin", size) as step:
        here = hall.exchange.begin(_check_in(people, step))
        made = list(workers.map(http.check_in, people.guests))
        here.result()
        step(len(made))
    hall.exchange.begin(_open(people)).result()
    with stage("vote", size * officials) as step:
        here = hall.exchange.begin(_vote(people, step))
        promises = list(workers.map(http.vote, zip(people.guests, made, strict=True)))
        here.result()
        step(len(promises) * officials)
    with stage("close", size) as step:
        hall.exchange.begin(people.chair.closes()).result()
        _find(people, step)
        for _ in workers.map(http.find, zip(people.guests, promises, strict=True)):
            step(1)
    with stage("tally", len(OPENING) * size) as step:
        http.open_totals(session, size, workers, step)
    with stage("publish", 1) as step:
        hall.exchange.begin(_publish(people)).result()
        path = http.taken(session, folder)
        step(1)
    return path


def _gathered(hall: Hall, session: Sealed, scenario: Scenario, *, mixed: bool) -> Gathering:
    """Gives everybody a phone or a place at a computer."""
    election, guests = _definition(session), session.guests
    remote = guests[_EVERY - 1 :: _EVERY] if mixed else []
    delegates = [
        Delegate(
            hall.phone(_DELEGATES + number, f"Đại biểu {number + 1}"),
            session.uuid,
            codes.parse(guest.code, session.uuid).login,
            guest.choices,
        )
        for number, guest in enumerate(guests)
        if guest not in remote
    ]
    return Gathering(
        hall,
        session,
        Chair(hall.phone(_CHAIR, "Chủ trì"), election.spoken_phi[:4]),
        hall.phone(_OBSERVER, "Giám sát"),
        delegates,
        remote,
        [level.label.vi for level in scenario.regime.levels],
    )


def _definition(session: Sealed) -> Election:
    return Election.decode(session.box.session()["election"].encode())


# --- On phones ----------------------------------------------------------------------------


async def _begin(people: Gathering) -> None:
    """Chair and observer show their codes; the chair begins check-in."""
    session = people.session
    for role, phone in (("chair", people.chair.phone), ("observer", people.observer)):
        login = await asyncio.to_thread(session.desk.role_login, session.uuid, role)
        await phone.enter(session.uuid, login)
    await people.chair.says("checkin", "chair.done.checkin")
    await phones.watch(people.observer)


async def _check_in(people: Gathering, step: Callable[[int], None]) -> None:
    await _in_turn(people, lambda one: one.check_in(step))


async def _open(people: Gathering) -> None:
    await people.chair.counts_present(people.size)
    await people.chair.says("open", "chair.done.open")


async def _vote(people: Gathering, step: Callable[[int], None]) -> None:
    await _in_turn(people, lambda one: one.vote(people.levels, step))


async def _in_turn(people: Gathering, work: Callable[[Delegate], Awaitable[None]]) -> None:
    """So many delegates at once as the bot can answer without delay."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(delegate: Delegate) -> None:
        async with places:
            await work(delegate)

    await asyncio.gather(*map(one, people.delegates))


def _find(people: Gathering, step: Callable[[int], None]) -> None:
    """Each looks for the tracker in the public list; the promise is the box's.

    Raises:
        BadCheckpoint: a ballot is not there, or was not promised.
    """
    raw = people.session.box.trackers()
    listed = set(array(parse(raw, "trackers", limit=_MAX_TRACKERS), "trackers"))
    election = _definition(people.session)
    if election.parameters is None:
        raise BadCheckpoint("the session has no keys")
    for one in people.delegates:
        if one.tracker not in listed:
            raise BadCheckpoint(f"the ballot {one.tracker} is not in the list")
        promise = note.parse(one.promise.encode())
        checkpoint.check_promise(promise, election, election.parameters, one.tracker)
        step(1)


async def _publish(people: Gathering) -> None:
    """The chair counts and publishes; everybody gets the result."""
    await people.chair.publishes()
    await asyncio.gather(*(phone.sees(*said("results.head")) for phone in people.phones))
