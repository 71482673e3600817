"""Logs that cannot leak: a line for each start, stop and error, nothing for a request.

An exception is logged by its class, the system's name of the fault (ENOSPC) and its place in our
code; its text, which may hold a code, a name or a ballot, never is. The same holds for whatever a
library wants to say.
"""

import errno
import logging
import sys
import traceback
from pathlib import Path
from typing import Final

_OURS: Final = logging.getLogger("phieukin")
_ROOT: Final = Path(__file__).parents[1]
# They tell of every request, address or statement when asked to.
_LOUD: Final = ("uvicorn", "uvicorn.access", "uvicorn.error", "httpx", "httpcore", "sqlalchemy")


class Formatter(logging.Formatter):
    """Our own lines as they are; of any other line only where it came from."""

    def format(self, record: logging.LogRecord) -> str:
        moment = self.formatTime(record)
        if record.name == _OURS.name:
            return f"{moment} {record.levelname} {record.getMessage()}"
        place = f"{moment} {record.levelname} {record.name} {record.module}:{record.lineno}"
        error = record.exc_info[1] if record.exc_info else None
        return place if error is None else f"{place} {described(error)}"


def configure() -> None:
    """Makes every log line of this process go to stderr through `Formatter`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.WARNING)
    _OURS.setLevel(logging.INFO)
    for name in _LOUD:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.ERROR)


def event(text: str) -> None:
    """Something worth a line, told without anything that a client sent."""
    _OURS.info(text)


def failure(doing: str, error: BaseException) -> None:
    """An error nobody expected."""
    _OURS.error("%s failed: %s", doing, described(error))


def described(error: BaseException) -> str:
    """Class, fault and place: the last line of our own code that the error came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_ROOT)] or list(frames)
    name = type(error).__qualname__
    fault = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
    if fault is not None:
        name = f"{name} {fault}"
    if not ours:
        return name
    return f"{name} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
