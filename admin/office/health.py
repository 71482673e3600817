"""What an operator should know before people wait: can this machine run a session?"""

import asyncio
import errno
import os
import shutil
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from admin.record import belenios
from admin.rules import zones
from admin.session.books import opened, require_whole
from admin.session.datadir import SETTINGS, DataDir
from admin.words import words
from crypto.errors import Incomplete, ProtocolError, Refused
from crypto.group import backend
from storage.books import open_box, open_registrar

TIMEDATECTL = ("timedatectl", "show", "--property=NTPSynchronized", "--value")
ROOM = 1 << 30  # bytes free: 500 ballots of 44 officials, twice, and their archive


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One thing looked at. What is only advisable has `needed` False."""

    id: str
    ok: bool
    needed: bool
    detail: str


async def examine(datadir: DataDir) -> AsyncIterator[HealthCheck]:
    """Looks at each thing in turn; never changes anything but bringing databases up to date."""
    looks: tuple[tuple[str, bool, Callable[[DataDir], Awaitable[str]]], ...] = (
        ("clock", True, _clock),
        ("synchronized", False, _synchronized),
        ("zone", False, _zone),
        ("folder", True, _folder),
        ("room", True, _room),
        ("registrar", True, _registrar),
        ("box", True, _box),
        ("whole", True, _whole),
        ("keys", True, _keys),
        ("address", False, _address),
        ("belenios", False, _belenios),
        ("backend", False, _backend),
    )
    for name, needed, look in looks:
        try:
            yield HealthCheck(name, ok=True, needed=needed, detail=await look(datadir))
        except (ProtocolError, OSError) as error:
            yield HealthCheck(name, ok=False, needed=needed, detail=str(error))


async def _clock(datadir: DataDir) -> str:
    now = time.time()
    datadir.check_clock(now)
    return f"{zones.local(now, datadir.settings.zone):%d/%m/%Y %H:%M:%S} {datadir.settings.zone}"


async def _synchronized(_: DataDir) -> str:
    """Whether the machine's clock follows others; a vote closes by it, and phones compare."""
    try:
        asking = await asyncio.create_subprocess_exec(
            *TIMEDATECTL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
    except OSError:
        return words("cli.doctor.clock_unasked")
    answer, _stderr = await asking.communicate()
    if answer.strip() == b"no":
        raise Refused(words("cli.doctor.clock_alone"))
    synchronized = answer.strip() == b"yes"
    return words("cli.doctor.clock_followed" if synchronized else "cli.doctor.clock_unasked")


async def _zone(datadir: DataDir) -> str:
    """What other programs show here, and logs, goes by the machine's own zone."""
    now, name = time.time(), datadir.settings.zone
    own = time.localtime(now)
    if zones.local(now, name).utcoffset() != timedelta(seconds=own.tm_gmtoff):
        raise Refused(words("cli.doctor.zone_other", zone=name, own=own.tm_zone))
    return name


async def _folder(datadir: DataDir) -> str:
    _require_writable(datadir.folder)
    mode = stat.S_IMODE(datadir.folder.stat().st_mode)
    if mode & 0o077:
        raise Refused(f"others can look into {datadir.folder} (mode {mode:o}): chmod 700")
    settings = datadir.folder / SETTINGS
    mode = stat.S_IMODE(settings.stat().st_mode)
    if mode & 0o077:
        raise Refused(f"others can read {settings} (mode {mode:o}): chmod 600")
    return str(datadir.folder)


def _require_writable(folder: Path) -> None:
    """Refuses a read-only file system, which keeps no ballot, before anybody waits for it.

    Raises:
        OSError: EROFS or EACCES.
    """
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))


async def _room(datadir: DataDir) -> str:
    free = shutil.disk_usage(datadir.folder).free
    if free < ROOM:
        raise Refused(f"only {free >> 20} MiB are free, {ROOM >> 20} are advisable")
    return f"{free >> 30} GiB"


async def _registrar(datadir: DataDir) -> str:
    book = await open_registrar(datadir.registrar_url)
    try:
        return f"{len(await book.sessions())}"
    finally:
        await book.close()


async def _box(datadir: DataDir) -> str:
    await (await open_box(datadir.box_url)).close()
    database = datadir.settings.box_db
    if "://" not in database:
        return database
    where = urlsplit(database)  # without the name and the password in it
    return f"{where.scheme}://{where.hostname or ''}{where.path}"


async def _whole(datadir: DataDir) -> str:
    async with opened(datadir) as books:
        await require_whole(datadir, books.registrar, books.box)
        return f"{len(await books.box.uuids())}"


async def _keys(datadir: DataDir) -> str:
    files = [file for file in (datadir.folder / "keys").glob("*/*") if file.is_file()]
    for file in files:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Refused(f"others can read {file}: chmod 600")
    return f"{len(files)}"


async def _address(datadir: DataDir) -> str:
    url = datadir.settings.public_url
    if not url.startswith("https://"):
        raise Incomplete(f"{url}: phones and letters need an https address")
    return url


async def _belenios(_: DataDir) -> str:
    return str(belenios.find())


async def _backend(_: DataDir) -> str:
    """What checks ballots here; without the kernel the same, several times slower."""
    used = backend()
    if used.problem:
        raise Refused(words("cli.doctor.backend_broken", problem=used.problem))
    return words(f"cli.doctor.backend_{used.name}", version=used.version)
