"""Forged records of every forger, by name: each is refused by the check that was meant.

Some that a fixed seed chooses; `make attacks` judges hundreds, before more programs.
"""

from collections import Counter
from pathlib import Path

import pytest

from crypto.encoding import sha256
from tests.attacks.forgeries import By, Forgery
from tests.attacks.forgeries.__main__ import ABSENT, judge, right
from tests.attacks.forgeries.catalogue import chosen, every
from tests.attacks.forgeries.judges import HOLDS, by_tool
from tests.attacks.forgeries.world import bundled, honest
from tests.interop.page import started
from tests.testkit import UUID

NUMBER, SEED = 60, 18


@pytest.fixture(scope="module")
def forgeries() -> list[Forgery]:
    return every()


def test_there_are_forgeries_of_every_forger(forgeries: list[Forgery]):
    """At least 300, none listed twice, each insider among them."""
    by = Counter(forgery.by for forgery in forgeries)

    assert len({forgery.name for forgery in forgeries}) == len(forgeries) >= 300
    assert min(by[forger] for forger in By) >= 5


def test_forgeries_are_refused(forgeries: list[Forgery], tmp_path: Path):
    """By our audit and by the page's, at the same check; the honest record by neither."""
    path = tmp_path / f"{UUID}.phieukin.zip"
    wrong = []
    with started(tmp_path / "exchange") as page:
        path.write_bytes(bundled())
        accepted = judge(bundled(), path, page, stranger=False)
        for forgery in chosen(NUMBER, SEED, forgeries):
            raw = forgery.record()
            path.write_bytes(raw)
            line = {"expected": forgery.expected, **judge(raw, path, page, stranger=False)}
            if not right(line):
                wrong.append((forgery.name, line))

    assert accepted == {"python": HOLDS, "page": HOLDS, "stranger": ABSENT}
    assert wrong == []


@pytest.mark.tool
@pytest.mark.usefixtures("belenios_tool")
def test_what_the_stock_tool_lets_pass(forgeries: list[Forgery]):
    """It sees nothing of what stands beside its archive, and less inside than we do."""
    named = {forgery.name: forgery for forgery in forgeries}
    same = sha256(honest().archive)
    said = {name: by_tool(named[name].record(), same) for name in (
        "ballot 0 gone", "voter 0: a 2", "ballots 0 swapped", "server: a ballot replaced",
        "trustee 3: wrong factors under Belenios proofs that hold",
        "issuance: .present +1",
    )}  # fmt: skip

    assert said == {
        "ballot 0 gone": "passes",
        "voter 0: a 2": "refuses",
        "ballots 0 swapped": "passes",
        "server: a ballot replaced": "refuses",
        "trustee 3: wrong factors under Belenios proofs that hold": "refuses",
        "issuance: .present +1": "same archive",
    }
