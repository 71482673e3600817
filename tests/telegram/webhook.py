"""Updates posted to the bot: https://core.telegram.org/bots/api#setwebhook.

Started in order, many at once; what is not answered with 2xx comes again, each time later.
"""

import asyncio
import ipaddress
import re
from contextlib import suppress
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from tests.telegram.cloud import Cloud
from tests.telegram.parameters import Parameters
from tests.telegram.refusal import bad
from tests.telegram.updates import Hook, Update, Updates

HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]*")
_SECRET_LENGTH: Final = 256
_CONNECTIONS: Final = 40
_MOST_CONNECTIONS: Final = 100
_SECONDS: Final = 10.0  # within which an answer must come
_LONGEST_PAUSE: Final = 5.0  # seconds between two attempts; Telegram waits longer


# ---- methods


def set_webhook(cloud: Cloud, call: Parameters) -> Any:
    """From now on updates are posted; without an address no more."""
    _check_kept(call)
    url, secret = call.text("url"), call.text("secret_token")
    if url:
        _check_url(url)
    if len(secret) > _SECRET_LENGTH:
        raise bad("secret token is too long")
    if not _SECRET.fullmatch(secret):
        raise bad("secret token contains unallowed characters")
    connections = call.number("max_connections", 1, _MOST_CONNECTIONS, _CONNECTIONS)
    cloud.updates.allow(call.structure("allowed_updates", list))
    cloud.updates.hook = Hook(url, secret, connections) if url else None
    cloud.updates.failure = None
    cloud.updates.wake()
    return True


def _check_kept(call: Parameters) -> None:
    """Our bot never throws away what waits."""
    if call.flag("drop_pending_updates"):
        raise bad("the stand-in does not simulate drop_pending_updates")


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise bad("bad webhook: invalid webhook URL specified") from None
    if not host:
        raise bad("bad webhook: invalid webhook URL specified")
    # Our bot stands beside us, where nobody else listens: there http will do.
    if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(host)):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def delete_webhook(cloud: Cloud, call: Parameters) -> Any:
    """From now on the bot asks again; what waits goes on waiting."""
    _check_kept(call)
    cloud.updates.hook = None
    cloud.updates.wake()
    return True


METHODS: Final = {
    "deleteWebhook": delete_webhook,
    "setWebhook": set_webhook,
}


# ---- deliveries


class Deliveries:
    """Posts what waits while a webhook is set.

    pause: before the second attempt; each further one is twice as long.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._updates: Updates = cloud.updates
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._places: dict[Hook, asyncio.Semaphore] = {}
        self._client: httpx.AsyncClient | None = None
        self.pause = 0.1

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                if self._updates.hook is not None:
                    self._start(self._updates.hook)
                await self._updates.news()
        finally:
            await self._stop()

    def _start(self, hook: Hook) -> None:
        for update in self._updates.waiting:
            if update["update_id"] not in self._tasks:
                self._tasks[update["update_id"]] = asyncio.create_task(self._deliver(hook, update))

    async def _deliver(self, hook: Hook, update: Update) -> None:
        """Until it is taken; those who wait for a place get it in the order they came."""
        places = self._places.setdefault(hook, asyncio.Semaphore(hook.connections))
        try:
            await self._attempts(hook, places, update)
        finally:
            del self._tasks[update["update_id"]]
            self._updates.wake()

    async def _attempts(self, hook: Hook, places: asyncio.Semaphore, update: Update) -> None:
        pause = self.pause
        while self._updates.hook is hook and update in self._updates.waiting:
            async with places:
                taken = await self._post(hook, update)
            if taken:
                self._updates.done(update["update_id"])
                return
            await self._rest(hook, pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _rest(self, hook: Hook, seconds: float) -> None:
        """No longer than the webhook stands: who sets it again is back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._updates.hook is hook:
                    await self._updates.news()

    async def _post(self, hook: Hook, update: Update) -> bool:
        """Whether it was taken."""
        headers = {HEADER: hook.secret} if hook.secret else {}
        try:
            answer = await self._http().post(hook.url, json=update, headers=headers)
        except httpx.TimeoutException:
            return self._failed("Connection timed out")
        except httpx.HTTPError:
            return self._failed("Connection refused")
        if not answer.is_success:
            reason = f"{answer.status_code} {answer.reason_phrase}"
            return self._failed(f"Wrong response from the webhook: {reason}")
        return True

    def _failed(self, why: str) -> bool:
        self._updates.failure = why
        return False

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=_SECONDS, trust_env=False)
        return self._client

    async def _stop(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
