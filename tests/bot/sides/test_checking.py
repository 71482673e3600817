"""Ballots are checked beside the server, not in its way."""

import asyncio
import os
import signal
import statistics
import time

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
from tests.worlds.process import Process, serve
from tests.worlds.quick import PLAIN

OFFICIALS = 10


@pytest.fixture
def process(tmp_path):
    """A server in a process of its own, so that what the test does is not in its way."""
    where = hall.datadir(tmp_path)
    with hall.outside(where), serve(tmp_path) as started:
        yield where, started


@pytest.mark.slow
async def test_the_server_answers_while_ballots_are_checked(process: tuple[DataDir, Process]):
    """Of the pings during fifty checks nineteen in twenty take less than a tenth of a second."""
    where, started = process
    session = hall.sealed(where, Step.CHECK_IN, officials=OFFICIALS)
    secrets = session.register(50)
    session.move(Step.OPEN)
    ballots = await asyncio.to_thread(lambda: [session.vote(secret) for secret in secrets])
    path = f"{started.url}/api/v1/box/{session.uuid}/ballots"
    limits = httpx.Limits(max_keepalive_connections=0)
    async with httpx.AsyncClient(verify=PLAIN, limits=limits, timeout=60, trust_env=False) as http:
        casting = asyncio.gather(*(http.post(path, content=raw) for raw in ballots))
        pings = []
        while not casting.done():
            begun = time.perf_counter()
            assert (await http.get(f"{started.url}/healthz")).status_code == 200
            pings.append(time.perf_counter() - begun)
            await asyncio.sleep(0.005)
        answers = await casting

    p95 = statistics.quantiles(pings, n=20)[-1]
    assert [answer.status_code for answer in answers] == [201] * 50
    assert len(pings) >= 10
    assert p95 < 0.1


@pytest.fixture
async def checker():
    async with checking.checker(1, waiting=3) as checker:
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


async def test_the_queue_is_short(checker: Checker):
    """Whoever finds no place is told at once, and nothing is forgotten about the others."""
    session = testkit.session()
    raw = session.vote(0, (0, 1, 2))
    checks = [checker.check(session.election.raw, raw) for _ in range(8)]
    found = await asyncio.gather(*checks, return_exceptions=True)
    refused = [result for result in found if isinstance(result, Problem)]

    assert len(refused) == 5
    assert {(problem.status, problem.code, problem.retry_after) for problem in refused} == {
        (503, "busy", 2)
    }
    assert (await checker.check(session.election.raw, raw)).trackers == [b64_sha256(raw)]


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
