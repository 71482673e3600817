"""A call of the bot: a known method, allowed parameters, not too many; then it is done."""

from typing import Any, Final

from tests.telegram import files, members, messages, passing, profile, webhook
from tests.telegram.cloud import Cloud
from tests.telegram.parameters import ALLOWED, Given
from tests.telegram.refusal import Refusal, bad

_METHODS: Final = (
    files.METHODS
    | members.METHODS
    | messages.METHODS
    | passing.METHODS
    | profile.METHODS
    | webhook.METHODS
)
# What puts something on somebody's screen.
_COUNTED: Final = frozenset(
    {
        "copyMessage",
        "editMessageCaption",
        "editMessageReplyMarkup",
        "editMessageText",
        "forwardMessage",
        "sendDocument",
        "sendMessage",
        "sendPhoto",
    }
)
# Documented, and not pretended here: to ignore them would be to accept anything.
_ABSENT: Final = frozenset(
    {
        "business_connection_id",
        "direct_messages_topic_id",
        "ephemeral_message_parameters",
        "inline_message_id",
        "message_thread_id",
        "suggested_post_parameters",
    }
)
_BATCH: Final = 100  # updates in one answer
_PATIENCE: Final = 3600


async def call(cloud: Cloud, method: str, given: Given) -> Any:
    """Does what the bot asks and returns the result.

    Raises:
        Refusal: Telegram would not do it.
    """
    if method not in ALLOWED:
        raise Refusal(404, "Not Found: method not found")
    if strange := given.names - ALLOWED[method]:
        raise bad(f"unknown parameters of {method}: {', '.join(sorted(strange))}")
    if absent := given.names & _ABSENT:
        raise bad(f"the stand-in does not pretend {', '.join(sorted(absent))}")
    if method == "getUpdates":
        return await _get_updates(cloud, given)
    chat = given.integer("chat_id") if method in _COUNTED else None
    if cloud.flood is not None and chat is not None:
        cloud.flood.take(chat)
    return _METHODS[method](cloud, given)


async def _get_updates(cloud: Cloud, given: Given) -> Any:
    cloud.updates.allow(given.sequence("allowed_updates"))
    return await cloud.updates.ask(
        given.integer("offset") or 0,
        given.number("limit", 1, _BATCH, _BATCH),
        given.number("timeout", 0, _PATIENCE, 0),
    )
