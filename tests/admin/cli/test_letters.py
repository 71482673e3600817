"""`phieukin roster letters`: codes go into one file, once, and nowhere else."""

import errno
import os
import re
from pathlib import Path
from typing import NoReturn

import pytest

from admin.documents import letters
from admin.voting import codes, registrar
from crypto.errors import BadCode
from storage.registrar import book
from tests.worlds.office import NOW, Office, new, registered, sealed

pytestmark = pytest.mark.slow
VOTERS = 12


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A session that waits for its trustees: its roster is known."""
    return registered(new(tmp_path, capsys))


@pytest.fixture
def printed_codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The codes that are made, in their order."""
    codes_made: list[str] = []
    real = codes.new_code

    def new_code() -> str:
        codes_made.append(real())
        return codes_made[-1]

    monkeypatch.setattr(codes, "new_code", new_code)
    return codes_made


def run(office: Office, path: Path, *more: str) -> tuple[int, str, str]:
    return office.run("roster", "letters", office.uuid, *more, "-o", str(path))


def login(office: Office, code: str) -> None:
    letters = codes.parse(code)
    office.with_books(lambda books: registrar.login(books.registrar, office.uuid, letters, NOW))


def test_printed_letters_are_one_file_for_its_owner(office: Office, printed_codes: list[str]):
    """A page for each voter; no code on the screen; each code admits, before and after φ."""
    sealed(office)
    path = office.folder / "letters.pdf"
    status, stdout, err = run(office, path)
    (count,) = re.findall(rb"/Count (\d+)", path.read_bytes())

    assert (status, int(count), len(printed_codes)) == (0, VOTERS, VOTERS)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes().startswith(b"%PDF-")
    assert not [code for code in printed_codes if code in stdout + err or code[:9] in stdout + err]
    login(office, printed_codes[0])


def test_letters_know_what_was_sealed(office: Office):
    """φ, the kind of body and the channels come from the definition; before it they are open."""
    before = office.letter_head()
    sealed(office)
    after = office.letter_head()

    assert (before.session_code, before.kind) == (None, None)
    assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z]{4}", after.session_code or "")
    assert (after.kind, after.pages, after.paper, after.backup) == ("state", True, True, True)
    assert after.address.endswith(f"/v/{office.uuid}")


def test_a_letter_says_position_and_unit_only(office: Office, monkeypatch: pytest.MonkeyPatch):
    """Birth dates and notes of the roster do not go onto paper."""
    sealed(office)
    invited_people: list[letters.Invited] = []

    def pdf(_said: object, invited: list[letters.Invited], _language: str) -> bytes:
        invited_people.extend(invited)
        return b"x"

    monkeypatch.setattr(letters, "pdf", pdf)
    assert run(office, office.folder / "letters.pdf")[0] == 0

    assert invited_people[0].details == ("Chủ tịch Hội đồng nhân dân", "Tổ đại biểu số 1")
    assert [person.number for person in invited_people] == list(range(1, VOTERS + 1))


@pytest.mark.parametrize("name", ["letters.csv", "letters.PDF"])
def test_a_file_is_not_written_over(office: Office, printed_codes: list[str], name: str):
    """Nor are codes made that could not be kept."""
    path = office.folder / name
    path.write_bytes(b"before")
    status, _, _ = run(office, path)

    assert (status, path.read_bytes(), printed_codes) == (5, b"before", [])


@pytest.mark.parametrize("name", ["letters", "letters.doc", "pdf"])
def test_another_kind_of_file_is_refused(office: Office, printed_codes: list[str], name: str):
    status, _, err = run(office, office.folder / name)

    assert (status, ".csv" in err, printed_codes) == (2, True, [])


def test_a_failure_leaves_no_file_and_shows_no_code(
    office: Office, printed_codes: list[str], monkeypatch: pytest.MonkeyPatch
):
    """Not even with --debug."""
    sealed(office)

    def broken(*arguments: object) -> dict[str, object]:
        return {"letters": str(arguments)}

    monkeypatch.setattr(letters, "_data", broken)
    status, stdout, err = run(office, office.folder / "letters.pdf", "--debug")

    assert (status, len(printed_codes)) == (1, VOTERS)
    assert not list(office.folder.glob("*letters*"))
    assert not [code for code in printed_codes if code[:9] in stdout + err]


def test_all_letters_are_made_once_unless_they_are_replaced(
    office: Office, printed_codes: list[str]
):
    """Whoever finds a first print must not be able to vote with it."""
    sealed(office)
    run(office, office.folder / "first.csv")
    old = printed_codes[0]
    status, _, err = run(office, office.folder / "second.csv")
    assert (status, "--replace" in err, len(printed_codes)) == (5, True, VOTERS)
    assert not (office.folder / "second.csv").exists()
    login(office, old)
    assert run(office, office.folder / "second.csv", "--replace")[0] == 0

    login(office, printed_codes[-1])
    with pytest.raises(BadCode):
        login(office, old)


def test_one_lost_letter_is_printed_anew(office: Office, printed_codes: list[str]):
    """One page, and the finder's code does not work any more."""
    sealed(office)
    run(office, office.folder / "all.pdf")
    path = office.folder / "one.pdf"
    assert run(office, path, "--only", "3", "--language", "en")[0] == 0

    assert re.findall(rb"/Count (\d+)", path.read_bytes()) == [b"1"]
    login(office, printed_codes[-1])
    with pytest.raises(BadCode):
        login(office, printed_codes[2])


@pytest.mark.parametrize("more", [("--only", "1"), ("--replace",)])
def test_letters_that_cannot_be_written_end_no_code(
    office: Office,
    printed_codes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
):
    """No stick, a full disk, a failing database: what was handed out goes on admitting."""
    sealed(office)
    assert run(office, office.folder / "all.csv")[0] == 0
    first = printed_codes[0]
    status, _, err = run(office, office.folder / "stick" / "letters.csv", *more)
    assert (status, "stick" in err) == (2, True)
    login(office, first)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_room)
        assert run(office, office.folder / "full.csv", *more)[0] != 0
    login(office, first)
    with monkeypatch.context() as patched:
        patched.setattr(book, "_revoke", no_room)
        assert run(office, office.folder / "late.csv", *more)[0] != 0
    login(office, first)
    assert sorted(path.name for path in office.folder.glob("*.csv")) == ["all.csv"]


def test_a_role_keeps_its_code_where_the_new_one_cannot_be_written(office: Office):
    """The same for chairs and trustees."""
    sealed(office)
    old = office.folder / "chair.txt"
    enrol = ("enrol", office.uuid, "--role", "chair", "-o")
    assert office.run(*enrol, str(old))[0] == 0
    assert office.run(*enrol, str(office.folder / "stick" / "chair.txt"))[0] == 2
    login(office, old.read_text().splitlines()[1])


def no_room(*_: object) -> NoReturn:
    raise OSError(errno.ENOSPC, "no space left on device")
