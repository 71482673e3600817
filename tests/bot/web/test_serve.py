"""`phieukin serve` from outside: start, stop, lock, logs."""

import fcntl
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from bot import server
from crypto.encoding import to_base64
from crypto.errors import Refused
from crypto.group import G
from crypto.lifecycle import Step
from tests.worlds import hall
from tests.worlds.hall import Client, code
from tests.worlds.process import children, refused, serve

pytestmark = pytest.mark.slow


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int], seconds: float = 10) -> bool:
    until = time.monotonic() + seconds
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(alive(pid) for pid in pids)


def until(sock: socket.socket, ending: bytes) -> bytes:
    """What comes from the socket, up to these bytes."""
    received = b""
    while ending not in received and (chunk := sock.recv(4096)):
        received += chunk
    return received


def code_of(folder: Path, *options: str) -> tuple[int, str]:
    status, document = refused(folder, *options)
    return status, document["code"]


def test_one_server_for_one_box(tmp_path: Path):
    """While one runs no second one starts on the same data, except for the registrar alone."""
    hall.datadir(tmp_path)
    with serve(tmp_path):
        assert code_of(tmp_path, "--listen", "127.0.0.1:0") == (5, "cannot_listen")
        with serve(tmp_path, "--role", "registrar") as registrar:
            client = Client(registrar.url)
            assert client.call("GET", "/readyz").status_code == 200
            assert code(client.call("GET", "/api/v1/box/x/trackers")) == (404, "not_found")


def test_a_box_alone_knows_no_registrar(tmp_path: Path):
    """Its routes are not there, and the registrar's book is not even opened."""
    hall.datadir(tmp_path, books=False)
    with serve(tmp_path, "--role", "box") as only:
        client = Client(only.url)
        assert client.call("GET", "/readyz").status_code == 200
        assert client.call("GET", "/metrics").status_code == 200
        login = client.call("POST", "/api/v1/registrar/login", json={})
        assert code(login) == (404, "not_found")

    assert not (tmp_path / "registrar.db").exists()


@pytest.mark.parametrize("lost", [["box.db"], ["registrar.db"], ["box.db", "registrar.db"]])
@pytest.mark.parametrize("emptied", [False, True])
def test_a_lost_book_is_not_begun_anew(tmp_path: Path, lost: list[str], emptied: bool):
    """The other book and the keys know the session: nobody votes into an empty box instead."""
    where = hall.datadir(tmp_path)
    with hall.outside(where):
        uuid = hall.sealed(where).uuid
    for name in lost:
        (tmp_path / name).unlink()
        if emptied:
            (tmp_path / name).touch()
    status, problem = refused(tmp_path, "--listen", "127.0.0.1:0")

    assert (status, problem["code"]) == (5, "book_lost")
    assert uuid in problem["detail"]


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the kernel ballots are checked in processes, which must end."""
    monkeypatch.setenv("PHIEUKIN_KERNEL", "0")


@pytest.mark.usefixtures("processes")
def test_a_signal_stops_it_and_its_followers(tmp_path: Path):
    """SIGTERM is the ordinary end: status 0, workers gone, a follower let go at once."""
    where = hall.datadir(tmp_path)
    with hall.outside(where), serve(tmp_path) as started:
        session = hall.sealed(where)
        host, port = started.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as follower:
            path = f"/api/v1/sessions/{session.uuid}/events"
            follower.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert b"event: session" in until(follower, b"event: session")
            workers = children(started.running.pid)
            begun = time.monotonic()
            started.running.send_signal(signal.SIGTERM)
            assert started.running.wait(20) == 0
    assert workers
    assert gone(workers)
    assert time.monotonic() - begun < 10


@pytest.mark.usefixtures("processes")
def test_killed_it_leaves_nobody_behind(tmp_path: Path):
    """Workers end with the server, however it ends, and the lock is free for the next one."""
    hall.datadir(tmp_path)
    with serve(tmp_path) as started:
        workers = children(started.running.pid)
        os.kill(started.running.pid, signal.SIGKILL)
        started.running.wait()
        assert workers
        assert gone(workers)
        with (tmp_path / "serve.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_address_where_nobody_can_listen(tmp_path: Path):
    """Said by name, and nothing is opened."""
    hall.datadir(tmp_path, books=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert code_of(tmp_path, "--listen", address) == (5, "cannot_listen")
        with pytest.raises(Refused, match="cannot listen on"):
            server.listen(address)
    with pytest.raises(Refused, match="no such port"):
        server.listen("127.0.0.1:99999")
    with pytest.raises(ValueError, match="HOST:PORT"):
        server.listen("nonsense")
    assert not (tmp_path / "box.db").exists()


def test_a_folder_that_init_did_not_make(tmp_path: Path):
    """Refused, not made by the way."""
    assert code_of(tmp_path) == (5, "refused")
    assert not list(tmp_path.iterdir())


def test_logs_hold_nothing_that_a_client_sent(tmp_path: Path):
    """Through every kind of route, with refusals, garbage and an answer that fails half-way."""
    where = hall.datadir(tmp_path)
    with hall.outside(where), serve(tmp_path) as started:
        client = Client(started.url)
        session = hall.sealed(where, Step.CHECK_IN)
        planted = [
            *session.voters,
            *session.trustees,
            "PLANTEDPLANTED12",
            "planted-agent",
            "Đại biểu",
        ]
        planted += known(client, session)
        planted += anonymous(client, session)
        strange(client, started.url)
        text = started.log.read_text("utf-8")

    begun, *rest = text.replace(started.url, "URL").splitlines()
    assert "URL" in begun
    assert [line for line in rest if "IsADirectoryError EISDIR at keys.py" in line]
    assert [secret for secret in [*planted, "127.0.0.1"] if secret in "\n".join(rest)] == []
    assert len(rest) < 5


def known(client: Client, session: hall.Sealed) -> list[str]:
    """A voter at the registrar; what must not be in a log."""
    bearer = client.bearer(session, session.voters[0])
    request = {"blinded": to_base64(session.blinded(G**7).blinded_message)}
    answer = client.call("POST", "/api/v1/registrar/token", json=request, headers=bearer)
    login = {"uuid": session.uuid, "code": "PLANTEDPLANTED12"}
    agent = {"User-Agent": "planted-agent", "Authorization": "Bearer PLANTEDPLANTED12"}
    client.call("POST", "/api/v1/registrar/login", json=login, headers=agent)
    client.call("GET", "/api/v1/registrar/recovery?code=PLANTEDPLANTED12", headers=agent)
    return [bearer["Authorization"].split()[1], *request.values(), answer.json()["blind_signature"]]


def anonymous(client: Client, session: hall.Sealed) -> list[str]:
    """A voter at the box, and then a box that cannot sign; what must not be in a log."""
    signed, secret = session.signed(G**8), session.register(1)[0]
    client.call("POST", f"/api/v1/box/{session.uuid}/credentials", json=signed)
    session.move(Step.OPEN)
    raw = session.vote(secret)
    cast = client.cast(session, raw).json()
    client.cast(session, session.vote(secret))
    key = session.where.keys(session.uuid) / "box.seed"
    key.unlink()
    key.mkdir()
    assert code(client.cast(session, raw)) == (503, "storage_unavailable")
    return [*signed.values(), raw.decode(), cast["tracker"], cast["promise"]]


def strange(client: Client, url: str) -> None:
    """What is no request of ours."""
    client.call("POST", "/api/v1/box/PLANTEDPLANTED12/ballots", content=b"PLANTEDPLANTED12")
    client.call("GET", "/PLANTEDPLANTED12", headers={"Referer": "PLANTEDPLANTED12"})
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as garbage:
        garbage.sendall(b"PLANTEDPLANTED12\r\n\r\n")
        garbage.recv(1000)
