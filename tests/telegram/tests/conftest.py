"""A Telegram for each test, and a bot that only makes calls."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.telegram.standin import StandIn

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000020000000308000000")


def form(parameters: dict[str, Any]) -> dict[str, str]:
    """As the libraries write them: what is no text is JSON."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in parameters.items()
    }


class Caller:
    """Calls without any library in between."""

    def __init__(self, telegram: StandIn, client: httpx.AsyncClient) -> None:
        self.url = f"{telegram.url}/bot{telegram.token}"
        self.client = client

    async def post(self, method: str, files: Any = None, **parameters: Any) -> httpx.Response:
        url = f"{self.url}/{method}"
        return await self.client.post(url, data=form(parameters), files=files)

    async def call(self, method: str, **parameters: Any) -> Any:
        """The result of a call that must be done."""
        answer = (await self.post(method, **parameters)).json()
        assert answer["ok"], answer
        return answer["result"]


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
async def bot(telegram: StandIn) -> AsyncIterator[Caller]:
    # Plain http to this machine: no certificates to load, no proxy to ask.
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:  # noqa: S501  see above
        yield Caller(telegram, client)
