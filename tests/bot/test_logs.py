"""What a line of the log says of an error: class, fault and place, never its text."""

import errno
import re

import pytest

from bot import logs


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "7KQ2-M4XW"), "OSError ENOSPC"),
        (OSError(errno.EROFS, "7KQ2-M4XW"), "OSError EROFS"),
        (OSError("7KQ2-M4XW"), "OSError"),
        (PermissionError(errno.EACCES, "7KQ2-M4XW", "code.txt"), "PermissionError EACCES"),
        (KeyError("7KQ2-M4XW"), "KeyError"),
    ],
)
def test_an_error_is_told_by_class_fault_and_place(error: Exception, told: str):
    """A full disk and a read-only one look alike but for the name of the fault."""
    assert logs.described(error) == told
    with pytest.raises(type(error)) as raised:
        raise error
    assert re.fullmatch(rf"{told} at test_logs.py:\d+", logs.described(raised.value))
