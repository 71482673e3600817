"""Token and ballot by buttons: the one module that knows a person and a ballot at once.

The knowledge lasts as long as a tap. Seed and draft come with the button and go with it; nothing
of them is put into a book, a log, a cache or an exception. Every step may come twice: the same
button makes the same credential, asks for the same token, and finds the same ballot stored.

    TOKEN    seed → s, salt, blinding (docs/protocol.md §5.2) → the registrar's signature → the box
    0…       a page of the draft
    SEND     the opening as a phone checks it (bot/sides/signatures.py); then the ballot, encrypted
             in a worker, judged by the auditor's checks, stored; then told
    CHECK    after the close: whether the committee has signed a list that has the ballot. Only the
             voter's own tap asks it, for to tell somebody unasked would be to keep whose it is
"""

import asyncio
from dataclasses import dataclass

from telegram import CallbackQuery
from telegram.error import TelegramError

from admin.voting import ballot_button, box, registrar
from admin.voting.ballot_button import Button, CastButton, OldButtonError
from bot import logs
from bot.chat import talk
from bot.chat.desk import CHANNEL, VOTER, Desk
from bot.chat.pages import Page, language_of
from bot.chat.sheet import Receipt, Sheet
from bot.sides import signatures
from bot.sides.box import BoxSide
from bot.sides.problem import Problem
from crypto import token
from crypto.blind import IssuerKey
from crypto.checkpoint import SignedState
from crypto.encoding import b64_sha256, to_base64
from crypto.errors import (
    BadCheckpoint,
    BadCredentials,
    Closed,
    Incomplete,
    ProtocolError,
    RegistrationEnded,
    SecondBallot,
    TokenAlreadyIssued,
    UnknownCredential,
    WrongState,
)
from crypto.lifecycle import VOTED, State
from crypto.token import Sown
from storage.errors import PaperIssued
from storage.rows import Chat, Login

_BUSY_TRIES, _BUSY_PAUSE = 120, 0.5  # the workers have a minute's work at most


@dataclass(frozen=True, slots=True, repr=False)
class Tap:
    """A tap on a ballot's button: by whom, and the draft that the button carried."""

    query: CallbackQuery
    chat: Chat
    sheet: Sheet
    draft: Button

    @property
    def uuid(self) -> str:
        return self.chat.uuid

    @property
    def sown(self) -> Sown:
        """What the button's seed gives: the secret of the credential, salt and blinding."""
        issuer = IssuerKey.from_spki(self.sheet.parameters.issuer)
        return token.sow(self.draft.seed, self.sheet.election.phi, issuer)


@dataclass(frozen=True, slots=True, repr=False)
class Look:
    """A tap on the button beside a receipt."""

    query: CallbackQuery
    sheet: Sheet
    button: CastButton


@dataclass
class Ballots:
    """Both sides, for the length of a tap: the registrar's is the desk's."""

    desk: Desk
    box: BoxSide

    async def tapped(self, query: CallbackQuery) -> None:
        """A tap on one of a ballot's buttons."""
        tap = await self._opened(query)
        if tap is None:
            voice = await self.desk.voice(query.from_user)
            await talk.answer(query, voice("alerts.old_button"))
        elif isinstance(tap, Look):
            await self._look(tap)
        else:
            await self._tapped(tap)

    async def _tapped(self, tap: Tap) -> None:
        query, state = tap.query, tap.sheet.sitting.state
        if await self.box.book.has_cast(tap.uuid, tap.sown.credential.raw):
            # Told again, whatever old screen was tapped: the choices on it must not come back.
            await talk.answer(query)
            await self._show_recorded(tap, await self._stored(tap))
        elif tap.draft.page == ballot_button.TOKEN:
            await self._collect(tap)
        elif tap.draft.page == ballot_button.DOSSIERS:
            await self._show_officials(tap)
        elif state in VOTED:
            await talk.answer(query)
            await self._turn(tap, Page(tap.sheet.voice("ballot.too_late")))
        elif state != State.OPEN:
            await self._wait(tap)
        else:
            await self._fill(tap)

    async def _wait(self, tap: Tap) -> None:
        """No ballot is taken yet; whose credential the box does not have gets it there again."""
        sitting, registered = tap.sheet.sitting, await self._registered(tap)
        if sitting.shown_state == State.CHECKIN and not registered:
            await self._collect(tap)
            return
        key = ("sealing" if registered else "missing") if sitting.sealing else "not_open"
        await talk.answer(tap.query, tap.sheet.voice(f"alerts.{key}"))

    async def _opened(self, query: CallbackQuery) -> Tap | Look | None:
        """The voter's session that a button belongs to, and what it carries."""
        account = query.from_user.id
        for chat in await self.desk.chats(account, VOTER):
            sitting = await self.desk.standing(chat.uuid)
            key = self.desk.key(sitting)
            if key is None:
                continue
            try:
                button = key.open(account, query.data or "")
            except OldButtonError:
                continue
            voice = sitting.voice(language_of(chat.language))
            sheet = Sheet(sitting, key, account, voice)
            if isinstance(button, CastButton):
                return Look(query, sheet, button)
            return Tap(query, chat, sheet, button)
        return None

    # ---- token

    async def _collect(self, tap: Tap) -> None:
        query, voice = tap.query, tap.sheet.voice
        try:
            await self._register(tap)
        except TokenAlreadyIssued:
            await talk.answer(query, voice("alerts.token_elsewhere"))
            return
        except PaperIssued:
            await talk.answer(query, voice("alerts.paper_issued"))
            return
        except RegistrationEnded:
            if not await self._registered(tap):
                await self._not_collected(tap)
                return
            await talk.answer(query)
        except WrongState:
            await talk.answer(query, voice("alerts.no_checkin"))
            return
        else:
            await talk.answer(query)
        await self._turn(tap, tap.sheet.ready(tap.draft))
        if query.message is not None:
            await talk.pin(self.desk.bot, query.message.chat.id, query.message.message_id)

    async def _not_collected(self, tap: Tap) -> None:
        """Registration has ended; until the box is sealed it may go on, and the button stays."""
        if tap.sheet.sitting.sealing:
            await talk.answer(tap.query, tap.sheet.voice("alerts.missing"))
            return
        await talk.answer(tap.query)
        await self._turn(tap, tap.sheet.unregistered())

    async def _register(self, tap: Tap) -> None:
        """The registrar's signature for the seed's credential, then the box's list."""
        election, parameters = tap.sheet.election, tap.sheet.parameters
        issuer = IssuerKey.from_spki(parameters.issuer)
        sown, phi = tap.sown, election.phi
        credential = sown.credential
        request = token.request_token_from(issuer, phi, credential, sown.salt, sown.blinding)
        side, login = self.desk.registrar, Login(b"", tap.uuid, VOTER, tap.chat.person, None, 0)
        answer = await registrar.token(
            side.book, side.issuer(tap.uuid), login, request.blinded_message, CHANNEL
        )
        signature = token.receive_token(issuer, phi, credential, answer, request)
        await box.register(
            self.box.book, election, parameters, credential.hex, to_base64(signature)
        )

    async def _registered(self, tap: Tap) -> bool:
        return await self.box.book.registered(tap.uuid, tap.sown.credential.raw)

    async def _show_officials(self, tap: Tap) -> None:
        await talk.answer(tap.query)
        collected = await self._registered(tap)
        first, *following = tap.sheet.rated(tap.draft, collected=collected)
        await self._turn(tap, first)
        for page in following:
            await talk.say(self.desk.bot, tap.chat.account, page)

    # ---- ballot

    async def _fill(self, tap: Tap) -> None:
        """Voting is open: the page that the button leads to."""
        page, draft = tap.sheet, tap.draft
        if draft.page == ballot_button.SEND:
            await self._send(tap)
            return
        await talk.answer(tap.query)
        if draft.page == ballot_button.START:
            await self._turn(tap, await self._begun(tap))
        elif draft.page == ballot_button.REVIEW:
            await self._turn(tap, page.review(draft))
        elif draft.page == ballot_button.BLANKS and draft.unmarked:
            await self._turn(tap, page.blanks(draft))
        elif draft.page < len(draft.marks):
            await self._turn(tap, page.official(draft))

    async def _begun(self, tap: Tap) -> Page:
        """The first page, if this credential may vote."""
        if not await self._registered(tap):
            return tap.sheet.unregistered()
        try:
            await self._opening(tap)
        except (BadCheckpoint, BadCredentials) as error:
            return tap.sheet.stopped(tap.draft, error)
        return tap.sheet.official(tap.draft.to(next(iter(tap.draft.unmarked), 0)))

    async def _opening(self, tap: Tap) -> SignedState:
        """The opening as a phone checks it; as bot/sides/signatures.py `opening`."""
        election, parameters = tap.sheet.election, tap.sheet.parameters
        return await signatures.opening(self.box.book, election, parameters, tap.sown.credential)

    async def _send(self, tap: Tap) -> None:
        """Encrypts, stores, and only then says so."""
        # The vote does not wait for Telegram, which meanwhile takes the choices off the screen.
        showing = asyncio.create_task(self._show_sending(tap))
        raw, refusal = b"", None
        # What was received before the end counts, however long the rest takes.
        with self.box.receiving(tap.uuid) as received:
            try:
                await self._opening(tap)
                raw = await self._cast(tap, received)
            except Closed:
                refusal = Page(tap.sheet.voice("ballot.too_late"))
            except UnknownCredential:
                refusal = tap.sheet.unregistered()
            except (BadCheckpoint, BadCredentials) as error:
                refusal = tap.sheet.stopped(tap.draft, error)
            except (ProtocolError, Problem, OSError) as error:
                logs.failure("casting by chat", error)
                refusal = tap.sheet.not_sent(tap.draft)
        await showing
        if refusal is None:
            await self._show_recorded(tap, raw)
        else:
            await self._turn(tap, refusal)

    async def _show_sending(self, tap: Tap) -> None:
        try:
            await talk.answer(tap.query)
            await self._turn(tap, tap.sheet.sending(tap.draft))
        except TelegramError:
            return

    async def _cast(self, tap: Tap, received: float) -> bytes:
        """The ballot that is made now, or the one that another tap has made meanwhile.

        Raises:
            Closed, UnknownCredential: it does not count.
            Problem, OSError: not stored, and may be tried again.
        """
        election, secret, raw = tap.sheet.election, tap.sown.secret, b""
        for _ in range(_BUSY_TRIES):
            try:
                raw = raw or await self.box.checker.encrypt(election.raw, secret, tap.draft.marks)
                await self.box.take(election, raw, received)
            except SecondBallot:
                break
            except Problem as problem:
                if problem.code != "busy":
                    raise
                await asyncio.sleep(problem.retry_after or _BUSY_PAUSE)
            else:
                return raw
        return await self._stored(tap)

    async def _stored(self, tap: Tap) -> bytes:
        """The ballot of the button's credential. Raises Problem if there is none."""
        stored = await self.box.book.ballot_of(tap.uuid, tap.sown.credential.raw)
        if stored is None:
            raise Problem(503, "busy")
        return stored

    async def _show_recorded(self, tap: Tap, raw: bytes) -> None:
        """The tracker and the box's promise, the same for the same ballot; nothing stays pinned."""
        tracker = b64_sha256(raw)
        receipt = Receipt(tracker, self.box.promise(tap.sheet.election, tracker))
        await self._turn(tap, await self._outcome(tap.sheet, receipt))
        message = tap.query.message
        if message is not None:
            await talk.unpin(self.desk.bot, message.chat.id, message.message_id)

    async def _look(self, tap: Look) -> None:
        """What became of the ballot of a receipt: counted or not is known after the close only."""
        query, sitting, voice = tap.query, tap.sheet.sitting, tap.sheet.voice
        trackers = await self.box.book.trackers(sitting.uuid)
        tracker = next(filter(tap.button.fits, trackers), None)
        early = tracker is not None and sitting.state not in VOTED
        await talk.answer(query, voice("alerts.not_closed") if early else None)
        if tracker is None:  # beside the receipt, whose promise is the voter's proof
            await talk.say(self.desk.bot, tap.sheet.account, Page(voice("ballot.gone")))
        elif not early:
            receipt = Receipt(tracker, self.box.promise(tap.sheet.election, tracker))
            page = await self._outcome(tap.sheet, receipt, tap.button)
            await talk.turn(self.desk.bot, query, page)

    async def _outcome(
        self, sheet: Sheet, receipt: Receipt, button: CastButton | None = None
    ) -> Page:
        """What became of a ballot that is cast: recorded, waiting, counted, or an alarm.

        Args:
            button: the one beside the receipt; None if the receipt is written for the first time,
                or again from the seed: then it is made for the opening as it is now.
        """
        election, parameters, voice = sheet.election, sheet.parameters, sheet.voice
        book, tracker = self.box.book, receipt.tracker
        # Read again: the vote may have been closed since the tap.
        sitting = await self.desk.standing(election.uuid)
        try:
            opened = await signatures.opening(book, election, parameters)
            button = button or CastButton.of(tracker, opened.checkpoint.signed_digest)
            if sitting.state in VOTED:
                closed = await signatures.closing(
                    book, election, parameters, tracker, button.opening
                )
                what = voice("ballot.counted", opening=opened.code, closing=closed.code)
            else:
                what = voice("ballot.recorded", opening=opened.code)
        except Incomplete:
            count, needed = await signatures.signed(book, election, parameters)
            what = voice("ballot.waiting", signed=count, needed=needed)
        except BadCheckpoint:
            what = voice("ballot.uncertain")
        return sheet.recorded(receipt, what, button)

    async def _turn(self, tap: Tap, page: Page) -> None:
        await talk.turn(self.desk.bot, tap.query, page)
