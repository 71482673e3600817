"""How often functions are called while something runs: work is counted, never timed.

Nothing is replaced: the interpreter says which function begins, in this thread and in those that
start meanwhile. What another process does is not seen.
"""

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any


@contextmanager
def counting(*functions: Callable[..., Any]) -> Iterator[Counter[str]]:
    """Counts the calls of Python functions in the block, by their names."""
    names: dict[CodeType, str] = {f.__code__: f.__qualname__ for f in functions}
    calls: Counter[str] = Counter({f.__qualname__: 0 for f in functions})

    def hear(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in names:
            calls[names[frame.f_code]] += 1

    threading.setprofile(hear)
    sys.setprofile(hear)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
