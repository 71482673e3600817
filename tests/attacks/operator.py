"""Who has the machine, with both books and every key on it, and what phones are shown of it.

The sessions of this module are copies of a sitting's folder: each forgery is made in one of its
own, by direct writing to the books and by the server's own keys, and served as any other.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from admin.lifecycle import seal, steps
from admin.session import keys
from admin.session.books import Books
from crypto import ballot, blind, checkpoint, note, token
from crypto.audit.archive import encode_credentials
from crypto.audit.evidence import encode_trackers
from crypto.encoding import b64_sha256
from crypto.group import Element, G, random_scalar
from crypto.lifecycle import State
from crypto.note import Note
from crypto.session import Election
from tests.attacks.relay import Request, relaying
from tests.attacks.sitting import Sitting, Told
from tests.worlds import hall
from tests.worlds.quick import QUICK

BOX, REGISTRAR = "box.db", "registrar.db"


@dataclass(frozen=True)
class Operator:
    """Whoever has the machine of a session.

    Attributes:
        sitting: a copy, which nobody else has.
    """

    sitting: Sitting

    @property
    def uuid(self) -> str:
        return self.sitting.uuid

    @property
    def election(self) -> Election:
        return self.sitting.with_books(lambda books: books.session(self.uuid)).electronic.election

    def change(self, book: str, statement: str, *values: object) -> None:
        """Writes to a book as nobody should."""
        with closing(sqlite3.connect(self.sitting.data / book)) as connection, connection:
            connection.execute(statement, values)

    def ballots(self) -> list[tuple[str, bytes]]:
        """Tracker and credential of each ballot."""
        with closing(sqlite3.connect(self.sitting.data / BOX)) as connection:
            return connection.execute("SELECT tracker, credential FROM ballots").fetchall()

    def notes(self) -> dict[State, Note]:
        """The checkpoints in the box's book."""
        raw = self.sitting.with_books(lambda books: books.box.notes(self.uuid))
        return {state: note.parse(signed) for state, signed in raw.items()}

    def listed(self) -> bytes:
        """The list of credentials in the box's book, as the box shows it."""
        rows = self.sitting.with_books(lambda books: books.box.credentials(self.uuid))
        return encode_credentials(Element(credential) for credential, _ in rows)

    def trackers(self) -> bytes:
        """The list of trackers of what is in the box's book."""
        trackers = self.sitting.with_books(lambda books: books.box.trackers(self.uuid))
        return encode_trackers(trackers)

    # ---- forgeries

    def drop(self, tracker: str) -> None:
        """A ballot is not there any more."""
        self.change(BOX, "DELETE FROM ballots WHERE tracker = ?", tracker)

    def stuff(self, count: int, choices: Sequence[int | None] | None, keep: bytes = b"") -> None:
        """All credentials are of the operator's making but one; all ballots, too.

        Args:
            choices: on the operator's ballots; None before there are any.
            keep: the credential of the one whose vote is to be singled out.
        """
        election, issuer = self.election, keys.issuer(self.sitting.datadir, self.uuid)
        for table in ("ballots", "credentials"):
            self.change(BOX, f"DELETE FROM {table} WHERE credential != ?", keep)  # noqa: S608
        for _ in range(count):
            secret = random_scalar()
            credential = G**secret
            asked = token.request_token(issuer.public, election.phi, credential)
            answer = blind.blind_sign(issuer, asked.blinded_message)
            signed = token.receive_token(issuer.public, election.phi, credential, answer, asked)
            row = (self.uuid, credential.raw, signed)
            self.change(BOX, "INSERT INTO credentials VALUES (?, ?, ?)", *row)
            if choices is not None:
                raw, _ = ballot.prepare(election, secret, list(choices))
                stuffed = (self.uuid, credential.raw, b64_sha256(raw), raw)
                self.change(BOX, "INSERT INTO ballots VALUES (?, ?, ?, ?)", *stuffed)

    def forget(self, *states: State) -> None:
        """No checkpoint of these states was ever signed, by anybody."""
        for state in states:
            for book in (BOX, REGISTRAR):
                self.change(book, "DELETE FROM notes WHERE state = ?", state)
            kind = {State.OPEN: "opening", State.CLOSED: "closing"}[state]
            self.change(REGISTRAR, "DELETE FROM messages WHERE kind = ?", kind)

    def propose_again(self) -> None:
        """Another opening, of the list that is in the book now, under the server's keys."""
        self.forget(State.OPEN)
        self.sitting.with_books(lambda books: steps.open_voting(books, self.uuid))

    def close_again(self, *, reopen: bool = False) -> None:
        """Another archive and closing, of what is in the book now, under the server's keys.

        Args:
            reopen: whether there is to be another opening, too.
        """
        stated = checkpoint.Checkpoint.from_body(self.notes()[State.OPEN].text)
        self.forget(State.CLOSED, *([State.OPEN] if reopen else []))
        self.sitting.archive.unlink()
        listed, election = self.listed(), self.election

        async def work(books: Books) -> None:
            if reopen:
                opened = replace(
                    checkpoint.make(election, State.OPEN, stated.counts, listed),
                    issuance=stated.issuance,
                )
                await seal.sign(books, opened)
            await steps.close(books, self.uuid)

        self.sitting.with_books(work)

    # ---- what people see

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The server of what is in the books, for the length of the block."""
        with hall.serving(self.sitting.datadir, QUICK) as url:
            self.sitting.url = url
            yield

    def phone(self, number: int, **shown: bytes) -> tuple[Told, list[Request]]:
        """What a voter's own command says, and what it sent.

        Args:
            shown: other answers of the box, by the end of their path.
        """

        def lie(request: Request, answer: bytes) -> bytes:
            to_box = f"/api/v1/box/{self.uuid}/"
            return shown.get(request.path.removeprefix(to_box), answer)

        with relaying(self.sitting.url) as relay:
            relay.lie = lie
            return self.sitting.vote(number, relay.url), relay.seen[:]


def copied(sitting: Sitting, folder: Path) -> Sitting:
    """The whole folder of a session as it is now: data, key files, phones."""
    shutil.copytree(sitting.folder, folder, ignore=shutil.ignore_patterns("draft"))
    return replace(sitting, folder=folder, trustees=sitting.trustees[:])


def code(told: Told) -> str:
    """What was done, or the code of the refusal."""
    document = json.loads(told[1])
    return str(document.get("next") or document.get("done") or document["code"])
