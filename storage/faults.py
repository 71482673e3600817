"""What a database says when it cannot, in the program's own errors.

The database's own messages are never passed on: PostgreSQL puts the refused values into them.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnection

from crypto.errors import Malformed, ProtocolError, Refused
from storage.errors import BookHeld

_FULL = ("SQLITE_FULL", "53100")
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "55P03", "57014", "40P01", "40001")
_DENIED = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "42501")
_UNFIT = ("SQLITE_CONSTRAINT_CHECK", "SQLITE_TOOBIG", "22", "23514")
_REFERENCE = ("SQLITE_CONSTRAINT_FOREIGNKEY", "23503")
_REPEATED = ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "23505")


def _code(error: DBAPIError) -> str:
    """SQLite's name of what happened, or the SQLSTATE."""
    cause = error.orig
    cause_code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    return str(cause_code or "")


@contextmanager
def refusing(
    *, reference: ProtocolError | None = None, repeated: ProtocolError | None = None
) -> Iterator[None]:
    """Raises the given errors where a row points to nothing, or stands there already."""
    try:
        yield
    except IntegrityError as error:
        code = _code(error)
        if reference and code in _REFERENCE:
            raise reference from None
        if repeated and code in _REPEATED:
            raise repeated from None
        raise


@contextmanager
def named() -> Iterator[None]:
    """Turns what a driver raises into an `OSError` or a refusal, without any stored value.

    Raises:
        OSError: the disk is full or fails, the database may not be written; `TimeoutError`
            where someone else holds it for too long.
        Malformed: a value that no column can hold.
        Refused: a constraint that the caller did not expect to break.
    """
    try:
        yield
    except NoConnection:
        raise TimeoutError(errno.ETIMEDOUT, "no connection to the database is free") from None
    except DBAPIError as error:
        raise _named(error) from None
    except (UnicodeEncodeError, OverflowError):
        raise Malformed("a value that the database cannot hold") from None


def _named(error: DBAPIError) -> Exception:
    code, cause = _code(error), error.orig
    if code.startswith(_FULL):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if code.startswith(_BUSY):
        return BookHeld(errno.ETIMEDOUT, "someone else holds the database for too long")
    if code.startswith(_DENIED):
        return PermissionError(errno.EACCES, "the database may not be written")
    if code.startswith(_UNFIT) or isinstance(cause, ValueError):
        return Malformed("a value that the database cannot hold")
    if isinstance(error, IntegrityError):
        return Refused(f"the database refuses the change ({code})")
    return OSError(errno.EIO, f"the database failed ({code or type(error).__name__})")
