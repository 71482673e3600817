"""A real server over real books, and an honest session in them.

The server runs in a thread of the test's process with an event loop of its own. Whoever prepares
or looks at the books opens them a second time, as the command line would beside a running server.
"""

import asyncio
import secrets
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import uvicorn

from admin.lifecycle import seal
from admin.record.session_file import Block
from admin.session import keys
from admin.session.books import Books, opened
from admin.session.datadir import SETTINGS, DataDir
from admin.session.terms import Terms
from admin.voting import box
from admin.voting.codes import code_hash, new_code, parse
from bot import server
from bot.app import Options
from bot.web import tls
from crypto import ballot, ceremony, checkpoint, note, token
from crypto.audit import evidence
from crypto.blind import Blinded
from crypto.encoding import canonical, sha256, to_base64
from crypto.group import Element, G, random_scalar
from crypto.lifecycle import State, Step
from crypto.note import SeedSigner
from crypto.session import Official, define, new_uuid
from storage.rows import Code, Person, Proposal
from tests import testkit
from tests.worlds.quick import PLAIN, QUICK
from tests.worlds.shelf import shelf

T = TypeVar("T")
FAR = 4_000_000_000  # expires long after these tests
VOTERS = 12


def datadir(folder: Path, settings: str = "", *, books: bool = True) -> DataDir:
    """A data directory with both books, empty; or without, for who looks at their making."""
    if books:
        shutil.copytree(_empty_books(), folder, dirs_exist_ok=True)
    (folder / SETTINGS).write_text(settings)
    return DataDir.open(folder)


@cache
def _empty_books() -> Path:
    """As the migrations leave them; made once a worker, for that takes a tenth of a second."""
    fresh = datadir(shelf("books-"), books=False)

    async def make() -> None:
        async with opened(fresh):
            pass

    # Not in the caller's thread, which may have an event loop of its own.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(make())).result()
    return fresh.folder


@dataclass
class Desk:
    """Both books, opened beside the server in a thread of its own, as a command would."""

    loop: asyncio.AbstractEventLoop
    books: Books
    leave: asyncio.Event


_DESKS: dict[Path, Desk] = {}


def with_books(where: DataDir, work: Callable[[Books], Coroutine[Any, Any, T]]) -> T:
    """Does something to the books from outside the server."""
    desk = _DESKS[where.folder]
    return asyncio.run_coroutine_threadsafe(work(desk.books), desk.loop).result(60)


@contextmanager
def outside(where: DataDir) -> Iterator[None]:
    """Makes `with_books` possible as long as the block."""
    ready = threading.Event()

    async def keep() -> None:
        async with opened(where) as books:
            desk = Desk(asyncio.get_running_loop(), books, asyncio.Event())
            _DESKS[where.folder] = desk
            ready.set()
            await desk.leave.wait()

    thread = threading.Thread(target=lambda: asyncio.run(keep()))
    thread.start()
    assert ready.wait(60)
    try:
        yield
    finally:
        desk = _DESKS.pop(where.folder)
        desk.loop.call_soon_threadsafe(desk.leave.set)
        thread.join()


@contextmanager
def serving(
    where: DataDir, options: Options = QUICK, local: tls.Local | None = None
) -> Iterator[str]:
    """The address of a server that runs as long as the block."""
    listener = server.listen("127.0.0.1:0")
    url, ready = server.address(listener, local), threading.Event()
    running: list[uvicorn.Server] = []
    failed: list[BaseException] = []

    def begun(uvicorn_server: uvicorn.Server) -> None:
        running.append(uvicorn_server)
        ready.set()

    def run() -> None:
        try:
            asyncio.run(server.serve(where, options, listener, begun, local))
        except BaseException as error:  # noqa: BLE001  shown by the test
            failed.append(error)
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(60)
    try:
        if not failed:
            yield url
    finally:
        for uvicorn_server in running:
            uvicorn_server.should_exit = True
        thread.join(30)
        listener.close()
    if failed:
        raise failed[0]


def letters() -> str:
    """Of a new code."""
    return parse(new_code())


@dataclass
class Sealed:
    """A sealed session in the books, with everyone's codes."""

    where: DataDir
    insider: testkit.Session
    voters: list[str] = field(default_factory=list)
    trustees: list[str] = field(default_factory=list)

    @property
    def uuid(self) -> str:
        return self.insider.election.uuid

    def move(self, *steps: Step) -> None:
        with_books(self.where, lambda books: self.moving(books, *steps))

    async def moving(self, books: Books, *steps: Step) -> None:
        """With the opening the committee has sealed the box; with the close it has signed that.

        The box goes first, with its checkpoint: a server that watches signs no other text.
        """
        for step in steps:
            signed = await self._sign(books, State.CLOSED) if step == Step.CLOSE else None
            moved = await books.box.move(self.uuid, step)
            if moved == State.OPENING:
                signed = await self._sign(books, State.OPEN)
            await books.registrar.move(self.uuid, step)
            if signed is not None:
                await books.registrar.put_note(self.uuid, *signed)
            if moved == State.OPENING:
                await self.moving(books, Step.SEAL_BOX)

    async def _sign(self, books: Books, state: State) -> tuple[State, bytes]:
        """The checkpoint of what the box has, signed by everybody and stored there."""
        counted, roster = await books.box.counts(self.uuid), self.insider.parameters.roster_size
        registered, cast = counted["registered"], counted["cast"]
        if state == State.OPEN:
            listed = await box.credential_list(books.box, self.uuid)
            counts: tuple[int, ...] = (roster, roster, registered, registered, 0)
            opening = ""
        else:
            listed = evidence.encode_trackers(await books.box.trackers(self.uuid))
            stored = (await books.box.notes(self.uuid))[State.OPEN]
            counts, opening = (registered, cast, 0, 0), note.parse(stored).text
        signed = self.insider.note(
            checkpoint.make(self.insider.election, state, counts, listed, opening=opening)
        )
        await books.box.put_note(self.uuid, state, signed)
        return state, signed

    def register(self, count: int) -> list[int]:
        """The secrets of credentials that are registered behind the server's back."""
        secret = [random_scalar() for _ in range(count)]

        async def work(books: Books) -> None:
            for exponent in secret:
                credential = G**exponent
                signed = self.insider.token(credential)
                await books.box.register(self.uuid, credential.raw, signed)

        with_books(self.where, work)
        return secret

    def vote(self, secret: int) -> bytes:
        """A ballot, another one each time."""
        officials = len(self.insider.election.questions)
        choices = [secrets.choice((None, 0, 1, 2)) for _ in range(officials)]
        return ballot.prepare(self.insider.election, secret, choices)[0]

    def signed(self, credential: Element) -> dict[str, str]:
        return {"credential": credential.hex, "token": to_base64(self.insider.token(credential))}

    def blinded(self, credential: Element) -> Blinded:
        return token.request_token(self.insider.issuer.public, self.insider.phi, credential)

    def counts(self) -> dict[str, int]:
        async def work(books: Books) -> dict[str, int]:
            return await books.box.counts(self.uuid)

        return with_books(self.where, work)


def sealed(
    where: DataDir,
    *steps: Step,
    officials: int = 3,
    blocks: tuple[Block, ...] = (),
    **policy: Any,
) -> Sealed:
    """A new session with a roster, moved on by the steps."""
    session = defined(where, officials, blocks, **policy)
    with_books(where, lambda books: store(books, session))
    session.move(*steps)
    return session


def defined(
    where: DataDir, officials: int = 3, blocks: tuple[Block, ...] = (), **policy: Any
) -> Sealed:
    """The definition and the keys of a new session; nothing of it is in the books yet."""
    base, uuid = testkit.session(), new_uuid()
    human = replace(base.human, uuid=uuid, blocks=blocks, delegates=VOTERS)
    rated = tuple(Official(f"Nguyễn Văn {i}", "Ủy viên") for i in range(officials))
    rules = replace(base.parameters.policy, **policy)
    parameters = replace(
        base.parameters,
        session=sha256(human.encode()),
        officials=rated,
        policy=rules,
        roster_size=VOTERS,
    )
    election = define(
        name=human.name,
        description="",
        uuid=uuid,
        trustees=base.trustees,
        parameters=parameters,
    )
    registrar, box, chair = (
        SeedSigner(f"phieukin/{uuid}/{party}", base.signer(party).seed) for party in keys.PARTIES
    )
    parties = replace(base, registrar=registrar, box=box, chair=chair)
    session = Sealed(where, replace(parties, election=election, human=human))
    _keep_keys(where, session.insider)
    return session


def _keep_keys(where: DataDir, session: testkit.Session) -> None:
    folder = where.keys(session.election.uuid)
    folder.mkdir(parents=True)
    (folder / "issuer.pkcs8").write_bytes(testkit.issuer_pkcs8())
    (folder / "buttons.key").write_bytes(secrets.token_bytes(keys.BUTTON_KEY_BYTES))
    for party in keys.PARTIES:
        (folder / f"{party}.seed").write_bytes(session.signer(party).seed)


async def store(books: Books, made: Sealed) -> None:
    """Puts it into the books, sealed."""
    uuid, book, session = made.uuid, books.registrar, made.insider
    await book.add_session(uuid, session.human.encode())
    await book.update_draft(uuid, Terms(3, 2, 2, 3).encode(), session.human.encode())
    people = [Person(secrets.token_bytes(16), i, f"Đại biểu {i}", {}) for i in range(1, VOTERS + 1)]
    await book.put_roster(uuid, people)
    made.voters += [letters() for _ in people]
    made.trustees += [letters() for _ in range(3)]
    codes = [
        Code(code_hash(uuid, code), uuid, "voter", person.person, None, FAR)
        for person, code in zip(people, made.voters, strict=True)
    ]
    codes += [
        Code(code_hash(uuid, code), uuid, "trustee", None, owner, FAR)
        for owner, code in enumerate(made.trustees, start=1)
    ]
    await book.replace_codes(codes)
    transcript = canonical(ceremony.transcript(session.room.ones, session.room.twos))
    proposal = Proposal(session.election.raw, session.trustees.encode(), transcript)
    await book.propose(uuid, session.human.encode(), proposal)
    body = seal.seal_checkpoint(session.election, session.trustees).body
    signed = note.sign(body, session.signers(State.SEALED)).encode()
    await books.box.add_session(uuid, session.election.raw)
    await books.box.put_note(uuid, State.SEALED, signed)
    await book.put_note(uuid, State.SEALED, signed)
    await book.move(uuid, Step.SEAL)


@dataclass(frozen=True)
class Client:
    """Plain calls, each with a connection of its own."""

    url: str
    language: str = "en"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Accept-Language": self.language, **options.pop("headers", {})}
        with httpx.Client(verify=PLAIN, trust_env=False, timeout=30) as client:
            return client.request(method, self.url + path, headers=headers, **options)

    def bearer(self, session: Sealed, code: str) -> dict[str, str]:
        """The header of somebody who has logged in."""
        login = {"uuid": session.uuid, "code": code}
        answer = self.call("POST", "/api/v1/registrar/login", json=login)
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['bearer']}"}

    def cast(self, session: Sealed, raw: bytes) -> httpx.Response:
        return self.call("POST", f"/api/v1/box/{session.uuid}/ballots", content=raw)


def code(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    document = answer.json()
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:phieukin:problem:{document['code']}"
    assert document["title"]
    assert document["detail"]
    return answer.status_code, document["code"]
