"""An office's desk and a trustee's, for the tests of their commands."""

from functools import partial
from pathlib import Path

import pytest

from admin.cli import keys
from crypto.keyfile import Cost, seal
from tests.admin.cli.desk import Clock, Desk
from tests.worlds.office import Office, new, sealed_on_paper

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


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    return new(tmp_path, capsys)


@pytest.fixture
def on_paper(office: Office) -> Office:
    return sealed_on_paper(office)
