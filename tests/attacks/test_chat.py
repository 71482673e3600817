"""After a session by chat nothing on the disk, in the logs or on a locked phone tells a choice.

The reader of disk.py is told the truth (chatting.py) and looks through everything that is left.
Each kind of leak is planted in a copy and found by the same reader.

What is not hidden: Telegram's servers see who taps on what while it is tapped. And orders: eight
voters are too few to tell one, and the chat channel writes to the books as every other does.
"""

import base64
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from admin.session import keys
from admin.voting import ballot_button
from admin.voting.ballot_button import CastButton
from crypto.lifecycle import Step
from tests.attacks.chatting import OFFICIALS, Chatter, Left, held, opened_by
from tests.attacks.disk import Disk, Finding, findings, side_of
from tests.attacks.needles import BOX, REGISTRAR
from tests.attacks.sitting import Voter
from tests.telegram.snapshot import Message
from tests.telegram.standin import Call
from tests.worlds.scene import LEVELS, RECORDED, logged, says, staged, tracker_of

pytestmark = pytest.mark.slow

OF_BUTTONS = {"seed", "button", "button in bytes", "key of the buttons"}
SECRETS = OF_BUTTONS | {"secret", "inverse"}
KEY = Finding("value", "keys/{uuid}/buttons.key: key of the buttons")
OF_ACCOUNTS = Finding("remnant", "registrar.db: person")


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    return held(tmp_path_factory.mktemp("session"))


# ---- files and logs


@pytest.mark.parametrize("moment", ["published", "data"])
def test_nothing_pairs_a_person_with_a_ballot(left: Left, moment: str):
    """Once published, whether the server runs or not: no seed, no button, no pair of any kind."""
    leaks = set(findings(left.disk(moment), left.truth)) - {OF_ACCOUNTS}  # see below
    assert leaks == set()
    assert pairs(left.disk(moment), left) == []


def test_until_the_publication_there_is_the_key_of_the_buttons(left: Left):
    """And nothing else: with it and a phone, or Telegram's servers, one could look back."""
    expected = {Finding(kind, where.format(uuid=left.truth.uuid)) for kind, where in [KEY]}
    assert set(findings(left.disk("closed"), left.truth)) == expected
    assert opened_by(left.folder / "closed", left) == len(left.truth.chatters)


@pytest.mark.parametrize("moment", ["published", "data"])
def test_with_the_publication_all_buttons_are_dead(left: Left, moment: str):
    """No file of the data directory holds a key that opens what is left in chats."""
    assert keys.buttons(left.truth.sitting.datadir, left.truth.uuid) is None
    assert opened_by(left.folder / moment, left) == 0


def test_while_votes_are_cast_neither_book_knows_the_other_side(left: Left):
    """The one process that sees both writes to each only what is its own."""
    wrong = set()
    for name, data in left.disk("voting").files.items():
        for _, needle in left.truth.hits(data):
            what = needle.what.rpartition(" of ")[2] if " of " in needle.what else needle.what
            foreign = {REGISTRAR: BOX, BOX: REGISTRAR}.get(side_of(name) or "")
            if needle.side == foreign or {what, needle.what} & SECRETS or name == "log":
                wrong.add((name.rpartition("/")[2], needle.what))
    assert wrong == {("buttons.key", "key of the buttons")}
    assert pairs(left.disk("voting"), left) == []


@pytest.mark.parametrize("moment", ["published", "data"])
def test_accounts_are_forgotten_when_everybody_knows_the_result(left: Left, moment: str):
    """Neither as a row nor in pages of the database or its log."""
    values = {
        name
        for name, data in left.disk(moment).files.items()
        for chatter in left.truth.chatters
        if chatter.phone.id.to_bytes(8, "big") in data or str(chatter.phone.id).encode() in data
    }
    assert values == set()


def test_the_log_has_as_many_lines_for_eight_voters_as_for_none(left: Left):
    """Start, stop, and that the bot answers: nothing for an update."""
    assert len(left.truth.sitting.log.read_text("utf-8").splitlines()) <= 3


async def test_no_level_of_logging_brings_a_button_into_the_log(tmp_path: Path):
    """With every library at DEBUG; their own words, which are not written, do have it."""
    with logged() as log:
        async with staged(tmp_path, Step.CHECK_IN) as scene:
            lan = await scene.collected(1)
            await scene.move(Step.OPEN)
            tracker = await scene.voted(lan, [0, 1, 2])
            shown = [b for m in lan.history for row in m.buttons for b in row]
    buttons = {b.callback_data for b in shown if ballot_button.is_ballot(b.callback_data or "")}
    for told in (*filter(None, buttons), tracker, scene.sealed.voters[0], LEVELS[0], "Đại biểu 1"):
        assert told not in log.ours.getvalue()
        assert told in log.bare.getvalue() or json.dumps(told)[1:-1] in log.bare.getvalue()


def pairs(disk: Disk, left: Left) -> list[tuple[str, str]]:
    """Rows that hold an account or a person together with what tells of a ballot."""
    pairs = []
    for name, book in disk.books():
        tables = book.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = book.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
            if any(_pairs(name, row, *one) for row in rows for one in left.everybody):
                pairs.append((name, table))
    return pairs


def _pairs(book: str, row: tuple[object, ...], chatter: Chatter, voter: Voter) -> bool:
    account, written = chatter.phone.id in row, " ".join(map(str, row))
    told = (voter.tracker, voter.credential.hex(), *LEVELS, *chatter.buttons)
    of_ballot = any(value in written for value in told)
    of_ballot |= any(value in row for value in (voter.credential, voter.ballot, *chatter.seeds))
    return (account and side_of(book) == BOX) or (of_ballot and (account or voter.person in row))


# ---- phones


def test_after_the_vote_no_phone_shows_a_choice(left: Left):
    """Neither a level nor a button that carries draft or seed; before the vote there were both."""
    for chatter in left.truth.chatters:
        assert any(says(RECORDED)(message) for message in chatter.voted)
        assert told_by(chatter.voted) == set()
        kept = filter(ballot_button.is_ballot, data_of(chatter.voted))
        (button,) = [left.button_key.open(chatter.phone.id, data) for data in kept]
        (tracker,) = [tracker_of(message) for message in chatter.voted if says(RECORDED)(message)]
        assert isinstance(button, CastButton)
        assert button.fits(tracker)
        assert told_by(chatter.phone.history) == set(LEVELS)
        assert any(ballot_button.is_ballot(data) for data in data_of(chatter.phone.history))


def test_no_call_of_the_bot_tells_a_choice_after_the_tap_that_sends(left: Left):
    """To nobody, in no method, until the result is told."""
    for chatter in left.truth.chatters:
        to_chatter = [
            str(call.parameters.get("chat_id")) == str(chatter.phone.id) for call in left.calls
        ]
        calls = [said(call) if to_chatter[number] else "" for number, call in enumerate(left.calls)]
        later = [text for text in calls[chatter.sent :] if text]
        assert len(later) >= 3
        assert [text for text in later if any(level in text for level in LEVELS)] == []
        for level in LEVELS:  # on a button of a page, and before that on no screen
            assert any(f'{level}"' in text for text in calls[: chatter.sent])
    answers = [said(call) for call in left.calls if call.method == "answerCallbackQuery"]
    assert len(answers) > len(left.truth.chatters)
    assert [text for text in answers if any(level in text for level in LEVELS)] == []


def test_a_locked_phone_tells_no_choice(left: Left):
    """What shows up on it before the publication: that something happens, not what was chosen."""
    for chatter in left.truth.chatters:
        assert len(chatter.notified) >= 3
        assert [text for text in chatter.notified if any(level in text for level in LEVELS)] == []
        assert any(LEVELS[0] in text for text in chatter.phone.notifications)


def test_chair_and_observer_see_no_partial_result(left: Left):
    """They see counts of ballots; results only when they are published."""
    texts = [message.text for message in left.offices]
    assert any("Phiếu thu về: " in text for text in texts)
    assert told_by(left.offices) == set()
    assert not any(name in text for text in texts for name in OFFICIALS)


def told_by(messages: list[Message]) -> set[str]:
    """The levels that stand in messages or on their buttons."""
    texts = [text for message in messages for text in (message.text, *message.labels)]
    return {level for level in LEVELS for text in texts if level in text}


def data_of(messages: list[Message]) -> list[str]:
    return [b.callback_data or "" for message in messages for row in message.buttons for b in row]


def said(call: Call) -> str:
    """All that a call told Telegram, keyboards included."""
    parameters = {name: _read(value) for name, value in call.parameters.items()}
    return json.dumps(parameters, ensure_ascii=False, default=str)


def _read(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value[:1] in {"{", "["} else value


# ---- planted leaks


@dataclass(frozen=True)
class Copy:
    """A copy of what was left, in which something is planted."""

    folder: Path
    log: Path
    left: Left

    @property
    def one(self) -> Chatter:
        return self.left.everybody[5][0]

    @property
    def voter(self) -> Voter:
        return self.left.everybody[5][1]

    @property
    def seed(self) -> bytes:
        (seed,) = self.one.seeds
        return seed

    @property
    def data(self) -> str:
        return min(self.one.buttons)

    def sql(self, book: str, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.folder / book)) as opened, opened:
            opened.execute(statement, values)

    def detail(self, value: str) -> None:
        """Something beside a name."""
        changed = "UPDATE persons SET details = ? WHERE person = ?"
        self.sql("registrar.db", changed, value, self.voter.person)

    def write(self, line: str) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(line + "\n")


def button_in_a_log(copy: Copy) -> None:
    copy.write(f"DEBUG tapped on {copy.data}")


def seed_in_a_log(copy: Copy) -> None:
    copy.write(f"ERROR {copy.seed.hex()}")


def seed_as_base64_in_a_log(copy: Copy) -> None:
    copy.write(f"ERROR {base64.urlsafe_b64encode(b'?' + copy.seed).decode()}")


def secret_in_a_log(copy: Copy) -> None:
    copy.write(f"s={copy.voter.secrets.secret}")


def tracker_beside_an_account(copy: Copy) -> None:
    copy.write(f"{copy.one.phone.id} {copy.voter.tracker}")


def seed_at_the_registrar(copy: Copy) -> None:
    copy.detail(f'{{"seed":"{copy.seed.hex()}"}}')


def button_at_the_registrar(copy: Copy) -> None:
    copy.detail(f'{{"last":"{copy.data}"}}')


def tracker_at_the_registrar(copy: Copy) -> None:
    copy.detail(f'{{"tracker":"{copy.voter.tracker}"}}')


def seed_in_the_box(copy: Copy) -> None:
    mark = copy.seed + bytes(16)
    copy.sql("box.db", "INSERT INTO ciphertexts SELECT uuid, ? FROM sessions", mark)


def hash_of_a_button_in_the_box(copy: Copy) -> None:
    mark = sha256(copy.seed).digest()
    copy.sql("box.db", "INSERT INTO ciphertexts SELECT uuid, ? FROM sessions", mark)


def account_in_the_box(copy: Copy) -> None:
    copy.sql("box.db", "ALTER TABLE ballots ADD account INT")
    changed = "UPDATE ballots SET account = ? WHERE tracker = ?"
    copy.sql("box.db", changed, copy.one.phone.id, copy.voter.tracker)


def choice_beside_a_person(copy: Copy) -> None:
    copy.detail(f'{{"1":"{LEVELS[copy.one.choices[0] or 0]}"}}')


def key_that_stays(copy: Copy) -> None:
    folder = copy.folder / "keys" / copy.left.truth.uuid
    (folder / "buttons.old").write_bytes(b"kept " + copy.left.truth.key)


PLANTS: list[tuple[Callable[[Copy], None], str]] = [
    (button_in_a_log, "log: button"),
    (seed_in_a_log, "log: seed"),
    (seed_as_base64_in_a_log, "log: seed"),
    (secret_in_a_log, "log: secret"),
    (tracker_beside_an_account, "log: account"),
    (seed_at_the_registrar, "registrar.db: seed"),
    (button_at_the_registrar, "registrar.db: button"),
    (tracker_at_the_registrar, "registrar.db: tracker"),
    (seed_in_the_box, "box.db: seed"),
    (hash_of_a_button_in_the_box, "box.db: sha256 of seed"),
    (account_in_the_box, "box.db ballots: pair"),
    (choice_beside_a_person, "registrar.db persons: pair"),
    (key_that_stays, "buttons.old: key of the buttons"),
]


@pytest.fixture
def copy(left: Left, tmp_path: Path) -> Iterator[Copy]:
    shutil.copytree(left.folder / "data", tmp_path / "data")
    shutil.copy(left.truth.sitting.log, tmp_path / "log")
    yield Copy(tmp_path / "data", tmp_path / "log", left)
    shutil.rmtree(tmp_path / "data")


@pytest.mark.parametrize(("plant", "wanted"), [pytest.param(*p, id=p[0].__name__) for p in PLANTS])
def test_a_planted_leak_is_found(copy: Copy, plant: Callable[[Copy], None], wanted: str):
    """By the reader that finds nothing where nothing is planted."""
    plant(copy)
    disk = Disk(copy.folder, copy.log)

    leaks = [where for _, where in findings(disk, copy.left.truth)]
    leaks += [f"{name} {table}: pair" for name, table in pairs(disk, copy.left)]

    assert [where for where in leaks if wanted in where], leaks
    if plant is key_that_stays:
        assert opened_by(copy.folder, copy.left) == len(copy.left.truth.chatters)
