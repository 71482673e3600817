"""Dishonest trustees: a wrong share is named by whoever looks, and holds nothing up.

The first proof of a decryption share, Belenios', can be bent by its maker (docs/protocol.md §4.3).
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from admin.client.server import Registrar
from admin.lifecycle import electronic
from admin.record import opening
from admin.record.opening import OpenedTotals
from admin.session.books import Books
from admin.voting import codes
from crypto import tally
from crypto.errors import Refused
from crypto.tally import Share
from tests.attacks.conftest import VOTERS
from tests.attacks.sitting import Sitting
from tests.forgery import forge_share

pytestmark = pytest.mark.slow

NONSENSE = b"nonsense"


@pytest.fixture
def sitting(closed: tuple[Sitting, str]) -> Iterator[Sitting]:
    """The same without any share again after each test."""
    sitting, _ = closed
    yield sitting
    with closing(sqlite3.connect(sitting.data / "registrar.db")) as book, book:
        book.execute("DELETE FROM messages WHERE kind = 'share'")
        book.execute("DELETE FROM journal WHERE entry LIKE 'wrong share%'")


def copied(sitting: Sitting, folder: Path) -> Sitting:
    """The same session on another machine, where it can be brought to an end."""
    copy = replace(sitting, folder=folder)
    shutil.copytree(sitting.data, copy.data)
    return copy


def bent(sitting: Sitting) -> Share:
    """Trustee 1's wrong factors under proofs of Belenios' that hold."""
    closed = sitting.audited()
    election, total = closed.setup.election, closed.cast.tally
    share = forge_share(election, total, 1, sitting.trustees[0].secret)
    tally.check_partial(election, closed.setup.trustees, total, share.partial)
    return share


def bent_file(sitting: Sitting) -> bytes:
    return bent(sitting).encode_file(sitting.audited().setup.election.phi)


def put(sitting: Sitting, owner: int, share: bytes) -> None:
    """What a trustee's own program sends, past all its checks."""
    letter = (sitting.folder / f"trustee-{owner}.txt").read_text().splitlines()[1]
    registrar = Registrar.login(sitting.server, sitting.uuid, codes.parse(letter))
    registrar.put(sitting.uuid, "share", share)


def journal(sitting: Sitting) -> list[str]:
    entries = sitting.with_books(lambda books: books.registrar.entries(sitting.uuid))
    return [entry for entry in entries if entry.startswith("wrong share")]


@pytest.mark.parametrize("kind", ["bent", "nonsense"])
def test_a_wrong_share_beside_enough_right_ones(sitting: Sitting, tmp_path: Path, kind: str):
    """It is named before and after, and the totals are published with the right ones."""
    put(sitting, 1, bent_file(sitting) if kind == "bent" else NONSENSE)
    sitting.share(2, 3)
    copy = copied(sitting, tmp_path)

    status, stdout, err = copy.command("session", "show", copy.uuid, "--json")
    assert status == 0
    assert [wrong["trustee"] for wrong in json.loads(stdout)["wrong_shares"]] == [1]
    assert "trustee 1" in err
    status, stdout, err = copy.command("session", "publish", copy.uuid, "--yes")

    assert status == 0, err
    assert "trustee 1" in err
    assert ["trustee 1" in entry for entry in journal(copy)] == [True]
    bundle = copy.datadir.bundle(copy.uuid)
    status, stdout, _ = copy.command("audit", bundle, "--json")
    details = {check["id"]: check["detail"] for check in json.loads(stdout)["checks"]}
    assert (status, "2, 3" in details["statements"]) == (0, True)


def test_a_wrong_share_where_it_is_needed(
    sitting: Sitting, closed: tuple[Sitting, str], tmp_path: Path
):
    """Nothing is opened; the trustee is named, and by the own program sends another.

    A share that passes is not replaced, by whomever.
    """
    put(sitting, 1, bent_file(sitting))
    put(sitting, 1, NONSENSE)
    put(sitting, 1, bent_file(sitting))
    sitting.share(2)
    copy = copied(sitting, tmp_path / "too early")
    status, _, err = copy.command("session", "publish", copy.uuid, "--yes")
    assert (status, "trustee 1: wrong share" in err, "1 of 2" in err) == (3, True, True)

    status, stdout, err = sitting.join(1, closed[1])

    assert (status, json.loads(stdout)["done"]) == (0, ["see_closed", "wait_shares"]), err
    assert "is wrong: trustee 1" in err or "sai: trustee 1" in err
    stored = sitting.shares()
    put(sitting, 1, stored[1])
    for other in (NONSENSE, bent_file(sitting)):
        with pytest.raises(Refused):
            put(sitting, 1, other)
    assert sitting.shares() == stored
    assert any("trustee 1" in entry for entry in journal(sitting))
    copied(sitting, tmp_path / "in time").publish()


def test_a_wrong_share_among_files(sitting: Sitting, tmp_path: Path):
    """`tally combine` names it: exit 3 where it is needed, a warning where it is not."""
    copy = copied(sitting, tmp_path)
    wrong = tmp_path / "share-1.json"
    wrong.write_bytes(bent_file(copy))
    sitting.share(2, 3)
    for owner, raw in sitting.shares().items():
        (tmp_path / f"share-{owner}.json").write_bytes(raw)
    second, third = (tmp_path / f"share-{owner}.json" for owner in (2, 3))

    status, stdout, err = copy.command("tally", "combine", copy.uuid, wrong, second, "--json")
    assert (status, json.loads(stdout)["code"]) == (3, "bad_share")
    assert "trustee 1: wrong share" in err
    status, stdout, err = copy.command(
        "tally", "combine", copy.uuid, wrong, second, third, "--json"
    )

    outcome = json.loads(stdout)
    assert (status, outcome["owners"]) == (0, [2, 3]), err
    assert [(wrong["file"], wrong["owner"]) for wrong in outcome["wrong"]] == [("share-1.json", 1)]
    assert "trustee 1: wrong share" in err


def test_an_office_that_publishes_a_wrong_share(sitting: Sitting, tmp_path: Path):
    """With totals to its liking: the audit of the record says whose share is wrong.

    The bare archive, as stock verifiers read it, only shows that no total comes out.
    """
    copy = copied(sitting, tmp_path)
    found = copy.audited()
    election, total = found.setup.election, found.cast.tally
    right = tally.decrypt(election, total, 2, copy.trustees[1].secret)
    wished = [[VOTERS, 0, 0] for _ in election.questions]
    opening.append(copy.archive, found, OpenedTotals(wished, [bent(copy), right], []))

    async def record(books: Books) -> None:
        await electronic.write_record(books, await books.session(copy.uuid), wished)

    copy.with_books(record)
    bundle = copy.datadir.bundle(copy.uuid)
    status, stdout, _ = copy.command("audit", bundle, "--json")

    last = json.loads(stdout)["checks"][-1]
    assert (status, last["id"], last["ok"]) == (3, "statements", False)
    assert "trustee 1: wrong share" in last["detail"]
    status, stdout, _ = copy.command("audit", copy.archive, "--json")
    last = json.loads(stdout)["checks"][-1]
    assert (status, last["id"]) == (3, "result")
    assert "trustee" not in last["detail"]
