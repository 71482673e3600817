"""What a channel bounds: how much of a ballot fits into the button of a chat."""

from typing import Final

DRAFT_BYTES: Final = 14  # of a button's 48: see admin/voting/ballot_button.py


def most_officials(levels: int) -> int:
    """For how many officials a button has room."""
    count = 0
    while (levels + 1) ** (count + 1) <= 1 << 8 * DRAFT_BYTES:
        count += 1
    return count
