"""A calendar file (RFC 5545): whole days only, in the order given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

# At nine in the morning two days before, and on the day itself, by the clock of the reader;
# in hours, which a change of clocks leaves alone.
ALARMS: Final = ("-PT39H", "PT9H")


@dataclass(frozen=True, slots=True)
class WholeDay:
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


def encode(events: Iterable[WholeDay], stamp: datetime, lang: str) -> bytes:
    """The file.

    Args:
        events: its days.
        stamp: when it is made, UTC.
        lang: the language of the texts.
    """
    import icalendar  # noqa: PLC0415  half a second, which a plan on the screen need not pay

    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//PhieuKin//session plan//{lang.upper()}")
    calendar.add("calscale", "GREGORIAN")
    for event in events:
        entry = icalendar.Event()
        entry.add("uid", event.uid)
        entry.add("dtstamp", stamp)
        entry.add("dtstart", event.day)
        entry.add("dtend", event.day + timedelta(days=1))  # the first day after it
        entry.add("summary", event.summary)
        entry.add("description", event.description)
        entry.add("transp", "TRANSPARENT")
        for trigger in ALARMS if event.reminds else ():
            alarm = icalendar.Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("trigger", trigger, encode=False)
            alarm.add("description", event.summary)
            entry.add_component(alarm)
        calendar.add_component(entry)
    file: bytes = calendar.to_ical(sorted=False)
    return file
