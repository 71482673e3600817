"""Sheets with a code, one page for each voter: the code, how to vote with it, what to keep secret.

The pages hold the codes, so nothing but the finished file may show them: an error of the
typesetter says where it arose in our template, and none of what it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import typst

from admin.documents import qr, typeset
from admin.rules.regime import RegimeKind
from admin.words import Language, words
from crypto.encoding import Json

_PADDED: Final = 3  # in Vietnamese documents months before this one are zero-padded


@dataclass(frozen=True, slots=True)
class LetterHead:
    """What stands on every letter.

    Attributes:
        day: with the hour only if voting has a planned beginning.
        timed: whether the hour of `day` means something.
        address: where the code is typed by whoever cannot scan it.
        session_code: what people compare, if the session is sealed.
        kind: whether a Party or a State body gives them out; None if that is not settled yet.
        pages: whether phones vote by the page that the link opens.
        paper: whether a paper ballot is a way of voting.
        backup: whether another device can go on with a backup code.
        rehearsal: whether the vote is only an exercise.
    """

    uuid: str
    body: str
    title: str
    day: datetime
    timed: bool
    place: str
    address: str
    session_code: str | None = None
    kind: RegimeKind | None = None
    pages: bool = True
    paper: bool = True
    backup: bool = True
    rehearsal: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Invited:
    """One voter: number and name as on the roster, the code and its links.

    Attributes:
        honorific: Ông, Bà; may be empty.
        details: position and unit, where they are known.
        chat: the link to the bot; empty without one.
    """

    number: int
    name: str
    details: tuple[str, ...]
    code: str
    link: str
    chat: str
    honorific: str = ""


class NotSetError(RuntimeError):
    """The letters could not be set; the detail holds none of their content."""


def pdf(head: LetterHead, invited: Sequence[Invited], language: Language) -> bytes:
    """The letters as one document, a page for each; the same letters make the same bytes.

    Raises:
        NotSetError: the typesetter failed.
    """
    try:
        return typeset.pdf("letters", _data(head, invited, language))
    except typst.TypstError:
        raise NotSetError("the letters could not be set") from None


def png(
    head: LetterHead, invited: Sequence[Invited], language: Language, *, ppi: float
) -> list[bytes]:
    """The same pages as pictures.

    Raises:
        NotSetError: the typesetter failed.
    """
    try:
        return typeset.png("letters", _data(head, invited, language), ppi=ppi)
    except typst.TypstError:
        raise NotSetError("the letters could not be set") from None


def _data(head: LetterHead, invited: Sequence[Invited], language: Language) -> dict[str, Json]:
    """What the template reads: every text in the reader's language."""
    phrase = _LetterPhrases(head, language)
    code = head.session_code
    return {
        "lang": language,
        "banner": words("cli.audit.rehearsal", language) if head.rehearsal else None,
        "body": head.body,
        "heading": phrase("heading"),
        "title": head.title,
        "facts": phrase.facts(),
        "scan": phrase("scan" if head.pages else "scan_elsewhere"),
        "code": {"label": phrase("code"), "text": phrase("code_text")},
        "backup": phrase.backup(),
        "telegram": {"label": phrase("telegram"), "text": phrase("telegram_text")},
        "session_code": code
        and {"label": phrase("session_code"), "code": code, "text": phrase("session_code_text")},
        "steps": {"label": phrase("steps"), "list": phrase.steps()},
        "help": {"label": phrase("help"), "text": phrase.help()},
        "secrecy": {"label": phrase("secrecy"), "text": phrase("secrecy_text")},
        "letters": [_letter(voter, phrase) for voter in invited],
    }


def _letter(voter: Invited, phrase: "_LetterPhrases") -> Json:
    return {
        "to": phrase("to"),
        "name": phrase.addressed(voter),
        "details": list(voter.details),
        "number": [phrase("number_label"), phrase("number", number=voter.number)],
        "code": voter.code,
        "qr": qr.svg(voter.link),
        "chat": qr.svg(voter.chat) if voter.chat else None,
        "footer": phrase("footer", uuid=phrase.head.uuid, number=voter.number),
    }


@dataclass(frozen=True, slots=True)
class _LetterPhrases:
    """The language of the letters, and how the body addresses its members."""

    head: LetterHead
    language: Language

    def __call__(self, key: str, **params: object) -> str:
        kind = self.head.kind or "state"
        for name in ("member", "Member"):
            params[name] = words(f"chat.address.{kind}.{name}", self.language)
        return words(f"letter.{key}", self.language, **params)

    def addressed(self, voter: Invited) -> str:
        """The name as the body addresses its members, where that is known."""
        party = self.head.kind == "party" and self.language == "vi"
        honorific = self("comrade") if party else voter.honorific
        return f"{honorific} {voter.name}".lstrip()

    def facts(self) -> list[Json]:
        """When and where."""
        day = self.head.day
        month = f"{day.month:02}" if day.month < _PADDED else str(day.month)
        date = {"day": day.day, "month": month, "year": day.year}
        if self.head.timed:
            when = self("when_timed", hour=day.hour, minute=day.minute, **date)
        else:
            when = self("when", **date)
        facts: list[Json] = [[self("when_label"), when]]
        return [*facts, [self("where_label"), self.head.place]] if self.head.place else facts

    def backup(self) -> Json:
        """What becomes of a ballot whose phone is lost; nothing where no phone votes."""
        if not self.head.pages:
            return None
        text = self("backup_text" if self.head.backup else "backup_none")
        return {"label": self("backup"), "text": text}

    def steps(self) -> list[Json]:
        if not self.head.pages:
            return [self(f"elsewhere.{key}") for key in ("keep", "bring", "follow")]
        compare = "compare" if self.head.session_code else "compare_hall"
        return [self(f"step.{key}") for key in ("scan", compare, "mark", "send", "after")]

    def help(self) -> str:
        sentences = [self("help_text")]
        if self.head.pages:
            sentences.append(self("help_typing", address=self.head.address))
        if self.head.paper:
            sentences.append(self("help_paper"))
        return " ".join(sentences)
