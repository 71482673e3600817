"""The list of officials and their dossiers: for everybody of the session, at any time."""

import io
from dataclasses import dataclass, field

from telegram import CallbackQuery, InputFile
from telegram.error import BadRequest, Forbidden

from admin.office import dossiers
from admin.words import words
from bot.chat import talk
from bot.chat.desk import ROLES, Desk, Sitting
from bot.chat.pages import Page, Voice, language_of, plain, split
from storage.rows import Chat


@dataclass
class Dossiers:
    """Sends lists and files; a file goes to Telegram once, then by the name it got there."""

    desk: Desk
    _sent: dict[str, str] = field(default_factory=dict)

    async def show(self, account: int, voice: Voice) -> None:
        """`/papers`: the officials of each session of the account."""
        chats = {chat.uuid: chat for chat in await self.desk.chats(account, *ROLES)}
        if not chats:
            await talk.say(self.desk.bot, account, Page(voice("door.stranger")))
        for chat in chats.values():
            for page in self._pages(await self.desk.sitting(chat.uuid), chat):
                await talk.say(self.desk.bot, account, page)

    async def tapped(self, query: CallbackQuery, uuid: str, number: str, voice: Voice) -> None:
        """An official's files, for whom the session knows."""
        chats = await self.desk.chats(query.from_user.id, *ROLES)
        allowed = any(chat.uuid == uuid for chat in chats) and number.isascii() and number.isdigit()
        paths = dossiers.of(self.desk.datadir, uuid).get(int(number), []) if allowed else []
        await talk.answer(query, None if paths else voice("alerts.old_button"))
        for path in paths:
            kind = words(f"dossiers.kinds.{dossiers.kind_of(path)}", voice.language)
            key = f"{uuid}/{path.name}/{path.stat().st_mtime_ns}"
            content: str | InputFile = self._sent.get(key) or InputFile(
                io.BytesIO(path.read_bytes()), filename=path.name
            )
            try:
                sent = await self.desk.bot.send_document(
                    query.from_user.id, content, caption=f"{number}. {kind}"
                )
            except (BadRequest, Forbidden):
                return
            if sent.document is not None:
                self._sent[key] = sent.document.file_id

    def _pages(self, sitting: Sitting, chat: Chat) -> list[Page]:
        voice = sitting.voice(language_of(chat.language))
        head = sitting.head(voice)
        if sitting.parameters is None:
            return [Page(f"{head}\n\n{voice('papers.later')}")]
        officials = sitting.parameters.officials
        lines = [
            line(number, official.name, official.position, voice)
            for number, official in enumerate(officials, 1)
        ]
        files = dossiers.of(self.desk.datadir, sitting.uuid)
        if files:
            lines.append(f"\n{voice('papers.tap')}")
        texts = split(f"{head}\n\n{voice('papers.list', total=len(officials))}\n", lines)
        rows = [
            [
                plain(
                    f"file:{sitting.uuid}:{number}",
                    voice("buttons.file", number=number, name=official.name),
                )
            ]
            for number, official in enumerate(officials, 1)
            if number in files
        ]
        return [*(Page(text) for text in texts[:-1]), Page(texts[-1], rows)]


def line(number: int, name: str, position: str, voice: Voice) -> str:
    """An official in a list."""
    entry = voice("papers.official", number=number, name=name)
    return f"{entry} – {voice('papers.position', position=position)}" if position else entry
