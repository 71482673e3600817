"""`phieukin serve` in a process of its own that need not read the whole program first.

Reading it takes a second and a half of a core; forked from a process that has read it, a server
answers at once. It is the same program by the same entry, with the command line, folder,
environment and files that `subprocess.Popen` was given. Whoever chooses an environment gets a fresh
interpreter instead, as a person does: tests/e2e; so does whatever is no server, and Python's own
settings count for fresh interpreters only.

`python -m tests.worlds.forked` is what they are forked from. Over its standard input, a socket, it
takes `{"args", "cwd", "environ"}` with the three standard files and answers with a pid, or takes
`{"ended": PID}` and answers with an exit status, or null while it runs.
"""

import gc
import json
import os
import runpy
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

ROOT = Path(__file__).parents[2]
PROGRAM = "admin.cli.main"
COMMAND = [sys.executable, "-m", PROGRAM]
_LONGEST = 1 << 20  # bytes of an order: an environment


class Nursery:
    """The process from which servers are forked; it starts with the first of them."""

    def __init__(self) -> None:
        self._asking = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._environ: dict[str, str] = {}

    def ask(self, order: dict[str, Any], files: list[int]) -> Any:
        with self._asking:
            asked = self._socket or self._start()
            socket.send_fds(asked, [json.dumps(order).encode()], files)
            return json.loads(asked.recv(_LONGEST))

    def fit_for(self, environ: dict[str, str]) -> bool:
        """Whether what was read under its environment would be the same under this one."""
        return not self._environ or _early(self._environ) == _early(environ)

    def close(self) -> None:
        if self._socket is not None and self._process is not None:
            self._socket.close()
            self._process.wait()

    def _start(self) -> socket.socket:
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._environ = dict(os.environ)
        command = [sys.executable, "-m", __name__]
        with other:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=other.fileno(), start_new_session=True
            )
        return self._socket


class Popen(subprocess.Popen[Any]):
    """`subprocess.Popen`, but a server is forked. Its parent is the nursery, which is asked."""

    nursery: Nursery
    _forked = False

    def _execute_child(self, args: Any, executable: Any, *more: Any) -> None:
        _, _, passed, cwd, env, _, _, _, read, _, _, write, _, err, *_ = more
        server = isinstance(args, list) and args[:3] == COMMAND and "serve" in args
        environ = dict(os.environ)
        if not server or passed or env is not None or not self.nursery.fit_for(environ):
            super()._execute_child(args, executable, *more)  # type: ignore[misc]
            return
        files = [own if given == -1 else given for own, given in enumerate((read, write, err))]
        order = {"args": args[3:], "cwd": str(cwd or Path.cwd()), "environ": environ}
        self.pid = int(self.nursery.ask(order, files))
        self._child_created = self._forked = True
        self._close_pipe_fds(*more[8:14])  # type: ignore[attr-defined]

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if not self._forked:
            return super()._try_wait(wait_flags)  # type: ignore[misc, no-any-return]
        if not wait_flags & os.WNOHANG:
            _until_ended(self.pid)
        status = self.nursery.ask({"ended": self.pid}, [])
        return (0, 0) if status is None else (self.pid, status)

    def _internal_poll(self, *more: Any, **named: Any) -> int | None:
        if not self._forked:
            return super()._internal_poll(*more, **named)  # type: ignore[misc, no-any-return]
        with self._waitpid_lock:  # type: ignore[attr-defined]
            if self.returncode is None:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(status)  # type: ignore[attr-defined]
        return self.returncode


@contextmanager
def servers_forked() -> Iterator[None]:
    """Servers that are started within the block are forked."""
    Popen.nursery = Nursery()
    try:
        with patch.object(subprocess, "Popen", Popen):
            yield
    finally:
        Popen.nursery.close()


def _early(environ: dict[str, str]) -> set[tuple[str, str]]:
    """What counts while the program is read."""
    return {(k, v) for k, v in environ.items() if k.startswith(("PYTHON", "LD_")) or "KERNEL" in k}


def _until_ended(pid: int) -> None:
    with suppress(ProcessLookupError):
        watched = os.pidfd_open(pid)
        try:
            select.select([watched], [], [])
        finally:
            os.close(watched)


def main() -> None:
    """Answers until nobody asks any more; a forked server returns from here when it ends."""
    import_module("admin.cli.serve")
    gc.collect()
    gc.freeze()
    asked = socket.socket(fileno=os.dup(0))
    while True:
        raw, files, _, _ = socket.recv_fds(asked, _LONGEST, 3)
        if not raw:
            return
        order = json.loads(raw)
        if "ended" in order:
            pid, status = os.waitpid(order["ended"], os.WNOHANG)
            asked.send(json.dumps(status if pid else None).encode())
        elif child := os.fork():
            asked.send(str(child).encode())
            for number in files:
                os.close(number)
        else:
            asked.close()
            _become(order, files)
            return


def _become(order: dict[str, Any], files: list[int]) -> None:
    """The forked process is what was ordered."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  as the interpreter opens them
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(order["environ"])
    time.tzset()
    os.chdir(order["cwd"])
    sys.argv[1:] = order["args"]
    runpy.run_module(PROGRAM, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
