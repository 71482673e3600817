"""Taps that come twice, networks that fail, a token that is wrong: the vote goes on, told truly."""

import asyncio
import gc
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

from admin.client.server import Server
from admin.lifecycle import steps
from bot import server
from bot.chat import ballot
from bot.chat.notices import Notices
from crypto.committee import Moment
from crypto.encoding import b64_sha256
from crypto.lifecycle import Step
from tests.fault.people import PATIENCE
from tests.fault.people import Person as Cli
from tests.telegram import oracle
from tests.telegram.people import Person
from tests.telegram.snapshot import Message
from tests.telegram.standin import StandIn
from tests.worlds import hall
from tests.worlds import scene as scenes
from tests.worlds.quick import QUICK
from tests.worlds.scene import (
    BEGIN,
    COLLECT,
    LEVELS,
    RECORDED,
    REVIEW,
    SEND,
    Scene,
    Witness,
    logged,
    offers,
    says,
    staged,
    tracker_of,
    witness,
)

EDIT, SEND_ONE_BLANK = "Sửa phiếu", "Vẫn gửi phiếu (1 người không ghi)"
CHOICES: list[list[int | None]] = [[0, 1, 2], [0, 0, None], [1, 1, 1], [2, 0, 1], [0, 2, 0]]


@asynccontextmanager
async def opened(folder: Path, voters: int) -> AsyncIterator[tuple[Scene, list[Person], Witness]]:
    """Delegates with tokens, and voting is open."""
    async with staged(folder, Step.CHECK_IN) as scene:
        people = [await scene.collected(number) for number in range(1, voters + 1)]
        await scene.move(Step.OPEN)
        with witness(scene.where) as witnessed:
            yield scene, people, witnessed


def now(person: Person, message: Message) -> Message:
    """The same message as it is now."""
    return next(current for current in person.messages if current.id == message.id)


# ---- taps that come twice


async def test_three_taps_on_send_are_one_ballot(tmp_path):
    """Whether the phone sends three, or Telegram brings each twice, in reverse, and once more."""
    async with opened(tmp_path, 3) as (scene, people, witnessed):
        reviews = [await scene.filled(person, [0, 1, 2]) for person in people]
        for person in people:
            scene.telegram.faults.duplicate = scene.telegram.faults.reorder = (
                person is not people[0]
            )
            taps = [await person.tap(SEND) for _ in range(3)]
            await person.until(says(RECORDED))
            if person is people[2]:
                for tap in taps:
                    await scene.telegram.redeliver(tap.update)
            await scene.telegram.quiet()

        trackers = await scene.books.box.trackers(scene.uuid)
        trackers_shown = [
            tracker_of(now(person, review)) for person, review in zip(people, reviews, strict=True)
        ]
        assert await scene.counts() == (3, 3, 3)
        assert sorted(trackers_shown) == trackers
        assert set(witnessed.told) == {
            (person.id, tracker) for person, tracker in zip(people, trackers_shown, strict=True)
        }
        assert witnessed.lies == []


async def test_of_two_drafts_sent_at_once_the_first_stands(tmp_path):
    """The second is told the tracker of the first, and is not even encrypted."""
    async with opened(tmp_path, 1) as (scene, [lan], witnessed):
        first = await scene.filled(lan, [0, 1, 2])
        await lan.tap(EDIT)
        await lan.until(says("Người số 1 trong"))
        await lan.tap(LEVELS[2])
        await lan.until(offers(f"✅ {LEVELS[2]}"))
        await lan.tap(REVIEW)
        second = await lan.until(says(f"1. Nguyễn Văn 0: {LEVELS[2]}"))
        encrypted, encrypt = [], scene.app.state.box.checker.encrypt

        async def remembering(election, secret, choices):
            encrypted.append(tuple(choices))
            return await encrypt(election, secret, choices)

        with patch.object(scene.app.state.box.checker, "encrypt", remembering):
            await lan.tap(SEND, on=first)
            await lan.tap(SEND, on=second)
            await scene.telegram.quiet()

        assert encrypted == [(0, 1, 2)]
        assert await scene.counts() == (1, 1, 1)
        (tracker,) = await scene.books.box.trackers(scene.uuid)
        assert set(witnessed.told) == {(lan.id, tracker)}


async def test_three_taps_on_collect_are_one_token(tmp_path):
    async with staged(tmp_path, Step.CHECK_IN) as scene:
        for number, twice in ((1, False), (2, True)):
            person = await scene.voter(number)
            await person.until(offers(COLLECT))
            scene.telegram.faults.duplicate = scene.telegram.faults.reorder = twice
            for _ in range(3):
                await person.tap(COLLECT)
            await person.until(says("Đã nhận phiếu."))
            await scene.telegram.quiet()
            assert await scene.counts() == (number, number, 0)


async def test_an_old_screen_does_not_take_the_tracker_away(tmp_path):
    """After the vote the phone shows no choice, whatever is tapped on a page that was seen before.

    Somebody who taps twice, or whose tap was on its way, would see the ballot as if it were
    still to be sent.
    """
    async with opened(tmp_path, 1) as (scene, [lan], _):
        review = await scene.filled(lan, [0, None, 1])
        offer, begin = (
            next(message for message in lan.history if label in message.labels)
            for label in (COLLECT, BEGIN)
        )
        page = next(
            shown_page for shown_page in reversed(lan.history) if "Người số 2" in shown_page.text
        )
        await lan.tap(SEND)
        blanks = await lan.until(offers(SEND_ONE_BLANK))
        await lan.tap(SEND_ONE_BLANK)
        final = await lan.until(says(RECORDED))

        wrong = []
        for label, old in (
            (SEND, review),
            (SEND_ONE_BLANK, blanks),
            (BEGIN, begin),
            (EDIT, review),
            (LEVELS[0], page),
            (COLLECT, offer),
        ):
            await lan.tap(label, on=old)
            await scene.telegram.quiet()
            again = now(lan, final)
            if (again.text, tracker_of(again)) != (final.text, tracker_of(final)):
                wrong.append(label)
        assert wrong == []
        assert await scene.counts() == (1, 1, 1)


async def test_a_page_that_is_shown_anew_does_not_tell_a_locked_phone(tmp_path):
    """If the ballot's message has been deleted, the new one must not come with choices."""
    async with opened(tmp_path, 1) as (scene, [lan], _):
        await scene.filled(lan, [0, 1, 2])
        await lan.tap(EDIT)
        page = await lan.until(says("Người số 1 trong"))
        scene.telegram.cloud.remove(scene.telegram.cloud.chats[lan.id], page.id)

        await lan.tap(REVIEW, on=page)
        await lan.until(offers(SEND))

        assert [text for text in lan.notifications if LEVELS[1] in text] == []


# ---- networks that fail


# Telegram is waited for, and asked again, not for long.
HASTY = replace(QUICK, pauses=replace(QUICK.pauses, answer=0.5, call_again=0.5, fetch_again=0.5))


async def session(scene: Scene) -> list[str]:
    """Five delegates collect and vote, all at once; their trackers."""
    people = await asyncio.gather(*(scene.collected(number) for number in range(1, 6)))
    await scene.move(Step.OPEN)
    return await asyncio.gather(*map(scene.voted, people, CHOICES))


async def test_a_session_over_a_network_that_fails_now_and_then(tmp_path):
    """Every kind of fault, before and after a call took effect: all hear the truth in the end."""
    async with staged(tmp_path, Step.CHECK_IN, options=HASTY) as scene:
        faults = scene.telegram.faults
        faults.hang = 0.3
        for method in ("*", "getUpdates"):
            faults.add(method, 502, every=17)
            faults.add(method, "hang_up", chance=0.05)
            faults.add(method, "hang_up", chance=0.05, after=True)
            faults.add(method, "timeout", chance=0.03, after=True)
            faults.add(method, 500, chance=0.05, after=True)
        faults.add("*", 429, every=41)
        with witness(scene.where) as witnessed:
            trackers = await session(scene)

        failed = [call for call in scene.telegram.calls if call.status in {0, 429, 500, 502}]
        assert len(failed) > 10
        assert await scene.counts() == (5, 5, 5)
        assert sorted(trackers) == await scene.books.box.trackers(scene.uuid)
        assert {tracker for _, tracker in witnessed.told} == set(trackers)
        assert len({phone for phone, _ in witnessed.told}) == 5
        assert witnessed.lies == []


async def test_a_bot_that_speaks_too_early_is_seen(tmp_path, monkeypatch):
    """The witness of these tests finds a ballot that is shown as recorded and is not stored."""
    async with opened(tmp_path, 1) as (scene, [lan], witnessed):

        async def encrypted_only(ballots, tap, _received):
            election, marks = tap.sheet.election.raw, tap.draft.marks
            return await ballots.box.checker.encrypt(election, tap.sown.secret, marks)

        monkeypatch.setattr(ballot.Ballots, "_cast", encrypted_only)
        tracker = await scene.voted(lan, [0, 1, 2])

        assert witnessed.lies == [tracker]


@asynccontextmanager
async def hosted(folder: Path, token: str = "") -> AsyncIterator[tuple[Scene, Cli, socket.socket]]:
    """A session in check-in for a server over HTTP, and a voter with the program.

    Args:
        folder: the data directory.
        token: in place of the one that Telegram knows.
    """
    with server.listen("127.0.0.1:0") as listener:
        async with StandIn(flood=None, http_apps=True) as telegram:
            where = scenes.place(folder, telegram)
            if token:
                (folder / "bot.token").write_text(token)
            session = hall.defined(where, 3, channels=scenes.CHAT, recovery="phone")
            async with scenes.beside(telegram, where, session) as scene:
                await hall.store(scene.books, session)
                await scene.move(Step.CHECK_IN)
                http = Server(server.address(listener), PATIENCE)
                cli = Cli(http, scene.uuid, session.voters[1], (0, 1, 2))
                yield scene, cli, listener
            oracle.check(telegram)


@asynccontextmanager
async def unreachable(telegram: StandIn) -> AsyncIterator[None]:
    """Connections are refused for the length of the block, at least a second."""
    port, begun = int(telegram.url.rpartition(":")[2]), time.monotonic()
    await telegram._connections.close()
    try:
        yield
        await asyncio.sleep(max(0.0, begun + 1 - time.monotonic()))
    finally:
        await telegram._connections.listen(port)


async def test_without_telegram_others_vote_and_the_bot_catches_up(tmp_path):
    """Twice nothing of Telegram answers, while a voter with the program registers and casts."""
    async with hosted(tmp_path) as (scene, cli, listener), AsyncExitStack() as stack:
        async with unreachable(scene.telegram):
            await stack.enter_async_context(scenes.serving(scene.where, listener, HASTY))
            await asyncio.wait_for(asyncio.to_thread(cli.register), 5)
        lan = await scene.collected(1)
        await steps.set_present(scene.books, scene.uuid, 9)
        await steps.open_voting(scene.books, scene.uuid)
        await scene.sign(Moment.OPENING)
        await scene.filled(lan, [0, 1, 2])
        async with unreachable(scene.telegram):
            await lan.tap(SEND)
            await asyncio.wait_for(asyncio.to_thread(cli.cast), 5)
            assert await scene.counts() == (2, 2, 1)
        final = await lan.until(says(RECORDED))

        assert await scene.counts() == (2, 2, 2)
        trackers = {tracker_of(final), b64_sha256(cli.raw)}
        assert set(await scene.books.box.trackers(scene.uuid)) == trackers


async def test_with_a_wrong_token_the_server_serves_on(tmp_path, capfd):
    """The log says why there is no bot, the token in none of its lines; no connection stays."""
    secret = secrets.token_urlsafe(27)[:35]
    with logged() as log:
        async with (
            hosted(tmp_path, f"123456:{secret}") as (scene, cli, listener),
            scenes.serving(scene.where, listener),
        ):
            await asyncio.to_thread(cli.register)
            assert await scene.counts() == (1, 1, 0)
            assert scene.telegram.calls == []
    gc.collect()  # what was not closed complains now
    assert "the bot stays off" in log.ours.getvalue()
    assert secret not in log.ours.getvalue() + "".join(capfd.readouterr())
    assert secret in log.bare.getvalue()


async def test_a_token_that_is_taken_back_does_not_end_the_server(tmp_path):
    """Nor is it told by the errors that follow."""
    with logged() as log:
        async with (
            hosted(tmp_path) as (scene, cli, listener),
            scenes.serving(scene.where, listener),
        ):
            await scene.collected(1)
            old, scene.telegram.token = scene.telegram.token, "123456:another"
            lan = scene.telegram.person(1001, "Lan")
            await lan.tap(BEGIN)
            await until(lambda: "InvalidToken" in log.ours.getvalue())
            await asyncio.to_thread(cli.register)
            assert await scene.counts() == (2, 2, 0)
    secret = old.partition(":")[2]
    assert secret not in log.ours.getvalue()
    assert secret in log.bare.getvalue()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110  a text that grows
            await asyncio.sleep(0.02)


async def test_one_error_that_nobody_expected_does_not_end_the_bot(tmp_path):
    """A round of the notices fails in a way we did not think of; taps go on being answered."""
    look, rounds = Notices._look, count()

    async def failing_once(self: Notices) -> None:
        if next(rounds) == 0:
            raise RuntimeError("unthought of")
        await look(self)

    with patch.object(Notices, "_look", failing_once):
        async with staged(tmp_path, Step.CHECK_IN) as scene:
            await until(lambda: next(rounds) > 0)
            await scene.collected(1)
            assert await scene.counts() == (1, 1, 0)
