"""A trustee's side of a session on a server: the ceremony, the signature of φ, the share.

    find_step     what this trustee does next, from the server's view and the own key
    step 1 to 3   crypto/ceremony.py, with the server as the courier
    proposed      the definition to be signed, checked against the own ceremony
    sign          the seal checkpoint, signed
    opened        after the close: the archive audited, the committee's numbers compared
    share         the decryption share

The server carries messages and may keep, exchange or invent them: the ceremony finds that, and
trustees compare the agreement code aloud. Nothing here writes a file: the shell stores each new
state of the key before it hands anything over (docs/protocol.md §5.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from admin.client.server import Registrar
from admin.client.session_view import claimed
from admin.record import levels
from admin.record.opening import ClosedArchive
from admin.record.session_file import SessionFile
from crypto import ceremony, checkpoint, note, tally
from crypto.ceremony_messages import Step1, Step2, Step3, decode_single, encode_single
from crypto.checkpoint import Checkpoint
from crypto.encoding import Json, base64_bytes, integer
from crypto.errors import (
    BadCheckpoint,
    BadCounts,
    BadDefinition,
    BadTrustees,
    FaultyTrustee,
    Malformed,
    Refused,
)
from crypto.group import G
from crypto.keyfile import TrusteeState
from crypto.lifecycle import UNTIL_OPENING, State
from crypto.note import Note, ScalarSigner
from crypto.session import Election, Parameters
from crypto.trustees import MAX_TRUSTEES, Trustees

KINDS = ("step1", "step2", "step3", "seal", "share")


class Next(StrEnum):
    """What a trustee does next; the values are keys of the catalogues of words."""

    MAKE_KEY = "make_key"
    STEP1 = "step1"
    WAIT_STEP1 = "wait_step1"
    STEP2 = "step2"
    WAIT_STEP2 = "wait_step2"
    STEP3 = "step3"
    WAIT_PROPOSAL = "wait_proposal"
    SIGN = "sign"
    WAIT_SEAL = "wait_seal"
    WAIT_CLOSE = "wait_close"
    SHARE = "share"
    WAIT_SHARES = "wait_shares"
    OVER = "over"


WAITING = frozenset(
    {Next.WAIT_STEP1, Next.WAIT_STEP2, Next.WAIT_PROPOSAL, Next.WAIT_SEAL, Next.WAIT_CLOSE}
)


@dataclass(frozen=True, slots=True)
class View:
    """What the server shows a trustee; nothing in it is checked beyond its form.

    Attributes:
        messages: by kind, then by trustee.
        election, session, seal: the proposed definition, session.json and the text to be signed,
            once there.
    """

    uuid: str
    index: int
    size: int
    threshold: int
    state: State
    messages: Mapping[str, Mapping[int, bytes]]
    election: str | None
    session: str | None
    seal: str | None

    def missing(self, kind: str) -> list[int]:
        """The trustees whose message of a kind is not there yet."""
        return [i for i in range(1, self.size + 1) if i not in self.messages[kind]]

    def own(self, kind: str) -> bytes | None:
        return self.messages[kind].get(self.index)


def fetch(registrar: Registrar, uuid: str) -> View:
    """Raises Malformed, and what the server refuses with."""
    answer = registrar.committee(uuid)
    size = integer(answer["size"], "committee.size", low=1, high=MAX_TRUSTEES)
    try:
        state = State(str(answer["state"]))
    except ValueError:
        raise Malformed("committee.state: there is no such state") from None
    for name in ("election", "session", "seal"):
        if answer[name] is not None and not isinstance(answer[name], str):
            raise Malformed(f"committee.{name}: text or null is expected")
    return View(
        uuid,
        integer(answer["index"], "committee.index", low=1, high=size),
        size,
        integer(answer["threshold"], "committee.threshold", low=1, high=size),
        state,
        {kind: _messages(answer["messages"], kind, size) for kind in KINDS},
        answer["election"],
        answer["session"],
        answer["seal"],
    )


def _messages(answer: Json, kind: str, size: int) -> dict[int, bytes]:
    path = f"committee.messages.{kind}"
    messages = answer.get(kind, {}) if isinstance(answer, dict) else None
    if not isinstance(messages, dict):
        raise Malformed(f"{path}: an object is expected")
    owners = {str(i): i for i in range(1, size + 1)}
    if unknown := set(messages) - set(owners):
        raise Malformed(f"{path}: there is no trustee {min(unknown)!r}")
    return {owners[i]: base64_bytes(raw, f"{path}.{i}") for i, raw in messages.items()}


# --- What comes next ----------------------------------------------------------------------


def find_step(view: View, key: TrusteeState | None) -> Next:
    """What this trustee does next.

    Raises:
        Refused: the key is not this trustee's of this session, or the ceremony was restarted.
    """
    if key is None and view.own("step1") is not None:
        raise Refused(
            f"trustee {view.index} has sent a key already: name the key file that was made then"
        )
    if key is not None:
        _check_place(view, key)
    if view.state == State.DRAFT:
        return Next.MAKE_KEY if key is None else _in_ceremony(view, key)
    if view.state in UNTIL_OPENING | {State.OPEN}:
        return Next.WAIT_CLOSE
    if view.state != State.CLOSED:
        return Next.OVER
    if key is None:
        raise Refused(f"the key file of trustee {view.index} is needed")
    return Next.SHARE if view.own("share") is None else Next.WAIT_SHARES


def _check_place(view: View, key: TrusteeState) -> None:
    if (key.index, key.size, key.threshold) != (view.index, view.size, view.threshold):
        raise Refused(
            f"the key file is of trustee {key.index}, {key.threshold} of {key.size}; here it is "
            f"trustee {view.index}, {view.threshold} of {view.size}"
        )


def _in_ceremony(view: View, key: TrusteeState) -> Next:
    if view.own("step1") is None:
        if len(key.step1s) == key.size > 1:
            raise Refused("the ceremony has been started again: make a new key in a new file")
        return Next.STEP1
    _check_own(view, key)
    sent = {"step1": True, "step2": view.own("step2") is not None}
    sent["step3"] = view.own("step3") is not None and key.share is not None
    following = {"step1": Next.WAIT_STEP1, "step2": Next.WAIT_STEP2, "step3": Next.WAIT_PROPOSAL}
    for kind in ("step1",) if key.single else ("step1", "step2", "step3"):
        if not sent[kind]:
            return Next(kind)
        # Of the last step the others' messages are checked with the definition.
        if view.missing(kind):
            return following[kind]
    return _after_ceremony(view)


def _after_ceremony(view: View) -> Next:
    if view.election is None:
        return Next.WAIT_PROPOSAL
    return Next.SIGN if view.own("seal") is None else Next.WAIT_SEAL


def _check_own(view: View, key: TrusteeState) -> None:
    """What the server shows as this trustee's first message is what the key made."""
    sent = view.own("step1")
    if sent is None:
        return
    if key.single:
        ours = decode_single(sent, "step1").key.public_key == G**key.secret
    else:
        ours = sent.decode("utf-8", "replace") in key.step1s
    if not ours:
        raise FaultyTrustee(
            view.index, "the server has another key of yours than this key file made"
        )


# --- The ceremony -------------------------------------------------------------------------


def first_message(key: TrusteeState) -> bytes:
    """The message of step 1, from the key that made it."""
    if key.single:
        return encode_single(ceremony.single(key.seed))
    own = [message for message in ceremony.pinned(key) if message.index == key.index]
    return own[0].encode()


def step1s(view: View) -> list[Step1]:
    """Everyone's first messages, decoded."""
    return [
        Step1.decode(raw, f"step 1 of trustee {i}") for i, raw in view.messages["step1"].items()
    ]


def step2s(view: View) -> list[Step2]:
    """Everyone's second messages, decoded."""
    return [
        Step2.decode(raw, f"step 2 of trustee {i}") for i, raw in view.messages["step2"].items()
    ]


def assembled(view: View, key: TrusteeState) -> Trustees:
    """The committee's keys, made from the messages and not from what the server says they are.

    Raises:
        FaultyTrustee, BadTrustees, Incomplete: from the ceremony's checks.
    """
    _check_own(view, key)
    if key.single:
        trustees = Trustees((decode_single(view.messages["step1"][1], "step1"),))
        trustees.check()
        return trustees
    # The certificates that this key has answered, not those shown today.
    third = [
        Step3.decode(raw, f"step 3 of trustee {i}") for i, raw in view.messages["step3"].items()
    ]
    return Trustees((ceremony.assemble(ceremony.pinned(key), step2s(view), third),))


# --- The definition -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProposedDefinition:
    """A definition that a trustee is asked to sign, found consistent."""

    election: Election
    parameters: Parameters
    session_file: SessionFile
    trustees: Trustees
    checkpoint: Checkpoint


def proposed(view: View, key: TrusteeState) -> ProposedDefinition:
    """The proposed definition.

    Raises:
        BadDefinition: not of this session, not with this committee's key, or without ours; or
            with other levels than those of its regime.
        BadCheckpoint: the text to be signed is not the seal of this definition.
    """
    if view.election is None:
        raise BadDefinition("there is no proposed definition")
    election, trustees = Election.decode(view.election.encode()), assembled(view, key)
    parameters = election.parameters
    if election.uuid != view.uuid or parameters is None:
        raise BadDefinition("the proposed definition is of another session")
    election.check_trustees(trustees)
    if trustees.verification_keys[key.index - 1] != G**key.secret:
        raise BadTrustees("the verification key under this trustee's number is not this key's")
    session_file = levels.read_with(election, parameters, (view.session or "").encode())
    counts = (parameters.roster_size,)
    seal = checkpoint.make(election, State.SEALED, counts, trustees.encode())
    if view.seal != seal.body:
        raise BadCheckpoint("the text to be signed is not the seal of this definition")
    return ProposedDefinition(election, parameters, session_file, trustees, seal)


def sign(key: TrusteeState, proposal: ProposedDefinition) -> Note:
    """This trustee's signature of φ."""
    name = checkpoint.trustee_key(proposal.election, proposal.trustees, key.index).name
    return note.sign(proposal.checkpoint.body, [ScalarSigner(name, key.signing_secret)])


# --- The totals ---------------------------------------------------------------------------


def check_closed(closed: ClosedArchive, view: View, key: TrusteeState) -> int:
    """The archive is of this session and this committee; returns this trustee's number in it.

    Raises:
        BadDefinition, Refused: of another session, or without this key.
    """
    if closed.setup.election.uuid != view.uuid:
        raise BadDefinition("the archive is of another session")
    keys = closed.setup.trustees.verification_keys
    if G**key.secret not in keys:
        raise Refused("none of the keys of this session is this one; was it made for another?")
    return keys.index(G**key.secret) + 1


def check_present(closed: ClosedArchive, opening: Note, present: int) -> None:
    """The committee's head count is the one in the opening checkpoint, and bounds all others.

    Raises:
        BadCheckpoint: the note is not the opening checkpoint of this archive.
        BadCounts: another head count, or more tokens than people, or more credentials than tokens.
    """
    setup = closed.setup
    parameters = setup.election.parameters
    if parameters is None:
        raise BadDefinition("election.phieukin: a session on a server needs it")
    # Amendments may have changed the sealed roster; the audit of the record counts them.
    roster, stated, issued, registered = claimed(opening, State.OPEN)
    counts = (roster, stated, issued, len(setup.credentials))
    expected = checkpoint.make(setup.election, State.OPEN, counts, setup.credentials_file)
    keys = checkpoint.required_keys(setup.election, parameters, setup.trustees, State.OPEN)
    checkpoint.check(opening, expected, keys)
    if stated != present:
        raise BadCounts(f"the opening checkpoint says present {stated}, the committee {present}")
    if not roster >= stated >= issued >= registered:
        raise BadCounts(
            f"roster {roster} ≥ present {stated} ≥ issued {issued} ≥ registered {registered} "
            "does not hold"
        )


def share(closed: ClosedArchive, owner: int, key: TrusteeState) -> bytes:
    """The decryption share. The key must have remembered this tally, on disk, before."""
    election, total = closed.setup.election, closed.cast.tally
    own_share = tally.decrypt(election, total, owner, key.secret)
    tally.check_share(election, closed.setup.trustees, total, own_share)
    return own_share.encode_file(election.phi)
