"""Ballots are checked beside the server, not in its way."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from admin.session.datadir import DataDir
from bot.sides import checking
from bot.sides.checking import Checker
from bot.sides.problem import Problem
from crypto.encoding import b64_sha256
from crypto.errors import BadSignature
from crypto.lifecycle import Step
from tests import testkit
from tests.worlds import hall
from tests.worlds.process import Process, children, serve
from tests.worlds.quick import PLAIN

VOTERS, PINGS = 3, 20


@pytest.fixture
def process(tmp_path, monkeypatch):
    """A server in a process of its own, whose workers are processes, too."""
    monkeypatch.setenv("PHIEUKIN_KERNEL", "0")
    where = hall.datadir(tmp_path)
    with hall.outside(where), serve(tmp_path) as started:
        yield where, started


@contextmanager
def asleep(started: Process) -> Iterator[None]:
    """The server's workers do nothing as long as the block lasts."""
    workers = children(started.running.pid)
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)


@pytest.mark.slow
async def test_the_server_answers_while_ballots_are_checked(process: tuple[DataDir, Process]):
    """However long the checks take: nothing of them is done where requests are answered."""
    where, started = process
    session = hall.sealed(where, Step.CHECK_IN)
    secrets = session.register(VOTERS)
    session.move(Step.OPEN)
    ballots = [session.vote(secret) for secret in secrets]
    path = f"{started.url}/api/v1/box/{session.uuid}/ballots"
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(verify=PLAIN, limits=limits, timeout=60, trust_env=False) as http:
        with asleep(started):
            casting = asyncio.gather(*(http.post(path, content=raw) for raw in ballots))
            for _ in range(PINGS):
                assert (await http.get(f"{started.url}/healthz")).status_code == 200
            assert not casting.done()
            assert session.counts()["cast"] == 0
        answers = await casting

    assert [answer.status_code for answer in answers] == [201] * VOTERS


@pytest.fixture(params=[True, False], ids=["threads", "processes"])
async def checker(request: pytest.FixtureRequest):
    async with checking.checker(1, threads=request.param) as checker:
        yield checker


async def test_the_check_is_the_auditors(checker: Checker):
    """Errors come back from the worker as they are."""
    session = testkit.session()
    raw = session.vote(0, (0, 1, 2))
    at = raw.rindex(b'"response":"') + 12
    digit = b"2" if raw[at : at + 1] == b"1" else b"1"

    batch = await checker.check(session.election.raw, raw)
    with pytest.raises(BadSignature):
        await checker.check(session.election.raw, raw[:at] + digit + raw[at + 1 :])

    assert batch.credentials == [session.credentials[0]]


@pytest.mark.parametrize("checker", [False], indirect=True, ids=["processes"])
async def test_a_worker_that_dies_is_replaced(checker: Checker):
    """Its ballot was not judged, which the answer says; the next one is."""
    session = testkit.session()
    raw = session.vote(0, (0, 1, 2))
    worker = await asyncio.wrap_future(checker._pool.submit(os.getpid))
    os.kill(worker, signal.SIGKILL)

    with pytest.raises(Problem) as refused:
        await checker.check(session.election.raw, raw)
    assert (refused.value.status, refused.value.code) == (503, "busy")
    assert (await checker.check(session.election.raw, raw)).trackers == [b64_sha256(raw)]
    assert await checker.ready()
