"""A Telegram for each test, and a bot that only makes calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from aiohttp import web

from tests.telegram.standin import StandIn

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000020000000308000000")


class Caller:
    """Calls without any library in between."""

    def __init__(self, telegram: StandIn, client: httpx.AsyncClient) -> None:
        self.telegram = telegram
        self.client = client

    async def post(self, method: str, **parameters: Any) -> httpx.Response:
        url = f"{self.telegram.url}/bot{self.telegram.token}/{method}"
        return await self.client.post(url, json=parameters)

    async def upload(self, method: str, files: Any, **parameters: Any) -> httpx.Response:
        url = f"{self.telegram.url}/bot{self.telegram.token}/{method}"
        return await self.client.post(url, data=parameters, files=files)

    async def call(self, method: str, **parameters: Any) -> Any:
        """The result of a call that must be done."""
        answer = (await self.post(method, **parameters)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **parameters: Any) -> str:
        """What is said to a call that must not be done."""
        answer = await self.post(method, **parameters)
        answer_json = answer.json()
        assert not answer_json["ok"], answer_json
        assert answer_json["error_code"] == answer.status_code
        return str(answer_json["description"])


async def written(telegram: StandIn, *texts: str) -> list[int]:
    """What Lan writes to the bot; returns the ids of the updates about it."""
    lan = telegram.person(42, "Lan")
    return [await lan.say(text) for text in texts]


@pytest.fixture
async def telegram() -> AsyncIterator[StandIn]:
    """Without limits: a test is faster than a person."""
    async with StandIn(flood=None) as standin:
        yield standin


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    # Plain http to this machine: no certificates to load, no proxy to ask.
    async with httpx.AsyncClient(verify=False, trust_env=False) as opened:  # noqa: S501  see above
        yield opened


@pytest.fixture
def bot(telegram: StandIn, client: httpx.AsyncClient) -> Caller:
    return Caller(telegram, client)


@asynccontextmanager
async def listening(app: web.Application) -> AsyncIterator[str]:
    """A server on a free port."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
