"""What people are told before the vote.

guidance       hướng dẫn: aims, conduct and how a ballot is marked, for each rater
information    what the public is told: when, where, who is rated
"""

from admin.documents.around import meeting as meetings
from admin.documents.around import script
from admin.documents.around.meeting import Meeting
from admin.documents.elements import Element, Heading, Paragraph
from admin.documents.wording import Phrases


def guidance(meeting: Meeting) -> list[Element]:
    """Aims and conduct, as the organiser words them or as is usual; then the rules of this vote."""
    phrase = meetings.phrases(meeting)
    usual = tuple(phrase(f"guidance.{key}") for key in ("aim", "conduct"))
    return [
        *meetings.top(meeting, phrase, "guidance", numbered=False),
        Heading(phrase.chapter(1, "guidance.parts.aims")),
        *map(Paragraph, meeting.session_file.guidance or usual),
        Heading(phrase.chapter(2, "guidance.parts.rules")),
        *script.rules(meeting, phrase),
    ]


def information(meeting: Meeting) -> list[Element]:
    """For the public: no reason why somebody is not rated, nothing of the committee."""
    phrase = meetings.phrases(meeting)
    opening = phrase(
        "information.opening",
        day=meetings.capital(phrase.day(meeting.day)),
        at=meetings.at_meeting(meeting, phrase),
        about=meetings.counted_about(meeting),
    )
    keys = ("how", "published") if meeting.policy.publication == "public" else ("how",)
    levels = ", ".join(f"“{label}”" for label in meeting.regime.labels_in("vi"))
    return [
        *meetings.top(meeting, phrase, "information", lines=(), numbered=False),
        Paragraph(opening),
        Paragraph(phrase("information.people"), sticky=True),
        *_people(meeting, phrase),
        *(Paragraph(phrase(f"information.{key}", levels=levels)) for key in keys),
    ]


def _people(meeting: Meeting, phrase: Phrases) -> list[Element]:
    people = (phrase.person(meetings.person(meeting, i)) for i in range(len(meeting.officials)))
    return [
        Paragraph(phrase("script.official", number=number, person=person))
        for number, person in enumerate(people, start=1)
    ]
