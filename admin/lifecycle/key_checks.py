"""Whether the trustees' keys still work, before anyone depends on them."""

import time

from admin.session.session import Session
from storage.registrar.book import RegistrarBook


def trial_day(now: float) -> str:
    """The day (UTC) under which trial shares are noted, YYYY-MM-DD."""
    return time.strftime("%Y-%m-%d", time.gmtime(now))


async def untried(book: RegistrarBook, session: Session, now: float) -> tuple[list[int], int]:
    """The trustees whose keys made no trial share today, and how many are needed."""
    terms = session.registered
    checked = await book.checked_keys(session.uuid, trial_day(now))
    return [i for i in range(1, terms.trustees + 1) if i not in checked], terms.threshold
