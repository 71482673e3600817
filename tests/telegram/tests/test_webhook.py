"""tests/telegram/webhook.py: updates are posted until somebody takes them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.telegram import updates
from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import Caller, listening, written
from tests.telegram.webhook import HEADER


class Hook:
    """A bot's ear: what it heard, and what it is to answer."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.secrets: set[str | None] = set()
        self.failures = 0
        self.seconds = 0.0
        self.open = self.most_open = 0
        self.url = ""

    async def hear(self, request: web.Request) -> web.Response:
        update: dict[str, Any] = await request.json()
        self.secrets.add(request.headers.get(HEADER))
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        self.heard.append(update["message"]["text"])
        await asyncio.sleep(self.seconds)
        self.open -= 1
        if self.failures:
            self.failures -= 1
            return web.Response(status=500)
        return web.Response()


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    ear = Hook()
    app = web.Application()
    app.router.add_post("/hook", ear.hear)
    async with listening(app) as url:
        ear.url = f"{url}/hook"
        yield ear


async def test_updates_are_posted_with_the_secret(telegram: StandIn, bot: Caller, hook: Hook):
    """What waited before comes too; the info says that nothing waits any more."""
    await written(telegram, "a")
    await bot.call("setWebhook", url=hook.url, secret_token="s_-9", max_connections=7)  # noqa: S106
    await written(telegram, "b")
    await telegram.quiet(idle=0.01)

    assert hook.heard == ["a", "b"]
    assert hook.secrets == {"s_-9"}
    assert telegram.cloud.updates.hook == updates.Hook(hook.url, "s_-9", 7)
    assert telegram.updates_unacknowledged == 0


async def test_what_is_not_taken_comes_again(telegram: StandIn, bot: Caller, hook: Hook):
    """A bot that fails gets the update until it takes it; the info says how it failed."""
    telegram.deliveries.pause = 0.01
    hook.failures = 2
    await bot.call("setWebhook", url=hook.url)
    await written(telegram, "a")
    await telegram.quiet(idle=0.01)

    assert hook.heard == ["a", "a", "a"]
    failure = "Wrong response from the webhook: 500 Internal Server Error"
    assert telegram.cloud.updates.failure == failure
    assert telegram.updates_unacknowledged == 0


async def test_a_bot_that_is_away_finds_everything(
    telegram: StandIn, bot: Caller, unused_tcp_port: int
):
    """While nobody listens updates wait; by asking they are found."""
    await bot.call("setWebhook", url=f"http://127.0.0.1:{unused_tcp_port}/hook")
    await written(telegram, "a", "b")
    async with asyncio.timeout(30):
        while telegram.cloud.updates.failure is None:  # noqa: ASYNC110  it has no event
            await asyncio.sleep(0.01)

    assert telegram.cloud.updates.failure == "Connection refused"
    assert telegram.updates_unacknowledged == 2
    await bot.call("deleteWebhook")
    assert len(await bot.call("getUpdates")) == 2


async def test_a_bot_that_comes_back_is_served_at_once(telegram: StandIn, bot: Caller, hook: Hook):
    """Who sets the webhook again does not wait for the next attempt."""
    telegram.deliveries.pause = 60.0
    hook.failures = 1
    await bot.call("setWebhook", url=hook.url)
    await written(telegram, "a")
    with pytest.raises(TimeoutError):
        await telegram.quiet(idle=0.01, timeout=0.1)

    await bot.call("setWebhook", url=hook.url)
    await telegram.quiet(idle=0.01, timeout=5)

    assert hook.heard == ["a", "a"]


async def test_a_slow_bot_is_given_up(telegram: StandIn, bot: Caller, hook: Hook):
    """Who does not answer in time gets the update again."""
    telegram.deliveries.seconds, telegram.deliveries.pause = 0.3, 0.01
    hook.seconds = 5.0
    await bot.call("setWebhook", url=hook.url)
    await written(telegram, "a")
    with pytest.raises(TimeoutError):
        await telegram.quiet(idle=0.01, timeout=0.2)
    async with asyncio.timeout(30):
        while len(hook.heard) < 2:  # noqa: ASYNC110  the hook has no event
            await asyncio.sleep(0.05)
    assert set(hook.heard) == {"a"}
    telegram.deliveries.seconds, hook.seconds = 30.0, 0.0
    await telegram.quiet(idle=0.01)

    assert telegram.cloud.updates.failure == "Connection timed out"


async def test_many_at_once_and_in_order(telegram: StandIn, bot: Caller, hook: Hook):
    """Updates start in order, and no more at once than the bot allows."""
    hook.seconds = 0.02
    await bot.call("setWebhook", url=hook.url, max_connections=3)
    words = [str(number) for number in range(9)]
    await written(telegram, *words)
    await telegram.quiet(idle=0.01)

    assert sorted(hook.heard) == words
    assert hook.most_open == 3
    for at in (0, 3, 6):
        assert sorted(hook.heard[at : at + 3]) == words[at : at + 3]


async def test_one_connection_keeps_the_order(telegram: StandIn, bot: Caller, hook: Hook):
    """Each update waits for the one before it; on request they come reversed."""
    await bot.call("setWebhook", url=hook.url, max_connections=1)
    await written(telegram, "a", "b", "c")
    await telegram.quiet(idle=0.01)
    telegram.faults.reorder = True
    await written(telegram, "d", "e", "f")
    await telegram.quiet(idle=0.01)

    assert hook.heard == ["a", "b", "c", "f", "e", "d"]


async def test_updates_come_twice_on_request(telegram: StandIn, bot: Caller, hook: Hook):
    """Duplicates of all, or of one that was taken long ago."""
    await bot.call("setWebhook", url=hook.url, max_connections=1)
    first, _ = await written(telegram, "a", "b")
    await telegram.quiet(idle=0.01)
    await telegram.redeliver(first)
    await telegram.quiet(idle=0.01)
    telegram.faults.duplicate = True
    await written(telegram, "c")
    await telegram.quiet(idle=0.01)

    assert hook.heard == ["a", "b", "a", "c", "c"]
