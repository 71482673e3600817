"""What something costs: time on the wall and of processors, and memory; here or in a process."""

import os
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from admin.record.pool import processes

KERNEL: Final = "PHIEUKIN_KERNEL"  # 0 in the environment: without the compiled kernel
_SOON, _LOOK = 0.02, 0.25  # seconds
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the wall, seconds of all processors, peak memory of all its processes in MB."""

    wall: float
    cpu: float
    memory: float

    def to_json(self) -> dict[str, float]:
        return {name: round(number, 5) for name, number in asdict(self).items()}


def median(costs: Iterable[Cost]) -> Cost:
    """Each figure's own median, but the largest memory."""
    costs = list(costs)
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
    )


def in_turn(runs: int, variants: Mapping[str, Callable[[], Cost]]) -> dict[str, dict[str, float]]:
    """The medians of variants that are run one after another, and all of them again."""
    costs: dict[str, list[Cost]] = {name: [] for name in variants}
    for _ in range(runs):
        for name, variant in variants.items():
            costs[name].append(variant())
    return {name: median(series).to_json() for name, series in costs.items()}


def command(
    arguments: Sequence[object], cwd: Path | None = None, kernel: str | None = None
) -> Cost:
    """A process from its start to its end.

    Args:
        arguments: the program and what it is told.
        cwd: where it runs.
        kernel: PHIEUKIN_KERNEL for it.

    Raises:
        AssertionError: it fails; in its own words.
    """
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(argument) for argument in arguments],
            cwd=cwd,
            env=os.environ | {"TERM": "dumb"} | ({KERNEL: kernel} if kernel else {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        status, usage, memory = _watch(process.pid)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # it has been waited for
        if process.returncode:
            output.seek(0)
            words = output.read()[-2000:].decode("utf-8", "replace")
            raise AssertionError(f"{arguments}: exit {process.returncode}: {words}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory)


def _watch(process: int) -> tuple[int, resource.struct_rusage, float]:
    """Waits for it; its status and usage, and its memory.

    Looked at while it runs: what the system says at the end counts from before `exec`.
    """
    peaks, over = [0.0], threading.Event()

    def look() -> None:
        pause = _SOON
        while not over.wait(pause):  # seldom: each look is work for a core that is measured
            running, pause = family(process), _LOOK
            peaks.append(running.first + running.others)

    thread = threading.Thread(target=look)
    thread.start()
    _, status, usage = os.wait4(process, 0)
    over.set()
    thread.join()
    return status, usage, max(peaks)


class Worker:
    """A process in which functions of modules are timed, with or without the kernel."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def time(self, function: Callable[..., object], *arguments: object) -> Cost:
        """What one call costs there; its result stays there."""
        return self._executor.submit(_timed, function, arguments).result()

    def call(self, function: Callable[..., Any], *arguments: object) -> Any:
        """The result of a call there."""
        return self._executor.submit(function, *arguments).result()


@contextmanager
def worker(kernel: str) -> Iterator[Worker]:
    """One that lives as long as the block.

    Args:
        kernel: of the environment variable; "0" is without.
    """
    before = os.environ.get(KERNEL)
    with processes(1) as executor:
        os.environ[KERNEL] = kernel
        try:
            executor.submit(os.getpid).result()  # now it has its environment
        finally:
            os.environ.pop(KERNEL)
            if before is not None:
                os.environ[KERNEL] = before
        yield Worker(executor)


def _timed(function: Callable[..., object], arguments: Sequence[object]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    function(*arguments)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(wall, cpu, _peak(os.getpid()))


# --- Processes that run -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Family:
    """A process and its descendants so far: processor seconds of all, peak memory of each in MB."""

    cpu: float
    first: float
    others: float


def family(process: int) -> Family:
    """Of processes that still run; those that have ended are counted by who waited for them."""
    parents = dict(_parents())
    members = [process]
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    peaks = [_peak(member) for member in members]
    return Family(sum(map(_cpu, members)), peaks[0], sum(peaks[1:]))


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            yield int(entry.name), int(fields[1])


def _stat(process: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; none of a process that has gone."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _cpu(process: int) -> float:
    return sum(map(int, _stat(process)[11:15])) / _TICKS


def _peak(process: int) -> float:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peaks[0]) / 1024 if peaks else 0.0
