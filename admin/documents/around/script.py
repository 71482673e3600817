"""Kịch bản điều hành: what the chair and the committee's head say, from the list to the results.

It has the rules of the vote (thể lệ) and both announcements: how many ballots went out and came
back, read before the count; the results, read after it. Of a counted session the numbers stand in
them; before that there are dotted lines.
"""

from admin.documents import parts
from admin.documents.around import meeting as meetings
from admin.documents.around.meeting import Meeting, Sitting
from admin.documents.elements import Element, Paragraph
from admin.documents.facts import Participant
from admin.documents.minutes import Minutes
from admin.documents.wording import Phrases, padded
from admin.rules.compute import OfficialResults
from admin.words import words


def script(meeting: Meeting, count: Minutes | None = None) -> list[Element]:
    """The whole of it, step by step.

    Args:
        count: the same session after its count; None before.
    """
    phrase = parts.phrases(meeting.style, meeting.regime, meeting.session_file.body)
    steps: list[tuple[str, list[Element]]] = [
        ("list", _list(meeting, phrase)),
        ("committee", _committee(meeting, phrase)),
        ("rules", _rules(meeting, phrase)),
        ("box", _box(meeting, phrase)),
        ("voting", _voting(meeting, phrase)),
        ("collected", _collected(meeting, phrase, count)),
        ("counting", _said(meeting, phrase, "chair", "counting")),
        ("results", _results(meeting, phrase, count)),
        ("end", _end(meeting, phrase)),
    ]
    return [
        *meetings.top(meeting, phrase, "script", numbered=False),
        Paragraph(phrase("script.note"), kind="note"),
        *parts.numbered(phrase, "script.steps", steps),
    ]


def rules(meeting: Meeting, phrase: Phrases) -> list[Paragraph]:
    """Thể lệ: who is rated how, which ballots count, how one votes."""
    labels = meeting.regime.labels_in("vi")
    ballots = len(meeting.ballots)
    ways = "both" if meeting.takes_paper else "electronic"
    secret = f"secret_{ways}" if meeting.electronic else "secret_paper"
    keys = [secret, "marks", *_spoiled(meeting)]
    if meeting.takes_paper:
        keys += ["invalid", "exchange", "drop"]
    if meeting.electronic:
        keys += ["electronic", "electronic_sent"]
    if meeting.takes_paper and meeting.electronic:
        keys.append("one_way")
    facts = {
        # No phone sends two marks on one line.
        "twice": phrase("script.rules.twice") if meeting.takes_paper else "",
        "ballots": f"{ballots:02}",
        "levels": ", ".join(f"“{label}”" for label in labels),
        "number": len(labels),
    }
    texts = [phrase(f"script.rules.{key}", **facts) for key in keys]
    return [Paragraph(f"{number}. {text}") for number, text in enumerate(texts, start=1)]


def _rules(meeting: Meeting, phrase: Phrases) -> list[Element]:
    opening = Paragraph(phrase("script.rules.opening"))
    return [_speaker(phrase, "head"), opening, *rules(meeting, phrase)]


def _spoiled(meeting: Meeting) -> list[str]:
    """What becomes of a line without a mark, or with two: it alone, or the whole ballot."""
    if meeting.regime.blank.policy == "counts_as_no":
        return ["counts_as_no"]
    if meeting.policy.invalid == "ballot":
        return ["whole"]
    sizes = [len(officials) for _, officials in meeting.ballots]
    return [
        *(["line"] if max(sizes) > 1 else []),
        *(["one_name"] if min(sizes) == 1 and meeting.regime.spoiled_alone else []),
    ]


def _list(meeting: Meeting, phrase: Phrases) -> list[Element]:
    alone = meetings.organ(meeting) == "conference"  # who presides has made the list, too
    opening = phrase(
        "script.list_alone" if alone else "script.list",
        greeting=_greeting(phrase),
        about=meetings.counted_about(meeting),
        organ=meetings.standing(meeting, phrase),
    )
    officials = [phrase.person(meetings.person(meeting, i)) for i in range(len(meeting.officials))]
    people = [
        Paragraph(phrase("script.official", number=number, person=person))
        for number, person in enumerate(officials, start=1)
    ]
    return [_speaker(phrase, "chair"), Paragraph(opening), *people, *_vote(phrase, "list")]


def _committee(meeting: Meeting, phrase: Phrases) -> list[Element]:
    members = meeting.facts.committee
    number = f"{len(members):02}" if members else phrase("short_blank")
    opening = phrase("script.committee", number=number)
    people = members or tuple(Participant(phrase.blank) for _ in range(3))
    *names, last = map(phrase.person, people)
    texts = [phrase("minutes.person", person=name) for name in names]
    texts.append(phrase("minutes.last_person", person=last))
    handed = Paragraph(phrase("script.committee_works"))
    return [
        _speaker(phrase, "chair"),
        Paragraph(opening),
        *map(Paragraph, texts),
        *_vote(phrase, "committee"),
        handed,
    ]


def _box(meeting: Meeting, phrase: Phrases) -> list[Element]:
    keys = ["box_paper"] if meeting.takes_paper else []
    keys += ["box_electronic"] if meeting.electronic else []
    return [_speaker(phrase, "head"), *(Paragraph(phrase(f"script.{key}")) for key in keys)]


def _voting(meeting: Meeting, phrase: Phrases) -> list[Element]:
    keys = ["voting_paper"] if meeting.takes_paper else []
    keys += ["voting_electronic"] if meeting.electronic else []
    facts = {"ballots": f"{len(meeting.ballots):02}", "summoned": padded(len(meeting.raters))}
    return [
        _speaker(phrase, "head"),
        *(Paragraph(phrase(f"script.{key}", **facts)) for key in keys),
    ]


def _collected(meeting: Meeting, phrase: Phrases, count: Minutes | None) -> list[Element]:
    """Read before any ballot is counted: no level stands in it."""
    blank = phrase("short_blank")
    issued = blank if count is None else padded(count.issued)
    collected = [blank] * len(meeting.ballots)
    if count is not None:
        collected = [padded(pile.collected) for pile in count.piles]
    present = blank if count is None else padded(count.attending)
    opening = phrase(
        "script.collected",
        greeting=_greeting(phrase),
        present=present,
        summoned=padded(len(meeting.raters)),
    )
    lines = []
    for (heading, _), number in zip(meeting.ballots, collected, strict=True):
        key = "script.collected_block" if heading else "script.collected_all"
        whom = parts.whom(heading)
        lines.append(phrase(key, heading=whom, issued=issued, collected=number))
    ending = phrase("script.collected_end")
    return [_speaker(phrase, "head"), *map(Paragraph, (opening, *lines, ending))]


def _results(meeting: Meeting, phrase: Phrases, count: Minutes | None) -> list[Element]:
    """Read after the count, person by person."""
    opening = phrase(
        "script.results",
        greeting=_greeting(phrase),
        about=meetings.counted_about(meeting),
        of=words(f"denominators.{meeting.regime.denominator.kind}", "vi"),
    )
    lines = [None] * len(meeting.officials) if count is None else count.results["officials"]
    people = [spoken(meeting, phrase, i, line) for i, line in enumerate(lines)]
    alone = meeting.facts.witnesses == ()
    ending = phrase("script.results_end_alone" if alone else "script.results_end")
    return [_speaker(phrase, "head"), Paragraph(opening), *people, Paragraph(ending)]


def spoken(meeting: Sitting, phrase: Phrases, i: int, line: OfficialResults | None) -> Paragraph:
    """The result of official i, counted from 0, as it is read aloud; None leaves lines."""
    blank = phrase("short_blank")
    shares = []
    for key, label in zip(meeting.regime.level_keys, meeting.regime.labels_in("vi"), strict=True):
        number = None if line is None else line["counts"][key]
        percent = None if line is None else line["percent"][key]
        shares.append(
            phrase(
                "script.share",
                level=label[:1].lower() + label[1:],
                number=blank if number is None else padded(number),
                percent=percent or blank,
            )
        )
    person = phrase.person(meetings.person(meeting, i))
    return Paragraph(phrase("script.person", number=i + 1, person=person, shares="; ".join(shares)))


def _end(meeting: Meeting, phrase: Phrases) -> list[Element]:
    """The resolution is read and passed where the body passes one; the minutes are signed."""
    passes = meeting.style == "state" and meetings.organ(meeting) in ("assembly", "council")
    ended = "end" if meeting.takes_paper else "end_electronic"
    lines = _said(meeting, phrase, "chair", "end_resolution" if passes else ended)
    return [*lines, *_vote(phrase, "resolution")] if passes else lines


def _said(meeting: Meeting, phrase: Phrases, who: str, key: str) -> list[Element]:
    text = phrase(
        f"script.{key}",
        greeting=_greeting(phrase),
        gathering=meetings.capital(meetings.gathering(meeting, phrase)),
        about=meetings.about(meeting),
    )
    return [_speaker(phrase, who), Paragraph(text)]


def _vote(phrase: Phrases, what: str) -> list[Element]:
    asked = phrase("script.vote", what=phrase(f"script.voted.{what}"))
    return [Paragraph(asked, sticky=True), Paragraph(phrase("script.voted_line"), kind="note")]


def _speaker(phrase: Phrases, who: str) -> Element:
    role = (
        phrase(f"roles.chair_{phrase.style}") if who == "chair" else phrase("roles.committee_head")
    )
    return Paragraph(phrase("script.speaker", role=role), kind="basis", sticky=True)


def _greeting(phrase: Phrases) -> str:
    return phrase(f"script.greeting.{phrase.style}")
