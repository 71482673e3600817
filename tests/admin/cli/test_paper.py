"""`phieukin paper`: issuing, entering, and sessions on paper only."""

import json
import re

import pytest

from tests.worlds.office import Office, sealed, sealed_on_paper
from tests.worlds.paper import COUNTS, enter, say, table, voted

pytestmark = pytest.mark.slow


class TestOnPaperOnly:
    def test_from_the_roster_to_the_results(self, on_paper: Office):
        """No key, no token, no record; percentages and findings as of every session."""
        office = on_paper
        assert not list((office.draft / "codes").iterdir())
        voted(office)
        assert office.session("publish")[0] == 5
        assert enter(office, "Nguyễn An")[0] == 0
        assert office.session("publish")[0] == 5
        status, stdout, _ = enter(office, "Trần Bình")
        assert (status, "agrees" in stdout) == (0, True)
        status, stdout, _ = office.session("publish", "--json")
        document = json.loads(stdout)

        assert (status, office.state()) == (0, "published")
        assert document["denominator"] == {"kind": "collected", "value": 11}
        assert document["officials"][3]["counts"] == {"high": 1, "medium": 2, "low": 7, "blank": 1}
        assert document["officials"][3]["percent"]["low"] == "63,64"
        assert document["officials"][3]["finding"]["code"] == "low_over_half"
        results = office.data / "archives" / f"{office.uuid}.results.json"
        assert json.loads(results.read_text("utf-8")) == document
        assert not list((office.data / "archives").glob("*.zip"))
        assert office.session("publish")[0] == 0

    def test_what_belongs_to_keys_says_that_it_votes_on_paper(self, on_paper: Office):
        """Nothing breaks, and nothing is half done."""
        voted(on_paper)
        change = ("--add", "Đỗ Thị Mới", "--reason", "x")
        status, _, err = on_paper.run("roster", "amend", on_paper.uuid, *change)
        assert (status, "votes on paper" in err) == (5, True)
        letters = on_paper.folder / "codes.csv"
        status, _, err = on_paper.run("roster", "letters", on_paper.uuid, "-o", str(letters))
        assert (status, "nobody needs a code" in err, letters.exists()) == (5, True, False)
        status, _, err = on_paper.run("tally", "combine", on_paper.uuid, on_paper.uuid)
        assert status != 0

    def test_the_draft_may_name_trustees_all_the_same(self, office: Office):
        """They are not used, and it says so."""
        office.change(channels='["paper"]')
        status, _, err = office.run("session", "check", str(office.draft))
        assert (status, "trustees and threshold are not used" in err) == (0, True)

    def test_trustees_are_needed_for_every_other(self, office: Office):
        """Without keys only paper."""
        office.change(trustees="", threshold="")
        assert office.run("session", "check", str(office.draft))[0] == 5

    def test_the_quorum_is_checked(self, on_paper: Office):
        """As in every session; the state stays."""
        on_paper.session("checkin")
        assert on_paper.session("open")[0] == 5
        on_paper.session("present", "--count", "7")
        status, _, err = on_paper.session("open")
        assert (status, "7 are present, 2/3 of 12 people" in err, on_paper.state()) == (
            5,
            True,
            "checkin",
        )

    def test_who_was_not_summoned_counts_for_the_quorum_of_a_council(self, office: Office):
        """Of 13 delegates 12 are summoned: 8 present are two thirds of the one number alone."""
        form = office.draft / "session.toml"
        text = form.read_text("utf-8").replace("# delegates = 53", "delegates = 13")
        form.write_text(text, "utf-8")
        sealed_on_paper(office).session("checkin")
        office.session("present", "--count", "8")
        status, _, err = office.session("open")
        assert (status, "8 are present, 2/3 of 13 people" in err) == (5, True)
        office.session("present", "--count", "9")
        assert office.session("open")[0] == 0

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
        status, stdout, err = say(on_paper, "issue", "1-2", "nguyễn văn an", "5", "--json")
        assert (status, "is named twice" in err) == (5, True)
        status, stdout, _ = say(on_paper, "issue", "2-3", "nguyễn văn  an", "--json")
        assert (status, [person["number"] for person in json.loads(stdout)["people"]]) == (
            0,
            [2, 3, 1],
        )

    @pytest.mark.parametrize(
        ("who", "told"),
        [
            (["3", "13"], "13: no number and no name"),
            (["3", "Nguyễn Văn"], "Nguyễn Văn: not on the roster"),
            (["3", "1"], "1. Nguyễn Văn An has a paper ballot already"),
        ],
    )
    def test_of_those_named_all_or_none_get_one(self, on_paper: Office, who: list[str], told: str):
        """The refusal names who it was."""
        on_paper.session("checkin")
        say(on_paper, "issue", "1")
        status, _, err = say(on_paper, "issue", *who)
        assert (status, told in err) == (5, True)
        _, stdout, _ = on_paper.session("show", "--json")
        assert json.loads(stdout)["paper"] == {"issued": 1, "late": 0}

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
        _, stdout, _ = on_paper.session("show", "--json")
        assert json.loads(stdout)["paper"] == {"issued": 12, "late": 4}

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
        _, stdout, _ = say(on_paper, "show", "--json")
        document = json.loads(stdout)
        numbers = [document[name] for name in ("issued", "late", "exchanged", "unused")]
        assert numbers == [2, 0, 1, 1]

    def test_none_after_the_close(self, on_paper: Office):
        voted(on_paper)
        for what in ("issue", "withdraw", "exchange"):
            assert say(on_paper, what, "12")[0] == 5

    def test_a_session_without_paper_gives_none(self, office: Office):
        """Its channels are settled by the seal."""
        office.change(channels='["cli"]')
        sealed(office).session("checkin")
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
        status, stdout, _ = say(office, "log", "--json")
        rows = json.loads(stdout)["entries"]

        assert [row["by"] for row in rows] == ["Nguyễn An", "Trần Bình", "Lê Chi"]
        assert [row["same_as"] for row in rows] == [[3], [], [1]]
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d", row["moment"]) for row in rows)
        assert "Trần Bình" in say(office, "log")[1]
        assert office.session("publish")[0] == 0

    def test_one_person_is_not_two(self, on_paper: Office):
        """Whatever the spaces and capitals of the name."""
        office = voted(on_paper)
        enter(office, "Nguyễn An")
        status, stdout, _ = enter(office, " nguyễn  AN ")
        assert (status, "a second person" in stdout) == (0, True)
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
        document = json.loads(say(office, "show", "--json")[1])
        assert (document["counted_by"], document["officials"]) == (["An", "Bình"], None)
        office.session("publish")
        document = json.loads(say(office, "show", "--json")[1])
        assert document["officials"][0]["counts"] == {"high": 6, "medium": 4, "low": 0, "blank": 0}


def test_its_letters_ask_for_no_phone(on_paper: Office):
    """The code is for reading the papers; the page that cannot vote is not named."""
    head = on_paper.letter_head()
    assert (head.paper, head.pages, head.backup) == (True, False, False)
