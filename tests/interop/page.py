"""The page's part of the protocol, in a process of node that answers line by line."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "bot" / "miniapp"
VITE = PAGE / "node_modules" / "vite" / "bin" / "vite.js"
VITEST = PAGE / "node_modules" / "vitest" / "vitest.mjs"
SECONDS = 300  # for a build, and for the page's own tests, on a slow machine


class Refused(Exception):
    """The code with which the page said no."""


class Page:
    """bot/miniapp/test/exchange.ts, running."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, what: str, **arguments: str) -> Any:
        """The answer. Raises Refused with the code of an error."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "ok" not in answer:
            raise Refused(answer["error"])
        return answer["ok"]

    def refuses(self, code: str, what: str, **arguments: str) -> None:
        """The page says no, for this reason."""
        with pytest.raises(Refused) as caught:
            self.ask(what, **arguments)
        assert str(caught.value) == code


def node() -> str:
    """The program. Skips the test where it, or the packages of the page, are not installed."""
    path = shutil.which("node")
    if path is None or not VITE.exists() or not VITEST.exists():
        pytest.skip("no node, or no packages of the page: run `npm ci` in bot/miniapp")
    return path


def altered(folder: Path, name: str, check: str, instead: str) -> Path:
    """A copy of what the program is built from, in which one check of a module is another."""
    for part in ("src/protocol", "test"):
        shutil.copytree(PAGE / part, folder / part)
    shutil.copy(PAGE / "package.json", folder)
    (folder / "node_modules").symlink_to(PAGE / "node_modules")
    module = folder / "src" / "protocol" / name
    text = module.read_text("utf-8")
    assert text.count(check) == 1, f"{name} checks otherwise now"
    module.write_text(text.replace(check, instead), "utf-8")
    return folder


@contextmanager
def started(folder: Path, sources: Path = PAGE) -> Iterator[Page]:
    """Builds the program in the folder and runs it."""
    program = node()
    config = ["--config", "test/exchange.config.ts", "--outDir", str(folder), "--emptyOutDir"]
    subprocess.run([program, str(VITE), "build", *config], cwd=sources, check=True, timeout=SECONDS)
    (folder / "package.json").write_text('{"type":"module"}', "utf-8")
    with subprocess.Popen(
        [program, str(folder / "exchange.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield Page(process)
        finally:
            process.kill()
