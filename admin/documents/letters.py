"""Invitation letters, one page for each voter: the code, how to vote with it, what to keep secret.

The pages hold the codes, so nothing but the finished file may show them: an error of the
typesetter says where it arose in our template, and none of what it was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import typst

from admin.documents import qr, typeset
from admin.words import Language, words
from crypto.encoding import Json

_GROUPS: Final = 4  # of each half, as the code is written
_PADDED: Final = 3  # in Vietnamese papers months before this one take a nought


@dataclass(frozen=True, slots=True)
class Occasion:
    """What stands on every letter.

    Attributes:
        day: with the hour only if voting has a planned beginning.
        timed: whether the hour of `day` means something.
        address: where the code is typed by whoever cannot scan it.
        fingerprint: φ in the form that people compare, if the session is sealed.
        party: whether a Party body invites; None if that is not settled yet.
        pages: whether phones vote by the page that the link opens.
        paper: whether a paper ballot is a way of voting.
        recovery: whether the second half of a code is of use.
        rehearsal: whether the vote is only an exercise.
    """

    uuid: str
    body: str
    title: str
    day: datetime
    timed: bool
    place: str
    address: str
    fingerprint: str | None = None
    party: bool | None = None
    pages: bool = True
    paper: bool = True
    recovery: bool = True
    rehearsal: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Invited:
    """One voter: number and name as on the roster, the code and its links.

    Attributes:
        details: position and unit, where they are known.
        chat: the link to the bot; empty without one.
    """

    number: int
    name: str
    details: tuple[str, ...]
    code: str
    link: str
    chat: str


class NotSetError(RuntimeError):
    """The letters could not be set; the detail holds none of their content."""


def pdf(occasion: Occasion, invited: Sequence[Invited], language: Language) -> bytes:
    """The letters as one document, a page for each; the same letters make the same bytes.

    Raises:
        NotSetError: the typesetter failed.
    """
    try:
        return typeset.pdf("letters", _data(occasion, invited, language))
    except typst.TypstError:
        raise NotSetError("the letters could not be set") from None


def png(
    occasion: Occasion, invited: Sequence[Invited], language: Language, *, ppi: float
) -> list[bytes]:
    """The same pages as pictures.

    Raises:
        NotSetError: the typesetter failed.
    """
    try:
        return typeset.png("letters", _data(occasion, invited, language), ppi=ppi)
    except typst.TypstError:
        raise NotSetError("the letters could not be set") from None


def _data(occasion: Occasion, invited: Sequence[Invited], language: Language) -> dict[str, Json]:
    """What the template reads: every text in the reader's language."""
    say = _Voice(occasion, language)
    phi = occasion.fingerprint
    return {
        "lang": language,
        "banner": words("cli.audit.rehearsal", language) if occasion.rehearsal else None,
        "nation": say.nation(),
        "body": occasion.body,
        "heading": say("heading"),
        "title": occasion.title,
        "facts": say.facts(),
        "scan": say("scan" if occasion.pages else "scan_elsewhere"),
        "first": {"label": say("first"), "text": say("first_text")},
        "second": {
            "label": say("second"),
            "text": say("second_text" if occasion.recovery else "second_none"),
        },
        "telegram": {"label": say("telegram"), "text": say("telegram_text")},
        "phi": phi and {"label": say("phi"), "code": phi, "text": say("phi_text")},
        "steps": {"label": say("steps"), "list": say.steps()},
        "help": {"label": say("help"), "text": say.help()},
        "secrecy": {"label": say("secrecy"), "text": say("secrecy_text")},
        "letters": [_letter(one, say) for one in invited],
    }


def _letter(one: Invited, say: "_Voice") -> Json:
    groups = one.code.split("-")
    return {
        "to": say("to"),
        "name": one.name,
        "details": list(one.details),
        "number": [say("number_label"), say("number", number=one.number)],
        "halves": ["-".join(groups[:_GROUPS]), "-".join(groups[_GROUPS:])],
        "qr": qr.svg(one.link),
        "chat": qr.svg(one.chat) if one.chat else None,
        "footer": say("footer", uuid=say.occasion.uuid, number=one.number),
    }


@dataclass(frozen=True, slots=True)
class _Voice:
    """The language of the letters, and how the body addresses its members."""

    occasion: Occasion
    language: Language

    def __call__(self, key: str, **params: object) -> str:
        kind = "party" if self.occasion.party else "state"
        for name in ("member", "Member"):
            params[name] = words(f"chat.address.{kind}.{name}", self.language)
        return words(f"letter.{key}", self.language, **params)

    def nation(self) -> Json:
        """What stands at the top right of a State's or the Party's papers."""
        if self.occasion.party is None:
            return None
        kind = "party" if self.occasion.party else "state"
        name = words(f"letter.nation.{kind}", self.language)
        motto = None if self.occasion.party else words("letter.nation.motto", self.language)
        return {"name": name, "motto": motto}

    def facts(self) -> list[Json]:
        """When and where."""
        day = self.occasion.day
        month = f"{day.month:02}" if day.month < _PADDED else str(day.month)
        date = {"day": day.day, "month": month, "year": day.year}
        if self.occasion.timed:
            when = self("when_timed", hour=day.hour, minute=day.minute, **date)
        else:
            when = self("when", **date)
        made: list[Json] = [[self("when_label"), when]]
        return [*made, [self("where_label"), self.occasion.place]] if self.occasion.place else made

    def steps(self) -> list[Json]:
        if not self.occasion.pages:
            return [self(f"elsewhere.{key}") for key in ("keep", "bring", "follow")]
        compare = "compare" if self.occasion.fingerprint else "compare_hall"
        return [self(f"step.{key}") for key in ("scan", compare, "mark", "send", "after")]

    def help(self) -> str:
        said = [self("help_text")]
        if self.occasion.pages:
            said.append(self("help_typing", address=self.occasion.address))
        if self.occasion.paper:
            said.append(self("help_paper"))
        return " ".join(said)
