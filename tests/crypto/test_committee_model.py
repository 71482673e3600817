"""Every order in which trustees can sign and open, with any server between them (§6.4).

A small model with the real memory of a key (crypto/keyfile.py) and the real numbers
(crypto/committee.py). The server shows anybody anything, in any order, and keeps back what it
likes: so a step is one trustee who signs or opens one thing. There are two openings, two closings
of the first and one of the second. Dishonest trustees sign everything, and open everything.

What an honest trustee does is what admin/client/signing.py does: one opening; a closing only of an
opening that a quorum signed, and that is its own if it has one; totals only of a closing that a
quorum signed, and that is its own if it has one.

In no state do two phones say *counted* over different closings, and nothing is opened without a
quorum on its closing. With other numbers the same search finds how both happen.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations

import pytest

from crypto import checkpoint, keyfile, note
from crypto.committee import Moment, quorum, safe_threshold
from crypto.errors import AlreadyDecrypted, AlreadySigned, BadCheckpoint
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from tests import testkit
from tests.crypto import room

MOST = 4
SIZES = [(n, t) for n in range(1, MOST + 1) for t in range(1, n + 1)]
SAFE = [(n, t) for n, t in SIZES if safe_threshold(n, t)]
OPENINGS = ("a" * 64, "b" * 64)
# Each closing and the opening that it names.
CLOSINGS = {"1" * 64: OPENINGS[0], "2" * 64: OPENINGS[0], "3" * 64: OPENINGS[1]}

Remember = Callable[[TrusteeState, Moment, str], TrusteeState]
REMEMBER: Remember = cache(keyfile.remember_signed)


@dataclass(frozen=True)
class Trustee:
    """An honest one.

    Attributes:
        lines: what it has signed, whatever its key remembers.
        shares: of which closings it has opened the totals.
    """

    key: TrusteeState
    lines: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()

    def signs(self, content: str, key: TrusteeState) -> "Trustee":
        return replace(self, key=key, lines=self.lines | {content})

    def opens(self, closing: str, key: TrusteeState) -> "Trustee":
        return replace(self, key=key, shares=self.shares | {closing})


@dataclass(frozen=True)
class Hall:
    """Who has signed and opened what.

    Attributes:
        honest: in an order of no meaning.
        lines: what the dishonest trustees have signed, all of them together.
    """

    honest: tuple[Trustee, ...]
    lines: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rules:
    """A committee, and how many of it are dishonest."""

    size: int
    threshold: int
    quorum: int
    dishonest: int
    remember: Remember = REMEMBER

    def begin(self) -> Hall:
        """All have signed the definition, nothing else."""
        key = TrusteeState("1" * 22, 1, self.size, self.threshold, definition="d" * 43)
        return Hall((Trustee(key),) * (self.size - self.dishonest))

    def signed(self, hall: Hall, content: str) -> bool:
        """Whether a quorum has."""
        honest = sum(content in trustee.lines for trustee in hall.honest)
        return honest + self.dishonest * (content in hall.lines) >= self.quorum

    def counted(self, hall: Hall) -> list[str]:
        """The closings over which a phone says so, for it sees a quorum on both notes."""
        return [
            closing
            for closing, opening in CLOSINGS.items()
            if self.signed(hall, closing) and self.signed(hall, opening)
        ]

    def opened(self, hall: Hall) -> list[str]:
        """The closings whose totals are open, with the shares of the dishonest trustees."""
        shares = {c: sum(c in trustee.shares for trustee in hall.honest) for c in CLOSINGS}
        return [c for c in CLOSINGS if shares[c] + self.dishonest >= self.threshold]

    def wrong(self, hall: Hall) -> str:
        """What should never be; empty if nothing is."""
        if len(self.counted(hall)) > 1:
            return "two phones counted by different lists"
        if any(not self.signed(hall, closing) for closing in self.opened(hall)):
            return "totals opened without a quorum"
        return ""

    def after(self, hall: Hall) -> Iterator[Hall]:
        """What the next step can lead to."""
        if self.dishonest:
            for content in (*OPENINGS, *CLOSINGS):
                yield replace(hall, lines=hall.lines | {content})
        for place, trustee in enumerate(hall.honest):
            others = (*hall.honest[:place], *hall.honest[place + 1 :])
            for following in self.steps(hall, trustee):
                yield replace(hall, honest=tuple(sorted((*others, following), key=_place)))

    def steps(self, hall: Hall, trustee: Trustee) -> Iterator[Trustee]:
        """What an honest trustee's program does with whatever it is shown."""
        key = trustee.key
        for opening in OPENINGS:
            with suppress(AlreadySigned):
                yield trustee.signs(opening, self.remember(key, Moment.OPENING, opening))
        for closing, opening in CLOSINGS.items():
            if not self.signed(hall, opening) or key.opening not in {None, opening}:
                continue
            with suppress(AlreadySigned):
                yield trustee.signs(closing, self.remember(key, Moment.CLOSING, closing))
            if self.signed(hall, closing) and key.closing in {None, closing}:
                with suppress(AlreadyDecrypted):
                    yield trustee.opens(closing, keyfile.remember_tally(key, closing))


def _place(trustee: Trustee) -> tuple[str, ...]:
    key = trustee.key
    signed, opened = "".join(sorted(trustee.lines)), "".join(sorted(trustee.shares))
    return key.opening or "", key.closing or "", key.tally or "", signed, opened


def search(rules: Rules) -> tuple[str, set[Hall]]:
    """The first thing that should never be, and every state that was reached."""
    seen = {rules.begin()}
    waiting = list(seen)
    while waiting:
        hall = waiting.pop()
        if wrong := rules.wrong(hall):
            return wrong, seen
        following = set(rules.after(hall)) - seen
        seen |= following
        waiting += following
    return "", seen


# --- As the protocol has it ----------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("size", "threshold"), SAFE)
def test_one_list_is_counted_and_nothing_else_is_opened(size: int, threshold: int):
    """With fewer dishonest trustees than open the totals, in whatever order anything comes."""
    for dishonest in range(threshold):
        rules = Rules(size, threshold, quorum(size, threshold), dishonest)
        wrong, seen = search(rules)

        assert wrong == ""
        assert any(rules.counted(hall) and rules.opened(hall) for hall in seen)


@pytest.mark.parametrize(("size", "threshold"), SAFE)
def test_half_of_them_may_be_dishonest(size: int, threshold: int):
    """What 2t > n is for: who is not the majority is below the threshold."""
    assert search(Rules(size, threshold, quorum(size, threshold), size // 2))[0] == ""


# --- With other numbers: what the search finds ---------------------------------------------


@pytest.mark.parametrize(("size", "threshold"), [pair for pair in SIZES if pair not in SAFE])
def test_a_threshold_of_half_opens_whatever_half_of_them_like(size: int, threshold: int):
    """2t ≤ n."""
    rules = Rules(size, threshold, quorum(size, threshold), size // 2)

    assert search(rules)[0] == "totals opened without a quorum"


@pytest.mark.parametrize(("size", "threshold"), [(n, t) for n, t in SIZES if t < n])
def test_a_quorum_of_the_threshold_counts_two_lists(size: int, threshold: int):
    """q = t; where 2t ≤ n even if everybody is honest."""
    dishonest = threshold - 1 if safe_threshold(size, threshold) else 0

    assert search(Rules(size, threshold, threshold, dishonest))[0] == (
        "two phones counted by different lists"
    )


@pytest.mark.parametrize(("size", "threshold"), [(n, t) for n, t in SAFE if n > 1])
def test_one_less_than_the_quorum_is_too_few(size: int, threshold: int):
    """q − 1, and no smaller number of signatures would do."""
    rules = Rules(size, threshold, quorum(size, threshold) - 1, threshold - 1)

    assert search(rules)[0] != ""


def forgets(key: TrusteeState, moment: Moment, content: str) -> TrusteeState:
    """A key file without memory: what it signed is out all the same."""
    assert moment is not Moment.DEFINITION
    assert content
    return key


@pytest.mark.parametrize(("size", "threshold"), [(n, t) for n, t in SAFE if n > 1])
def test_keys_that_forget_count_two_lists(size: int, threshold: int):
    """What remembering is for: the same committee without it, even if everybody is honest."""
    rules = Rules(size, threshold, quorum(size, threshold), 0, forgets)

    assert search(rules)[0] == "two phones counted by different lists"


# --- That the model counts signatures as everybody does -------------------------------------


def test_a_note_counts_as_in_the_model():
    """Every group of a committee of 3 of 4: only a quorum's note has a code."""
    held = room.hold(4, 3)
    session = testkit.seal(held=held, registered=1)
    fixed = checkpoint.make(session.election, State.OPEN, (13, 12, 1, 1, 0), b"[]")
    for count in range(5):
        for owners in combinations(range(1, 5), count):
            signed = note.parse(session.note(fixed, owners))
            enough = count >= quorum(4, 3)
            if enough:
                code = checkpoint.check_committee(signed, session.election, session.parameters)
                assert len(code) == 24
                continue
            with pytest.raises(BadCheckpoint, match=f"signed by {count} of 4"):
                checkpoint.check_committee(signed, session.election, session.parameters)
