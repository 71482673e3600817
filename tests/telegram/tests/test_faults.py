"""tests/telegram/faults.py: what goes wrong, when, and whether the call was done."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.telegram.faults import Code, Faults
from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import Caller

LAN = 42


async def begun(telegram: StandIn) -> None:
    await telegram.person(LAN, "Lan").start()


def sent(telegram: StandIn) -> list[str]:
    return [message.text for message in telegram.cloud.chats[LAN].shown if message.from_bot]


async def test_failures_are_told_as_telegram_tells_them(telegram: StandIn, bot: Caller):
    """429 says for how long; 500 is Telegram's own answer; 502 is a page, no JSON."""
    telegram.faults.add("getMe", 429, retry_after=7)
    telegram.faults.add("getMe", 500)
    telegram.faults.add("getMe", 502)

    flooded, broken, gateway = [await bot.post("getMe") for _ in range(3)]

    assert flooded.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert broken.json()["description"] == "Internal Server Error"
    assert gateway.headers["content-type"].startswith("text/html")
    assert "<h1>502 Bad Gateway</h1>" in gateway.text
    assert [answer.status_code for answer in (flooded, broken, gateway)] == [429, 500, 502]
    assert (await bot.call("getMe"))["is_bot"] is True


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("code", [429, 500, 502, "timeout", "hang_up"])
async def test_a_lost_answer_does_not_say_whether_it_was_done(
    telegram: StandIn, bot: Caller, code: Code, after: bool
):
    """A call fails before it is done or afterwards, and the bot cannot tell which."""
    await begun(telegram)
    telegram.faults.hang = 0.05
    telegram.faults.add("sendMessage", code, after=after)
    before = time.monotonic()

    if isinstance(code, int):
        assert (await bot.post("sendMessage", chat_id=LAN, text="a")).status_code == code
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            await bot.post("sendMessage", chat_id=LAN, text="a")

    if code == "timeout":
        assert time.monotonic() - before >= 0.05
    assert sent(telegram) == (["a"] if after else [])
    call = telegram.calls[-1]
    assert call.status == (code if isinstance(code, int) else 0)
    assert call.error is not None
    assert (call.answer is not None) == after


async def test_a_client_gives_up_before_the_server(telegram: StandIn, bot: Caller):
    """A timeout is over when the bot has gone, however long it was to be."""
    telegram.faults.add("getMe", "timeout")
    async with httpx.AsyncClient(timeout=0.05, verify=False) as client:  # noqa: S501  no TLS here
        with pytest.raises(httpx.ReadTimeout):
            await Caller(telegram, client).post("getMe")

    await telegram.quiet(idle=0.01, timeout=5)
    await bot.call("getMe")


@pytest.mark.parametrize(
    ("fault", "method", "hits"),
    [
        ({}, "getMe", {1}),
        ({"times": 2}, "getMe", {1, 2}),
        ({"every": 5}, "getMe", {5, 10, 15}),
        ({"every": 5, "times": 1}, "getMe", {5}),
        ({"chance": 1.0}, "getMe", set(range(1, 17))),
        ({"chance": 0.0}, "getMe", set()),
        ({"method": "sendMessage"}, "getMe", set()),
        ({"method": "*"}, "getMe", {1}),
        ({"method": "*"}, "getUpdates", set()),
        ({"method": "getUpdates"}, "getUpdates", {1}),
    ],
)
def test_which_calls_go_wrong(fault: dict[str, Any], method: str, hits: set[int]):
    """Of sixteen calls, from 1; "*" leaves asking for updates alone, which can be named."""
    faults = Faults()
    faults.add(**{"method": "getMe"} | fault)

    assert {number for number in range(1, 17) if faults.hit(method)} == hits


def test_a_chance_of_a_half_hits_sometimes():
    """And a cleared fault never."""
    faults = Faults()
    faults.add("getMe", chance=0.5)
    assert 10 < sum(faults.hit("getMe") is not None for _ in range(100)) < 90

    faults.clear()
    assert faults.hit("getMe") is None


async def test_a_lost_batch_comes_again(telegram: StandIn, bot: Caller):
    """Updates whose answer was lost were not acknowledged."""
    await begun(telegram)
    telegram.faults.add("getUpdates", "hang_up", after=True)

    with pytest.raises(httpx.RemoteProtocolError):
        await bot.post("getUpdates")

    assert len(await bot.call("getUpdates")) == 1


async def test_who_waits_does_not_delay_the_end(bot: Caller):
    """A stand-in ends at once, whoever still waits for it."""
    second = StandIn(flood=None)
    async with second:
        second.faults.add("getMe", "timeout")
        calls = [
            asyncio.create_task(Caller(second, bot.client).post(method, timeout=30))
            for method in ("getMe", "getUpdates")
        ]
        async with asyncio.timeout(30):
            while len(second._connections._state.tasks) < len(calls):  # noqa: ASYNC110  a connection has no event
                await asyncio.sleep(0.01)
        begin = time.monotonic()
    assert time.monotonic() - begin < 2
    ends = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(end, httpx.RemoteProtocolError) for end in ends)
    await bot.call("getMe")
