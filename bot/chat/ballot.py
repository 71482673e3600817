"""Token and ballot by buttons: the one module that knows a person and a ballot at once.

The knowledge lasts as long as a tap. Seed and draft come with the button and go with it; nothing
of them is put into a book, a log, a cache or an exception. Every step may come twice: the same
button makes the same credential, asks for the same token, and finds the same ballot stored.

    TOKEN    seed → s, salt, blinding (crypto/token.sow) → the registrar's signature → the box
    0…       a page of the draft
    SEND     the ballot, encrypted in a worker, judged by the auditor's checks, stored; then told
"""

import asyncio
from typing import Final

from telegram import CallbackQuery
from telegram.error import TelegramError

from admin.voting import ballot_button, box, registrar
from admin.voting.ballot_button import Button, OldButtonError
from bot import logs
from bot.chat import launch, sheet, talk
from bot.chat.desk import CHANNEL, Desk, Sitting
from bot.chat.pages import Page, language_of
from bot.chat.sheet import Sheet
from bot.sides.problem import Problem
from crypto import token
from crypto.blind import IssuerKey
from crypto.encoding import b64_sha256, to_base64
from crypto.errors import (
    Closed,
    ProtocolError,
    RegistrationEnded,
    SecondBallot,
    TokenAlreadyIssued,
    UnknownCredential,
    WrongState,
)
from crypto.lifecycle import State
from crypto.session import Election
from crypto.token import Sown
from storage.errors import PaperIssued
from storage.rows import Chat, Login

_BUSY_TRIES, _BUSY_PAUSE = 120, 0.5  # the workers have a minute's work at most
_OVER: Final = frozenset({State.CLOSED, State.TALLIED, State.PUBLISHED, State.FAILED})
VOTER: Final = "voter"


async def offer(desk: Desk, sitting: Sitting, chat: Chat) -> Page | None:
    """The page that lets a voter collect the token; None if that is not possible here."""
    voice = sitting.voice(language_of(chat.language))
    app = launch.rows(desk, sitting, voice)
    if not sitting.by_chat:
        text = f"{sitting.head(voice)}\n\n{voice('ballot.offer_app')}"
        return Page(text, app) if app else None
    key = desk.key(sitting)
    if key is None:
        return None
    return Sheet(sitting, key, chat.account, voice).offer(app)


async def tapped(desk: Desk, query: CallbackQuery) -> None:
    """A tap on one of a ballot's buttons."""
    found = await _opened(desk, query)
    if found is None:
        voice = await desk.voice(query.from_user)
        await talk.answer(query, voice("alerts.old_button"))
        return
    page, draft, chat = found
    credential = _sown(page, draft).credential
    if await desk.box.book.has_cast(page.sitting.uuid, credential.raw):
        # Told again, whatever old screen was tapped: the choices on it must not come back.
        await talk.answer(query)
        await _tell(desk, query, _recorded(desk, page, await _stored(desk, page, draft)))
    elif draft.page == ballot_button.TOKEN:
        await _collect(desk, query, page, draft, chat)
    elif draft.page == ballot_button.PAPERS:
        await talk.answer(query)
        collected = await _registered(desk, page, draft)
        first, *others = page.papers(draft, collected=collected)
        await talk.turn(desk.bot, query, first)
        for other in others:
            await talk.say(desk.bot, chat.account, other)
    elif page.sitting.state in _OVER:
        await _over(desk, query, page)
    elif page.sitting.state != State.OPEN:
        await talk.answer(query, page.voice("alerts.not_open"))
    else:
        await _fill(desk, query, page, draft)


async def _opened(desk: Desk, query: CallbackQuery) -> tuple[Sheet, Button, Chat] | None:
    """The voter's session that a button belongs to, and what it carries."""
    account = query.from_user.id
    for chat in await desk.chats(account, VOTER):
        sitting = await desk.standing(chat.uuid)
        key = desk.key(sitting)
        if key is None:
            continue
        try:
            draft = key.open(account, query.data or "")
        except OldButtonError:
            continue
        voice = sitting.voice(language_of(chat.language))
        return Sheet(sitting, key, account, voice), draft, chat
    return None


# --- Token --------------------------------------------------------------------------------


async def _collect(
    desk: Desk, query: CallbackQuery, page: Sheet, draft: Button, chat: Chat
) -> None:
    try:
        await _register(desk, page, draft, chat)
    except (TokenAlreadyIssued, PaperIssued) as error:
        elsewhere = "paper_issued" if isinstance(error, PaperIssued) else "token_elsewhere"
        await talk.answer(query, page.voice(f"alerts.{elsewhere}"))
        return
    except RegistrationEnded:
        await talk.answer(query)
        if not await _registered(desk, page, draft):
            await talk.turn(desk.bot, query, _unregistered(page))
            return
    except WrongState:
        await talk.answer(query, page.voice("alerts.no_checkin"))
        return
    else:
        await talk.answer(query)
    await talk.turn(desk.bot, query, page.ready(draft))
    if query.message is not None:
        await talk.pin(desk.bot, query.message.chat.id, query.message.message_id)


async def _register(desk: Desk, page: Sheet, draft: Button, chat: Chat) -> None:
    """The registrar's signature for the seed's credential, then the box's list."""
    election, parameters = _sealed(page), page.parameters
    issuer = IssuerKey.from_spki(parameters.issuer)
    sown = token.sow(draft.seed, election.phi, issuer)
    request = token.request_token_from(
        issuer, election.phi, sown.credential, sown.salt, sown.blinding
    )
    who = Login(b"", chat.uuid, VOTER, chat.person, None, 0)
    signing, book = desk.registrar.issuer(chat.uuid), desk.registrar.book
    answer = await registrar.token(book, signing, who, request.blinded_message, CHANNEL)
    made = token.receive_token(issuer, election.phi, sown.credential, answer, request)
    credential = sown.credential.hex
    await box.register(desk.box.book, election, parameters, credential, to_base64(made))


async def _registered(desk: Desk, page: Sheet, draft: Button) -> bool:
    credential = _sown(page, draft).credential
    return await desk.box.book.registered(page.sitting.uuid, credential.raw)


# --- Ballot -------------------------------------------------------------------------------


async def _fill(desk: Desk, query: CallbackQuery, page: Sheet, draft: Button) -> None:
    """Voting is open: the page that the button leads to."""
    if draft.page == ballot_button.SEND:
        await _send(desk, query, page, draft)
        return
    await talk.answer(query)
    if draft.page == ballot_button.START:
        await talk.turn(desk.bot, query, await _begun(desk, page, draft))
    elif draft.page == ballot_button.REVIEW:
        await talk.turn(desk.bot, query, page.review(draft))
    elif draft.page == ballot_button.BLANKS and draft.unmarked:
        await talk.turn(desk.bot, query, page.blanks(draft))
    elif draft.page < len(draft.marks):
        await talk.turn(desk.bot, query, page.official(draft))


async def _begun(desk: Desk, page: Sheet, draft: Button) -> Page:
    """The first page, if this credential may vote."""
    if not await _registered(desk, page, draft):
        return _unregistered(page)
    return page.official(draft.to(next(iter(draft.unmarked), 0)))


async def _send(desk: Desk, query: CallbackQuery, page: Sheet, draft: Button) -> None:
    """Encrypts, stores, and only then says so."""
    # The vote does not wait for Telegram, which meanwhile takes the choices off the screen.
    showing = asyncio.create_task(_show_sending(desk, query, page, draft))
    recorded = False
    # What was received before the end counts, however long the rest takes.
    with desk.box.receiving(page.sitting.uuid) as received:
        try:
            raw = await _cast(desk, page, draft, received)
        except Closed:
            shown = Page(page.voice("ballot.too_late"))
        except UnknownCredential:
            shown = _unregistered(page)
        except (ProtocolError, Problem, OSError) as error:
            logs.failure("casting by chat", error)
            shown = page.not_sent(draft)
        else:
            shown, recorded = _recorded(desk, page, raw), True
    await showing
    if recorded:
        await _tell(desk, query, shown)
    else:
        await talk.turn(desk.bot, query, shown)


async def _tell(desk: Desk, query: CallbackQuery, shown: Page) -> None:
    """The ballot is recorded: its message is nothing to be kept at hand any more."""
    await talk.turn(desk.bot, query, shown)
    if query.message is not None:
        await talk.unpin(desk.bot, query.message.chat.id, query.message.message_id)


async def _show_sending(desk: Desk, query: CallbackQuery, page: Sheet, draft: Button) -> None:
    try:
        await talk.answer(query)
        await talk.turn(desk.bot, query, page.sending(draft))
    except TelegramError:
        return


def _unregistered(page: Sheet) -> Page:
    return Page(f"{page.sitting.head(page.voice)}\n\n{page.voice('ballot.registration_ended')}")


async def _cast(desk: Desk, page: Sheet, draft: Button, received: float) -> bytes:
    """The ballot that is made now, or the one that another tap has made meanwhile.

    Raises:
        Closed, UnknownCredential: it does not count.
        Problem, OSError: not stored, and may be tried again.
    """
    election = _sealed(page)
    for _ in range(_BUSY_TRIES):
        try:
            secret = _sown(page, draft).secret
            raw = await desk.box.checker.encrypt(election.raw, secret, draft.marks)
            await desk.box.take(election, raw, received)
        except SecondBallot:
            break
        except Problem as problem:
            if problem.code != "busy":
                raise
            await asyncio.sleep(_BUSY_PAUSE)
        else:
            return raw
    return await _stored(desk, page, draft)


async def _stored(desk: Desk, page: Sheet, draft: Button) -> bytes:
    """The ballot of the button's credential. Raises Problem if there is none."""
    credential = _sown(page, draft).credential
    stored = await desk.box.book.ballot_of(page.sitting.uuid, credential.raw)
    if stored is None:
        raise Problem(503, "busy")
    return stored


async def _over(desk: Desk, query: CallbackQuery, page: Sheet) -> None:
    """Voting has ended, and this button's ballot is not among those that were cast."""
    await talk.answer(query)
    await talk.turn(desk.bot, query, Page(page.voice("ballot.too_late")))


def _recorded(desk: Desk, page: Sheet, raw: bytes) -> Page:
    """The tracker and the box's promise; the same ballot gets the same."""
    tracker = b64_sha256(raw)
    return sheet.recorded(page.voice, tracker, desk.box.promise(_sealed(page), tracker))


def _sown(page: Sheet, draft: Button) -> Sown:
    issuer = IssuerKey.from_spki(page.parameters.issuer)
    return token.sow(draft.seed, _sealed(page).phi, issuer)


def _sealed(page: Sheet) -> Election:
    if page.sitting.election is None:
        raise WrongState("the session has not been sealed")
    return page.sitting.election
