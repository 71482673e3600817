"""A real session: a draft, books, keys, a server process, and people who come over HTTP.

The committee's ceremony is held in memory and its messages left with the registrar; everything
else is done by the functions and commands that people use.
"""

import asyncio
import json
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Final, TypeVar

from admin.cli import main, marks
from admin.client import session_view, voter
from admin.client import signing as client_signing
from admin.client.server import Box, Patience, Registrar, Server
from admin.client.voter import Secrets
from admin.lifecycle import seal, signing, steps
from admin.prepare import draft
from admin.record.audit import rewinding
from admin.record.opening import ClosedArchive, audit_closed
from admin.session import keys
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.session.terms import Terms
from admin.voting import codes, invite
from crypto import blind, note
from crypto.archive import Writer
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.checkpoint import Checkpoint
from crypto.committee import Moment
from crypto.encoding import b64_sha256
from crypto.keyfile import Cost, TrusteeState, remember_signed, remember_tally
from crypto.keyfile import seal as seal_key
from crypto.lifecycle import State
from crypto.note import Note
from crypto.tally import sized
from tests import testkit
from tests.crypto.room import hold
from tests.worlds import committee
from tests.worlds.process import READY, command

T = TypeVar("T")
Told = tuple[int, str, str]  # exit status, stdout, stderr
PASSPHRASE: Final = "hoa sen trắng 94"  # noqa: S105
CHEAP: Final = Cost(memory_kib=64, iterations=1, lanes=1)
QUICK: Final = Patience(attempts=3, first=0.1, longest=0.2)
TRUSTEES, THRESHOLD = 3, 2
OFFICIALS: Final = ("Lê Văn Ân", "Phạm Thị Bình")


@dataclass
class Voter:
    """Everything that one voter, and nobody else, knows at the end."""

    name: str
    person: bytes
    link: str
    code: str
    bearer: str = ""
    backup_code: str = ""
    recovery: bytes = b""
    mine: Secrets | None = None
    blinded: bytes = b""
    answer: bytes = b""
    token: bytes = b""
    ballot: bytes = b""
    promise: Note | None = None

    @property
    def secrets(self) -> Secrets:
        assert self.mine is not None
        return self.mine

    @property
    def promised(self) -> Note:
        assert self.promise is not None
        return self.promise

    @property
    def credential(self) -> bytes:
        return self.secrets.credential.raw

    @property
    def tracker(self) -> str:
        return b64_sha256(self.ballot)


@dataclass
class Sitting:
    """A session and its place; `log` is everything that its servers printed."""

    folder: Path
    size: int
    uuid: str = ""
    url: str = ""
    voters: list[Voter] = field(default_factory=list)
    orders: dict[str, list[int]] = field(default_factory=dict)
    trustees: list[TrusteeState] = field(default_factory=list)
    phi: str = ""

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"

    @property
    def datadir(self) -> DataDir:
        return DataDir.open(self.data)

    @property
    def archive(self) -> Path:
        return self.datadir.archive(self.uuid)

    @property
    def server(self) -> Server:
        return Server(self.url, QUICK)

    @property
    def box(self) -> Box:
        return Box(self.server, self.uuid)

    def with_books(self, work: Callable[[Books], Awaitable[T]]) -> T:
        """Does something to the books, as a command does beside a running server."""

        async def whole() -> T:
            async with opened(self.datadir) as books:
                return await work(books)

        return asyncio.run(whole())

    def command(self, *args: object) -> Told:
        """What a command says."""
        stdout, err = StringIO(), StringIO()
        with redirect_stdout(stdout), redirect_stderr(err):
            status = main.run([*map(str, args), "--data", str(self.data)])
        return status, stdout.getvalue(), err.getvalue()

    # ---- before the session

    def prepare(self) -> "Sitting":
        """A sealed session with invitations for all."""
        assert self.command("init", self.data)[0] == 0
        assert self.command("session", "new", self.folder / "draft", "--electronic")[0] == 0
        form = self.folder / "draft" / "session.toml"
        text = form.read_text("utf-8")
        for old, new in (
            ("min_ballots = 10", "min_ballots = 5"),
            ("trustees = 5", "trustees = 3"),
            ("threshold = 3", "threshold = 2"),
            ("rehearsal = false", "rehearsal = true"),
            ("# check_seconds = 60", "check_seconds = 0"),
        ):
            assert old in text
            text = text.replace(old, new)
        form.write_text(text, "utf-8")
        match = re.search(r'^uuid = "(\w+)"', text, re.MULTILINE)
        assert match
        self.uuid = match[1]
        names = [f"Nguyễn Thị {_letters(8 + secrets.randbelow(8))}" for _ in range(self.size)]
        rated = [f"{name},Ủy viên" for name in OFFICIALS]
        for stem, heads, rows in (
            ("roster", "STT,Họ và tên", names),
            ("officials", "STT,Họ và tên,Chức vụ", rated),
        ):
            (self.folder / "draft" / f"{stem}.xlsx").unlink()
            lines = [heads, *(f"{i},{row}" for i, row in enumerate(rows, 1)), ""]
            (self.folder / "draft" / f"{stem}.csv").write_text("\n".join(lines), "utf-8")
        self.with_books(self._seal)
        return self

    async def _seal(self, books: Books) -> None:
        form, room = draft.read(self.folder / "draft"), hold(TRUSTEES, THRESHOLD)
        self.trustees = room.states
        book, human = books.registrar, form.human.encode()
        await book.add_session(self.uuid, human)
        terms = Terms(form.trustees, form.threshold, *form.quorum)
        await book.update_draft(self.uuid, terms.encode(), human)
        rounds = {
            "step1": [message.encode() for message in room.ones],
            "step2": [message.encode() for message in room.twos],
            "step3": [message.encode() for message in room.threes],
        }
        for kind, messages in rounds.items():
            for owner, message in enumerate(messages, 1):
                await book.put_message(self.uuid, kind, owner, message, during=State.DRAFT)
        election = await seal.propose(books, form)
        await committee.sign(books, self.uuid, Moment.DEFINITION, room.states)
        self.trustees = [
            remember_signed(state, Moment.DEFINITION, election.phi) for state in room.states
        ]
        self.phi = election.phi
        self.write_keys()
        session = await books.session(self.uuid)
        for state in self.trustees:
            letter = await invite.role_letter(
                book, books.datadir.settings, session, "trustee", state.index, int(time.time())
            )
            (self.folder / f"trustee-{state.index}.txt").write_bytes(letter)
        (self.folder / "pass").write_text(PASSPHRASE + "\n", "utf-8")
        await seal.seal(books, self.uuid)
        await self._invite(books)

    async def _invite(self, books: Books) -> None:
        people = {person.place: person.person for person in await books.registrar.roster(self.uuid)}
        settings, session = books.datadir.settings, await books.session(self.uuid)
        for letter in await invite.letters(
            books.registrar, settings, session, (), int(time.time())
        ):
            code = codes.parse(letter.link, self.uuid)
            self.voters.append(Voter(letter.name, people[letter.place], letter.link, code))

    @contextmanager
    def serving(self) -> Iterator[None]:
        """A server process for the length of the block."""
        with self.log.open("ab") as log:
            begin = log.tell()
            running = subprocess.Popen(
                command(self.data, "--listen", "127.0.0.1:0"),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self.url = self._address(running, begin)
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)

    def _address(self, running: subprocess.Popen[bytes], begin: int) -> str:
        until = time.monotonic() + READY
        while time.monotonic() < until and running.poll() is None:
            lines = self.log.read_bytes()[begin:].decode().splitlines(keepends=True)
            words = [word for line in lines if line.endswith("\n") for word in line.split()]
            if urls := [word for word in words if word.startswith("http://")]:
                return urls[-1]
            time.sleep(0.05)
        raise AssertionError(self.log.read_text("utf-8"))

    # ---- the session

    def check_in(self, voters: list[int] | None = None) -> None:
        """Voters get tokens and take backup codes; in a random order if none is given."""
        self.with_books(lambda books: steps.check_in(books, self.uuid))
        session = session_view.look(self.box)
        issuer = keys.issuer(self.datadir, self.uuid)
        for i in self._order("check-in", voters):
            delegate = self.voters[i]
            registrar = Registrar.login(self.server, self.uuid, delegate.code)
            delegate.bearer = registrar.bearer
            delegate.mine = Secrets.make(session.issuer, session.election.phi)
            delegate.blinded = delegate.mine.request.blinded_message
            delegate.answer = blind.blind_sign(issuer, delegate.blinded)
            delegate.token = voter.fetch_token(registrar, session, delegate.mine)
            made = codes.parse_backup(codes.new_backup_code())
            delegate.backup_code = delegate.backup_code or made
            voter.back_up(registrar, session, delegate.mine, delegate.backup_code)
            delegate.recovery = registrar.recovery() or b""

    def register(self, voters: list[int] | None = None) -> None:
        """Credentials come to the box, in a random order if none is given."""
        for i in self._order("registration", voters):
            self.box.register(self.voters[i].secrets.credential.hex, self.voters[i].token)

    def open(self, present: int | None = None) -> str:
        """Opens the vote with the committee's signatures; the code on the hall screen."""
        self.propose_opening(present)
        return self.sign(Moment.OPENING)

    def propose_opening(self, present: int | None = None) -> None:
        """Ends the registration; the committee has not signed yet."""
        size = self.size if present is None else present

        async def work(books: Books) -> None:
            await steps.set_present(books, self.uuid, size)
            await steps.open_voting(books, self.uuid)

        self.with_books(work)

    def cast(self, voters: list[int] | None = None) -> None:
        """Ballots come to the box, in a random order if none is given."""
        session = session_view.look(self.box)
        for i in self._order("casting", voters):
            delegate = self.voters[i]
            chosen = [secrets.choice((None, 0, 1, 2)) for _ in session.parameters.officials]
            vote = voter.prepare(session, delegate.secrets, chosen)
            delegate.ballot, delegate.promise = vote.raw, voter.cast(self.box, session, vote)

    def close(self) -> str:
        """The server closes, the committee signs; the code on the hall screen."""
        self.end()
        return self.sign(Moment.CLOSING)

    def end(self) -> None:
        """No more ballots; the committee has not signed yet."""
        status, _, err = self.command("session", "close", self.uuid, "--in", "0", "--yes")
        assert status == 0, err

    def sign(self, moment: Moment) -> str:
        """All trustees sign, and their key files remember it; the code on the hall screen."""
        state = signing.NOTE_OF[moment]

        async def work(books: Books) -> str:
            raw = (await books.registrar.notes(self.uuid))[state]
            digest = Checkpoint.from_body(note.parse(raw).text).signed_digest
            self.trustees = [remember_signed(key, moment, digest) for key in self.trustees]
            self.write_keys()
            await committee.sign(books, self.uuid, moment, self.trustees)
            session = await books.session(self.uuid)
            return await signing.committee_code(books.registrar, session, state)

        return self.with_books(work)

    def write_keys(self) -> None:
        """The key files, as this machine wrote them last (admin/cli/marks.py)."""
        for state in self.trustees:
            marks.settle(state)
            raw = seal_key(state, PASSPHRASE, CHEAP)
            (self.folder / f"trustee-{state.index}.key").write_bytes(raw)

    def vote(self, number: int, url: str = "") -> Told:
        """A voter's next steps, by the command that voters use, as far as the session lets it."""
        delegate, keep = self.voters[number], self.folder / f"voter-{number}"
        keep.mkdir(exist_ok=True)
        (keep / "code").write_text(delegate.link + "\n")
        (keep / "choices").write_text(json.dumps(["high"] * len(OFFICIALS)))
        where = ["--server", url or self.url, "--uuid", self.uuid, "--code-file", keep / "code"]
        options = ["--choices", keep / "choices", "--keep", keep, "--mask", "0", "--no-wait"]
        return self.command("vote", *where, *options, "--json")

    def join(self, owner: int, code: str = "", *, present: int | None = None) -> Told:
        """A trustee's next steps, by the command that trustees use, as far as they lead.

        Args:
            code: of the closing, from the hall screen, if it is there.
            present: the committee's own head count, if not everybody is there.
        """
        letter, key = (self.folder / f"trustee-{owner}.{end}" for end in ("txt", "key"))
        options = ["--present", str(self.size if present is None else present), "--settled"]
        options += ["--fingerprint", self.phi, *(["--code", code] if code else [])]
        where = ["--server", self.url, "--uuid", self.uuid, "--code-file", letter]
        files = ["--key", key, "--passphrase-file", self.folder / "pass"]
        return self.command("trustee", "join", *where, *files, *options, "--workers", "1", "--json")

    def decrypt(self, owner: int, code: str) -> Told:
        """The same from carried files: the archive, and the notes as the server has them."""
        notes, share = self.folder / "checkpoints.txt", self.folder / "share"
        notes.write_bytes(self.box.checkpoints())
        key = ["--key", self.folder / f"trustee-{owner}.key", "-o", share, "--workers", "1"]
        files = ["--passphrase-file", self.folder / "pass", self.archive, notes]
        room = ["--code", code, "--present", str(self.size), "--cast", str(self.size), "--settled"]
        return self.command("trustee", "decrypt", *key, *room, *files)

    def share(self, *owners: int) -> None:
        """The same without a key file, for those who look at other things."""
        closed, notes = self.audited(), client_signing.read_notes(self.box.checkpoints())
        for owner in owners:
            state = remember_tally(self.trustees[owner - 1], closed.cast.tally.digest)
            letter = (self.folder / f"trustee-{owner}.txt").read_text().splitlines()[1]
            login = codes.parse(letter)
            registrar = Registrar.login(self.server, self.uuid, login)
            box = client_signing.closed_box(state, closed, notes)
            registrar.put(self.uuid, "share", client_signing.share(box, state))

    def audited(self) -> ClosedArchive:
        """The archive, found in order."""
        with self.archive.open("rb") as file:
            return audit_closed(rewinding(file), Report(), check_here)

    def publish(self) -> None:
        """Totals and the record."""
        status, _, err = self.command("session", "publish", self.uuid, "--yes")
        assert status == 0, err

    def _order(self, what: str, order: list[int] | None) -> list[int]:
        if order is None:
            order = list(range(len(self.voters)))
            secrets.SystemRandom().shuffle(order)
        self.orders[what] = order
        return order

    # ---- a chair who has the machine

    def shares(self) -> dict[int, bytes]:
        """What trustees have sent so far."""
        return self.with_books(lambda books: books.registrar.messages(self.uuid, "share"))

    def without(self, dropped: str) -> None:
        """Writes the archive anew without one ballot."""
        election = self.with_books(lambda books: books.session(self.uuid)).electronic.election
        with self.archive.open("rb") as file:
            closed = audit_closed(rewinding(file), Report(), check_here)
        ballots = [
            voter.ballot for voter in self.voters if voter.ballot and voter.tracker != dropped
        ]
        ballots.sort(key=b64_sha256)
        setup, total = closed.setup, testkit.product(election, ballots)
        writer = Writer(1_700_000_000)
        parts = [writer.head()]
        parts.append(writer.setup(election.raw, setup.trustees.encode(), setup.credentials_file))
        parts += [writer.ballot(raw) for raw in ballots]
        parts += [writer.end_ballots()]
        parts.append(writer.encrypted_tally(total.encode(), sized(total, len(ballots))))
        self.archive.write_bytes(b"".join(parts))


def _letters(count: int) -> str:
    return "".join(secrets.choice("abcdeghiklmnopqrstuvxy") for _ in range(count)).capitalize()
