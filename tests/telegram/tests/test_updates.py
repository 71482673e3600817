"""tests/telegram/updates.py and webhook.py: nothing is lost that was not acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import Caller, written
from tests.telegram.webhook import HEADER


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_offset_acknowledges(telegram: StandIn, bot: Caller):
    """Without an offset the same comes again; an offset forgets everything below it."""
    *_, third = await written(telegram, "a", "b", "c")

    assert texts(await bot.call("getUpdates")) == ["a", "b", "c"]
    assert texts(await bot.call("getUpdates", limit=2)) == ["a", "b"]
    assert texts(await bot.call("getUpdates", offset=third)) == ["c"]
    assert telegram.updates_unacknowledged == 1
    assert await bot.call("getUpdates", offset=third + 1) == []
    assert telegram.updates_unacknowledged == 0


async def test_the_newer_of_two_who_wait_is_answered_at_once(telegram: StandIn, bot: Caller):
    """A second bot with the same token hears what is written, and the first is told so."""
    first = asyncio.create_task(bot.post("getUpdates", timeout=30))
    await asyncio.sleep(0.02)
    second = asyncio.create_task(bot.call("getUpdates", timeout=30))
    async with asyncio.timeout(60):
        answer = (await first).json()
        await written(telegram, "a")
        assert texts(await second) == ["a"]

    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running"
    )


async def test_a_bot_that_dies_loses_nothing(telegram: StandIn, bot: Caller):
    """Who hangs up during a long wait, or after an answer, finds every update when back."""
    call = asyncio.create_task(bot.call("getUpdates", timeout=30))
    await asyncio.sleep(0.02)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    await written(telegram, "a", "b")
    telegram.faults.add("getUpdates", "hang_up", after=True)

    with pytest.raises(httpx.RemoteProtocolError):
        await bot.post("getUpdates")
    assert texts(await bot.call("getUpdates", timeout=30)) == ["a", "b"]


async def test_what_was_not_allowed_when_it_happened_never_comes(telegram: StandIn, bot: Caller):
    """The list is about what happens from now on; not said again, it stays; empty, it is all."""
    lan = telegram.person(42, "Lan")
    await bot.call("getUpdates", allowed_updates=["callback_query"])
    assert await lan.say("a") == 0

    assert await bot.call("getUpdates", allowed_updates=["message"]) == []
    await lan.say("b")
    assert texts(await bot.call("getUpdates")) == ["b"]
    await lan.block()
    assert len(await bot.call("getUpdates", allowed_updates=[])) == 1


async def test_on_request_batches_come_once_more_reversed_or_twice(telegram: StandIn, bot: Caller):
    """What was acknowledged long ago is delivered again, whatever the offset; once."""
    first, second = await written(telegram, "a", "b")
    telegram.faults.duplicate = telegram.faults.reorder = True
    assert texts(await bot.call("getUpdates")) == ["b", "b", "a", "a"]
    telegram.faults.duplicate = telegram.faults.reorder = False
    await bot.call("getUpdates", offset=second + 1)

    await telegram.redeliver(first)

    assert texts(await bot.call("getUpdates", offset=second + 1)) == ["a"]
    assert await bot.call("getUpdates", offset=second + 1) == []


# ---- webhooks


class Hook:
    """A bot's ear: what it heard, and what it is to answer."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.secrets: set[str | None] = set()
        self.failures = 0
        self.url = ""

    async def hear(self, request: web.Request) -> web.Response:
        self.secrets.add(request.headers.get(HEADER))
        self.heard += texts([await request.json()])
        self.failures -= 1
        return web.Response(status=500 if self.failures >= 0 else 200)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    ear = Hook()
    app = web.Application()
    app.router.add_post("/hook", ear.hear)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ear.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield ear
    await runner.cleanup()


async def test_updates_are_posted_with_the_secret(telegram: StandIn, bot: Caller, hook: Hook):
    """What waited before comes too, in order; meanwhile nobody may ask, afterwards they may."""
    await written(telegram, "a")
    await bot.call("setWebhook", url=hook.url, secret_token="s_-9", max_connections=1)  # noqa: S106
    await written(telegram, "b")
    await telegram.quiet(idle=0.01)

    assert (hook.heard, hook.secrets) == (["a", "b"], {"s_-9"})
    refusal = (await bot.post("getUpdates")).json()["description"]
    assert refusal.startswith("Conflict: can't use getUpdates method")
    await bot.call("deleteWebhook")
    await written(telegram, "c")
    assert texts(await bot.call("getUpdates")) == ["c"]


async def test_what_is_not_taken_comes_again(telegram: StandIn, bot: Caller, hook: Hook):
    """Until it is taken; at once where the webhook is set again, however long the pause."""
    telegram.deliveries.pause = 0.01
    hook.failures = 2
    await bot.call("setWebhook", url=hook.url)
    await written(telegram, "a")
    await telegram.quiet(idle=0.01)
    assert hook.heard == ["a", "a", "a"]
    failure = "Wrong response from the webhook: 500 Internal Server Error"
    assert telegram.cloud.updates.failure == failure

    telegram.deliveries.pause, hook.failures = 60.0, 1
    await written(telegram, "b")
    with pytest.raises(TimeoutError, match="1 updates wait"):
        await telegram.quiet(idle=0.01, timeout=0.1)
    await bot.call("setWebhook", url=hook.url)
    await telegram.quiet(idle=0.01, timeout=60)
    assert hook.heard[3:] == ["b", "b"]
