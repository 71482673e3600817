"""An ext4 file system in a file, and a thief who reads all of it, the free blocks included.

The thief is the reader of disk.py, told the truth to compare with, who looks for

value   what should have been forgotten, in any form, anywhere
page    pages of the books as they were before the end: their cells stand in the order of arrival
order   voters who came one after the other stand side by side, more often than by chance
pair    persons stand beside their own ballots, more often than by chance
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

from storage.database import PAGE_BYTES
from tests.attacks.disk import Finding, Truth
from tests.attacks.needles import BOX, FORGOTTEN, REGISTRAR, Hit

BLOCK: Final = 4096
SIZE: Final = 32 << 20
_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_LOG_HEADER, _FRAME_HEADER = 32, 24  # https://www.sqlite.org/fileformat2.html#walformat
_BEGINNING: Final = 64  # bytes of a page: how many cells, where, and the start of what fills a page
_VARIED: Final = 24  # of them that are not 0; an almost empty page is like any other
_ALIGNED: Final = 8  # bytes: where pages begin in books and logs


@dataclass(frozen=True)
class Image:
    """A file with a file system of its own, and where it is mounted."""

    file: Path
    point: Path

    @classmethod
    def made(cls, folder: Path) -> "Image":
        """An empty one; without the tools the test is skipped."""
        image = cls(folder / "disk.img", folder / "disk")
        image.point.mkdir(parents=True)
        with image.file.open("wb") as file:
            file.truncate(SIZE)
        _run("mkfs.ext4", "-q", "-F", "-b", str(BLOCK), str(image.file))
        return image

    def copied(self, folder: Path) -> "Image":
        """Another one with the same bytes; this one is not mounted."""
        copy = Image(folder / self.file.name, folder / self.point.name)
        copy.point.mkdir(parents=True)
        shutil.copy(self.file, copy.file)
        return copy

    @contextmanager
    def mounted(self) -> Iterator[Path]:
        """By the kernel where it lets us, by fuse2fs where not."""
        by_kernel = ["mount", "-o", "loop", str(self.file), str(self.point)]
        if subprocess.run(by_kernel, check=False, capture_output=True).returncode == 0:
            try:
                yield self.point
            finally:
                _run("umount", str(self.point))
            return
        with self._in_user_space():
            yield self.point

    @contextmanager
    def _in_user_space(self) -> Iterator[None]:
        unmount = ["fusermount", "-u"] if shutil.which("fusermount") else ["umount"]
        options = ["-f", "-o", "fakeroot", str(self.file), str(self.point)]
        running = subprocess.Popen([_program("fuse2fs"), *options])
        while not self.point.is_mount():
            if running.poll() is not None:
                pytest.skip("no ext4 image can be mounted here: run .ci/setup as root")
        try:
            yield
        finally:
            _run(*unmount, str(self.point))
            running.wait(30)  # it writes the image as it ends

    def carved(self) -> "Carved":
        """All of it as it is on the disk now, mounted or not."""
        if self.point.is_mount():
            _run("sync", "-f", str(self.point))
        raw = self.file.read_bytes()
        starts = range(0, len(raw), BLOCK)
        numbers = [at // BLOCK for at in starts if raw.count(0, at, at + BLOCK) < BLOCK]
        data = b"".join(raw[number * BLOCK : (number + 1) * BLOCK] for number in numbers)
        return Carved(data, numbers)


@dataclass(frozen=True)
class Carved:
    """The blocks of an image that hold something, and their numbers."""

    data: bytes
    numbers: list[int]


def pages(folder: Path) -> set[bytes]:
    """How the pages of both books begin, those in their logs too."""
    beginnings = set()
    for path in folder.glob("*.db*"):
        first, step = 0, PAGE_BYTES
        if path.suffix == ".db-wal":
            first, step = _LOG_HEADER + _FRAME_HEADER, _FRAME_HEADER + PAGE_BYTES
        data = path.read_bytes()
        beginnings |= {data[at : at + _BEGINNING] for at in range(first, len(data), step)}
    return {page for page in beginnings if len(page) - page.count(0) >= _VARIED}


def findings(carved: Carved, truth: Truth, before: AbstractSet[bytes]) -> list[Finding]:
    """Every trace that was found.

    Args:
        before: pages that should be nowhere any more.
    """
    hits = truth.hits(carved.data)
    found = {
        Finding("value", needle.what)
        for _, needle in hits
        if needle.side == FORGOTTEN or " of " in needle.what.replace("end of the", "")
    }
    found.update(Finding("page", f"block {number}") for number in _old_pages(carved, before))
    return sorted({*found, *_orders(hits, truth), *_pairs(hits, truth)})


def _old_pages(carved: Carved, before: AbstractSet[bytes]) -> Iterator[int]:
    """Blocks in which one of the pages begins."""
    data, starts = carved.data, {page[:_ALIGNED] for page in before}
    for at in range(0, len(data), _ALIGNED):
        if data[at : at + _ALIGNED] in starts and data[at : at + _BEGINNING] in before:
            yield carved.numbers[at // BLOCK]


def _orders(hits: list[Hit], truth: Truth) -> Iterator[Finding]:
    """Neighbours that came one after the other.

    Two voters did so by chance in 2 of N cases. A value stands in three or four orders of its own
    (of its key, of the archive), so that six or eight such pairs are expected; N / 2 of them, with
    48 voters, come by chance in fewer than one case in a million.
    """
    for side, what in sorted({(needle.side, needle.what) for _, needle in hits}):
        voters = [needle.voter for _, needle in hits if needle.what == what]
        pairs = {frozenset(pair) for pair in pairwise(voters) if len(set(pair)) > 1}
        for order, places in truth.orders(side).items():
            near = sum(abs(places[a] - places[b]) == 1 for a, b in pairs)
            if near > truth.size / 2:
                yield Finding("order", f"{what} by {order}")


def _pairs(hits: list[Hit], truth: Truth) -> Iterator[Finding]:
    """A person and a value of the box's that are neighbours belong together by chance."""
    own: dict[str, set[int]] = {}
    for (_, a), (_, b) in pairwise(hits):
        if {a.side, b.side} == {REGISTRAR, BOX} and a.voter == b.voter:
            own.setdefault(" and ".join(sorted((a.what, b.what))), set()).add(a.voter)
    for both, voters in own.items():
        if len(voters) > truth.size / 4:
            yield Finding("pair", both)


def _program(name: str) -> str:
    path = shutil.which(name, path=_PATH)
    if path is None:
        pytest.skip(f"no {name}: run .ci/setup as root")
    return path


def _run(name: str, *args: str) -> str:
    return subprocess.run(
        [_program(name), *args], check=True, capture_output=True, text=True
    ).stdout
