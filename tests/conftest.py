"""Shared fixtures, and what continuous integration asks for beyond a developer's machine."""

import gc
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import settings

from admin.session import page
from tests.interop import belenios
from tests.worlds import forked, keys

ROOT = Path(__file__).parents[1]
UNDER_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}
TESTS = Path(__file__).parent
# Folders whose tests run whole servers or kill processes: not for `make check`.
LIVE = {"attacks", "bot", "browser", "e2e", "fault", "storage", "telegram"} | {
    f"admin/{folder}" for folder in ("client", "demo", "documents")
}
WHOLLY_SLOW = "\npytestmark = pytest.mark.slow\n"  # a file that `make check` leaves out
# Those with the longest files, the longest first.
LONGEST = (
    *("fault", "browser", "attacks", "admin/demo", "e2e", "bot/chat", "interop", "admin/cli"),
    *("admin/client", "bot/sides", "bot/web", "admin/documents", "storage", "admin/record"),
)
# Every commit of a book waits for the disk; no test takes the power away, so memory will do.
MEMORY, MEMORY_BYTES = Path("/dev/shm"), 2 << 30  # noqa: S108
VECTORS_ABSENT = "third-party vectors are absent"

if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= MEMORY_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("quick", max_examples=10, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True, database=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if UNDER_CI else "dev"))


@pytest.fixture(scope="session", autouse=True)
def _once() -> Iterator[None]:
    """What costs much and is the same each time: keys, SQL, the page packed for its server."""
    page_once = patch.object(page, "packed", cache(page.packed))
    caches = keys.checked_once(), keys.made_twice(), keys.compiled_once(), forked.servers_forked()
    with ExitStack() as stack:
        for once in (*caches, page_once):
            stack.enter_context(once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _marks_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What programs remember of key files on this machine, they remember elsewhere."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def third_party_vectors() -> Path:
    """The folder of public test vectors, which is not part of this repository."""
    folder = Path(os.environ.get("PHIEUKIN_VECTORS") or ROOT.parent / "shared" / "vectors")
    if not folder.is_dir():
        pytest.skip(f"{VECTORS_ABSENT}: set PHIEUKIN_VECTORS to their folder")
    return folder


@pytest.fixture(scope="session")
def belenios_tool() -> Path:
    """The stock verifier; without it a developer goes on, continuous integration does not."""
    found = belenios.find()
    if found is None:
        pytest.skip("no belenios-tool: run .ci/setup")
    return found


def unwelcome(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Why this skip fails the run under CI, or None where it may stand."""
    if not (UNDER_CI and report.skipped) or hasattr(report, "wasxfail"):
        return None
    told = report.longrepr
    reason = str(told[2] if isinstance(told, tuple) else told).removeprefix("Skipped: ")
    return None if reason.startswith(VECTORS_ABSENT) else f"skipped under CI: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test is a failed test."""
    report = yield
    if complaint := unwelcome(report):
        report.outcome, report.longrepr = "failed", complaint
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself whole."""
    report = yield
    if complaint := unwelcome(report):
        report.outcome, report.longrepr = "failed", complaint
    return report


def _live(path: Path) -> bool:
    return any(str(folder) in LIVE for folder in path.relative_to(TESTS).parents)


def _all_slow(path: Path) -> bool:
    return path.suffix == ".py" and WHOLLY_SLOW in path.read_text("utf-8")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make check` does not even import what it would leave out: that takes seconds."""
    if "not slow" not in config.option.markexpr:
        return None
    return _live(collection_path / "any") or _all_slow(collection_path) or None


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Marks what is too slow for `make check`; the longest files come first, not last and alone.

    The files of a folder stay together, and so does the server that they share: one that is idle
    goes on looking at its books.
    """
    for item in items:
        if _live(item.path):
            item.add_marker("slow")
    yield
    items.sort(key=_rank)


def pytest_collection_finish() -> None:
    """What was read so far stays to the end: the collector need not look through it every time."""
    gc.freeze()


def _rank(item: pytest.Item) -> tuple[int, str]:
    folder = str(item.path.parent.relative_to(TESTS))
    return LONGEST.index(folder) if folder in LONGEST else len(LONGEST), folder
