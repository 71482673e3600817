"""admin/record/pool.py: worker processes give the same verdict, in order, without hoarding."""

import io
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from admin.record.pool import Workers, once, processes, workers
from crypto import tally
from crypto.audit.archive import audit_archive
from crypto.audit.ballots import Batch
from crypto.audit.report import Report
from crypto.errors import BadSignature, FaultyTrustee, ProtocolError
from tests import testkit
from tests.testkit import honest, session

pytestmark = pytest.mark.slow


def square(n: int) -> int:
    return n * n


def where(_: int) -> int:
    return os.getpid()


def fail(n: int) -> int:
    """Tasks fail in a worker with errors of ours."""
    if n == 3:
        raise BadSignature("ballot 3")
    if n == 5:
        raise FaultyTrustee(2, "wrong")
    return n


@pytest.fixture(scope="module")
def pool() -> Iterator[Workers]:
    with processes(2) as running:
        yield Workers(running, 2, few=0)


def test_order_is_kept(pool: Workers):
    """Results come in the order of the items."""
    assert list(pool.map(square, range(50))) == [n * n for n in range(50)]


def test_work_is_done_elsewhere(pool: Workers):
    """In other processes than this one."""
    assert os.getpid() not in set(pool.map(where, range(8)))


def test_nothing_to_do(pool: Workers):
    """No items, no results."""
    assert list(pool.map(square, [])) == []


def test_items_are_taken_as_results_are_used(pool: Workers):
    """Of a long input only a few items are held at a time."""
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for n in range(1000):
            taken += 1
            yield n

    results = pool.map(square, items())
    for _ in range(10):
        next(results)

    assert taken <= 10 + 4


@pytest.mark.parametrize(
    ("n", "error"), [(3, BadSignature("ballot 3")), (5, FaultyTrustee(2, "wrong"))]
)
def test_errors_come_back(pool: Workers, n: int, error: ProtocolError):
    """With class, words and whom they accuse; the pool is still good afterwards."""
    with pytest.raises(type(error)) as caught:
        list(pool.map(fail, [0, 1, n]))
    assert (str(caught.value), vars(caught.value)) == (str(error), vars(error))
    assert list(pool.map(square, [4])) == [16]


def audit(pool: Workers, raw: bytes, sizes: list[int]) -> list[list[int]]:
    run = pool.checking(sizes.append)
    return audit_archive(lambda: io.BytesIO(raw), Report(), run=run).result


def test_a_small_record_starts_no_process():
    """The same totals, with news of every batch; starting takes longer than checking."""
    sizes: list[int] = []
    before = multiprocessing.active_children()

    with workers(2) as idle:
        assert audit(idle, honest().archive, sizes) == testkit.TOTALS
        assert multiprocessing.active_children() == before
    assert sizes == [8, 1]


def test_audit_with_workers(pool: Workers):
    """The same totals, with news of every batch."""
    sizes: list[int] = []

    assert audit(pool, honest().archive, sizes) == testkit.TOTALS
    assert sizes == [8, 1]


def test_ballot_that_a_worker_refuses(pool: Workers):
    """The error of a worker is the error of the audit, with the ballot's number."""
    raw = session().vote(0, [0, 0, 0]).replace(b'"challenge":"', b'"challenge":"1', 1)
    parts = honest().with_ballot(2, raw)

    with pytest.raises(ProtocolError, match=f"ballot {parts.ballots.index(raw) + 1}: "):
        audit(pool, parts.archive, [])


ORPHANED = """
import os, time
from admin.record.pool import Workers, processes
from tests.admin.record.test_pool import pid_and_wait
if __name__ == "__main__":
    with processes(2) as running:
        pool = Workers(running, 2)
        for pid in [pool.submit(pid_and_wait, n) for n in (0.1, 0.1)]:
            print(pid.result(), flush=True)
        list(pool.map(pid_and_wait, [60, 60]))
"""


def pid_and_wait(seconds: float) -> int:
    """Of the worker, which is busy for so long."""
    time.sleep(seconds)
    return os.getpid()


def test_workers_end_with_a_process_that_is_killed(tmp_path: Path):
    """kill -9 leaves none of them behind, however long they would be busy."""
    script = tmp_path / "orphaned.py"
    script.write_text(ORPHANED)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        assert parent.stdout is not None
        pids = {int(parent.stdout.readline()) for _ in range(2)}
        parent.kill()
        parent.wait()
        for _ in range(1000):
            if not any(alive(pid) for pid in pids):
                break
            time.sleep(0.01)

    assert not [pid for pid in pids if alive(pid)]


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and that nobody has asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False


def take(numbers: Iterable[int]) -> int:
    return next(iter(numbers))


def test_pool_ends_with_its_block():
    """Whatever was not asked for is dropped; the block does not wait for it."""
    with workers(1) as running:
        assert take(running.map(square, range(100))) == 0
    with pytest.raises(RuntimeError):
        list(running.map(square, [1]))


def test_the_same_batch_is_checked_once():
    """An archive that is audited twice costs one check of its ballots; other bytes cost theirs."""
    batches = [(b"election", first, [b"a%d" % first, b"b"]) for first in (1, 3, 5)]
    altered = (b"election", 3, [b"a3", b"c"])
    moved = (b"election", 4, [b"a3", b"b"])
    seen: list[object] = []

    def counting(tasks: Iterable[tuple[bytes, int, list[bytes]]]) -> Iterator[Batch]:
        for task in tasks:
            seen.append(task)
            yield Batch([str(task)], [], [], tally.empty(session().election))

    run = once(counting)
    first = list(run(batches))
    assert list(run(batches)) == first
    assert seen == batches
    second = list(run([batches[0], altered, moved]))
    assert seen == [*batches, altered, moved]
    assert [batch.trackers for batch in second] == [[str(batches[0])], [str(altered)], [str(moved)]]
