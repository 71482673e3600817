"""session.toml, the form that the secretary fills in: everything about a session but its people.

Each key is read on its own, so that one reading finds every problem; a problem names the line.
Dates and times may be written as TOML writes them or as text between quotes.
"""

import json
import re
import tomllib
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from admin.record.session_file import MAX_GUIDANCE, TIERS
from admin.rules import cells, regime
from admin.rules.cells import Fault, Problem
from admin.rules.regime import Regime
from crypto.encoding import BASE58, MAX_INTEGER
from crypto.errors import Malformed
from crypto.session import CHANNELS, MIN_BALLOTS_FLOOR
from crypto.trustees import MAX_TRUSTEES
from storage.rows import PAPER

FILE: Final = "session.toml"
KEYS: Final = (
    "uuid",
    "body",
    "title",
    "date",
    "place",
    "delegates",
    "regime",
    "invalid",
    "quorum",
    "min_ballots",
    "trustees",
    "threshold",
    "channels",
    "publication",
    "recovery",
    "rehearsal",
    "checkin",
    "open",
    "close",
    "guidance",
    "after",
    "tier",
)
TIMES: Final = ("checkin", "open", "close")
QUORUM: Final = (2, 3)  # where neither the form nor the regime says otherwise

_MIN_BALLOTS = 10
_MAX_FILE = 65_536
_MAX_TEXT = 300
_MAX_REGIME = 32  # characters of its name in the definition (docs/protocol.md §3.2)
_OWN_REGIME = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}\.toml"  # in the draft's own folder
_ANY_DAY = "2000-01-01"  # for a time without a day, where the day itself is wrong


@dataclass(frozen=True, slots=True)
class Form:
    """The form as filled in; ``delegates`` is None where it is the size of the roster.

    Attributes:
        date: YYYY-MM-DD.
        trustees, threshold: 0 where the only channel is paper and nothing is said of them.
        quorum: the least part of the roster that must be present.
        own_quorum: whether the form says so, and not the regime.
        checkin, open, close: YYYY-MM-DDTHH:MM, local time, or None.
        guidance: what voters are told of purpose and conduct, by paragraph.
        after: the uuid of the session that must be closed before this one opens; may be empty.
        tier: of which tier (cấp) the body is; may be empty.
    """

    uuid: str
    body: str
    title: str
    date: str
    place: str
    delegates: int | None
    regime: Regime
    invalid: str
    quorum: tuple[int, int]
    min_ballots: int
    trustees: int
    threshold: int
    channels: tuple[str, ...]
    publication: str
    recovery: str
    rehearsal: bool
    checkin: str | None
    open: str | None
    close: str | None
    guidance: tuple[str, ...] = ()
    after: str = ""
    tier: str = ""
    own_quorum: bool = False

    @property
    def on_paper(self) -> bool:
        """Whether paper is the only way of voting: no keys, no box, no record."""
        return self.channels == (PAPER,)


def read(path: Path, problems: list[Problem]) -> Form | None:
    """The form in a file; None if anything is wrong, which is added to ``problems``.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(_MAX_FILE + 1)
    found = decode(data, path.parent)
    if isinstance(found, Form):
        return found
    problems += found
    return None


def decode(data: bytes, folder: Path | None = None) -> "Form | list[Problem]":
    """The form in a TOML text, or everything that is wrong with it.

    Args:
        folder: where a regime of the organiser's own may stand beside the form.
    """
    if len(data) > _MAX_FILE:
        return [Problem(FILE, None, None, Fault("file_too_long", limit=_MAX_FILE))]
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return [Problem(FILE, None, None, Fault("toml_not_utf8", byte=error.start))]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return [Problem(FILE, None, None, Fault("not_toml", reason=error))]
    reader = _Reader(table, text.split("\n"), folder)
    form = reader.form()
    return sorted(reader.problems, key=lambda problem: problem.row or 0) or form


def spelled(form: Form) -> dict[str, str]:
    """The value of each key that is set, as TOML writes it."""
    part, whole = form.quorum
    own = not regime.is_builtin(form.regime.id)
    values = asdict(form) | {
        "regime": f"{form.regime.id}.toml" if own else form.regime.id,
        "quorum": f"{part}/{whole}" if form.own_quorum else None,
        "guidance": "\n".join(form.guidance) or None,
        "after": form.after or None,
        "tier": form.tier or None,
        "trustees": form.trustees or None,
        "threshold": form.threshold or None,
    }
    # JSON and TOML write text, numbers, lists and truth values alike; NFC text has no U+007F.
    return {
        key: json.dumps(values[key], ensure_ascii=False) for key in KEYS if values[key] is not None
    }


class _Reader:
    """Takes the keys of a table one by one and remembers what was wrong."""

    def __init__(self, table: dict[str, Any], lines: list[str], folder: Path | None) -> None:
        self._table = table
        self._lines = lines
        self._folder = folder
        self.problems: list[Problem] = []

    def form(self) -> Form:
        for key in self._table:
            if key not in KEYS:
                self._fail(key, Fault("key_unknown", known=", ".join(KEYS)))
        rules = self._regime()
        day = self._date()
        # Nobody holds a key where there is none.
        least, none = (0, 0) if self._table.get("channels") == [PAPER] else (1, None)
        trustees = self._integer("trustees", least, MAX_TRUSTEES, none)
        most = trustees if 1 <= trustees <= MAX_TRUSTEES else MAX_TRUSTEES
        form = Form(
            uuid=self._matching("uuid", rf"[{BASE58}]{{14,32}}", "uuid_form"),
            body=self._text("body"),
            title=self._text("title", default=rules.title.vi),
            date=day,
            place=self._text("place", default=""),
            delegates=self._delegates(),
            regime=rules,
            invalid=self._choice("invalid", ("line", "ballot"), rules.invalid.scope),
            quorum=self._quorum(rules),
            min_ballots=self._integer("min_ballots", MIN_BALLOTS_FLOOR, MAX_INTEGER, _MIN_BALLOTS),
            trustees=trustees,
            threshold=self._integer("threshold", least, most, none),
            channels=self._channels(),
            publication=self._choice("publication", ("public", "members")),
            recovery=self._choice("recovery", ("code", "none"), "code"),
            rehearsal=self._boolean("rehearsal"),
            checkin=self._time("checkin", day),
            open=self._time("open", day),
            close=self._time("close", day),
            guidance=self._guidance(),
            after=self._after(),
            tier=self._choice("tier", ("", *TIERS), ""),
            own_quorum=self._has("quorum"),
        )
        self._check_times(form)
        return form

    def _has(self, key: str) -> bool:
        return key in self._table

    def _is_text(self, key: str) -> bool:
        return isinstance(self._table.get(key), str)

    def _fail(self, key: str, fault: Fault) -> None:
        pattern = re.compile(
            rf"""\s*["']?{re.escape(key)}["']?\s*[.=]|\s*\[+\s*{re.escape(key)}\b"""
        )
        numbered = enumerate(self._lines, start=1)
        row = next((number for number, line in numbered if pattern.match(line)), None)
        if row is None:  # the key is not there: only its name says where
            fault = Fault("key_missing", key=key) if fault.code == "missing" else fault
        self.problems.append(Problem(FILE, row, None if row is None else key, fault))

    def _take(self, key: str, kind: type, code: str, default: Any = None) -> Any:
        """The value of a key; on a problem something of the kind, so that reading goes on."""
        value = self._table.get(key, default)
        if value is None:
            self._fail(key, Fault("missing"))
        elif type(value) is kind:
            return value
        else:
            self._fail(key, Fault(code))
        return kind()

    def _text(self, key: str, default: str | None = None) -> str:
        said = self._take(key, str, "text_expected", default)
        if not self._is_text(key):
            return str(said)
        try:
            text = cells.phrase(said, _MAX_TEXT)
        except Fault as fault:
            self._fail(key, fault)
            return ""
        if not text and default != "":
            self._fail(key, Fault("text_empty"))
        return text

    def _matching(self, key: str, pattern: str, code: str) -> str:
        said = str(self._take(key, str, code))
        if self._is_text(key) and not re.fullmatch(pattern, said, re.ASCII):
            self._fail(key, Fault(code))
        return said

    def _guidance(self) -> tuple[str, ...]:
        said = str(self._take("guidance", str, "text_expected", "")).split("\n")
        try:
            lines = tuple(line for one in said if (line := cells.phrase(one, MAX_GUIDANCE)))
            if sum(map(len, lines)) > MAX_GUIDANCE:
                raise Fault("too_long", limit=MAX_GUIDANCE)  # noqa: TRY301  one place tells it
        except Fault as fault:
            self._fail("guidance", fault)
            return ()
        return lines

    def _after(self) -> str:
        if self._table.get("after", "") == "":
            return ""
        after = self._matching("after", rf"[{BASE58}]{{14,32}}", "uuid_form")
        if after == self._table.get("uuid"):
            self._fail("after", Fault("after_itself"))
        return after

    def _integer(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = int(self._take(key, int, "integer_expected", default))
        there = type(self._table.get(key, default)) is int
        if there and not low <= value <= high:
            self._fail(key, Fault("out_of_range", value=value, low=low, high=high))
        return value

    def _delegates(self) -> int | None:
        return self._integer("delegates", 1, MAX_INTEGER) if self._has("delegates") else None

    def _boolean(self, key: str) -> bool:
        return bool(self._take(key, bool, "boolean_expected"))

    def _choice(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        said = str(self._take(key, str, "text_expected", default))
        if self._is_text(key) and said not in options:
            self._fail(key, Fault("not_an_option", value=said[:40], options=", ".join(options)))
        return said

    def _channels(self) -> tuple[str, ...]:
        said = self._take("channels", list, "list_expected")
        if self._has("channels") and isinstance(said, list):
            for one in said or [""]:
                if one not in CHANNELS:
                    options = ", ".join(CHANNELS)
                    fault = Fault("not_an_option", value=str(one)[:40], options=options)
                    self._fail("channels", fault)
            if len(set(map(str, said))) != len(said):
                self._fail("channels", Fault("channel_twice"))
        return tuple(channel for channel in CHANNELS if channel in said)

    def _regime(self) -> Regime:
        known = regime.builtin_ids()
        said = str(self._take("regime", str, "text_expected"))
        if said in known or said in regime.ALIASES:
            return regime.load(said)
        if self._folder is not None and re.fullmatch(_OWN_REGIME, said, re.ASCII):
            own = self._own_regime(self._folder / said)
            if own is not None:
                return own
        elif self._is_text("regime"):
            fault = Fault("regime_unknown", value=said[:40], known=", ".join(known))
            self._fail("regime", fault)
        return regime.load(known[0])

    def _own_regime(self, path: Path) -> Regime | None:
        try:
            found = regime.load(str(path))
        except (Malformed, OSError) as error:
            reason = path.name if isinstance(error, OSError) else error
            self._fail("regime", Fault("regime_file", reason=reason))
            return None
        if len(found.id) > _MAX_REGIME:
            self._fail("regime", Fault("too_long", limit=_MAX_REGIME))
            return None
        return found

    def _quorum(self, rules: Regime) -> tuple[int, int]:
        if not self._has("quorum"):
            return QUORUM if rules.quorum is None else rules.quorum.part
        said = str(self._table["quorum"])
        match = re.fullmatch(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})", said, re.ASCII)
        if match is None or int(match[1]) > int(match[2]):
            self._fail("quorum", Fault("quorum_form"))
            return QUORUM
        return int(match[1]), int(match[2])

    def _date(self) -> str:
        said = self._table.get("date")
        if said is None:
            self._fail("date", Fault("missing"))
            return ""
        try:
            if isinstance(said, str):
                return date.fromisoformat(said.strip()).isoformat()
            if type(said) is date:
                return said.isoformat()
        except ValueError:
            pass
        self._fail("date", Fault("date_form"))
        return ""

    def _time(self, key: str, day: str) -> str | None:
        said = self._table.get(key)
        if said is None or said == "":
            return None
        text = said.isoformat() if isinstance(said, (datetime, time)) else str(said).strip()
        match = re.fullmatch(
            r"(?:(\d{4}-\d\d-\d\d)[T ])?([01]\d|2[0-3]):([0-5]\d)(?::00)?", text, re.ASCII
        )
        try:
            on = (
                "" if match is None else date.fromisoformat(match[1] or day or _ANY_DAY).isoformat()
            )
        except ValueError:
            on = ""
        if match is None or not on:
            self._fail(key, Fault("time_form"))
            return None
        return f"{on}T{match[2]}:{match[3]}"

    def _check_times(self, form: Form) -> None:
        planned = {key: value for key in TIMES if (value := getattr(form, key)) is not None}
        for key, value in planned.items():
            away = value[:10] != form.date if key != "checkin" else value[:10] > form.date
            if form.date and away:
                self._fail(key, Fault("another_day", date=form.date))
        for (before, first), (after, second) in pairwise(planned.items()):
            if first > second or (first == second and after == "close"):
                self._fail(after, Fault("not_after", before=before))
