"""What is left on the disk after a session: nothing that was deleted, nothing of any order."""

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from crypto.lifecycle import Step
from storage import database
from storage.books import open_box, open_registrar
from storage.box import tables as box_tables
from storage.box.book import BoxBook
from storage.database import PAGE_BYTES
from storage.registrar import tables as registrar_tables
from storage.registrar.book import RegistrarBook
from storage.rows import Chat, SeenInitData
from tests.storage import postgres
from tests.storage.sample import (
    OTHER,
    UUID,
    ballot,
    box_at,
    code,
    digest,
    login,
    person,
    registrar_at,
)

VOTERS = 60
LEAF = 0x0A  # SQLite's mark of a page that holds rows of a table without row numbers
ORDERS = (list(range(VOTERS)), sorted(range(VOTERS), key=lambda number: digest(f"any {number}")))

BOX = (box_tables.ballots, box_tables.ciphertexts, box_tables.credentials)
REGISTRAR = (
    registrar_tables.issued,
    registrar_tables.persons,
    registrar_tables.codes,
    registrar_tables.evidence,
)


def secret(kind: str, number: int) -> bytes:
    """A value that must be gone after the end."""
    return digest(f"secret {kind} {number}")


def secrets_of_all() -> list[bytes]:
    """Everything of the voters that is forgotten."""
    kinds = ("request", "answer", "recovery", "bearer", "shown")
    needles = [secret(kind, number) for number in range(VOTERS) for kind in kinds]
    return needles + [hashed(number).hash for number in range(VOTERS) for hashed in (code, login)]


async def fill_registrar(
    book: RegistrarBook, order: Iterable[int], *, evidence: bool = False
) -> None:
    """Check-in of everybody, in this order, by code and by Mini App."""
    await registrar_at(book, Step.SEAL, Step.CHECK_IN, voters=VOTERS)
    await book.replace_codes([code(number) for number in range(VOTERS)])
    for number in order:
        holder = person(number).person
        await book.add_login(login(number))
        await book.chats.admit(Chat(UUID, 1000 + number, "voter", holder, "vi"))
        sealed = digest(f"evidence {number}") * 9 if evidence else None
        showing = SeenInitData(UUID, 1000 + number, secret("shown", number), 2000, sealed)
        await book.logins.admit(showing, secret("bearer", number), 1000, 0)
        request, answer = secret("request", number), secret("answer", number)
        await book.issue(UUID, holder, request, answer, "web")
        await book.put_recovery(UUID, holder, secret("recovery", number))


async def fill_box(book: BoxBook, order: list[int]) -> None:
    """Registration and voting of everybody, in this order, beside another session."""
    await box_at(book, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, uuid=OTHER)
    await box_at(book, Step.CHECK_IN, voters=0)
    for number in order:
        await book.register(UUID, ballot(number).credential, ballot(number).token)
    await book.move(UUID, Step.OPEN)
    await book.move(UUID, Step.SEAL_BOX)
    for number in order[::-1]:
        await book.cast(*ballot(number).take())


async def opened(whose: str, url: str, order: list[int]) -> RegistrarBook | BoxBook:
    """One of the books, filled in this order."""
    if whose == "registrar":
        registrar = await open_registrar(url)
        await fill_registrar(registrar, order)
        return registrar
    box = await open_box(url)
    await fill_box(box, order)
    return box


async def end(book: RegistrarBook | BoxBook) -> None:
    """Closes the session and removes what tells too much."""
    if isinstance(book, RegistrarBook):
        await book.move(UUID, Step.OPEN)
        await book.move(UUID, Step.SEAL_BOX)
    await book.move(UUID, Step.CLOSE)
    await (book.forget(UUID) if isinstance(book, RegistrarBook) else book.rewrite(UUID))


def on_disk(folder: Path) -> bytes:
    """Every byte of every file, the logs of running databases included."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def pages(data: bytes) -> list[bytes]:
    """The pages of a file of SQLite."""
    return [data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES)]


async def test_deleted_values_are_nowhere_in_the_files(tmp_path):
    """Codes, logins, what a Mini App showed, requests, answers and recovery are gone."""
    book = await open_registrar(f"sqlite:///{tmp_path}/registrar.db")
    await fill_registrar(book, ORDERS[1])
    before = on_disk(tmp_path)
    assert all(value in before for value in secrets_of_all())  # this search finds them

    await end(book)

    after = on_disk(tmp_path)
    assert [value for value in secrets_of_all() if value in after] == []
    assert all(person(number).person in after for number in range(VOTERS))
    await book.close()


async def test_a_reader_who_goes_does_not_stop_the_end(tmp_path):
    """The log cannot begin anew while somebody reads it; the end waits for a moment without."""
    book = await open_registrar(f"sqlite:///{tmp_path}/registrar.db")
    await fill_registrar(book, ORDERS[1])
    reader = sqlite3.connect(tmp_path / "registrar.db", check_same_thread=False)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM persons").fetchone()
    asyncio.get_running_loop().call_later(0.3, reader.close)

    await end(book)

    assert [value for value in secrets_of_all() if value in on_disk(tmp_path)] == []
    await book.close()


@pytest.mark.parametrize("whose", ["registrar", "box"])
async def test_the_log_is_overwritten_before_it_is_cut_off(tmp_path, monkeypatch, whose):
    """Its blocks go back to the disk: they hold what the rewritten file holds, and zeros."""
    statement, at_truncation = AsyncConnection.exec_driver_sql, []

    async def executing(self, sql, *more):
        if "TRUNCATE" in sql:
            at_truncation.append((tmp_path / "book.db-wal").read_bytes())
        return await statement(self, sql, *more)

    book = await opened(whose, f"sqlite:///{tmp_path}/book.db", ORDERS[1])
    before = (tmp_path / "book.db-wal").read_bytes()
    monkeypatch.setattr(AsyncConnection, "exec_driver_sql", executing)

    await end(book)

    (log,) = at_truncation
    logged = {log[at + 24 : at + 24 + PAGE_BYTES] for at in range(32, len(log), 24 + PAGE_BYTES)}
    assert len(log) >= len(before)
    assert bytes(PAGE_BYTES) in logged
    assert logged - {bytes(PAGE_BYTES)} <= set(pages((tmp_path / "book.db").read_bytes()))
    assert (tmp_path / "book.db-wal").stat().st_size == 0
    await book.close()


@pytest.fixture
def small_pages(monkeypatch):
    """Pages of which a few rows fill so many that the file gets shorter at its end."""
    pragmas = [pragma for pragma in database._PRAGMAS if "page_size" not in pragma]
    monkeypatch.setattr(database, "_PRAGMAS", ("page_size = 4096", *pragmas))


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("whose", ["registrar", "box"])
async def test_the_end_of_the_file_is_overwritten_before_it_is_cut_off(
    tmp_path, monkeypatch, whose
):
    """What goes back to the disk is zeros, and at most the new place of the last row."""
    statement, seen = AsyncConnection.exec_driver_sql, []
    file = tmp_path / "book.db"

    async def executing(self, sql, *more):
        seen.append(file.read_bytes())
        return await statement(self, sql, *more)

    book = await opened(whose, f"sqlite:///{file}", ORDERS[1])
    monkeypatch.setattr(AsyncConnection, "exec_driver_sql", executing)
    await end(book)
    await book.close()

    after = len(file.read_bytes())
    before, long = next(data for data in seen if len(data) > after), seen[-1]
    values = [person(number).person for number in range(VOTERS)]
    values += [ballot(number).raw[:32] for number in range(VOTERS)]
    assert [len(data) for data in seen] == sorted(len(data) for data in seen)
    assert len(long) >= len(before)
    at_end = [{value for value in values if value in data[after:]} for data in (before, long)]
    assert len(at_end[0]) >= 1 >= len(at_end[1])
    assert not at_end[0] & at_end[1]


async def test_a_rewrite_that_was_cut_off_is_made_again(tmp_path, monkeypatch):
    """The blank pages that it left go with the next one."""
    statement = AsyncConnection.exec_driver_sql

    async def dying(self, sql, *more):
        if sql == "VACUUM":
            raise asyncio.CancelledError
        return await statement(self, sql, *more)

    book = await opened("box", f"sqlite:///{tmp_path}/book.db", ORDERS[1])
    await end(book)
    assert isinstance(book, BoxBook)
    size = (tmp_path / "book.db").stat().st_size
    monkeypatch.setattr(AsyncConnection, "exec_driver_sql", dying)
    with pytest.raises(asyncio.CancelledError):
        await book.rewrite(UUID)
    monkeypatch.undo()
    async with book._database.read() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM blank")) == size // PAGE_BYTES

    await book.rewrite(UUID)

    assert (tmp_path / "book.db").stat().st_size == size
    await book.close()


async def test_a_log_that_is_removed_is_overwritten(tmp_path):
    """In the middle of a session the last connection removes the log: its blocks are zeros."""
    book = await opened("box", f"sqlite:///{tmp_path}/book.db", ORDERS[1])
    log = tmp_path / "book.db-wal"
    with log.open("rb") as held:
        assert ballot(3).credential in held.read()
        size = log.stat().st_size

        await book.close()

        held.seek(0)
        assert held.read() == bytes(size)
    assert not log.exists()


async def test_a_log_that_others_use_is_left(tmp_path):
    """A command beside the server ends, the server goes on: nothing of its log is touched."""
    url = f"sqlite:///{tmp_path}/book.db"
    server, command = await opened("box", url, ORDERS[1]), await open_box(url)
    before = (tmp_path / "book.db-wal").read_bytes()

    await command.close()

    assert (tmp_path / "book.db-wal").read_bytes() == before
    await server.close()


def leaf_pages(data: bytes, keys: list[bytes]) -> list[int]:
    """For each key in turn, the page of rows that it stands on."""
    rows = {number: page for number, page in enumerate(pages(data)) if page[0] == LEAF}
    places = (next((at for at, page in rows.items() if key in page), None) for key in keys)
    return [at for at in places if at is not None]


async def test_pages_stand_in_the_order_of_the_keys(tmp_path):
    """Before the end the pages tell who came first; after it, only the keys' own order."""
    file = tmp_path / "box.db"
    book = await open_box(f"sqlite:///{file}")
    await fill_box(book, ORDERS[1])
    by_key = sorted(map(ballot, range(VOTERS)), key=lambda cast: cast.credential)
    starts = [cast.raw[:32] for cast in by_key]
    await book.close()
    before = leaf_pages(file.read_bytes(), starts)

    book = await open_box(f"sqlite:///{file}")
    await end(book)
    await book.close()
    after = leaf_pages(file.read_bytes(), starts)

    assert before != sorted(before)
    assert len(set(after)) > 3
    assert after == sorted(after)


@pytest.mark.parametrize("whose", ["registrar", "box"])
async def test_two_orders_leave_the_same_file(tmp_path, whose):
    """Whoever came first, last or in between: the files are equal to the last byte."""
    files = []
    for turn, order in enumerate(ORDERS):
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        book = await opened(whose, f"sqlite:///{folder}/book.db", order)
        await end(book)
        await book.close()
        assert [path.name for path in folder.iterdir()] == ["book.db"]
        files.append(on_disk(folder))

    assert files[0] == files[1]


async def test_two_orders_differ_before_the_end(tmp_path):
    """The comparison above would see an order that is kept."""
    files = []
    for turn, order in enumerate(ORDERS):
        await (await opened("box", f"sqlite:///{tmp_path}/{turn}.db", order)).close()
        files.append((tmp_path / f"{turn}.db").read_bytes())

    assert files[0] != files[1]


async def test_vacuum_works_in_memory(tmp_path):
    """Rewriting makes no copy of the book in the folder for temporary files."""
    book = await open_box(f"sqlite:///{tmp_path}/box.db")
    async with book._database.read() as tx:
        assert await tx.scalar(text("PRAGMA temp_store")) == 2
    await book.close()


# ---- PostgreSQL keeps more: the number of the transaction that made a row, and of long values


@pytest.fixture
async def server(socket_folder: Path):
    """The addresses of empty databases on the server."""
    return await postgres.empty(socket_folder)


async def numbers(book: RegistrarBook | BoxBook, table: Table, what: str) -> list[str]:
    """A hidden column of the session's rows, in the order of their keys."""
    keys = ", ".join(column.name for column in table.primary_key)
    query = text(f"SELECT ({what})::text FROM {table.name} WHERE uuid = :uuid ORDER BY {keys}")  # noqa: S608
    async with book._database.read() as tx:
        return list(await tx.scalars(query, {"uuid": UUID}))


async def test_hidden_columns_tell_no_order(server):
    """One transaction made all rows, no row was locked by another, and rows lie by key."""
    registrar, box = await open_registrar(server[0]), await open_box(server[1])
    await fill_registrar(registrar, ORDERS[1], evidence=True)
    await fill_box(box, ORDERS[1])
    for table in (registrar_tables.issued, registrar_tables.evidence):
        assert len(set(await numbers(registrar, table, "xmin"))) == VOTERS

    for book, tables in ((registrar, REGISTRAR), (box, BOX)):
        await end(book)
        for table in tables:
            assert len(set(await numbers(book, table, "xmin"))) <= 1
            assert len(set(await numbers(book, table, "xmax"))) <= 1
            places = [
                tuple(map(int, place.strip("()").split(",")))
                for place in await numbers(book, table, "ctid")
            ]
            assert places == sorted(places)
    await registrar.close()
    await box.close()


async def test_long_values_tell_no_order(server):
    """The numbers of ballots that PostgreSQL stores apart follow the keys."""
    box = await open_box(server[1])
    await box_at(box, Step.CHECK_IN, Step.OPEN, Step.SEAL_BOX, voters=40)
    for number in ORDERS[1]:
        if number < 40:
            sent = ballot(number)
            raw = b"".join(digest(f"{number} {part}") for part in range(400))
            await box.cast(UUID, sent.credential, sent.tracker, raw, sent.digests)

    async def values() -> list[int]:
        async with box._database.read() as tx:
            toast = await tx.scalar(
                text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname='ballots'")
            )
            pieces = await tx.execute(
                text(f"SELECT chunk_id, chunk_data FROM {toast} WHERE chunk_seq = 0")  # noqa: S608
            )
            starts = {row.chunk_data[:32]: row.chunk_id for row in pieces}
        by_key = sorted(range(40), key=lambda number: ballot(number).credential)
        return [starts[digest(f"{number} 0")] for number in by_key]

    before = await values()
    await end(box)
    after = await values()
    await box.close()

    assert before != sorted(before)
    assert after == sorted(after)


async def test_deleted_values_are_in_no_file_of_the_server(server, socket_folder):
    """Tables and indexes are new; what remains is in the server's own log (docs: operator)."""
    book = await open_registrar(server[0])
    await fill_registrar(book, ORDERS[1])
    values = [secret("request", number) for number in range(VOTERS)]
    values += [hashed(number).hash for number in range(VOTERS) for hashed in (code, login)]

    async def files() -> bytes:
        admin = await asyncpg.connect(host=str(socket_folder), user="tests", database="registrar")
        await admin.execute("CHECKPOINT")
        number = await admin.fetchval("SELECT oid FROM pg_database WHERE datname = 'registrar'")
        await admin.close()
        return on_disk(socket_folder / "data" / "base" / str(number))

    before = await files()
    assert all(value in before for value in values)
    await end(book)
    after = await files()
    await book.close()

    assert [value for value in values if value in after] == []
