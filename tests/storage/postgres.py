"""A private PostgreSQL server in a temporary folder, reached by a socket file only."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

DATABASES = ("registrar", "box")
_PACKAGES = Path("/usr/lib/postgresql")  # where Debian keeps servers of several versions
# Tests lose nothing that matters: a server that does not wait for the disk is much faster.
_CAREFREE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def programs() -> Path | None:
    """The folder of the newest server's programs."""
    folders = [path.parent for path in _PACKAGES.glob("*/bin/pg_ctl")]
    if not folders and (on_path := shutil.which("pg_ctl")):
        return Path(on_path).parent
    return max(folders, key=lambda path: float(path.parent.name), default=None)


@contextmanager
def cluster(binaries: Path, options: str = _CAREFREE) -> Iterator[Path]:
    """Runs a server with these options; gives the folder of its socket.

    Its language sorts otherwise than by bytes, so that a forgotten collation is seen.
    """
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path has at most 107 bytes
    data, log = folder / "data", folder / "log"
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    icu = ("--encoding=UTF8", "--locale-provider=icu", "--icu-locale=vi", "--locale=C")
    listen = f"-k {folder} -c listen_addresses='' {options}"
    try:
        _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", "tests", "--no-sync", *icu)
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", log, "-o", listen, "start")
        try:
            for name in DATABASES:
                _run(binaries / "createdb", "-h", folder, "-U", "tests", name)
            yield folder
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def empty(folder: Path) -> tuple[str, str]:
    """Empties the databases of the registrar and of the box; gives their addresses."""
    for name in DATABASES:
        owner = await asyncpg.connect(host=str(folder), user="tests", database=name)
        await owner.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        await owner.close()
    registrar, box = (f"postgresql://tests@/{name}?host={folder}" for name in DATABASES)
    return registrar, box


def _run(*command: Path | str) -> None:
    # The server refuses to run as root.
    prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    process = subprocess.run(
        [*prefix, *map(str, command)],
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server inherits it: a pipe would never end
        stderr=subprocess.DEVNULL,
        check=False,
    )
    assert process.returncode == 0, f"{Path(command[0]).name} failed with {process.returncode}"
