"""`phieukin paper`: issued beside tokens, entered by two people, and sessions on paper only."""

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
from collections.abc import Sequence
from pathlib import Path

import pytest

from admin.record.audit import Options, audit_file
from admin.session import attend, codes, keys, paper
from admin.session.house import House
from storage.books import open_registrar
from storage.paper import PaperIssued
from storage.registrar_tables import issued
from storage.rows import PAPERS
from tests.admin.cli.office import NOW, Office

pytestmark = pytest.mark.slow

HEADER = "stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong"
COUNTS = ((6, 4, 0), (5, 3, 2), (7, 3, 0), (1, 2, 7), (4, 4, 1))  # of ten valid ballots


def changed(office: Office, **lines: str) -> Office:
    """The draft's form with these keys anew; an empty one is taken out."""
    path = office.draft / "session.toml"
    text = path.read_text("utf-8")
    for key, value in lines.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}" if value else "", text)
    path.write_text(text, "utf-8")
    return office


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    made = Office(tmp_path, capsys)
    assert made.run("init", str(made.data))[0] == 0
    assert made.run("session", "new", str(made.draft))[0] == 0
    return made


@pytest.fixture
def on_paper(office: Office) -> Office:
    """A sealed session whose only channel is paper."""
    changed(office, channels='["paper"]', trustees="", threshold="")
    assert office.run("session", "seal", str(office.draft))[0] == 0
    return office


def say(office: Office, *args: str) -> tuple[int, str, str]:
    return office.run("paper", args[0], office.uuid, *args[1:])


def officials(office: Office) -> list[str]:
    with (office.draft / "csv" / "officials.csv").open(encoding="utf-8-sig") as file:
        return [row["Họ và tên"] for row in csv.DictReader(file)]


def table(office: Office, counts: Sequence[Sequence[int]] = COUNTS, name: str = "counts") -> str:
    """A CSV of these counts."""
    path = office.folder / f"{name}.csv"
    rows = [
        f"{i},{who},," + ",".join(map(str, line)) + ","
        for i, (who, line) in enumerate(zip(officials(office), counts, strict=True), start=1)
    ]
    path.write_text("\n".join([HEADER, *rows]), "utf-8")
    return str(path)


def voted(office: Office, present: int = 12, ballots: str = "1-11") -> Office:
    """A session on paper after its close."""
    office.session("checkin")
    office.session("present", "--count", str(present))
    assert say(office, "issue", ballots)[0] == 0
    assert office.session("open")[0] == 0
    assert office.session("close")[0] == 0
    return office


def enter(
    office: Office, by: str, counts: Sequence[Sequence[int]] = COUNTS
) -> tuple[int, str, str]:
    numbers = ("--collected", "11", "--invalid", "1")
    return say(office, "enter", table(office, counts), "--by", by, *numbers)


class TestOnPaperOnly:
    def test_from_the_roster_to_the_results(self, on_paper: Office):
        """No key, no token, no record; percentages and findings as of every session."""
        office = on_paper
        assert not list((office.draft / "codes").iterdir())
        voted(office)
        assert office.session("publish")[0] == 5
        assert enter(office, "Nguyễn An")[0] == 0
        assert office.session("publish")[0] == 5
        status, out, _ = enter(office, "Trần Bình")
        assert (status, "agrees" in out) == (0, True)
        status, out, _ = office.session("publish", "--json")
        found = json.loads(out)

        assert (status, office.state()) == (0, "published")
        assert found["denominator"] == {"kind": "collected", "value": 11}
        assert found["officials"][3]["counts"] == {"high": 1, "medium": 2, "low": 7, "blank": 1}
        assert found["officials"][3]["percent"]["low"] == "63,64"
        assert found["officials"][3]["finding"]["code"] == "low_over_half"
        kept = office.data / "archives" / f"{office.uuid}.results.json"
        assert json.loads(kept.read_text("utf-8")) == found
        assert not list((office.data / "archives").glob("*.zip"))
        assert office.session("publish")[0] == 0

    def test_what_belongs_to_keys_says_that_it_votes_on_paper(self, on_paper: Office):
        """Nothing breaks, and nothing is half done."""
        voted(on_paper)
        change = ("--add", "Đỗ Thị Mới", "--reason", "x")
        status, _, err = on_paper.run("roster", "amend", on_paper.uuid, *change)
        assert (status, "votes on paper" in err) == (5, True)
        status, _, err = on_paper.run("tally", "combine", on_paper.uuid, on_paper.uuid)
        assert status != 0

    def test_the_draft_may_name_trustees_all_the_same(self, office: Office):
        """They are not used, and it says so."""
        changed(office, channels='["paper"]')
        status, _, err = office.run("session", "check", str(office.draft))
        assert (status, "trustees and threshold are not used" in err) == (0, True)

    def test_trustees_are_needed_for_every_other(self, office: Office):
        """Without keys only paper."""
        changed(office, trustees="", threshold="")
        assert office.run("session", "check", str(office.draft))[0] == 5

    def test_the_quorum_is_checked(self, on_paper: Office):
        """As in every session; the state stays."""
        on_paper.session("checkin")
        assert on_paper.session("open")[0] == 5
        on_paper.session("present", "--count", "7")
        status, _, err = on_paper.session("open")
        assert (status, "7 of 12 summoned" in err, on_paper.state()) == (5, True, "checkin")

    def test_it_is_sealed_once(self, on_paper: Office):
        assert on_paper.run("session", "seal", str(on_paper.draft))[0] == 5

    def test_another_begins_from_it(self, on_paper: Office):
        """With the same rules and people."""
        again = on_paper.folder / "again"
        status, _, _ = on_paper.run("session", "new", str(again), "--from", on_paper.uuid)
        assert status == 0
        assert 'channels = ["paper"]' in (again / "session.toml").read_text("utf-8")


class TestIssuing:
    def test_people_are_named_by_number_range_or_name(self, on_paper: Office):
        on_paper.session("checkin")
        status, out, err = say(on_paper, "issue", "1-2", "nguyễn văn an", "5", "--json")
        assert (status, "is named twice" in err) == (5, True)
        status, out, _ = say(on_paper, "issue", "2-3", "nguyễn văn  an", "--json")
        assert (status, [one["number"] for one in json.loads(out)["people"]]) == (0, [2, 3, 1])

    @pytest.mark.parametrize(
        ("who", "told"),
        [
            (["3", "13"], "13: no number and no name"),
            (["3", "Nguyễn Văn"], "Nguyễn Văn: no number"),
            (["3", "1"], "1. Nguyễn Văn An has a paper ballot already"),
        ],
    )
    def test_of_those_named_all_or_none_get_one(self, on_paper: Office, who: list[str], told: str):
        """The refusal names who it was."""
        on_paper.session("checkin")
        say(on_paper, "issue", "1")
        status, _, err = say(on_paper, "issue", *who)
        assert (status, told in err) == (5, True)
        _, out, _ = on_paper.session("show", "--json")
        assert json.loads(out)["paper"] == {"issued": 1, "late": 0}

    def test_more_ballots_than_people_are_refused(self, on_paper: Office):
        """In check-in as far as heads are counted; later with those who came late."""
        on_paper.session("checkin")
        on_paper.session("present", "--count", "8")
        status, _, err = say(on_paper, "issue", "1-9")
        assert (status, "only 8 are present" in err) == (5, True)
        assert say(on_paper, "issue", "1-8")[0] == 0
        assert on_paper.session("present", "--count", "7")[0] == 5
        assert on_paper.session("present", "--count", "13")[0] == 5
        on_paper.session("open")
        assert say(on_paper, "issue", "9")[0] == 5
        assert say(on_paper, "issue", "9", "--late")[0] == 0
        assert say(on_paper, "issue", "10-12", "--late")[0] == 0
        _, out, _ = on_paper.session("show", "--json")
        assert json.loads(out)["paper"] == {"issued": 12, "late": 4}

    def test_few_ballots_are_warned_of(self, on_paper: Office):
        """They could not be counted on their own."""
        on_paper.session("checkin")
        assert "under 10" in say(on_paper, "issue", "1-9")[2]
        assert "under 10" in on_paper.session("show")[2]
        assert "under 10" not in say(on_paper, "issue", "10")[2]
        assert "under 10" not in on_paper.session("show")[2]

    def test_exchanged_and_unused_ones_are_counted(self, on_paper: Office):
        on_paper.session("checkin")
        say(on_paper, "issue", "1-3")
        assert say(on_paper, "exchange", "2")[0] == 0
        assert say(on_paper, "withdraw", "3")[0] == 0
        assert say(on_paper, "exchange", "3")[0] == 5
        _, out, _ = say(on_paper, "show", "--json")
        found = json.loads(out)
        numbers = [found[name] for name in ("issued", "late", "exchanged", "unused")]
        assert numbers == [2, 0, 1, 1]

    def test_none_after_the_close(self, on_paper: Office):
        voted(on_paper)
        for what in ("issue", "withdraw", "exchange"):
            assert say(on_paper, what, "12")[0] == 5

    def test_a_session_without_paper_gives_none(self, office: Office):
        """Its channels are settled by the seal."""
        changed(office, channels='["cli"]')
        office.run("session", "seal", str(office.draft))
        office.ceremony()
        office.run("session", "seal", str(office.draft))
        office.sign(1, 2, 3)
        office.run("session", "seal", str(office.draft))
        office.session("checkin")
        assert say(office, "issue", "1")[0] == 5
        assert say(office, "ballots")[0] == 5


class TestEntering:
    def test_entries_that_disagree_are_refused_by_name_and_kept(self, on_paper: Office):
        """A third person settles; the log has all of them, with the hour and no minute."""
        office = voted(on_paper)
        other = ((5, 5, 0), *COUNTS[1:])
        enter(office, "Nguyễn An")
        status, _, err = enter(office, "Trần Bình", other)
        assert status == 5
        assert "1. Nguyễn Văn An, high: 6 (Nguyễn An), 5 (Trần Bình)" in err
        assert "1. Nguyễn Văn An, medium: 4 (Nguyễn An), 5 (Trần Bình)" in err
        assert office.session("publish")[0] == 5
        assert enter(office, "Lê Chi")[0] == 0
        assert enter(office, "Phạm Dũng", other)[0] == 5
        status, out, _ = say(office, "log", "--json")
        rows = json.loads(out)["entries"]

        assert [row["by"] for row in rows] == ["Nguyễn An", "Trần Bình", "Lê Chi"]
        assert [row["same_as"] for row in rows] == [[3], [], [1]]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d", row["moment"]) for row in rows)
        assert "Trần Bình" in say(office, "log")[1]
        assert office.session("publish")[0] == 0

    def test_one_person_is_not_two(self, on_paper: Office):
        """Whatever the spaces and capitals of the name."""
        office = voted(on_paper)
        enter(office, "Nguyễn An")
        status, out, _ = enter(office, " nguyễn  AN ")
        assert (status, "a second person" in out) == (0, True)
        assert office.session("publish")[0] == 5

    @pytest.mark.parametrize(
        ("numbers", "counts", "told"),
        [
            (("--collected", "12"), COUNTS, "collected 12 > issued 11"),
            (("--collected", "9"), COUNTS, "9 paper ballots, at least 10"),
            (("--collected", "11", "--issued", "12"), COUNTS, "issued is 12, but 11"),
            (("--collected", "11", "--invalid", "2"), COUNTS, "1. Nguyễn Văn An: marks .* 10 > 9"),
            (("--collected", "2=11"), COUNTS, "there is no khối 2"),
        ],
    )
    def test_numbers_that_cannot_be_are_refused(
        self, on_paper: Office, numbers: tuple[str, ...], counts: tuple[tuple[int, ...]], told: str
    ):
        """By name, and the log stays empty."""
        office = voted(on_paper)
        status, _, err = say(office, "enter", table(office, counts), "--by", "An", *numbers)
        assert status == 5
        assert re.search(told, err)
        assert json.loads(say(office, "log", "--json")[1])["entries"] == []

    def test_nothing_is_entered_before_the_close(self, on_paper: Office):
        on_paper.session("checkin")
        say(on_paper, "issue", "1-11")
        assert enter(on_paper, "An")[0] == 5

    def test_what_is_on_the_ballots_is_shown_with_the_totals_only(self, on_paper: Office):
        """Not even to those who entered it."""
        office = voted(on_paper)
        enter(office, "An")
        enter(office, "Bình")
        found = json.loads(say(office, "show", "--json")[1])
        assert (found["counted_by"], found["officials"]) == (["An", "Bình"], None)
        office.session("publish")
        found = json.loads(say(office, "show", "--json")[1])
        assert found["officials"][0]["counts"] == {"high": 6, "medium": 4, "low": 0, "blank": 0}


class TestMixed:
    def sealed(self, office: Office) -> Office:
        changed(office, min_ballots="5")
        office.run("session", "seal", str(office.draft))
        office.ceremony()
        office.run("session", "seal", str(office.draft))
        office.sign(1, 2, 3)
        assert office.run("session", "seal", str(office.draft))[0] == 0
        office.session("checkin")
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

        async def ask(house: House) -> None:
            half = codes.parse(row["ma"]).login
            bearer = await attend.login(house.registrar, office.uuid, half, NOW)
            who = await attend.who(house.registrar, bearer.text, NOW)
            issuer = keys.issuer(house.place, office.uuid)
            blinded = bytes(issuer.public.n.bit_length() // 8 - 1) + b"\x02"
            await attend.token(house.registrar, issuer, who, blinded, "cli")

        with pytest.raises(PaperIssued):
            office.in_house(ask)

    def test_paper_is_in_no_byte_of_the_record(self, office: Office):
        """The same record is written whether the registrar's book has paper ballots or not."""
        self.sealed(office)
        letters = self.tokens(office, "1", "2", "3", "4", "5", "6")
        say(office, "issue", "7-11")
        assert office.session("present", "--count", "10")[0] == 5
        office.session("present", "--count", "11")
        assert office.session("open")[0] == 0
        assert say(office, "issue", "12", "--late")[0] == 0
        office.vote(letters, (0, 1, 2, None, 0))
        assert office.session("close", "--in", "0")[0] == 0
        office.share(1, 2)
        assert office.session("publish")[0] == 0
        record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
        written = record.read_bytes()
        found = audit_file(record, Options())
        assert found.error is None
        assert found.counts is not None
        assert (found.counts.present, found.counts.issued, found.counts.cast) == (11, 6, 6)

        asyncio.run(without_paper(office.data))
        assert office.session("publish")[0] == 0

        assert record.read_bytes() == written

    def test_the_column_is_for_the_minutes(self, office: Office):
        """Issued, late, exchanged and unused ones; sums once two people agree."""
        self.sealed(office)
        self.tokens(office, "1", "2", "3", "4", "5", "6")
        say(office, "issue", "7-11")
        office.session("present", "--count", "11")
        office.session("open")
        say(office, "issue", "12", "--late")
        office.session("close", "--in", "0")
        found = office.in_house(lambda house: paper.column(house, office.uuid))
        assert (found.issued, found.late, found.collected, found.lines) == (6, 1, None, None)
        counts = ((6, 0, 0), (0, 6, 0), (0, 0, 6), (1, 1, 3), (2, 2, 2))
        for by in ("An", "Bình"):
            path = table(office, counts)
            assert say(office, "enter", path, "--by", by, "--collected", "6")[0] == 0

        found = office.in_house(lambda house: paper.column(house, office.uuid))
        assert (found.collected, found.invalid, found.by) == (6, 0, ("An", "Bình"))
        assert found.lines is not None
        assert [(line.marks, line.blank) for line in found.lines] == [
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
        changed(office, channels='["paper"]', trustees="", threshold="")
        first, second = office.folder / "first.pdf", office.folder / "second.pdf"
        status, out, _ = office.run(
            "paper", "ballots", str(office.draft), "-o", str(first), "--copies", "2", "--json"
        )
        assert (status, json.loads(out)["blocks"]) == (0, 1)
        office.run("session", "seal", str(office.draft))
        assert say(office, "ballots", "-o", str(second), "--copies", "2")[0] == 0

        assert first.read_bytes() == second.read_bytes()

    def test_of_a_draft_without_paper_there_are_none(self, office: Office):
        changed(office, channels='["cli"]')
        out = office.folder / "ballots.pdf"
        status, _, _ = office.run("paper", "ballots", str(office.draft), "-o", str(out))
        assert (status, out.exists()) == (5, False)


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
