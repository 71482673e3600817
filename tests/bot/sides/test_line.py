"""The line before the check: order, bounds, and the places of those who are told to come back."""

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack

import pytest

from bot.sides.line import Line
from bot.sides.problem import Problem

SIZE = 100  # bytes of a ballot, whose check takes a second


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def line(clock: Clock, *, most_bytes: int = 1 << 20, most_seconds: float = 10.0) -> Line:
    """One worker, who takes a second for each ballot."""
    queue = Line(1, clock, most_bytes=most_bytes, most_seconds=most_seconds)
    queue._pace, queue._measured = 1.0 / SIZE, True
    return queue


def refusal(queue: Line, key: str, left: float | None = None) -> tuple[int | None, int | None]:
    """When somebody who does not fit is to come back, and the place it keeps."""
    with pytest.raises(Problem) as refused, queue.place(key, SIZE, left):
        pass
    assert (refused.value.status, refused.value.code) == (503, "busy")
    return refused.value.retry_after, refused.value.place


async def test_first_come_first_served():
    """Whoever came whole first is checked first, however long the rest of it was looked at."""
    queue, order = line(Clock(), most_seconds=60), list[int]()

    async def cast(number: int) -> None:
        with queue.place(number, SIZE) as place:
            await asyncio.sleep(number * 7 % 20 / 1000)
            async with place.turn():
                order.append(number)

    async with AsyncExitStack() as blocking:
        for key in "ab":  # the worker's ballot, and the next at hand
            place = blocking.enter_context(queue.place(key, SIZE))
            await blocking.enter_async_context(place.turn())
        casting = [asyncio.create_task(cast(number)) for number in range(20)]
        await asyncio.sleep(0.1)
        assert order == []
    await asyncio.gather(*casting)

    assert order == list(range(20))


async def test_whoever_does_not_fit_is_told_when_to_come_back():
    """By what stands ahead and how fast it goes; whoever comes later is told later."""
    queue = line(Clock())
    with ExitStack() as places:
        for number in range(11):  # ten seconds of work before the last
            places.enter_context(queue.place(f"{number}", SIZE))

        assert refusal(queue, "first") == (6, 12)
        assert refusal(queue, "second") == (7, 13)
        assert refusal(queue, "third") == (8, 14)
        assert refusal(queue, "first") == (6, 12)


async def test_the_line_holds_so_many_bytes():
    """However fast it goes: memory is bounded."""
    queue = line(Clock(), most_bytes=3 * SIZE)
    with ExitStack() as places:
        for number in range(3):
            places.enter_context(queue.place(f"{number}", SIZE))
        assert refusal(queue, "late", left=1.0)[1] == 4
    with queue.place("late", SIZE):
        pass


async def test_who_could_come_back_only_after_the_end_is_taken_now():
    """What comes whole before the announced end counts, however long its check takes."""
    queue = line(Clock())
    with ExitStack() as places:
        for number in range(11):
            places.enter_context(queue.place(f"{number}", SIZE))

        assert refusal(queue, "early", left=120.0) == (6, 12)
        places.enter_context(queue.place("early", SIZE, 20.0))
        assert refusal(queue, "other") == (7, 13)


async def test_nobody_idles_for_who_does_not_come_back():
    """While hardly anything is in line everybody is taken; who is back in time goes first."""
    clock = Clock()
    queue = line(clock)
    with ExitStack() as places:
        for number in range(11):
            places.enter_context(queue.place(f"{number}", SIZE))
        for number in range(20):
            refusal(queue, f"away {number}")
    assert len(queue._tickets) == 20

    order: list[str] = []

    async def cast(key: str) -> None:
        with queue.place(key, SIZE) as place:
            async with place.turn():
                order.append(key)

    async with AsyncExitStack() as blocking:
        for key in ("new", "newer"):
            place = blocking.enter_context(queue.place(key, SIZE))
            await blocking.enter_async_context(place.turn())
        casting = [asyncio.create_task(cast(key)) for key in ("newest", "away 7")]
        await asyncio.sleep(0)
        clock.now = 60.0
    await asyncio.gather(*casting)

    assert order == ["away 7", "newest"]
    with queue.place("someone", SIZE):
        assert queue._tickets == {}


async def served(
    queue: Line, clock: Clock, arrivals: Sequence[float]
) -> tuple[list[int], Counter[int]]:
    """A burst of clients who obey: the order of their checks, and how often each was refused."""
    refused = Counter[int]()
    events = [(moment, number, "comes") for number, moment in enumerate(arrivals)]
    heapq.heapify(events)
    places: dict[int, AsyncExitStack] = {}
    called: deque[int] = deque()
    order: list[int] = []

    async def wait(number: int, stack: AsyncExitStack) -> None:
        place = stack.enter_context(queue.place(number, SIZE))
        await stack.enter_async_context(place.turn())
        called.append(number)

    working = False
    while events:
        clock.now, number, event = heapq.heappop(events)
        if event == "done":
            working = False
            order.append(number)
            await places.pop(number).aclose()
        else:
            stack = AsyncExitStack()
            waiting = asyncio.create_task(wait(number, stack))
            await asyncio.sleep(0)
            if waiting.done() and isinstance(problem := waiting.exception(), Problem):
                refused[number] += 1
                again = clock.now + (problem.retry_after or 0) + number * 7 % 10 / 10
                heapq.heappush(events, (again, number, "comes"))
            else:
                places[number] = stack
        for _ in range(3):
            await asyncio.sleep(0)
        if called and not working:
            working = True
            heapq.heappush(events, (clock.now + 1.0, called.popleft(), "done"))
    return order, refused


async def test_nobody_loses_its_place_to_newcomers():
    """Sixty at once, and then one more each second, are all checked in the order they came."""
    clock = Clock()
    arrivals = [*(0.0 for _ in range(60)), *(1.0 + second for second in range(60))]

    order, refused = await served(line(clock), clock, arrivals)

    assert order == list(range(120))
    assert clock.now == 120  # and the worker was never idle
    assert max(refused.values()) <= 2


async def test_until_the_pace_is_known_nobody_is_sent_away_for_long():
    """A guess may be wrong by far: whoever does not fit asks again soon."""
    queue = Line(1, Clock(), guess=1.0, most_seconds=10.0)
    with queue.place("first", SIZE):
        assert refusal(queue, "second") == (5, 2)


async def test_the_pace_is_measured():
    """By the checks of late that others waited for; not by a line that stood empty."""
    clock = Clock()
    queue = Line(2, clock, most_seconds=1e6)

    async def check(number: int, seconds: float) -> None:
        with queue.place(number, SIZE) as place:
            async with place.turn():
                await asyncio.sleep(0)
                clock.now += seconds

    await asyncio.gather(*(check(number, 3.0) for number in range(40)))
    assert queue.seconds(SIZE) == pytest.approx(3.0)
    clock.now += 3600
    for number in range(40):  # one after the other: nobody waited
        await check(number, 1.0)
    assert queue.seconds(SIZE) == pytest.approx(3.0)
    await asyncio.gather(*(check(number, 0.5) for number in range(40)))
    assert queue.seconds(SIZE) == pytest.approx(0.5)
