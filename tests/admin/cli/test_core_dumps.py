"""Commands that hold keys leave no file of their memory behind."""

import resource
from pathlib import Path

import pytest

from admin.cli import main
from admin.session.datadir import SETTINGS


@pytest.mark.parametrize(
    "command",
    [("trustee", "check", "--key", "nowhere"), ("serve", "--listen", "nonsense")],
)
def test_no_core_is_dumped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
):
    """The limit is zero, and cannot be raised, before anything is read."""
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *limit: limits.append(limit))
    (tmp_path / SETTINGS).touch()

    assert main.run([*command, "--data", str(tmp_path)]) == 2
    assert limits == [(resource.RLIMIT_CORE, (0, 0))]
