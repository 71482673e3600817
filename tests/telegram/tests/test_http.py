"""tests/telegram/standin.py and body.py: requests in every form, files, tokens."""

import asyncio
import json

import httpx
import pytest

from tests.telegram import files
from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import PNG, Caller

LAN = 42
TOO_BIG = (
    "Bad Request: file of size 101 bytes is too big for a photo; the maximum size is 100 bytes"
)
NO_PICTURE = "Bad Request: IMAGE_PROCESS_FAILED"
KEYBOARD = {"inline_keyboard": [[{"text": "Cao", "callback_data": "a"}]]}
VALUES = {"chat_id": "42", "text": "[1] ế&=?", "reply_markup": json.dumps(KEYBOARD)}


@pytest.fixture
async def url(telegram: StandIn) -> str:
    await telegram.person(LAN, "Lan").start()
    return f"{telegram.url}/bot{telegram.token}"


@pytest.mark.parametrize("form", ["query", "json", "urlencoded", "multipart"])
async def test_parameters_may_come_in_four_forms(
    telegram: StandIn, client: httpx.AsyncClient, url: str, form: str
):
    """The same call by query, JSON, form and multipart is the same call."""
    place = f"{url}/sendMessage"
    match form:
        case "query":
            answer = await client.get(place, params=VALUES)
        case "json":
            answer = await client.post(place, json=VALUES | {"reply_markup": KEYBOARD})
        case "urlencoded":
            answer = await client.post(place, data=VALUES)
        case _:
            parts = {name: (None, value) for name, value in VALUES.items()}
            answer = await client.post(place, files=parts)

    assert answer.json()["result"]["text"] == VALUES["text"]
    assert telegram.calls[-1].parameters == VALUES | {"reply_markup": KEYBOARD}


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/json", b"{"),
        ("application/json", b"[]"),
        ("application/x-www-form-urlencoded", b"chat_id=\xff"),
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"'),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\na\r\n--x--\r\n"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    client: httpx.AsyncClient, url: str, content_type: str, content: bytes
):
    """A body that is not what it says gets 400; a whole one is read."""
    headers = {"content-type": content_type}
    answer = await client.post(f"{url}/getMe", content=content, headers=headers)

    assert answer.status_code == 400
    assert (await client.post(f"{url}/getMe", json={})).status_code == 200


async def test_tokens_and_methods_that_are_none(
    telegram: StandIn, client: httpx.AsyncClient, url: str
):
    """A wrong token is 401, no token and no method are 404; the right ones are answered."""
    wrong = f"{telegram.url}/bot123456:{'a' * 35}/getMe"
    cases = {
        wrong: (401, "Unauthorized"),
        f"{telegram.url}/bot123456/getMe": (404, "Not Found"),
        f"{url}/sendPoem": (404, "Not Found: method not found"),
    }
    for place, (code, description) in cases.items():
        answer = await client.get(place)
        assert answer.status_code == code
        assert answer.json() == {"ok": False, "error_code": code, "description": description}
    assert (await client.get(f"{url}/getMe")).json()["result"]["username"] == telegram.username


@pytest.mark.usefixtures("url")
async def test_files_arrive_as_they_are(telegram: StandIn, bot: Caller):
    """Any bytes and any name, directly or by reference, are what people see."""
    raw = b"\r\n--x\r\n" + bytes(range(256)) + b"\r\n"
    direct = await bot.upload("sendDocument", {"document": ('a"ế.bin', raw)}, chat_id="42")
    attached = await bot.upload(
        "sendDocument", {"f0": ("b.bin", raw)}, chat_id="42", document="attach://f0"
    )

    assert [call.parameters["document"].content for call in telegram.calls] == [raw, raw]
    for answer, name in ((direct, 'a"ế.bin'), (attached, "b.bin")):
        document = answer.json()["result"]["document"]
        assert document["file_size"] == len(raw)
        assert telegram.cloud.files[document["file_id"]].content == raw
        assert document["file_name"].replace("%22", '"') == name


@pytest.mark.parametrize(
    ("method", "good", "bad", "code", "refusal"),
    [
        ("sendDocument", b"a", b"", 400, "Bad Request: file must be non-empty"),
        ("sendDocument", PNG.ljust(200), PNG.ljust(201), 413, "Request Entity Too Large"),
        ("sendPhoto", PNG.ljust(100), PNG.ljust(101), 400, TOO_BIG),
        ("sendPhoto", PNG, b"%PDF-1.7", 400, NO_PICTURE),
        ("sendPhoto", b"\xff\xd8\xff\xe0", b"\xff\xd8", 400, NO_PICTURE),
        ("sendPhoto", b"RIFF\0\0\0\0WEBP", b"RIFF\0\0\0\0WAVE", 400, NO_PICTURE),
    ],
)
@pytest.mark.usefixtures("url")
async def test_files_that_are_refused(
    bot: Caller,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    good: bytes,
    bad: bytes,
    code: int,
    refusal: str,
):
    """Empty, too large (50 and 10 MiB outside of this test), or no picture; others are sent."""
    assert (files.DOCUMENT, files.PHOTO) == (50 << 20, 10 << 20)
    monkeypatch.setattr(files, "DOCUMENT", 200)
    monkeypatch.setattr(files, "PHOTO", 100)
    name = method.removeprefix("send").lower()
    answer = await bot.upload(method, {name: ("a", bad)}, chat_id="42")
    assert (answer.status_code, answer.json()["description"]) == (code, refusal)

    answer = await bot.upload(method, {name: ("a", good)}, chat_id="42")
    assert answer.status_code == 200


async def test_two_stand_ins_know_nothing_of_each_other(telegram: StandIn, bot: Caller):
    """Each has its own port, token and people."""
    async with StandIn(flood=None) as other:
        assert other.url != telegram.url
        await other.person(LAN, "Lan").start()
        assert await bot.refused("sendMessage", chat_id=LAN, text="a") == (
            "Bad Request: chat not found"
        )
        answer = await bot.client.get(f"{other.url}/bot{telegram.token}/getMe")
        assert answer.status_code == 401


async def test_a_port_can_be_chosen(unused_tcp_port: int):
    """The same address can be used again at once."""
    for _ in range(2):
        async with StandIn(unused_tcp_port) as telegram:
            assert telegram.url == f"http://127.0.0.1:{unused_tcp_port}"


@pytest.mark.usefixtures("url")
async def test_calls_are_remembered_with_their_answers(telegram: StandIn, bot: Caller):
    """What was asked and told, in order, without the questions for updates."""
    await bot.call("getUpdates")
    await bot.call("getMe")
    await bot.refused("sendMessage", chat_id=LAN)
    menu = {"menu_button": {"type": "default"}}
    await asyncio.gather(*(bot.call("setChatMenuButton", **menu) for _ in range(2)))

    assert [(call.method, call.status) for call in telegram.calls] == [
        ("getMe", 200),
        ("sendMessage", 400),
        ("setChatMenuButton", 200),
        ("setChatMenuButton", 200),
    ]
    assert telegram.calls[1].error == "Bad Request: message text is empty"
    assert telegram.calls[2].answer is True
