"""Chats in which every call has something to meet."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.telegram import methods
from tests.telegram.parameters import Given
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
        return await methods.call(self._cloud, method, Given(values, files))

    async def refused(self, method: str, **parameters: Any) -> str:
        """What is said to a call that must not be done."""
        with pytest.raises(Refusal) as refused:
            await self.call(method, **parameters)
        return refused.value.description


@dataclass
class Scene:
    known: dict[str, Any]

    def filled(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters with everything known; `...` takes one away."""
        return {name: self._value(value) for name, value in parameters.items() if value is not ...}

    def _value(self, value: Any) -> Any:
        if isinstance(value, At):
            return self.known[value.name]
        if isinstance(value, dict):
            return {name: self._value(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._value(inner) for inner in value]
        return value


@dataclass
class Case:
    """A call, its one defect, and what is said to that."""

    method: str
    good: dict[str, Any]
    defect: dict[str, Any]
    told: str
    status: str = "Bad Request"

    def __str__(self) -> str:
        return f"{self.method} {self.told[:50]}"


def ids(cases: list[Case]) -> list[str]:
    """Several may be refused in the same words."""
    return [f"{number} {case}" for number, case in enumerate(cases)]


def button(**action: Any) -> dict[str, Any]:
    return {"reply_markup": inline(**action)}


def keys(**key: Any) -> dict[str, Any]:
    return {"reply_markup": {"keyboard": [[{"text": "Số", **key}]]}}


async def prove(case: Case) -> None:
    """The defect is refused and changes nothing people see; without it the call is done."""
    telegram = StandIn(flood=None)
    bot = Direct(telegram)
    made = await scene(telegram, bot)
    before = telegram.cloud.chats[LAN].shown.copy()

    told = await bot.refused(case.method, **made.filled(case.good | case.defect))

    assert told == f"{case.status}: {case.told}"
    assert telegram.cloud.chats[LAN].shown == before
    await bot.call(case.method, **made.filled(case.good))


def inline(**action: Any) -> dict[str, Any]:
    """A keyboard of one button."""
    return {"inline_keyboard": [[{"text": "Cao", **action}]]}


async def scene(telegram: StandIn, bot: Direct) -> Scene:
    """Lan has written, Minh only in the group, Tú has blocked the bot, 99 is nobody."""
    lan, minh, tu = (telegram.person(*who) for who in ((42, "Lan"), (43, "Minh"), (44, "Tú")))
    known = await _private(bot, lan) | await _groups(telegram, bot, minh)
    await tu.start()
    await tu.block()
    known["tapped"] = (await lan.tap("Cao")).query
    return Scene(known)


async def _private(bot: Direct, lan: Person) -> dict[str, Any]:
    await lan.start()
    theirs = lan.messages[0].id
    own = await bot.call(
        "sendMessage", chat_id=42, text="own", reply_markup=inline(callback_data="a")
    )
    keyed = await bot.call(
        "sendMessage", chat_id=42, text="keyed", reply_markup={"keyboard": [["Có"]]}
    )
    secret = await bot.call("sendMessage", chat_id=42, text="secret", protect_content=True)
    plain = await bot.call("sendMessage", chat_id=42, text="plain")
    await bot.call("pinChatMessage", chat_id=LAN, message_id=plain["message_id"])
    document = await bot.call("sendDocument", chat_id=42, document=File("a.txt", b"abc"))
    photo = await bot.call("sendPhoto", chat_id=42, photo=File("a.png", PNG))
    sent = {"own": own, "keyed": keyed, "secret": secret, "plain": plain, "document": document}
    numbers = {name: message["message_id"] for name, message in sent.items()}
    files = {
        "file": document["document"]["file_id"],
        "picture": photo["photo"][-1]["file_id"],
    }
    return {**numbers, **files, "theirs": theirs}


async def _groups(telegram: StandIn, bot: Direct, minh: Person) -> dict[str, Any]:
    led, met, kicked, left = (telegram.group(title) for title in ("led", "met", "kicked", "left"))
    for group in (led, met, kicked, left):
        group.add(minh)
        group.add_bot(by=minh)
    led.add_bot(by=minh, status="administrator")
    await minh.say("/start", chat=met)
    in_led = (await bot.call("sendMessage", chat_id=led.id, text="led"))["message_id"]
    in_met = (await bot.call("sendMessage", chat_id=met.id, text="met"))["message_id"]
    said = met.messages[0].id
    kicked.remove_bot(by=minh)
    await bot.call("leaveChat", chat_id=left.id)
    return {
        "led": led.id,
        "met": met.id,
        "kicked": kicked.id,
        "left": left.id,
        "in_led": in_led,
        "in_met": in_met,
        "said": said,
    }
