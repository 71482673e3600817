"""kernel/ beside libsodium: the same decision about every ballot, and neither trusted alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from types import ModuleType
from typing import Any

import pytest

from crypto import ballot, group, tally
from crypto.audit import ballots
from crypto.audit.ballots import Batch, check_batch
from crypto.encoding import Json, canonical
from crypto.errors import BackendsDisagree, BadProof, BadSignature, Malformed, ProtocolError
from crypto.group import G, Judged, KernelRefusal, Q
from tests import testkit
from tests.crypto import differential
from tests.forgery import opened, signed
from tests.mutants import IDENTITY, spellings, with_torsion
from tests.testkit import honest, session, voter_of
from tests.verdicts import judge_archive


def needs_kernel(test: Any) -> Any:
    """Skips where there is none, and carries a mark by which it can be left out."""
    skip = pytest.mark.skipif(group._kernel is None, reason="no kernel: run make with cargo")
    return pytest.mark.kernel(skip(test))


# `Kind` in kernel/src/ballot.rs.
SPELLING, SIGNATURE, ELEMENT, REPEATED, CHOICE, LINE = range(1, 7)
CHOICES = (0, None, 2)
SECRET = 1234567


@pytest.fixture(scope="module")
def raw() -> bytes:
    return ballot.prepare(session().election, SECRET, CHOICES)[0]


def judged(raw: bytes) -> Judged | KernelRefusal:
    """What the kernel alone says of one ballot."""
    kernel = ballot.kernel(session().election)
    assert kernel is not None
    return kernel.check([raw])


@contextmanager
def without_kernel() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(group, "_kernel", None)
        yield


def stand_in(**members: object) -> ModuleType:
    """A module in the kernel's place."""
    module = ModuleType("phieukin_kernel")
    vars(module).update(members)
    return module


# --- The same decision --------------------------------------------------------------------


@needs_kernel
@pytest.mark.parametrize("levels", [2, 3, 5])
@pytest.mark.parametrize("invalid", ["line", "ballot"])
def test_a_batch_is_what_libsodium_makes_of_it(levels: int, invalid: str):
    """Trackers, credentials, ciphertexts and product are the same, for every shape of ballot."""
    election = testkit.seal(officials=2, levels=levels, invalid=invalid).election
    raws = [ballot.prepare(election, n, [0, n % levels])[0] for n in (1, 2, Q - 1)]

    batch, product = check_batch(election.raw, 1, raws), tally.of_ballots(election, raws)

    with without_kernel():
        assert batch == check_batch(election.raw, 1, raws)
        assert product == batch.tally == tally.of_ballots(election, raws)


@needs_kernel
def test_no_ballots_at_all():
    """The product of nothing is the identity everywhere."""
    election = session().election
    assert check_batch(election.raw, 1, []) == Batch([], [], [], tally.empty(election))


def respelled(where: str, spell: Callable[[str], Json]) -> Callable[[dict[str, Json]], None]:
    """Writes one value of a ballot anew: `where` is its path, fields and numbers."""
    *path, last = (int(step) if step.isdigit() else step for step in where.split("."))

    def change(value: dict[str, Json]) -> None:
        parent: Json = value
        for step in path:
            parent = parent[step]
        parent[last] = spell(parent[last])

    return change


def one_more(number: str) -> str:
    return str((int(number) + 1) % Q)


def torsion(digits: str) -> str:
    return with_torsion(bytes.fromhex(digits)[::-1])[::-1].hex()


PROOFS = [
    *(
        (f"answers.{i}.individual_proofs.{j}.{branch}.{part}", (CHOICE, i, j))
        for i, j, branch in ((0, 0, 0), (0, 2, 1), (1, 1, 0), (2, 0, 1), (2, 2, 0))
        for part in ("challenge", "response")
    ),
    *(
        (f"answers.{i}.overall_proof.{branch}.{part}", (LINE, i, 0))
        for i in range(3)
        for branch in (0, 1)
        for part in ("challenge", "response")
    ),
]


@needs_kernel
@pytest.mark.parametrize(("where", "refusal"), PROOFS, ids=str)
def test_wrong_proof_signed_again(raw: bytes, where: str, refusal: tuple[int, int, int]):
    """A proof that is wrong in any one number is refused by both, at its place."""
    value = opened(raw)
    respelled(where, one_more)(value)
    wrong = signed(value, SECRET)

    assert judged(wrong) == KernelRefusal(0, *refusal)
    with pytest.raises(BadProof, match=rf"ballot 7: ballot\.answers\[{refusal[1]}\]"):
        check_batch(session().election.raw, 7, [wrong])


def copy_choice(value: dict[str, Json]) -> None:
    first, second, _ = value["answers"]
    for name in ("choices", "individual_proofs"):
        second[name][1] = first[name][2]


WRONG_VALUES: list[tuple[str, Callable[[str], Json], tuple[int, int, int], type[ProtocolError]]] = [
    ("answers.1.choices.2.alpha", torsion, (ELEMENT, 1, 2), Malformed),
    ("answers.2.choices.0.beta", torsion, (ELEMENT, 2, 0), Malformed),
    ("answers.0.choices.1.alpha", lambda _: IDENTITY, (ELEMENT, 0, 1), Malformed),
    ("answers.0.choices.1.beta", lambda _: "f" * 64, (ELEMENT, 0, 1), Malformed),
    ("answers.0.choices.1.beta", lambda _: "7" + "f" * 62 + "d", (ELEMENT, 0, 1), Malformed),
    ("answers.0.choices.0.beta", str.upper, (SPELLING, 0, 0), Malformed),
    ("answers.0.choices.0.beta", lambda digits: digits[1:], (SPELLING, 0, 0), Malformed),
    ("answers.0.choices.0.beta", lambda _: None, (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof.0.challenge", "0".__add__, (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof.0.response", lambda _: str(Q), (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof.0.response", lambda _: "9" * 77, (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof.0.response", lambda _: "", (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof.0.response", lambda _: "٣", (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof.0.response", int, (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof", lambda proofs: proofs[:1], (SPELLING, 0, 0), Malformed),
    ("answers.1.overall_proof", lambda proofs: proofs * 2, (SPELLING, 0, 0), Malformed),
    ("answers.1.choices", lambda choices: choices[:2], (SPELLING, 0, 0), Malformed),
    ("answers", lambda lines: lines[:2], (SPELLING, 0, 0), Malformed),
    ("answers", lambda lines: [*lines, lines[0]], (SPELLING, 0, 0), Malformed),
    ("credential", lambda _: G.hex, (SIGNATURE, 0, 0), BadSignature),
    ("credential", lambda _: IDENTITY, (ELEMENT, 0, 0), Malformed),
]


@needs_kernel
@pytest.mark.parametrize(("where", "spell", "refusal", "error"), WRONG_VALUES)
def test_wrong_value_signed_again(
    raw: bytes,
    where: str,
    spell: Callable[[str], Json],
    refusal: tuple[int, int, int],
    error: type[ProtocolError],
):
    """What does not decode is refused by both, though its voter signed it."""
    value = opened(raw)
    respelled(where, spell)(value)
    wrong = signed(value, SECRET)

    assert judged(wrong) == KernelRefusal(0, *refusal)
    with pytest.raises(error):
        check_batch(session().election.raw, 1, [wrong])


@needs_kernel
@pytest.mark.parametrize("where", ["signature.proof.challenge", "signature.proof.response"])
def test_wrong_signature(raw: bytes, where: str):
    """A signature with another number is refused by both."""
    value = opened(raw)
    respelled(where, one_more)(value)

    assert judged(canonical(value)) == KernelRefusal(0, SIGNATURE, 0, 0)
    with pytest.raises(BadSignature, match="proof"):
        check_batch(session().election.raw, 1, [canonical(value)])


@needs_kernel
def test_repeated_ciphertext(raw: bytes):
    """The same pair twice is refused before any proof is looked at."""
    value = opened(raw)
    copy_choice(value)

    assert judged(signed(value, SECRET)) == KernelRefusal(0, REPEATED, 0, 0)


@needs_kernel
def test_other_spellings(raw: bytes):
    """Every other spelling of the same ballot is refused, signed or not."""
    for place, spelling in spellings(raw):
        outcome = judged(spelling)
        assert isinstance(outcome, KernelRefusal), place
    for size in (0, 1, 100, len(raw) - 1):
        assert judged(raw[:size]) == KernelRefusal(0, SPELLING, 0, 0)
    assert judged(raw + b"\n") == KernelRefusal(0, SPELLING, 0, 0)


@needs_kernel
def test_the_first_refused_ballot_is_named(raw: bytes):
    """Of several wrong ballots the first one counts, whatever is wrong with the others."""
    value = opened(raw)
    respelled("answers.1.overall_proof.0.response", one_more)(value)
    raws = [raw, honest().ballots[0], signed(value, SECRET), b"", raw]

    with pytest.raises(BadProof, match="ballot 13: "):
        check_batch(session().election.raw, 11, raws)


@needs_kernel
@pytest.mark.parametrize("seed", [1, 2])
def test_differential_sample(seed: int):
    """Decoding and powers agree on some of what `make differential` tries by the million."""
    assert differential.compare(seed, 300) == []


@needs_kernel
def test_others_work_meanwhile(raw: bytes):
    """The kernel does not hold Python's lock: threads of one process check at the same time."""
    started, ended, overlaps = Event(), Event(), 0
    kernel = ballot.kernel(session().election)
    assert kernel is not None

    def work() -> None:
        started.set()
        kernel.check([raw] * 10)
        ended.set()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(100)  # whoever holds the lock keeps it
    try:
        for _ in range(20):
            started.clear()
            ended.clear()
            thread = Thread(target=work)
            thread.start()
            started.wait()
            overlaps += not ended.is_set()
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert overlaps > 0


# --- Two that disagree --------------------------------------------------------------------


class Stubborn:
    """A kernel that refuses every ballot."""

    def __init__(self, *_: object) -> None: ...

    def check(self, _: list[bytes]) -> tuple[int, int, int, int]:
        return (0, CHOICE, 1, 2)


def test_kernel_that_refuses_a_good_ballot(monkeypatch: pytest.MonkeyPatch):
    """Nothing is accepted and nobody accused; the audit says so."""
    raws = list(honest().ballots)
    monkeypatch.setattr(group, "_kernel", stand_in(Session=Stubborn))

    with pytest.raises(BackendsDisagree, match="ballot 5: libsodium accepts it"):
        check_batch(session().election.raw, 5, raws)
    value = opened(raws[0])
    respelled("signature.proof.response", one_more)(value)
    with pytest.raises(BadSignature):  # a bad one is still called by its name
        check_batch(session().election.raw, 1, [canonical(value)])


@needs_kernel
def test_kernel_that_accepts_a_bad_ballot(monkeypatch: pytest.MonkeyPatch):
    """The ballots of an archive that libsodium checks as well show it; the audit fails."""
    assert group._kernel is not None
    real: Json = group._kernel

    class Careless:
        """A kernel that looks at no proof."""

        def __init__(self, *members: Json) -> None:
            self.check = real.Session(*members).decode

    value = opened(honest().ballots[0])
    respelled("answers.0.individual_proofs.0.0.response", one_more)(value)
    wrong = signed(value, session().secrets[voter_of(honest(), 0)])
    parts = session().sign(session().archived([*honest().ballots[1:], wrong]))
    monkeypatch.setattr(group, "_kernel", stand_in(Session=Careless, products=real.products,
                                                          multiply=real.multiply))  # fmt: skip
    monkeypatch.setattr(ballots, "SAMPLE", len(parts.ballots))

    verdict = judge_archive(parts)

    assert verdict.outcome == "BackendsDisagree at ballots"
    assert "libsodium does not" in str(verdict.error)


@needs_kernel
def test_kernel_that_makes_a_good_share_wrong(monkeypatch: pytest.MonkeyPatch):
    """No trustee is accused of a wrong share by the kernel alone."""
    made, encrypted = session(), tally.Tally.decode(honest().tally, session().election)
    share = made.share(1, encrypted)
    shown = (made.election, made.trustees, encrypted, share.partial)
    monkeypatch.setattr(group, "_kernel", stand_in(products=lambda rows: [G.raw for _ in rows]))

    with pytest.raises(BackendsDisagree):
        tally.check_partial(*shown)
    with pytest.raises(BackendsDisagree):
        tally.check_statement(*shown, share.statement)


@needs_kernel
def test_kernel_that_makes_totals_wrong(monkeypatch: pytest.MonkeyPatch):
    """Totals that do not come out are called wrong only if libsodium finds them wrong."""
    made, encrypted = session(), tally.Tally.decode(honest().tally, session().election)
    partials = [made.share(i, encrypted).partial for i in (1, 3)]
    far = (G ** (Q // 2)).raw
    monkeypatch.setattr(group, "_kernel", stand_in(products=lambda rows: [far for _ in rows]))

    with pytest.raises(BackendsDisagree):
        tally.combine(made.election, made.trustees, encrypted, 9, partials)


# --- What is loaded -----------------------------------------------------------------------


def test_turned_off(monkeypatch: pytest.MonkeyPatch):
    """PHIEUKIN_KERNEL=0 turns it off, and that is no problem."""
    monkeypatch.setenv("PHIEUKIN_KERNEL", "0")
    assert group._load() == (None, "")


def test_absent(monkeypatch: pytest.MonkeyPatch):
    """Where there is none, libsodium does everything, and that is no problem either."""
    monkeypatch.delenv("PHIEUKIN_KERNEL", raising=False)
    monkeypatch.setitem(sys.modules, "phieukin_kernel", None)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [])
        patch.delitem(sys.modules, "phieukin_kernel")
        assert group._load() == (None, "")


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        (stand_in(), "does not work"),
        (stand_in(INTERFACE=0), "another version"),
        (stand_in(INTERFACE=group._INTERFACE), "does not work"),
        (
            stand_in(INTERFACE=group._INTERFACE, products=lambda rows: [G.raw] * len(rows)),
            "computes wrongly",
        ),
    ],
    ids=["empty", "stale", "torso", "wrong"],
)
def test_stale_or_wrong(monkeypatch: pytest.MonkeyPatch, module: ModuleType, problem: str):
    """A kernel of another version, or one that computes wrongly, is not used, and it is said."""
    monkeypatch.delenv("PHIEUKIN_KERNEL", raising=False)
    monkeypatch.setitem(sys.modules, "phieukin_kernel", module)

    kernel, reason = group._load()

    assert kernel is None
    assert problem in reason


@pytest.mark.parametrize("binary", [b"", b"not a library", b"\x7fELF" + bytes(200)])
def test_foreign_binary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, binary: bytes):
    """A file that is no library for this machine is not used, and it is said."""
    (tmp_path / "phieukin_kernel.abi3.so").write_bytes(binary)
    monkeypatch.delenv("PHIEUKIN_KERNEL", raising=False)
    monkeypatch.delitem(sys.modules, "phieukin_kernel", raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])

    kernel, reason = group._load()

    assert kernel is None
    assert "cannot be loaded" in reason
