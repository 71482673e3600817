"""A secretary's desk: a data directory, a draft, three trustees and voters without a server.

The way to a stage (`new`, `sealed` …) is gone once a worker; every other test at the same stage
of the same draft gets a copy of the folder, its keys, codes and uuid included.
"""

import asyncio
import csv
import json
import re
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.cli import main
from admin.documents.letters import LetterHead
from admin.record.audit import rewinding
from admin.record.opening import audit_closed
from admin.session import keys
from admin.session.books import Books, opened
from admin.session.datadir import DataDir
from admin.session.session import Session
from admin.voting import box, codes, invite, registrar
from crypto import ballot, ceremony, token
from crypto.audit.ballots import check_batch, check_here
from crypto.audit.report import Report
from crypto.blind import IssuerSecret
from crypto.committee import Moment
from crypto.encoding import to_base64
from crypto.group import G, random_scalar
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.tally import decrypt
from tests.worlds import committee
from tests.worlds.shelf import shelf

T = TypeVar("T")
NOW = 1_800_000_000
TRUSTEES, THRESHOLD = 3, 2
INCOMPLETE = 4


@dataclass
class Office:
    """Runs commands; plays the people who would otherwise come over the network."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    trustees: list[TrusteeState] = field(default_factory=list)
    secrets: dict[str, int] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def draft(self) -> Path:
        return self.folder / "draft"

    @property
    def uuid(self) -> str:
        line = next(
            line for line in (self.draft / "session.toml").read_text().splitlines()
            if line.startswith("uuid")
        )  # fmt: skip
        return line.split('"')[1]

    def change(self, **lines: str) -> None:
        """Writes these keys of the draft's form anew; an empty one is taken out."""
        path = self.draft / "session.toml"
        text = path.read_text("utf-8")
        for key, value in lines.items():
            text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}" if value else "", text)
        path.write_text(text, "utf-8")

    def run(self, *args: str) -> tuple[int, str, str]:
        """Exit status, stdout, stderr of a command over the data directory."""
        status = main.run([*args, "--data", str(self.data)])
        printed = self.capsys.readouterr()
        return status, printed.out, printed.err

    def session(self, *args: str) -> tuple[int, str, str]:
        """A `session` command over this session."""
        return self.run("session", args[0], self.uuid, *args[1:])

    def state(self) -> str:
        return str(self._shown()["state"])

    def waiting(self) -> dict[str, object] | None:
        """For whose signatures everybody waits."""
        waiting: dict[str, object] | None = self._shown()["waiting"]
        return waiting

    def _shown(self) -> dict[str, Any]:
        status, stdout, _ = self.run("session", "show", self.uuid, "--json")
        assert status == 0
        return dict(json.loads(stdout))

    def with_books(self, work: Callable[[Books], Awaitable[T]]) -> T:
        async def whole() -> T:
            async with opened(DataDir.open(self.data)) as books:
                return await work(books)

        return asyncio.run(whole())

    def with_session(self, work: Callable[[Books, Session], Awaitable[T]]) -> T:
        async def loaded(books: Books) -> T:
            return await work(books, await books.session(self.uuid))

        return self.with_books(loaded)

    def letter_head(self) -> LetterHead:
        """What stands on every letter."""
        session = self.with_books(lambda books: books.session(self.uuid))
        return invite.letter_head(DataDir.open(self.data).settings, session)

    # --- Everyone else ---------------------------------------------------------------------

    def ceremony(self) -> None:
        """Three trustees leave their messages with the registrar."""
        first = [ceremony.step1(i, TRUSTEES, THRESHOLD) for i in range(1, TRUSTEES + 1)]
        second = [ceremony.step2(state, [m for _, m in first]) for state, _ in first]
        third = [ceremony.step3(state, [m for _, m in second]) for state, _ in second]
        self.trustees = [state for state, _ in third]

        async def leave(books: Books) -> None:
            sent = {
                "step1": [message.encode() for _, message in first],
                "step2": [message.encode() for _, message in second],
                "step3": [message.encode() for _, message in third],
            }
            for kind, messages in sent.items():
                for owner, raw in enumerate(messages, start=1):
                    await books.registrar.put_message(
                        self.uuid, kind, owner, raw, during=State.DRAFT
                    )

        self.with_books(leave)

    def sign(self, *owners: int) -> None:
        """These trustees sign the proposed definition."""
        self._signed(Moment.DEFINITION, owners)

    def seal_box(self, *owners: int) -> None:
        """These trustees, or all, sign the opening: a quorum opens the vote."""
        self._signed(Moment.OPENING, owners or (1, 2, 3))

    def sign_close(self, *owners: int) -> None:
        """These trustees, or all, sign the closing."""
        self._signed(Moment.CLOSING, owners or (1, 2, 3))

    def _signed(self, moment: Moment, owners: Sequence[int]) -> None:
        states = [self.trustees[owner - 1] for owner in owners]
        self.with_books(lambda books: committee.sign(books, self.uuid, moment, states))

    def vote(self, letters: Path, choices: tuple[int | None, ...] | None) -> None:
        """Everyone with a letter checks in; with choices, they vote too."""
        with letters.open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        self.secrets = {row["stt"]: random_scalar() for row in rows} if choices is None else (
            self.secrets
        )  # fmt: skip

        async def all_of_them(books: Books) -> None:
            issuer = keys.issuer(books.datadir, self.uuid)
            for row in rows:
                if choices is None:
                    await self._check_in(books, issuer, row["ma"], self.secrets[row["stt"]])
                else:
                    await self._cast(books, self.secrets[row["stt"]], choices)

        self.with_books(all_of_them)

    async def _check_in(self, books: Books, issuer: IssuerSecret, code: str, secret: int) -> None:
        electronic = (await books.session(self.uuid)).electronic
        letters = codes.parse(code)
        bearer = await registrar.login(books.registrar, self.uuid, letters, NOW)
        who = await registrar.who(books.registrar, bearer.text, NOW)
        request = token.request_token(issuer.public, electronic.election.phi, G**secret)
        answer = await registrar.token(books.registrar, issuer, who, request.blinded_message, "cli")
        made = token.receive_token(
            issuer.public, electronic.election.phi, G**secret, answer, request
        )
        await box.register(
            books.box, electronic.election, electronic.parameters, (G**secret).hex, to_base64(made)
        )

    async def _cast(self, books: Books, secret: int, choices: tuple[int | None, ...]) -> None:
        election = (await books.session(self.uuid)).electronic.election
        raw, _ = ballot.prepare(election, secret, choices)
        assert await box.admit(books.box, election, raw) is not None
        await box.store(books.box, election, raw, check_batch(election.raw, 1, [raw]))

    def shares(self, *owners: int) -> dict[int, bytes]:
        """Share files of these trustees for the closed archive."""
        with DataDir.open(self.data).archive(self.uuid).open("rb") as file:
            closed = audit_closed(rewinding(file), Report(), check_here)
        election, total = closed.setup.election, closed.cast.tally
        return {
            owner: decrypt(election, total, owner, self.trustees[owner - 1].secret).encode_file(
                election.phi
            )
            for owner in owners
        }

    def share(self, *owners: int) -> None:
        """These trustees send their shares of the closed archive."""
        shares = self.shares(*owners)

        async def leave(books: Books) -> None:
            for owner, raw in shares.items():
                await books.registrar.put_message(
                    self.uuid, "share", owner, raw, during=State.CLOSED
                )

        self.with_books(leave)


# --- Stages ------------------------------------------------------------------------------------

_reached: dict[tuple[str, bytes], Office] = {}


def lived_in(draft: Path) -> None:
    """Makes a draft somebody's own, with the template's names and all officials on one ballot."""
    form = draft / "session.toml"
    form.write_text(re.sub('(?m)^(body = ".*?) ?…"$', r'\1"', form.read_text("utf-8")), "utf-8")
    for stem, day in (("officials", "Ngày bầu, bổ nhiệm"), ("roster", "Ngày sinh")):
        path = draft / f"{stem}.xlsx"
        book = openpyxl.load_workbook(path)
        rows = list(book.active.iter_rows())
        heads = [cell.value for cell in rows[0]]
        column, block = heads.index(day), heads.index("Khối") if stem == "officials" else 0
        for row in rows[1:]:
            row[column].value = "03/02/1971" if stem == "roster" else "02/07/2021"
            if stem == "officials":
                row[block].value = None
        book.save(path)


def new(folder: Path, capsys: pytest.CaptureFixture[str], template: str = "") -> Office:
    """A fresh data directory and the draft of a template."""

    def begin(office: Office) -> None:
        assert office.run("init", str(office.data))[0] == 0
        named = ("--template", template) if template else ()
        assert office.run("session", "new", str(office.draft), "--electronic", *named)[0] == 0
        lived_in(office.draft)
        # Where a test does not say otherwise: all three sign, two of them open the totals.
        office.change(trustees=str(TRUSTEES), threshold=str(THRESHOLD))

    return reach(Office(folder, capsys), f"new {template}", begin)


def registered(office: Office) -> Office:
    """The server knows the draft, and trustees have codes: the seal waits for their keys."""

    def register(office: Office) -> None:
        assert office.run("session", "seal", str(office.draft))[0] == INCOMPLETE

    return reach(office, "registered", register)


def proposed(office: Office) -> Office:
    """The trustees have held their ceremony; the definition waits for their signatures."""

    def propose(office: Office) -> None:
        if not (office.draft / "codes").exists():
            registered(office)
        office.ceremony()
        office.run("session", "seal", str(office.draft))

    return reach(office, "proposed", propose)


def sealed(office: Office) -> Office:
    """Sealed by three trustees."""

    def seal(office: Office) -> None:
        proposed(office).sign(1, 2, 3)
        assert office.run("session", "seal", str(office.draft))[0] == 0

    return reach(office, "sealed", seal)


def checked_in(office: Office) -> Office:
    """All voters have collected, with `letters.csv`, and are counted."""

    def check_in(office: Office) -> None:
        letters = sealed(office).folder / "letters.csv"
        assert office.run("roster", "letters", office.uuid, "-o", str(letters))[0] == 0
        assert office.session("checkin")[0] == 0
        office.vote(letters, None)
        assert office.session("present", "--count", "12")[0] == 0

    return reach(office, "checked in", check_in)


def closed(office: Office) -> Office:
    """Everyone has voted high, medium, low, blank, high."""

    def close(office: Office) -> None:
        assert checked_in(office).session("open", "--yes")[0] == 0
        office.seal_box()
        office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
        assert office.session("close", "--in", "0", "--yes")[0] == 0
        office.sign_close()

    return reach(office, "closed", close)


def sealed_on_paper(office: Office) -> Office:
    """Its only channel is paper."""

    def seal(office: Office) -> None:
        office.change(channels='["paper"]', trustees="", threshold="")
        assert office.run("session", "seal", str(office.draft))[0] == 0

    return reach(office, "sealed on paper", seal)


def reach(office: Office, stage: str, way: Callable[[Office], None]) -> Office:
    """Goes the way, or copies the folder of who has gone it from the very same folder."""
    key = stage, _digest(office.folder)
    if key in _reached:
        before = _reached[key]
        shutil.rmtree(office.folder, ignore_errors=True)
        shutil.copytree(before.folder, office.folder)
    else:
        way(office)
        before = _reached[key] = replace(office, folder=_shelf() / str(len(_reached)))
        shutil.copytree(office.folder, before.folder)
    office.trustees, office.secrets = before.trustees[:], before.secrets.copy()
    return office


def _digest(folder: Path) -> bytes:
    """Names and contents of all files; nothing else leads from one stage to the next."""
    whole = sha256()
    for path in sorted(folder.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        whole.update(sha256(str(path.relative_to(folder)).encode()).digest())
        whole.update(sha256(content).digest())
    return whole.digest()


@cache
def _shelf() -> Path:
    return shelf("offices-")
