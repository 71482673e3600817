"""Which volumes are known as encrypted, on machines made of files."""

from pathlib import Path

import pytest

from admin.office.volume import encrypted

LUKS = "CRYPT-LUKS2-0123456789abcdef-home\n"


def machine(root: Path, mounts: str, devices: dict[str, tuple[str, ...]], **uuids: str) -> Path:
    """A root with these mounts, block devices (and what each is made of), and dm uuids."""
    (root / "proc").mkdir(parents=True)
    (root / "proc/mounts").write_text(mounts)
    (root / "dev/mapper").mkdir(parents=True)
    for name, parts in devices.items():
        block = root / "sys/class/block" / name
        (block / "slaves").mkdir(parents=True)
        for part in parts:
            (block / "slaves" / part).mkdir()
        if name in uuids:
            (block / "dm").mkdir()
            (block / "dm/uuid").write_text(uuids[name])
            (root / "dev/mapper" / f"mapped-{name}").symlink_to(f"../{name}")
        (root / "dev" / name).touch()
    return root


@pytest.mark.parametrize(
    ("mounts", "expected"),
    [
        ("/dev/mapper/mapped-dm0 / ext4 rw 0 0", True),
        ("/dev/dm0 / ext4 rw 0 0", True),
        ("/dev/mapper/mapped-dm1 / ext4 rw 0 0", True),  # LVM on LUKS
        ("/dev/mapper/mapped-dm2 / ext4 rw 0 0", False),  # LVM on LUKS and on a bare disk
        ("/dev/sda / ext4 rw 0 0", False),
        ("/dev/sda / ext4 rw 0 0\n/dev/dm0 /srv/the\\040vote ext4 rw 0 0", True),
        ("/dev/dm0 / ext4 rw 0 0\n/dev/sda /srv/the\\040vote ext4 rw 0 0", False),
        ("/dev/sda / ext4 rw 0 0\n/dev/dm0 / ext4 rw 0 0", True),
        ("/dev/sda / ext4 rw 0 0\n/dev/dm0 /srv/the ext4 rw 0 0", False),
        ("server:/export / nfs4 rw 0 0", None),
        ("overlay / overlay rw 0 0", None),
        ("/dev/root / ext4 rw 0 0", None),
        ("", None),
    ],
)
def test_volumes(tmp_path: Path, mounts: str, expected: bool | None):
    """The deepest mount of the folder counts, and everything that its device is made of."""
    devices = {"sda": (), "dm0": ("sda",), "dm1": ("dm0",), "dm2": ("dm0", "sda")}
    root = machine(tmp_path, mounts, devices, dm0=LUKS, dm1="LVM-abc\n", dm2="LVM-def\n")

    assert encrypted(Path("/srv/the vote/data"), root) is expected


def test_a_machine_without_proc(tmp_path: Path):
    """Not Linux: it cannot be told."""
    assert encrypted(Path("/srv"), tmp_path) is None
