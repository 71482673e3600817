"""A Mini App's initData logs its voter in, once; everyone else is told what to do."""

import hmac
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.voting import telegram_evidence, telegram_login
from admin.words import words
from bot.app import Options
from crypto.encoding import to_base64
from crypto.errors import Malformed
from crypto.group import G
from crypto.lifecycle import Step
from storage.rows import Chat
from tests.telegram import launching
from tests.worlds import hall
from tests.worlds.hall import Client, Sealed, code

TOKEN = "123456:TESTtestTESTtestTESTtestTESTtestTES"  # noqa: S105  of no bot
KEY = Ed25519PrivateKey.generate()
AUDITORS = telegram_evidence.new_key()
BOTH = ("miniapp", "browser", "cli")


@dataclass
class Bot:
    """A registrar that knows a bot's token, and its accounts."""

    where: DataDir
    client: Client
    accounts: int = field(default=100)

    def sealed(self, *steps: Step, channels: tuple[str, ...] = BOTH) -> Sealed:
        return hall.sealed(self.where, *steps, channels=channels)

    def link(self, session: Sealed, voter: int = 0, role: str = "voter") -> int:
        """A new account that speaks for a voter, or for an office."""
        self.accounts += 1
        account = self.accounts

        async def work(books: Books) -> None:
            roster = await books.registrar.roster(session.uuid)
            person = roster[voter].person if role == "voter" else None
            await books.registrar.chats.admit(Chat(session.uuid, account, role, person, "vi"))

        hall.with_books(self.where, work)
        return account

    def login(self, session: Sealed, raw: str, **more: str) -> httpx.Response:
        asked = {"uuid": session.uuid, "init_data": raw, **more}
        return self.client.call("POST", "/api/v1/registrar/login", json=asked)

    def bearer(self, session: Sealed, raw: str) -> dict[str, str]:
        answer = self.login(session, raw)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['bearer']}"}

    def token(
        self, session: Sealed, bearer: dict[str, str], channel: str | None = None
    ) -> httpx.Response:
        request: dict[str, Any] = {"blinded": to_base64(session.blinded(G**7).blinded_message)}
        if channel is not None:
            request["channel"] = channel
        return self.client.call("POST", "/api/v1/registrar/token", json=request, headers=bearer)

    def issued(self, session: Sealed) -> dict[str, int]:
        async def work(books: Books) -> dict[str, int]:
            return await books.registrar.issued(session.uuid)

        return hall.with_books(self.where, work)

    def evidence(self, session: Sealed) -> list[bytes]:
        async def work(books: Books) -> list[bytes]:
            return await books.registrar.logins.evidence(session.uuid)

        return hall.with_books(self.where, work)


def opened(account: int, token: str = TOKEN, *, age: int = 0, **more: str) -> str:
    """What a phone shows that has just opened the page."""
    user = json.dumps({"id": account, "first_name": "Nguyễn Thị Lan"}, ensure_ascii=False)
    fields = {"user": user, "auth_date": str(int(time.time()) - age), "query_id": hall.letters()}
    return launching.signed(token, KEY, fields | more)


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    """Without the role of the bot: the registrar's host only checks what Telegram signed."""
    folder = tmp_path_factory.mktemp("miniapp")
    (folder / "bot.token").write_text(TOKEN + "\n")
    key = telegram_evidence.public(AUDITORS)
    where = hall.datadir(folder, f'telegram_token_file = "bot.token"\nauditor_key = "{key}"')
    options = Options(roles=("registrar", "box"), workers=1)
    with hall.outside(where), hall.serving(where, options) as url:
        yield Bot(where, Client(url))


def test_a_voter_checks_in_from_the_mini_app(bot: Bot):
    """The token is counted under the channel of the Mini App; the login lasts as with a code."""
    session = bot.sealed(Step.CHECK_IN)
    answer = bot.login(session, opened(bot.link(session)))

    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == 12 * 3600
    bearer = {"Authorization": f"Bearer {answer.json()['bearer']}"}
    assert bot.token(session, bearer).status_code == 200
    second = bot.bearer(session, opened(bot.link(session, 1)))
    assert bot.token(session, second, "miniapp").status_code == 200
    assert bot.issued(session) == {"miniapp": 2}


def test_a_page_of_hours_ago_logs_in(bot: Bot):
    """Clients hand out what they got when they first opened the page."""
    session = bot.sealed(Step.CHECK_IN)

    assert bot.login(session, opened(bot.link(session), age=23 * 3600)).status_code == 200
    assert bot.login(session, opened(bot.link(session, 1), age=-50)).status_code == 200


def told(answer: httpx.Response, status: int, expected: str) -> None:
    """The refusal has its words in both languages."""
    assert code(answer) == (status, expected)
    assert answer.json()["title"] == words(f"http.{expected}.title", "en")
    assert answer.json()["detail"] == words(f"http.{expected}.hint", "en")
    assert words(f"http.{expected}.hint", "vi")


def test_the_same_again_is_used(bot: Bot):
    """However it is spelt; the bearer that was made goes on, and a new opening logs in."""
    session = bot.sealed(Step.CHECK_IN)
    account = bot.link(session)
    raw = opened(account)
    bearer = bot.bearer(session, raw)

    for again in (raw, "&".join(reversed(raw.split("&")))):
        told(bot.login(session, again), 409, "init_data_used")

    assert bot.token(session, bearer).status_code == 200
    assert bot.bearer(session, opened(account)) != bearer


def test_a_voter_of_two_sessions_is_used_in_each_for_itself(bot: Bot):
    first, second = bot.sealed(Step.CHECK_IN), bot.sealed(Step.CHECK_IN)
    account = bot.link(first)

    async def work(books: Books) -> None:
        person = (await books.registrar.roster(second.uuid))[0].person
        await books.registrar.chats.admit(Chat(second.uuid, account, "voter", person, "vi"))

    hall.with_books(bot.where, work)
    raw = opened(account)

    assert bot.login(first, raw).status_code == 200
    assert bot.login(second, raw).status_code == 200
    told(bot.login(second, raw), 409, "init_data_used")
    told(bot.login(second, opened(account, start_param=first.uuid)), 403, "init_data_invalid")
    assert bot.login(second, opened(account, start_param=second.uuid)).status_code == 200


def test_old_future_altered_and_foreign_data_are_told_apart(bot: Bot):
    session = bot.sealed(Step.CHECK_IN)
    account = bot.link(session)

    told(bot.login(session, opened(account, age=25 * 3600)), 403, "init_data_expired")
    told(bot.login(session, opened(account, age=-3600)), 403, "init_data_future")
    told(bot.login(session, opened(account, "999:X")), 403, "init_data_invalid")
    told(
        bot.login(session, opened(account).replace("AA", "AB")[:-1] + "x"), 403, "init_data_invalid"
    )
    told(bot.login(session, ""), 403, "init_data_invalid")
    told(bot.login(session, "x" * (telegram_login.LIMIT + 1)), 403, "init_data_invalid")


def test_a_stranger_is_told_how_to_be_known(bot: Bot):
    """And is then known with what the page still has. A chair is a stranger, too."""
    session = bot.sealed(Step.CHECK_IN)
    chair = bot.link(session, role="chair")
    raw = opened(bot.accounts + 1)

    told(bot.login(session, raw), 403, "not_invited")
    told(bot.login(session, opened(chair)), 403, "not_invited")
    bot.link(session)
    assert bot.login(session, raw).status_code == 200


def test_without_a_bot_there_is_no_such_login(where: DataDir, client: Client, bot: Bot):
    session = hall.sealed(where, Step.CHECK_IN, channels=BOTH)
    login = {"uuid": session.uuid, "init_data": opened(1)}
    told(client.call("POST", "/api/v1/registrar/login", json=login), 403, "no_bot")

    file = bot.where.folder / "bot.token"
    token = file.read_text()
    elsewhere = bot.sealed(Step.CHECK_IN)
    raw = opened(bot.link(elsewhere))
    try:
        for broken in (file.unlink, lambda: file.write_text("\n")):
            broken()
            told(bot.login(elsewhere, raw), 403, "no_bot")
    finally:
        file.write_text(token)
    assert bot.login(elsewhere, raw).status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"code": "A" * 16, "init_data": "x"},
        {"code": "", "init_data": ""},
        {"code": None},
        {"init_data": None},
        {"code": None, "init_data": "x"},
        {"init_data": 1},
        {"code": "A" * 16, "initData": "x"},
    ],
)
def test_exactly_one_way_is_given(bot: Bot, more: dict[str, Any]):
    asked = {"uuid": bot.sealed().uuid, **more}

    answer = bot.client.call("POST", "/api/v1/registrar/login", json=asked)

    assert code(answer) == (400, "malformed")


def test_a_channel_is_what_the_login_came_by(bot: Bot):
    """A code is not a Mini App, nor the other way round: the counts per channel are true."""
    session = bot.sealed(Step.CHECK_IN)
    app = bot.bearer(session, opened(bot.link(session)))
    letter = bot.client.bearer(session, session.voters[1])

    for bearer, channels in ((app, ("browser", "cli")), (letter, ("miniapp",))):
        for channel in channels:
            assert code(bot.token(session, bearer, channel)) == (403, "refused")
    assert bot.issued(session) == {}
    assert code(bot.token(session, letter, "chat")) == (400, "malformed")
    assert bot.token(session, letter).status_code == 200
    assert bot.issued(session) == {"browser": 1}


def test_a_session_without_the_mini_app_takes_no_such_login(bot: Bot):
    """It is told at once, and nothing is used up or kept."""
    session = bot.sealed(Step.CHECK_IN, channels=("browser", "cli"))
    raw = opened(bot.link(session))

    assert code(bot.login(session, raw)) == (403, "refused")
    assert code(bot.login(session, raw)) == (403, "refused")
    assert bot.evidence(session) == []


def test_after_the_close_nobody_logs_in(bot: Bot):
    session = bot.sealed(Step.CHECK_IN)
    account = bot.link(session)
    session.move(Step.OPEN, Step.CLOSE)

    assert code(bot.login(session, opened(account))) == (409, "wrong_state")


def test_forgeries_are_slowed_down_and_voters_are_not(bot: Bot):
    """All come from one address. What Telegram did sign is answered each time as it is."""
    session = bot.sealed(Step.CHECK_IN)
    account = bot.link(session)
    forged = [bot.login(session, opened(account, "999:X")) for _ in range(31)]

    assert [code(answer) for answer in forged] == [
        *[(403, "init_data_invalid")] * 30,
        (429, "too_many_attempts"),
    ]
    assert 1 <= int(forged[-1].headers["retry-after"]) <= 60
    raw = opened(account)
    assert bot.login(session, raw).status_code == 200
    told(bot.login(session, raw), 409, "init_data_used")
    told(bot.login(session, opened(account, age=25 * 3600)), 403, "init_data_expired")
    assert bot.client.bearer(session, session.voters[1])
    wrong = {"uuid": session.uuid, "code": hall.letters()}
    assert code(bot.client.call("POST", "/api/v1/registrar/login", json=wrong))[0] == 429


def test_what_is_true_is_not_counted_as_a_forgery(bot: Bot):
    """A hall of people who reload does not slow down anybody."""
    session = bot.sealed(Step.CHECK_IN)
    raw = opened(bot.link(session))
    bot.bearer(session, raw)
    for _ in range(40):
        told(bot.login(session, raw), 409, "init_data_used")

    told(bot.login(session, opened(1, "999:X")), 403, "init_data_invalid")


def test_telegrams_word_is_kept_for_the_auditors_alone(bot: Bot):
    """Only what has their signature; nobody without the auditors' key reads it."""
    session = bot.sealed(Step.CHECK_IN)
    raw = opened(bot.link(session))
    bot.bearer(session, raw)
    bot.login(session, raw)

    (evidence,) = bot.evidence(session)
    assert telegram_evidence.unseal(AUDITORS, session.uuid, evidence) == raw
    public = KEY.public_key().public_bytes_raw()
    assert telegram_login.is_telegrams(telegram_login.parse(raw), 123456, public)
    on_disk = b"".join(path.read_bytes() for path in bot.where.folder.glob("*.db*"))
    assert evidence in on_disk
    for needle in (raw, telegram_login.parse(raw)["hash"], telegram_login.parse(raw)["signature"]):
        assert needle.encode() not in on_disk
    assert bytes.fromhex(telegram_login.parse(raw)["hash"]) not in on_disk


def test_without_a_signature_of_telegrams_nothing_is_kept(bot: Bot):
    """It could be made by whoever has the bot's token."""
    session = bot.sealed(Step.CHECK_IN)
    raw = opened(bot.link(session))
    fields = {k: v for k, v in telegram_login.parse(raw).items() if k not in {"hash", "signature"}}
    secret = hmac.digest(b"WebAppData", TOKEN.encode(), "sha256")
    mark = hmac.digest(secret, launching._lines(fields).encode(), "sha256").hex()

    assert bot.login(session, launching._form({**fields, "hash": mark})).status_code == 200
    assert bot.evidence(session) == []


@pytest.mark.parametrize("key", ["x", "A" * 44, "A" * 42 + "B=", "A" * 43, "A" * 43 + "=\n"])
def test_the_auditors_key_has_one_spelling(tmp_path: Path, key: str):
    with pytest.raises(Malformed, match="auditor_key"):
        hall.datadir(tmp_path, f"auditor_key = {json.dumps(key)}")
    right = "A" * 43 + "="
    assert hall.datadir(tmp_path, f'auditor_key = "{right}"').settings.auditor_key == right


def test_nothing_of_it_is_logged(bot: Bot, caplog: pytest.LogCaptureFixture):
    """Whether it is taken or not, and however loud the libraries are."""
    session = bot.sealed(Step.CHECK_IN)
    good, forged = opened(bot.link(session)), opened(1, "999:X")
    with caplog.at_level(logging.DEBUG):
        bot.login(session, good)
        bot.login(session, good)
        bot.login(session, forged)

    logged = caplog.text + "".join(f"{record.args} {record.exc_text}" for record in caplog.records)
    for raw in (good, forged):
        for needle in (
            raw,
            *(telegram_login.parse(raw)[name] for name in ("hash", "signature", "user")),
        ):
            assert needle not in logged
    assert TOKEN not in logged
