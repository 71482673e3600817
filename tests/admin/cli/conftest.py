"""A trustee's desk for the tests of its commands."""

from functools import partial
from pathlib import Path

import pytest

from admin.cli import keys
from crypto.keyfile import Cost, seal
from tests.admin.cli.desk import Clock, Desk

CHEAP = Cost(memory_kib=64, iterations=1, lanes=1)


@pytest.fixture
def desk(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """A folder of its own; the program speaks English, and its clock passes by itself.

    Key files are written with a cheap passphrase hash: what one guess costs is in the file.
    """
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    monkeypatch.setattr(keys, "seal", partial(seal, cost=CHEAP))
    return Desk(tmp_path, capsys, Clock(monkeypatch))
