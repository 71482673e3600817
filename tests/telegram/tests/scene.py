"""Chats in which every call has something to meet."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.telegram import methods
from tests.telegram.parameters import Parameters
from tests.telegram.people import Person
from tests.telegram.refusal import Refusal
from tests.telegram.snapshot import File
from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import PNG, form

LAN = 42


@dataclass(frozen=True)
class At:
    """Stands in a case for something that only a scene knows."""

    name: str


class Direct:
    """Calls that do not go through HTTP: the rules are the same and a test is quick."""

    def __init__(self, telegram: StandIn) -> None:
        self._cloud = telegram.cloud

    async def call(self, method: str, **parameters: Any) -> Any:
        files = {name: value for name, value in parameters.items() if isinstance(value, File)}
        values = {name: value for name, value in parameters.items() if name not in files}
        return await methods.call(self._cloud, method, Parameters(form(values), files))

    async def refused(self, method: str, **parameters: Any) -> str:
        """What is said to a call that must not be done."""
        with pytest.raises(Refusal) as refused:
            await self.call(method, **parameters)
        return refused.value.description


def filled(value: Any, places: dict[str, Any]) -> Any:
    """Parameters with what stands in a place of the scene; `...` takes a parameter away."""
    if isinstance(value, At):
        return places[value.name]
    if isinstance(value, dict):
        return {name: filled(inner, places) for name, inner in value.items() if inner is not ...}
    if isinstance(value, list):
        return [filled(inner, places) for inner in value]
    return value


def inline(**action: Any) -> dict[str, Any]:
    """A keyboard of one button."""
    return {"inline_keyboard": [[{"text": "Cao"} | action]]}


async def scene(telegram: StandIn, bot: Direct) -> dict[str, Any]:
    """Lan has written, Minh only in the group, Tú has blocked the bot, 99 is nobody."""
    lan, minh, tu = (telegram.person(*who) for who in ((42, "Lan"), (43, "Minh"), (44, "Tú")))
    places = await _private(bot, lan) | await _group(telegram, bot, minh)
    await tu.start()
    await tu.block()
    places["tapped"] = (await lan.tap("Cao")).query
    return places


async def _private(bot: Direct, lan: Person) -> dict[str, Any]:
    await lan.start()
    theirs = lan.messages[0].id
    keyboard = inline(callback_data="a")
    own = await bot.call("sendMessage", chat_id=LAN, text="own", reply_markup=keyboard)
    plain = await bot.call("sendMessage", chat_id=LAN, text="plain")
    await bot.call("pinChatMessage", chat_id=LAN, message_id=plain["message_id"])
    document = await bot.call("sendDocument", chat_id=LAN, document=File("a.txt", b"abc"))
    photo = await bot.call("sendPhoto", chat_id=LAN, photo=File("a.png", PNG))
    return {
        "own": own["message_id"],
        "document": document["message_id"],
        "theirs": theirs,
        "file": document["document"]["file_id"],
        "picture": photo["photo"][-1]["file_id"],
    }


async def _group(telegram: StandIn, bot: Direct, minh: Person) -> dict[str, Any]:
    met = telegram.group("met")
    met.add(minh)
    met.add_bot(by=minh)
    await minh.say("/start", chat=met)
    in_met = (await bot.call("sendMessage", chat_id=met.id, text="met"))["message_id"]
    return {"met": met.id, "in_met": in_met, "command": met.messages[0].id}
