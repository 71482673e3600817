"""Each kind of document as a sequence of elements, from which PDF and DOCX are drawn alike.

minutes        biên bản kiểm phiếu, signed by the committee
report         báo cáo kết quả, to the body and the office above
announcement   what is read out at the meeting
press          names, counts and percentages for the public, nothing of the committee
attendance     who is summoned, with a place to sign
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from admin.documents import parts
from admin.documents.around import meeting, script
from admin.documents.elements import (
    Element,
    Head,
    Paragraph,
    SignaturePlace,
    Signatures,
    Table,
    TableColumn,
)
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.layout import Style
from admin.documents.minutes import Minutes, style_of
from admin.documents.wording import Phrases, bare, cited, in_full, of_body, padded
from admin.record.session_file import SessionFile
from admin.rules.regime import Regime
from admin.words import words

_ROLES: Final = ("head", "secretary", "member")
_ROW: Final = 2  # signatures side by side: room for an office and a name, and for a hand
_MEMBERS: Final = 3  # the same of members, who have one office above them all


@dataclass(frozen=True, slots=True)
class AttendanceList:
    """Who is summoned, in the order of the roster; known before anybody votes.

    Attributes:
        people: names, with position and unit where they are known.
    """

    facts: MeetingFacts
    session_file: SessionFile
    regime: Regime
    people: tuple[Participant, ...]
    rehearsal: bool = False

    @property
    def day(self) -> date:
        """The day of the vote."""
        return date.fromisoformat(self.session_file.date)

    @property
    def style(self) -> Style:
        """As for the minutes."""
        return style_of(self.facts, self.regime)


def minutes(count: Minutes) -> list[Element]:
    """The minutes of the count: what was counted, and nothing that others make of it."""
    phrase, facts = _phrases(count), count.facts
    opening = phrase(
        "minutes.opening",
        basis=_basis(count),
        time=phrase.time(facts.start),
        day=phrase.day(count.day),
        venue=facts.venue or phrase.blank,
        founded=_founded(count, phrase),
        about=meeting.counted_about(count),
    )
    chapters: list[tuple[str, list[Element]]] = [
        ("people", attending(count.facts, phrase)),
        (f"delegates_{phrase.style}", parts.attendance(count, phrase)),
        ("ballots", [*parts.ballots(count, phrase), *parts.counted(count, phrase)]),
        ("results", parts.results(count, phrase)),
        ("excluded", parts.excluded(count.session_file, phrase)),
        ("events", _events(count, phrase)),
        ("verification", parts.verification(count, phrase)),
    ]
    return [
        *_top(count, phrase, "minutes", (_about(count.session_file.title), *_sitting(count))),
        Paragraph(opening),
        *parts.numbered(phrase, "parts", chapters),
        *_ending(count, phrase),
        *_signed(count.facts, phrase),
    ]


def report(count: Minutes) -> list[Element]:
    """The result report, in the words of the annex that was read (domain.md §2.2)."""
    phrase, facts = _phrases(count), count.facts
    committee = facts.committee
    opening = phrase(
        "report.opening",
        basis=_basis(count),
        body=count.session_file.body,
        time=phrase.time(facts.start),
        day=phrase.day(count.day),
        venue=facts.venue or phrase.blank,
        number=padded(len(committee)) if committee else phrase("short_blank"),
        head=phrase.inside(committee[0]) if committee else phrase.blank,
        present=padded(count.attending),
        officials=padded(len(count.officials)),
    )
    chapters: list[tuple[str, list[Element]]] = [
        (f"delegates_{phrase.style}", parts.attendance(count, phrase)),
        ("ballots", parts.ballots(count, phrase)),
        ("results", parts.results(count, phrase)),
        ("findings", parts.findings(count, phrase)),
        ("excluded", parts.excluded(count.session_file, phrase)),
        ("verification", parts.verification(count, phrase)),
    ]
    whom = [meeting.address(phrase, "; ".join(facts.addressees))] if facts.addressees else []
    ending = phrase(f"report.closing_{phrase.style}", body=count.session_file.body)
    return [
        *_top(count, phrase, "report", (_reported(count, phrase),)),
        *whom,
        Paragraph(opening),
        *parts.numbered(phrase, "parts", chapters),
        Paragraph(ending, sticky=True),
        parts.closing(count.facts, phrase),
    ]


def announcement(count: Minutes) -> list[Element]:
    """What the head of the committee reads aloud, person by person."""
    phrase = _phrases(count)
    opening = phrase(
        "announcement.opening",
        greeting=phrase(f"announcement.greeting_{phrase.style}"),
        about=meeting.counted_about(count),
        summoned=padded(count.summoned),
        present=padded(count.attending),
    )
    turnout = [_spoken_ballots(count, phrase, block) for block in range(len(count.piles))]
    of = count.results["denominator"]["kind"]
    code = [] if count.seal is None else [phrase("announcement.code", code=count.seal.closing.code)]
    lines = [opening, *turnout, phrase("announcement.of", kind=words(f"denominators.{of}", "vi"))]
    people = [
        script.spoken(count, phrase, i, line) for i, line in enumerate(count.results["officials"])
    ]
    about = (_about(count.session_file.title), *_sitting(count))
    return [
        *parts.title(phrase, "names.announcement", about, rehearsal=count.rehearsal),
        *map(Paragraph, lines),
        *people,
        *map(Paragraph, [*code, phrase("announcement.ending")]),
    ]


def _spoken_ballots(count: Minutes, phrase: Phrases, block: int) -> str:
    pile = count.piles[block]
    heading = count.blocks[block].heading if count.blocks else ""
    return phrase(
        "announcement.ballots_of" if heading else "announcement.ballots",
        heading=parts.whom(heading),
        issued=padded(count.issued),
        collected=padded(pile.collected),
        valid=padded(pile.valid),
        invalid=padded(pile.invalid),
    )


def press(count: Minutes) -> list[Element]:
    """For the public: no committee, no incidents, no findings."""
    phrase = _phrases(count)
    day = phrase.day(count.day)
    opening = phrase(
        "press.opening",
        day=day[0].upper() + day[1:],
        at=f", {at}" if (at := _at(count, phrase)) else "",
        body=count.session_file.body,
        about=meeting.counted_about(count),
    )
    return [
        *_plain_top(count, phrase, "press"),
        Paragraph(opening),
        *parts.turnout(count, phrase),
        *parts.ballots(count, phrase, brief=True),
        *parts.results(count, phrase, blanks=False),
        *parts.verification(count, phrase),
    ]


def attendance(roster: AttendanceList) -> list[Element]:
    """The list of those summoned; whoever is excused is marked, the others sign."""
    phrase = _phrases(roster)
    excused = {person.name: person.role for person in roster.facts.excused or ()}
    heads = ("number", "name", "details", "signature")
    rows = [
        (
            str(number),
            phrase.named(person) if phrase.style == "state" else person.name,
            person.role,
            phrase("table.excused", reason=excused[person.name]) if person.name in excused else "",
        )
        for number, person in enumerate(roster.people, start=1)
    ]
    columns = (TableColumn(12, "center"), TableColumn(0), TableColumn(0), TableColumn(38))
    summary = phrase("attendance.summary", number=padded(len(rows)))
    chair = roster.facts.chair
    office = phrase(f"roles.chair_{phrase.style}").upper()
    return [
        *_plain_top(roster, phrase, f"attendance_{phrase.style}"),
        Table(
            columns, (tuple(Head(phrase(f"table.{key}")) for key in heads),), tuple(rows), tall=True
        ),
        Paragraph(summary, sticky=True),
        Signatures(
            ((None, SignaturePlace((office,), bare(chair.name) if chair else phrase.blank)),)
        ),
    ]


COMPOSERS: Final[Mapping[str, Callable[[Minutes], list[Element]]]] = {
    "minutes": minutes,
    "report": report,
    "announcement": announcement,
    "press": press,
}


KINDS: Final = (*COMPOSERS, "attendance")
NUMBERED: Final = ("minutes", "report")  # the others get no number


def wanted(kind: str) -> tuple[str, ...]:
    """The facts that a document of this kind has a place for."""
    return _WANTED[kind]


_WANTED: Final[Mapping[str, tuple[str, ...]]] = {
    "minutes": (
        *("venue", "start", "end", "committee", "witnesses", "chair", "founding"),
        *("complaints", "copies", "adopted", "recipients"),
    ),
    "report": ("town", "venue", "start", "committee", "recipients"),
    "announcement": (),
    "press": ("town",),
    "attendance": ("town", "chair"),
}


def _top(count: Minutes, phrase: Phrases, kind: str, about: tuple[str, ...]) -> list[Element]:
    facts = count.facts
    _, name = parts.issuer(facts, count.session_file.body, phrase.style)
    masthead = parts.masthead(
        phrase,
        facts,
        parent=(facts.parent or "") if facts.issuer else name,
        issuer=facts.issuer or phrase("body"),
        number=facts.number(kind) or phrase("short_blank"),
        date="" if kind == "minutes" else phrase.day(count.dated),
    )
    name = "names.minutes" if kind == "minutes" else f"names.{kind}_{phrase.style}"
    return parts.top(phrase, masthead, name, about, rehearsal=count.rehearsal)


def _plain_top(count: Minutes | AttendanceList, phrase: Phrases, kind: str) -> list[Element]:
    """The top of a document of the body itself, without a number."""
    facts, date = count.facts, phrase.day(count.facts.dated or count.day)
    above, issuer = parts.issuer(facts, count.session_file.body, phrase.style)
    about = (_about(count.session_file.title), *_sitting(count))
    masthead = parts.masthead(phrase, facts, parent=above, issuer=issuer, number=None, date=date)
    return parts.top(phrase, masthead, f"names.{kind}", about, rehearsal=count.rehearsal)


def _phrases(count: Minutes | AttendanceList) -> Phrases:
    return parts.phrases(count.style, count.regime, count.session_file.body)


def _about(title: str) -> str:
    return title.rstrip(".")


def _sitting(count: Minutes | AttendanceList) -> tuple[str, ...]:
    """Under the title: Kỳ họp thứ 20, khóa XVIII, nhiệm kỳ 2026 - 2031; nothing if not known."""
    phrase, file = _phrases(count), count.session_file
    number = phrase(f"sitting.{phrase.gathers}", number=file.sitting) if file.sitting else ""
    line = ", ".join(filter(None, (number, of_body(file))))
    return (line[:1].upper() + line[1:],) if line else ()


def _basis(count: Minutes) -> str:
    """Inside a sentence: as entered, else the regulation of the vote."""
    return "; ".join(map(cited, count.facts.basis or (in_full(count.regime),)))


def _founded(count: Minutes, phrase: Phrases) -> str:
    """Who made the counting committee, at which meeting, by what."""
    founding = count.facts.founding
    at = _at(count, phrase)
    by = phrase("founding.by", body=count.session_file.body, at=f" {at}" if at else "")
    if founding is None:
        return by
    key = "resolution" if founding.number else "voted" if founding.votes else "vote"
    day = phrase.day(founding.day or count.day)
    facts = {"number": founding.number, "day": day, "votes": founding.votes}
    return f"{by} {phrase(f'founding.{key}', **facts)}"


def _at(count: Minutes, phrase: Phrases) -> str:
    """At which meeting of the body; nothing where the body is itself one (hội nghị)."""
    if count.session_file.body.startswith(parts.CONFERENCE):
        return ""
    return phrase("founding.at", gathering=meeting.gathering(count, phrase))


def _reported(count: Minutes, phrase: Phrases) -> str:
    """What the report is on: of the Party as its annex is headed."""
    if phrase.style == "party":
        return phrase("about.report_party")
    return phrase("about.report_state", about=meeting.about(count))


def attending(facts: MeetingFacts, phrase: Phrases) -> list[Element]:
    """The committee, its witnesses, and who presides over the meeting."""
    lines: list[Element] = []
    if facts.committee:
        lines.append(Paragraph(phrase("minutes.committee", number=padded(len(facts.committee)))))
        lines += _people(facts.committee, phrase)
    else:
        lines.append(Paragraph(phrase("minutes.committee_unknown")))
        lines += _people(_nobody(phrase), phrase)
    if facts.witnesses == ():
        lines.append(Paragraph(phrase("minutes.no_witnesses")))
    else:
        lines.append(Paragraph(phrase("minutes.witnesses")))
        lines += _people(facts.witnesses or (Participant(phrase.blank),), phrase)
    chair = phrase.person(facts.chair, inside=True) if facts.chair else phrase.blank
    return [*lines, Paragraph(phrase(f"minutes.chair_{phrase.style}", person=chair))]


def _nobody(phrase: Phrases) -> tuple[Participant, ...]:
    """Lines for a committee that nobody has entered."""
    return tuple(Participant(phrase.blank, phrase(f"roles.{role}")) for role in _ROLES)


def _people(people: tuple[Participant, ...], phrase: Phrases) -> list[Element]:
    texts = [phrase("minutes.person", person=phrase.person(person)) for person in people[:-1]]
    texts.append(phrase("minutes.last_person", person=phrase.person(people[-1])))
    return [Paragraph(text) for text in texts]


def _events(count: Minutes, phrase: Phrases) -> list[Element]:
    lines: list[Element] = []
    if count.amendments:
        lines.append(Paragraph(phrase("minutes.amendments")))
    for change in count.amendments:
        numbers = {"number": change.number, "added": change.added, "removed": change.removed}
        reason = change.reason.rstrip(".")
        lines.append(Paragraph(phrase("minutes.amendment", **numbers, reason=reason)))
    lines += _listed(count.journal, phrase, "journal")
    complaints = count.facts.complaints
    if complaints is None:
        return [*lines, Paragraph(phrase("minutes.unknown_complaints"))]
    return [*lines, *_listed(complaints, phrase, "complaints")]


def _listed(lines: tuple[str, ...], phrase: Phrases, key: str) -> list[Element]:
    if not lines:
        return [Paragraph(phrase(f"minutes.no_{key}"))]
    texts = [phrase("minutes.last_person", person=line.rstrip(".")) for line in lines]
    return [Paragraph(phrase(f"minutes.{key}")), *(Paragraph(text) for text in texts)]


def _ending(count: Minutes, phrase: Phrases) -> list[Element]:
    facts = count.facts
    copies = phrase("short_blank") if facts.copies is None else f"{facts.copies:02}"
    closing = phrase("minutes.closing", time=phrase.time(facts.end), copies=copies)
    adopted = phrase("minutes.adopted" if facts.adopted else "minutes.not_adopted")
    return [Paragraph(closing, sticky=True), Paragraph(adopted, sticky=True)]


def _signed(facts: MeetingFacts, phrase: Phrases) -> list[Element]:
    """The end of minutes; the chair signs where a place is free, else beside the recipients."""
    rows = _committee_rows(facts, phrase)
    free = rows[-1][-1] is None
    signed = signatures(facts, phrase) if free else Signatures(tuple(rows))
    chair = SignaturePlace((), "") if free else _chair(facts, phrase)
    return [replace(signed, sticky=True), parts.presided(facts, phrase, chair)]


def signatures(facts: MeetingFacts, phrase: Phrases) -> Signatures:
    """The committee and its witnesses; the chair at the right of the last row."""
    rows = _committee_rows(facts, phrase)
    beside = rows.pop()[0] if rows[-1][-1] is None else None
    return Signatures((*rows, (beside, _chair(facts, phrase))))


def _committee_rows(
    facts: MeetingFacts, phrase: Phrases
) -> list[tuple[SignaturePlace | None, ...]]:
    """The committee's head at the right, who writes beside him; members, witnesses.

    Only a row of somebody with an office of his own may end in a free place.
    """
    hint = phrase("sign_here")
    people = facts.committee or _nobody(phrase)
    head, *others = [_signs(person, phrase("roles.member"), hint) for person in people]
    secretary = others.pop(0) if others else None
    rows: list[tuple[SignaturePlace | None, ...]] = [(secretary, head)]
    if len(others) > 1 and {place.lines for place in others} == {(phrase("roles.member").upper(),)}:
        rows.append((SignaturePlace((phrase("roles.members").upper(),), "", hint=hint),))
        rows += _in_rows([SignaturePlace((), place.name) for place in others], _MEMBERS)
        others = []
    witness = phrase("roles.witness")
    others += [_signs(Participant(w.name), witness, hint) for w in facts.witnesses or ()]
    return rows + _in_rows(others)


def _chair(facts: MeetingFacts, phrase: Phrases) -> SignaturePlace:
    """Where who presides over the meeting signs the minutes."""
    name = facts.chair.name if facts.chair else phrase.blank
    role = phrase(f"roles.chair_{phrase.style}")
    return _signs(Participant(name), role, phrase("sign_here"))


def _in_rows(
    signatures: Sequence[SignaturePlace], most: int = _ROW
) -> list[tuple[SignaturePlace | None, ...]]:
    """Rows of so many; who is left of two has a free place beside, of three the middle."""
    rows = [tuple(signatures[i : i + most]) for i in range(0, len(signatures), most)]
    return [(*row, None) if len(row) < most == _ROW else row for row in rows]


def _signs(person: Participant, role: str, hint: str) -> SignaturePlace:
    return SignaturePlace(((person.role or role).upper(),), bare(person.name), hint=hint)
