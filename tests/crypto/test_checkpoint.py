"""crypto/checkpoint.py: what was signed at each state, and what the box promised."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from crypto import checkpoint, committee, note
from crypto.checkpoint import COUNTS, MOMENT_OF, SIGNERS, Checkpoint
from crypto.committee import Moment
from crypto.encoding import b64_sha256, sha256
from crypto.errors import BadCheckpoint
from crypto.lifecycle import State
from crypto.note import SeedSigner, TrusteeSigner
from tests import testkit
from tests.crypto import room
from tests.testkit import UUID, honest, session
from tests.verdicts import judge_bundle

TRACKER = b64_sha256(b"a ballot")
SEED = b"s" * 32


def test_body_is_as_the_protocol_document_says():
    """Origin, state, φ, counts by name, the hash of the list; what an opening and closing add."""
    election = session().election
    opening = checkpoint.make(
        election, State.OPEN, (13, 12, 11, 10, 1), b"list", issuance=b"tokens"
    )
    closing = checkpoint.make(
        election, State.CLOSED, (10, 9, 1, 0), b"trackers", opening=opening.body
    )

    assert opening.body == (
        f"phieukin/{UUID}\nopen\nphi {session().phi}\nroster 13\npresent 12\nissued 11\n"
        f"registered 10\npaper 1\nissuance {sha256(b'tokens')}\nlist {sha256(b'list')}\n"
    )
    assert closing.body == (
        f"phieukin/{UUID}\nclosed\nphi {session().phi}\nregistered 10\ncast 9\npaper 1\nlate 0\n"
        f"opening {sha256(opening.body.encode())}\nlist {sha256(b'trackers')}\n"
    )


def test_seal_is_what_the_definition_says():
    """The checkpoint of the seal follows from election.json alone."""
    fixed = checkpoint.sealed(session().election, session().parameters)

    assert fixed == checkpoints()[State.SEALED]


@pytest.mark.parametrize("counts", [(), (1,), (1, 2, 3, 4, 5)])
def test_counts_are_those_of_the_state(counts: tuple[int, ...]):
    """A checkpoint with more or fewer numbers than its state has cannot be written."""
    with pytest.raises(ValueError, match="zip"):
        _ = checkpoint.make(session().election, State.CLOSED, counts, b"").body


@pytest.mark.parametrize("state", COUNTS)
def test_keys_that_are_required(state: State):
    """Registrar until the close, box and chair always; beside them those of the committee."""
    sealed = session()
    parties = ["box", "chair"] if state == State.TALLIED else ["registrar", "box", "chair"]
    trustees = [] if state == State.TALLIED else ["trustee-1", "trustee-2", "trustee-3"]
    ours = checkpoint.party_keys(sealed.election, sealed.parameters, state)

    assert [key.name for key in ours] == [f"phieukin/{UUID}/{name}" for name in parties]
    assert [signer.key.name for signer in sealed.signers(state)] == [
        f"phieukin/{UUID}/{name}" for name in (*parties, *trustees)
    ]


def test_more_than_four_notes_is_not_split():
    """Whatever is in it: a file of 84 MB would fill the memory with short texts."""
    with pytest.raises(BadCheckpoint, match="at most 262148 are allowed"):
        checkpoint.split(b"\n\n" * (checkpoint.FILE_LIMIT // 2 + 1))


def test_states_that_are_signed():
    """Four checkpoints, in the order of the life of a session; the committee looks at three."""
    assert list(COUNTS) == list(SIGNERS) == ["sealed", "open", "closed", "tallied"]
    assert list(MOMENT_OF) == ["sealed", "open", "closed"]
    assert list(MOMENT_OF.values()) == list(Moment)


# --- Reading ------------------------------------------------------------------------------


def checkpoints() -> dict[State, Checkpoint]:
    return session().checkpoints(honest())


@pytest.mark.parametrize("state", COUNTS)
def test_reads_back(state: State):
    """What a text says is what it was written from."""
    fixed = checkpoints()[state]

    assert Checkpoint.from_body(fixed.body) == fixed
    assert [fixed.count(name) for name in COUNTS[state]] == list(fixed.counts)


def bodies(body: str) -> Iterator[tuple[str, str]]:
    """(what was done, text) with each line altered, gone, twice or moved."""
    lines = body.splitlines()
    for i, line in enumerate(lines):
        before, following = lines[:i], lines[i + 1 :]
        for changed in (f"{line} ", f" {line}", f"{line}0x", line[1:], line.upper(), "", "a b"):
            yield f"{line!r} for {changed!r}", "\n".join([*before, changed, *following])
        name, _, number = line.partition(" ")
        for changed in ("-1", "+1", "01", "1.0", "1e3", "9" * 11, "\u0661", "0x1"):
            if number.isdecimal():
                yield f"{name} {changed}", "\n".join([*before, f"{name} {changed}", *following])
        yield f"{line!r} gone", "\n".join([*before, *following])
        yield f"{line!r} twice", "\n".join([*before, line, line, *following])
        if following:
            yield f"{line!r} moved", "\n".join([*before, following[0], line, *following[1:]])


@pytest.mark.parametrize("state", COUNTS)
def test_other_spellings_are_no_checkpoint(state: State):
    """Every other text is refused; nothing of it is believed."""
    body, tried = checkpoints()[state].body, 0
    for what, text in bodies(body):
        if text + "\n" == body:
            continue
        with pytest.raises(BadCheckpoint):
            pytest.fail(f"accepted: {what}: {Checkpoint.from_body(text + chr(10))}")
        tried += 1

    assert tried > 50
    for text in ("", "\n", body[:-1], body + "\n", body.replace("\n", "\r\n"), f"x{body}"):
        with pytest.raises(BadCheckpoint):
            Checkpoint.from_body(text)


# --- The committee's signatures -----------------------------------------------------------


def committee_of(state: State, *signers: note.Signer, text: str | None = None) -> str:
    """The code of a checkpoint that these have signed."""
    body = checkpoints()[state].body if text is None else text
    signed = note.parse(note.sign(body, [session().box, *signers]).encode())
    return checkpoint.check_committee(signed, session().election, session().parameters)


def trustees(state: State, *owners: int) -> list[TrusteeSigner]:
    return [session().trustee_signer(owner, MOMENT_OF[state]) for owner in owners]


@pytest.mark.parametrize("state", MOMENT_OF)
def test_code_of_what_was_signed(state: State):
    """It is made of what was signed and the salts of those who signed, in the order of numbers."""
    moment, fixed = MOMENT_OF[state], checkpoints()[state]
    salts = [session().state(owner).salt(moment) for owner in (1, 2, 3)]
    phi, text = base64.b64decode(session().phi + "="), hashlib.sha256(fixed.body.encode())
    digest = phi if state == State.SEALED else text.digest()

    assert committee_of(state, *trustees(state, 3, 1, 2)) == committee.code(moment, digest, salts)


@pytest.mark.parametrize("state", MOMENT_OF)
@pytest.mark.parametrize("owners", [(), (1,), (1, 3), (2, 3)], ids=str)
def test_too_few_of_the_committee(state: State, owners: tuple[int, ...]):
    """Nobody relies on a checkpoint that fewer than needed have signed."""
    with pytest.raises(BadCheckpoint, match=f"signed by {len(owners)} of 3 trustees, not by 3"):
        committee_of(state, *trustees(state, *owners))


@pytest.fixture(scope="module")
def five() -> testkit.Session:
    """Three of five open the totals, four sign the box."""
    return testkit.seal(held=room.hold(5, 3))


@pytest.mark.parametrize(
    ("state", "owners", "holds"),
    [
        (State.SEALED, (1, 2, 3, 4, 5), True), (State.SEALED, (1, 2, 4, 5), False),
        (State.OPEN, (1, 2, 4, 5), True), (State.OPEN, (2, 3, 4, 5), True),
        (State.OPEN, (1, 2, 3), False), (State.OPEN, (1, 2, 3, 4, 5), False),
        (State.CLOSED, (1, 2, 3, 5), True), (State.CLOSED, (3, 4, 5), False),
        (State.CLOSED, (1, 2, 3, 4, 5), False),
    ],
)  # fmt: skip
def test_exactly_a_quorum(
    five: testkit.Session, state: State, owners: tuple[int, ...], holds: bool
):
    """All the definition, four of five the box, and no more: a code is of one group."""
    opening = checkpoint.make(five.election, State.OPEN, (13, 12, 11, 10, 0), b"[]")
    closing = checkpoint.make(
        five.election, State.CLOSED, (10, 9, 0, 0), b"[]", opening=opening.body
    )
    sealed = checkpoint.sealed(five.election, five.parameters)
    fixed = {State.SEALED: sealed, State.OPEN: opening, State.CLOSED: closing}[state]
    signed = note.parse(five.note(fixed, owners))

    assert checkpoint.signers(signed, five.election, five.parameters) == sorted(owners)
    if holds:
        checkpoint.check_committee(signed, five.election, five.parameters)
        return
    with pytest.raises(BadCheckpoint, match=f"signed by {len(owners)} of 5 trustees"):
        checkpoint.check_committee(signed, five.election, five.parameters)


def test_another_quorum_has_another_code(five: testkit.Session):
    """Hall and phones compare the code: two groups of signers are not shown as one."""
    opening = checkpoint.make(five.election, State.OPEN, (13, 12, 11, 10, 0), b"[]")
    codes = {
        checkpoint.check_committee(
            note.parse(five.note(opening, owners)), five.election, five.parameters
        )
        for owners in ((1, 2, 3, 4), (1, 2, 3, 5), (2, 3, 4, 5))
    }

    assert len(codes) == 3


def of_nobody(honest: TrusteeSigner, _: State) -> note.Signer:
    return replace(honest, salt=bytes(32))


def of_another_trustee(honest: TrusteeSigner, state: State) -> note.Signer:
    """Who copies a salt that was revealed before cannot pass it off: it is bound to a key."""
    return replace(honest, salt=session().state(1).salt(MOMENT_OF[state]))


def of_another_moment(honest: TrusteeSigner, state: State) -> note.Signer:
    moment = Moment.OPENING if state == State.CLOSED else Moment.CLOSING
    return replace(honest, salt=session().state(2).salt(moment))


SALTS = {"of nobody": of_nobody, "of another": of_another_trustee, "of a moment": of_another_moment}


@pytest.mark.parametrize("state", MOMENT_OF)
@pytest.mark.parametrize("salt", SALTS)
def test_salt_that_was_not_committed_to(state: State, salt: str):
    """A well signed line with another salt would let its owner choose the code."""
    first, second, third = trustees(state, 1, 2, 3)
    signers = [first, SALTS[salt](second, state), third]
    with pytest.raises(BadCheckpoint, match="salt that trustee 2 revealed is not the one"):
        committee_of(state, *signers)


def of_a_stranger(honest: TrusteeSigner) -> note.Signer:
    return replace(honest, secret=honest.secret + 1)


def without_a_salt(honest: TrusteeSigner) -> note.Signer:
    return SeedSigner(honest.name, SEED)


def in_another_name(honest: TrusteeSigner) -> note.Signer:
    return replace(honest, name=f"phieukin/{UUID}/trustee-4")


STRANGE_LINES = [of_a_stranger, without_a_salt, in_another_name]


@pytest.mark.parametrize("state", MOMENT_OF)
@pytest.mark.parametrize("forge", STRANGE_LINES)
def test_line_of_a_stranger_is_nobodys(state: State, forge: Callable[[TrusteeSigner], note.Signer]):
    """A line in a trustee's name under another key does not count."""
    first, second, third = trustees(state, 1, 2, 3)
    with pytest.raises(BadCheckpoint, match="signed by 2 of 3 trustees"):
        committee_of(state, first, forge(second), third)


@pytest.mark.parametrize("state", MOMENT_OF)
def test_line_that_does_not_hold(state: State):
    """A trustee's signature of another text, under this one, is named; more than enough or not."""
    signers = trustees(state, 1, 2, 3)
    signed = note.sign(checkpoints()[state].body, signers)
    (moved,) = note.sign("another text\n", signers[1:2]).signatures
    lines = [signed.signatures[0], moved, signed.signatures[2]]
    forged = note.Note(signed.text, tuple(lines))
    with pytest.raises(BadCheckpoint, match=r"wrong signature of .*/trustee-2"):
        checkpoint.check_committee(forged, session().election, session().parameters)


def elsewhere(fixed: Checkpoint) -> Checkpoint:
    return replace(fixed, uuid="Phieu1Kin2Test3B")


def otherwise_defined(fixed: Checkpoint) -> Checkpoint:
    return replace(fixed, phi=b64_sha256(b"other"))


@pytest.mark.parametrize("state", MOMENT_OF)
@pytest.mark.parametrize("change", [elsewhere, otherwise_defined])
def test_signatures_for_another_session(state: State, change: Callable[[Checkpoint], Checkpoint]):
    """A definition that copies the committee does not take over what this has signed."""
    text = change(checkpoints()[state]).body
    with pytest.raises(BadCheckpoint, match="of another session"):
        committee_of(state, *trustees(state, 1, 2, 3), text=text)


@pytest.mark.parametrize("change", [{"counts": (14,)}, {"digest": "0" * 64}])
def test_seal_that_the_definition_does_not_say(change: dict[str, object]):
    """The code of the definition stands for φ alone, so its note may say nothing else."""
    text = replace(checkpoints()[State.SEALED], **change).body  # type: ignore[arg-type]
    with pytest.raises(BadCheckpoint, match="not what the definition says"):
        committee_of(State.SEALED, *trustees(State.SEALED, 1, 2, 3), text=text)


def test_committee_signs_no_result():
    """It looks at three moments; at any other its signature says nothing."""
    signers = [session().trustee_signer(owner, Moment.CLOSING) for owner in (1, 2, 3)]
    with pytest.raises(BadCheckpoint, match="the committee signs no such checkpoint"):
        committee_of(State.TALLIED, *signers)
    with pytest.raises(BadCheckpoint, match="of no state that is signed"):
        committee_of(State.OPEN, *signers, text="draft\n")


@pytest.mark.parametrize("state", MOMENT_OF)
def test_one_line(state: State):
    """What the server checks before it stores a trustee's line: signature, and salt."""
    (honest_line,) = trustees(state, 2)
    sealed, body = session(), checkpoints()[state].body

    def check(signer: note.Signer) -> bytes:
        signed = note.sign(body, [signer])
        return checkpoint.check_trustee(signed, sealed.election, sealed.parameters, 2)

    assert check(honest_line) == honest_line.salt
    others: list[note.Signer] = [*trustees(state, 1), sealed.box]
    for wrong in (replace(honest_line, salt=bytes(32)), *others):
        with pytest.raises(BadCheckpoint):
            check(wrong)


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
