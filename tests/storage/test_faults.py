"""A disk that is full, a database that is held, values that nobody should send."""

import errno
import sqlite3
import traceback
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from crypto.errors import Malformed, ProtocolError, UnknownSession
from crypto.lifecycle import State, Step
from storage import database as storage_database
from storage.books import open_box, open_registrar
from storage.database import PAGE_BYTES
from storage.errors import BookHeld
from storage.rows import Person
from tests.storage.sample import UUID, ballot, box_at, code, digest, person, registrar_at

FULL_AT = 40  # pages: a session and a few ballots


async def limited(url: str, pages: int):
    """A box on a disk that holds so many pages."""
    book = await open_box(url)

    def limit(connection, _record, _proxy):
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        cursor.close()

    event.listen(book._database._engine.sync_engine.pool, "checkout", limit)
    return book


async def test_a_full_disk_is_said_and_changes_nothing(tmp_path):
    """The ballot that does not fit is refused as such; what was acknowledged is there."""
    url = f"sqlite:///{tmp_path}/box.db"
    book = await limited(url, FULL_AT)
    await box_at(book, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=50)
    stored = []

    async def cast_all() -> None:
        for number in range(50):
            await book.cast(*ballot(number, size=20_000).take())
            stored.append(number)

    with pytest.raises(OSError, match="space") as caught:
        await cast_all()
    assert caught.value.errno == errno.ENOSPC
    assert stored
    assert await book.counts(UUID) == {"registered": 50, "cast": len(stored)}
    await book.close()

    book = await open_box(url)  # with room again
    for number in range(50):
        await book.cast(*ballot(number, size=20_000).take())
    assert await book.counts(UUID) == {"registered": 50, "cast": 50}
    await book.close()


async def test_a_full_disk_does_not_stop_the_close(tmp_path):
    """States can still change where no ballot fits any more."""
    book = await limited(f"sqlite:///{tmp_path}/box.db", FULL_AT)
    await box_at(book, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)
    with pytest.raises(OSError, match="space"):
        await book.cast(*ballot(0, size=FULL_AT * PAGE_BYTES).take())

    await book.move(UUID, Step.CLOSE)

    assert await book.trackers(UUID) == []
    await book.close()


@pytest.fixture
def impatient(monkeypatch):
    """Books that wait a twentieth of a second for each other."""
    short = [pragma for pragma in storage_database._PRAGMAS if "busy" not in pragma]
    monkeypatch.setattr(storage_database, "_PRAGMAS", ("busy_timeout = 50", *short))


@pytest.mark.usefixtures("impatient")
async def test_a_database_that_someone_holds(tmp_path):
    """Waiting has an end, it is said why, and the next attempt works."""
    book = await open_registrar(f"sqlite:///{tmp_path}/registrar.db")
    await registrar_at(book)
    reader = sqlite3.connect(tmp_path / "registrar.db", isolation_level=None)
    reader.execute("BEGIN IMMEDIATE")

    with pytest.raises(BookHeld, match="too long"):
        await book.add_entry(UUID, "now")
    assert len(await book.roster(UUID)) == 3  # reading goes on

    reader.execute("ROLLBACK")
    reader.close()
    await book.add_entry(UUID, "later")
    assert await book.entries(UUID) == ["later"]
    await book.close()


@pytest.mark.usefixtures("impatient")
async def test_a_log_that_a_reader_keeps_full_is_said(tmp_path):
    """Rewriting is not called done while somebody's reading keeps the old pages alive."""
    book = await open_box(f"sqlite:///{tmp_path}/box.db")
    await box_at(book, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, Step.CLOSE)
    reader = sqlite3.connect(tmp_path / "box.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM credentials").fetchone()

    with pytest.raises(TimeoutError, match="reads the database"):
        await book.rewrite(UUID)

    reader.close()
    await book.rewrite(UUID)
    await book.close()


async def test_a_damaged_file_is_said(tmp_path):
    """Garbage in the middle of a file is an error of the disk; no stored value is shown."""
    file = tmp_path / "box.db"
    book = await open_box(f"sqlite:///{file}")
    await box_at(book, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)
    await book.cast(*ballot(0, size=50_000).take())
    await book.close()
    data = bytearray(file.read_bytes())
    data[PAGE_BYTES * 4 :] = b"\xff" * (len(data) - PAGE_BYTES * 4)
    file.write_bytes(data)

    book = await open_box(f"sqlite:///{file}")
    with pytest.raises(OSError, match="database failed"):
        _ = [raw async for raw in book.ballots(UUID)], await book.credentials(UUID)
    await book.close()


HOSTILE = [
    "'; DROP TABLE ballots; --", "%s %(uuid)s :uuid ?", "\\", "\u202e\u0301", "x" * 100_000, "",
    "🗳️",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_text_is_only_text(registrar, box, text):
    """Names and keys that look like commands are kept, or found nowhere."""
    await registrar.add_session(text, text.encode())
    await registrar.put_roster(text, [Person(digest("p")[:16], 1, text, {text: text})])
    await registrar.add_entry(text, text)
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX)

    assert (await registrar.roster(text))[0].details == {text: text}
    assert await registrar.entries(text) == [text]
    with pytest.raises(UnknownSession):
        await box.register(text, ballot(0).credential, b"")
    assert await box.counts(UUID) == {"registered": 3, "cast": 0}


async def test_what_no_column_holds_is_malformed(registrar, box):
    """Half characters, huge numbers and bytes of a wrong size are refused, and nothing breaks."""
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN)
    await box_at(box, Step.CHECK_IN)
    holder = person(0).person

    for call in (
        registrar.add_entry(UUID, "\ud800"),
        registrar.session("\ud800"),
        registrar.replace_codes([code(0, expires=2**70)]),
        registrar.issue(UUID, holder, b"short", b"answer", "web"),
        registrar.amend(UUID, 1, b"", b"earlier", [Person(b"short", 1, "", {})], []),
        registrar.put_message(UUID, "step1", 2**80, b"", during=State.CHECKIN),
        box.register(UUID, b"short", b"token"),
        box.register(UUID, bytes(33), b"token"),
    ):
        with pytest.raises(Malformed):
            await call

    assert await registrar.issued(UUID) == {}
    assert await registrar.entries(UUID) == []
    assert await box.counts(UUID) == {"registered": 3, "cast": 0}


@given(st.text(max_size=20), st.binary(max_size=40), st.integers())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
async def test_no_value_gets_past_the_errors_of_the_program(registrar, text, data, number):
    """Whatever is sent, the answer is stored or is an error that the program knows."""
    for call in (
        registrar.add_session(text, data),
        registrar.put_message(text, text, number, data, during=State.DRAFT),
        registrar.issue(text, data, data, data, text),
        registrar.login(data, number),
        registrar.add_entry(text, text),
    ):
        try:
            await call
        except ProtocolError as error:
            assert not data or repr(data) not in str(error)  # noqa: PT017


async def test_errors_do_not_show_values(registrar, box, caplog):
    """Neither a message nor a traceback nor the log has a stored or refused value."""
    caplog.set_level(0)
    secret = "tên-bí-mật"  # noqa: S105
    await registrar_at(registrar, Step.SEAL, Step.CHECK_IN)
    await registrar.replace_codes([code(0)])
    tracebacks = []
    for call in (
        registrar.replace_codes([replace(code(1), hash=code(0).hash)]),
        registrar.amend(
            UUID, 1, secret.encode(), b"earlier", [Person(b"short", 1, secret, {})], []
        ),
        registrar.put_message(UUID, secret, 2**80, b"", during=State.CHECKIN),
        registrar.add_entry(UUID, secret + "\ud800"),
        box.register(secret, bytes(32), b""),
    ):
        with pytest.raises(ProtocolError) as caught:
            await call
        tracebacks += traceback.format_exception(caught.value)

    for needle in (secret, ascii(secret)[1:-1], code(0).hash.hex(), repr(code(0).hash)[2:-1]):
        assert not any(needle in line for line in tracebacks)
        assert needle not in caplog.text
