"""How documents say things: always in Vietnamese, in the register of a State or a Party body."""

import re
from dataclasses import dataclass
from datetime import date, time
from typing import Final

from admin.documents.facts import Participant
from admin.documents.layout import Style
from admin.record.session_file import SessionFile
from admin.rules import regime
from admin.rules.regime import Regime
from admin.words import words

_UNDER: Final = " theo "  # in the title of a regime, before its instrument
_TWO_DIGITS: Final = 10
_PADDED: Final = 3  # months before this one are zero-padded
_ADDRESSED: Final = re.compile(r"\A(đ/c|đồng chí|ông|bà)[\s.]+", re.IGNORECASE)
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
_OFFICE: Final = "Ủy ban nhân dân"  # that a conference belongs to, at the end of its name
_ROMAN: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one document: how its body addresses its members, and what the vote is called.

    Attributes:
        three: whether people were rated at three levels, or confidence was voted on.
        assembly: whether the body has sessions (kỳ họp), as an assembly has; else it meets (hội
            nghị).
    """

    style: Style
    three: bool = True
    assembly: bool = False

    def __call__(self, key: str, **params: object) -> str:
        usual: dict[str, object] = {
            "member": words(f"papers.member.{self.style}", "vi"),
            "meeting": words(f"papers.meeting.{self.gathers}", "vi"),
            "vote": words(f"papers.vote.{'three' if self.three else 'two'}", "vi"),
            "blank": words("papers.blank", "vi"),
            "short_blank": words("papers.short_blank", "vi"),
        }
        return words(f"papers.{key}", "vi", **(usual | params))

    @property
    def gathers(self) -> str:
        """The key of what the body's meeting is called."""
        return "assembly" if self.assembly else "conference"

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

    def named(self, person: Participant) -> str:
        """The name as people are addressed: in the Party all alike, else as is known."""
        name = person.name
        if name == self.blank:
            return name
        if self.style == "party":
            return f"{self('comrade')} {bare(name)}"
        return name if _ADDRESSED.match(name) else f"{person.honorific} {name}".lstrip()

    def person(self, person: Participant, *, inside: bool = False) -> str:
        """The name as people are addressed, and the role where there is one.

        Args:
            inside: a sentence, which it does not begin.
        """
        name = self.inside(person) if inside else self.named(person)
        return self("person_role", name=name, role=person.role) if person.role else name

    def inside(self, person: Participant) -> str:
        """The name inside a sentence: ông Nguyễn Văn An."""
        name = self.named(person)
        return name[:1].lower() + name[1:] if _ADDRESSED.match(name) else name

    def reasons(self, people: tuple[Participant, ...]) -> str:
        """Names with their reasons: in brackets, in the Party after a comma."""
        form = f"people_of.{self.style}"
        return "; ".join(
            self(form, name=self.inside(person), role=person.role)
            if person.role
            else self.inside(person)
            for person in people
        )

    def part(self, number: int, key: str) -> str:
        """The heading of a part: IV. KẾT QUẢ KIỂM PHIẾU."""
        return self.chapter(number, f"parts.{key}")

    def chapter(self, number: int, key: str) -> str:
        """The same under any key."""
        return f"{_ROMAN[number - 1]}. {self(key).upper()}"


def issuer(body: str, style: Style) -> str:
    """Who issues a paper of the body itself: of the Party the committee, not its members.

    A conference of the heads of a People's Committee's offices is no office itself.
    """
    if body.startswith("Hội nghị") and _OFFICE in body:
        return body[body.rindex(_OFFICE) :]
    if style == "party":
        for start, name in _COMMITTEES:
            if body.casefold().startswith(start.casefold()):
                return name + body[len(start) :]
    return body


def of_body(session_file: SessionFile) -> str:
    """Khóa XVIII, nhiệm kỳ 2026 - 2031: what is known of it; empty where nothing is."""
    numbers = (("convocation", session_file.convocation), ("term", session_file.term))
    return ", ".join(words(f"papers.{key}", "vi", number=text) for key, text in numbers if text)


def bare(name: str) -> str:
    """The name without an address, as people sign."""
    return _ADDRESSED.sub("", name, count=1)


def amount(number: int) -> str:
    """1.234."""
    return f"{number:,}".replace(",", ".")


def padded(number: int) -> str:
    """A number in running text: 05, 51, 1.234, but 0."""
    return f"{number:02}" if 0 < number < _TWO_DIGITS else amount(number)


def in_full(rules: Regime) -> str:
    """The instrument with its day and who issued it, where the title of the regime says so."""
    _, _, named = rules.title.vi.partition(_UNDER)
    return named if named.startswith(rules.instrument) else rules.instrument


def cited(text: str) -> str:
    """A ground of the vote without its full stop; in full where it is only a regime's number."""
    line = text.rstrip(";.")
    regimes = map(regime.load, regime.builtin_ids())
    return next((in_full(rules) for rules in regimes if rules.instrument == line), line)
