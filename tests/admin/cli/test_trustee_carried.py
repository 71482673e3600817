"""Trustees without network: files to them and back, from the definition to the totals."""

import json
from pathlib import Path

import pytest

from crypto.session import Election
from tests.admin.cli.desk import Desk
from tests.worlds.office import Office, new, proposed, sealed

pytestmark = pytest.mark.slow
VOTERS = 12


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return new(tmp_path / "office", capsys)


def carry(office: Office, desk: Desk, owner: int, *answers: str) -> Path:
    """What the secretary exports is signed by a trustee; returns the note."""
    bag, note = office.folder / "bag", desk.folder / f"note{owner}"
    status, stdout, err = office.session("signing", "-o", str(bag))
    assert status == 0, err
    files = ["--workers", "1", "--force", "-o", str(note), *stdout.split()]
    status, _, err = desk.trustee("sign", "--key", desk.path(f"k{owner}"), *files, *answers)
    assert status == 0, err
    return note


def brought_back(office: Office, *notes: Path) -> tuple[str | None, str]:
    """The secretary takes the notes in: what is still waited for, and how far; else the code."""
    status, stdout, err = office.session("sign", *map(str, notes), "--json")
    assert status == 0, err
    document = json.loads(stdout)
    waiting = document["waiting"]
    if waiting is None:
        return None, document["code"]
    return waiting["moment"], f"{waiting['signed']}/{waiting['needed']}"


def test_a_whole_session_without_network(office: Office, desk: Desk):
    """Definition, sealed box, closed box and totals; the secretary only carries."""
    proposed(office)
    for state in office.trustees:
        desk.keep(state)
    status, stdout, _ = office.session("signing", "-o", str(office.folder / "bag"))
    assert status == 0
    phi = fingerprint(Path(stdout.split()[0]))
    notes = [carry(office, desk, owner, "--fingerprint", phi) for owner in (1, 2, 3)]
    assert brought_back(office, *notes[:2]) == ("definition", "2/3")
    brought_back(office, notes[2])
    assert office.run("session", "seal", str(office.draft))[0] == 0

    check_in(office)
    assert office.session("open", "--yes")[0] == 0
    room_answers = ("--fingerprint", phi, "--present", str(VOTERS))
    notes = [carry(office, desk, owner, *room_answers) for owner in (1, 2, 3)]
    assert brought_back(office, notes[0]) == ("opening", "1/3")
    assert office.state() == "checkin"
    waiting, opening_code = brought_back(office, *notes[1:])
    assert (waiting, len(opening_code)) == (None, 24)
    assert office.state() == "open"

    office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    notes = [carry(office, desk, owner, "--present", str(VOTERS)) for owner in (1, 2, 3)]
    waiting, closing_code = brought_back(office, *notes)
    assert waiting is None
    open_totals(office, desk, closing_code)


def fingerprint(election: Path) -> str:
    """φ of the definition that was carried."""
    return Election.decode(election.read_bytes()).phi


def check_in(office: Office) -> None:
    """Everyone collects and is counted."""
    letters = office.folder / "letters.csv"
    assert office.run("roster", "letters", office.uuid, "-o", str(letters))[0] == 0
    assert office.session("checkin")[0] == 0
    office.vote(letters, None)
    assert office.session("present", "--count", str(VOTERS))[0] == 0


def open_totals(office: Office, desk: Desk, code: str) -> None:
    """Two trustees decrypt what the secretary brings, and the shares open the totals."""
    bag = office.folder / "bag"
    checkpoints, archive = office.session("signing", "-o", str(bag))[1].split()
    answers = ("--code", code, "--present", str(VOTERS), "--cast", str(VOTERS), "--settled")
    for owner in (1, 3):
        key = ("--key", desk.path(f"k{owner}"), "--workers", "1")
        named = (*key, "-o", desk.path(f"share{owner}"))
        status, _, err = desk.trustee("decrypt", *named, archive, checkpoints, *answers)
        assert status == 0, err
    shares = [desk.path(f"share{owner}") for owner in (1, 3)]
    status, _, err = office.run("tally", "combine", office.uuid, *shares)
    assert status == 0, err


def test_what_is_no_signature_is_not_taken(office: Office, desk: Desk):
    """A note of nobody, of another text or of the server alone changes nothing."""
    proposed(office)
    for state in office.trustees:
        desk.keep(state)
    bag = office.folder / "bag"
    phi = fingerprint(Path(office.session("signing", "-o", str(bag))[1].split()[0]))
    note = carry(office, desk, 1, "--fingerprint", phi)
    honest, wrong = note.read_bytes(), desk.folder / "wrong"
    cases = {
        honest.replace(b"roster ", b"roster 9", 1): "signed another definition",
        honest.replace(b"trustee-1", b"trustee-2"): "not the note of one trustee",
        honest.replace(b"\nsealed\n", b"\ntallied\n"): "tallied",
        honest.partition(b"\n\n")[0]: "note",
        b"[]": "note",
    }
    for raw, reason in cases.items():
        wrong.write_bytes(raw)
        status, _, err = office.session("sign", str(wrong))
        assert (status, reason in err) == (3, True), err
    for _ in range(2):  # the same again changes nothing
        assert brought_back(office, note) == ("definition", "1/3")


def test_nothing_to_sign(office: Office, desk: Desk):
    """Before a definition is proposed, and between two moments, there is nothing to carry."""
    status, _, err = office.session("signing", "-o", desk.path("bag"))
    assert status == 5, err
    sealed(office)
    status, _, err = office.session("signing", "-o", desk.path("bag"))
    assert (status, "nothing to sign now; the session is sealed" in err) == (5, True)
