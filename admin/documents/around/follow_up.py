"""What is written upwards after the vote.

case           tờ trình on one official of whose result a rule speaks
incidents      what happened during the vote and what was difficult
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from admin.documents import parts
from admin.documents.around import meeting as meetings
from admin.documents.around import resolution
from admin.documents.around.meeting import Meeting
from admin.documents.elements import Element, Paragraph, SignaturePlace
from admin.documents.minutes import Minutes
from admin.documents.wording import Phrases
from crypto.errors import Incomplete, Refused

_WITH_DEPARTMENT: Final = ("Tỉnh ủy", "Thành ủy")  # committees that have a Ban Tổ chức


class NoCase(Refused):
    """No rule speaks of anybody's result."""

    code = "no_case"


def cases(count: Minutes) -> list[int]:
    """The officials, counted from 0, of whose result a rule speaks.

    Raises:
        NoCase: there are none.
    """
    places = [i for i, line in enumerate(count.results["officials"]) if line["finding"]]
    if not places:
        raise NoCase("cases: no rule speaks of any result of this vote")
    return places


def case(count: Minutes, i: int) -> list[Element]:
    """Official i's result, and the rule if its text was read; who decides is asked to.

    The body's standing organ submits; where it is itself who decides, its department does.
    """
    phrase = meetings.phrases(count)
    line, managed = count.results["officials"][i], count.session_file.managed
    authority = (managed[i] if managed else "") or phrase.blank
    department = _department(count, phrase) if _decides(count, phrase, authority) else None
    organ = department or meetings.capital(meetings.standing(count, phrase))
    signed = meetings.closing(count, phrase, meetings.for_standing(count, phrase))
    if department is not None:
        head = SignaturePlace((phrase("roles.head").upper(),), phrase.blank)
        signed = replace(signed, signature=head)
    opening = phrase(
        "case.opening",
        day=meetings.capital(phrase.day(count.day)),
        at=meetings.at_meeting(count, phrase),
        about=meetings.about(count),
        organ=organ,
        person=phrase.person(meetings.person(count, i), inside=True),
    )
    finding = line["finding"]
    rules = [finding] if finding is not None and count.regime.states(finding["code"]) else []
    body = count.session_file.body
    texts = [phrase("case.rule", text=parts.rule_text(f, body), rule=f["rule"]) for f in rules]
    request = phrase("case.request", organ=organ, authority=authority)
    return [
        *meetings.top(count, phrase, "case", issuer=department, lines=(phrase("case.about"),)),
        meetings.address(phrase, authority),
        Paragraph(opening),
        *map(Paragraph, resolution.levels(count, phrase, line)),
        *map(Paragraph, texts),
        Paragraph(request, sticky=True),
        signed,
    ]


def _decides(count: Minutes, phrase: Phrases, authority: str) -> bool:
    """Whether the authority is the body's own standing organ, named in full or in short."""
    organ, body = meetings.standing(count, phrase).casefold(), count.session_file.body
    _, name = parts.issuer(count.facts, body, count.style)
    named = authority.casefold()
    return (
        meetings.organ(count) == "executive"
        and named.startswith(organ)
        and named.removeprefix(organ).strip() in f"{body} {name}".casefold()
    )


def _department(count: Minutes, phrase: Phrases) -> str:
    """Who prepares what the standing organ decides on; a dotted line below the province."""
    _, name = parts.issuer(count.facts, count.session_file.body, count.style)
    committee = next((title for title in _WITH_DEPARTMENT if name.startswith(title)), None)
    return phrase("case.department", committee=committee) if committee else phrase.blank


def incidents(meeting: Meeting, journal: Sequence[str]) -> list[Element]:
    """What was noted during the session, for the office above.

    Raises:
        Incomplete: nothing was noted.
    """
    if not journal:
        raise Incomplete("incidents: nothing was noted: session note")
    phrase = meetings.phrases(meeting)
    opening = phrase(
        "incidents.opening",
        day=phrase.day(meeting.day),
        body=meeting.session_file.body,
        about=meetings.about(meeting),
    )
    to = meeting.facts.addressees or (phrase.blank,)
    lines = [phrase("minutes.last_person", person=entry.rstrip(".")) for entry in journal]
    return [
        *meetings.top(meeting, phrase, "incidents", lines=(phrase("incidents.about"),)),
        meetings.address(phrase, "; ".join(to)),
        Paragraph(opening, sticky=True),
        *map(Paragraph, lines),
        Paragraph(phrase("incidents.request"), sticky=True),
        meetings.closing(meeting, phrase, meetings.for_standing(meeting, phrase)),
    ]
