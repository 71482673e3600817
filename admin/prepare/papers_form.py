"""papers.toml, what the secretary enters for the minutes and reports: who signs, who was absent.

Everything may be left out: the documents have a dotted line for it. What is there must be right,
and each problem names the line. Sealing takes the file over; another may be given when printing.
The text under a key is the comment above it in a template.
"""

import re
from datetime import date, time
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from admin.documents.facts import (
    AuthorityNumbers,
    Founding,
    MeetingFacts,
    Participant,
    Signatory,
)
from admin.documents.layout import Style
from admin.rules import toml_form
from admin.rules.cells import Fault, Problem
from admin.rules.toml_form import Filled, Line, TomlTable, array, between, one_of
from crypto.encoding import MAX_INTEGER

FILE: Final = "papers.toml"

_MOST = 100  # people or lines in one list; copies
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def _unless_empty(value: object) -> object:
    return None if value == "" else value


def _time(value: object) -> object:
    if isinstance(value, time) or value is None:
        return value
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Fault("time_form")
    return time(int(match[1]), int(match[2]))


_Day = Annotated[date, BeforeValidator(toml_form.day)]
_Text = Annotated[Line | None, AfterValidator(lambda text: text or None)]
_Texts = Annotated[
    tuple[Line, ...],
    array("texts_expected"),
    Field(max_length=_MOST),
    AfterValidator(lambda lines: tuple(filter(None, lines))),
]


class _Numbers(TomlTable):
    minutes: _Text = None
    report: _Text = None
    officials: _Text = None
    committee: _Text = None
    box: _Text = None
    handover: _Text = None
    resolution: _Text = None
    incidents: _Text = None
    plan: _Text = None
    letter: _Text = None


class _Authority(TomlTable):
    name: Filled
    report: Line = ""
    letter: Line = ""


class _Founding(TomlTable):
    number: Line = ""
    date: Annotated[_Day | None, BeforeValidator(_unless_empty)] = None
    votes: Line = ""


class _Chair(TomlTable):
    name: Line = ""
    honorific: Line = ""
    position: Line = ""


class _Member(TomlTable):
    name: Filled
    honorific: Line = ""
    role: Line = ""


class _Absent(TomlTable):
    name: Filled
    honorific: Line = ""
    reason: Line = ""


class _Signatory(TomlTable):
    lines: _Texts = ()
    name: Line = ""


_Members = Annotated[tuple[_Member, ...], array("tables_expected"), Field(max_length=_MOST)]
_Absents = Annotated[tuple[_Absent, ...], array("tables_expected"), Field(max_length=_MOST)]
_Authorities = Annotated[tuple[_Authority, ...], array("tables_expected"), Field(max_length=_MOST)]
_Style = Annotated[Style, one_of("state", "party")]
_Time = Annotated[time, BeforeValidator(_time)]
_Printed = Annotated[int, between(1, MAX_INTEGER)]
_Copies = Annotated[int, between(1, _MOST)]
_Empty = BeforeValidator(_unless_empty)  # a key may stand there with nothing between the quotes


class PapersForm(TomlTable):
    """The form as filled in; None is what nobody has entered."""

    style: Annotated[_Style | None, _Empty] = None
    """"state": thể thức cơ quan nhà nước (quốc hiệu, tiêu ngữ); "party": thể thức của Đảng."""
    parent: _Text = None
    """Cơ quan cấp trên trực tiếp, in trên tên cơ quan. Của một hội nghị: cơ quan tổ chức hội nghị,
    đứng thay tên hội nghị. Nếu ghi cả issuer: dòng thứ nhất của biên bản, báo cáo."""
    issuer: _Text = None
    """Dòng thứ hai của biên bản, báo cáo. Để trống thì là tên cơ quan, dưới đó “Ban kiểm phiếu”."""
    town: _Text = None
    """Nơi ghi trước ngày tháng."""
    venue: _Text = None
    """Nơi kiểm phiếu. Để trống thì là nơi họp."""
    date: Annotated[_Day | None, _Empty] = None
    """Ngày ghi trên giấy nếu khác ngày lấy phiếu."""
    start: Annotated[_Time | None, _Empty] = None
    """Giờ bắt đầu kiểm phiếu."""
    end: Annotated[_Time | None, _Empty] = None
    """Giờ kết thúc kiểm phiếu."""
    printed: Annotated[_Printed | None, _Empty] = None
    """Số phiếu giấy đã in, của mỗi loại phiếu (khối)."""
    copies: Annotated[_Copies | None, _Empty] = None
    """Số bản của biên bản."""
    adopted: Annotated[bool | None, _Empty] = None
    """Biên bản đã được đọc lại và nhất trí thông qua (true) hay chưa (false)."""
    complaints: _Texts | None = None
    """Khiếu nại, kiến nghị nhận được; [] là không có. Bỏ dấu # khi đã rõ."""
    basis: _Texts = ()
    """Căn cứ, mỗi dòng một văn bản, không ghi chữ “Căn cứ”. Để trống thì dùng văn bản quy định."""
    addressees: _Texts = ()
    """Kính gửi, trên báo cáo, tờ trình, công văn."""
    recipients: _Texts = ()
    """Nơi nhận; (b/c) là để báo cáo."""
    numbers: _Numbers = _Numbers()
    """Số của văn bản. Cũng có thể ghi số cho officials, committee (tờ trình), box, handover
    (biên bản về hòm phiếu, bàn giao phiếu), resolution (nghị quyết), incidents (báo cáo vướng mắc).
    Cơ quan tổng hợp: plan (kế hoạch), report (báo cáo), letter (công văn)."""
    authorities: _Authorities = ()
    """Cơ quan tổng hợp gửi nhiều cơ quan quản lý: số báo cáo, số công văn gửi từng cơ quan."""
    founding: _Founding = _Founding()
    """Nghị quyết thành lập Ban kiểm phiếu: số, ngày. Chỉ biểu quyết thì bỏ trống number, ghi ngày.
    Số tán thành trên số có mặt ghi ở votes, như "51/51"."""
    chair: _Chair = _Chair()
    """Chủ tọa kỳ họp, chủ trì hội nghị; honorific: Ông, Bà, đồng chí."""
    committee: _Members = ()
    """Ban kiểm phiếu: mỗi người một mục, Trưởng ban trước. Ghi họ tên như muốn thấy trên giấy."""
    witnesses: _Members | None = None
    """Người chứng kiến, nếu có. Không có ai thì ghi ở phần trên: witnesses = []"""
    excused: _Absents | None = None
    """Người vắng mặt có lý do, họ tên như trong danh sách."""
    signatory: _Signatory = _Signatory()
    """Người ký báo cáo, thông báo, nếu không phải Trưởng ban kiểm phiếu."""

    def facts(self) -> MeetingFacts:
        """The same as the documents take it; people without a name are left out."""
        chair, signatory, founding = self.chair, self.signatory, self.founding
        witnesses, excused = self.witnesses, self.excused
        return MeetingFacts(
            style=self.style,
            parent=self.parent,
            issuer=self.issuer,
            numbers=tuple((kind, number) for kind, number in self.numbers if number is not None),
            town=self.town,
            dated=self.date,
            venue=self.venue,
            start=self.start,
            end=self.end,
            committee=_people(self.committee),
            witnesses=None if witnesses is None else _people(witnesses),
            chair=Participant(chair.name, chair.position, chair.honorific) if chair.name else None,
            excused=None
            if excused is None
            else tuple(Participant(a.name, a.reason, a.honorific) for a in excused),
            complaints=self.complaints,
            printed=self.printed,
            copies=self.copies,
            adopted=self.adopted,
            basis=self.basis,
            addressees=self.addressees,
            authorities=tuple(
                AuthorityNumbers(a.name, a.report, a.letter) for a in self.authorities
            ),
            founding=Founding(founding.number, founding.date, founding.votes)
            if founding.number or founding.date
            else None,
            recipients=self.recipients,
            signatory=Signatory(signatory.lines, signatory.name) if signatory.lines else None,
        )


def _people(members: tuple[_Member, ...]) -> tuple[Participant, ...]:
    return tuple(Participant(member.name, member.role, member.honorific) for member in members)


def read(path: Path, problems: list[Problem]) -> MeetingFacts:
    """The facts in a file; what is wrong with it is added to `problems`.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        return decode(file.read(toml_form.MAX_FILE + 1), path.name, problems)


def decode(data: bytes, name: str, problems: list[Problem]) -> MeetingFacts:
    """The facts in a TOML text; `name` is that of its file in problems."""
    form = toml_form.decode(data, name, PapersForm)
    if isinstance(form, PapersForm):
        return form.facts()
    problems += form
    return MeetingFacts()
