"""Whether a session comes in its year and in its order among others: doubts, never refusals.

Periodic ratings are held once in a term, in its third year; who was elected by a People's Council
is rated there first, and in the Party committee afterwards (reference/domain.md §1.2 and §6).
"""

import re
from typing import Final

from admin.prepare import session_form
from admin.prepare.draft import Draft
from admin.rules.cells import Fault, Problem
from admin.rules.sheet_table import fold

_PERIODIC: Final = frozenset({"nq85-2014", "nq96-2023", "qd262-2014", "qd96-2023"})
_MID_TERM, _TERM = 2023, 5  # third years are 2018, 2023, 2028
# Party committees that have a People's Council beside them.
_COUNCILS: Final = frozenset({"province", "district", "commune"})
_OF_PLACE: Final = re.compile(
    r"dang bo (tinh|thanh pho|huyen|quan|thi xa|xa|phuong|dac khu)\b|\b(tinh|thanh|huyen|quan) uy\b"
)


def doubts(draft: Draft) -> list[Problem]:
    """What to look at; of a rehearsal, nothing."""
    form = draft.form
    if form.rehearsal or form.regime.id not in _PERIODIC:
        return []
    faults = []
    year = int(form.date[:4])
    off = (year - _MID_TERM) % _TERM
    if off:
        faults.append(Fault("cycle_year", year=year, before=year - off, after=year - off + _TERM))
    beside_council = form.tier in _COUNCILS or _OF_PLACE.search(fold(form.body))
    if form.regime.kind == "party" and beside_council and not form.after:
        faults.append(Fault("cycle_order"))
    return [Problem(session_form.FILE, None, None, fault) for fault in faults]
