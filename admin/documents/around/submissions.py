"""What is submitted to the meeting for its decision: who is rated, and who counts.

officials      tờ trình danh sách người được lấy phiếu
committee      tờ trình danh sách Ban kiểm phiếu
"""

from admin.documents import parts
from admin.documents.around import meeting as meetings
from admin.documents.around.meeting import Meeting, Rater
from admin.documents.elements import Element, GroupRow, Head, Paragraph, Table, TableColumn
from admin.documents.wording import Phrases, bare
from crypto.errors import Incomplete

_NUMBER = TableColumn(12, "center")


def officials(meeting: Meeting) -> list[Element]:
    """Submits the list of those who are rated, khối by khối, and who is not rated and why."""
    phrase = parts.phrases(meeting.style, meeting.regime, meeting.session_file.body)
    number = f"{len(meeting.officials):02}"
    organ = meetings.standing(meeting, phrase)
    opening = phrase(
        "submission.officials",
        organ=organ[:1].upper() + organ[1:],
        body=meeting.session_file.body,
        number=number,
        about=meetings.about(meeting),
        gathering=meetings.gathering(meeting, phrase),
    )
    lines = (phrase("submission.about_officials"),)
    return [
        *meetings.top(meeting, phrase, "officials", lines=lines),
        meetings.address(phrase, meeting.session_file.body),
        *meetings.basis(meeting, phrase),
        Paragraph(opening, sticky=True),
        _rated(meeting, phrase),
        *_not_rated(meeting, phrase),
        Paragraph(phrase("submission.request", body=meeting.session_file.body), sticky=True),
        meetings.closing(meeting, phrase, meetings.for_standing(meeting, phrase)),
    ]


def committee(meeting: Meeting) -> list[Element]:
    """Submits the counting committee: name, position, task of each.

    Raises:
        Incomplete: nobody has entered the committee.
    """
    members = meeting.facts.committee
    if not members:
        raise Incomplete("committee: nobody is in the counting committee of papers.toml")
    phrase = parts.phrases(meeting.style, meeting.regime, meeting.session_file.body)
    opening = phrase(
        "submission.committee",
        chair=phrase(f"roles.chair_{phrase.style}"),
        body=meeting.session_file.body,
        number=f"{len(members):02}",
        about=meetings.about(meeting),
    )
    return [
        *meetings.top(meeting, phrase, "committee", lines=(phrase("submission.about_committee"),)),
        meetings.address(phrase, meeting.session_file.body),
        *meetings.basis(meeting, phrase),
        Paragraph(opening, sticky=True),
        _members(meeting, phrase),
        Paragraph(phrase("submission.duties")),
        Paragraph(phrase("submission.request", body=meeting.session_file.body), sticky=True),
        meetings.closing(meeting, phrase, (phrase(f"roles.chair_{phrase.style}"),)),
    ]


def _rated(meeting: Meeting, phrase: Phrases) -> Table:
    rows: list[tuple[str, ...] | GroupRow] = []
    for place, (heading, officials_of) in enumerate(meeting.ballots, start=1):
        if heading:
            rows.append(GroupRow(phrase("group", number=place, heading=heading)))
        for i in officials_of:
            person = meetings.person(meeting, i)
            rows.append((str(i + 1), meetings.named(person, phrase), person.role))
    columns = (_NUMBER, TableColumn(60), TableColumn(0))
    return _table(phrase, ("number", "name", "position"), columns, rows)


def _not_rated(meeting: Meeting, phrase: Phrases) -> list[Element]:
    lines = parts.excluded(meeting.session_file, phrase)
    return [Paragraph(phrase("submission.not_rated"), sticky=True), *lines] if lines else []


def _members(meeting: Meeting, phrase: Phrases) -> Table:
    by_name = {rater.name.casefold(): rater for rater in meeting.raters}
    rows: list[tuple[str, ...] | GroupRow] = []
    for number, member in enumerate(meeting.facts.committee, start=1):
        rater = by_name.get(bare(member.name).casefold(), Rater(member.name))
        details = ", ".join(text for text in (rater.position, rater.unit) if text)
        role = member.role or phrase("roles.member")
        rows.append((str(number), meetings.named(member, phrase), details, role))
    columns = (_NUMBER, TableColumn(52), TableColumn(0), TableColumn(32))
    return _table(phrase, ("number", "name", "details", "task"), columns, rows)


def _table(
    phrase: Phrases,
    heads: tuple[str, ...],
    columns: tuple[TableColumn, ...],
    rows: list[tuple[str, ...] | GroupRow],
) -> Table:
    return Table(columns, (tuple(Head(phrase(f"table.{head}")) for head in heads),), tuple(rows))
