"""Whether the trustees' keys still work, before anyone depends on them."""

import time

from admin.session.books import Books
from admin.session.terms import Terms


def trial_kind(now: float) -> str:
    """The kind of message under which trial shares of a day (UTC) are noted."""
    return f"checked-{time.strftime('%Y-%m-%d', time.gmtime(now))}"


async def untried(books: Books, uuid: str, now: float) -> tuple[list[int], int]:
    """The trustees whose keys made no trial share today, and how many are needed.

    Raises:
        UnknownSession: there is no such session.
    """
    terms = Terms.decode((await books.registrar.session(uuid)).draft or b"")
    tried = await books.registrar.messages(uuid, trial_kind(now))
    return [i for i in range(1, terms.trustees + 1) if i not in tried], terms.threshold
