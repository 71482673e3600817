"""The bytes of a backup: no deleted row, no recovery, no order of arrival."""

import sqlite3
import tarfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from admin.office import backup
from admin.session.datadir import DataDir
from storage.books import open_box, open_registrar
from storage.erasing import erase
from tests.storage import test_traces as traces
from tests.storage.sample import login
from tests.worlds import hall

pytestmark = pytest.mark.slow

FILES = ("registrar.db", "box.db")


async def filled(folder: Path, order: Sequence[int]) -> DataDir:
    """A data directory in which everybody came and voted in this order."""
    datadir = hall.datadir(folder)
    registrar, box = await open_registrar(datadir.registrar_url), await open_box(datadir.box_url)
    await traces.fill_registrar(registrar, order)
    await traces.fill_box(box, list(order))
    await registrar.close()
    await box.close()
    return datadir


def copied(datadir: DataDir) -> list[bytes]:
    """Both books of its backup."""
    target = datadir.folder.with_suffix(".tar")
    backup.make(datadir, target)
    restored = datadir.folder.with_suffix(".again")
    with tarfile.open(target) as tar:
        tar.extractall(restored, filter="data")
    return [(restored / name).read_bytes() for name in FILES]


async def test_two_orders_give_the_same_backup(tmp_path: Path):
    """Whoever came first: the books differ, their copies are equal to the last byte."""
    first, second = traces.ORDERS
    datadirs = [await filled(tmp_path / "1", first), await filled(tmp_path / "2", second)]
    books = [[(datadir.folder / name).read_bytes() for name in FILES] for datadir in datadirs]
    copies = [copied(datadir) for datadir in datadirs]

    for number in range(len(FILES)):
        assert books[0][number] != books[1][number]
    assert copies[0] == copies[1]


async def test_deleted_rows_and_recoveries_stay_behind(tmp_path: Path):
    """Even what a deletion has left in the pages of the book; other rows are copied."""
    datadir = await filled(tmp_path / "data", traces.ORDERS[1])
    with closing(sqlite3.connect(datadir.folder / FILES[0])) as book:
        book.execute("PRAGMA secure_delete = OFF")
        book.execute("DELETE FROM logins")
        book.commit()
    stored = (datadir.folder / FILES[0]).read_bytes()
    deleted = [login(number).hash for number in range(traces.VOTERS)]
    recoveries = [traces.secret("recovery", number) for number in range(traces.VOTERS)]
    answers = [traces.secret("answer", number) for number in range(traces.VOTERS)]
    assert any(value in stored for value in deleted)
    assert all(value in stored for value in recoveries)

    registrar, _ = copied(datadir)

    assert [value for value in (*deleted, *recoveries) if value in registrar] == []
    assert all(value in registrar for value in answers)
    assert (datadir.folder / FILES[0]).read_bytes() == stored


async def test_the_copies_that_go_into_it_are_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """They lie beside the backup while it is written; their blocks go back to the disk blank."""
    datadir, blank = await filled(tmp_path / "data", traces.ORDERS[1]), []

    def erasing(path: Path) -> None:
        with path.open("rb") as held:
            size = len(held.read())
            erase(path)
            held.seek(0)
            blank.append(size > 0 and held.read() == bytes(size))

    monkeypatch.setattr(backup, "erase", erasing)
    copied(datadir)

    assert blank == [True, True]
