"""Telegram's word on who came is opened and judged by the auditors alone."""

import asyncio
import json
import stat
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from admin.cli import main
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.voting import telegram_evidence, telegram_login
from crypto.errors import Malformed, Refused
from storage.rows import Chat, Person, SeenInitData
from tests import testkit
from tests.telegram import launching

pytestmark = pytest.mark.slow

TOKEN = "123456:TESTtestTESTtestTESTtestTESTtestTES"  # noqa: S105  of no bot
TELEGRAM = Ed25519PrivateKey.generate()
UUID = "sampLeSessi0nA"
NOON = 1_750_000_000


@dataclass
class Office:
    """A data directory with a bot, and the auditors' key."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def key_file(self) -> Path:
        return self.folder / "auditors.key"

    def run(self, *args: str) -> tuple[int, str, str]:
        status = main.run([*args, "--data", str(self.folder)])
        printed = self.capsys.readouterr()
        return status, printed.out, printed.err

    def evidence(self, *args: str) -> tuple[int, str, str]:
        return self.run("auditor", "evidence", UUID, "--key", str(self.key_file), *args)

    def keep(self, *sealed: bytes) -> None:
        """As the registrar keeps it when somebody logs in."""

        async def work(books: Books) -> None:
            for number, sealed_piece in enumerate(sealed):
                login = SeenInitData(UUID, 7, number.to_bytes(32), NOON, sealed_piece)
                await books.registrar.logins.admit(login, bytes(31) + bytes([number]), NOON, 0)

        self.with_books(work)

    def with_books(self, work) -> None:
        async def whole() -> None:
            async with opened(DataDir.open(self.folder)) as books:
                await work(books)

        asyncio.run(whole())


def word(account: int, moment: int = NOON, key: Ed25519PrivateKey = TELEGRAM) -> str:
    fields = {"user": json.dumps({"id": account}), "auth_date": str(moment)}
    return launching.signed(TOKEN, key, fields)


@pytest.fixture
def office(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Office:
    """A session with one voter who has an account."""
    monkeypatch.setattr(telegram_login, "TELEGRAM", TELEGRAM.public_key().public_bytes_raw())
    (tmp_path / "bot.token").write_text(TOKEN)
    (tmp_path / "phieukin.toml").write_text('telegram_token_file = "bot.token"')
    office = Office(tmp_path, capsys)

    async def work(books: Books) -> None:
        await books.registrar.add_session(UUID, testkit.HUMAN.encode())
        await books.registrar.put_roster(UUID, [Person(bytes(16), 1, "Lan", {})])
        await books.registrar.chats.admit(Chat(UUID, 7, "voter", bytes(16), "vi"))

    office.with_books(work)
    return office


def auditors(office: Office) -> str:
    """The public key of a new key file."""
    status, stdout, _ = office.run("auditor", "key", "-o", str(office.key_file), "--json")
    assert status == 0
    return str(json.loads(stdout)["auditor_key"])


def test_a_key_is_private_and_made_once(office: Office):
    """What is printed goes into phieukin.toml as it is; the secret is not printed."""
    status, stdout, err = office.run("auditor", "key", "-o", str(office.key_file))
    kept = office.key_file.read_text().strip()

    assert status == 0
    assert stat.S_IMODE(office.key_file.stat().st_mode) == 0o600
    assert kept not in stdout + err
    settings = office.folder / "phieukin.toml"
    settings.write_text(settings.read_text() + "\n" + stdout)
    public = telegram_evidence.public(telegram_evidence.read_key(office.key_file.read_bytes()))
    assert DataDir.open(office.folder).settings.auditor_key == public
    assert office.run("auditor", "key", "-o", str(office.key_file))[0] == 5
    assert office.key_file.read_text().strip() == kept


def test_genuine_words_are_told_by_time(office: Office):
    """A line each; a program gets the same in JSON, in UTC."""
    key = auditors(office)
    office.keep(*(telegram_evidence.seal(key, UUID, word(42 + i, NOON - i)) for i in range(3)))

    status, stdout, _ = office.evidence("--json")
    assert status == 0
    document = json.loads(stdout)
    assert (document["schema"], document["uuid"]) == ("phieukin.evidence/1", UUID)
    assert document["evidence"] == [
        {"account": 44, "time": "2025-06-15T15:06:38+00:00", "ok": True},
        {"account": 43, "time": "2025-06-15T15:06:39+00:00", "ok": True},
        {"account": 42, "time": "2025-06-15T15:06:40+00:00", "ok": True},
    ]
    status, stdout, err = office.evidence()
    assert status == 0
    assert [line[0] for line in stdout.splitlines()] == ["✓"] * 3
    assert "3" in err


def test_no_evidence_is_no_failure(office: Office):
    auditors(office)

    assert office.evidence()[0] == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda key: telegram_evidence.seal(key, UUID, word(42, key=Ed25519PrivateKey.generate())),
        lambda key: telegram_evidence.seal(key, UUID, word(42).replace("%2042", "%2043")),
        lambda key: telegram_evidence.seal(key, UUID, "user=x"),
        lambda key: telegram_evidence.seal(key, "sampLeSessi0nB", word(42)),
        lambda _: telegram_evidence.seal(
            telegram_evidence.public(telegram_evidence.new_key()), UUID, word(42)
        ),
        lambda key: telegram_evidence.seal(key, UUID, word(42))[:-1],
        lambda _: b"",
    ],
    ids=["forged", "altered", "nothing", "other session", "other key", "cut", "empty"],
)
def test_what_is_not_genuine_is_told_and_fails(office: Office, make):
    """Beside a genuine one, which is told, too."""
    key = auditors(office)
    office.keep(telegram_evidence.seal(key, UUID, word(7)), make(key))

    status, stdout, _ = office.evidence("--json")

    assert status == 3
    document = [piece["ok"] for piece in json.loads(stdout)["evidence"]]
    assert sorted(document) == [False, True]
    assert office.evidence()[0] == 3


def test_another_bots_evidence_is_not_ours(office: Office):
    key = auditors(office)
    office.keep(telegram_evidence.seal(key, UUID, word(7)))
    (office.folder / "bot.token").write_text("999:X")

    assert office.evidence()[0] == 3


def test_without_session_bot_or_key_it_is_refused(office: Office):
    auditors(office)
    unknown = ("auditor", "evidence", "sampLeSessi0nB", "--key", str(office.key_file))
    assert office.run(*unknown)[0] == 5
    (office.folder / "phieukin.toml").write_text("")
    assert office.evidence()[0] == 5
    for wrong in ("", "AAAA\n", office.key_file.read_text() + "\n", "é"):
        office.key_file.write_text(wrong, "utf-8")
        assert office.evidence()[0] == 3


def test_a_key_has_one_spelling():
    key = telegram_evidence.new_key()

    assert telegram_evidence.read_key(telegram_evidence.key_file(key)) == key
    for wrong in (
        b"",
        key,
        b"\xff" * 44,
        telegram_evidence.key_file(key) * 2,
        telegram_evidence.key_file(key[1:]),
    ):
        with pytest.raises(Malformed):
            telegram_evidence.read_key(wrong)


def test_what_is_sealed_is_for_one_key_and_session():
    key = telegram_evidence.new_key()
    sealed = telegram_evidence.seal(telegram_evidence.public(key), UUID, "x")

    assert telegram_evidence.unseal(key, UUID, sealed) == "x"
    assert sealed != telegram_evidence.seal(telegram_evidence.public(key), UUID, "x")
    for wrong in ((telegram_evidence.new_key(), UUID), (key, "sampLeSessi0nB")):
        with pytest.raises(Refused):
            telegram_evidence.unseal(*wrong, sealed)
