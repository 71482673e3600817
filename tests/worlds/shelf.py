"""Where a worker keeps what it makes once and copies many times."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def shelf(prefix: str) -> Path:
    """A new folder, beside those of pytest; it goes when this process ends."""
    folder = tempfile.mkdtemp(prefix=prefix, dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
