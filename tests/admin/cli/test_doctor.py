"""What `phieukin doctor` says of the pages: built or not, and whether the server has the same."""

import http.server
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nacl
import pytest

from admin.cli import audit, main
from admin.office import health, volume
from admin.session import page
from admin.session.datadir import SETTINGS
from crypto import group
from crypto.encoding import sha256
from crypto.group import Backend
from tests.built import build

pytestmark = pytest.mark.slow

UNREACHED = "http://127.0.0.1:9"


@contextmanager
def answering(status: int, kind: str, body: bytes) -> Iterator[str]:
    """A server that says one thing."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/page.sha256"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()


def finding(
    folder: Path,
    url: str,
    capsys: pytest.CaptureFixture[str],
    name: str = "page",
    *,
    needed: bool = False,
) -> dict[str, object]:
    """What is found of the pages, or of this name; if it is `needed`, a reason to refuse."""
    (folder / SETTINGS).write_text(f'public_url = "{url}"')
    (folder / SETTINGS).chmod(0o600)
    folder.chmod(0o700)
    main.run(["doctor", "--json", "--data", str(folder)])
    document = json.loads(capsys.readouterr().out)["findings"]
    (row,) = [entry for entry in document if entry["id"] == name]
    assert row["needed"] is needed
    return dict(row)


@pytest.mark.parametrize(
    ("encrypted", "detail"),
    [(True, "encrypted (dm-crypt)"), (False, "not encrypted: "), (None, "cannot tell ")],
)
def test_an_encrypted_volume_is_advisable(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    encrypted: bool | None,
    detail: str,
):
    """Said, never a reason to refuse."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    monkeypatch.setattr(volume, "encrypted", lambda _: encrypted)
    volume_finding = finding(tmp_path, UNREACHED, capsys, "volume")

    detail_found = str(volume_finding["detail"])
    assert (volume_finding["ok"], detail_found.startswith(detail)) == (encrypted is True, True)


@pytest.mark.parametrize(
    ("machine", "right"), [("UTC", False), ("Asia/Bangkok", True), ("Asia/Ho_Chi_Minh", True)]
)
def test_a_machine_in_another_zone(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    machine: str,
    right: bool,
):
    """Said, with both; delegates are told times by the installation's all the same."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", machine)
        time.tzset()
        zone_finding = finding(tmp_path, UNREACHED, capsys, "zone")
    time.tzset()

    assert zone_finding["ok"] is right
    assert "Asia/Ho_Chi_Minh" in str(zone_finding["detail"])
    assert right or machine in str(zone_finding["detail"])


@pytest.mark.parametrize(("answer", "right"), [("yes", True), ("no", False), ("", True)])
def test_a_clock_that_follows_no_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    right: bool,
):
    """As the machine itself says; where it says nothing, people compare."""
    monkeypatch.setattr(health, "TIMEDATECTL", ("echo", answer))
    assert finding(tmp_path, UNREACHED, capsys, "synchronized")["ok"] is right
    monkeypatch.setattr(health, "TIMEDATECTL", (str(tmp_path / "none"),))
    assert finding(tmp_path, UNREACHED, capsys, "synchronized")["ok"] is True


def test_a_read_only_file_system_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """It would keep no ballot; permissions do not show it, and root has them all."""
    system = os.statvfs(tmp_path)
    writable = finding(tmp_path, UNREACHED, capsys, "folder", needed=True)
    mounted = os.statvfs_result((*system[:8], system.f_flag | os.ST_RDONLY, *system[9:]))
    monkeypatch.setattr(os, "statvfs", lambda _: mounted)
    read_only = finding(tmp_path, UNREACHED, capsys, "folder", needed=True)

    assert (writable["ok"], read_only["ok"]) == (True, False)
    assert "Read-only file system" in str(read_only["detail"])


@pytest.fixture
def built(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> page.Built:
    folder = build(tmp_path_factory.mktemp("page") / "dist")
    monkeypatch.setattr(page, "FOLDER", folder)
    pages = page.read()
    assert pages is not None
    return pages


def test_pages_that_are_not_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """It says how."""
    monkeypatch.setattr(page, "FOLDER", tmp_path / "nowhere")
    page_finding = finding(tmp_path, UNREACHED, capsys)

    assert (page_finding["ok"], "make page" in str(page_finding["detail"])) == (False, True)


def test_pages_of_a_server_that_is_not_running(
    tmp_path: Path, built: page.Built, capsys: pytest.CaptureFixture[str]
):
    """Number, size and the beginning of the list's hash; it is no fault that nobody answers."""
    page_finding = finding(tmp_path, UNREACHED, capsys)
    detail = str(page_finding["detail"])

    assert page_finding["ok"] is True
    assert detail.startswith(f"7 files, 0 kB compressed, list {sha256(built.sums)[:8]}; ")
    assert "not compared" in detail


def test_pages_that_the_server_gives_out(
    tmp_path: Path, built: page.Built, capsys: pytest.CaptureFixture[str]
):
    with answering(200, "text/plain", built.sums) as url:
        page_finding = finding(tmp_path, url, capsys)

    assert (page_finding["ok"], "the same" in str(page_finding["detail"])) == (True, True)


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/plain", b"0" * 64 + b"  voter.html\n"),
        (200, "text/plain", b"x" * (1 << 20)),
        (503, "application/problem+json", b"{}"),
    ],
)
def test_other_pages_than_those_built(
    tmp_path: Path,
    built: page.Built,
    capsys: pytest.CaptureFixture[str],
    status: int,
    kind: str,
    body: bytes,
):
    """Those of another build, of no end, or none since the server began before the build."""
    assert built.files
    with answering(status, kind, body) as url:
        page_finding = finding(tmp_path, url, capsys)

    assert (page_finding["ok"], "other pages" in str(page_finding["detail"])) == (False, True)


def test_what_is_no_answer_of_ours_is_none(
    tmp_path: Path, built: page.Built, capsys: pytest.CaptureFixture[str]
):
    """A proxy's word about a server that is not running."""
    assert built.files
    with answering(502, "text/html", b"bad gateway") as url:
        page_finding = finding(tmp_path, url, capsys)

    assert (page_finding["ok"], "not compared" in str(page_finding["detail"])) == (True, True)


def test_backend(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """What checks ballots is said by its name."""
    backend_finding = finding(tmp_path, UNREACHED, capsys, "backend")
    assert backend_finding["ok"]
    assert str(backend_finding["detail"]).startswith(group.backend().name)


def test_broken_kernel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A kernel that cannot be used is advice and one line on stderr, never a failure."""
    monkeypatch.setattr(group, "_kernel", None)
    monkeypatch.setattr(group, "_problem", "phieukin_kernel computes wrongly")

    backend_finding = finding(tmp_path, UNREACHED, capsys, "backend")

    assert not backend_finding["ok"]
    assert "make kernel" in str(backend_finding["detail"])
    audit.say_backend()
    (line,) = capsys.readouterr().err.splitlines()
    assert "phieukin_kernel computes wrongly" in line
    assert group.backend() == Backend("libsodium", nacl.__version__, group._problem)
