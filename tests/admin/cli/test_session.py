"""`phieukin init`, `session`, `enrol`, `roster letters`, `doctor`: from a draft to a record."""

import json
import os
import shutil
import time
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from admin.lifecycle import seal, signing
from admin.lifecycle.steps import trial_day
from admin.record.audit import AuditOptions, audit_file
from admin.session import page
from admin.session.books import Books
from admin.voting import codes, registrar
from crypto import note
from crypto.checkpoint import MAX_AMENDMENTS, MAX_REASON
from crypto.committee import Moment
from crypto.encoding import sha256
from crypto.errors import BadCheckpoint, BadCode
from crypto.lifecycle import State
from storage.errors import CodeTaken
from tests.built import FILES, build
from tests.worlds.committee import signature
from tests.worlds.office import NOW, Office, checked_in, proposed, registered, sealed

pytestmark = pytest.mark.slow


class TestSeal:
    def test_waits_for_keys_then_for_signatures(self, office: Office):
        """Each run says what is missing, and only the last one seals."""
        status, _, err = office.run("session", "seal", str(office.draft))
        assert (status, "step 1 of trustees 1, 2, 3" in err) == (4, True)
        office.ceremony()
        status, _, err = office.run("session", "seal", str(office.draft))
        assert (status, "not yet signed by trustees 1, 2, 3" in err) == (5, True)
        office.sign(1, 3)
        status, _, err = office.run("session", "seal", str(office.draft))
        assert (status, "not yet signed by trustees 2" in err) == (5, True)
        assert office.state() == "draft"
        office.sign(2)
        assert office.run("session", "seal", str(office.draft))[0] == 0

        assert office.state() == "sealed"

    def test_a_signature_with_the_key_of_another_trustee_is_refused(self, office: Office):
        """Trustee 1 cannot sign in the name of trustee 2, who is not here, not even in the book."""
        proposed(office).sign(1, 3)
        office.trustees[1] = replace(office.trustees[0], index=2)
        with pytest.raises(BadCheckpoint, match="trustee-2"):
            office.sign(2)

        async def forge(books: Books) -> None:
            definition = await seal.proposal(books.registrar, office.uuid)
            assert definition is not None
            text = seal.seal_checkpoint(definition.election, definition.trustees).body
            forged = signature(office.uuid, Moment.DEFINITION, office.trustees[1], text)
            await books.registrar.put_message(office.uuid, "seal", 2, forged, during=State.DRAFT)

        office.with_books(forge)
        status, _, err = office.run("session", "seal", str(office.draft))

        assert (status, "signed by 2 of 3 trustees, not by 3" in err) == (3, True), err
        assert office.state() == "draft"

    def test_check_in_is_refused_before(self, office: Office):
        """Without every trustee's signature nobody gets a token."""
        registered(office)

        assert office.session("checkin")[0] == 5
        assert office.state() == "draft"

    def test_a_draft_that_changed_after_the_proposal_is_refused(self, office: Office):
        """What trustees are asked to sign does not change under them."""
        proposed(office)
        form = office.draft / "session.toml"
        form.write_text(form.read_text().replace("min_ballots = 10", "min_ballots = 8"))

        assert office.run("session", "seal", str(office.draft))[0] == 5
        assert office.state() == "draft"

    def test_a_page_that_was_built_anew_after_the_proposal_is_refused(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ):
        """What is sealed has the hashes of the page, and these are signed as they were proposed."""
        folder = build(office.folder / "dist")
        monkeypatch.setattr(page, "FOLDER", folder)
        proposed(office).sign(1, 2, 3)
        (folder / "voter.html").write_bytes(b"another")
        assert office.run("session", "seal", str(office.draft))[0] == 5
        assert office.state() == "draft"
        (folder / "voter.html").write_bytes(FILES["voter.html"])
        assert office.run("session", "seal", str(office.draft))[0] == 0
        session = office.with_books(lambda books: books.session(office.uuid))

        assert dict(session.session_file.page) == {
            name: sha256(body) for name, body in FILES.items()
        }
        sealed = session.electronic.parameters.session
        assert sealed == sha256(session.session_file.encode())

    def test_trustees_codes_are_shown_once(self, office: Office):
        """Each in a file of its own that only the owner can read."""
        registered(office)
        files = sorted((office.draft / "codes").iterdir())

        assert [file.name for file in files] == [f"trustee-{i}.txt" for i in (1, 2, 3)]
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
        assert len({file.read_text() for file in files}) == 3
        link, code = files[0].read_text().splitlines()
        assert link.endswith(f"/committee#s={office.uuid}&c={code}")


class TestLetters:
    def test_one_for_each_on_the_roster(self, office: Office):
        """Codes and links are in the file and nowhere else."""
        sealed(office)
        path = office.folder / "letters.csv"
        status, stdout, err = office.run("roster", "letters", office.uuid, "-o", str(path))
        lines = path.read_text("utf-8-sig").splitlines()

        assert (status, len(lines), path.stat().st_mode & 0o777) == (0, 13, 0o600)
        assert all(line.split(",")[2] not in stdout + err for line in lines[1:])

    def test_are_not_written_over(self, office: Office):
        """A second call needs another file."""
        sealed(office)
        path = str(office.folder / "letters.csv")
        office.run("roster", "letters", office.uuid, "-o", path)

        assert office.run("roster", "letters", office.uuid, "-o", path)[0] == 5

    def test_a_new_letter_takes_the_place_of_the_old(self, office: Office):
        """A lost letter can be replaced; the finder's code does not work any more."""
        sealed(office)
        first, second = office.folder / "first.csv", office.folder / "second.csv"
        office.run("roster", "letters", office.uuid, "-o", str(first))
        office.run("roster", "letters", office.uuid, "--only", "1", "-o", str(second))
        office.session("checkin")
        alone = office.folder / "one.csv"
        alone.write_text("\n".join(first.read_text("utf-8-sig").splitlines()[:2]), "utf-8-sig")

        with pytest.raises(Exception, match="not valid for this session"):
            office.vote(alone, None)
        office.vote(second, None)

    def test_a_number_off_the_roster_is_refused(self, office: Office):
        """The error names it."""
        sealed(office)
        path = str(office.folder / "letters.csv")
        status, _, err = office.run("roster", "letters", office.uuid, "--only", "13", "-o", path)

        assert (status, "no number 13" in err, Path(path).exists()) == (5, True, False)


class TestAmend:
    def test_changes_who_may_vote(self, office: Office):
        """Numbered and counted; the record holds it, and its roster is the changed one."""
        sealed(office)
        change = ["--add", "Đỗ Thị Mới", "--remove", "12", "--remove", "11", "--reason", "nghỉ"]
        status, stdout, _ = office.run("roster", "amend", office.uuid, *change)
        assert (status, "1 added, 2 removed" in stdout) == (0, True)
        _, shown, _ = office.run("session", "show", office.uuid, "--json")
        assert json.loads(shown)["roster"] == 11
        letters = office.folder / "letters.csv"
        office.run("roster", "letters", office.uuid, "-o", str(letters))
        office.session("checkin")
        office.vote(letters, None)
        office.session("present", "--count", "11")
        assert office.session("open")[0] == 0
        office.seal_box()
        office.vote(letters, (0, 0, 0, 0, 0))
        office.session("close", "--in", "0")
        office.sign_close()
        office.share(2, 3)
        assert office.session("publish")[0] == 0
        outcome = audit_file(
            office.data / "archives" / f"{office.uuid}.phieukin.zip", AuditOptions()
        )

        assert outcome.error is None
        assert outcome.counts is not None
        assert outcome.counts.roster == 11

    @pytest.mark.parametrize(
        "change",
        [[], ["--remove", "13"], ["--add", "Nguyễn Văn An"], ["--add", " "], ["--add", "A\u202eB"]],
    )
    def test_bad_changes(self, office: Office, change: list[str]):
        """Nothing, nobody, somebody twice, no name, a name that turns round."""
        sealed(office)
        status, _, _ = office.run("roster", "amend", office.uuid, *change, "--reason", "x")

        assert status in {3, 5}
        _, stdout, _ = office.run("session", "show", office.uuid, "--json")
        assert json.loads(stdout)["roster"] == 12

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("NguyÔn V¨n µn", "TCVN3"),
            ("=HYPERLINK(1)", "a formula"),
            ("Đỗ Thị\x07Mới", "U+0007"),
            ("M" * 201, "200"),
            ("12", "no letters"),
        ],
    )
    def test_a_name_is_checked_as_the_import_checks_it(
        self, office: Office, name: str, reason: str
    ):
        """All names at once, each with the number it would have had."""
        sealed(office)
        change = ("--add", "Đỗ Thị Mới", "--add", name, "--add", "?", "--reason", "x")
        status, _, err = office.run("roster", "amend", office.uuid, *change)

        assert (status, "--add: row 14: " in err, "--add: row 15: " in err) == (5, True, True)
        assert reason in err
        _, stdout, _ = office.run("session", "show", office.uuid, "--json")
        assert json.loads(stdout)["roster"] == 12

    def test_a_name_is_kept_as_the_import_keeps_it(self, office: Office):
        """Composed, spaces made one; the same name in another spelling is warned of, or refused."""
        sealed(office)
        amend = ("roster", "amend", office.uuid, "--reason", "x", "--add")
        decomposed = unicodedata.normalize("NFD", " Đỗ  Thị\u00a0Mới ")
        assert office.run(*amend, decomposed)[0] == 0
        people = office.with_books(lambda books: books.registrar.roster(office.uuid))
        assert people[-1].name == "Đỗ Thị Mới"
        status, _, err = office.run(*amend, "đỗ thị moi")
        assert (status, "may be Đỗ Thị Mới of row 13" in err) == (0, True)
        status, _, err = office.run(*amend, decomposed)
        assert (status, "is on the roster already" in err) == (5, True)

    def test_a_roster_stays_long_enough(self, office: Office):
        """Fewer than the import takes cannot be reached by removing."""
        sealed(office)
        gone = [part for place in range(5, 13) for part in ("--remove", str(place))]
        status, _, err = office.run("roster", "amend", office.uuid, *gone, "--reason", "x")

        assert (status, "4 rows" in err) == (5, True)

    def test_a_roster_stays_above_what_was_said_of_it(self, office: Office):
        """No result could be opened, or more were counted than there are: no record shall say so.

        Of more members than the body was sealed with somebody is told: percentages are of them.
        """
        sealed(office)
        amend = ("roster", "amend", office.uuid, "--reason", "x")
        few = [part for place in (10, 11, 12) for part in ("--remove", str(place))]
        status, _, err = office.run(*amend, *few)
        assert (status, "would have 9, but no fewer than 10 ballots" in err) == (5, True)
        status, _, err = office.run(*amend, "--add", "Đỗ Thị Mới")
        assert (status, "sealed with 12 members; the roster now has 13" in err) == (0, True)
        office.session("checkin")
        office.session("present", "--count", "13")
        status, _, err = office.run(*amend, "--remove", "13")
        assert (status, "13 were counted as present, but the roster would have 12" in err) == (
            5,
            True,
        )
        office.session("present", "--count", "12")
        assert office.run(*amend, "--remove", "13")[0] == 0

    def test_reasons_and_amendments_have_limits(self, office: Office):
        """Where they are made, for the record has no more room."""
        sealed(office)
        amend = ("roster", "amend", office.uuid, "--add", "Đỗ Thị Mới")
        status, _, err = office.run(*amend, "--reason", "x" * (MAX_REASON + 1))
        assert (status, "reason: text of 1 to 500 characters" in err) == (3, True)
        assert office.run(*amend, "--reason", "x" * MAX_REASON)[0] == 0

        async def as_often_as_may_be(books: Books) -> None:
            for number in range(2, MAX_AMENDMENTS + 1):
                await books.registrar.amend(office.uuid, number, b"x", b"", [], [])

        office.with_books(as_often_as_may_be)
        status, _, err = office.run(*amend[:-1], "Đỗ Thị Cũ", "--reason", "x")
        assert (status, "at most 100 amendments" in err) == (5, True)

    def test_not_after_the_opening(self, office: Office):
        """Who may vote is settled by then; nor is a person with a token removed."""
        checked_in(office)
        change = ("roster", "amend", office.uuid, "--remove", "3", "--reason", "x")
        assert office.run(*change)[0] == 5
        office.session("open")

        added = ("roster", "amend", office.uuid, "--add", "Đỗ Thị Mới", "--reason", "x")
        assert office.run(*added)[0] == 5


class TestOpen:
    def test_without_a_head_count(self, office: Office):
        """The committee's number comes first."""
        sealed(office)
        office.session("checkin")
        status, _, err = office.session("open")

        assert (status, "session present" in err, office.state()) == (5, True, "checkin")

    def test_without_a_quorum(self, office: Office):
        """7 of 12 are fewer than two thirds; the state stays."""
        sealed(office)
        office.session("checkin")
        office.session("present", "--count", "7")
        status, _, err = office.session("open")

        assert (status, "7 are present, 2/3 of 12 people" in err, office.state()) == (
            5,
            True,
            "checkin",
        )

    @pytest.mark.parametrize("count", ["11", "13"])
    def test_a_head_count_that_cannot_be(self, office: Office, count: str):
        """Neither fewer than have a token nor more than are on the roster."""
        checked_in(office)

        assert office.session("present", "--count", count)[0] == 5

    def test_warns_unless_enough_keys_were_tried(self, office: Office):
        """Nobody wants to learn after the vote that it cannot be counted."""
        checked_in(office)

        async def tried(books: Books) -> None:
            for owner in (1, 3):
                await books.registrar.note_key_check(office.uuid, owner, trial_day(time.time()))

        office.session("present", "--count", "12")
        assert "trustees 1, 2, 3 have not tried" in office.session("open")[2]
        office.with_books(tried)
        assert "have not tried" not in office.session("open")[2]

    def test_once(self, office: Office):
        """The committee seals what is proposed; a second opening is refused, before and after."""
        checked_in(office)

        assert office.session("open")[0] == 0
        assert office.session("open")[0] == 5
        office.seal_box(1, 3)
        assert office.state() == "checkin"
        assert office.waiting() == {"moment": "opening", "signed": 2, "needed": 3, "size": 3}
        office.seal_box(2)
        assert (office.state(), office.waiting()) == ("open", None)
        assert office.session("open")[0] == 5


class TestCancel:
    @pytest.mark.parametrize("steps", [0, 1, 2, 3])
    def test_before_the_close(self, office: Office, steps: int):
        """A cancelled session stays so."""
        (checked_in if steps else sealed)(office)
        if steps >= 2:
            office.session("open")
        if steps == 3:
            office.seal_box()

        assert office.session("cancel", "--reason", "power cut")[0] == 0
        assert office.state() == "cancelled"
        assert office.session("checkin")[0] == 5

    def test_needs_a_reason(self, office: Office):
        """It goes into the record."""
        sealed(office)

        assert office.session("cancel")[0] == 2
        assert office.state() == "sealed"


def test_show_tells_counts_only(office: Office):
    """State, fingerprint and numbers; nothing that could be a result."""
    sealed(office)
    status, stdout, _ = office.run("session", "show", office.uuid, "--json")
    fields = json.loads(stdout)

    assert status == 0
    assert set(fields) == {
        "schema", "uuid", "state", "fingerprint", "code", "opening_code", "closing_code",
        "waiting", "rehearsal", "roster", "present", "issued", "registered", "cast",
        "wrong_shares", "paper",
    }  # fmt: skip
    assert office.run("session", "show", "nosuchsession1")[0] == 5


def chair_code(office: Office, name: str, *more: str) -> tuple[str, str]:
    """A new chair's code, and what the command says."""
    path = office.folder / name
    status, _, err = office.run("enrol", office.uuid, "--role", "chair", *more, "-o", str(path))
    assert status == 0
    return codes.parse(path.read_text("utf-8").splitlines()[1]), err


def listed(office: Office) -> list[tuple[str, bool, bool]]:
    status, out, _ = office.run("enrol", office.uuid, "--list", "--json")
    assert status == 0
    of_roles = json.loads(out)["codes"]
    return [
        (code["id"], code["account"], code["device"])
        for code in of_roles
        if code["role"] != "trustee"
    ]


def test_the_codes_of_roles_are_listed_replaced_and_ended(office: Office):
    """A second chair by its number; the same number again ends the earlier code and login."""
    sealed(office)

    def log_in(code: str) -> None:
        office.with_books(lambda books: registrar.login(books.registrar, office.uuid, code, NOW))

    first, said = chair_code(office, "a.txt")
    assert "has ended" not in said
    second, said = chair_code(office, "b.txt", "--index", "2")
    assert "has ended" not in said
    log_in(first)
    with pytest.raises(CodeTaken):
        log_in(first)
    assert listed(office) == [("chair-1", False, True), ("chair-2", False, False)]

    again, said = chair_code(office, "c.txt")
    assert "the earlier code of chair-1 has ended" in said
    assert listed(office) == [("chair-1", False, False), ("chair-2", False, False)]
    with pytest.raises(BadCode):
        log_in(first)
    log_in(again)

    assert office.run("enrol", office.uuid, "--revoke", "chair-2")[0] == 0
    assert listed(office) == [("chair-1", False, True)]
    with pytest.raises(BadCode):
        log_in(second)
    status, _, err = office.run("enrol", office.uuid, "--revoke", "chair-2")
    assert (status, "no code chair-2" in err) == (5, True)
    status, out, _ = office.run("enrol", office.uuid, "--list")
    assert (status, "chair-1" in out, again[:4] in out) == (0, True, False)


@pytest.mark.parametrize(
    "arguments", [[], ["--role", "chair"], ["--list", "--revoke", "chair-1"], ["-o", "x"]]
)
def test_enrol_does_one_thing(office: Office, arguments: list[str]):
    sealed(office)
    assert office.run("enrol", office.uuid, *arguments)[0] == 2


def test_enrol(office: Office):
    """A role's code is written once; a trustee needs a number."""
    sealed(office)
    path = office.folder / "chair.txt"

    assert office.run("enrol", office.uuid, "--role", "chair", "-o", str(path))[0] == 0
    assert path.stat().st_mode & 0o777 == 0o600
    assert office.run("enrol", office.uuid, "--role", "chair", "-o", str(path))[0] == 5
    path_of_another = str(office.folder / "t.txt")
    assert office.run("enrol", office.uuid, "--role", "trustee", "-o", path_of_another)[0] == 5


class TestMachine:
    def test_init_twice(self, office: Office):
        """A data directory is not made over."""
        assert office.run("init", str(office.data))[0] == 5

    def test_init_keeps_others_out(self, office: Office):
        """Also of a folder that was there and open to all; the settings are the owner's alone."""
        folder = office.folder / "open"
        folder.mkdir()
        folder.chmod(0o755)

        assert office.run("init", str(folder))[0] == 0

        modes = [path.stat().st_mode & 0o777 for path in (folder, folder / "phieukin.toml")]
        assert modes == [0o700, 0o600]

    def test_no_data_directory(self, office: Office):
        """The error says how to make one."""
        shutil.rmtree(office.data)
        office.data.mkdir()
        status, _, err = office.run("session", "show", office.uuid)

        assert (status, "phieukin init" in err) == (5, True)

    def test_a_clock_that_went_back(self, office: Office):
        """A session is not run on a machine that is behind its own files."""
        later = time.time() + 3600
        os.utime(office.data / "registrar.db", (later, later))
        status, _, err = office.run("session", "show", office.uuid)

        assert (status, "clock" in err) == (5, True)

    def test_doctor(self, office: Office):
        """Finds a healthy directory healthy, and open key files not."""
        sealed(office)
        assert office.run("doctor")[0] == 0
        (office.data / "phieukin.toml").chmod(0o644)
        status, out, err = office.run("doctor")
        assert (status, "✗ data directory" in out, "chmod 600" in out) == (5, True, True)
        (office.data / "phieukin.toml").chmod(0o600)
        next((office.data / "keys" / office.uuid).iterdir()).chmod(0o644)
        status, stdout, err = office.run("doctor")

        assert (status, "✗ secret key files" in stdout) == (5, True)
        assert "secret key files" in err


def test_waiting_for_the_committee_is_taken_up_again(office: Office):
    """Interrupted after the proposal, the same command waits on, and shows the opening code."""
    checked_in(office)
    assert office.session("open", "--yes")[0] == 0

    async def hand_in(books: Books) -> None:
        text = note.parse((await books.registrar.notes(office.uuid))[State.OPEN]).text
        for state in office.trustees:
            signed = signature(office.uuid, Moment.OPENING, state, text)
            await signing.take_signature(
                books.registrar, office.uuid, Moment.OPENING, state.index, signed
            )

    office.with_books(hand_in)
    status, stdout, _ = office.session("open", "--yes", "--wait")

    assert (status, office.state()) == (0, "open")
    document = office.run("session", "show", office.uuid, "--json")[1]
    assert json.loads(document)["opening_code"] in stdout
