"""The announced end: what came before it counts, what comes after it does not."""

import asyncio
import errno
import threading
import time
from typing import Any

import pytest

from admin.lifecycle import electronic
from admin.record.product import Product
from admin.session.datadir import DataDir
from bot.app import Options
from bot.sides import checking
from bot.sides.box import BoxSide
from crypto import tally
from crypto.audit import evidence
from crypto.audit.ballots import Batch
from crypto.encoding import b64_sha256
from crypto.lifecycle import State, Step
from tests.worlds import hall
from tests.worlds.hall import Client, Sealed, code


def voting(where: DataDir, voters: int) -> tuple[Sealed, list[bytes]]:
    """An open session and a ballot of each voter."""
    session = hall.sealed(where, Step.CHECK_IN)
    secrets = session.register(voters)
    session.move(Step.OPEN)
    return session, [session.vote(secret) for secret in secrets]


def close_in(session: Sealed, seconds: float) -> float:
    """Announces the end; whole seconds, as the command does. Returns the moment."""
    closes = int(time.time() + seconds) + 1
    hall.with_books(session.where, lambda books: books.box.set_closing(session.uuid, closes))
    return closes


def state(client: Client, session: Sealed) -> str:
    return str(client.call("GET", f"/api/v1/sessions/{session.uuid}").json()["state"])


def wait_until_closed(client: Client, session: Sealed, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while state(client, session) != State.CLOSED:
        assert time.monotonic() < until, "the session was not closed"
        time.sleep(0.1)


def test_the_server_closes_at_the_announced_time(where: DataDir, client: Client):
    """Trackers and archive are there as soon as it says closed; not a ballot more gets in."""
    session, (early, late) = voting(where, 2)
    cast = client.cast(session, early)
    closes = close_in(session, 0.2)
    time.sleep(max(0.0, closes - time.time() - 0.05))
    before = state(client, session)  # the server may know by now that the end comes
    assert before == State.OPEN or time.time() >= closes
    time.sleep(max(0.0, closes - time.time()))
    refused = client.cast(session, late)
    wait_until_closed(client, session)
    path = f"/api/v1/box/{session.uuid}"

    assert code(refused) == (409, "closed")
    assert client.call("GET", f"{path}/trackers").content == evidence.encode_trackers(
        [b64_sha256(early)]
    )
    assert early in client.call("GET", f"{path}/record").content
    assert late not in client.call("GET", f"{path}/record").content
    assert client.cast(session, early).content == cast.content


def test_the_server_hands_over_the_product_that_it_has_kept(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """Of all ballots that it stored, each once, so that the close has nothing to multiply."""
    session, ballots = voting(where, 3)
    for raw in (*ballots, ballots[0]):
        client.cast(session, raw)
    plain, handed = electronic._write_archive, []

    async def watched(*args: Any) -> None:
        _, definition, running = args
        if definition.election.uuid == session.uuid:  # the server may still close another's
            handed.append(running)
        await plain(*args)

    monkeypatch.setattr(electronic, "_write_archive", watched)
    close_in(session, 0)
    wait_until_closed(client, session)

    election = session.insider.election
    trackers = frozenset(b64_sha256(raw) for raw in ballots)
    assert handed == [Product(trackers, tally.of_ballots(election, ballots))]


def test_a_close_that_failed_half_way_is_tried_again(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """A disk that was full for a moment costs a moment; nobody has to start the server again."""
    session, (raw,) = voting(where, 1)
    client.cast(session, raw)
    plain, failures = electronic._write_archive, iter([OSError(errno.ENOSPC, "full")])

    async def full_at_first(*args: Any) -> None:
        for failure in failures:
            raise failure
        await plain(*args)

    monkeypatch.setattr(electronic, "_write_archive", full_at_first)
    close_in(session, 0)
    wait_until_closed(client, session)

    assert next(failures, None) is None
    assert raw in client.call("GET", f"/api/v1/box/{session.uuid}/record").content


def test_a_ballot_received_in_time_counts_however_long_its_check_takes(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """The close waits for what is under way."""
    session, (raw,) = voting(where, 1)
    plain, begun = checking.Checker.check, threading.Event()

    async def slow(self: checking.Checker, election: bytes, ballot: bytes) -> Batch:
        begun.set()
        await asyncio.sleep(3)
        return await plain(self, election, ballot)

    monkeypatch.setattr(checking.Checker, "check", slow)
    answers = []
    casting = threading.Thread(target=lambda: answers.append(client.cast(session, raw)))
    casting.start()
    assert begun.wait(60)
    closes = close_in(session, 0)
    casting.join()
    wait_until_closed(client, session)

    assert time.time() > closes
    assert [answer.status_code for answer in answers] == [201]
    assert raw in client.call("GET", f"/api/v1/box/{session.uuid}/record").content


def test_nothing_that_comes_after_the_end_delays_it(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """Only a ballot that came whole before is waited for, however long others are looked at."""
    session, (raw,) = voting(where, 1)
    plain, released = BoxSide.take, threading.Event()

    async def held(self: BoxSide, *args: Any) -> None:
        await asyncio.to_thread(released.wait, 20)
        await plain(self, *args)

    monkeypatch.setattr(BoxSide, "take", held)
    closes = close_in(session, 0)
    time.sleep(max(0.0, closes - time.time()))
    answers = []
    casting = threading.Thread(target=lambda: answers.append(client.cast(session, raw)))
    casting.start()
    wait_until_closed(client, session)
    released.set()
    casting.join()

    assert [code(answer) for answer in answers] == [(409, "closed")]


def test_a_credential_has_one_place_in_the_queue(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """While a ballot is checked, the same bytes wait for its check and other ones come later."""
    session = hall.sealed(where, Step.CHECK_IN)
    (secret,) = session.register(1)
    session.move(Step.OPEN)
    first, second = session.vote(secret), session.vote(secret)
    plain, released, checks = checking.Checker.check, threading.Event(), []

    async def held(self: checking.Checker, election: bytes, ballot: bytes) -> Batch:
        checks.append(ballot)
        await asyncio.to_thread(released.wait, 20)
        return await plain(self, election, ballot)

    monkeypatch.setattr(checking.Checker, "check", held)
    answers = []
    twice = [
        threading.Thread(target=lambda: answers.append(client.cast(session, first)))
        for _ in range(2)
    ]
    for casting in twice:
        casting.start()
    until = time.monotonic() + 10
    while not checks and time.monotonic() < until:
        time.sleep(0.05)
    refused = client.cast(session, second)
    released.set()
    for casting in twice:
        casting.join()

    assert code(refused) == (503, "busy")
    assert [answer.status_code for answer in answers] == [201, 201]
    assert checks == [first]


def test_the_end_of_receiving_decides(
    where: DataDir, client: Client, monkeypatch: pytest.MonkeyPatch
):
    """A ballot whose last byte comes after the end is late, whenever its first byte came."""
    session, (raw,) = voting(where, 1)
    monkeypatch.setattr(BoxSide, "take", BoxSide.take)
    closes = close_in(session, 0.2)

    def pieces():
        yield raw[:-1]
        time.sleep(max(0.0, closes - time.time()) + 0.01)
        yield raw[-1:]

    answer = client.call("POST", f"/api/v1/box/{session.uuid}/ballots", content=pieces())

    assert code(answer) == (409, "closed")


def test_an_end_that_passed_while_nobody_served_is_made_good(tmp_path):
    """A server that starts afterwards closes at once and takes no ballot."""
    where = hall.datadir(tmp_path)
    with hall.outside(where):
        session, (raw,) = voting(where, 1)
        close_in(session, -3)
        with hall.serving(where, Options(workers=1)) as url:
            client = Client(url)
            assert code(client.cast(session, raw)) == (409, "closed")
            wait_until_closed(client, session)
            assert client.call("GET", f"/api/v1/box/{session.uuid}/trackers").content == b"[]"
