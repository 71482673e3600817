"""crypto/checkpoint.py: what was signed at each state, and what the box promised."""

from collections.abc import Callable

import pytest

from crypto import checkpoint, note
from crypto.checkpoint import COUNTS, SIGNERS
from crypto.encoding import b64_sha256, sha256
from crypto.errors import BadCheckpoint
from crypto.lifecycle import State
from crypto.note import SeedSigner
from tests.testkit import UUID, honest, session
from tests.verdicts import judge_bundle

TRACKER = b64_sha256(b"a ballot")
SEED = b"s" * 32


def test_body_is_as_the_protocol_document_says():
    """Origin, state, φ, counts by name, the hash of the list."""
    fixed = checkpoint.make(session().election, State.OPEN, (13, 12, 11, 10), b"list")

    assert fixed.body == (
        f"phieukin/{UUID}\nopen\nphi {session().phi}\nroster 13\npresent 12\nissued 11\n"
        f"registered 10\nlist {sha256(b'list')}\n"
    )


def test_short_code_stands_for_the_body():
    """Eight characters in two groups; any other count gives another code."""
    codes = {
        checkpoint.make(session().election, State.CLOSED, (10, cast), b"").short_code
        for cast in range(50)
    }

    assert len(codes) == 50
    assert all(len(code) == 9 and code[4] == "-" for code in codes)


@pytest.mark.parametrize("counts", [(), (1,), (1, 2, 3)])
def test_counts_are_those_of_the_state(counts: tuple[int, ...]):
    """A checkpoint with more or fewer numbers than its state has cannot be written."""
    with pytest.raises(ValueError, match="zip"):
        _ = checkpoint.make(session().election, State.CLOSED, counts, b"").body


@pytest.mark.parametrize("state", COUNTS)
def test_keys_that_are_required(state: State):
    """Registrar until the opening, box and chair always, at the seal every trustee."""
    sealed = session()
    keys = checkpoint.required_keys(sealed.election, sealed.parameters, sealed.trustees, state)
    expected = ["box", "chair"]
    if state in {State.SEALED, State.OPEN}:
        expected = ["registrar", *expected]
    if state == State.SEALED:
        expected += ["trustee-1", "trustee-2", "trustee-3"]

    assert [key.name for key in keys] == [f"phieukin/{UUID}/{name}" for name in expected]
    assert [signer.key for signer in sealed.signers(state)] == keys


def test_states_that_are_signed():
    """Four checkpoints, in the order of the life of a session."""
    assert list(COUNTS) == list(SIGNERS) == ["sealed", "open", "closed", "tallied"]


# --- The promise --------------------------------------------------------------------------


def promise(body: str | None = None, signer: SeedSigner | None = None) -> note.Note:
    body = body or checkpoint.promise_body(UUID, session().phi, TRACKER)
    return note.sign(body, [signer or session().box])


def check(signed: note.Note, tracker: str = TRACKER) -> None:
    checkpoint.check_promise(signed, session().election, session().parameters, tracker)


def test_honest_promise():
    """The box's promise holds, before and after it was sent as bytes."""
    check(promise())
    check(note.parse(promise().encode()))


OTHER = b64_sha256(b"other")
BODIES: dict[str, Callable[[], str]] = {
    "session": lambda: checkpoint.promise_body("Phieu1Kin2Test3B", session().phi, TRACKER),
    "definition": lambda: checkpoint.promise_body(UUID, OTHER, TRACKER),
    "ballot": lambda: checkpoint.promise_body(UUID, session().phi, OTHER),
    "line more": lambda: checkpoint.promise_body(UUID, session().phi, TRACKER) + "more\n",
    "kind": lambda: checkpoint.promise_body(UUID, session().phi, TRACKER).replace("mise", ""),
    "nothing": lambda: f"phieukin/{UUID}\n",
}


STRANGERS: dict[str, Callable[[], SeedSigner]] = {
    "chair": lambda: session().chair,
    "registrar": lambda: session().registrar,
    "name of the box": lambda: SeedSigner(session().box.name, SEED),
    "key of the box": lambda: SeedSigner("phieukin/x/box", session().box.seed),
}


@pytest.mark.parametrize("name", [*BODIES, *STRANGERS])
def test_promise_of_something_or_somebody_else(name: str):
    """A promise is for one ballot, session and definition; neither name nor key alone signs it."""
    if name in BODIES:
        signed, why = promise(BODIES[name]()), "not for this ballot"
    else:
        signed, why = promise(signer=STRANGERS[name]()), r"not signed by .*/box"
    with pytest.raises(BadCheckpoint, match=why):
        check(signed)


def test_signature_of_another_promise():
    """A signature cannot be moved to another promise."""
    another_promise = promise(checkpoint.promise_body(UUID, session().phi, b64_sha256(b"other")))
    moved = note.Note(promise().text, another_promise.signatures)

    with pytest.raises(BadCheckpoint, match="wrong signature"):
        check(moved)


# --- checkpoints.txt ----------------------------------------------------------------------


def test_split_undoes_join():
    """Any number of notes, one after the other."""
    notes = honest().notes
    assert len(notes) == 4
    for n in range(1, 5):
        assert checkpoint.split(checkpoint.join(notes[:n])) == notes[:n]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "a newline": lambda _: b"\n",
    "two newlines": lambda _: b"\n\n",
    "no last newline": lambda raw: raw.rstrip(b"\n"),
    "newline more": lambda raw: raw + b"\n",
    "two newlines more": lambda raw: raw + b"\n\n",
    "newline before": lambda raw: b"\n" + raw,
    "text behind": lambda raw: raw + b"text\n",
    "carriage returns": lambda raw: raw.replace(b"\n", b"\r\n"),
    "blank line less": lambda raw: raw.replace(b"\n\n", b"\n", 1),
    "blank line more": lambda raw: raw.replace(b"\n\n", b"\n\n\n", 1),
    "half": lambda raw: raw[: len(raw) // 2],
    "signature line in the text": lambda raw: raw.replace(
        b"\nlist", b"\n\xe2\x80\x94 a AAAA\nlist", 1
    ),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damaged_file(name: str):
    """Other bytes are refused: by the reader, or by the comparison with the record."""
    raw = DAMAGE[name](honest().side["checkpoints.txt"])

    assert (
        judge_bundle(honest().with_side(checkpoints=raw)).outcome == "BadCheckpoint at checkpoints"
    )
