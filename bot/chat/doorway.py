"""The way in: a code makes an account somebody; language and help; all who are not known.

The code of a letter comes by its QR (`/start UUID-CODE`), typed, or as the whole link. A message
with a code in it is deleted, wherever it stands; a phone's backup code is of no use here at all.
Whom a code admits is shown and confirmed before the account is written down.
"""

import re
from contextlib import suppress
from typing import Final

from telegram import CallbackQuery, Message, Update
from telegram.error import BadRequest, Forbidden

from admin.office import dossiers
from admin.voting import codes
from admin.voting.codes import CodeInText
from admin.words import LANGUAGES
from bot.chat import launch, menu, sheet, talk
from bot.chat.desk import CHAIR, ROLES, VOTER, Desk, Sitting
from bot.chat.notices import chair_notice, dossiers_notice
from bot.chat.pages import Page, Voice, language_of, plain
from crypto.encoding import BASE58, CROCKFORD
from crypto.errors import BadCode, UnknownSession
from crypto.lifecycle import BALLOTS_OUT, State
from storage.errors import CodeTaken
from storage.rows import Chat, Code

_REPEATED_BY_WELCOME: Final = {
    State.CHECKIN: ("checkin",),
    State.OPEN: ("opened", "opened_without", "opened_office"),
}
_PAYLOAD: Final = re.compile(f"([{BASE58}]{{16}})-([{CROCKFORD}]{{16}})")
_LOOKS_LIKE_CODE: Final = re.compile(
    r"(?=.*[0-9])[0-9A-Za-z\s.–—-]{12,60}|([0-9A-Za-z]{4}[\s.–—-]?){4,8}|\S+#c=\S+"
)


async def start(desk: Desk, message: Message, payload: str, voice: Voice) -> None:
    """`/start`, with or without what a QR code brought."""
    if payload:
        await shown_code(desk, message, payload, voice)
        return
    chats = await desk.chats(message.chat.id, *ROLES)
    if not chats:
        await talk.say(desk.bot, message.chat.id, Page(voice("door.stranger")))
    for chat in chats:
        await welcome(desk, chat)


def looks_like_code(text: str) -> bool:
    """Whether somebody seems to have typed or pasted a code."""
    return _LOOKS_LIKE_CODE.fullmatch(text.strip()) is not None


async def taken_code(desk: Desk, message: Message, voice: Voice) -> bool:
    """Takes the code that stands anywhere in a message, a caption or an edit; whether one does.

    The message is deleted, with whatever else it says.
    """
    code = codes.search(message.text or message.caption or "")
    if code is None:
        return False
    with suppress(BadRequest, Forbidden):
        await message.delete()
    if not code.letters:
        await talk.say(desk.bot, message.chat.id, Page(voice("door.backup_code")))
    else:
        await _ask(desk, message, code, voice)
    return True


async def shown_code(desk: Desk, message: Message, text: str, voice: Voice) -> None:
    """Finds the person whom a code admits, and asks whether the account is theirs."""
    try:
        code = _read(text)
    except BadCode:
        await _wrong(desk, message, voice)
    else:
        await _ask(desk, message, code, voice)


async def _ask(desk: Desk, message: Message, read: CodeInText, voice: Voice) -> None:
    code = await _code_of(desk, read.uuid, read.letters)
    if code is None:
        await _wrong(desk, message, voice)
        return
    page = await _question(desk, code, read.letters, voice)
    await talk.say(desk.bot, message.chat.id, page)


async def decided(desk: Desk, query: CallbackQuery, answer: list[str], voice: Voice) -> None:
    """The answer to that question: yes with uuid and code, or no."""
    await talk.answer(query)
    if answer[0] == "no":
        await talk.turn(desk.bot, query, Page(voice("door.not_me")))
        return
    code = await _code_of(desk, answer[1], answer[2])
    if code is None:
        await talk.turn(desk.bot, query, Page(voice("door.wrong_code")))
        return
    account = query.from_user.id
    chat = Chat(code.uuid, account, code.role, code.person, voice.language, code.owner)
    book = desk.registrar.book.chats
    try:
        # Before the account is known, so that no notice says the same beside the welcome.
        repeated = _REPEATED_BY_WELCOME.get((await desk.sitting(code.uuid)).state, ())
        added = dossiers_notice(dossiers.changes(desk.datadir, code.uuid))
        earlier = await book.of_session(code.uuid)
        chairs = [chair_notice(other) for other in earlier if other.role == CHAIR]
        for notice in (*repeated, added, *chairs):
            await book.note_sent(code.uuid, notice, account)
        await book.admit(chat)
    except (CodeTaken, BadCode) as error:
        await talk.turn(desk.bot, query, Page(voice.refusal(error.code)))
        return
    await talk.turn(desk.bot, query, Page(voice("door.welcome")))
    await menu.install(desk, account)
    await welcome(desk, chat)


async def welcome(desk: Desk, chat: Chat) -> None:
    """Greets an account that speaks for somebody, with what it can do now."""
    sitting = await desk.sitting(chat.uuid)
    voice = sitting.voice(language_of(chat.language))
    if chat.role != VOTER:
        page = Page(f"{sitting.head(voice)}\n\n{voice(f'door.{chat.role}')}")
    else:
        page = await _voter(desk, sitting, chat, voice)
    await talk.say(desk.bot, chat.account, page, protected=chat.role == VOTER)


async def _voter(desk: Desk, sitting: Sitting, chat: Chat, voice: Voice) -> Page:
    has_token = chat.account in await desk.registrar.book.chats.with_token(chat.uuid)
    has_paper = chat.account in await desk.registrar.book.chats.with_paper(chat.uuid)
    if sitting.shown_state == State.CHECKIN and not (has_token or has_paper):
        page = sheet.offer(desk, sitting, chat)
        if page is not None:
            return page
    key = "has_paper" if has_paper else _voter_key(desk, sitting, has_token=has_token)
    text = f"{sitting.head(voice)}\n\n{voice(f'door.voter.{key}')}"
    return Page(text, launch.rows(desk, sitting, voice) if has_token else [])


def _voter_key(desk: Desk, sitting: Sitting, *, has_token: bool) -> str:
    """The key of the sentence for a voter to whom no button of ours can give a token."""
    if sitting.session.on_paper:
        return "on_paper"
    if launch.key(desk, sitting, "at") == "at_elsewhere":
        return "elsewhere"
    if has_token and sitting.state in BALLOTS_OUT:
        return launch.key(desk, sitting, "has_token")
    return "too_late" if sitting.state == State.OPEN else f"at_{sitting.shown_state}"


# --- Language -----------------------------------------------------------------------------


def languages(voice: Voice) -> Page:
    """The choice of a language."""
    rows = [[plain(f"lang:{language}", Voice(language)("language.name"))] for language in LANGUAGES]
    return Page(voice("language.ask"), rows)


async def spoke(desk: Desk, query: CallbackQuery, tag: str) -> None:
    """Somebody chose a language."""
    language = language_of(tag)
    account = query.from_user.id
    desk.spoken[account] = language
    await desk.registrar.book.chats.speak(account, language)
    await talk.answer(query)
    await menu.install(desk, account)
    await talk.turn(desk.bot, query, Page(Voice(language)("language.chosen")))


# --- Strangers and other things ------------------------------------------------------------


async def refused(desk: Desk, update: Update, voice: Voice) -> None:
    """A group or channel: everything is done in private."""
    chat = update.effective_chat
    if chat is None:
        return
    link = f"https://t.me/{desk.bot.username}"
    await talk.say(desk.bot, chat.id, Page(voice("group.private_only", link=link)))


async def _wrong(desk: Desk, message: Message, voice: Voice) -> None:
    seconds = desk.registrar.attempts.failed(f"chat {message.chat.id}")
    key = "door.wrong_code" if seconds is None else "door.too_many"
    await talk.say(desk.bot, message.chat.id, Page(voice(key)))


def _read(text: str) -> CodeInText:
    """The code that a link brought or somebody typed. Raises BadCode."""
    if payload := _PAYLOAD.fullmatch(text.strip()):
        return CodeInText(payload[2], payload[1])
    return CodeInText(codes.parse(text))


async def _code_of(desk: Desk, uuid: str | None, letters: str) -> Code | None:
    """The code as the registrar's book has it; None if it is unknown or has expired."""
    book = desk.registrar.book
    uuids = [uuid] if uuid else [row.uuid for row in await book.sessions()]
    for candidate in uuids:
        code = await book.code(codes.code_hash(candidate, letters))
        if code is not None and code.uuid == candidate and code.expires > desk.now:
            return code
    return None


async def _question(desk: Desk, code: Code, letters: str, voice: Voice) -> Page:
    try:
        sitting = await desk.sitting(code.uuid)
    except UnknownSession:
        return Page(voice("door.wrong_code"))
    voice = sitting.voice(voice.language)
    if code.role not in ROLES:
        return Page(f"{sitting.head(voice)}\n\n{voice('door.trustee')}")
    if code.person is None:
        question = voice(f"door.ask_{code.role}")
    else:
        roster = await desk.registrar.book.roster(code.uuid)
        voter = next(person for person in roster if person.person == code.person)
        parts = [voter.details.get(key, "") for key in ("position", "unit")]
        details = ", ".join(part for part in parts if part)
        question = voice("door.ask_voter", name=voter.name)
        if details:
            question += f"\n{voice('ballot.name', name=details)}"
    yes = plain(f"yes:{code.uuid}:{letters}", voice("buttons.yes"))
    no = plain("no", voice("buttons.no"))
    return Page(f"{sitting.head(voice)}\n\n{question}\n\n{voice('door.is_it_you')}", [[yes], [no]])
