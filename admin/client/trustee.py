"""A trustee's view of a session on a server, and what this trustee does next.

    fetch        what the server shows
    find_step    what comes next, from that view and the own key
    step 1 to 3  crypto/ceremony.py, with the server as the courier
    proposed     the definition to be signed, checked against the own ceremony

What a trustee signs on the day, and how it opens the totals: signing.py. The server carries
messages and may keep, exchange or invent them: the ceremony finds that, and trustees compare the
agreement code aloud. Nothing here writes a file: the shell stores each new state of the key
before it hands anything over (docs/protocol.md §5.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from admin.client import signing
from admin.client.server import Registrar
from admin.client.signing import Signable
from crypto import ceremony, committee
from crypto.ceremony_messages import SingleKey, Step1, Step2, Step3
from crypto.committee import Moment
from crypto.encoding import Json, base64_bytes, integer
from crypto.errors import BadDefinition, FaultyTrustee, Malformed, Refused
from crypto.group import G
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.session import Election
from crypto.trustees import MAX_TRUSTEES, Trustees

# How the server names what a trustee signs at each moment.
SIGNATURES = {Moment.DEFINITION: "seal", Moment.OPENING: "opening", Moment.CLOSING: "closing"}
KINDS = ("step1", "step2", "step3", *SIGNATURES.values(), "share")


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
    WAIT_OPENING = "wait_opening"
    SIGN_OPENING = "sign_opening"
    WAIT_OPENED = "wait_opened"
    WAIT_CLOSE = "wait_close"
    SIGN_CLOSING = "sign_closing"
    WAIT_CLOSED = "wait_closed"
    SEE_CLOSED = "see_closed"
    WAIT_CHECK = "wait_check"
    SHARE = "share"
    WAIT_SHARES = "wait_shares"
    OVER = "over"


WAITING = frozenset(
    {
        *(Next.WAIT_STEP1, Next.WAIT_STEP2, Next.WAIT_PROPOSAL, Next.WAIT_SEAL),
        *(Next.WAIT_OPENING, Next.WAIT_OPENED, Next.WAIT_CLOSE, Next.WAIT_CLOSED),
        Next.WAIT_CHECK,
    }
)
_NOTHING_TO_DO = {
    State.SEALED: Next.WAIT_OPENING,
    State.CHECKIN: Next.WAIT_OPENING,
    State.OPEN: Next.WAIT_CLOSE,
}


@dataclass(frozen=True, slots=True)
class View:
    """What the server shows a trustee; nothing in it is checked beyond its form.

    Attributes:
        messages: by kind, then by trustee.
        election, session: the proposed definition and session.json, once there.
    """

    uuid: str
    index: int
    size: int
    threshold: int
    state: State
    messages: Mapping[str, Mapping[int, bytes]]
    election: str | None
    session: str | None

    def missing(self, kind: str) -> list[int]:
        """The trustees whose message of a kind is not there yet."""
        return [i for i in range(1, self.size + 1) if i not in self.messages[kind]]

    def own(self, kind: str) -> bytes | None:
        return self.messages[kind].get(self.index)

    @property
    def quorum(self) -> int:
        return committee.quorum(self.size, self.threshold)

    def signed(self, moment: Moment) -> int:
        """How many have signed at a moment, as the server says."""
        return len(self.messages[SIGNATURES[moment]])


def fetch(registrar: Registrar, uuid: str) -> View:
    """Raises Malformed, and what the server refuses with."""
    answer = registrar.committee(uuid)
    size = integer(answer["size"], "committee.size", low=1, high=MAX_TRUSTEES)
    try:
        state = State(str(answer["state"]))
    except ValueError:
        raise Malformed("committee.state: there is no such state") from None
    for name in ("election", "session"):
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


def find_step(view: View, key: TrusteeState | None, now: int = 0) -> Next:
    """What this trustee does next.

    Args:
        view: what the server shows.
        key: the own key, if there is one yet.
        now: Unix seconds, for the pause before the totals.

    Raises:
        Refused: the key is not this trustee's of this session, or has forgotten what it signed;
            or the ceremony was restarted.
    """
    if key is None and view.own("step1") is not None:
        raise Refused(
            f"trustee {view.index} has sent a key already: name the key file that was made then"
        )
    if key is not None:
        _check_place(view, key)
    if view.state == State.DRAFT:
        return Next.MAKE_KEY if key is None else _in_ceremony(view, key)
    if view.state not in {State.OPENING, State.CLOSED}:
        return _NOTHING_TO_DO.get(view.state, Next.OVER)
    if key is None:
        raise Refused(f"the key file of trustee {view.index} is needed")
    if view.state == State.OPENING:
        return _at_box(view, key, Moment.OPENING, Next.SIGN_OPENING, Next.WAIT_OPENED)
    return _after_close(view, key, now)


def _at_box(view: View, key: TrusteeState, moment: Moment, sign: Next, wait: Next) -> Next:
    """Sign, unless this trustee has, or enough others."""
    return wait if _has_signed(view, key, moment) or view.signed(moment) >= view.quorum else sign


def _after_close(view: View, key: TrusteeState, now: int) -> Next:
    if view.signed(Moment.CLOSING) < view.quorum:
        return _at_box(view, key, Moment.CLOSING, Next.SIGN_CLOSING, Next.WAIT_CLOSED)
    if key.quorum_seen is None:
        return Next.SEE_CLOSED
    if seconds_left(view, key, now):
        return Next.WAIT_CHECK
    # Only now: a server that shows a wrong share of this trustee is sent a right one, and would
    # have it before the phones have checked.
    return Next.SHARE if view.own("share") is None else Next.WAIT_SHARES


def seconds_left(view: View, key: TrusteeState, now: int) -> int:
    """How long this trustee still waits for the phones' check, after a quorum's closing."""
    parameters = (
        None if view.election is None else Election.decode(view.election.encode()).parameters
    )
    if parameters is None:
        raise BadDefinition("there is no definition of this session")
    return signing.seconds_left(key, parameters.policy.check_seconds, now)


def _check_place(view: View, key: TrusteeState) -> None:
    if (key.index, key.size, key.threshold) != (view.index, view.size, view.threshold):
        raise Refused(
            f"the key file is of trustee {key.index}, {key.threshold} of {key.size}; here it is "
            f"trustee {view.index}, {view.threshold} of {view.size}"
        )


def _has_signed(view: View, key: TrusteeState, moment: Moment) -> bool:
    """Whether this trustee's signature is on the server. The key then remembers it.

    Raises:
        Refused: it does not: it is an older copy.
    """
    sent = view.own(SIGNATURES[moment]) is not None
    if sent and key.signed(moment) is None:
        raise Refused(
            f"trustee {view.index} has signed the {moment}, and this key file does not know of "
            "it: it is an older copy, or somebody else has signed"
        )
    return sent


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
    if view.election is None:
        return Next.WAIT_PROPOSAL
    return Next.WAIT_SEAL if _has_signed(view, key, Moment.DEFINITION) else Next.SIGN


def _check_own(view: View, key: TrusteeState) -> None:
    """What the server shows as this trustee's first message is what the key made."""
    sent = view.own("step1")
    if sent is None:
        return
    if key.single:
        message = SingleKey.decode(sent, "step1")
        ours = message.item.public_key == G**key.secret and message.salts == key.salt_commitments
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
        return ceremony.single(key).encode()
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
        trustees = Trustees((SingleKey.decode(view.messages["step1"][1], "step1").item,))
        trustees.check()
        return trustees
    # The certificates that this key has answered, not those shown today.
    third = [
        Step3.decode(raw, f"step 3 of trustee {i}") for i, raw in view.messages["step3"].items()
    ]
    return Trustees((ceremony.assemble(ceremony.pinned(key), step2s(view), third),))


def proposed(view: View, key: TrusteeState) -> Signable:
    """The proposed definition, to be shown to people and signed.

    Raises:
        BadDefinition: not of this session, or not with this committee's key.
        BadTrustees: other trustees or salts than those of the own ceremony.
    """
    if view.election is None:
        raise BadDefinition("there is no proposed definition")
    election = Election.decode(view.election.encode())
    if election.uuid != view.uuid:
        raise BadDefinition("the proposed definition is of another session")
    return signing.definition(key, election, assembled(view, key), (view.session or "").encode())
