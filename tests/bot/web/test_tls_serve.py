"""A server with a certificate of our own, on the wire and as a command."""

import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from admin.session.datadir import DataDir
from bot import server
from bot.web import tls
from bot.web.tls import Local
from tests.bot.web.test_tls import made, trusting
from tests.worlds import hall
from tests.worlds.process import refused, serve


@dataclass(frozen=True)
class Secured:
    url: str
    local: Local

    def get(self, path: str) -> httpx.Response:
        with httpx.Client(verify=trusting(self.local), trust_env=False, timeout=30) as client:
            return client.get(self.url + path)

    def connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)

    def wire(self) -> ssl.SSLSocket:
        return trusting(self.local).wrap_socket(self.connect(), server_hostname="127.0.0.1")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    folder = tmp_path_factory.mktemp("data")
    where = hall.datadir(folder, 'public_url = "https://127.0.0.1"\n')
    with running(where) as started:
        yield started


@contextmanager
def running(where: DataDir) -> Iterator[Secured]:
    local = made(where.folder)
    with hall.serving(where, local=local) as url:
        yield Secured(url, local)


def ended(sock: socket.socket, limit: float = 8) -> float:
    """Seconds until the server has let go of a connection."""
    begun = time.monotonic()
    sock.settimeout(limit)
    with suppress(ConnectionError, ssl.SSLEOFError):
        while sock.recv(1 << 16):
            pass
    return time.monotonic() - begun


def test_a_whole_answer_for_who_trusts_it(secured: Secured):
    """By https, with our headers; but no promise of https for a year from a passing server."""
    answer = secured.get("/healthz")

    assert (answer.status_code, secured.url[:8]) == (200, "https://")
    assert answer.headers["cache-control"] == "no-store"
    assert "strict-transport-security" not in answer.headers


def test_the_same_address_without_it_does_promise(tmp_path: Path):
    """Where another program takes care of TLS the promise stands."""
    where = hall.datadir(tmp_path, 'public_url = "https://127.0.0.1"\n')
    with hall.serving(where) as url:
        headers = hall.Client(url).call("GET", "/healthz").headers

    assert headers["strict-transport-security"] == "max-age=31536000"


def test_nobody_else_trusts_it(secured: Secured):
    """A client with the usual authorities goes away."""
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.ConnectError):
        client.get(secured.url + "/healthz")


def test_it_gives_its_authority(secured: Secured):
    """In the kind that phones install, inside the usual headers."""
    answer = secured.get("/ca.pem")

    assert answer.content == secured.local.authority
    assert answer.headers["content-type"] == "application/x-x509-ca-cert"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_old_tls_is_not_spoken(secured: Secured):
    """1.2 is; 1.1 is not."""
    for version, fine in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_1, False)):
        context = trusting(secured.local)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings(action="ignore"):  # TLS 1.1 is deprecated: that is the point
            context.minimum_version = context.maximum_version = version
        with closing(secured.connect()) as sock:
            try:
                context.wrap_socket(sock, server_hostname="127.0.0.1").close()
                spoken = True
            except (ssl.SSLError, ConnectionError):
                spoken = False
        assert spoken is fine


def test_a_handshake_that_does_not_end_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It holds a connection no longer than a slow head would."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.5)
    with (
        running(hall.datadir(tmp_path)) as started,
        closing(started.connect()) as silent,
        closing(started.connect()) as slow,
    ):
        slow.sendall(b"\x16\x03\x01")

        assert ended(silent) < 5
        assert ended(slow) < 5


def test_a_slow_head_is_given_up(secured: Secured, monkeypatch: pytest.MonkeyPatch):
    """As without TLS."""
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.3)
    with closing(secured.wire()) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\n")

        assert ended(sock) < 5


def test_an_answer_that_nobody_takes_is_given_up(secured: Secured, monkeypatch: pytest.MonkeyPatch):
    """The transport says when it is full, and lets itself be cut off."""
    monkeypatch.setattr(server, "STALL_SECONDS", 0.5)
    asked = b"GET /ca.pem HTTP/1.1\r\nHost: x\r\n\r\n" * 64
    with closing(secured.wire()) as sock:
        sock.settimeout(0.2)
        begun = time.monotonic()
        cut = False
        while not cut and time.monotonic() - begun < 15:
            try:
                sock.sendall(asked)
            except TimeoutError:  # both sides are full
                continue
            except OSError:
                cut = True

    assert cut


def test_a_client_that_takes_no_leave_is_left(secured: Secured):
    """After the last answer the connection ends soon, although the client stays silent."""
    with closing(secured.wire()) as sock:
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        with socket.socket(fileno=sock.detach()) as bare:
            assert ended(bare) < 5


def test_a_body_that_nobody_asked_for_ends_the_connection(secured: Secured):
    """As without TLS: after its answer a request may not go on sending."""
    with closing(secured.wire()) as sock, suppress(OSError):
        sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n")
        begun = time.monotonic()
        assert sock.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        while time.monotonic() - begun < 8:
            sock.sendall(b"x" * 100)
            time.sleep(0.05)

    assert time.monotonic() - begun < 7


# --- The command ------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_plain_public_address_is_refused(tmp_path: Path):
    """Before anything is made."""
    hall.datadir(tmp_path, 'public_url = "http://192.168.1.10:8443"\n')
    status, document = refused(tmp_path, "--tls-local", "--listen", "127.0.0.1:0")

    assert (status, "https://" in document["detail"]) == (5, True)
    assert not (tmp_path / tls.FOLDER).exists()


@pytest.mark.slow
def test_our_own_clients_trust_it_by_the_environment(tmp_path: Path):
    """SSL_CERT_FILE names the authority, for `vote` and `trustee` as for other programs."""
    hall.datadir(tmp_path, 'public_url = "https://127.0.0.1:8443"\n')
    with serve(tmp_path, "--tls-local") as started:
        local = made(tmp_path)
        program = "from admin.client.server import Patience, Server; import sys; "
        program += "print(Server(sys.argv[1], Patience(1)).ask('GET', '/healthz'))"

        def ask(**more: str) -> subprocess.CompletedProcess[bytes]:
            return subprocess.run(
                [sys.executable, "-c", program, started.url],
                capture_output=True,
                env={"PATH": "/usr/bin", **more},
                cwd=Path(__file__).parents[3],
                check=False,
            )

        trusted = ask(SSL_CERT_FILE=str(local.folder / tls.AUTHORITY))
        alone = ask()
        log = started.log.read_text("utf-8")

    assert (trusted.returncode, b"ok" in trusted.stdout) == (0, True), trusted.stderr
    assert (alone.returncode, b"certificate" in alone.stderr.lower()) == (1, True)
    assert local.fingerprint in log
    assert "8443" in log  # phones would go there, and nobody listens
    assert "PRIVATE" not in log
