"""Checkpoints and promises: what the parties of a session sign (docs/protocol.md §6.2).

A checkpoint is a C2SP signed note that fixes one state of the session: its counts and the
SHA-256 of the list that is final from then on.

    phieukin/<uuid>
    <state>
    phi <φ>
    <count> <number>          one line for each count of the state
    issuance <sha256, hex>    of the opening only: tokens by channel, amendments of the roster
    opening <sha256, hex>     of the closing only: the text of the opening it follows
    list <sha256, hex>

The server signs each; nobody relies on that alone. The definition is signed by every trustee,
the opening and the closing by a quorum of them, who reveal a salt each: from these comes the code
that people compare (docs/protocol.md §6.4).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from crypto import committee
from crypto.committee import Moment
from crypto.encoding import base64_bytes, fingerprint, hex_digest, sha256, string, text, uuid
from crypto.errors import BadCheckpoint, BadCounts, Incomplete, Malformed
from crypto.lifecycle import State
from crypto.note import LIMIT, SALTED, Note, NoteKey
from crypto.note import parse as parse_note
from crypto.session import Election, Parameters

# For each state that is signed: its counts, and who must sign. The list concerned is
# sealed: trustees.json; open: the credentials; closed: the trackers; tallied: the result.
COUNTS: dict[State, tuple[str, ...]] = {
    State.SEALED: ("roster",),
    State.OPEN: ("roster", "present", "issued", "registered", "paper"),
    State.CLOSED: ("registered", "cast", "paper", "late"),
    State.TALLIED: ("cast", "tallied"),
}
SIGNERS: dict[State, tuple[str, ...]] = {
    State.SEALED: ("registrar", "box", "chair"),
    State.OPEN: ("registrar", "box", "chair"),
    State.CLOSED: ("registrar", "box", "chair"),
    State.TALLIED: ("box", "chair"),
}

MOMENT_OF: Final[dict[State, Moment]] = {
    State.SEALED: Moment.DEFINITION,
    State.OPEN: Moment.OPENING,
    State.CLOSED: Moment.CLOSING,
}

# Beside the list, what else a state fixes by its hash; an attribute of `Checkpoint`.
_NAMED: Final[dict[State, str]] = {State.OPEN: "issuance", State.CLOSED: "opening"}

FILE_LIMIT: Final = len(COUNTS) * (LIMIT + 1)  # bytes of checkpoints.txt

_NUMBER = "0|[1-9][0-9]{0,9}"

AMENDERS = ("registrar", "chair")  # who sign a change of the roster
MAX_AMENDMENTS, MAX_REASON = 100, 500  # characters; so issuance.json has at most 300 kB


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One state of a session.

    Attributes:
        counts: the numbers named in COUNTS for the state, in that order.
        digest: SHA-256 of the bytes of the list that is final now, hex.
        opening: of a closing: SHA-256 of the text of the opening, hex; else empty.
        issuance: of an opening: SHA-256 of `Issuance.at_opening`, hex; else empty.
    """

    uuid: str
    state: State
    phi: str
    counts: tuple[int, ...]
    digest: str
    opening: str = ""
    issuance: str = ""

    @property
    def body(self) -> str:
        """The text that is signed."""
        numbers = zip(COUNTS[self.state], self.counts, strict=True)
        lines = [origin(self.uuid), self.state, f"phi {self.phi}"]
        lines += [f"{name} {number}" for name, number in numbers]
        if (name := _NAMED.get(self.state)) is not None:
            lines.append(f"{name} {getattr(self, name)}")
        return "\n".join([*lines, f"list {self.digest}"]) + "\n"

    @property
    def signed_digest(self) -> str:
        """What a trustee remembers to have signed: φ of a definition, else of the text, hex."""
        return self.phi if self.state == State.SEALED else digest_of(self.body)

    def count(self, name: str) -> int:
        """The number that this checkpoint gives for a count of its state."""
        return self.counts[COUNTS[self.state].index(name)]

    @classmethod
    def from_body(cls, body: str) -> "Checkpoint":
        """What a text says. Raises BadCheckpoint for any other than `body` would write."""
        lines = body.split("\n")
        state = next((state for state in COUNTS if state.value == "".join(lines[1:2])), None)
        if state is None:
            raise BadCheckpoint("checkpoint: of no state that is signed")
        named = [_NAMED[state]] if state in _NAMED else []
        names = ["phi", *COUNTS[state], *named, "list"]
        pairs = [line.partition(" ")[::2] for line in lines[2:-1]]
        if [name for name, _ in pairs] != names:
            raise BadCheckpoint(f"{state}: a line is missing, or one too many")
        values = dict(pairs)
        try:
            checkpoint = cls(
                uuid(lines[0].removeprefix(origin("")), "uuid"),
                state,
                fingerprint(values["phi"], "phi"),
                tuple(int(string(values[name], name, _NUMBER)) for name in COUNTS[state]),
                hex_digest(values["list"], "list"),
                **{name: hex_digest(values[name], name) for name in named},
            )
        except Malformed as error:
            raise BadCheckpoint(f"{state}: {error}") from None
        if checkpoint.body != body:
            raise BadCheckpoint(f"{state}: not the text of a checkpoint")
        return checkpoint


@dataclass(frozen=True, slots=True)
class SignedState:
    """A checkpoint that the committee has signed, and the code that people compare for it."""

    checkpoint: Checkpoint
    code: str


def digest_of(body: str) -> str:
    """SHA-256 of a checkpoint's text, hex: by it the closing names the opening."""
    return sha256(body.encode())


def make(
    election: Election,
    state: State,
    counts: Sequence[int],
    final_list: bytes,
    *,
    opening: str = "",
    issuance: bytes = b"",
) -> Checkpoint:
    """The checkpoint of a state.

    Args:
        counts: in the order of COUNTS.
        final_list: the list that is final from now on.
        opening: of a closing: the text of the opening it follows.
        issuance: of an opening: `Issuance.at_opening`, which is final from now on, too.
    """
    return Checkpoint(
        election.uuid,
        state,
        election.phi,
        tuple(counts),
        sha256(final_list),
        opening=digest_of(opening) if state == State.CLOSED else "",
        issuance=sha256(issuance) if state == State.OPEN else "",
    )


def sealed(election: Election, parameters: Parameters) -> Checkpoint:
    """The checkpoint of the seal, which the definition alone decides."""
    roster = (parameters.roster_size,)
    return Checkpoint(election.uuid, State.SEALED, election.phi, roster, parameters.trustees)


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


def trustee_key(election: Election, parameters: Parameters, owner: int) -> NoteKey:
    """The note key of a trustee, numbered from 1: the key of its certificate, as Ed25519."""
    public = parameters.committee.members[owner - 1].key
    return NoteKey(f"{origin(election.uuid)}/trustee-{owner}", public, SALTED)


def party_keys(election: Election, parameters: Parameters, state: State) -> list[NoteKey]:
    """The server's keys that sign a checkpoint of this state, and the chair's."""
    return [party_key(election, parameters, party) for party in SIGNERS[state]]


def check_trustee(note: Note, election: Election, parameters: Parameters, owner: int) -> bytes:
    """This trustee signed the note, and revealed the salt it had committed to; returns the salt.

    Raises:
        BadCheckpoint: not signed by it, or another salt, or not a checkpoint of this session that
            trustees sign.
    """
    moment = _moment(note, election, parameters)
    key = trustee_key(election, parameters, owner)
    note.check([key])
    salt, member = note.salt(key), parameters.committee.members[owner - 1]
    if committee.salt_commitment(moment, member.key, salt) != member.commitment(moment):
        raise BadCheckpoint(
            f"the salt that trustee {owner} revealed is not the one it committed to"
        )
    return salt


def signers(note: Note, election: Election, parameters: Parameters) -> list[int]:
    """The trustees under whose keys a line stands on the note, ascending; not checked."""
    owners = range(1, parameters.committee.size + 1)
    return [o for o in owners if note.signed_by(trustee_key(election, parameters, o))]


def check_committee(note: Note, election: Election, parameters: Parameters) -> str:
    """The committee signed the note: everyone a definition, exactly a quorum an opening or closing.

    Returns:
        The code that people compare: 100 bits of what was signed and of the revealed salts.

    Raises:
        BadCheckpoint: too few or too many trustees, a wrong signature, or another salt.
    """
    moment, trustees = _moment(note, election, parameters), parameters.committee
    owners, needed = signers(note, election, parameters), trustees.needed(moment)
    salts = [check_trustee(note, election, parameters, owner) for owner in owners]
    if len(owners) != needed:
        raise BadCheckpoint(
            f"the {moment} is signed by {len(owners)} of {trustees.size} trustees, "
            f"not by {needed}: nobody may rely on it"
        )
    if moment is Moment.DEFINITION:
        phi = base64_bytes(election.phi + "=", "phi")
        return committee.code(moment, phi, salts)
    return committee.code(moment, hashlib.sha256(note.text.encode()).digest(), salts)


def check_state(
    note: Note, election: Election, parameters: Parameters, state: State, digest: str, **counts: int
) -> SignedState:
    """The note of a state fixes this list, and the committee has signed it: a voter relies on it.

    Args:
        digest: SHA-256 of the list, hex.
        counts: those that the voter's side knows; the others are taken as they are claimed.

    Raises:
        BadCheckpoint: of another list, other counts, not signed by the server, or a signature or
            salt of a trustee that is wrong: something false is shown.
        Incomplete: fewer trustees have signed than must; nothing is wrong yet.
    """
    try:
        stated = Checkpoint.from_body(note.text)
        if state == State.SEALED:  # amendments may change the roster afterwards; audits count them
            counts = {"roster": parameters.roster_size, **counts}
        numbers = tuple(counts.get(name, stated.count(name)) for name in COUNTS[state])
        expected = replace(
            stated, uuid=election.uuid, phi=election.phi, counts=numbers, digest=digest, state=state
        )
        check(note, expected, party_keys(election, parameters, state))
        owners = signers(note, election, parameters)
        for owner in owners:
            check_trustee(note, election, parameters, owner)
        needed = parameters.committee.needed(MOMENT_OF[state])
        if len(owners) < needed:
            raise Incomplete(f"{len(owners)} of the {needed} trustees who must have signed: wait")
        return SignedState(stated, check_committee(note, election, parameters))
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{state}: {error}") from None


def _moment(note: Note, election: Election, parameters: Parameters) -> Moment:
    checkpoint = Checkpoint.from_body(note.text)
    if checkpoint.state not in MOMENT_OF:
        raise BadCheckpoint(f"{checkpoint.state}: the committee signs no such checkpoint")
    # The same committee stands in any definition that copies it: the code of this one may come
    # only from signatures that name it.
    if (checkpoint.uuid, checkpoint.phi) != (election.uuid, election.phi):
        raise BadCheckpoint(f"{checkpoint.state}: of another session")
    if checkpoint.state == State.SEALED and checkpoint != sealed(election, parameters):
        raise BadCheckpoint("sealed: not what the definition says")
    return MOMENT_OF[checkpoint.state]


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


def promised_tracker(note: Note, election: Election, parameters: Parameters) -> str:
    """The tracker of a promise. Raises BadCheckpoint unless it is this box's in this session."""
    lines = [line for line in note.text.splitlines() if line.startswith("tracker ")]
    tracker = "".join(lines).removeprefix("tracker ")
    check_promise(note, election, parameters, tracker)
    return tracker


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
        BadCounts: more are removed than there are, or nobody is left.
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
        if amendment.removed > size or size + amendment.added == amendment.removed:
            raise BadCounts(f"{where}: {amendment.removed} removed from a roster of {size}")
        size += amendment.added - amendment.removed
    return size


def join(notes: Sequence[bytes]) -> bytes:
    """checkpoints.txt: the notes in order, an empty line between two."""
    return b"\n".join(notes)


def split(data: bytes) -> list[bytes]:
    """The notes of a checkpoints.txt.

    Raises:
        BadCheckpoint: not pairs of a text and its signatures, or larger than four notes.
    """
    if len(data) > FILE_LIMIT:
        raise BadCheckpoint(f"checkpoints.txt: {len(data)} bytes, at most {FILE_LIMIT} are allowed")
    blocks = data.split(b"\n\n")
    if len(blocks) % 2:
        raise BadCheckpoint("checkpoints.txt: a text without signatures")
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    notes = [body + b"\n\n" + signatures + b"\n" for body, signatures in pairs]
    notes[-1] = notes[-1].removesuffix(b"\n")  # after the last one there was no empty line
    return notes
