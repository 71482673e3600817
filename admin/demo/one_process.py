"""The session in one process: the same people and steps, over books in a temporary folder.

Voters and trustees are those of admin/client; their calls are answered here by what a server's
routes call, too (admin/voting, admin/lifecycle), without connections. Voters run in threads.

Does not have what only a server adds: limits of size and rate, time-outs, the countdown.
"""

import asyncio
import json
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final, TypeVar

from admin.client.server import Server
from admin.client.session_view import CHANNEL
from admin.client.trustee import KINDS
from admin.demo import session
from admin.demo.background import in_background
from admin.demo.scenario import Scenario
from admin.demo.session import Secretary, Stage
from admin.lifecycle import seal, signing, steps
from admin.record import files
from admin.record.pool import Workers
from admin.session import keys
from admin.session.books import Books, opened
from admin.session.datadir import SETTINGS, DataDir
from admin.session.definition import sealed
from admin.voting import box, registrar
from crypto import checkpoint
from crypto.audit import evidence
from crypto.audit.ballots import check_batch
from crypto.blind import IssuerSecret
from crypto.encoding import (
    Json,
    b64_sha256,
    base64_bytes,
    canonical,
    to_base64,
)
from crypto.lifecycle import State, public
from storage.rows import Login

_T = TypeVar("_T")
_ORIGIN: Final = "http://localhost"  # nobody listens there
_API: Final = "/api/v1/"


def play(scenario: Scenario, folder: Path, workers: Workers, stage: Stage) -> Path:
    """Plays the session; leaves the archive and the bundle in `folder`.

    Returns:
        The bundle.
    """
    with _secretary(folder, workers) as secretary, _voters() as voters:
        begun = session.seal_session(scenario, secretary, (CHANNEL,), stage, recovery="none")
        return session.play_sealed(begun, folder, voters, workers, stage)


@contextmanager
def _secretary(folder: Path, workers: Workers) -> Iterator["LocalSecretary"]:
    """A data directory for the length of the block, and whoever works on it."""
    with TemporaryDirectory(prefix=".data-", dir=folder) as data:
        files.write(Path(data) / SETTINGS, b"")
        datadir = DataDir.open(Path(data))
        with in_background("books", opened(datadir)) as (books, loop):
            server = LocalServer(_ORIGIN, books=books, loop=loop, workers=workers)
            yield LocalSecretary(datadir, server)


@contextmanager
def _voters() -> Iterator[Workers]:
    """As many threads as cores: libsodium gives up Python's lock while it computes."""
    count = os.cpu_count() or 1
    with ThreadPoolExecutor(count) as executor:
        yield Workers(executor, count)


@dataclass(frozen=True, slots=True)
class LocalServer(Server):
    """What a server answers, without one.

    Attributes:
        loop: where the books are open.
        workers: check the ballots that arrive.
        public_answers: by path, what everybody is shown until the next step of house or committee.
    """

    books: Books = field(kw_only=True)
    loop: asyncio.AbstractEventLoop = field(kw_only=True)
    workers: Workers = field(kw_only=True)
    public_answers: dict[str, bytes] = field(default_factory=dict, kw_only=True)

    def wait_for(self, work: Coroutine[Any, Any, _T]) -> _T:
        """What the work with the books comes to."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        kind: str = "",  # noqa: ARG002  the media type makes no difference here
        bearer: str | None = None,
    ) -> bytes:
        """The bytes of the answer.

        Raises:
            ProtocolError: the refusal.
        """
        return self.wait_for(self._answer(method, path, body or b"", bearer or ""))

    def download(self, path: str, target: BinaryIO, bearer: str, limit: int) -> None:  # noqa: ARG002  as the archive is public, and our own
        """Writes the archive of a closed session to a file."""
        _, uuid, _ = path.removeprefix(_API).split("/")
        with self.books.datadir.archive(uuid).open("rb") as archive:
            shutil.copyfileobj(archive, target)

    async def _answer(self, method: str, path: str, body: bytes, bearer: str) -> bytes:
        match path.removeprefix(_API).split("/"):
            case "sessions", uuid:
                return await self._showing(path, self._session(uuid))
            case "registrar", "login":
                return await self._login(body)
            case "registrar", "token":
                return await self._token(body, bearer)
            case "committee", uuid, *kind:
                return await self._committee(uuid, kind, body, bearer)
            case "box", uuid, name:
                if method == "GET":
                    return await self._showing(path, self._published(uuid, name))
                box_takes = {"credentials": self._register, "ballots": self._cast}
                return await box_takes[name](uuid, body)
        raise ValueError(f"{method} {path}: nobody asks this in a demo")

    async def _showing(self, path: str, answer: Coroutine[Any, Any, bytes]) -> bytes:
        """What is the same for everybody is made once."""
        if path in self.public_answers:
            answer.close()
        else:
            self.public_answers[path] = await answer
        return self.public_answers[path]

    async def _session(self, uuid: str) -> bytes:
        row, session = await self.books.box.session(uuid), await self.books.session(uuid)
        waiting = await signing.awaited(self.books.registrar, session)
        answer = {"election": row.election.decode(), "state": public(row.state), "counts": {}}
        return canonical({**answer, "waiting": waiting and asdict(waiting)})

    # --- The registrar and the committee

    async def _login(self, body: bytes) -> bytes:
        request = _object(body)
        book = self.books.registrar
        bearer = await registrar.login(book, request["uuid"], request["code"], int(time.time()))
        return canonical({"bearer": bearer.text})

    async def _who(self, bearer: str) -> Login:
        return await registrar.who(self.books.registrar, bearer, int(time.time()))

    async def _token(self, body: bytes, bearer: str) -> bytes:
        request, login = _object(body), await self._who(bearer)
        issuer = _issuer(self.books.datadir, login.uuid)
        blinded = base64_bytes(request["blinded"], "token.blinded")
        book = self.books.registrar
        answer = await registrar.token(book, issuer, login, blinded, request["channel"])
        return canonical({"blind_signature": to_base64(answer)})

    async def _committee(self, uuid: str, kind: list[str], body: bytes, bearer: str) -> bytes:
        """A trustee's message of a kind is stored; without a kind, everyone's are shown."""
        book, owner = self.books.registrar, (await self._who(bearer)).owner or 0
        if kind:
            await self._take(uuid, kind[0], owner, body)
            return b""
        running = await self.books.session(uuid)
        proposed = await seal.proposal(book, uuid)
        messages: dict[str, Json] = {}
        for name in KINDS:
            sent = await book.messages(uuid, name)
            messages[name] = {str(owner): to_base64(raw) for owner, raw in sent.items()}
        return canonical(
            {
                "index": owner,
                "size": running.settled_terms.trustees,
                "threshold": running.settled_terms.threshold,
                "state": running.state,
                "messages": messages,
                "election": proposed and proposed.election.raw.decode(),
                "session": proposed and running.session_file.encode().decode(),
                "seal": proposed
                and seal.seal_checkpoint(proposed.election, proposed.trustees).body,
            }
        )

    async def _take(self, uuid: str, kind: str, owner: int, body: bytes) -> None:
        book = self.books.registrar
        self.public_answers.clear()
        moment = next((m for m, name in signing.MESSAGE.items() if name == kind), None)
        if moment is not None:
            await signing.take_signature(book, uuid, moment, owner, body)
            return
        during = State.CLOSED if kind == "share" else State.DRAFT
        await book.put_message(uuid, kind, owner, body, during=during)

    # --- The box

    async def _register(self, uuid: str, body: bytes) -> bytes:
        request, book = _object(body), self.books.box
        election, parameters = sealed((await book.session(uuid)).election)
        await box.register(book, election, parameters, request["credential"], request["token"])
        return b""

    async def _cast(self, uuid: str, body: bytes) -> bytes:
        book, raw = self.books.box, body.rstrip(b" ")
        election, _ = sealed((await book.session(uuid)).election)
        if await box.admit(book, election, raw):
            checking = self.workers.submit(check_batch, election.raw, 1, [raw])
            await box.store(book, election, raw, await asyncio.wrap_future(checking))
        tracker = b64_sha256(raw)
        signer = keys.signer(self.books.datadir, uuid, "box")
        return canonical({"tracker": tracker, "promise": box.promise(election, tracker, signer)})

    async def _published(self, uuid: str, name: str) -> bytes:
        book = self.books.box
        match name:
            case "credentials":
                return await box.credential_list(book, uuid)
            case "trackers":
                return evidence.encode_trackers(await book.trackers(uuid))
            case "checkpoints":
                notes = await book.notes(uuid)
                return checkpoint.join([notes[s] for s in checkpoint.COUNTS if s in notes])
        raise ValueError(f"{name}: the box does not publish this in a demo")


@dataclass(frozen=True, slots=True)
class LocalSecretary(Secretary):
    """Works on the books that the server has open."""

    server: LocalServer

    def gather(self, uuid: str) -> None:
        """Takes in what the committee has signed."""
        self.do(lambda books: steps.gather(books, uuid))

    def do(self, work: Callable[[Books], Awaitable[_T]]) -> _T:
        async def step() -> _T:
            try:
                return await work(self.server.books)
            finally:
                self.server.public_answers.clear()

        return self.server.wait_for(step())


@cache
def _issuer(datadir: DataDir, uuid: str) -> IssuerSecret:
    return keys.issuer(datadir, uuid)


def _object(body: bytes) -> dict[str, str]:
    """What our own clients send: strings by name."""
    return dict(json.loads(body))
