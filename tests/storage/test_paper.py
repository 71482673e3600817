"""Paper ballots in the registrar's book: one ballot for each person, sums of two people."""

import asyncio

import pytest

from crypto.errors import BadCode, Refused, TokenAlreadyIssued, WrongState
from crypto.lifecycle import State, Step
from storage.books import open_registrar
from storage.errors import HasToken, NoPaper, PaperIssued, PaperSettled
from storage.registrar.book import RegistrarBook
from storage.registrar.paper import settled
from storage.rows import Chat, PaperCounts, PaperEntry
from tests.storage.sample import TO_CLOSED, UUID, digest, person, registrar_at, token

CHECKIN = (Step.SEAL, Step.CHECK_IN)


async def paper(book: RegistrarBook, *numbers: int, late: bool = False) -> None:
    await book.paper.issue(UUID, [person(number).person for number in numbers], late=late)


async def opened(book: RegistrarBook, present: int) -> None:
    await book.set_present(UUID, present)
    await book.move(UUID, Step.OPEN)
    await book.move(UUID, Step.SEAL_BOX)


class TestExclusive:
    async def test_a_person_with_a_token_gets_no_paper(self, registrar):
        """The refusal names the person, and those beside get none either."""
        await registrar_at(registrar, *CHECKIN)
        await token(registrar, 1)

        with pytest.raises(HasToken, match=r"1. Đại biểu 1 has an electronic ballot"):
            await paper(registrar, 0, 1)

        assert (await registrar.paper.counts(UUID)).issued == 0
        await paper(registrar, 0)
        assert await registrar.paper.holders(UUID) == {person(0).person}

    async def test_a_person_with_paper_gets_no_token(self, registrar):
        """Refused in words of its own; nor does the phone leave secrets to be kept."""
        await registrar_at(registrar, *CHECKIN)
        await paper(registrar, 0)

        with pytest.raises(PaperIssued):
            await token(registrar, 0)
        with pytest.raises(PaperIssued):
            await registrar.put_recovery(UUID, person(0).person, b"sealed")

        assert await token(registrar, 1) == b"answer"
        with pytest.raises(TokenAlreadyIssued):
            await registrar.issue(UUID, person(1).person, digest("other"), b"other", "cli")

    async def test_nobody_gets_two_papers(self, registrar):
        """Neither in one go nor in two."""
        await registrar_at(registrar, *CHECKIN)
        await paper(registrar, 0)
        with pytest.raises(PaperIssued, match="Đại biểu 0"):
            await paper(registrar, 0)
        with pytest.raises(PaperIssued, match="Đại biểu 1"):
            await paper(registrar, 1, 1)

        assert (await registrar.paper.counts(UUID)).issued == 1

    async def test_of_a_token_and_a_paper_at_once_one_is_given(self, registrar):
        """The database decides, however they race."""
        await registrar_at(registrar, *CHECKIN, voters=10)
        for number in range(10):
            both = await asyncio.gather(
                token(registrar, number), paper(registrar, number), return_exceptions=True
            )
            assert sum(isinstance(result, Refused) for result in both) == 1

        tokens = sum((await registrar.issued(UUID)).values())
        assert tokens + (await registrar.paper.counts(UUID)).issued == 10

    async def test_a_ballot_handed_back_leaves_the_person_free(self, registrar):
        """For a token or for another paper; it is counted as unused."""
        await registrar_at(registrar, *CHECKIN)
        await paper(registrar, 0)
        await registrar.paper.withdraw(UUID, person(0).person)
        assert await token(registrar, 0) == b"answer"

        with pytest.raises(NoPaper, match="Đại biểu 0"):
            await registrar.paper.withdraw(UUID, person(0).person)
        assert await registrar.paper.counts(UUID) == PaperCounts(0, 0, 0, 1)

    async def test_an_exchange_is_counted_and_gives_no_second_ballot(self, registrar):
        """Only whoever has a paper ballot can have spoiled one."""
        await registrar_at(registrar, *CHECKIN)
        await paper(registrar, 0)
        await registrar.paper.exchange(UUID, person(0).person)
        await registrar.paper.exchange(UUID, person(0).person)
        with pytest.raises(NoPaper, match="Đại biểu 1"):
            await registrar.paper.exchange(UUID, person(1).person)

        assert await registrar.paper.counts(UUID) == PaperCounts(1, 0, 2, 0)

    async def test_a_stranger_gets_none(self, registrar):
        await registrar_at(registrar, *CHECKIN)
        with pytest.raises(BadCode):
            await paper(registrar, 0, 99)
        assert (await registrar.paper.counts(UUID)).issued == 0


class TestCounts:
    async def test_paper_is_no_token(self, registrar):
        """The numbers of the electronic record do not know of it."""
        await registrar_at(registrar, *CHECKIN)
        await token(registrar, 0)
        before = await registrar.issued(UUID)
        await paper(registrar, 1, 2)

        assert await registrar.issued(UUID) == before == {"cli": 1}

    async def test_nobody_opens_with_more_ballots_than_people(self, registrar):
        """Tokens and papers together."""
        await registrar_at(registrar, *CHECKIN)
        await token(registrar, 0)
        await paper(registrar, 1)

        with pytest.raises(Refused, match="1 tokens and 1 paper ballots are out, but only 1"):
            await registrar.set_present(UUID, 1)

        await registrar.set_present(UUID, 2)
        with pytest.raises(Refused, match="1 tokens and 2 paper ballots are out, but only 2"):
            await paper(registrar, 2)
        assert (await registrar.paper.counts(UUID)).issued == 1
        await registrar.move(UUID, Step.OPEN)

    async def test_latecomers_are_counted_apart(self, registrar):
        """They are beside the head count, and with it never more than the roster."""
        await registrar_at(registrar, *CHECKIN, voters=4)
        await paper(registrar, 0)
        with pytest.raises(Refused, match="nobody is late"):
            await paper(registrar, 1, late=True)
        await opened(registrar, 2)
        await paper(registrar, 1)
        with pytest.raises(Refused, match="3 paper ballots are out, but only 2 are present"):
            await paper(registrar, 2)

        await paper(registrar, 2, late=True)

        assert await registrar.paper.counts(UUID) == PaperCounts(3, 1, 0, 0)
        await paper(registrar, 3, late=True)
        await registrar.paper.withdraw(UUID, person(3).person)
        assert await registrar.paper.counts(UUID) == PaperCounts(3, 1, 0, 1)

    async def test_no_more_late_than_there_are_on_the_roster(self, registrar):
        """Who was in the head count cannot come late besides."""
        await registrar_at(registrar, *CHECKIN)
        await opened(registrar, 3)

        with pytest.raises(Refused, match="3 were present and 1 came late, but the roster has 3"):
            await paper(registrar, 0, late=True)

        assert (await registrar.paper.counts(UUID)).issued == 0

    @pytest.mark.parametrize("steps", [(Step.SEAL,), TO_CLOSED])
    async def test_only_between_check_in_and_close(self, registrar, steps):
        """Not before and never after."""
        await registrar_at(registrar, *steps)
        for call in (registrar.paper.withdraw, registrar.paper.exchange):
            with pytest.raises(WrongState):
                await call(UUID, person(0).person)
        with pytest.raises(WrongState):
            await paper(registrar, 0)

    async def test_an_account_with_paper_is_not_one_with_a_token(self, registrar):
        """Notices about tokens go by this; a chair has neither."""
        await registrar_at(registrar, *CHECKIN)
        await registrar.chats.admit(Chat(UUID, 702, "chair", None, "vi"))
        for number in (0, 1):
            chat = Chat(UUID, 700 + number, "voter", person(number).person, "vi")
            await registrar.chats.admit(chat)
        await token(registrar, 0)
        await paper(registrar, 1)

        assert await registrar.chats.with_token(UUID) == {700}
        assert await registrar.chats.with_paper(UUID) == {701}


class TestEntries:
    async def test_two_alike_settle_and_all_are_kept(self, registrar):
        """The log has every entry; a third after two alike is refused."""
        await registrar_at(registrar, *TO_CLOSED)
        enter = registrar.paper.enter
        await enter(UUID, "an", "2026-12-07T09", b"1")
        entries = await enter(UUID, "bình", "2026-12-07T10", b"2")
        assert settled(entries) is None
        entries = await enter(UUID, "an", "2026-12-07T10", b"2")

        agreed = settled(entries)
        assert agreed is not None
        assert [entry.number for entry in agreed] == [2, 3]
        with pytest.raises(PaperSettled):
            await enter(UUID, "chi", "2026-12-07T11", b"3")
        stored = await registrar.paper.entries(UUID)
        assert [(entry.number, entry.by, entry.body) for entry in stored] == [
            (1, "an", b"1"),
            (2, "bình", b"2"),
            (3, "an", b"2"),
        ]
        assert {entry.state for entry in stored} == {State.CLOSED}

    @pytest.mark.parametrize(
        ("earlier", "last", "stored"),
        [([("an", b"1")], ("an", b"1"), 1), ([("an", b"1"), ("an", b"2")], ("bình", b"1"), 3)],
        ids=["the same again is not a second person", "what somebody took back"],
    )
    async def test_what_settles_nothing(self, registrar, earlier, last, stored):
        """One person twice is one entry; only the last entry of each person counts."""
        await registrar_at(registrar, *TO_CLOSED)
        entries: list[PaperEntry] = []
        for by, body in [*earlier, last]:
            entries = await registrar.paper.enter(UUID, by, "2026-12-07T09", body)

        assert len(entries) == stored
        assert settled(entries) is None

    async def test_nothing_is_entered_before_the_close(self, registrar):
        await registrar_at(registrar, *TO_CLOSED[:-1])
        with pytest.raises(WrongState):
            await registrar.paper.enter(UUID, "an", "2026-12-07T09", b"1")
        with pytest.raises(WrongState):
            await registrar.paper.keep_pending(UUID, "an", b"1")


class TestPending:
    async def test_what_is_being_entered_comes_back(self, registrar):
        """To whom it belongs, and only until it is finished."""
        await registrar_at(registrar, *TO_CLOSED)
        await registrar.paper.keep_pending(UUID, "an", b"first")
        await registrar.paper.keep_pending(UUID, "an", b"second")
        assert await registrar.paper.pending(UUID, "an") == b"second"
        assert await registrar.paper.pending(UUID, "bình") is None

        await registrar.paper.forget_pending(UUID, "an")
        assert await registrar.paper.pending(UUID, "an") is None

    async def test_nothing_of_it_stays_on_the_disk(self, tmp_path):
        """How the sums grew, ballot by ballot, is in no file afterwards."""
        book = await open_registrar(f"sqlite:///{tmp_path}/registrar.db")
        await registrar_at(book, *TO_CLOSED)
        for number in range(20):
            await book.paper.keep_pending(UUID, "an", b"sums after ballot %d!" % number)
        await book.paper.forget_pending(UUID, "an")

        for path in tmp_path.iterdir():
            assert b"sums after ballot" not in path.read_bytes(), path.name
        await book.close()
