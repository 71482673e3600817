"""One nursery for all tests of the folder: the program is read in seconds, and forked at once."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fault import lives
from tests.fault.lives import Lives


@pytest.fixture(scope="package")
def nursery() -> Iterator[subprocess.Popen[bytes]]:
    with lives.nursery() as started:
        yield started


@pytest.fixture
def living(nursery: subprocess.Popen[bytes], tmp_path: Path) -> Iterator[Lives]:
    with lives.lives(nursery, tmp_path / "logs") as living:
        yield living
