"""A calendar file (RFC 5545): whole days only, in the order given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

# At nine in the morning two days before, and on the day itself, by the clock of the reader.
ALARMS: Final = ("-PT39H", "PT9H")
OCTETS: Final = 75  # the longest line, without its end; octets, not characters


@dataclass(frozen=True, slots=True)
class Event:
    """A whole day.

    Attributes:
        uid: the same whenever the file is made again, so that a calendar moves its entry.
        reminds: whether the calendar is to remind of it.
    """

    uid: str
    day: date
    summary: str
    description: str
    reminds: bool


def encode(events: Iterable[Event], stamp: str, lang: str) -> bytes:
    """The file.

    Args:
        events: its days.
        stamp: when it is made, as ``20261207T010203Z``.
        lang: the language of the texts.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//PhieuKin//session plan//{lang.upper()}",
        "CALSCALE:GREGORIAN",
    ]
    for event in events:
        lines += _event(event, stamp)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(event: Event, stamp: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{_basic(event.day)}",
        f"DTEND;VALUE=DATE:{_basic(event.day + timedelta(days=1))}",  # the first day after it
        f"SUMMARY:{_escaped(event.summary)}",
        f"DESCRIPTION:{_escaped(event.description)}",
        "TRANSP:TRANSPARENT",
        *(line for trigger in ALARMS if event.reminds for line in _alarm(event, trigger)),
        "END:VEVENT",
    ]


def _alarm(event: Event, trigger: str) -> list[str]:
    shown = ["ACTION:DISPLAY", f"TRIGGER:{trigger}", f"DESCRIPTION:{_escaped(event.summary)}"]
    return ["BEGIN:VALARM", *shown, "END:VALARM"]


def _basic(day: date) -> str:
    return day.isoformat().replace("-", "")


def _escaped(text: str) -> str:
    for character in ("\\", ";", ","):
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """The line on as many lines as it needs, no character cut in two."""
    whole, used = b"", 0
    for character in line:
        octets = character.encode()
        if used + len(octets) > OCTETS:
            whole += b"\r\n "
            used = 1
        whole += octets
        used += len(octets)
    return whole + b"\r\n"
