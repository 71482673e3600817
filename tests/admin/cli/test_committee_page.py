"""`phieukin committee-page`: the file is the build's, and nothing is written over."""

import hashlib
import json
from pathlib import Path

import pytest

from admin.cli import main
from admin.session import page
from tests.built import FILES, build


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(page, "FOLDER", build(tmp_path / "dist"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_file_is_the_page_and_its_hash_is_printed(built: Path, capsys):
    """As in /page.sha256, and in every record."""
    assert main.run(["committee-page", "-o", "usb.html"]) == 0
    body = (built / "usb.html").read_bytes()
    digest = hashlib.sha256(body).hexdigest()

    assert body == FILES[page.COMMITTEE]
    assert capsys.readouterr().out == f"{digest}  usb.html\n"
    assert dict(page.hashes())[page.COMMITTEE] == digest
    assert main.run(["committee-page", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "schema": "phieukin.committee-page/1",
        "file": page.COMMITTEE,
        "sha256": digest,
    }


def test_a_file_that_is_there_stays(built: Path, capsys):
    (built / "usb.html").write_text("mine")

    assert main.run(["committee-page", "-o", "usb.html"]) == 5
    assert "usb.html" in capsys.readouterr().err
    assert (built / "usb.html").read_text() == "mine"


def test_without_a_build_it_says_what_to_do(built: Path, capsys):
    (built / "dist" / page.COMMITTEE).unlink()

    assert main.run(["committee-page", "-o", "usb.html"]) == 5
    assert "make page" in capsys.readouterr().err
    assert not (built / "usb.html").exists()
