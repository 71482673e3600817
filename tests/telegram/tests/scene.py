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
from tests.telegram.tests.conftest import PNG

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
        return await methods.call(self._cloud, method, Parameters(values, files))

    async def refused(self, method: str, **parameters: Any) -> str:
        """What is said to a call that must not be done."""
        with pytest.raises(Refusal) as refused:
            await self.call(method, **parameters)
        return refused.value.description


@dataclass
class Scene:
    """What stands in the chats, by the names that cases use."""

    places: dict[str, Any]

    def filled(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters with every place in them; `...` takes one away."""
        return {name: self._value(value) for name, value in parameters.items() if value is not ...}

    def _value(self, value: Any) -> Any:
        if isinstance(value, At):
            return self.places[value.name]
        if isinstance(value, dict):
            return {name: self._value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        return value


@dataclass
class Case:
    """A call, its one defect, and Telegram's words about that."""

    method: str
    good: dict[str, Any]
    defect: dict[str, Any]
    refusal: str
    status: str = "Bad Request"

    def __str__(self) -> str:
        return f"{self.method} {self.refusal[:50]}"


def ids(cases: list[Case]) -> list[str]:
    """Several may be refused in the same words."""
    return [f"{number} {case}" for number, case in enumerate(cases)]


def button(**action: Any) -> dict[str, Any]:
    return {"reply_markup": inline(**action)}


async def prove(case: Case) -> None:
    """The defect is refused and changes nothing people see; without it the call is done."""
    telegram = StandIn(flood=None)
    bot = Direct(telegram)
    chats = await scene(telegram, bot)
    before = telegram.cloud.chats[LAN].shown.copy()

    refusal = await bot.refused(case.method, **chats.filled(case.good | case.defect))

    assert refusal == f"{case.status}: {case.refusal}"
    assert telegram.cloud.chats[LAN].shown == before
    await bot.call(case.method, **chats.filled(case.good))


def inline(**action: Any) -> dict[str, Any]:
    """A keyboard of one button."""
    return {"inline_keyboard": [[{"text": "Cao", **action}]]}


async def scene(telegram: StandIn, bot: Direct) -> Scene:
    """Lan has written, Minh only in the group, Tú has blocked the bot, 99 is nobody."""
    lan, minh, tu = (telegram.person(*who) for who in ((42, "Lan"), (43, "Minh"), (44, "Tú")))
    places = await _private(bot, lan) | await _groups(telegram, bot, minh)
    await tu.start()
    await tu.block()
    places["tapped"] = (await lan.tap("Cao")).query
    return Scene(places)


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


async def _groups(telegram: StandIn, bot: Direct, minh: Person) -> dict[str, Any]:
    led, met = telegram.group("led"), telegram.group("met")
    for group in (led, met):
        group.add(minh)
        group.add_bot(by=minh)
    led.add_bot(by=minh, status="administrator")
    await minh.say("/start", chat=met)
    in_led = (await bot.call("sendMessage", chat_id=led.id, text="led"))["message_id"]
    in_met = (await bot.call("sendMessage", chat_id=met.id, text="met"))["message_id"]
    command = met.messages[0].id
    return {"led": led.id, "met": met.id, "in_led": in_led, "in_met": in_met, "command": command}
