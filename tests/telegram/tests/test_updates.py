"""tests/telegram/updates.py over HTTP: nothing is lost that was not acknowledged."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import Caller, written


def texts(updates: list[dict[str, Any]]) -> list[str]:
    return [update["message"]["text"] for update in updates]


def numbers(updates: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in updates]


async def test_an_offset_acknowledges(telegram: StandIn, bot: Caller):
    """Without an offset the same comes again; an offset forgets everything below it."""
    first, second, third = await written(telegram, "a", "b", "c")

    assert numbers(await bot.call("getUpdates")) == [first, second, third]
    assert numbers(await bot.call("getUpdates")) == [first, second, third]
    assert telegram.updates_unacknowledged == 3
    assert numbers(await bot.call("getUpdates", offset=third)) == [third]
    assert numbers(await bot.call("getUpdates")) == [third]
    assert await bot.call("getUpdates", offset=third + 1) == []
    assert telegram.updates_unacknowledged == 0


async def test_a_limit(telegram: StandIn, bot: Caller):
    """A limit takes from the front."""
    await written(telegram, "a", "b", "c")

    assert texts(await bot.call("getUpdates", limit=2)) == ["a", "b"]


async def test_who_waits_is_answered_at_once(telegram: StandIn, bot: Caller):
    """A bot that waits hears of a message when it is written, not when its time is over."""
    waiting = asyncio.create_task(bot.call("getUpdates", timeout=30))
    await asyncio.sleep(0.02)

    await written(telegram, "a")

    async with asyncio.timeout(5):
        assert texts(await waiting) == ["a"]


async def test_nobody_waits_longer_than_asked(bot: Caller):
    """Without news the answer is empty when the time is over."""
    async with asyncio.timeout(5):
        assert await bot.call("getUpdates", timeout=1) == []


async def test_the_newer_of_two_wins(telegram: StandIn, bot: Caller):
    """A second bot with the same token gets the updates, and the first is told so."""
    first = asyncio.create_task(bot.post("getUpdates", timeout=30))
    await asyncio.sleep(0.02)
    second = asyncio.create_task(bot.call("getUpdates", timeout=30))

    answer = (await first).json()
    await written(telegram, "a")

    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request;"
        " make sure that only one bot instance is running"
    )
    assert texts(await second) == ["a"]


async def test_a_webhook_excludes_asking(bot: Caller):
    """While a webhook is set nobody may ask; afterwards they may."""
    await bot.call("setWebhook", url="http://127.0.0.1:9/hook")
    assert (await bot.refused("getUpdates")).startswith("Conflict: can't use getUpdates method")

    await bot.call("deleteWebhook")
    assert await bot.call("getUpdates") == []


async def test_a_bot_that_dies_while_it_waits_loses_nothing(
    telegram: StandIn, bot: Caller, client: httpx.AsyncClient
):
    """Who hangs up during a long wait, or after an answer, finds every update when back."""
    async with httpx.AsyncClient(verify=False, trust_env=False) as dying:  # noqa: S501  no TLS here
        call = asyncio.create_task(Caller(telegram, dying).call("getUpdates", timeout=30))
        await asyncio.sleep(0.02)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    await written(telegram, "a", "b")

    assert texts(await Caller(telegram, client).call("getUpdates", timeout=30)) == ["a", "b"]
    # And once more, as if that bot had died before it was done with them.
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
    await lan.unblock()
    assert len(await bot.call("getUpdates")) == 2


async def test_an_update_comes_once_more(telegram: StandIn, bot: Caller):
    """A test may deliver again what was acknowledged long ago; an offset does not stop it."""
    first, second = await written(telegram, "a", "b")
    await bot.call("getUpdates", offset=second + 1)

    await telegram.redeliver(first)

    assert telegram.updates_unacknowledged == 1
    assert numbers(await bot.call("getUpdates", offset=second + 1)) == [first]
    assert await bot.call("getUpdates", offset=second + 1) == []
    assert telegram.updates_unacknowledged == 0
    with pytest.raises(KeyError):
        await telegram.redeliver(1)


async def test_batches_come_reversed_or_twice(telegram: StandIn, bot: Caller):
    """On request updates arrive in the wrong order, or twice, or both."""
    await written(telegram, "a", "b")

    telegram.faults.reorder = True
    assert texts(await bot.call("getUpdates")) == ["b", "a"]
    telegram.faults.duplicate = True
    assert texts(await bot.call("getUpdates")) == ["b", "b", "a", "a"]
    telegram.faults.clear()
    assert texts(await bot.call("getUpdates")) == ["a", "b"]


async def test_quiet_says_when_there_is_no_bot(telegram: StandIn):
    """Waiting for a bot that does not run ends with the reason."""
    await telegram.quiet(idle=0.01)
    await written(telegram, "a")

    with pytest.raises(TimeoutError, match="1 updates wait"):
        await telegram.quiet(idle=0.01, timeout=0.05)
