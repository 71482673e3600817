"""What an operator does about the bot: init, doctor, letters, and what the log never holds."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import AsyncMock, patch

import pytest
from telegram.error import BadRequest

from admin.cli import main
from admin.session.datadir import Settings
from admin.session.session import Session
from admin.voting import invite
from bot.chat import menu
from bot.chat.application import introduced
from storage.registrar.book import RegistrarBook
from tests.telegram.standin import StandIn
from tests.worlds.scene import Scene, place, says, staged

NOW = 1_990_000_000


@pytest.fixture
async def telegram() -> AsyncIterator[StandIn]:
    async with StandIn() as standin:
        yield standin


async def phieukin(*args: str | Path) -> int:
    """Runs a command beside the stand-in, which answers meanwhile."""
    return await asyncio.to_thread(main.run, [*map(str, args)])


async def letterbox(scene: Scene) -> tuple[RegistrarBook, Settings, Session]:
    """What letters are made of."""
    books = scene.books
    return books.registrar, books.datadir.settings, await books.session(scene.uuid)


async def test_letters_lead_to_the_bot(tmp_path):
    """With the code of the letter, of 16 letters, and nothing else."""
    async with staged(tmp_path) as scene:
        made = await invite.letters(*await letterbox(scene), (), NOW, replace_all=True)
        rows = list(csv.DictReader(invite.table(made).decode("utf-8-sig").splitlines()))
        for row in rows:
            letters = row["ma"].replace("-", "")
            name = scene.telegram.username
            assert row["telegram"] == f"https://t.me/{name}?start={scene.uuid}-{letters}"
            assert len(letters) == 16
        lan = scene.stranger()
        await lan.start(rows[0]["telegram"].partition("start=")[2])
        await lan.until(lambda message: "Đại biểu 1" in message.text)


async def test_the_letters_of_chairs_lead_to_the_bot_those_of_trustees_do_not(tmp_path):
    async with staged(tmp_path) as scene:
        chair = await invite.role_letter(*await letterbox(scene), "chair", None, NOW)
        trustee = await invite.role_letter(*await letterbox(scene), "trustee", 1, NOW)
        assert "https://t.me/" in chair.decode()
        assert "https://t.me/" not in trustee.decode()


async def test_the_bots_name_is_asked_of_telegram(telegram, tmp_path):
    assert await introduced(place(tmp_path, telegram)) == telegram.username


@pytest.mark.parametrize("broken", ["", "name", "token", "silence"])
async def test_doctor_says_who_the_bot_is_or_what_is_wrong_with_it(
    telegram, tmp_path, capsys, broken
):
    """Advice, not a refusal: the vote does not depend on Telegram. The token is not shown."""
    where = place(tmp_path, telegram)
    where.folder.chmod(0o700)
    settings = where.folder / "phieukin.toml"
    if broken == "name":
        settings.write_text(settings.read_text().replace(telegram.username, "other_bot"))
    elif broken == "token":
        (where.folder / "bot.token").write_text("1:wrong")
    elif broken == "silence":
        settings.write_text(settings.read_text().replace(telegram.url, "http://127.0.0.1:9"))
    await phieukin("doctor", "--json", "--data", where.folder)
    printed = capsys.readouterr()
    findings = {finding["id"]: finding for finding in json.loads(printed.out)["findings"]}
    assert findings["telegram"]["ok"] == (not broken)
    assert not findings["telegram"]["needed"]
    assert broken or telegram.username in findings["telegram"]["detail"]
    assert telegram.token not in printed.out + printed.err


async def test_init_goes_on_where_telegram_cannot_be_asked(telegram, tmp_path, capsys):
    """The directory is made all the same, and what is left to do is said."""
    token = tmp_path / "token"
    token.write_text(telegram.token)
    folder = tmp_path / "data"
    proxy = "http://127.0.0.1:9"
    status = await phieukin(
        "init", folder, "--listen", "127.0.0.1:0", "--public-url", "http://127.0.0.1:1",
        "--telegram-token-file", token, "--proxy", proxy,
    )  # fmt: skip
    assert status == 0
    written = (folder / "phieukin.toml").read_text("utf-8")
    assert f'telegram_token_file = "{token}"' in written
    assert f'proxy = "{proxy}"' in written
    assert "telegram_webhook = false" in written
    assert telegram.token not in written
    assert "telegram_bot" in capsys.readouterr().err


async def test_a_bot_whose_commands_are_refused_answers_all_the_same(tmp_path):
    """The list of commands is a comfort; delegates do not wait for it."""
    with patch.object(menu, "publish", AsyncMock(side_effect=BadRequest("no"))):
        async with staged(tmp_path) as scene:
            lan = scene.stranger()
            await lan.start()
            await lan.until(says("quét mã QR"))
