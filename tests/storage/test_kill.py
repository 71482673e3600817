"""kill -9 in the middle of writing."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.storage.sample import ballot

ROOT = Path(__file__).parents[2]
KILLS = 24


def kill(folder: Path, what: str, kills: int) -> dict[str, Any]:
    """What the killing process found."""
    command = [sys.executable, "-m", "tests.storage.killed", str(folder), what, str(kills)]
    process = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=120)
    assert process.returncode == 0, process.stderr.decode()
    return dict(json.loads(process.stdout))


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(tmp_path):
    """A writer is killed many times; everything it had acknowledged is found every time."""
    missing = kill(tmp_path, "write", KILLS)

    assert missing["lost"] == []
    assert missing["acknowledged"]["cast"] >= KILLS
    assert missing["acknowledged"]["issue"] >= KILLS
    box = sqlite3.connect(tmp_path / "box.db")
    (ballots,) = box.execute("SELECT count(*) FROM ballots").fetchone()
    (ciphertexts,) = box.execute("SELECT count(*) FROM ciphertexts").fetchone()
    (sound,) = box.execute("PRAGMA integrity_check").fetchone()
    box.close()
    assert ballots >= missing["acknowledged"]["cast"]
    assert ciphertexts == ballots * len(ballot(0).digests)
    assert sound == "ok"


@pytest.mark.slow
def test_a_killed_rewriting_loses_nothing(tmp_path):
    """Killed in the middle of rewriting, the book is the old one or the new one."""
    kill(tmp_path, "rewrite", KILLS // 2)

    box = sqlite3.connect(tmp_path / "box.db")
    raws = {raw for (raw,) in box.execute("SELECT raw FROM ballots")}
    (sound,) = box.execute("PRAGMA integrity_check").fetchone()
    box.close()
    assert raws == {ballot(number).raw for number in range(len(raws))}
    assert len(raws) > 100
    assert sound == "ok"
