"""A call of the bot: a known method, allowed parameters, not too many; then it is done."""

from typing import Any, Final

from tests.telegram import files, messages, profile, webhook
from tests.telegram.cloud import Cloud
from tests.telegram.parameters import ALLOWED, Parameters
from tests.telegram.refusal import Refusal, bad

_METHODS: Final = files.METHODS | messages.METHODS | profile.METHODS | webhook.METHODS
# What puts something on somebody's screen.
_COUNTED: Final = frozenset({"editMessageText", "sendDocument", "sendMessage", "sendPhoto"})
_BATCH: Final = 100  # updates in one answer
_PATIENCE: Final = 3600


async def call(cloud: Cloud, method: str, parameters: Parameters) -> Any:
    """Does what the bot asks and returns the result.

    Raises:
        Refusal: Telegram would not do it.
    """
    if method not in ALLOWED:
        raise Refusal(404, "Not Found: method not found")
    if unknown := parameters.names - ALLOWED[method]:
        raise bad(f"unknown parameters of {method}: {', '.join(sorted(unknown))}")
    if method == "getUpdates":
        return await _get_updates(cloud, parameters)
    chat = parameters.integer("chat_id") if method in _COUNTED else None
    if cloud.flood is not None and chat is not None:
        cloud.flood.take(chat)
    return _METHODS[method](cloud, parameters)


async def _get_updates(cloud: Cloud, parameters: Parameters) -> Any:
    cloud.updates.allow(parameters.structure("allowed_updates", list))
    return await cloud.updates.ask(
        parameters.integer("offset") or 0,
        parameters.number("limit", 1, _BATCH, _BATCH),
        parameters.number("timeout", 0, _PATIENCE, 0),
    )
