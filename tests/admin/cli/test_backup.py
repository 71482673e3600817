"""`phieukin backup` and `restore`: a copy goes on where the original stood, damaged ones do not."""

import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from admin.session.datadir import DataDir
from tests.worlds.office import Office, checked_in

pytestmark = pytest.mark.slow


def copied(office: Office) -> Path:
    path = office.folder / "copy.tar"
    status, _, err = office.run("backup", "-o", str(path))
    assert status == 0, err
    return path


def test_a_session_goes_on_from_its_copy(office: Office):
    """Restored while voting was open: warned of, and the record it ends with is whole."""
    checked_in(office)
    office.session("open", "--yes")
    office.seal_box()
    copy = copied(office)
    office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
    assert copy.stat().st_mode & 0o777 == 0o600
    office.data.rename(office.folder / "lost")

    status, _, err = office.run("restore", str(copy), str(office.data))

    assert (status, f"session {office.uuid} was in the state" in err) == (0, True)
    assert office.data.stat().st_mode & 0o077 == 0
    assert json.loads(office.session("show", "--json")[1])["cast"] == 0
    office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
    office.session("close", "--in", "0")
    office.sign_close()
    office.share(1, 3)
    assert office.session("publish")[0] == 0
    assert office.run("audit", str(DataDir.open(office.data).bundle(office.uuid)))[0] == 0


def test_a_copy_of_a_book_in_use_is_whole(office: Office):
    """What another connection has committed is in it, what it has not is not."""
    book = sqlite3.connect(office.data / "registrar.db", isolation_level=None)
    book.execute("CREATE TABLE beside (n)")
    book.execute("INSERT INTO beside VALUES (1)")
    book.execute("BEGIN")
    book.execute("INSERT INTO beside VALUES (2)")
    copy = copied(office)
    book.execute("COMMIT")
    book.close()

    assert office.run("restore", str(copy), str(office.folder / "again"))[0] == 0
    with sqlite3.connect(office.folder / "again" / "registrar.db") as restored:
        assert restored.execute("SELECT n FROM beside").fetchall() == [(1,)]


@pytest.mark.parametrize("what", ["in itself", "elsewhere", "not empty"])
def test_what_would_do_harm_is_refused(office: Office, what: str):
    """A copy in the directory that is copied; a book that is no file; a directory with things."""
    if what == "not empty":
        copy = copied(office)
        before = sorted(office.data.rglob("*"))
        assert office.run("restore", str(copy), str(office.data))[0] == 5
        assert sorted(office.data.rglob("*")) == before
        return
    if what == "elsewhere":
        settings = office.data / "phieukin.toml"
        text = settings.read_text().replace('"box.db"', '"postgresql+asyncpg://h/box"')
        assert "postgresql" in text
        settings.write_text(text)
    target = (office.data if what == "in itself" else office.folder) / "copy.tar"
    assert office.run("backup", "-o", str(target))[0] == 5
    assert not target.exists()


def _rewritten(change: Callable[[dict[str, bytes]], object]) -> Callable[[bytes], bytes]:
    def made(data: bytes) -> bytes:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            entries = {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry))}
        change(entries)
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w") as tar:
            for name, body in entries.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(body)
                tar.addfile(entry, io.BytesIO(body))
        return target.getvalue()

    return made


def _linked(data: bytes) -> bytes:
    target = io.BytesIO(data)
    with tarfile.open(fileobj=target, mode="a") as tar:
        entry = tarfile.TarInfo("keys")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(entry)
    return target.getvalue()


@pytest.mark.parametrize(
    ("damage", "detail"),
    [
        (lambda _: b"no tar at all" * 100, "not a copy of a data directory"),
        (lambda data: data[: len(data) // 2], "the copy is damaged"),
        (_rewritten(lambda e: e.update({"box.db": b"x" + e["box.db"][1:]})), "box.db: damaged"),
        (_rewritten(lambda e: e.update({"more.txt": b""})), "more.txt: the copy and its list"),
        (_rewritten(lambda e: e.pop("registrar.db")), "registrar.db: the copy and its"),
        (_rewritten(lambda e: e.pop("SHA256SUMS")), "the copy and its list differ"),
        (_rewritten(lambda e: e.update({"../out.txt": b"x"})), "damaged"),
        (_linked, "keys: a copy holds files only"),
    ],
)
def test_a_damaged_copy_leaves_nothing(
    office: Office, damage: Callable[[bytes], bytes], detail: str
):
    """Named, with status 3; neither a directory nor something half unpacked stays."""
    copy = copied(office)
    copy.write_bytes(damage(copy.read_bytes()))
    before = sorted(office.folder.iterdir())

    status, _, err = office.run("restore", str(copy), str(office.folder / "again"))

    assert (status, detail in err) == (3, True), err
    assert sorted(office.folder.iterdir()) == before
