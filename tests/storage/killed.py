"""Kills a writer again and again; a process of its own, because it forks.

`python -m tests.storage.killed FOLDER write|rewrite KILLS` prints as JSON how many writes
were acknowledged and what a later process could not find again.
"""

import asyncio
import json
import os
import secrets
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from crypto.lifecycle import Step
from storage.books import open_box, open_registrar
from storage.box.book import BoxBook
from storage.registrar.book import RegistrarBook
from tests.storage.sample import UUID, ballot, box_at, digest, person, registrar_at

VOTERS = {"write": 400, "rewrite": 150}  # the writers seldom get so far
TOGETHER = 4
MOST_ACKNOWLEDGED = 20  # before the next kill
MOST_DELAY = 0.01  # seconds: several commits long

Acknowledged = dict[str, set[int]]


def answer(number: int) -> bytes:
    """The token answer of a person."""
    return digest(f"answer {number}")


async def books(folder: Path) -> tuple[RegistrarBook, BoxBook]:
    """Both books of the folder."""
    return (
        await open_registrar(f"sqlite:///{folder}/registrar.db"),
        await open_box(f"sqlite:///{folder}/box.db"),
    )


async def prepare(folder: Path, what: str) -> None:
    """A session in which everyone may ask for a token and cast, or one that has ended."""
    registrar, box = await books(folder)
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN, voters=VOTERS[what])
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=VOTERS[what])
    if what == "rewrite":
        for number in range(VOTERS[what]):
            await box.cast(*ballot(number).take())
        await box.move(UUID, Step.CLOSE)
    await registrar.close()
    await box.close()


async def missing(folder: Path, acknowledged: Acknowledged, since: int) -> list[str]:
    """What was acknowledged and is not there, or not as it was; tokens from a number on."""
    registrar, box = await books(folder)
    trackers = set(await box.trackers(UUID))
    lost = [f"cast {at}" for at in acknowledged["cast"] if ballot(at).tracker not in trackers]
    for number in (number for number in acknowledged["issue"] if number >= since):
        request = digest(f"request {number}")
        again = await registrar.issue(UUID, person(number).person, request, b"other", "web")
        if again != answer(number):
            lost.append(f"issue {number}")
    await registrar.close()
    await box.close()
    return lost


async def write(folder: Path, pipe: int, start: int) -> None:
    """Issues and casts, telling each number after it is acknowledged, until killed."""
    registrar, box = await books(folder)

    async def one(place: int) -> None:
        for number in range(start + place, VOTERS["write"], TOGETHER):
            holder, request = person(number).person, digest(f"request {number}")
            await registrar.issue(UUID, holder, request, answer(number), "web")
            os.write(pipe, f"issue {number}\n".encode())
            await box.cast(*ballot(number).take())
            os.write(pipe, f"cast {number}\n".encode())

    await asyncio.gather(*map(one, range(TOGETHER)))
    await asyncio.Event().wait()


async def rewrite(folder: Path, pipe: int) -> None:
    """Rewrites without end."""
    _, box = await books(folder)
    while True:
        await box.rewrite(UUID)
        os.write(pipe, b"rewrite 0\n")


def kill_one(folder: Path, what: str, acknowledged: Acknowledged) -> None:
    """One writer's life: it is killed after some acknowledgements and a moment more."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            start = max(acknowledged["cast"], default=0)
            work = write(folder, writing, start) if what == "write" else rewrite(folder, writing)
            asyncio.run(work)
        os._exit(1)
    os.close(writing)
    most = MOST_ACKNOWLEDGED if what == "write" else 2
    with os.fdopen(reading) as lines:
        for _ in range(secrets.randbelow(most)):
            _note(acknowledged, lines.readline())
        time.sleep(secrets.randbelow(1_000) / 1_000 * MOST_DELAY)
        os.kill(child, signal.SIGKILL)
        for line in lines:
            _note(acknowledged, line)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def _note(acknowledged: Acknowledged, line: str) -> None:
    kind, _, number = line.partition(" ")
    acknowledged[kind].add(int(number))


def main(folder: Path, what: str, kills: int) -> None:
    """Kills and looks, as often as asked."""
    asyncio.run(prepare(folder, what))
    acknowledged: Acknowledged = {"issue": set(), "cast": set(), "rewrite": set()}
    lost = []
    for _ in range(kills):
        since = max(acknowledged["cast"], default=0)
        kill_one(folder, what, acknowledged)
        lost += asyncio.run(missing(folder, acknowledged, since))
    lost += asyncio.run(missing(folder, acknowledged, 0))
    counts = {kind: len(numbers) for kind, numbers in acknowledged.items()}
    json.dump({"acknowledged": counts, "lost": lost}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
