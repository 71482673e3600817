"""Forged records by name: who makes each, with which keys, what it alters, which check refuses it.

world.py      the honest record they start from, with everything that a record can have
files.py      each field, list and order of each file
parties.py    what each insider makes with the keys it holds
judges.py     the programs that must refuse: our audit, the page's, a stranger's; and the stock tool
__main__.py   the long run: `make attacks`

A forgery has one defect: whatever else hangs on it is linked, summed and signed anew by everybody
whose keys the forger has. Here it is only one record that is judged; what a dishonest server does
to phones and trustees before there is a record is attacks/test_operator.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class By(StrEnum):
    """Who forges, and so which keys were at hand."""

    OUTSIDER = "an outsider, no key"
    VOTER = "a voter, one credential"
    TRUSTEE = "one trustee, fewer than t"
    CHAIR = "the chair's key"
    SERVER = "the server: registrar, box, issuer"
    OPERATOR = "the server and the chair"
    SHORT = "server, chair and t trustees, no quorum"


@dataclass(frozen=True, slots=True)
class Forgery:
    """A record with one defect.

    Attributes:
        name: what is altered, unique among all.
        expected: a pattern of "error at check", as tests/verdicts.py spells them.
        record: makes its bytes, a bundle.
    """

    name: str
    by: By
    expected: str
    record: Callable[[], bytes]
