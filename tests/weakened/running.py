"""A test run in which one module of ours is another: it is so in the memory of a child only."""

import importlib.abc
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

from tests.interop.belenios import ROOT

SECONDS: Final = 240  # a weakened loop may not end: that is noticed, too
NOTICED, SURVIVED, BROKEN = "noticed", "survived", "no run"
_FAILED: Final = {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
OPTIONS: Final = ("-x", "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:randomly")


class Weakened(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed source wherever the module is imported."""

    def __init__(self, module: str, source: str) -> None:
        self._path = ROOT / module
        self._name = module.removesuffix(".py").replace("/", ".")
        self._source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname != self._name:
            return None
        return importlib.util.spec_from_file_location(fullname, self._path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        code = compile(self._source, str(self._path), "exec")
        exec(code, module.__dict__)  # noqa: S102


def outcome(module: str, source: str, tests: Sequence[str]) -> str:
    """Whether the tests notice. Nothing of ours that matters may be imported yet."""
    child = os.fork()
    if child == 0:
        os._exit(_run(module, source, tests))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            if code == pytest.ExitCode.OK:
                return SURVIVED
            return NOTICED if code in _FAILED or code < 0 else BROKEN
        time.sleep(0.05)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return NOTICED


def _run(module: str, source: str, tests: Sequence[str]) -> int:
    os.setpgid(0, 0)
    ours = [name for name in sys.modules if name.partition(".")[0] in {"crypto", "admin", "tests"}]
    for name in ours:
        if name != __name__:
            del sys.modules[name]
    sys.meta_path.insert(0, Weakened(module, source))
    log = Path(os.environ.get("PHIEUKIN_WEAKENED_LOG", os.devnull))
    with log.open("a", encoding="utf-8") as told, redirect_stdout(told), redirect_stderr(told):
        try:
            return int(pytest.main([*OPTIONS, "-m", "not tool", *tests]))
        except BaseException:  # noqa: BLE001 - a module that cannot be imported is noticed
            return int(pytest.ExitCode.TESTS_FAILED)
