"""Overwriting what a disk would keep: the blocks of a removed file still hold what stood in it.

It reaches what the file system writes in place. The spare blocks of an SSD, a file system that
copies on write (btrfs, ZFS) and snapshots keep the old bytes: docs/threat-model.md §4.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_ZEROS = bytes(1 << 20)


def overwrite(file: BinaryIO, begin: int = 0) -> None:
    """Writes zeros from `begin` to the end of the file, and waits until the disk has them."""
    left = file.seek(0, os.SEEK_END) - begin
    file.seek(begin)
    while left > 0:
        left -= file.write(_ZEROS[:left])
    file.flush()
    os.fsync(file.fileno())


def erase(path: Path) -> None:
    """Overwrites a file and removes it; nothing happens if it is not there."""
    try:
        with path.open("r+b") as file:
            overwrite(file)
    except FileNotFoundError:
        return
    path.unlink(missing_ok=True)


@contextmanager
def erasing_log(database: Path) -> Iterator[None]:
    """For the length of the block in which connections to a SQLite database are closed.

    The last one of all processes removes the write-ahead log, in which every row stands in the
    order of its arrival; it is overwritten as long as it is held open here.
    """
    log = Path(f"{database}-wal")
    try:
        # SQLite holds no lock on this file, so that closing it gives none up.
        file = log.open("r+b")
    except FileNotFoundError:
        yield
        return
    with file:
        try:
            yield
        finally:
            if _removed(log, file):
                overwrite(file)


def _removed(path: Path, file: BinaryIO) -> bool:
    """Whether the opened file is no longer the one of that name."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return True
