"""A server of its own on this machine, and people who use it by the command line."""

import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from admin.cli import main
from crypto.encoding import Json

PASSPHRASE = "hoa sen trắng 94"  # noqa: S105
COMMAND = (sys.executable, "-m", "admin.cli.main")
ENVIRONMENT = {**os.environ, "PHIEUKIN_LANG": "en", "PYTHONWARNINGS": "error"}
# Three trustees, who need not wait for the phones' check.
FORM = {
    "min_ballots = 10": "min_ballots = 5",
    "trustees = 5": "trustees = 3",
    "threshold = 3": "threshold = 2",
    "rehearsal = false": "rehearsal = true",
    "# check_seconds = 60": "check_seconds = 0",
}
OWNERS = (1, 2, 3)
LEVELS = ("high", "medium", "low", None)


@dataclass(frozen=True)
class Done:
    """What a command ended with."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The JSON it printed."""
        return dict(json.loads(self.out))


@dataclass
class Site:
    """A folder with a draft and a data directory.

    Attributes:
        voters: how many are on the roster.
    """

    folder: Path
    voters: int
    uuid: str = ""
    url: str = ""
    officials: int = 5  # of the template
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def run(self, *args: str | Path, status: int | None = 0) -> Done:
        """Runs a command of somebody who works alone; `status` is what it must end with."""
        stdout, err = io.StringIO(), io.StringIO()
        with chdir(self.folder), redirect_stdout(stdout), redirect_stderr(err):
            ended = main.run([*map(str, args), "--data", str(self.data)])
        outcome = Done(ended, stdout.getvalue(), err.getvalue())
        assert status is None or ended == status, (args, outcome)
        return outcome

    def start(self, *args: str | Path) -> subprocess.Popen[bytes]:
        """Starts a command in a process of its own, which ends with the server's block."""
        process = subprocess.Popen(
            [*COMMAND, *map(str, args), "--data", str(self.data)],
            cwd=self.folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.started.append(process)
        return process

    # ---- the secretary

    def prepare(self) -> None:
        """A data directory and a draft: a rehearsal, which five ballots are enough for."""
        (self.folder / "pass").write_text(PASSPHRASE + "\n", encoding="utf-8")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.run("init", "data", "--listen", f"127.0.0.1:{port}", "--public-url", self.url)
        self.run("session", "new", "draft", "--electronic")
        form = self.folder / "draft" / "session.toml"
        text = form.read_text("utf-8")
        for before, after in FORM.items():
            assert before in text
            text = text.replace(before, after)
        form.write_text(text, "utf-8")
        match = re.search(r'^uuid = "(\w+)"', text, re.MULTILINE)
        assert match is not None
        self.uuid = match[1]
        rows = "".join(f"{i},Nguyễn Văn {chr(64 + i)}\n" for i in range(1, self.voters + 1))
        (self.folder / "roster.csv").write_text("STT,Họ và tên\n" + rows, "utf-8")
        self.run("roster", "import", "draft", "roster.csv")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """A real server for the length of the block."""
        self.serve()
        try:
            yield
        finally:
            self.stop()
            self.end_started()

    def end_started(self) -> None:
        """A test that fails leaves nobody running, whose pipes would fail another test."""
        while self.started:
            process = self.started.pop()
            process.kill()
            process.communicate()

    def serve(self) -> None:
        with (self.folder / "serve.log").open("ab") as log:
            server = subprocess.Popen(
                [*COMMAND, "serve", "--json", "--data", str(self.data)],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.servers.append(server)
        assert server.stdout is not None
        lines = server.stdout.readline() + server.stdout.readline()
        assert lines.strip(), (self.folder / "serve.log").read_text("utf-8")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        server = self.servers.pop()
        server.send_signal(how)
        server.wait(30)
        assert server.stdout is not None
        server.stdout.close()

    def state(self) -> str:
        return str(self.run("session", "show", self.uuid, "--json").document["state"])

    def letters(self) -> list[str]:
        """The links of all voters' letters."""
        self.run("roster", "letters", self.uuid, "-o", "letters.csv")
        with (self.folder / "letters.csv").open(encoding="utf-8-sig", newline="") as file:
            return [row["lien_ket"] for row in csv.DictReader(file)]

    # ---- trustees

    def join(self, owner: int, *more: str, status: int = 0) -> Json:
        """One run of a trustee; what it said as JSON."""
        done = self.run(*self.joining(owner), *more, "--json", status=status)
        return done.document

    def joining(self, owner: int) -> list[str]:
        code = self.folder / "draft" / "codes" / f"trustee-{owner}.txt"
        where = ["--server", self.url, "--uuid", self.uuid, "--code-file", str(code)]
        return [
            "trustee",
            "join",
            *where,
            "--key",
            f"trustee-{owner}.key",
            "--passphrase-file",
            "pass",
        ]

    def seal(self) -> None:
        """The whole ceremony, and everyone's signature of φ."""
        self.run("session", "seal", "draft", status=4)
        assert {self.join(i)["next"] for i in OWNERS} == {"wait_step1", "step2"}
        agreements = {self.join(i)["codes"]["agreement"] for i in OWNERS}
        assert len(agreements) == 1
        agreed = ("--agreement", agreements.pop())
        for i in OWNERS:
            self.join(i, *agreed)
        for i in OWNERS:
            self.join(i)
        self.run("session", "seal", "draft", status=5)
        phi = self.join(1)["phi"]
        for i in OWNERS:
            assert self.join(i, "--fingerprint", phi)["done"] == ["sign"]
        self.run("session", "seal", "draft")

    def committee_signs(self, step: str, *known: str) -> None:
        """Everyone's run of this step, with what the room knows.

        The last one's run may go on to the next step, if the server is quick to gather.
        """
        for i in OWNERS:
            report = self.join(i, *known)
            assert report["done"][:1] == [step], report

    # ---- voters

    def reach(self, number: int, name: str, voters: list[subprocess.Popen[bytes]]) -> None:
        """Waits until so many are registered or cast; a voter who has given up is a failure."""
        while self.counts(name) < number:
            for voter in voters:
                assert voter.poll() in {None, 0}, voter.communicate()
            time.sleep(0.1)

    def counts(self, name: str) -> int:
        """As this machine's operator is told: before the opening nobody else is."""
        return int(self.run("session", "show", self.uuid, "--json").document[name])

    def voting(self, number: int, link: str, *more: str, url: str | None = None) -> list[str]:
        """The command line of a voter, whose files are then in the folder."""
        (self.folder / f"code{number}").write_text(link + "\n", "utf-8")
        chosen = [LEVELS[(number + i) % len(LEVELS)] for i in range(self.officials)]
        (self.folder / f"choices{number}").write_text(json.dumps(chosen), "utf-8")
        files = ["--code-file", f"code{number}", "--choices", f"choices{number}"]
        where = ["--server", url or self.url, "--uuid", self.uuid]
        return ["vote", *where, *files, "--mask", "0", "--json", *more]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def recording(url: str) -> Iterator[tuple[str, list[bytes]]]:
    """A relay in front of a server; its address, and the bytes that each connection sent."""
    sent: list[bytes] = []
    target = int(url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        threading.Thread(target=_accept, args=(listener, target, sent), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, target: int, sent: list[bytes]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        try:
            server = socket.create_connection(("127.0.0.1", target))
        except OSError:  # the server is down
            client.close()
            continue
        number = len(sent)
        sent.append(b"")
        threading.Thread(target=_upwards, args=(client, server, sent, number), daemon=True).start()
        threading.Thread(target=_downwards, args=(server, client), daemon=True).start()


def _upwards(client: socket.socket, server: socket.socket, sent: list[bytes], number: int) -> None:
    with suppress(OSError):  # a browser hangs up when it likes
        while data := client.recv(1 << 16):
            sent[number] += data
            server.sendall(data)


def _downwards(server: socket.socket, client: socket.socket) -> None:
    with server, client, suppress(OSError):
        while data := server.recv(1 << 16):
            client.sendall(data)
