"""Whether a folder lies on an encrypted volume, as far as Linux tells.

A file system on dm-crypt (LUKS or plain, LVM on it included) is known by the uuid that the device
mapper gives out in sysfs. What encrypts elsewhere cannot be seen from here: BitLocker under a
virtual machine, a disk that encrypts itself, a network share, ZFS.
"""

import re
from pathlib import Path
from typing import Final

_ROOT: Final = Path("/")
_CRYPT: Final = "CRYPT-"  # how the uuid of a dm-crypt device begins: CRYPT-LUKS2-…
_ESCAPED: Final = re.compile(r"\\([0-7]{3})")  # proc(5): a space in a mount point is \040


def encrypted(folder: Path, root: Path = _ROOT) -> bool | None:
    """Whether the folder's file system lies on dm-crypt; None where this cannot be told.

    Args:
        root: where proc, sys and dev are.
    """
    source = _source(folder.resolve(), root)
    if not source.startswith("/dev/"):
        return None
    device = root / "sys/class/block" / (root / source[1:]).resolve().name
    return _on_crypt(device) if device.exists() else None


def _source(folder: Path, root: Path) -> str:
    """What is mounted where the folder lies; empty where there is no list of mounts."""
    try:
        lines = (root / "proc/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    deepest, source = -1, ""
    for line in lines:
        device, escaped, *_ = line.split(" ")
        point = Path(_ESCAPED.sub(lambda octal: chr(int(octal[1], 8)), escaped))
        # of two mounts on one point the later one hides the earlier
        if folder.is_relative_to(point) and len(point.parts) >= deepest:
            deepest, source = len(point.parts), device
    return source


def _on_crypt(device: Path) -> bool:
    """Whether the device is dm-crypt, or all that it is made of is (LVM, RAID)."""
    uuid = device / "dm/uuid"
    if uuid.exists() and uuid.read_text("utf-8", "replace").startswith(_CRYPT):
        return True
    parts = [device.parent / part.name for part in device.glob("slaves/*")]
    return bool(parts) and all(_on_crypt(part) for part in parts)
