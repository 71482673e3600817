"""admin/demo/chat.py: a whole session through the bot, partly by command.

All in chat: tests/admin/cli/test_demo.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from admin.demo import chat, scenario
from admin.demo.phones import sentence
from admin.demo.scenario import Scenario
from admin.record.audit import AuditOptions, Outcome, audit_file
from admin.record.pool import workers
from admin.rules import regime
from admin.session.channels import most_officials
from admin.session.datadir import SETTINGS
from crypto.audit.evidence import ISSUANCE, Issuance
from crypto.errors import Refused
from tests.admin.demo.test_one_process import Stages
from tests.telegram.cloud import Cloud
from tests.telegram.oracle import check_call
from tests.telegram.snapshot import Message
from tests.telegram.standin import Call

pytestmark = pytest.mark.slow

VOTERS, OFFICIALS = 8, 3
RULES = regime.load("nq96-2023")
WAYS = {"chat": 6, "cli": 2}


def made_up(voters: int = VOTERS, officials: int = OFFICIALS) -> Scenario:
    names = [(f"Người {i}", f"Chức vụ {i}") for i in range(1, officials + 1)]
    return scenario.random(voters, names, RULES, "Hội đồng")


@dataclass
class Played:
    """A session that is over."""

    scenario: Scenario
    folder: Path
    bundle: Path
    stages: Stages
    calls: list[Call]
    cloud: Cloud

    def audit(self) -> Outcome:
        return audit_file(self.bundle, AuditOptions())

    def phones(self) -> Iterator[list[Message]]:
        """Everything that was ever to be seen on each phone."""
        for room in self.cloud.chats.values():
            yield list(room.shown)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder, stages, vote = tmp_path_factory.mktemp("demo"), Stages(), made_up()
    finished = folder / "made"
    finished.mkdir()
    with chat.hosting(folder / "data") as hall, workers(1) as pool:
        path = chat.play(vote, finished, hall, pool, stages.show, mixed=True)
    telegram = hall.exchange.telegram
    return Played(vote, finished, path, stages, telegram.calls, telegram.cloud)


def test_counts_come_out(played: Played):
    """The record audits clean, and its totals are those that were voted by buttons."""
    outcome = played.audit()

    assert outcome.error is None
    audit = outcome.to_json()
    assert [tuple(o["counts"][key] for key in RULES.level_keys) for o in audit["results"]] == [
        o.levels for o in played.scenario.officials
    ]
    assert audit["counts"] == dict.fromkeys(audit["counts"], VOTERS)


def test_each_way_got_its_tokens(played: Played):
    """In a mixed session every third delegate uses no chat; the record says by which way."""
    with ZipFile(played.bundle) as bundle:
        issuance = Issuance.decode(bundle.read(ISSUANCE))

    assert issuance.channels == WAYS
    assert issuance.present == VOTERS


def test_what_is_left_in_the_folder(played: Played):
    """The archive and exactly one bundle of the same session."""
    names = sorted(path.name for path in played.folder.iterdir())

    assert names == [f"{played.bundle.name[:16]}.bel", played.bundle.name]


def test_stages_are_told(played: Played):
    """Every stage is shown and goes to its end; votes move with every official."""
    assert [name for name, _ in played.stages.shown_in_order] == [
        "seal", "checkin", "vote", "close", "tally", "publish",
    ]  # fmt: skip
    assert played.stages.steps == dict(played.stages.shown_in_order)
    assert played.stages.steps["vote"] == VOTERS * OFFICIALS


def test_every_call_of_the_bot_is_as_documented(played: Played):
    """Somebody else's reading of the Bot API agrees with each."""
    assert played.calls
    for call in played.calls:
        check_call(call)


def test_telegram_refuses_nothing(played: Played):
    """The bot keeps the pace: with Telegram's limits on, no call is too many, and none is wrong."""
    refused = {call.error for call in played.calls if call.status != 200}
    assert all("query is too old" in str(error) for error in refused)  # on a slow machine only


def test_everybody_in_chat_gets_the_result(played: Played):
    """Delegates, the chair and the observer; every delegate saw first that the ballot was taken."""
    phones = list(played.phones())
    recorded = [any(_has(m, "ballot.recorded") for m in messages) for messages in phones]

    assert all(any(_has(m, "results.head") for m in messages) for messages in phones)
    assert recorded.count(True) == WAYS["chat"]
    assert len(phones) == recorded.count(True) + 2


def test_the_chair_gets_the_record_itself(played: Played):
    """What is left in the folder is what came by Telegram."""
    files = [m.file for messages in played.phones() for m in messages if m.kind == "document"]

    assert played.bundle.read_bytes() in [file.content for file in files if file is not None]


def test_more_officials_than_a_button_holds_are_refused(tmp_path: Path):
    """Nothing is begun; one official less would fit."""
    vote = made_up(5, most_officials(len(RULES.level_keys)) + 1)

    with (
        chat.hosting(tmp_path / "data") as hall,
        workers(1) as pool,
        pytest.raises(Refused, match="a ballot by buttons has room for"),
    ):
        chat.play(vote, tmp_path, hall, pool, Stages().show, mixed=False)


def test_the_token_is_for_the_owner_only(tmp_path: Path):
    """The bot's token lies in a file of its own; server and stand-in end with the block."""
    with chat.hosting(tmp_path / "data") as hall:
        token = tmp_path / "bot.token"
        assert token.stat().st_mode & 0o777 == 0o600
        assert token.read_text() == hall.exchange.telegram.token
        assert (hall.running.datadir.folder / SETTINGS).stat().st_mode & 0o777 == 0o600
        assert hall.running.datadir.settings.telegram_api == hall.exchange.telegram.url

    assert hall.running.process.poll() is not None
    assert not hall.exchange.loop.is_running()


def _has(message: Message, key: str) -> bool:
    return all(part in message.text for part in sentence(key))
