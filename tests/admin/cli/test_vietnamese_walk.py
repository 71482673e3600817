"""Every command with everything that may be wrong about what it is given: nothing is English.

The lines are made of the commands themselves: each option and argument in turn gets each value
that is wrong for its kind, beside others that are right. A new command is walked through, too.
"""

import io
import re
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
import pytest

from admin.cli import keys, main
from admin.cli.keys import KeyFile
from admin.client.server import Patience
from admin.words import words
from bot.web import tls
from crypto.keyfile import seal
from tests import testkit
from tests.admin.cli.conftest import CHEAP
from tests.admin.cli.desk import PASSPHRASE, carried
from tests.admin.cli.test_vietnamese import TREE, in_english, typed_words
from tests.worlds import hall

pytestmark = pytest.mark.slow

# Session codes, uuids, hashes: some happen to have letters only.
CODE: Final = re.compile(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3,}\b|[A-Za-z0-9+/=]{16,}")
SECONDS: Final = 120  # that one command may take, however much else the machine does
LEAVES: Final = {
    path: command for path, command in TREE.items() if not isinstance(command, click.Group)
}
GLOBAL: Final = {"json", "data", "quiet", "color", "debug"}
UNKNOWN: Final = "5Vg1m1mSbQNPv7vqvGnJ7D"
# What is right, by the name of the parameter.
RIGHT: Final = {
    "folder": "nhap",
    "which": "nhap",
    "file": "dem.csv",
    "scan_file": "chu.txt",
    "paths": "bau",
    "messages": "chu.txt",
    "shares": "chu.txt",
    "archive": "kho.bel",
    "checkpoints": "moc.txt",
    "record": "kho.bel",
    "papers_file": "chu.txt",
    "key": "khoa",
    "passphrase_file": "mat-khau",
    "code_file": "ma.txt",
    "choices": "chon.json",
    "index": "1",
    "size": "3",
    "threshold": "2",
    "count": "12",
    "regime": "nq96-2023",
    "counts": "dem.csv",
    "by": "Nguyễn An",
    "reason": "vì mưa bão",
    "text": "nội dung",
    "who": "1",
    "out": "ra",
    "role": "chair",
    "workers": "1",
}
# What stands on a line although it need not: what would ask, serve or play ends before that.
BESIDE: Final[dict[tuple[str, ...], dict[str, str]]] = {
    ("serve",): {"listen": "khong-co:1:1"},
    ("demo",): {"replay": "hong.json", "voters": "7"},
    ("init",): {
        "public_url": "http://127.0.0.1:1",
        "zone": "Asia/Ho_Chi_Minh",
        "listen": "127.0.0.1:1",
        "token_file": "rong",
    },
    ("enrol",): {"role": "chair", "out": "ra"},
}
FILES: Final = (
    *("khong-co", "thu-muc", "rong", "latin.csv", "hong.toml", "hong.json", "hong.zip"),
    *("hong.xlsx", "hong.bel", "hong.pdf", "khoa", "chu.txt", "moc.txt", "kho.bel"),
)
PLACES: Final = ("khong-co/ra", "chu.txt/ra", "thu-muc", "/proc/ra", "n" * 300, "rong")
NUMBERS: Final = ("nhiều", "-1", "99999999999", "1.5")
TEXTS: Final = ("", "không có", "1–9", "999", "hong.toml", "thu-muc", "chu.txt", UNKNOWN)


class Servers:
    """What may stand at an address instead of a server of this program."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            self.closed = closed.getsockname()[1]
        stranger = tls.prepare(folder, "127.0.0.1", [], int(time.time())).context()
        self.page = self._answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self.noise = self._answering(b"khong phai HTTP\r\n\r\n")
        self.short = self._answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
        self.silent = self._answering(b"")
        self.stranger = self._serving(lambda sock: stranger.wrap_socket(sock, server_side=True))

    def addresses(self) -> tuple[str, ...]:
        ports = (self.closed, self.page, self.noise, self.short, self.silent)
        return (
            *(f"http://127.0.0.1:{port}" for port in ports),
            *(f"https://127.0.0.1:{port}" for port in (self.page, self.stranger)),
            *("https://may-chu.invalid", "http://vi-du.vn", "ftp://vi-du.vn", "khong-co"),
            *("https://", "https://vi-du.vn/duong-dan", "https://vi-du.vn:99999"),
        )

    def _answering(self, answer: bytes) -> int:
        def say(sock: socket.socket) -> None:
            sock.recv(1 << 16)
            sock.sendall(answer)

        return self._serving(say)

    @staticmethod
    def _serving(serve: Callable[[socket.socket], object]) -> int:
        listening = socket.create_server(("127.0.0.1", 0))

        def accept() -> None:
            while True:
                try:
                    sock, _ = listening.accept()
                    with sock:
                        serve(sock)
                except OSError:
                    continue

        threading.Thread(target=accept, daemon=True).start()
        return int(listening.getsockname()[1])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Servers]:
    """A data directory with a session whose check-in is open, and beside it files of every kind."""
    folder = tmp_path_factory.mktemp("walk")
    where = hall.datadir(folder)
    with hall.outside(where):
        session = hall.sealed(where)
    files = carried().files(owners=(1, 2, 3))
    contents = {
        "chu.txt": "không phải tệp cần đọc\n".encode(),
        "rong": b"",
        "latin.csv": b"t\xean\n",
        "hong.toml": b"a = [1\nb =\n",
        "hong.json": b'{"a": 1,}',
        "hong.pdf": b"%PDF-",
        "hong.zip": b"PK\x03\x04" + bytes(40),
        "hong.xlsx": b"PK\x05\x06" + bytes(18),
        "kho.bel": files["bel"],
        "hong.bel": files["bel"][:-700],
        "bau": files["election"],
        "moc.txt": files["checkpoints"],
        "ma.txt": f"{session.voters[0]}\n".encode(),
        "chon.json": b"[null, null, null]",
        "mat-khau": f"{PASSPHRASE}\n".encode(),
        "dem.csv": b"ho_ten,chuc_vu,cao,tin_nhiem,thap\nAn,,1,1,1\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "thu-muc").mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(keys, "seal", partial(seal, cost=CHEAP))
        KeyFile(folder / "khoa", None, None).make(testkit.session().state(1), PASSPHRASE)
    return folder, session.uuid, Servers(folder / "tls")


def wrong_values(parameter: click.Parameter, servers: Servers) -> tuple[str, ...]:
    """By its kind; a file that is right elsewhere is wrong here."""
    values = servers.addresses() if parameter.name in {"server", "public_url"} else TEXTS
    match parameter.type:
        case click.Path(exists=True):
            values = FILES
        case click.Path():
            values = PLACES + FILES if isinstance(parameter, click.Argument) else PLACES
        case click.Choice():
            values = ("không có",)
        case click.types.IntParamType() | click.types.FloatParamType():
            values = NUMBERS
        case click.DateTime():
            values = ("ngày mai", "2028-13-01")
    return values


def written(parameter: click.Parameter, value: str) -> list[str]:
    return [value] if isinstance(parameter, click.Argument) else [parameter.opts[-1], value]


def command_lines(path: tuple[str, ...], uuid: str, servers: Servers) -> Iterator[list[str]]:
    """One line for each thing that may be wrong."""
    command = LEAVES[path]
    own = [p for p in command.params if p.name not in GLOBAL]
    right = {**RIGHT, "uuid": uuid, "target": uuid, "source": uuid}
    right["server"] = f"http://127.0.0.1:{servers.closed}"
    beside = BESIDE.get(path, {})
    valued = [p for p in own if not getattr(p, "is_flag", False)]
    base = {
        p: beside.get(str(p.name)) or right.get(str(p.name), "1")
        for p in valued
        if p.required or p.name in beside or p.name == "passphrase_file"
    }

    def line(values: dict[click.Parameter, str], *more: str) -> list[str]:
        options = [p for p in values if isinstance(p, click.Option)]
        arguments = [p for p in valued if p in values and not isinstance(p, click.Option)]
        parts = [part for p in (*options, *arguments) for part in written(p, values[p])]
        return [*path, *more, *parts]

    yield line(base)
    yield line(base, "--khong-co")
    yield [*line(base), "thua", "thua"]
    for flag in own:
        if getattr(flag, "is_flag", False):
            yield line(base, flag.opts[-1])
    for parameter in valued:
        if parameter.name not in beside:
            yield line({p: value for p, value in base.items() if p is not parameter})
        for value in wrong_values(parameter, servers):
            if value or parameter.name not in beside:
                yield line({**base, parameter: value})


def too_slow(*_: object) -> None:
    raise RuntimeError("the command does not end")


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_nothing_is_english(
    world: tuple[Path, str, Servers],
    path: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """No English, no fault of the program itself, and no text that had to be quoted."""
    folder, uuid, servers = world
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))  # nobody is at a terminal
    monkeypatch.setattr(Patience, "pause", lambda *_: None)
    monkeypatch.setattr(keys, "seal", partial(seal, cost=CHEAP))
    main.run(["session", "new", "nhap"])
    capsys.readouterr()
    signal.signal(signal.SIGALRM, too_slow)
    quoted = words("cli.verbatim", "vi", text="").partition("“")[0]
    faults: dict[str, Any] = {}
    for line in command_lines(path, uuid, servers):
        signal.alarm(SECONDS)
        status = main.run(line)
        signal.alarm(0)
        output = "".join(capsys.readouterr())
        typed = typed_words(" ".join(line))
        left = [word for word in in_english(CODE.sub("", output)) if word not in typed]
        if left or quoted in output or status == main.INTERNAL:
            faults[" ".join(line)] = (status, left, output)
    assert faults == {}
