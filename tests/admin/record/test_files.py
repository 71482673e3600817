"""admin/record/files.py: a file is written whole, or what was there stays."""

import os
import stat
from pathlib import Path

import pytest

from admin.record import files


class StoppedError(Exception):
    """The machine stops in the middle."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "record.zip"


def stop_while_writing(path: Path) -> None:
    with files.replacing(path) as file:
        file.write(b"half")
        file.flush()
        raise StoppedError


def test_whole_file(path: Path):
    """The contents, the mode, and nothing beside it."""
    files.write(path, b"whole")

    assert path.read_bytes() == b"whole"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path: Path):
    """The file that was asked for is named, not the one beside it."""
    path = tmp_path / "usb" / "record.zip"
    with pytest.raises(FileNotFoundError) as refused:
        files.write(path, b"whole")

    assert refused.value.filename == str(path)


def test_secret_file(path: Path):
    """A mode can be asked for."""
    files.write(path, b"secret", mode=0o600)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nobody_reads_it_before_it_is_whole(path: Path):
    """While it is written it is the owner's alone, under another name."""
    with files.replacing(path) as file:
        (temporary,) = path.parent.iterdir()
        assert temporary != path
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
        file.write(b"x")
        assert not path.exists()
    assert path.read_bytes() == b"x"


def test_replaced(path: Path):
    """What was there is replaced at once."""
    files.write(path, b"old")
    files.write(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("before", [None, b"old"])
def test_stopped_in_the_middle(path: Path, before: bytes | None):
    """A failure leaves what was there, and no rest."""
    if before is not None:
        path.write_bytes(before)

    with pytest.raises(StoppedError):
        stop_while_writing(path)

    assert (path.read_bytes() if path.exists() else None) == before
    assert len(list(path.parent.iterdir())) == (before is not None)


def test_folder_that_does_not_exist(tmp_path: Path):
    """The caller hears of it as of any unwritable path."""
    with pytest.raises(FileNotFoundError):
        files.write(tmp_path / "none" / "x", b"")


def test_folder_in_its_place(tmp_path: Path):
    """A folder is not replaced, and no rest stays."""
    (tmp_path / "folder").mkdir()

    with pytest.raises(OSError, match="folder"):
        files.write(tmp_path / "folder", b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_relative_path(path: Path, monkeypatch: pytest.MonkeyPatch):
    """A bare name is in the current folder."""
    monkeypatch.chdir(path.parent)

    files.write(Path("x"), b"1")

    assert os.listdir(path.parent) == ["x"]  # noqa: PTH208
