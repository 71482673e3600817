"""The public address of a server: what stands in letters, links and QR codes before the path.

The pages ask for everything from the root of their host, so that an address with a path cannot
work, and a letter that has it printed is of no use.
"""

from typing import Final
from urllib.parse import urlsplit

from admin.words import words
from crypto.errors import Malformed

_SCHEMES: Final = ("http", "https")
_GUESSED: Final = "https://"


def public_address(text: str) -> str:
    """Scheme, host and port, without a slash at the end.

    Raises:
        Malformed: something is missing, or stands there that cannot; the detail has the address
            as it should be, where that can be told.
    """
    address = text.strip()
    scheme, mark, _ = address.partition("://")
    if mark and scheme.lower() not in _SCHEMES:
        raise Malformed(words("address.no_host", address=text))
    corrected = _origin(address if mark else _GUESSED + address)
    if corrected is None:
        raise Malformed(words("address.no_host", address=text))
    if not mark:
        raise Malformed(words("address.no_scheme", address=text, corrected=corrected))
    if address.lower().rstrip("/") != corrected:
        raise Malformed(words("address.too_much", address=text, corrected=corrected))
    return corrected


def _origin(address: str) -> str | None:
    """The address without name, password, path, query and fragment; None if it has no host."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or any(char.isspace() or not char.isprintable() for char in host):
        return None
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + ("" if port is None else f":{port}")
