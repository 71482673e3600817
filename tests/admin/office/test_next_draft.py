"""A sealed session is the model of the next one."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from admin.office import next_draft
from admin.prepare import draft, template
from admin.record.session_file import Block, Excluded
from admin.session.session import Session
from admin.session.terms import Terms
from crypto.errors import UnknownSession, WrongState
from crypto.lifecycle import Step
from storage.books import open_registrar
from storage.registrar.book import RegistrarBook
from storage.rows import Person, Proposal
from tests import testkit

PEOPLE = ("Lê An", "Trần Bình", "Phạm Cường", "Vũ Dung", "Ngô Giang", *"ABCDEFGH")


@pytest.fixture
async def book(tmp_path: Path) -> AsyncIterator[RegistrarBook]:
    """The registrar's book with one draft."""
    opened = await open_registrar(f"sqlite+aiosqlite:///{tmp_path}/registrar.db")
    await opened.add_session(testkit.UUID, testkit.HUMAN.encode())
    await opened.update_draft(testkit.UUID, Terms(5, 3, 1, 2).encode(), testkit.HUMAN.encode())
    yield opened
    await opened.close()


async def seal(book: RegistrarBook) -> None:
    rows = [
        Person(secrets.token_bytes(16), place, name, {"unit": f"Tổ {place}"})
        for place, name in enumerate(PEOPLE, start=1)
    ]
    await book.put_roster(testkit.UUID, rows)
    trustees = testkit.session().trustees.encode()
    proposal = Proposal(testkit.honest().election, trustees, b"transcript")
    await book.propose(testkit.UUID, (await book.session(testkit.UUID)).session_json, proposal)
    await book.move(testkit.UUID, Step.SEAL)


async def test_a_sealed_session_gives_its_rules_and_people(book: RegistrarBook, tmp_path: Path):
    await seal(book)
    drafted = await next_draft.draft(book, await Session.load(book, testkit.UUID))
    template.again(tmp_path / "d", drafted, "2027-01-02", "Phieu1Kin2Test3B")
    again = draft.read(tmp_path / "d")

    assert (again.trustees, again.threshold, again.quorum) == (5, 3, (1, 2))
    assert [row.name for row in again.roster] == list(PEOPLE)
    assert again.roster[2].detail("unit") == "Tổ 3"
    assert again.officials == testkit.session().parameters.officials
    assert again.policy == testkit.session().parameters.policy
    assert (again.human.body, again.human.delegates) == (testkit.HUMAN.body, 15)


async def test_blocks_authorities_and_guidance_come_along(book: RegistrarBook, tmp_path: Path):
    """What belongs to that day does not: the session it followed."""
    human = replace(
        testkit.HUMAN,
        excluded=(Excluded("Lê An", "Ủy viên", "nghỉ hưu"),),
        blocks=(Block("Khối Đảng", 1), Block("Khối Nhà nước", 2)),
        guidance=("Mục đích.", "Cách ghi."),
        managed=("Tỉnh ủy", "", "Thành ủy"),
        after="Phieu1Kin2Test3C",
        tier="commune",
    )
    await book.update_draft(testkit.UUID, Terms(5, 3, 1, 2).encode(), human.encode())
    await seal(book)
    drafted = await next_draft.draft(book, await Session.load(book, testkit.UUID))
    template.again(tmp_path / "d", drafted, "2027-01-02", "Phieu1Kin2Test3B")

    expected = replace(human, after="", uuid="Phieu1Kin2Test3B", date="2027-01-02")
    assert draft.read(tmp_path / "d").human == expected


async def test_a_session_that_is_not_sealed_is_no_model(book: RegistrarBook):
    with pytest.raises(WrongState, match="copy its folder"):
        await next_draft.draft(book, await Session.load(book, testkit.UUID))


async def test_an_unknown_session_is_named_so(book: RegistrarBook):
    with pytest.raises(UnknownSession):
        await next_draft.draft(book, await Session.load(book, "Phieu1Kin2Test3B"))
