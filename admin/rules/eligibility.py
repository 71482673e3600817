"""Who may be rated: the facts about an official that the rules of a regime speak of."""

from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about an official beside the name; nothing is not a fact.

    Attributes:
        since: the day of election or appointment to the post.
        retiring: whether retirement has been announced, perhaps on the day ``announced``.
        ill_since: the first day of a certified serious illness without work.
    """

    since: date | None = None
    retiring: bool = False
    announced: date | None = None
    ill_since: date | None = None


NOTHING: Final = Facts()
