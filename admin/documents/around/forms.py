"""Forms that others fill in: the self-report of an official, the voters' opinions on one.

Hints stand beside the headings as comments of the DOCX, never in the text; where a rule was read
or not is the secretary's affair (`session check`) and on no form.
"""

from collections.abc import Sequence
from typing import Final

from admin.documents import parts
from admin.documents.around import meeting as meetings
from admin.documents.around.meeting import Meeting
from admin.documents.elements import (
    Banner,
    Closing,
    Element,
    Head,
    Heading,
    Masthead,
    Paragraph,
    SignaturePlace,
    Signatures,
    Table,
    TableColumn,
    Title,
)
from admin.documents.wording import Phrases, bare
from admin.rules.dossiers import Section
from admin.words import words
from crypto.errors import Refused

_LINES: Final = 3  # dotted, under each heading
_OPINIONS: Final = 4  # rows
_COUNCIL: Final = "Hội đồng nhân dân "  # after it the place, which the Front has in its name


class NoOpinions(Refused):
    """Nobody gathers voters' opinions for this vote."""

    code = "no_opinions"


def self_report(meeting: Meeting, i: int, sections: Sequence[Section]) -> list[Element]:
    """The report of official i of the ballot, counted from 0, by the headings of the regulation."""
    phrase = parts.phrases(meeting.style, meeting.regime, meeting.session_file.body)
    person = meetings.person(meeting, i)
    elements = _top(meeting, phrase, None, "self_report", (phrase("self_report.about"),))
    elements.append(meetings.address(phrase, _addressee(meeting, phrase)))
    for number, section in enumerate(sections, start=1):
        hint = "" if section.hint is None else section.hint.vi
        elements.append(Heading(f"{number}. {section.title.vi}", hint))
        if section.fill == "person":
            elements.append(Paragraph(phrase("self_report.name", name=person.name)))
            elements.append(Paragraph(phrase("self_report.position", position=person.role)))
        else:
            last = number == len(sections)  # stays with the signature
            elements += [Paragraph(phrase("line"), sticky=last)] * _LINES
    signs = SignaturePlace((phrase("roles.reporter").upper(),), bare(person.name))
    return [*elements, Signatures(((None, signs),))]


def opinions(meeting: Meeting, i: int) -> list[Element]:
    """The Front's report of what voters say of official i of the ballot, counted from 0.

    Raises:
        NoOpinions: the body is neither the National Assembly nor a People's Council.
    """
    organ = meetings.organ(meeting)
    if meeting.style == "party" or organ not in ("assembly", "council"):
        body = meeting.session_file.body
        raise NoOpinions(f"opinions: the Front gathers none for a vote of {body}")
    phrase = parts.phrases(meeting.style, meeting.regime, meeting.session_file.body)
    person = phrase.person(meetings.person(meeting, i), inside=True)
    gathering = meetings.gathering(meeting, phrase)
    body = meetings.body(meeting, phrase)
    opening = phrase("opinions.opening", gathering=gathering, body=body, person=person)
    heads = ("number", "opinion", "where", "answered")
    columns = (TableColumn(12, "center"), TableColumn(0), TableColumn(38), TableColumn(38))
    table = Table(
        columns,
        (tuple(Head(phrase(f"opinions.table.{key}")) for key in heads),),
        tuple((str(number), "", "", "") for number in range(1, _OPINIONS + 1)),
        tall=True,
    )
    lines = [Paragraph(phrase("line"))] * _LINES
    place = meeting.session_file.body[len(_COUNCIL) :] or phrase("short_blank")
    front = phrase(f"opinions.front.{organ}", place=place)
    signs = phrase(f"opinions.signs.{organ}")
    signed = (phrase("on_behalf.state", organ=signs), phrase("opinions.office"))
    recipients = (
        phrase("recipients.line", name=phrase("recipients.above")),
        phrase("recipients.last", name=phrase("recipients.kept_state")),
    )
    return [
        *_top(meeting, phrase, front, "opinions", (phrase("opinions.about"),)),
        meetings.address(phrase, _addressee(meeting, phrase)),
        Paragraph(opening),
        Heading(phrase.chapter(1, "opinions.parts.gathered")),
        *(Paragraph(phrase(f"opinions.{key}")) for key in ("meetings", "number")),
        Heading(phrase.chapter(2, "opinions.parts.opinions")),
        table,
        Heading(phrase.chapter(3, "opinions.parts.front")),
        *lines,
        Closing(
            phrase("recipients.label"),
            recipients,
            SignaturePlace(tuple(line.upper() for line in signed), phrase.blank),
        ),
    ]


def _addressee(meeting: Meeting, phrase: Phrases) -> str:
    """Who gets the form back: as entered, else who prepares the meeting."""
    entered = meeting.facts.addressees
    return entered[0] if entered else meetings.capital(meetings.standing(meeting, phrase))


def _top(
    meeting: Meeting, phrase: Phrases, issuer: str | None, kind: str, about: tuple[str, ...]
) -> list[Element]:
    """Nation and title; an office that fills the form in writes its name at the left."""
    masthead = Masthead(
        parent="",
        issuer=phrase.blank if issuer is None else issuer.upper(),
        star=phrase("star") if phrase.style == "party" else "",
        number="" if issuer is None else phrase("number_state", number=phrase("short_blank")),
        nation=words(f"letter.nation.{phrase.style}", "vi").upper(),
        motto=words("letter.nation.motto", "vi") if phrase.style == "state" else "",
        date=phrase("form_date"),
    )
    banner = [Banner(words("cli.audit.rehearsal", "vi"))] if meeting.rehearsal else []
    dashes = phrase("dashes") if phrase.style == "party" else ""
    return [*banner, masthead, Title(phrase(f"names.{kind}").upper(), about, dashes)]
