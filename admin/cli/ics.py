"""A calendar file (RFC 5545): whole days only, in the order given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

OCTETS: Final = 75  # the longest line, without its end; octets, not characters


@dataclass(frozen=True, slots=True)
class Event:
    """A whole day.

    Attributes:
        uid: the same whenever the file is made again, so that a calendar moves its entry.
    """

    uid: str
    day: date
    summary: str
    description: str


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
        "END:VEVENT",
    ]


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
