"""One real server with sessions in the states that voters meet, and ways to disturb a call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from admin.cli import vote
from admin.client.server import Box, Patience, Server
from admin.client.voter import Secrets
from admin.demo import committee
from admin.demo import session as demo
from admin.demo.scenario import random
from admin.demo.server import Running
from admin.demo.session import Guest, Sealed, Secretary
from admin.lifecycle import steps
from admin.record.pool import Workers
from admin.rules.regime import load
from admin.voting import codes
from crypto.keyfile import TrusteeState
from tests.worlds.quick import PLAIN

OFFICIALS = [("Trần Thị Sáu", "Chủ tịch"), ("Lê Văn Bảy", "")]
IMPATIENT = Patience(attempts=2, first=0.01, longest=0.01)


@dataclass(frozen=True)
class Sitting:
    """A session on the server, and its voters' links."""

    desk: Secretary
    uuid: str
    links: list[str]
    guests: list[Guest]
    keys: list[TrusteeState] = field(default_factory=list)
    made: list[Secrets] = field(default_factory=list)
    promises: list[bytes] = field(default_factory=list)

    @property
    def committee(self) -> Sealed:
        """What the trustees of the demo know of it."""
        return Sealed(self.desk, self.uuid, self.keys, self.guests)

    def box(self, transport: Callable[[], httpx.BaseTransport] | None = None) -> Box:
        return Box(Server(self.desk.server.origin, IMPATIENT, transport), self.uuid)

    def counts(self) -> dict[str, int]:
        return dict(self.box().session()["counts"])

    def command(
        self,
        voter: int,
        keep: Path,
        transport: Callable[[], httpx.BaseTransport] | None = None,
        backup_file: Path | None = None,
    ) -> vote.Run:
        """What `phieukin vote --no-wait --mask 0` knows of a voter."""
        code = codes.parse(self.links[voter], self.uuid)
        box, options = self.box(transport), {"patient": False, "confirms": False, "test": False}
        return vote.Run(box, code, keep, backup_file, **options, mask=0.0)


def sealed(running: Running, voters: int) -> Sitting:
    """A session in check-in."""
    scenario = random(voters, OFFICIALS, load("nq96-2023"), "Hội đồng")
    draft, desk = demo.draft_of(scenario), running.secretary
    keys = committee.seal_session(desk, draft)
    letters = desk.letters(draft.uuid)
    desk.do(lambda books: steps.check_in(books, draft.uuid))
    pairs = zip(letters, scenario.votes, strict=True)
    guests = [Guest(desk.server, draft.uuid, letter.code, votes) for letter, votes in pairs]
    return Sitting(desk, draft.uuid, [letter.link for letter in letters], guests, keys)


def open_voting(sitting: Sitting) -> None:
    """Everyone is counted as present; voting begins."""
    size, uuid = len(sitting.guests), sitting.uuid
    sitting.desk.do(lambda books: steps.set_present(books, uuid, size))
    sitting.desk.do(lambda books: steps.open_voting(books, uuid))
    committee.seal_box(sitting.committee, size)


def opened(running: Running, voters: int, workers: Workers) -> Sitting:
    """A session in which everyone is registered and nobody has voted."""
    sitting = sealed(running, voters)
    sitting.made.extend(workers.map(demo.check_in, sitting.guests))
    open_voting(sitting)
    return sitting


def closed(running: Running, voters: int, workers: Workers) -> Sitting:
    """A session in which everyone has voted."""
    sitting = opened(running, voters, workers)
    tasks = zip(sitting.guests, sitting.made, strict=True)
    sitting.promises.extend(workers.map(demo.vote, tasks))
    sitting.desk.close(sitting.uuid)
    committee.sign_close(sitting.committee, voters, workers, lambda _: None)
    return sitting


# --- Calls that go wrong --------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Knife:
    """Ends the process when a call has been answered, before the process knows of it."""

    call: int
    calls: list[str] = field(default_factory=list)

    def transport(self) -> httpx.BaseTransport:
        return _Cutting(self)


class _Cutting(httpx.HTTPTransport):
    def __init__(self, knife: Knife) -> None:
        super().__init__(verify=PLAIN)
        self._knife = knife

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        knife = self._knife
        knife.calls.append(f"{request.method} {request.url.path.rpartition('/')[2]}")
        if len(knife.calls) != knife.call:
            return super().handle_request(request)
        response = super().handle_request(request)
        response.read()
        response.close()
        raise Killed


@dataclass(frozen=True)
class Liar:
    """A server that alters one kind of answer."""

    ending: str
    alter: Callable[[bytes], bytes]
    method: str = "GET"

    def transport(self) -> httpx.BaseTransport:
        return _Lying(self)


class _Lying(httpx.HTTPTransport):
    def __init__(self, liar: Liar) -> None:
        super().__init__(verify=PLAIN)
        self._liar = liar

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method != self._liar.method or not request.url.path.endswith(self._liar.ending):
            return response
        honest = response.read()
        response.close()
        return httpx.Response(response.status_code, content=self._liar.alter(honest))
