"""Logarithms of small numbers: what a decrypted tally needs (docs/protocol.md §7.3).

Baby steps, giant steps: about √bound multiplications for each element.
"""

from collections.abc import Sequence
from math import isqrt

from crypto.errors import BadResult
from crypto.group import IDENTITY, Element, G


def small_logs(elements: Sequence[Element], bound: int) -> list[int]:
    """For each element the n with 0 ≤ n ≤ bound and element = g^n.

    Raises:
        BadResult: an element is no such power; the detail names its position, from 1.
    """
    width = isqrt(bound) + 1
    baby: dict[Element, int] = {}
    step = IDENTITY
    for n in range(width):
        baby[step] = n
        step = step * G
    giant = G**-width
    return [
        _log(member, baby, giant, bound, width, position)
        for position, member in enumerate(elements, start=1)
    ]


def _log(
    member: Element, baby: dict[Element, int], giant: Element, bound: int, width: int, position: int
) -> int:
    for i in range(bound // width + 1):
        if member in baby and i * width + baby[member] <= bound:
            return i * width + baby[member]
        member = member * giant
    raise BadResult(f"total {position} is not a number from 0 to {bound}")
