"""tests/telegram/standin.py, body.py and faults.py: what is read, what is not, what goes wrong."""

from typing import Any

import httpx
import pytest

from tests.telegram import files
from tests.telegram.faults import Code, Faults
from tests.telegram.standin import StandIn
from tests.telegram.tests.conftest import PNG, Caller
from tests.telegram.tests.scene import LAN

TOO_BIG = (
    "Bad Request: file of size 101 bytes is too big for a photo; the maximum size is 100 bytes"
)
NO_PICTURE = "Bad Request: IMAGE_PROCESS_FAILED"


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("application/x-www-form-urlencoded", b"chat_id=\xff"),
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"'),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\na\r\n--x--\r\n"),
    ],
)
async def test_what_cannot_be_read_is_refused(bot: Caller, content_type: str, content: bytes):
    """A body that is not what it says gets 400; a whole one is read."""
    headers = {"content-type": content_type}
    answer = await bot.client.post(f"{bot.url}/getMe", content=content, headers=headers)

    assert answer.status_code == 400
    assert (await bot.post("getMe")).status_code == 200


async def test_tokens_and_methods_that_are_none(telegram: StandIn, bot: Caller):
    """A wrong token is 401, no token and no method are 404; the right ones are answered."""
    cases = {
        f"{telegram.url}/bot123456:{'a' * 35}/getMe": (401, "Unauthorized"),
        f"{telegram.url}/bot123456/getMe": (404, "Not Found"),
        f"{bot.url}/sendPoem": (404, "Not Found: method not found"),
    }
    for place, (code, description) in cases.items():
        answer = await bot.client.post(place)
        assert answer.status_code == code
        assert answer.json() == {"ok": False, "error_code": code, "description": description}
    assert (await bot.call("getMe"))["username"] == telegram.username


@pytest.mark.parametrize(
    ("method", "good", "bad", "code", "refusal"),
    [
        ("sendDocument", b"a", b"", 400, "Bad Request: file must be non-empty"),
        ("sendDocument", PNG.ljust(200), PNG.ljust(201), 413, "Request Entity Too Large"),
        ("sendPhoto", PNG.ljust(100), PNG.ljust(101), 400, TOO_BIG),
        ("sendPhoto", PNG, b"%PDF-1.7", 400, NO_PICTURE),
    ],
)
async def test_files_that_are_refused(
    telegram: StandIn,
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
    await telegram.person(LAN, "Lan").start()
    name = method.removeprefix("send").lower()
    answer = await bot.post(method, {name: ("a", bad)}, chat_id=LAN)
    assert (answer.status_code, answer.json()["description"]) == (code, refusal)

    answer = await bot.post(method, {name: ("a", good)}, chat_id=LAN)
    assert answer.status_code == 200
    assert telegram.calls[-1].parameters[name].content == good


@pytest.mark.parametrize("after", [False, True], ids=["not done", "done"])
@pytest.mark.parametrize("code", [429, 500, 502, "timeout", "hang_up"])
async def test_a_lost_answer_does_not_say_whether_it_was_done(
    telegram: StandIn, bot: Caller, code: Code, after: bool
):
    """A call fails before it is done or afterwards, and the bot cannot tell which."""
    lan = telegram.person(LAN, "Lan")
    await lan.start()
    telegram.faults.hang = 0.05
    telegram.faults.add("sendMessage", code, after=after)

    if isinstance(code, int):
        assert (await bot.post("sendMessage", chat_id=LAN, text="a")).status_code == code
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            await bot.post("sendMessage", chat_id=LAN, text="a")

    assert [message.text for message in lan.history if message.from_bot] == ["a"] * after
    call = telegram.calls[-1]
    assert (call.status, call.answer is not None) == (code if isinstance(code, int) else 0, after)
    assert call.error is not None


@pytest.mark.parametrize(
    ("named", "often", "method", "hits"),
    [
        ("getMe", {}, "getMe", {1}),
        ("getMe", {"every": 5}, "getMe", {5, 10, 15}),
        ("getMe", {"chance": 1.0}, "getMe", set(range(1, 17))),
        ("getMe", {"chance": 0.0}, "getMe", set()),
        ("sendMessage", {}, "getMe", set()),
        ("*", {}, "getMe", {1}),
        ("*", {}, "getUpdates", set()),
        ("getUpdates", {}, "getUpdates", {1}),
    ],
)
def test_which_calls_go_wrong(named: str, often: dict[str, Any], method: str, hits: set[int]):
    """Of sixteen calls, from 1; "*" leaves asking for updates alone, which can be named."""
    faults = Faults()
    faults.add(named, 500, **often)

    assert {number for number in range(1, 17) if faults.hit(method)} == hits
