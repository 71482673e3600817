"""What an operator should know before people wait: can this machine run a session?"""

import shutil
import stat
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from admin.record import belenios
from admin.session.place import Place
from crypto.errors import Incomplete, ProtocolError, Refused
from storage.books import open_box, open_registrar

ROOM = 1 << 30  # bytes free: 500 ballots of 44 officials, twice, and their archive


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. What is only advisable has `needed` False."""

    id: str
    ok: bool
    needed: bool
    detail: str


async def examine(place: Place) -> AsyncIterator[Finding]:
    """Looks at each thing in turn; never changes anything but bringing databases up to date."""
    looks: tuple[tuple[str, bool, Callable[[Place], Awaitable[str]]], ...] = (
        ("clock", True, _clock),
        ("folder", True, _folder),
        ("room", True, _room),
        ("registrar", True, _registrar),
        ("box", True, _box),
        ("keys", True, _keys),
        ("address", False, _address),
        ("belenios", False, _belenios),
    )
    for name, needed, look in looks:
        try:
            yield Finding(name, ok=True, needed=needed, detail=await look(place))
        except (ProtocolError, OSError) as error:
            yield Finding(name, ok=False, needed=needed, detail=str(error))


async def _clock(place: Place) -> str:
    place.check_clock(time.time())
    return time.strftime("%Y-%m-%d %H:%M:%S %Z")


async def _folder(place: Place) -> str:
    mode = stat.S_IMODE(place.folder.stat().st_mode)
    if mode & 0o077:
        raise Refused(f"others can look into {place.folder} (mode {mode:o}): chmod 700")
    return str(place.folder)


async def _room(place: Place) -> str:
    free = shutil.disk_usage(place.folder).free
    if free < ROOM:
        raise Refused(f"only {free >> 20} MiB are free, {ROOM >> 20} are advisable")
    return f"{free >> 30} GiB"


async def _registrar(place: Place) -> str:
    book = await open_registrar(place.registrar_url)
    try:
        return f"{len(await book.sessions())}"
    finally:
        await book.close()


async def _box(place: Place) -> str:
    await (await open_box(place.box_url)).close()
    said = place.settings.box_db
    if "://" not in said:
        return said
    where = urlsplit(said)  # without the name and the password in it
    return f"{where.scheme}://{where.hostname or ''}{where.path}"


async def _keys(place: Place) -> str:
    files = [file for file in (place.folder / "keys").glob("*/*") if file.is_file()]
    for file in files:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            raise Refused(f"others can read {file}: chmod 600")
    return f"{len(files)}"


async def _address(place: Place) -> str:
    url = place.settings.public_url
    if not url.startswith("https://"):
        raise Incomplete(f"{url}: phones and letters need an https address")
    return url


async def _belenios(_: Place) -> str:
    return str(belenios.find())
