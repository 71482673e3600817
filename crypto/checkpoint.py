"""Checkpoints and promises: what the parties of a session sign (docs/protocol.md §6.2).

A checkpoint is a C2SP signed note that fixes one state of the session: its counts and the
SHA-256 of the list that is final from then on. Its body holds only what an auditor can
recompute, so that the short code on the hall screen stands for all of it.

    phieukin/<uuid>
    <state>
    phi <φ>
    <count> <number>          one line for each count of the state
    list <sha256, hex>
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from crypto.encoding import hex_digest, spoken, string, text
from crypto.errors import BadCheckpoint, Malformed
from crypto.lifecycle import State
from crypto.note import Note, NoteKey
from crypto.note import parse as parse_note
from crypto.session import Election, Parameters
from crypto.trustees import Trustees

# For each state that is signed: its counts, and who must sign. The list concerned is
# sealed: trustees.json; open: the credentials; closed: the trackers; tallied: the result.
COUNTS: dict[State, tuple[str, ...]] = {
    State.SEALED: ("roster",),
    State.OPEN: ("roster", "present", "issued", "registered"),
    State.CLOSED: ("registered", "cast"),
    State.TALLIED: ("cast", "tallied"),
}
SIGNERS: dict[State, tuple[str, ...]] = {
    State.SEALED: ("registrar", "box", "chair"),
    State.OPEN: ("registrar", "box", "chair"),
    State.CLOSED: ("box", "chair"),
    State.TALLIED: ("box", "chair"),
}


AMENDERS = ("registrar", "chair")  # who sign a change of the roster
MAX_AMENDMENTS, MAX_REASON = 100, 500  # characters; so issuance.json has at most 300 kB


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One state of a session.

    Attributes:
        counts: the numbers named in COUNTS for the state, in that order.
        digest: SHA-256 of the bytes of the list that is final now, hex.
    """

    uuid: str
    state: State
    phi: str
    counts: tuple[int, ...]
    digest: str

    @property
    def body(self) -> str:
        """The text that is signed."""
        numbers = zip(COUNTS[self.state], self.counts, strict=True)
        lines = [origin(self.uuid), self.state, f"phi {self.phi}"]
        lines += [f"{name} {number}" for name, number in numbers]
        return "\n".join([*lines, f"list {self.digest}"]) + "\n"

    @property
    def short_code(self) -> str:
        """Eight characters (40 bits) of the body's hash, to compare with the hall screen."""
        return short_code(self.body)


def short_code(body: str) -> str:
    """The short code of a checkpoint's body, or of the note that signs it."""
    return spoken(hashlib.sha256(body.encode()).digest(), 2)


def make(election: Election, state: State, counts: Sequence[int], final_list: bytes) -> Checkpoint:
    """The checkpoint of a state; `final_list` is the list that is final from now on."""
    digest = hashlib.sha256(final_list).hexdigest()
    return Checkpoint(election.uuid, state, election.phi, tuple(counts), digest)


def origin(uuid: str) -> str:
    """The first line of every note of a session."""
    return f"phieukin/{uuid}"


def party_key(election: Election, parameters: Parameters, party: str) -> NoteKey:
    """The note key of "registrar", "box" or "chair"."""
    public = {
        "registrar": parameters.registrar,
        "box": parameters.box,
        "chair": parameters.chair,
    }[party]
    return NoteKey(f"{origin(election.uuid)}/{party}", public)


def trustee_key(election: Election, trustees: Trustees, owner: int) -> NoteKey:
    """The note key of a trustee: the key that signed the certificate, as Ed25519."""
    return NoteKey(f"{origin(election.uuid)}/trustee-{owner}", trustees.signing_keys[owner - 1].raw)


def required_keys(
    election: Election, parameters: Parameters, trustees: Trustees, state: State
) -> list[NoteKey]:
    """Whose signatures a checkpoint of this state needs; at the seal also every trustee's."""
    keys = [party_key(election, parameters, party) for party in SIGNERS[state]]
    # At the seal the trustees bind their key to this definition: none opens another's totals.
    if state == State.SEALED:
        owners = range(1, len(trustees.signing_keys) + 1)
        keys += [trustee_key(election, trustees, owner) for owner in owners]
    return keys


def check(note: Note, expected: Checkpoint, keys: Sequence[NoteKey]) -> None:
    """Raises BadCheckpoint unless the note says what is expected and all keys signed it."""
    if note.text != expected.body:
        stated, expected_lines = note.text.splitlines(), expected.body.splitlines()
        pairs = zip(expected_lines, stated, strict=False)
        differing = [line for line, theirs in pairs if line != theirs] or ["its length"]
        raise BadCheckpoint(f"differs from the record at: {differing[0]}")
    note.check(keys)


def promise_body(uuid: str, phi: str, tracker: str) -> str:
    """What the box signs when a ballot is durably stored (docs/protocol.md §6.3).

    With it a voter can prove that a ballot was taken and is missing from the record.
    """
    return f"{origin(uuid)}\npromise\nphi {phi}\ntracker {tracker}\n"


def check_promise(note: Note, election: Election, parameters: Parameters, tracker: str) -> None:
    """Raises BadCheckpoint unless the note is the box's promise for this tracker."""
    if note.text != promise_body(election.uuid, election.phi, tracker):
        raise BadCheckpoint("the promise is not for this ballot")
    note.check([party_key(election, parameters, "box")])


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of the sealed roster, before voting opens; signed by registrar and chair.

    Attributes:
        number: from 1, without gaps.
        added, removed: how many people.
        mac: the HMAC of the roster as it is from then on, hex.
        reason: why, on one line.
    """

    number: int
    added: int
    removed: int
    mac: str
    reason: str

    def body(self, uuid: str, phi: str) -> str:
        """The text that is signed."""
        lines = [origin(uuid), f"amendment {self.number}", f"phi {phi}"]
        lines += [f"added {self.added}", f"removed {self.removed}", f"roster {self.mac}"]
        return "\n".join([*lines, f"reason {self.reason}"]) + "\n"

    @classmethod
    def from_body(cls, body: str, path: str) -> "Amendment":
        """Raises Malformed for another kind of text. The caller compares φ by `body`."""
        names = ("", "amendment", "phi", "added", "removed", "roster", "reason")
        parts = [line.partition(" ") for line in body.splitlines()]
        if len(parts) != len(names) or any(
            part[0] != name for part, name in zip(parts[1:], names[1:], strict=True)
        ):
            raise Malformed(f"{path}: not an amendment of a roster")
        values = [part[2] for part in parts]
        number, added, removed = (
            int(string(values[i], f"{path}.{names[i]}", "0|[1-9][0-9]{0,8}")) for i in (1, 3, 4)
        )
        reason = text(values[6], f"{path}.reason", limit=MAX_REASON)
        return cls(number, added, removed, hex_digest(values[5], f"{path}.roster"), reason)


def check_amendments(
    notes: Sequence[str], election: Election, parameters: Parameters, path: str
) -> int:
    """Checks the amendments of a roster in their order; returns its size after the last.

    Raises:
        Malformed, BadCheckpoint: not an amendment, not the next one, or not signed.
    """
    # §6.2.1: registrar and chair together, numbered without gaps, so that no change of the roster
    # can be kept back or made by one of them alone.
    size = parameters.roster_size
    keys = [party_key(election, parameters, party) for party in AMENDERS]
    for number, raw in enumerate(notes, start=1):
        where = f"{path}, amendment {number}"
        signed = parse_note(raw.encode())
        amendment = Amendment.from_body(signed.text, where)
        if amendment.number != number or signed.text != amendment.body(election.uuid, election.phi):
            raise BadCheckpoint(f"{where}: another number, or another session's")
        try:
            signed.check(keys)
        except BadCheckpoint as error:
            raise BadCheckpoint(f"{where}: {error}") from None
        size += amendment.added - amendment.removed
    return size


def join(notes: Sequence[bytes]) -> bytes:
    """checkpoints.txt: the notes in order, an empty line between two."""
    return b"\n".join(notes)


def split(data: bytes) -> list[bytes]:
    """The notes of a checkpoints.txt.

    Raises:
        BadCheckpoint: not pairs of a text and its signatures.
    """
    blocks = data.split(b"\n\n")
    if len(blocks) % 2:
        raise BadCheckpoint("checkpoints.txt: a text without signatures")
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    notes = [body + b"\n\n" + signatures + b"\n" for body, signatures in pairs]
    notes[-1] = notes[-1].removesuffix(b"\n")  # after the last one there was no empty line
    return notes
