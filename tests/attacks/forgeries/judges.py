"""The programs that judge a forgery: which check of docs/protocol.md §9.1 each refuses it at."""

import importlib.util
import io
import subprocess
import sys
from pathlib import Path

from admin.record import belenios, bundle
from crypto.encoding import sha256
from crypto.errors import BadArchive, ProtocolError
from tests.interop.page import Page
from tests.verdicts import judge

STRANGER = "tests.interop.stranger"  # another program, from the protocol's text alone
HOLDS = "holds"
SECONDS = 300


def by_python(raw: bytes) -> str:
    """The error and the check, or `holds`."""
    verdict = judge(raw)
    return verdict.outcome if verdict.error else HOLDS


def by_page(page: Page, path: Path) -> str:
    """The check at which the page's audit refuses a file, or `holds`."""
    report = page.ask("audit", path=str(path), scope="bundle")
    if report["verdict"] == HOLDS:
        return HOLDS
    return next(str(check["id"]) for check in report["checks"] if "code" in check)


def stranger_is_there() -> bool:
    return importlib.util.find_spec(STRANGER) is not None


def by_stranger(path: Path) -> str:
    """The check at which the stranger's verifier refuses a file; `trace` where it fell over."""
    command = [sys.executable, "-m", STRANGER, str(path)]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=SECONDS, encoding="utf-8"
    )
    if "Traceback" in ended.stderr:
        return "trace"
    if ended.returncode == 0:
        return HOLDS
    refused = [line.split() for line in ended.stdout.splitlines() if "REFUSED: " in line]
    return refused[-1][1] if refused else "nothing"


def by_tool(raw: bytes, honest: str) -> str:
    """What the stock tool says of the archive in a record.

    Args:
        honest: SHA-256 of the honest archive, of which it need not be asked.

    Returns:
        `refuses`, `passes`, `same archive`, or `no archive` where there is none to show it.
    """
    try:
        with io.BytesIO(raw) as source:
            archive = bundle.opened(source).open_archive().read(len(raw))
    except ProtocolError:
        return "no archive"
    if sha256(archive) == honest:
        return "same archive"
    try:
        belenios.verify(lambda: io.BytesIO(archive))
    except BadArchive:
        return "refuses"
    except ProtocolError:  # our own reader, which cuts the ballots out for the tool
        return "not readable"
    return "passes"
