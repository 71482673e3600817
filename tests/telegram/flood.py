"""Too many messages: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.

One message a second to a person, with short bursts; twenty a minute to a group; thirty a second
to everybody together.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.telegram.refusal import flooded


@dataclass(slots=True)
class _Bucket:
    """Tokens that drip in; a call takes one."""

    rate: float
    most: float
    tokens: float
    at: float

    def wait(self, now: float) -> int:
        """Whole seconds until a call may come, 0 for now."""
        self.tokens = min(self.most, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return max(0, math.ceil((1 - self.tokens) / self.rate))


@dataclass(slots=True)
class Flood:
    """How much is too much. Rates are calls a second.

    Args:
        clock: seconds that only grow.
    """

    private: float = 1.0
    private_burst: float = 5
    group: float = 20 / 60
    group_burst: float = 20
    overall: float = 30.0
    overall_burst: float = 30
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[int, _Bucket] = field(default_factory=dict, init=False)

    def take(self, chat: int) -> None:
        """Counts a message to a chat.

        Raises:
            Refusal: too many; it is not counted.
        """
        now = self.clock()
        group = chat < 0
        rate, burst = (
            (self.group, self.group_burst) if group else (self.private, self.private_burst)
        )
        # No chat has the id 0: under it stands the bucket of all together.
        buckets = [
            self._bucket(chat, rate, burst, now),
            self._bucket(0, self.overall, self.overall_burst, now),
        ]
        if seconds := max(bucket.wait(now) for bucket in buckets):
            raise flooded(seconds)
        for bucket in buckets:
            bucket.tokens -= 1

    def _bucket(self, key: int, rate: float, burst: float, now: float) -> _Bucket:
        return self._buckets.setdefault(key, _Bucket(rate, burst, burst, now))
