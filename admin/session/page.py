"""The pages for phones, hall and committee as they were built: their files and hashes.

The record holds the hashes (protocol §3.4), the server publishes them: whoever got a page can
tell whether it was this one. The page that lies about itself is not found out by its reader.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from admin.record.session_file import FILE_NAME
from crypto.encoding import sha256

FOLDER: Final = Path(__file__).parents[2] / "bot" / "miniapp" / "dist"
VOTER, HALL, HOME = "voter.html", "hall.html", "home.html"
COMMITTEE: Final = "ban-kiem-phieu.html"  # one file, which people also carry about
PAGES: Final = (VOTER, HALL, HOME, COMMITTEE)
ASSETS: Final = "assets"
SUMS: Final = "/page.sha256"


@dataclass(frozen=True, slots=True)
class Built:
    """Every file that is served, by its name, ascending."""

    files: Mapping[str, bytes]

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        """As they stand in session.json."""
        return tuple((name, sha256(body)) for name, body in self.files.items())

    @property
    def sums(self) -> bytes:
        """As `sha256sum` writes them, and checks them in the folder of the build."""
        return "".join(f"{digest}  {name}\n" for name, digest in self.hashes).encode()


def read(folder: Path | None = None) -> Built | None:
    """What was built; None if one of the pages is not there."""
    folder = folder or FOLDER
    if not all((folder / name).is_file() for name in PAGES):
        return None
    assets = [path for path in (folder / ASSETS).glob("*") if path.is_file()]
    named = {name: folder / name for name in PAGES}
    named |= {f"{ASSETS}/{path.name}": path for path in assets}
    fitting = sorted(name for name in named if re.fullmatch(FILE_NAME, name, re.ASCII))
    return Built({name: named[name].read_bytes() for name in fitting})


def hashes() -> tuple[tuple[str, str], ...]:
    """What the record says of the pages; nothing if they are not built."""
    built = read()
    return () if built is None else built.hashes


def packed(body: bytes) -> bytes:
    """As it goes over the line; the same bytes each time."""
    return gzip.compress(body, mtime=0)
