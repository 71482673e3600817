"""From the announced close to the audited record, each part timed: a session that has ballots.

The committee's trustees sit at this machine and share one audit, as in a demo; what is timed is
what each of them does on its own laptop.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from admin.client import signing
from admin.demo import committee, session
from admin.demo.session import Sealed
from admin.lifecycle import steps
from admin.record.pool import workers
from crypto.archive import Kind, Reader
from crypto.encoding import b64_sha256
from crypto.lifecycle import State
from tests.bench.cost import command
from tests.bench.results import Measure

PHIEUKIN = (sys.executable, "-m", "admin.cli.main")
_LOOK = 0.05


def finish(played: Sealed, present: int, trackers: Sequence[str]) -> Measure:
    """Closes, signs, opens, publishes, audits.

    Args:
        played: a running server's open session.
        present: the head count.
        trackers: what the phones were promised.

    Returns:
        Seconds of each part, and how many ballots were lost or are there twice.
    """
    uuid = played.uuid
    with tempfile.TemporaryDirectory() as folder, workers() as pool:
        played.secretary.do(lambda books: steps.announce_close(books, uuid, session.now(), 0))
        began = time.perf_counter()
        while State.CLOSED not in signing.read_notes(played.box.checkpoints()):
            time.sleep(_LOOK)
        closed = time.perf_counter()
        archive = committee.sign_close(played, present, pool, lambda _: None)
        signed = time.perf_counter()
        committee.open_totals(played, archive)
        shared = time.perf_counter()
        run = pool.checking()
        played.secretary.do(lambda books: steps.publish(books, uuid, lambda: nullcontext(run)))
        published = time.perf_counter()
        record = session.take_record(played, Path(folder))
        audit = command([*PHIEUKIN, "audit", record, "--json"])
        counted = _trackers(played.secretary.datadir.archive(uuid))
    return {
        "close": round(closed - began, 2),
        "trustees": round(signed - closed, 2),
        "shares": round(shared - signed, 2),
        "totals": round(published - shared, 2),
        "audit": audit.to_json(),
        "counted": len(counted),
        "lost": len(set(trackers) - set(counted)),
        "twice": len(counted) - len(set(counted)) + len(trackers) - len(set(trackers)),
    }


def _trackers(archive: Path) -> list[str]:
    with archive.open("rb") as file:
        return [b64_sha256(e.files[0]) for e in Reader(file) if e.kind == Kind.BALLOT]
