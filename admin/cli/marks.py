"""Which writing of each key file was the last on this machine.

One small file for each key in the user's state directory, with the mark of the key file as it
stands and, while it is being written, the mark it is going to have. No secret: marks are random
and say nothing of a key.
"""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from admin.record import files
from crypto.encoding import Fields, Json, canonical, parse, string
from crypto.errors import Malformed
from crypto.group import G
from crypto.keyfile import TrusteeState

_SCHEMA: Final = "phieukin.mark/1"
_LIMIT: Final = 1024  # bytes
_NAMES: Final = ("schema", "current", "pending")


@dataclass(frozen=True, slots=True)
class _Marks:
    """What this machine has of a key: its mark, and the one that is being written."""

    current: str = ""
    pending: str = ""


def known(state: TrusteeState) -> bool:
    """Whether this machine wrote this state last, or was writing it when it stopped."""
    marks = _read(state)
    if state.mark == marks.pending != "":
        settle(state)  # the writing had come so far: what was before it is old now
        return True
    return state.mark == marks.current != ""


def announce(state: TrusteeState) -> None:
    """Before the key file is written with a new mark."""
    _write(state, _Marks(_read(state).current, state.mark))


def settle(state: TrusteeState) -> None:
    """After it: only this mark is good."""
    _write(state, _Marks(state.mark))


def folder() -> Path:
    """Where this user's programs keep what they remember between runs."""
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "phieukin"
    # XDG Base Directory: a relative path is invalid and counts as none.
    base = Path(os.environ.get("XDG_STATE_HOME") or "")
    return (base if base.is_absolute() else Path.home() / ".local/state") / "phieukin"


def _path(state: TrusteeState) -> Path:
    key = G**state.signing_secret
    return folder() / f"{sha256(b'phieukin key|' + key.raw).hexdigest()[:32]}.json"


def _read(state: TrusteeState) -> _Marks:
    """The marks; none where the file is not there or not ours: then the key signs nothing."""
    path = _path(state)
    try:
        fields = Fields(parse(path.read_bytes(), "marks", limit=_LIMIT), "marks", *_NAMES)
        fields.read("schema", string, _SCHEMA)
        return _Marks(fields.read("current", _mark), fields.read("pending", _mark))
    except (FileNotFoundError, Malformed):
        return _Marks()


def _mark(value: Json, path: str) -> str:
    return string(value, path, r"([0-9a-f]{32})?")


def _write(state: TrusteeState, marks: _Marks) -> None:
    path = _path(state)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content: Json = {"schema": _SCHEMA, "current": marks.current, "pending": marks.pending}
    files.write(path, canonical(content), mode=0o600)
