"""Paper beside tokens: never both, never in the record; ballots printed, and entered by keys."""

import asyncio
import csv
import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from admin.paper import ballots
from admin.record.audit import AuditOptions, audit_file
from admin.rules.channel import Pile
from admin.session import keys
from admin.session.books import Books
from admin.voting import codes, registrar
from storage.books import open_registrar
from storage.errors import PaperIssued
from storage.registrar.tables import issued
from storage.rows import PAPERS
from tests.worlds import office as offices
from tests.worlds.office import NOW, Office
from tests.worlds.paper import say, table, voted

pytestmark = pytest.mark.slow


class TestMixed:
    def sealed(self, office: Office) -> Office:
        office.change(min_ballots="5")
        offices.sealed(office).session("checkin")
        return office

    def tokens(self, office: Office, *numbers: str) -> Path:
        """These people check in electronically."""
        path = office.folder / "letters.csv"
        only = [part for number in numbers for part in ("--only", number)]
        assert office.run("roster", "letters", office.uuid, *only, "-o", str(path))[0] == 0
        office.vote(path, None)
        return path

    def test_nobody_has_both(self, office: Office):
        """Whichever came first; each refusal is in its own words."""
        self.sealed(office)
        self.tokens(office, "1")
        status, _, err = say(office, "issue", "2", "1")
        assert (status, "1. Nguyễn Văn An has an electronic ballot" in err) == (5, True)
        say(office, "issue", "2")
        path = office.folder / "second.csv"
        office.run("roster", "letters", office.uuid, "--only", "2", "-o", str(path))
        with path.open(encoding="utf-8-sig") as file:
            (row,) = csv.DictReader(file)

        async def ask(books: Books) -> None:
            letters = codes.parse(row["ma"])
            bearer = await registrar.login(books.registrar, office.uuid, letters, NOW)
            who = await registrar.who(books.registrar, bearer.text, NOW)
            issuer = keys.issuer(books.datadir, office.uuid)
            blinded = bytes(issuer.public.n.bit_length() // 8 - 1) + b"\x02"
            await registrar.token(books.registrar, issuer, who, blinded, "cli")

        with pytest.raises(PaperIssued):
            office.with_books(ask)

    def test_the_record_has_of_paper_only_how_many_are_out(self, office: Office):
        """Whatever is entered of them, it is the same record; other numbers contradict it."""
        self.sealed(office)
        letters = self.tokens(office, "1", "2", "3", "4", "5", "6")
        say(office, "issue", "7-11")
        assert office.session("present", "--count", "10")[0] == 5
        office.session("present", "--count", "11")
        assert office.session("open")[0] == 0
        assert say(office, "issue", "12", "--late")[0] == 0
        office.seal_box()
        office.vote(letters, (0, 1, 2, None, 0))
        assert office.session("close", "--in", "0")[0] == 0
        office.sign_close()
        office.share(1, 2)
        status, _, err = office.session("publish")
        assert (status, "6 paper ballots are out and not entered" in err) == (0, True)
        record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
        written = record.read_bytes()
        outcome = audit_file(record, AuditOptions())
        assert outcome.error is None
        assert outcome.counts is not None
        assert (outcome.counts.present, outcome.counts.issued, outcome.counts.cast) == (11, 6, 6)

        auditors = str(office.folder / "auditor.zip")
        assert office.run("record", "export", office.uuid, "--auditor", "-o", auditors)[0] == 0
        status, stdout, _ = office.run("audit", str(record), "--auditor", auditors)
        assert (status, "6 ballots on paper" in stdout) == (0, True)

        counts = ((6, 0, 0), (0, 6, 0), (0, 0, 6), (1, 1, 3), (2, 2, 2))
        for by in ("An", "Bình"):
            path = table(office, counts)
            assert say(office, "enter", path, "--by", by, "--collected", "6")[0] == 0
        assert office.session("publish")[0] == 0
        assert record.read_bytes() == written

        asyncio.run(without_paper(office.data))
        status, _, err = office.session("publish")
        assert (status, "does not pass its own audit" in err) == (3, True)
        assert record.read_bytes() == written

    def test_the_column_is_for_the_minutes(self, office: Office):
        """Issued, late, exchanged and unused ones; sums once two people agree."""
        self.sealed(office)
        self.tokens(office, "1", "2", "3", "4", "5", "6")
        say(office, "issue", "7-11")
        office.session("present", "--count", "11")
        office.session("open")
        office.seal_box()
        say(office, "issue", "12", "--late")
        office.session("close", "--in", "0")
        totals = office.with_session(lambda books, session: ballots.count(books.registrar, session))
        assert (totals.issued, totals.late, totals.sums) == (6, 1, None)
        counts = ((6, 0, 0), (0, 6, 0), (0, 0, 6), (1, 1, 3), (2, 2, 2))
        for by in ("An", "Bình"):
            path = table(office, counts)
            assert say(office, "enter", path, "--by", by, "--collected", "6")[0] == 0

        totals = office.with_session(lambda books, session: ballots.count(books.registrar, session))
        assert totals.sums is not None
        assert (totals.sums.piles, totals.by) == ((Pile(6, 0),), ("An", "Bình"))
        assert [(marks.levels, marks.blank) for marks in totals.sums.officials] == [
            *(((6, 0, 0), 0), ((0, 6, 0), 0), ((0, 0, 6), 0)),
            *(((1, 1, 3), 1), ((2, 2, 2), 0)),
        ]


async def without_paper(data: Path) -> None:
    """Takes every paper ballot out of the book, as if there had been none."""
    book = await open_registrar(f"sqlite:///{data}/registrar.db")
    async with book._database.write() as tx:
        await tx.execute(issued.delete().where(issued.c.channel.in_(PAPERS)))
    await book.close()


class TestBallots:
    def test_of_a_draft_and_of_its_session_are_the_same(self, office: Office):
        """They can be printed weeks before."""
        office.change(channels='["paper"]', trustees="", threshold="")
        first, second = office.folder / "first.pdf", office.folder / "second.pdf"
        status, stdout, _ = office.run(
            "paper", "ballots", str(office.draft), "-o", str(first), "--copies", "2", "--json"
        )
        assert (status, json.loads(stdout)["blocks"]) == (0, 1)
        office.run("session", "seal", str(office.draft))
        assert say(office, "ballots", "-o", str(second), "--copies", "2")[0] == 0

        assert first.read_bytes() == second.read_bytes()

    def test_of_a_draft_without_paper_there_are_none(self, office: Office):
        office.change(channels='["cli"]')
        path = office.folder / "ballots.pdf"
        status, _, _ = office.run("paper", "ballots", str(office.draft), "-o", str(path))
        assert (status, path.exists()) == (5, False)


class TestKeys:
    """A person at a terminal, as the program sees one."""

    def typed(self, office: Office, keys: str, *, kill: bool = False) -> tuple[int, str]:
        """Exit status and screen after these keys; with `kill` the process dies after them."""
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "admin.cli.main", "paper", "enter", office.uuid]
        process = subprocess.Popen(
            [*command, "--by", "Nguyễn An", "--data", str(office.data)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "PHIEUKIN_LANG": "en", "PYTHONUTF8": "1"},
        )
        os.close(theirs)
        screen = b""
        waiting = list(keys)
        asked = re.compile(rb"(: |correct |again |entered\? \d*)$")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if not select.select([ours], [], [], 20)[0]:
                process.kill()
                pytest.fail(f"no more questions after: {screen.decode()[-300:]}")
            try:
                screen += os.read(ours, 4096)
            except OSError:  # the process has ended
                break
            if asked.search(screen):
                if not waiting:
                    if kill:
                        process.kill()
                    break
                os.write(ours, waiting.pop(0).encode())
        os.close(ours)  # whoever still waits for a key finds the terminal gone
        status = process.wait(timeout=30)
        return status, screen.decode()

    def test_ballots_are_entered_by_keys(self, on_paper: Office):
        """Interrupted, killed, corrected; the same sums as the other person's table."""
        office = voted(on_paper, ballots="1-10")
        changed_counts = ((10, 0, 0), (0, 10, 0), (0, 0, 10), (9, 0, 0), (1, 9, 0))
        ballot = "12311\n"
        status, screen = self.typed(office, "12312\n" + "12312\n" + "q")
        assert (status, "ballot 3" in screen) == (0, True)
        status, screen = self.typed(office, "12332\x7f\x7f12\n1", kill=True)
        assert "ballot 3" in screen
        status, screen = self.typed(office, ballot + "u" + "12302\n" + "12312\n" * 5 + "12311\nf")
        assert "ballot 4" in screen
        assert "ballot 11" in screen
        path = table(office, changed_counts)
        assert say(office, "enter", path, "--by", "Bình", "--collected", "10")[0] == 0
        status, screen = self.typed(office, "f10\n")

        assert (status, "agrees" in screen) == (0, True)
        assert not re.search(r"\b9\b", screen)

    def test_it_needs_a_terminal(self, on_paper: Office):
        voted(on_paper)
        assert say(on_paper, "enter", "--by", "An")[0] == 2
