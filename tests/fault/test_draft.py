"""The way to the seal, killed at each boundary and repeated."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from admin.session.books import Books
from admin.session.datadir import DataDir
from admin.voting import codes, invite, registrar
from crypto.lifecycle import State
from tests import testkit
from tests.fault.lives import DEAD, Lives
from tests.worlds import hall
from tests.worlds.office import NOW, THRESHOLD, TRUSTEES, Office, lived_in

pytestmark = pytest.mark.slow
FIRST = 5  # before it are the boundaries of opening the books


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """A draft of a template, and a data directory that does not know it."""
    office = Office(tmp_path / "office", capsys)
    office.data.mkdir(parents=True)
    hall.datadir(office.data, books=False)
    assert office.run("session", "new", str(office.draft), "--electronic")[0] == 0
    lived_in(office.draft)
    office.change(trustees=str(TRUSTEES), threshold=str(THRESHOLD))
    return office


def killed(
    living: Lives, office: Office, *statuses: int, first: int = FIRST, each: int = 1
) -> Iterator[Office]:
    """Copies of the office in which `seal` was killed at one boundary and then repeated.

    Args:
        statuses: what the repetition may end with.
        first: the boundary to begin with.
        each: 3 for every third boundary, by turns before and after a commit.
    """
    number = first
    while True:
        copy = Office(office.folder.parent / "one", office.capsys, office.trustees)
        shutil.rmtree(copy.folder, ignore_errors=True)
        shutil.copytree(office.folder, copy.folder)
        seal = ("session", "seal", str(copy.draft))
        if living.run(copy.data, *seal, at=(number, "")) != DEAD:
            break
        assert living.run(copy.data, *seal) in statuses, living.said()
        yield copy
        number += each
    assert number > first + each


def count_letters(office: Office, files: list[Path]) -> int:
    """How many files hold a code that still admits somebody."""

    async def work(books: Books) -> int:
        for file in files:
            letters = codes.parse(file.read_text("utf-8").splitlines()[-1])
            await registrar.login(books.registrar, office.uuid, letters, NOW)
        return len(files)

    return office.with_books(work)


def test_a_killed_registration_leaves_a_valid_code_for_each_trustee(living: Lives, office: Office):
    """The codes are in their files, the terms in the book, whenever it was killed."""
    for copy in killed(living, office, 4, each=3):
        files = sorted((copy.draft / "codes").iterdir())
        names = [file.name for file in files if not file.name.startswith(".")]
        assert names == [f"trustee-{i}.txt" for i in range(1, TRUSTEES + 1)]
        assert count_letters(copy, [copy.draft / "codes" / name for name in names]) == TRUSTEES


def test_a_killed_proposal_and_seal_are_repeated(living: Lives, office: Office):
    """The trustees sign what is proposed afterwards, and letters of before go on to admit."""
    assert office.run("session", "seal", str(office.draft))[0] == 4
    office.ceremony()
    keys = DataDir.open(office.data).keys(office.uuid)
    keys.mkdir(parents=True)
    (keys / "issuer.pkcs8").write_bytes(testkit.issuer_secret().to_pkcs8())  # takes seconds
    for copy in killed(living, office, 5, each=3):
        copy.sign(1, 2, 3)
        assert copy.run("session", "seal", str(copy.draft))[0] == 0
    assert office.run("session", "seal", str(office.draft))[0] == 5
    letter = office.folder / "letter"
    letters = office.with_session(
        lambda books, session: invite.letters(
            books.registrar, books.datadir.settings, session, [1], NOW
        )
    )
    letter.write_text(letters[0].code, "utf-8")
    office.sign(1, 2, 3)
    for copy in killed(living, office, 0, 5, first=FIRST + 8):  # the proposal again
        assert copy.state() == State.SEALED
        assert count_letters(copy, [letter]) == 1
