"""What a number of hits says about the chance of one (Clopper and Pearson, 1934)."""

from collections.abc import Callable
from math import exp, lgamma, log

ALPHA = 0.05  # an interval that misses the truth in one of twenty cases
_HALVINGS = 60


def tail(hits: int, trials: int, chance: float) -> float:
    """The probability of at least so many hits."""
    if hits <= 0:
        return 1.0
    if chance in (0.0, 1.0):
        return chance
    return min(1.0, sum(_exactly(k, trials, chance) for k in range(hits, trials + 1)))


def interval(hits: int, trials: int) -> tuple[float, float]:
    """The chances of a hit, from lowest to highest, that such a number does not speak against."""
    low = _where(lambda chance: tail(hits, trials, chance) > ALPHA / 2) if hits else 0.0
    high = _where(lambda chance: tail(hits + 1, trials, chance) > 1 - ALPHA / 2)
    return low, high if hits < trials else 1.0


def _exactly(hits: int, trials: int, chance: float) -> float:
    ways = lgamma(trials + 1) - lgamma(hits + 1) - lgamma(trials - hits + 1)
    return exp(ways + hits * log(chance) + (trials - hits) * log(1 - chance))


def _where(above: Callable[[float], bool]) -> float:
    """The chance from which on something holds."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if above(middle) else (middle, high)
    return high
