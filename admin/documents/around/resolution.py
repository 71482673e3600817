"""What the body decides and tells of a counted vote.

resolution     dự thảo nghị quyết xác nhận kết quả: the National Assembly's or a People's Council's
notice         thông báo kết quả to one official
"""

from collections.abc import Iterator

from admin.documents import parts
from admin.documents.around import meeting as meetings
from admin.documents.elements import Element, Heading, Paragraph
from admin.documents.minutes import Minutes
from admin.documents.wording import Phrases, padded
from admin.rules.compute import OfficialResults
from admin.words import words
from crypto.errors import Refused


class NoResolution(Refused):
    """The body confirms no result by a resolution."""

    code = "no_resolution"


def resolution(count: Minutes) -> list[Element]:
    """The draft of the resolution that confirms the result.

    Raises:
        NoResolution: the body is neither the National Assembly nor a People's Council.
    """
    if count.style == "party" or meetings.organ(count) not in ("assembly", "council"):
        body = count.session_file.body
        raise NoResolution(f"resolution: {body} passes none on this vote; its paper is the report")
    phrase = parts.phrases(count.style, count.regime, count.session_file.body)
    body, gathering = meetings.body(count, phrase), meetings.gathering(count, phrase)
    minutes = phrase(
        "resolution.minutes",
        number=count.facts.number("minutes") or phrase("short_blank"),
        day=phrase.day(count.dated),
    )
    articles = [
        phrase(
            "resolution.held",
            gathering=gathering[:1].upper() + gathering[1:],
            body=body,
            about=meetings.counted_about(count),
        ),
        phrase("resolution.confirmed"),
        phrase("resolution.carried_out", organ=meetings.capital(meetings.standing(count, phrase))),
    ]
    leads = [phrase("resolution.article", number=number) for number in (1, 2, 3)]
    passed = phrase("resolution.passed", body=body, gathering=gathering, day=phrase.day(count.day))
    lines = (phrase("resolution.about", about=meetings.about(count)),)
    return [
        *meetings.top(count, phrase, "resolution", lines=lines),
        *_assembled(count, phrase),
        *meetings.basis(count, phrase, minutes),
        Paragraph(phrase("resolution.decides"), kind="formula"),
        Paragraph(articles[0], lead=leads[0]),
        Paragraph(articles[1], lead=leads[1]),
        *_turnout(count, phrase),
        *_results(count, phrase),
        Paragraph(articles[2], lead=leads[2]),
        Paragraph(passed, sticky=True),
        meetings.closing(count, phrase, (_signed_by(count, phrase),), addressed=False),
    ]


def notice(count: Minutes, i: int) -> list[Element]:
    """Tells official i of the ballot, counted from 0, the own result and nobody else's."""
    phrase = parts.phrases(count.style, count.regime, count.session_file.body)
    person, line = meetings.person(count, i), count.results["officials"][i]
    blank = line["counts"]["blank"]  # with it the levels add up to the valid ballots
    opening = phrase(
        "notice.opening",
        day=meetings.capital(phrase.day(count.day)),
        at=meetings.at_meeting(count, phrase),
        about=meetings.about(count),
        organ=meetings.capital(meetings.standing(count, phrase)),
        person=phrase.person(person, inside=True),
    )
    block = _block(count, i)
    ballots = [
        phrase("ballots.line", what=phrase(f"ballots.{key}"), number=padded(numbers[-1] or 0))
        for key, numbers in parts.numbers(count, block)
        if key in ("issued", "collected", "valid", "invalid")
    ]
    return [
        *meetings.top(count, phrase, "notice", lines=(phrase("notice.about"),)),
        meetings.address(phrase, phrase.person(person)),
        Paragraph(opening),
        *map(Paragraph, ballots),
        *map(Paragraph, levels(count, phrase, line)),
        *([Paragraph(phrase("notice.blank", number=padded(blank)))] if blank else []),
        Paragraph(_kept(count, phrase), sticky=True),
        meetings.closing(count, phrase, meetings.for_standing(count, phrase)),
    ]


def _kept(count: Minutes, phrase: Phrases) -> str:
    """Who has the notice besides the official; a conference keeps it among its papers."""
    if meetings.organ(count) == "conference":
        return phrase("notice.closing_conference")
    return phrase("notice.closing", organ=meetings.standing(count, phrase))


def _assembled(count: Minutes, phrase: Phrases) -> list[Element]:
    """HỘI ĐỒNG NHÂN DÂN TỈNH …, under it KHÓA XVIII, KỲ HỌP THỨ 17."""
    under = (meetings.convocation(count, phrase), meetings.gathering(count, phrase))
    lines = (count.session_file.body, ", ".join(filter(None, under)))
    return [Paragraph(line.upper(), kind="formula") for line in lines]


def _turnout(count: Minutes, phrase: Phrases) -> list[Element]:
    lines = [
        phrase("resolution.members", number=padded(count.members)),
        phrase("resolution.present", number=padded(count.attending)),
    ]
    return [*map(Paragraph, lines), *parts.ballots(count, phrase, brief=True)]


def _results(count: Minutes, phrase: Phrases) -> Iterator[Element]:
    """Each official under the heading of the khối: name, office, each level with its share."""
    blocks = zip(count.blocks, count.spans, strict=False)
    starts = {span.start: block.heading for block, span in blocks}
    for i, line in enumerate(count.results["officials"]):
        if i in starts:
            yield Heading(starts[i])
        person = phrase.person(meetings.person(count, i))
        yield Paragraph(phrase("resolution.person", number=i + 1, person=person), sticky=True)
        yield from map(Paragraph, levels(count, phrase, line))


def levels(count: Minutes, phrase: Phrases, line: OfficialResults) -> Iterator[str]:
    """- Số phiếu tín nhiệm cao: 78 phiếu (chiếm 97,5% tổng số phiếu thu về), and so on."""
    of = words(f"denominators.{count.regime.denominator.kind}", "vi")
    for key, label in zip(count.regime.level_keys, count.regime.labels_in("vi"), strict=True):
        number, percent = line["counts"][key], line["percent"][key]
        yield phrase(
            "resolution.level",
            level=label[:1].lower() + label[1:],
            number=phrase("short_blank") if number is None else padded(number),
            percent=phrase("short_blank") if percent is None else percent,
            of=of,
        )


def _block(count: Minutes, i: int) -> int:
    return next(block for block, span in enumerate(count.spans) if i in span)


def _signed_by(count: Minutes, phrase: Phrases) -> str:
    """The resolution is signed by the head of the body, else by who presides."""
    office = meetings.office(count, phrase)
    if office != "Chủ tịch":
        return phrase("roles.chair_state")
    return f"{office} {count.session_file.body}" if meetings.organ(count) == "assembly" else office
