"""Everybody at once: how long a receipt takes, and a check-in, on a real server over real HTTP.

Ballots were made before (prepared.py), phones try again as the page does (phones.py) and follow
the session's events. Whether anything was lost or counted twice, an audit of the record says.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import SystemRandom
from typing import Final

from sqlalchemy import MetaData, insert, select

import storage
from admin.session.datadir import SETTINGS, DataDir
from crypto import ballot
from crypto.blind import IssuerKey
from storage.books import open_database
from storage.box import tables as box_tables
from storage.registrar import tables as registrar_tables
from tests.bench import after, phones
from tests.bench.cost import family
from tests.bench.phones import Network
from tests.bench.prepared import Prepared
from tests.bench.results import Measure, Results, say
from tests.storage import postgres
from tests.worlds import process

_CHANCE: Final = SystemRandom()
_STREAMS: Final = 400  # more than these from one address ask again and again instead


@dataclass(frozen=True, slots=True)
class Load:
    """One run: on which database, and within how many seconds everybody taps."""

    database: str
    spread: float

    @property
    def name(self) -> str:
        return f"{self.database}/{f'in {self.spread:.0f} s' if self.spread else 'at once'}"


def run(results: Results, session: Prepared, spread: float) -> None:
    """All runs with this session; ballots come within `spread` seconds, and at once."""
    size = f"{len(session.codes)}x{session.officials}"
    results.take(f"checkin/{size}/sqlite", 30, lambda: _check_in(session))
    for load in (Load("sqlite", spread), Load("sqlite", 0), Load("postgresql", spread)):
        if load.database == "postgresql" and postgres.programs() is None:
            say("load: no PostgreSQL here (.ci/setup): skipped")
            continue
        seconds = load.spread + 0.2 * len(session.ballots)
        results.take(f"load/{size}/{load.name}", seconds, partial(_cast, session, load))


def play(results: Results, session: Prepared) -> None:
    """A small session from the first ballot to the audit: how close and count grow."""
    size = f"{len(session.ballots)}x{session.officials}"
    seconds = 10 + 0.01 * len(session.ballots) * session.officials
    results.take(f"session/{size}", seconds, lambda: _cast(session, Load("sqlite", 0)))


def failures(measures: dict[str, Measure]) -> list[str]:
    """The runs in which a ballot was lost or counted twice."""
    return [
        f"{name}: {measure['lost']} lost, {measure['twice']} twice"
        for name, measure in measures.items()
        if measure.get("lost") or measure.get("twice")
    ]


# --- Ballots ------------------------------------------------------------------------------


def _cast(session: Prepared, load: Load) -> Measure:
    with _directory(session, "open", load.database) as where, process.serve(where.folder) as server:
        measure, trackers = asyncio.run(_everybody(session, server, load.spread))
        played = session.played(where, server.url)
        measure |= after.finish(played, len(session.codes), trackers)
        used = family(server.running.pid)
    return measure | {"cpu": used.cpu, "memory": used.first, "workers_memory": used.others}


_LEAST = 2  # of these quantiles are taken


async def _everybody(
    session: Prepared, server: process.Process, spread: float
) -> tuple[Measure, list[str]]:
    """Everybody casts; the times and the trackers."""
    network, probes = Network(server.url), Network(server.url)
    limit = ballot.size_limit(session.election)
    lag: list[float] = []
    own: list[float] = []
    beside = [asyncio.create_task(probes.probe(lag, own))]
    followed = min(len(session.ballots), _STREAMS)
    beside += [asyncio.create_task(network.follow(session.uuid)) for _ in range(followed)]
    await asyncio.sleep(2)  # they are connected

    async def phone(raw: bytes) -> tuple[str, float]:
        await asyncio.sleep(_CHANCE.uniform(0, spread))  # until somebody taps
        return await phones.cast(network, session.election, raw.ljust(limit))

    began, before = time.perf_counter(), family(server.running.pid)
    lag.clear()
    own.clear()
    receipts = await asyncio.gather(*map(phone, session.ballots))
    took, behind = time.perf_counter() - began, family(server.running.pid)
    # A crowd of a dozen is gone before the server is probed twice.
    while min(len(lag), len(own)) < _LEAST:  # noqa: ASYNC110  there is no event
        await asyncio.sleep(0.05)
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    return {
        "receipt": _spread([seconds for _, seconds in receipts]),
        "took": round(took, 2),
        "cast_cpu": round(behind.cpu - before.cpu, 2),
        "busy": network.answers[503],
        "unexplained": network.unexplained,
        "failed": sum(n for status, n in network.answers.items() if status in {500, 502, 504}),
        "no_answer": network.answers[0],
        "taps": network.taps,
        "lag": _spread(lag),
        "own_lag": _spread(own),
    }, [tracker for tracker, _ in receipts]


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    """Median, 95th and 99th of a hundred, and the longest."""
    ordered = sorted(seconds)
    cut = statistics.quantiles(ordered, n=100, method="inclusive")
    figures = {"p50": cut[49], "p95": cut[94], "p99": cut[98], "max": ordered[-1]}
    return {name: round(figure, 3) for name, figure in figures.items()}


# --- Check-ins ----------------------------------------------------------------------------


def _check_in(session: Prepared) -> Measure:
    parameters = session.election.parameters
    if parameters is None:
        raise TypeError("a session of ours has our parameters")
    issuer = IssuerKey.from_spki(parameters.issuer)

    async def everybody(network: Network) -> list[float]:
        people = zip(session.codes, session.secrets, strict=True)
        work = (phones.check_in(network, session.election, issuer, *who) for who in people)
        return await asyncio.gather(*work)

    with (
        _directory(session, "sealed", "sqlite") as where,
        process.serve(where.folder) as server,
    ):
        network = Network(server.url)
        before, began = family(server.running.pid), time.perf_counter()
        seconds = asyncio.run(everybody(network))
        took = time.perf_counter() - began
        used = family(server.running.pid).cpu - before.cpu
    return {
        "check_in": _spread(seconds),
        "took": round(took, 2),
        "cpu": round(used / len(seconds), 4),
        "busy": network.answers[503],
        "no_answer": network.answers[0],
    }


# --- Data directories ---------------------------------------------------------------------


@contextmanager
def _directory(session: Prepared, stage: str, database: str) -> Iterator[DataDir]:
    """A copy to work on, its books in this kind of database."""
    with tempfile.TemporaryDirectory(prefix="phieukin-") as folder:
        where = session.copy(stage, Path(folder) / "data")
        binaries = postgres.programs()
        if database == "sqlite" or binaries is None:
            yield where
            return
        with postgres.cluster(binaries, options="") as socket:
            urls = asyncio.run(postgres.empty(socket))
            asyncio.run(_move(where, *urls))
            lines = f'registrar_db = "{urls[0]}"\nbox_db = "{urls[1]}"\n'
            (where.folder / SETTINGS).write_text(lines, "utf-8")
            yield DataDir.open(where.folder)


async def _move(where: DataDir, registrar: str, box: str) -> None:
    """Both books, row by row, into databases that are empty."""
    await _copy("registrar", where.registrar_url, registrar, registrar_tables.TABLES)
    await _copy("box", where.box_url, box, box_tables.TABLES)


async def _copy(book: str, source_url: str, target_url: str, tables: MetaData) -> None:
    migrations = Path(storage.__file__).parent / "migrations" / book
    source = await open_database(source_url, migrations)
    target = await open_database(target_url, migrations)
    async with source.read() as reading, target.write() as writing:
        for table in tables.sorted_tables:
            rows = [dict(row) for row in (await reading.execute(select(table))).mappings()]
            if rows:
                await writing.execute(insert(table), rows)
    await source.close()
    await target.close()
