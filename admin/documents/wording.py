"""How documents say things: always in Vietnamese, in the register of a State or a Party body."""

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from admin.documents.facts import Participant
from admin.documents.layout import Style
from admin.record.session_file import SessionFile
from admin.words import words

_PADDED: Final = 3  # months before this one are zero-padded
_ADDRESSED: Final = re.compile(r"(đ/c|đồng chí|ông|bà)[\s.]+", re.IGNORECASE)
# By what name a committee of the Party issues papers, of whose members a body consists.
_COMMITTEES: Final = (
    ("Ban Chấp hành Đảng bộ tỉnh", "Tỉnh ủy"),
    ("Ban Chấp hành Đảng bộ thành phố", "Thành ủy"),
    ("Ban Chấp hành Đảng bộ", "Đảng ủy"),
    ("Ban Chấp hành Chi bộ", "Chi bộ"),
    ("Ban Thường vụ Đảng ủy", "Đảng ủy"),
    ("Ban Thường vụ Tỉnh ủy", "Tỉnh ủy"),
    ("Ban Thường vụ Thành ủy", "Thành ủy"),
)
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one document: how its body addresses its members, and what the vote is called.

    Attributes:
        three: whether people were rated at three levels, or confidence was voted on.
    """

    style: Style
    three: bool = True

    def __call__(self, key: str, **params: object) -> str:
        usual: dict[str, object] = {
            "member": words(f"papers.member.{self.style}", "vi"),
            "meeting": words(f"papers.meeting.{self.style}", "vi"),
            "vote": words(f"papers.vote.{'three' if self.three else 'two'}", "vi"),
            "blank": words("papers.blank", "vi"),
            "short_blank": words("papers.short_blank", "vi"),
        }
        return words(f"papers.{key}", "vi", **(usual | params))

    @property
    def blank(self) -> str:
        """A dotted line, to be filled in by hand."""
        return self("blank")

    def day(self, day: date) -> str:
        """Ngày 05 tháng 01 năm 2026, but ngày 29 tháng 6 năm 2019."""
        month = f"{day.month:02}" if day.month < _PADDED else str(day.month)
        return self("day", day=f"{day.day:02}", month=month, year=day.year)

    def time(self, moment: time | None) -> str:
        """14 giờ 30 phút; dotted lines for an hour that nobody has entered."""
        if moment is None:
            return self("time", hour=self("short_blank"), minute=self("short_blank"))
        return self("time", hour=f"{moment.hour:02}", minute=f"{moment.minute:02}")

    def person(self, person: Participant) -> str:
        """The name as people are addressed, and the role where there is person."""
        name = person.name
        if self.style == "party" and not _ADDRESSED.match(name) and name != self.blank:
            name = f"{self('comrade')} {name}"
        return self("person_role", name=name, role=person.role) if person.role else name

    def addressed(self, name: str) -> str:
        """The name inside a sentence; whoever wrote an address before it meant that person."""
        return name if _ADDRESSED.match(name) else f"{self(f'sir.{self.style}')} {name}"

    def reasons(self, people: tuple[Participant, ...]) -> str:
        """Names with a reason in brackets, one after the other."""
        return "; ".join(
            self("people_of", name=person.name, role=person.role) if person.role else person.name
            for person in people
        )

    def part(self, number: int, key: str) -> str:
        """The heading of a part: IV. KẾT QUẢ KIỂM PHIẾU."""
        return self.chapter(number, f"parts.{key}")

    def chapter(self, number: int, key: str) -> str:
        """The same under any key."""
        return f"{_ROMAN[number - 1]}. {self(key).upper()}"


def issuer(body: str, style: Style) -> str:
    """Who issues a paper of the body itself: of the Party the committee, not its members."""
    if style == "party":
        for start, name in _COMMITTEES:
            if body.casefold().startswith(start.casefold()):
                return name + body[len(start) :]
    return body


def of_body(session_file: SessionFile) -> str:
    """Khóa XVIII, nhiệm kỳ 2026 - 2031: what is known of it; empty where nothing is."""
    known = (("convocation", session_file.convocation), ("term", session_file.term))
    return ", ".join(words(f"papers.{key}", "vi", number=text) for key, text in known if text)


def bare(name: str) -> str:
    """The name without an address, as people sign."""
    return _ADDRESSED.sub("", name, count=1)


def amount(number: int) -> str:
    """1.234."""
    return f"{number:,}".replace(",", ".")
