"""Telegram brings updates to the server: who may, what comes of it, and when it is answered."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx

from admin.session.datadir import DataDir
from bot import server
from bot.chat import webhook
from bot.chat.intake import Intake
from crypto.lifecycle import Step
from tests.fault.test_server import free_port
from tests.telegram import oracle
from tests.telegram.standin import StandIn
from tests.telegram.updates import Hook
from tests.worlds import hall
from tests.worlds import scene as scenes
from tests.worlds.quick import PLAIN
from tests.worlds.scene import (
    CHAT,
    COLLECT,
    RECORDED,
    SEND,
    Scene,
    offers,
    says,
    witness,
)

HEADER = "X-Telegram-Bot-Api-Secret-Token"


@asynccontextmanager
async def unserved(
    folder: Path, *steps: Step, channels: tuple[str, ...] = CHAT
) -> AsyncIterator[tuple[Scene, str]]:
    """A session whose updates are to be brought to an address where nobody listens yet."""
    address = f"127.0.0.1:{free_port()}"
    async with StandIn(flood=None, http_apps=True) as standin:
        where = scenes.place(folder, standin, f"http://{address}")
        session = hall.defined(where, 3, channels=channels)
        async with scenes.beside(standin, where, session) as scene:
            await hall.store(scene.books, session)
            await scene.move(*steps)
            yield scene, address
        oracle.check(standin)


@asynccontextmanager
async def brought(
    folder: Path, *steps: Step, channels: tuple[str, ...] = CHAT
) -> AsyncIterator[Scene]:
    """A real server that Telegram brings updates to."""
    async with (
        unserved(folder, *steps, channels=channels) as (scene, address),
        scenes.serving(scene.where, server.listen(address)),
    ):
        await hooked(scene.telegram)
        yield scene


async def hooked(standin: StandIn) -> None:
    """Until the bot has said where it wants its updates."""
    async with asyncio.timeout(60):
        while standin.cloud.updates.hook is None:  # noqa: ASYNC110  rare enough
            await asyncio.sleep(0.02)


async def post(scene: Scene, body: Any, *, secret: str = "", header: str = "") -> httpx.Response:
    """Brings something, with the right secrets or with others."""
    hook = scene.telegram.cloud.updates.hook
    assert hook is not None
    url = hook.url if not secret else f"{hook.url.rpartition('/')[0]}/{secret}"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with httpx.AsyncClient(verify=PLAIN, trust_env=False, timeout=20) as client:
        return await client.post(url, content=raw, headers={HEADER: header or hook.secret})


def kept(scene: Scene) -> None:
    """From now on what people do is not brought: the test does that itself."""

    def nothing(hook: Hook) -> None:
        """In place of bringing it there."""

    scene.telegram.deliveries._start = nothing  # type: ignore[method-assign]


async def test_a_delegate_votes_by_webhook(tmp_path):
    """From the letter's QR to the tracker; nothing is fetched and nothing is left waiting."""
    async with brought(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.collected(1)
        await scene.move(Step.OPEN)
        with witness(scene.where) as witnessed:
            tracker = await scene.voted(lan, [0, 1, None])
        await scene.telegram.quiet()

        assert await scene.counts() == (1, 1, 1)
        assert await scene.books.box.trackers(scene.uuid) == [tracker]
        assert (set(witnessed.told), witnessed.lies) == ({(lan.id, tracker)}, [])
        assert scene.telegram.updates_unacknowledged == 0
        assert scene.telegram.cloud.updates.failure is None


async def test_only_who_knows_both_secrets_brings_updates(tmp_path):
    """With one letter of either wrong nothing is done; with both right the same update is."""
    async with brought(tmp_path, Step.CHECK_IN) as scene:
        lan = await scene.voter(1)
        await lan.until(offers(COLLECT))
        kept(scene)
        tap = await lan.tap(COLLECT)
        update = next(
            update for update in scene.telegram.updates if update["update_id"] == tap.update
        )
        hook = scene.telegram.cloud.updates.hook
        assert hook is not None
        path, header = hook.url.rpartition("/")[2], hook.secret

        for wrong in (
            {"secret": altered(path)},
            {"header": altered(header)},
            {"secret": header, "header": path},
            {"secret": path, "header": "x"},
            {"secret": path, "header": header[:-1]},
        ):
            answer = await post(scene, update, **wrong)
            assert answer.status_code == 404
            assert answer.json()["code"] == "not_found"
        assert await scene.counts() == (0, 0, 0)
        assert not tap.answered

        assert (await post(scene, update)).status_code == 200
        assert await scene.counts() == (1, 1, 0)


def altered(secret: str) -> str:
    return secret[:-1] + ("0" if secret[-1] != "0" else "1")


NO_UPDATES: list[Any] = [
    b"", b"{", b"\xff\xfe", [], "update", {"update": 1}, {"update_id": "1"},
    {"update_id": 1, "message": 5},
    {"update_id": 1, "callback_query": {"id": "1"}},
    {"update_id": 1, "message": {"message_id": 1, "date": "x", "chat": []}},
    b"[" * 100_000,
]  # fmt: skip


async def test_what_is_no_update_is_refused(tmp_path):
    """And what is one is taken afterwards, by the same server."""
    async with brought(tmp_path) as scene:
        answers = [await post(scene, body) for body in NO_UPDATES]
        last = await post(scene, {"update_id": 1})
    assert [answer.status_code for answer in answers] == [400] * len(NO_UPDATES)
    assert last.status_code == 200


async def test_an_update_that_is_too_large_is_not_read(tmp_path):
    async with brought(tmp_path) as scene:
        answer = await post(scene, {"update_id": 1, "x": "x" * webhook.UPDATE_LIMIT})
        assert answer.status_code == 413


async def test_an_update_is_answered_when_it_has_been_worked_on(tmp_path):
    """The ballot is in the book when Telegram hears that the update was taken, also if it is
    brought twice at once. A server that answered at once would lose it in a crash.
    """
    async with brought(tmp_path, Step.CHECK_IN) as scene:
        lan, anh = await scene.collected(1), await scene.collected(2)
        await scene.move(Step.OPEN)
        for person in (lan, anh):
            await scene.filled(person, [0, 1, 2])
        await scene.telegram.quiet()
        kept(scene)

        update = await sent(scene, lan)
        answers = await asyncio.gather(*(counted(scene, update) for _ in range(2)))
        assert answers == [(200, 1), (200, 1)]
        update = await sent(scene, anh)
        with patch.object(Intake, "take", begun_only):
            assert await counted(scene, update) == (200, 1)
        await anh.until(says(RECORDED))
        assert (await scene.counts())[2] == 2


async def sent(scene: Scene, person: Any) -> dict[str, Any]:
    tap = await person.tap(SEND)
    return next(update for update in scene.telegram.updates if update["update_id"] == tap.update)


async def counted(scene: Scene, update: dict[str, Any]) -> tuple[int, int]:
    """The status of the answer, and how many ballots there were when it came."""
    answer = await post(scene, update)
    return answer.status_code, (await scene.counts())[2]


async def begun_only(self: Intake, update: Any) -> None:
    """What must not be done: not to wait."""
    self.begin(update)


async def test_from_webhook_to_polling_and_back_no_update_is_lost(tmp_path):
    """What comes while nobody serves is worked on by the next server, whichever way it asks."""
    async with unserved(tmp_path, Step.CHECK_IN) as (scene, address):
        async with scenes.serving(scene.where, server.listen(address)):
            lan = await scene.voter(1)
            await lan.until(offers(COLLECT))
            await scene.telegram.quiet()
        await lan.tap(COLLECT)
        settings = scene.where.settings.model_copy(update={"telegram_webhook": False})
        async with scenes.serving(DataDir(scene.where.folder, settings), server.listen(address)):
            await lan.until(says("Đã nhận phiếu."))
            assert scene.telegram.cloud.updates.hook is None
            await scene.move(Step.OPEN)
            await scene.filled(lan, [0, 1, 2])
            await scene.telegram.quiet()
        await lan.tap(SEND)
        async with scenes.serving(scene.where, server.listen(address)):
            await lan.until(says(RECORDED))
            await scene.telegram.quiet()
        assert await scene.counts() == (1, 1, 1)
        assert scene.telegram.updates_unacknowledged == 0
