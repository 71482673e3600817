"""The clock that a body lives by: a session's, and an installation's.

Servers and containers keep UTC, delegates do not: what people are told, when they are reminded
and when a day ends goes by the zone of the body, never by the clock of the machine.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crypto.errors import Malformed

DEFAULT: Final = "Asia/Ho_Chi_Minh"


@lru_cache(maxsize=16)
def named(name: str) -> ZoneInfo:
    """The zone of a name such as Asia/Ho_Chi_Minh (IANA). Raises Malformed if there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Malformed(f"{name!r} is no time zone: write one such as {DEFAULT}") from None


def local(moment: float, zone: str) -> datetime:
    """A moment in Unix seconds as the clock there shows it."""
    return datetime.fromtimestamp(moment, named(zone))


def today(moment: float, zone: str) -> date:
    """The day there."""
    return local(moment, zone).date()
