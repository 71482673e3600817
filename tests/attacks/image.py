"""An ext4 file system in a file, and a thief who reads all of it, the free blocks included.

The thief is the reader of disk.py, told the truth to compare with, who looks for

value   what should have been forgotten, in any form, anywhere
order   places that follow who came when: on the whole image, in its free blocks, in each run of
        blocks
pair    places of persons that go together with places of ballots, by whatever order
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from tests.attacks.disk import DEVIATIONS, FEWEST, Finding, Truth, deviations, follows
from tests.attacks.needles import BOX, FORGOTTEN, REGISTRAR, Hit

BLOCK: Final = 4096
SIZE: Final = 32 << 20
_PATH: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_GROUP: Final = re.compile(r"^  Free blocks: (.*)$", re.MULTILINE)
Places = Mapping[int, float]


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
        program = _program("fuse2fs")
        options = ["-f", "-o", "fakeroot", str(self.file), str(self.point)]
        running = subprocess.Popen([program, *options])
        try:
            while not self.point.is_mount():
                if running.poll() is not None:
                    pytest.skip("no ext4 image can be mounted here: run .ci/setup as root")
            yield
        finally:
            subprocess.run([_program("fusermount"), "-u", str(self.point)], check=False)
            running.wait(30)  # it writes the image as it ends

    def carved(self) -> "Carved":
        """All of it as it is on the disk now, mounted or not."""
        if self.point.is_mount():
            _run("sync", "-f", str(self.point))
        raw = self.file.read_bytes()
        starts = range(0, len(raw), BLOCK)
        numbers = [at // BLOCK for at in starts if raw.count(0, at, at + BLOCK) < BLOCK]
        data = b"".join(raw[number * BLOCK : (number + 1) * BLOCK] for number in numbers)
        return Carved(data, numbers, self._free())

    def _free(self) -> set[int]:
        """The blocks that belong to no file."""
        told = _run("dumpe2fs", str(self.file))
        parts = [part for line in _GROUP.findall(told) for part in line.split(", ") if part]
        ranges = [[int(end) for end in part.split("-")] for part in parts]
        return {number for ends in ranges for number in range(ends[0], ends[-1] + 1)}


@dataclass(frozen=True)
class Carved:
    """The blocks of an image that hold something, their numbers, and which blocks are free."""

    data: bytes
    numbers: list[int]
    free: set[int]

    @cached_property
    def regions(self) -> dict[str, Callable[[int], bool]]:
        """Parts of the image, each with the question whether a place in `data` lies in it."""
        numbers = self.numbers
        gaps = [at for at in range(1, len(numbers)) if numbers[at] != numbers[at - 1] + 1]
        starts, ends = [0, *gaps], [*gaps, len(numbers)]
        regions: dict[str, Callable[[int], bool]] = {
            "image": lambda _: True,
            "free blocks": lambda at: numbers[at // BLOCK] in self.free,
        }
        for start, end in zip(starts, ends, strict=True):
            run = range(start * BLOCK, end * BLOCK)
            regions[f"blocks {numbers[start]}-{numbers[end - 1]}"] = run.__contains__
        return regions


def findings(carved: Carved, truth: Truth) -> list[Finding]:
    """Every trace that was found."""
    hits = truth.hits(carved.data)
    found = {
        Finding("value", needle.what)
        for _, needle in hits
        if needle.side == FORGOTTEN or " of " in needle.what.replace("end of the", "")
    }
    for region, inside in carved.regions.items():
        within = [hit for hit in hits if inside(hit.offset)]
        if len(within) >= FEWEST:
            found.update(_orders(region, within, truth))
    return sorted(found)


def _orders(region: str, hits: list[Hit], truth: Truth) -> Iterator[Finding]:
    sides: dict[str, dict[str, Places]] = {REGISTRAR: {}, BOX: {}, FORGOTTEN: {}}
    for end in (min, max):
        at: dict[tuple[str, str], dict[int, float]] = {}
        for offset, needle in hits:
            places = at.setdefault((needle.side, needle.what), {})
            places[needle.voter] = end(offset, places.get(needle.voter, offset))
        for (side, what), places in at.items():
            sides[side][f"{what} ({end.__name__})"] = places
            for order in follows(places, truth, side):
                yield Finding("order", f"{region}: {what} by {order}")
    for (person, these), (ballot, those) in product(sides[REGISTRAR].items(), sides[BOX].items()):
        both = sorted(these.keys() & those.keys())
        if len(both) >= FEWEST:
            apart = deviations([these[i] for i in both], [those[i] for i in both])
            if abs(apart) > DEVIATIONS:
                yield Finding("pair", f"{region}: {person} and {ballot}")


def _program(name: str) -> str:
    path = shutil.which(name, path=_PATH)
    if path is None:
        pytest.skip(f"no {name}: run .ci/setup as root")
    return path


def _run(name: str, *args: str) -> str:
    return subprocess.run(
        [_program(name), *args], check=True, capture_output=True, text=True
    ).stdout
