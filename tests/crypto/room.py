"""An honest ceremony, and single deviations from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import pytest

from crypto import ceremony
from crypto.ceremony_messages import Step1, Step2, Step3, sent_statement, shares_digest
from crypto.committee import Committee
from crypto.encoding import Json, canonical
from crypto.errors import ProtocolError
from crypto.keyfile import TrusteeState
from crypto.sigma import sign_message
from crypto.trustees import Pedersen, Trustees

_S = TypeVar("_S")
_M = TypeVar("_M")


@dataclass(frozen=True)
class Room:
    """Everything that was made when all trustees did as they should."""

    states: list[TrusteeState]
    fresh: list[TrusteeState]  # the same trustees after step 1
    waiting: list[TrusteeState]  # and after step 2
    ones: list[Step1]
    twos: list[Step2]
    threes: list[Step3]

    @cached_property
    def item(self) -> Pedersen:
        return ceremony.assemble(self.ones, self.twos, self.threes)

    @cached_property
    def trustees(self) -> Trustees:
        return Trustees((self.item,))

    @cached_property
    def committee(self) -> Committee:
        return ceremony.committee_of(self.item.threshold, self.ones)


def hold(size: int, threshold: int) -> Room:
    """A whole honest ceremony."""
    fresh, ones = columns(ceremony.step1(i, size, threshold) for i in range(1, size + 1))
    waiting, twos = columns(ceremony.step2(state, ones) for state in fresh)
    states, threes = columns(ceremony.step3(state, twos) for state in waiting)
    return Room(states, fresh, waiting, ones, twos, threes)


def columns(pairs: Iterator[tuple[_S, _M]]) -> tuple[list[_S], list[_M]]:
    states, messages = zip(*pairs, strict=True)
    return list(states), list(messages)


def but(messages: list[_M], index: int, message: _M) -> list[_M]:
    """The messages with that of one trustee replaced."""
    return [message if i == index else unchanged for i, unchanged in enumerate(messages, 1)]


def resent(state: TrusteeState, message: Step2, shares: tuple[bytes, ...]) -> Step2:
    """A step 2 message with other shares, properly signed by its trustee."""
    statement = sent_statement(message.agreed, shares_digest(shares))
    signature = sign_message(statement, state.signing_secret)
    return replace(message, shares=shares, signature=signature)


def signed_again(message: Step1, state: TrusteeState) -> Step1:
    """The message with both signatures made anew by its trustee."""
    secret = state.signing_secret
    proof = sign_message(message.certificate.message, secret)
    message = replace(message, proof=proof)
    return replace(message, signature=sign_message(message.statement, secret))


def refusals(value: Json, read: Callable[[bytes], object]) -> Iterator[tuple[str, ProtocolError]]:
    """(what was done, the error) for each mutation of a file; fails if one is accepted."""
    for what, mutated in mutations(value):
        with pytest.raises(ProtocolError) as caught:
            _read(read, canonical(mutated), what)
        yield what, caught.value


def _read(read: Callable[[bytes], object], raw: bytes, what: str) -> None:
    read(raw)
    pytest.fail(f"accepted: {what}")


def mutations(value: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """(what was done, value) with one field altered, missing, added, repeated or moved."""
    if isinstance(value, dict):
        yield from _of_object(value, path)
    elif isinstance(value, list):
        yield from _of_list(value, path)
    elif isinstance(value, str):
        for place in {0, len(value) // 2, len(value) - 1} if value else ():
            yield f"{path} character {place}", _other(value, place)
        yield f"{path} longer", value + "0"
        yield f"{path} a number", 7
    elif value is None:
        yield f"{path} not null", 7
    else:
        yield f"{path} + 1", value + 1
        yield f"{path} a string", str(value)


def _of_object(value: dict[str, Json], path: str) -> Iterator[tuple[str, Json]]:
    for name, member in value.items():
        yield f"{path}.{name} missing", {k: v for k, v in value.items() if k != name}
        for what, changed in mutations(member, f"{path}.{name}"):
            yield what, {**value, name: changed}
    yield f"{path} more", {**value, "more": 1}
    if len(value) > 1:
        yield f"{path} reversed", dict(reversed(value.items()))


def _of_list(value: list[Json], path: str) -> Iterator[tuple[str, Json]]:
    for i, member in enumerate(value):
        for what, changed in mutations(member, f"{path}[{i}]"):
            yield what, [*value[:i], changed, *value[i + 1 :]]
    if value:
        yield f"{path} shorter", value[:-1]
        yield f"{path} longer", [*value, value[-1]]
    if len(value) > 1 and value[0] != value[1]:
        yield f"{path} swapped", [value[1], value[0], *value[2:]]


def _other(value: str, place: int) -> str:
    return value[:place] + ("2" if value[place] == "1" else "1") + value[place + 1 :]
