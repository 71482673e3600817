"""A text with its keyboard, in the words of the person who reads it.

Sentences are Telegram's HTML; what is put into them is escaped. State bodies say "đại biểu" of
their members, Party bodies "đồng chí" (domain glossary): the sentence says {member}.
"""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from admin.rules.regime import RegimeKind
from admin.words import LANGUAGES, Language, MissingWords, words

LIMIT: Final = 4000  # letters of a text; Telegram takes 4096 after its markup is read

Row = Sequence[InlineKeyboardButton]


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """The text and the keyboard of one message."""

    text: str
    rows: Sequence[Row] = ()

    @property
    def keyboard(self) -> InlineKeyboardMarkup | None:
        return InlineKeyboardMarkup(self.rows) if self.rows else None


@dataclass(frozen=True, slots=True)
class Voice:
    """The language of a reader, and how the body calls its members and its chair."""

    language: Language
    kind: RegimeKind = "state"

    def __call__(self, key: str, **params: object) -> str:
        """The sentence under ``chat.`` and the key; parameters are escaped."""
        named = {name: html.escape(str(value), quote=False) for name, value in params.items()}
        for name in ("member", "Member", "chair", "Chair"):
            named[name] = words(f"chat.address.{self.kind}.{name}", self.language)
        return words(f"chat.{key}", self.language, **named)

    def catalogued(self, key: str, **params: object) -> str | None:
        """The sentence, where there is one for this case."""
        try:
            return self(key, **params)
        except MissingWords:
            return None

    def state(self, state: str) -> str:
        """The name of a state of the session, for people."""
        return words(f"states.{state}", self.language)

    def refusal(self, code: str) -> str:
        """An error of the protocol in words: its meaning, and what to do."""
        title = words(f"errors.{code}.title", self.language)
        hint = words(f"errors.{code}.hint", self.language, command="phieukin")
        return f"<b>{html.escape(title)}</b>. {html.escape(hint)}"


def language_of(tag: str | None) -> Language:
    """A language that we speak: Vietnamese unless the reader's is another of ours."""
    primary = (tag or "").split("-")[0]
    return next((language for language in LANGUAGES if language == primary), LANGUAGES[0])


def plain(data: str, text: str) -> InlineKeyboardButton:
    """A button whose data are no secret."""
    return InlineKeyboardButton(text, callback_data=f"v1:{data}")


def split(head: str, entries: Iterable[str]) -> list[str]:
    """Texts short enough for a message each, cut between entries."""
    texts = [head]
    for entry in entries:
        if len(texts[-1]) + len(entry) + 1 > LIMIT:
            texts.append(entry)
        else:
            texts[-1] += f"\n{entry}"
    return texts
