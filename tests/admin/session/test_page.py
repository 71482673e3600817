"""admin/session/page.py: what is built is found and listed whole, and the same each time."""

from pathlib import Path

import pytest

from admin.session import page
from crypto.encoding import sha256
from tests.built import FILES, build


def test_every_file_is_listed_by_name(tmp_path: Path):
    """With the hash of its bytes."""
    built = page.read(build(tmp_path / "dist"))

    assert built is not None
    assert built.files == FILES
    assert built.hashes == tuple((name, sha256(FILES[name])) for name in sorted(FILES))
    assert built.sums.decode().splitlines()[-1] == f"{sha256(FILES['voter.html'])}  voter.html"


@pytest.mark.parametrize("name", page.PAGES)
def test_without_one_of_the_pages_it_is_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
):
    """Then the record says nothing of it."""
    monkeypatch.setattr(page, "FOLDER", build(tmp_path / "dist", name))

    assert page.read() is None
    assert page.hashes() == ()


def test_what_the_record_could_not_name_is_no_part_of_it(tmp_path: Path):
    """Such files are not made by the build."""
    folder = build(tmp_path / "dist")
    (folder / "assets" / "a b.js").touch()
    (folder / "assets" / ".hidden").touch()
    (folder / "assets" / "deeper").mkdir()
    (folder / "other.html").touch()
    built = page.read(folder)

    assert built is not None
    assert built.files == FILES


def test_packing_is_the_same_each_time():
    """It bears no time."""
    assert page.packed(b"x" * 100)[4:8] == bytes(4)
