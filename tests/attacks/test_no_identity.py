"""What a voter's own program sends to the box does not say who sends it.

A relay between the real `vote` command and a real server writes down every byte. The same look
at what it wrote finds each kind of identity in requests of a careless client.

What this cannot show: a box that compares addresses and times of connections. For that there is
the random wait before a credential is posted, and the relay that a careful body puts in front.
"""

import base64
import json
import socket
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from admin.voting import codes
from tests.attacks.needles import BOX, Needle, needles, scan
from tests.attacks.relay import Relay, Request, relaying
from tests.attacks.sitting import Sitting, Voter

pytestmark = pytest.mark.slow

VOTERS = 6
EXPECTED = {
    "user-agent": "phieukin",
    "accept": "*/*",
    "accept-encoding": "identity",
    "connection": "close",
    "content-type": "application/json",
}
FREE = {"host", "content-length"}


@dataclass(frozen=True)
class Recorded:
    """Requests of each voter, in order, and what would tell who that is."""

    voters: list[list[Request]]
    known: dict[bytes, Needle]
    size: int

    @property
    def all(self) -> list[Request]:
        return [request for requests in self.voters for request in requests]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    sitting = Sitting(tmp_path_factory.mktemp("session"), VOTERS).prepare()
    voters: list[list[Request]] = [[] for _ in range(VOTERS)]
    with sitting.serving(), relaying(sitting.url) as relay:
        sitting.check_in([])
        _everyone(sitting, relay, voters, "registered")
        sitting.open()
        _everyone(sitting, relay, voters, "cast")
        sitting.close()
        _everyone(sitting, relay, voters, "counted")
    return Recorded(voters, needles(map(_told, sitting.voters, voters), {}), VOTERS)


def _everyone(sitting: Sitting, relay: Relay, voters: list[list[Request]], last_state: str) -> None:
    """Each voter goes on by the command, as far as the session lets it."""
    choices = sitting.folder / "choices"
    choices.write_text(json.dumps(["high", None]))
    for i, voter in enumerate(sitting.voters):
        begin, keep = len(relay.seen), sitting.folder / f"voter{i}"
        keep.mkdir(exist_ok=True)
        (keep / "code").write_text(voter.link + "\n")
        where = ["--server", relay.url, "--uuid", sitting.uuid, "--code-file", keep / "code"]
        options = ["--choices", choices, "--keep", keep, "--mask", "0", "--no-wait", "--json"]
        options += ["--backup-file", keep / "backup"]
        status, stdout, err = sitting.command("vote", *where, *options)
        assert (status, json.loads(stdout)["done"]) == (0, last_state), err
        voters[i] += relay.seen[begin:]
        voter.backup_code = codes.parse_backup((keep / "backup").read_text())


def _told(voter: Voter, requests: list[Request]) -> Voter:
    """The voter with what the requests to the registrar held; what the box may know is left out."""
    bearers = {request.headers.get("authorization", "") for request in requests} - {""}
    token_body = next(r.body for r in requests if r.path.endswith("/token"))
    recovery_body = next(r.body for r in requests if r.method == "PUT")
    bearer, blinded = bearers.pop().removeprefix("Bearer "), json.loads(token_body)["blinded"]
    return replace(voter, bearer=bearer, recovery=recovery_body, blinded=base64.b64decode(blinded))


def identities(requests: Iterable[Request], needles: dict[bytes, Needle]) -> set[str]:
    """Whatever in requests to the box tells one sender from another."""
    requests = list(requests)
    used = Counter(request.connection for request in requests)
    leaks = set()
    for request in (request for request in requests if request.to_box):
        for name, value in request.headers.items():
            if name not in FREE and EXPECTED.get(name) != value:
                leaks.add(f"header {name}")
        if request.headers.get("connection") != "close":
            leaks.add("keeps the connection")
        if used[request.connection] > 1:
            leaks.add("shares a connection")
        if "?" in request.path:
            leaks.add("a query")
        hits = scan(request.head + request.body, needles)
        leaks |= {needle.what for _, needle in hits if needle.side != BOX}
    return leaks


def test_requests_to_the_box_are_nobodys(recorded: Recorded):
    """From check-in to the count: no header, path, body or connection says whose it is."""
    assert identities(recorded.all, recorded.known) == set()
    kinds = Counter((r.method, r.path.rpartition("/")[2]) for r in recorded.all if r.to_box)
    assert kinds["POST", "credentials"] == kinds["POST", "ballots"] == VOTERS


def test_the_registrar_does_see_who_it_is(recorded: Recorded):
    """The same look at requests to the registrar finds bearers, codes and what was kept."""
    requests = [
        replace(request, head=request.head.replace(b"/registrar/", b"/box/"))
        for request in recorded.all
    ]
    leaks = identities(requests, recorded.known)

    assert leaks >= {"header authorization", "bearer", "code", "recovery", "request"}


def test_voters_send_the_same_heads(recorded: Recorded):
    """Request by request, the heads of two voters are equal but for the size of a ballot."""

    def heads(requests: list[Request]) -> list[tuple[str, str, dict[str, str]]]:
        heads = []
        for request in (request for request in requests if request.to_box):
            size = {"content-length": "?"} if request.path.endswith("/ballots") else {}
            heads.append((request.method, request.path, request.headers | size))
        return heads

    first, *others = map(heads, recorded.voters)
    assert len(first) > 8
    assert [head for head in others if head != first] == []


def test_every_request_has_a_connection_of_its_own(recorded: Recorded):
    """So no connection, and no port in a row, joins what one voter sends to both sides."""
    numbers = [request.connection for request in recorded.all]
    assert len(set(numbers)) == len(numbers)
    for requests in recorded.voters:
        pairs = pairwise(requests)
        changes = [
            (request.port, following.port)
            for request, following in pairs
            if request.to_box != following.to_box
        ]
        assert len(changes) >= 2
        assert [pair for pair in changes if pair[0] == pair[1]] == []


def test_both_sides_get_nothing_unusual_in_common(recorded: Recorded):
    """What registrar and box could compare is the same for all voters."""
    sides: list[set[str]] = [set(), set()]
    for request in recorded.all:
        words = {f"{name}: {value}" for name, value in request.headers.items()}
        sides[request.to_box] |= {word for word in words if not word.startswith("content-length")}
    common = {word for word in sides[0] & sides[1] if not word.startswith("host: ")}

    assert common <= {f"{name}: {value}" for name, value in EXPECTED.items()}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("Authorization: Bearer abc", "header authorization"),
        ("Cookie: a=b", "header cookie"),
        ("Referer: https://x/v/1", "header referer"),
        ("X-Telegram-Init-Data: user", "header x-telegram-init-data"),
        ("Accept-Language: vi", "header accept-language"),
        ("X-Request-Id: 7", "header x-request-id"),
        ("User-Agent: phieukin (Nguyen)", "header user-agent"),
        ("Connection: keep-alive", "keeps the connection"),
    ],
)
def test_a_careless_head_is_found(recorded: Recorded, planted: str, found: str):
    """Each way to say who one is in a head."""
    request = next(r for r in recorded.all if r.path.endswith("/ballots"))
    line = request.head.index(b"\r\n") + 2
    careless = request.head[:line] + planted.encode() + b"\r\n" + request.head[line:]

    assert found in identities([replace(request, head=careless)], recorded.known)


@pytest.mark.parametrize("what", ["name", "person", "code", "backup code", "bearer"])
def test_a_careless_body_is_found(recorded: Recorded, what: str):
    """Each thing that only the registrar may hear."""
    request = next(r for r in recorded.all if r.path.endswith("/ballots"))
    form = next(form for form, needle in recorded.known.items() if needle.what == what)

    body = request.body[:50] + form + request.body[50:]
    assert what in identities([replace(request, body=body)], recorded.known)


def test_a_careless_connection_is_found():
    """A client that keeps its connection to the registrar for the box, over the same relay."""
    with (
        socket.create_server(("127.0.0.1", 0)) as target,
        relaying(f"http://127.0.0.1:{target.getsockname()[1]}") as relay,
        socket.create_connection(("127.0.0.1", int(relay.url.rpartition(":")[2]))) as client,
    ):
        for path in (b"/api/v1/registrar/token", b"/api/v1/box/x/credentials"):
            client.sendall(b"POST " + path + b" HTTP/1.1\r\nConnection: close\r\n\r\n")
            server, _ = target.accept()
            with server:
                server.recv(1000)
                server.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            client.recv(1000)

    assert identities(relay.seen, {}) == {"shares a connection"}
