"""`phieukin demo --channel`: what may go together, and a whole run from the command line."""

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from admin.cli.main import INTERRUPTED, USAGE, run

ROOT = Path(__file__).parents[3]
VOTERS, OFFICIALS = 8, 3
# The program, where a shell that put the tests into the background lets them ignore Ctrl-C.
HEARING = (
    "from signal import *; signal(SIGINT, default_int_handler); "
    "from admin.cli.main import main; main()"
)
SMALL = ["--voters", str(VOTERS), "--officials", str(OFFICIALS)]


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHIEUKIN_LANG", "en")


@pytest.fixture
def installed(tmp_path: Path) -> list[str]:
    """The command, with nothing to import but what the wheel contains and its dependencies."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert "tests" not in packages
    for package in packages:
        (tmp_path / package).symlink_to(ROOT / package)
    dependencies = [path for path in sys.path if "site-packages" in path]
    places = [str(tmp_path), *dependencies]
    begin = f"import sys; sys.path[:0] = {places!r}; from admin.cli.main import main; main()"
    # Isolated and without site: neither this folder nor an editable install is on the path.
    return [sys.executable, "-I", "-S", "-c", begin]


@pytest.mark.parametrize("channel", [[], ["--channel", "chat"], ["--channel", "mixed"]])
def test_a_server_is_left_running_only_where_it_is_of_use(
    channel: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The stand-in for Telegram ends with the demo, and a bot without it has nobody to talk to."""
    status = run(["demo", "--serve", *channel, *SMALL, "--out", str(tmp_path / "out")])

    assert status == USAGE
    assert "--serve goes with --channel http" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_help_says_who_plays_telegram(capsys: pytest.CaptureFixture[str]):
    """Every channel is explained, and that nothing leaves the machine."""
    assert run(["demo", "--help"]) == 0

    printed = " ".join(capsys.readouterr().out.split())
    assert "[http|chat|miniapp|mixed]" in printed
    assert "a stand-in plays Telegram, nothing leaves this machine" in printed


WITHOUT = {
    "en": "only from a checkout of the source",
    "vi": "chỉ dùng được trong bản sao mã nguồn",
}


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["chat", "miniapp", "mixed"])
@pytest.mark.parametrize("language", list(WITHOUT))
def test_a_wheel_has_no_telegram(installed: list[str], language: str, channel: str, tmp_path: Path):
    """Where only the packages of the wheel are, one sentence says so, before anything is begun."""
    command = [*installed, "demo", "--channel", channel, *SMALL, "--out", str(tmp_path / "out")]

    ended = subprocess.run(
        command,
        env={**os.environ, "PHIEUKIN_LANG": language},
        capture_output=True,
        check=False,
        text=True,
    )

    assert ended.returncode == USAGE, ended.stderr
    assert f"--channel {channel}" in ended.stderr
    assert WITHOUT[language] in " ".join(ended.stderr.split())
    assert ended.stdout == ""
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """One JSON document, one record, all counts as voted, and nothing else is left.

    All vote in chat; a mixed session: tests/admin/demo/test_chat.py.
    """
    folder = tmp_path / "out"

    status = run(["demo", "--channel", "chat", *SMALL, "--out", str(folder), "--json"])

    assert status == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["ok"], document["reproduced"]) == (True, 3 * OFFICIALS)
    assert document["audit"]["ok"]
    assert set(document["audit"]["counts"].values()) == {VOTERS}
    assert [str(path) for path in folder.glob("*.phieukin.zip")] == [document["record"]]
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.slow
def test_ctrl_c_ends_everything(tmp_path: Path):
    """In the midst of it: the server stops, the stand-in closes, nothing is left behind."""
    command = [sys.executable, "-c", HEARING, "demo", "--channel", "chat", *SMALL]
    playing = subprocess.Popen(
        [*command, "--out", str(tmp_path / "out")],
        env={**os.environ, "PYTHONWARNINGS": "error"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert playing.stderr is not None
    stderr = ""
    for line in playing.stderr:
        stderr += line
        if line.startswith("Check-in:"):
            playing.send_signal(signal.SIGINT)
    assert playing.wait(60) == INTERRUPTED, stderr
    playing.stderr.close()

    assert "Traceback" not in stderr
    assert list(tmp_path.iterdir()) == []
    assert not _processes(str(tmp_path))


def _processes(path: str) -> list[str]:
    """The command lines on this machine that name a path."""
    ran = subprocess.run(
        ["ps", "-eo", "args"],  # noqa: S607
        capture_output=True,
        check=True,
        text=True,
    ).stdout.splitlines()
    return [line for line in ran if path in line]
