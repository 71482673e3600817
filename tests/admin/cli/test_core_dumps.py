"""Commands that hold keys leave no file of their memory behind."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from admin.cli import main
from admin.session.datadir import SETTINGS


@pytest.mark.parametrize(
    "command",
    [
        ("trustee", "check", "--key", "nowhere"),
        ("serve", "--listen", "nonsense"),
        ("session", "publish", "nowhere", "--reason"),
    ],
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


_ELSEWHERE = """
import sys
sys.modules |= {"resource": None, "fcntl": None}
from admin.cli import main
statuses = [main.run(command.split()) for command in sys.argv[1:]]
print(statuses)
"""


def test_a_machine_without_what_only_unix_has():
    """Trustees, auditors and voters have laptops of every kind: their commands are there."""
    program = [sys.executable, "-c", _ELSEWHERE, "trustee check", "audit nowhere", "vote --yes"]

    run = subprocess.run(program, capture_output=True, text=True, check=False)

    assert run.stdout.endswith("[2, 2, 2]\n"), run.stderr
