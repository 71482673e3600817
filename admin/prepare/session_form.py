"""session.toml, the form that the secretary fills in: everything about a session but its people.

The text under a key explains it to the secretary: it is the comment above the key in a template.
Dates and times may be written as TOML writes them or as text between quotes.
"""

import json
import re
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from admin.record.session_file import MAX_GUIDANCE, TIERS
from admin.rules import cells, regime, toml_form, zones
from admin.rules.cells import Fault, Problem
from admin.rules.regime import Regime
from admin.rules.toml_form import Filled, Line, TomlTable, between, one_of
from admin.words import dated
from crypto.committee import safe_threshold
from crypto.encoding import BASE58, MAX_INTEGER
from crypto.errors import Malformed
from crypto.session import (
    CHANNELS,
    CHECK_SECONDS,
    CHECK_SECONDS_FLOOR,
    CHECK_SECONDS_MOST,
    MIN_BALLOTS_FLOOR,
)
from crypto.trustees import MAX_TRUSTEES
from storage.rows import PAPER

FILE: Final = "session.toml"
TIMES: Final = ("checkin", "open", "close")
QUORUM: Final = (2, 3)  # where neither the form nor the regime says otherwise

_MIN_BALLOTS = 10
_MAX_REGIME = 32  # characters of its name in the definition (docs/protocol.md §3.2)
_OWN_REGIME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}\.toml"  # in the draft's own folder
_ANY_DAY = "2000-01-01"  # for a time without a day, where the day itself is wrong


# ---- values as they are written; what is made in code is already as the form keeps it


def _uuid(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(rf"[{BASE58}]{{14,32}}", value, re.ASCII):
        return value
    raise Fault("uuid_form")


def _zone(value: object) -> str:
    try:
        return zones.named(str(value)).key
    except Malformed:
        raise Fault("zone_unknown", value=str(value)[:40], default=zones.DEFAULT) from None


def _earlier_uuid(value: object, info: ValidationInfo) -> str:
    if value and value == info.data.get("uuid"):
        raise Fault("after_itself")
    return "" if value == "" else _uuid(value)


def _numbered(*words_before: str) -> Callable[[str], str]:
    """Only what is printed after these words, whoever wrote them as well."""
    before = re.compile(rf"((?:{'|'.join(words_before)})\s+)+", re.IGNORECASE)
    return lambda text: before.sub("", text, count=1) if before.match(text) else text


def _day(value: object) -> str:
    return toml_form.day(value).isoformat()


def _moment(value: object, info: ValidationInfo) -> str | None:
    """Local time; on the day of the vote, except that check-in may begin on an earlier one."""
    if value is None or value == "":
        return None
    text = value.isoformat() if isinstance(value, (datetime, time)) else str(value).strip()
    match = re.fullmatch(
        r"(?:(\d{4}-\d\d-\d\d)[T ])?([01]\d|2[0-3]):([0-5]\d)(?::00)?", text, re.ASCII
    )
    vote, key = info.data.get("date"), str(info.field_name)
    try:
        if match is None:
            raise ValueError(text)  # noqa: TRY301  no time, or a day that does not exist
        day = date.fromisoformat(match[1] or vote or _ANY_DAY).isoformat()
    except ValueError:
        raise Fault("time_form") from None
    if vote and (day > vote or (day < vote and key != "checkin")):
        raise Fault("another_day", date=dated(vote))
    moment = f"{day}T{match[2]}:{match[3]}"
    for before in TIMES[: TIMES.index(key)]:
        first = info.data.get(before) or ""
        if first > moment or (first == moment and key == "close"):
            raise Fault("not_after", before=before)
    return moment


def _paragraphs(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    if not isinstance(value, str):
        raise Fault("text_expected")
    lines = (cells.phrase(line, MAX_GUIDANCE) for line in value.split("\n"))
    paragraphs = tuple(line for line in lines if line)
    if sum(map(len, paragraphs)) > MAX_GUIDANCE:
        raise Fault("too_long", limit=MAX_GUIDANCE)
    return paragraphs


def _regime(value: object, info: ValidationInfo) -> Regime:
    """A built-in one by its name, or one of the organiser's own from the folder of the draft."""
    if isinstance(value, Regime):
        return value
    if value is None:
        raise Fault("key_missing", key="regime")
    if not isinstance(value, str):
        raise Fault("text_expected")
    folder = info.context
    if regime.is_builtin(value):
        return regime.load(value)
    if folder is None or not re.fullmatch(_OWN_REGIME, value, re.ASCII):
        raise Fault("regime_unknown", value=value[:40], known=", ".join(regime.builtin_ids()))
    try:
        own = regime.load(str(folder / value))
    except (Malformed, OSError) as error:
        reason = value if isinstance(error, OSError) else error
        raise Fault("regime_file", reason=reason) from None
    if len(own.id) > _MAX_REGIME:
        raise Fault("too_long", limit=_MAX_REGIME)
    return own


def _fraction(value: object) -> tuple[int, int]:
    if isinstance(value, tuple):
        return value
    match = re.fullmatch(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})", str(value), re.ASCII)
    if match is None or int(match[1]) > int(match[2]):
        raise Fault("quorum_form")
    return int(match[1]), int(match[2])


def _some(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)):
        raise Fault("list_expected")
    return tuple(map(str, value)) or ("",)


def _in_order(channels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(channels)) != len(channels):
        raise Fault("channel_twice")
    return tuple(channel for channel in CHANNELS if channel in channels)


def _holders(value: object, info: ValidationInfo) -> object:
    """Nobody holds a key where paper is the only channel: there alone nothing need be said."""
    if value is None and info.data.get("channels") != (PAPER,):
        raise Fault("key_missing", key=info.field_name)
    return 0 if value is None else value


def _enough(number: int, info: ValidationInfo) -> int:
    low = 0 if info.data.get("channels") == (PAPER,) else 1
    high = info.data.get("trustees") or MAX_TRUSTEES  # the threshold is at most their number
    if not low <= number <= high:
        raise Fault("out_of_range", value=number, low=low, high=high)
    holders = info.data.get("trustees")
    if info.field_name == "threshold" and holders and not safe_threshold(holders, number):
        raise Fault("threshold_unsafe", trustees=holders, least=holders // 2 + 1)
    return number


def _check_pause(seconds: int, info: ValidationInfo) -> int:
    low = 0 if info.data.get("rehearsal") else CHECK_SECONDS_FLOOR
    if not low <= seconds <= CHECK_SECONDS_MOST:
        raise Fault("out_of_range", value=seconds, low=low, high=CHECK_SECONDS_MOST)
    return seconds


_Moment = Annotated[str | None, BeforeValidator(_moment)]
_Holders = Annotated[int, BeforeValidator(_holders), AfterValidator(_enough)]


class Form(TomlTable):
    """The form as filled in; a key stands below those that its own default or check looks at."""

    uuid: Annotated[str, BeforeValidator(_uuid)]
    """Số hiệu phiên, in trên phiếu cấp mã. Không sửa."""
    body: Filled
    """Cơ quan tổ chức lấy phiếu."""
    date: Annotated[str, BeforeValidator(_day)]
    """Ngày lấy phiếu: năm-tháng-ngày."""
    place: Line = ""
    """Nơi họp; để "" nếu không cần."""
    convocation: Annotated[Line, AfterValidator(_numbered("khóa"))] = ""
    """Khóa, như "XVIII"; để "" nếu không có."""
    term: Annotated[Line, AfterValidator(_numbered("nhiệm kỳ"))] = ""
    """Nhiệm kỳ, như "2026 - 2031"."""
    sitting: Annotated[Line, AfterValidator(_numbered("kỳ họp", "hội nghị", "lần", "thứ"))] = ""
    """Kỳ họp thứ mấy, hội nghị lần thứ mấy: chỉ ghi số, như "20"."""
    delegates: Annotated[int, between(1, MAX_INTEGER)] | None = None
    """Tổng số đại biểu, kể cả người vắng mặt. Bỏ dấu # nếu khác số dòng trong danh sách."""
    zone: Annotated[str, BeforeValidator(_zone)] = zones.DEFAULT
    """Múi giờ của mọi giờ trong phiên, trên máy chủ nào cũng vậy."""
    checkin: _Moment = None
    """Giờ dự kiến bắt đầu phát phiếu, theo giờ địa phương. Không bắt buộc."""
    open: _Moment = None
    """Giờ dự kiến mở bỏ phiếu. Không bắt buộc."""
    close: _Moment = None
    """Giờ dự kiến kết thúc bỏ phiếu. Không bắt buộc."""
    after: Annotated[str, BeforeValidator(_earlier_uuid)] = ""
    """Nếu phải lấy phiếu sau một phiên khác (Hội đồng trước, cấp ủy sau): số hiệu của phiên ấy."""
    tier: Annotated[str, one_of("", *TIERS)] = ""
    """Cấp của cơ quan, để cơ quan cấp trên tổng hợp: "central" trung ương, "province" tỉnh,
    "district" huyện (trước 01/7/2025), "commune" xã, "unit" cơ quan, đơn vị."""
    guidance: Annotated[tuple[str, ...], BeforeValidator(_paragraphs)] = ()
    r"""Điều cần nói với người ghi phiếu về mục đích, ý nghĩa, cách ghi; "\n" là xuống đoạn mới."""
    regime: Annotated[Regime, BeforeValidator(_regime)] = Field(default=None, validate_default=True)
    """Văn bản quy định."""
    title: Filled = Field(default_factory=lambda form: form["regime"].title.vi)
    """Tên cuộc lấy phiếu. Bỏ dòng này thì dùng tên trong văn bản quy định."""
    quorum: Annotated[tuple[int, int], BeforeValidator(_fraction)] = Field(
        default_factory=lambda form: form["regime"].quorum.part if form["regime"].quorum else QUORUM
    )
    """Phần tối thiểu phải có mặt: của tổng số đại biểu ở cơ quan nhà nước, của những người được
    triệu tập ở tổ chức Đảng. Không ghi thì theo quy định ở trên; quy chế của cơ quan nói khác
    thì bỏ dấu # và ghi vào đây."""
    min_ballots: Annotated[int, between(MIN_BALLOTS_FLOOR, MAX_INTEGER)] = _MIN_BALLOTS
    """Dưới số phiếu này thì không mở kết quả, để giữ kín phiếu. Thấp nhất là 5."""
    invalid: Annotated[str, one_of("line", "ballot")] = Field(
        default_factory=lambda form: form["regime"].invalid.scope
    )
    """Dòng không ghi: "line" chỉ mất dòng đó, "ballot" thì phải ghi đủ mọi dòng.
    Mặc định theo quy định."""
    channels: Annotated[
        tuple[Annotated[str, one_of(*CHANNELS)], ...],
        BeforeValidator(_some),
        AfterValidator(_in_order),
    ]
    """miniapp: trong Telegram · browser: trình duyệt · cli: dòng lệnh · paper: phiếu giấy
    chat: nút trong Telegram, kém kín hơn vì máy chủ Telegram thấy được lựa chọn."""
    trustees: _Holders = Field(default=None, validate_default=True)
    """Số thành viên Ban kiểm phiếu giữ khóa, niêm phong hòm phiếu và ký biên bản đóng hòm."""
    threshold: _Holders = Field(default=None, validate_default=True)
    """Số thành viên phải có mặt để mở kết quả: quá nửa Ban. Để niêm phong và ký biên bản đóng hòm
    phải có số người ở giữa hai số này, làm tròn lên: 4 khi là 3 trên 5, cả 3 khi là 2 trên 3."""
    publication: Annotated[str, one_of("public", "members")]
    """Ai được tải hồ sơ kiểm chứng: "public" mọi người, "members" chỉ thành viên."""
    recovery: Annotated[str, one_of("phone", "none")] = "phone"
    """Người mất điện thoại: "phone" bỏ phiếu tiếp ở máy khác bằng mã dự phòng do điện thoại tạo,
    "none" thì không chuyển được phiếu đã nhận."""
    rehearsal: bool
    """true: chỉ là diễn tập, mọi trang đều ghi rõ."""
    check_seconds: Annotated[int, between(0, MAX_INTEGER), AfterValidator(_check_pause)] = (
        CHECK_SECONDS
    )
    """Số giây để mọi điện thoại kiểm phiếu của mình sau khi đóng hòm, trước khi mở kết quả."""

    @property
    def on_paper(self) -> bool:
        """Whether paper is the only way of voting: no keys, no box, no record."""
        return self.channels == (PAPER,)

    @property
    def own_quorum(self) -> bool:
        """Whether the form says the quorum, and not the regime."""
        return "quorum" in self.model_fields_set


KEYS: Final = tuple(Form.model_fields)


def read(path: Path, problems: list[Problem]) -> Form | None:
    """The form in a file; None if anything is wrong, which is added to ``problems``.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        form = decode(file.read(toml_form.MAX_FILE + 1), path.parent)
    if isinstance(form, Form):
        return form
    problems += form
    return None


def decode(data: bytes, folder: Path | None = None) -> Form | list[Problem]:
    """The form in a TOML text, or everything that is wrong with it.

    Args:
        data: the text.
        folder: where a regime of the organiser's own may stand beside the form.
    """
    return toml_form.decode(data, FILE, Form, folder)


def spelled(form: Form) -> dict[str, str]:
    """The value of each key that is set, as TOML writes it."""
    part, whole = form.quorum
    own = not regime.is_builtin(form.regime.id)
    values: dict[str, Any] = dict(form) | {
        "regime": f"{form.regime.id}.toml" if own else form.regime.id,
        "quorum": f"{part}/{whole}" if form.own_quorum else None,
        "guidance": "\n".join(form.guidance) or None,
        "after": form.after or None,
        "convocation": form.convocation or None,
        "term": form.term or None,
        "sitting": form.sitting or None,
        "tier": form.tier or None,
        "trustees": form.trustees or None,
        "threshold": form.threshold or None,
        "zone": None if form.zone == zones.DEFAULT else form.zone,
    }
    # JSON and TOML write text, numbers, lists and truth values alike; NFC text has no U+007F.
    return {
        key: json.dumps(value, ensure_ascii=False)
        for key, value in values.items()
        if value is not None
    }
