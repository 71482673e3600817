"""What we send keeps Telegram's limits, and comes through its faults."""

import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.chat.pace import Bucket, Pace, Rates


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_lets_a_burst_through_and_then_one_by_one():
    clock = Clock()
    bucket = Bucket(3, 2.0, clock)
    assert [bucket.reserve() for _ in range(5)] == [0, 0, 0, 2, 4]
    clock.now += 100
    assert [bucket.reserve() for _ in range(4)] == [0, 0, 0, 2]


def test_a_bucket_is_full_again_after_a_while():
    clock = Clock()
    bucket = Bucket(2, 1.0, clock)
    full = [bucket.full]
    bucket.reserve()
    full.append(bucket.full)
    clock.now += 1
    assert [*full, bucket.full] == [True, False, True]


async def call(errors: list[Exception], patience: float = 5.0) -> tuple[object, int]:
    """Runs one request that fails so; its answer, and how often it was tried."""
    tries: list[None] = []

    async def answer() -> str:
        tries.append(None)
        if errors:
            raise errors.pop(0)
        return "done"

    paced = Pace(Rates(), patience, first=0.01, longest=0.1)
    result = await paced.process_request(answer, (), {}, "sendMessage", {"chat_id": 5}, None)
    return result, len(tries)


async def test_faults_are_tried_again():
    assert await call([NetworkError("502"), TimedOut(), RetryAfter(0)]) == ("done", 4)


async def test_a_refusal_is_not_tried_again():
    with pytest.raises(BadRequest):
        await call([BadRequest("message is not modified")])


async def test_patience_ends():
    """The last fault reaches the caller, who has another way."""
    with pytest.raises(NetworkError):
        await call([NetworkError("502")] * 100, patience=0.05)
    with pytest.raises(RetryAfter):
        await call([RetryAfter(60)], patience=0.05)


async def test_answers_to_taps_do_not_wait_for_their_turn():
    """A broadcast must not let the phone's waiting sign turn."""
    paced = Pace(Rates(), longest=1.0)
    for _ in range(50):
        await paced._wait("answerCallbackQuery", 5)
