"""With one check left out a forgery goes through: so each of these checks is there for something.

The forgery is tried as the program is, and noticed; then one check is taken out at one place, and
it passes. Who checks, where:

phone     admin/client/session_view.py, voter.py, admin/cli/vote.py
trustee   admin/client/signing.py
box       admin/lifecycle/signing.py and electronic.py
audit     crypto/audit/evidence.py
page      bot/miniapp/src/protocol/record/checkpoint.ts

What the page remembers itself is looked at in a browser: the opening left out fails
test_a_phone_knows_the_opening_that_it_has_seen of tests/browser/test_committee.py.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from admin.cli import vote
from admin.client import session_view, signing, voter
from admin.client.server import Box
from admin.client.session_view import SessionView
from admin.lifecycle import electronic, steps
from admin.lifecycle import signing as collecting
from admin.session.books import Books, opened
from crypto import checkpoint, note
from crypto.audit import evidence
from crypto.audit.ballots import check_here
from crypto.blind import IssuerKey
from crypto.checkpoint import MOMENT_OF, Checkpoint
from crypto.committee import Moment
from crypto.encoding import b64_sha256
from crypto.errors import (
    AlreadySigned,
    BadCheckpoint,
    Incomplete,
    NotSigned,
    ProtocolError,
    TooFewBallots,
)
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import Note
from crypto.session import Election, Parameters
from tests import testkit
from tests.admin.client.test_signing import archive, files, reopened
from tests.admin.lifecycle.test_signing import TRUSTEES, other_salt, proposed, signed_by, text_of
from tests.interop.page import Page, altered, started
from tests.interop.test_miniapp import told
from tests.testkit import honest, session
from tests.verdicts import judge_evidence
from tests.worlds import committee, hall

WRONG_SIGNATURE, OTHER_SALT, FEW = "wrong signature of", "not the one it committed to", "signed by"
STATES = (State.SEALED, State.OPEN, State.CLOSED)


# --- Notes that the committee has not signed -------------------------------------------------


def unsigned(fixed: Checkpoint) -> Note:
    """With the signatures that the committee made on something else, and the right salts."""
    elsewhere = note.parse(session().note(replace(fixed, digest="0" * 64)))
    server = note.parse(session().note(fixed, ()))
    return Note(fixed.body, (*server.signatures, *elsewhere.signatures[len(server.signatures) :]))


def salted(fixed: Checkpoint) -> Note:
    """One trustee has chosen another salt, and so the code that people compare."""
    signers = session().signers(fixed.state)
    signers[-1] = replace(session().trustee_signer(3, MOMENT_OF[fixed.state]), salt=bytes(32))
    return note.sign(fixed.body, signers)


def few(fixed: Checkpoint) -> Note:
    """By two of the three who must."""
    return note.parse(session().note(fixed, (1, 3)))


FORGED: dict[str, tuple[Callable[[Checkpoint], Note], str]] = {
    "signature": (unsigned, WRONG_SIGNATURE),
    "salt": (salted, OTHER_SALT),
    "number": (few, FEW),
}


# --- Checks that are left out ----------------------------------------------------------------


def without(check: str) -> Any:
    """crypto/checkpoint.py with one check left out, named by the words of its refusal."""

    def forgiving(made: Callable[..., Any], instead: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            try:
                return made(*args)
            except (BadCheckpoint, Incomplete) as error:
                if check not in str(error):
                    raise
                return instead(*args)

        return call

    def salt(signed: Note, election: Election, parameters: Parameters, owner: int) -> bytes:
        return signed.salt(checkpoint.trustee_key(election, parameters, owner))

    checks = {
        "check": forgiving(checkpoint.check, nothing),
        "check_trustee": forgiving(checkpoint.check_trustee, salt),
        "check_committee": forgiving(checkpoint.check_committee, lambda *_: "0000-0000"),
        "check_state": forgiving(checkpoint.check_state, nothing),
    }
    return SimpleNamespace(**vars(checkpoint) | checks)


def nothing(*_: Any) -> None:
    """In the place of a check."""


Plant = Callable[[pytest.MonkeyPatch], None]


def leave_out(module: ModuleType, check: str) -> Plant:
    return lambda patch: patch.setattr(module, "checkpoint", without(check))


def drop(module: ModuleType | type, name: str, instead: Any) -> Plant:
    return lambda patch: patch.setattr(module, name, instead)


@dataclass(frozen=True)
class Fault:
    """A forgery, who notices it, and the one check without which nobody does."""

    forgery: Callable[[], object]
    noticed: type[ProtocolError]
    words: str
    plant: Plant


# --- The phone -------------------------------------------------------------------------------


def box_of(notes: dict[State, Note], trackers: bytes = b"") -> Box:
    """A server that shows these."""
    raw = checkpoint.join([notes[state].encode() for state in notes])
    shown = SimpleNamespace(checkpoints=lambda: raw, trackers=lambda: trackers)
    return cast("Box", shown)


def phone(state: State, forge: Callable[[Checkpoint], Note]) -> object:
    """The phone is shown a list that the committee has not signed."""
    fixed = files().checkpoints[state]
    notes = files().notes() | {state: forge(fixed)}
    election, parameters = files().election, session().parameters
    return session_view.check_signed(box_of(notes), election, parameters, state, fixed.digest)


def another_opening() -> object:
    """The committee closed another box than the one in which this voter has voted."""
    election, parameters = files().election, session().parameters
    tracker = b64_sha256(honest().ballots[0])
    text = checkpoint.promise_body(election.uuid, election.phi, tracker)
    promise = note.sign(text, [session().box])
    listed = evidence.encode_trackers([b64_sha256(raw) for raw in honest().ballots])
    issuer = IssuerKey.from_spki(parameters.issuer)
    view = SessionView(election, parameters, issuer, State.CLOSED, session().code)
    kept = vote.VoterFiles(Path("nowhere"))
    return voter.check_counted(box_of(files().notes(), listed), view, promise, kept.opening())


# --- The trustee -----------------------------------------------------------------------------


def trustee(state: State, forge: Callable[[Checkpoint], Note]) -> object:
    """A trustee is asked to rely on what the committee has not signed."""
    notes = files().notes() | {state: forge(files().checkpoints[state])}
    if state == State.SEALED:
        return signing.session_code(files().election, notes)
    return signing.totals(signing.closed_box(files().key(), archive(), notes))


def other_box() -> object:
    """Another opening than the one this key has signed, though a quorum stands on it."""
    return signing.closed_box(replace(files().key(), opening="0" * 64), archive(), files().notes())


def second_opening() -> TrusteeState:
    """Two openings of one session, each with its list; the key file says which was first."""
    key = signing.remembering(files().key(), files().opening(files().key()))
    second = reopened(issued=testkit.REGISTERED)
    return signing.remembering(key, replace(files().opening(files().key()), checkpoint=second))


def forgetful(key: TrusteeState, _moment: Moment, content: str) -> TrusteeState:
    """In the place of `remember_signed`."""
    return replace(key, opening=content)


# --- The audit -------------------------------------------------------------------------------


def audit(state: State, forge: Callable[[Checkpoint], Note]) -> None:
    """A record whose checkpoint the committee has not signed."""
    notes = honest().notes
    notes[STATES.index(state)] = forge(files().checkpoints[state]).encode()
    _raise_from(honest().with_notes(notes))


def closing_of_another_opening() -> None:
    """A record in which the closing follows another opening than the one beside it."""
    notes = honest().notes
    closing = replace(files().checkpoints[State.CLOSED], opening="0" * 64)
    notes[STATES.index(State.CLOSED)] = session().note(closing)
    _raise_from(honest().with_notes(notes))


def _raise_from(parts: testkit.Parts) -> None:
    if (error := judge_evidence(parts).error) is not None:
        raise error


# --- The table -------------------------------------------------------------------------------


def _of_signatures() -> Iterator[tuple[str, Fault]]:
    """At each place, for each moment: a signature, a salt, the number."""
    for (what, (forge, words)), state in product(FORGED.items(), STATES):
        place = f"{what} of the {MOMENT_OF[state]}"
        for who, module, forgery in (("trustee", signing, trustee), ("audit", evidence, audit)):
            made = partial(forgery, state, forge)
            yield f"{who}: {place}", Fault(made, BadCheckpoint, words, leave_out(module, words))
        noticed: type[ProtocolError] = BadCheckpoint
        if what == "number":  # the phone tells waiting from an alarm
            noticed, words = Incomplete, "2 of the 3 trustees who must have signed"  # noqa: PLW2901
        seen, plant = partial(phone, state, forge), leave_out(session_view, words)
        yield f"phone: {place}", Fault(seen, noticed, words, plant)


FAULTS: dict[str, Fault] = dict(_of_signatures()) | {
    "phone: the opening it has seen": Fault(
        another_opening,
        BadCheckpoint,
        "another opening than the one this ballot was cast in",
        drop(vote.VoterFiles, "opening", lambda _: None),
    ),
    "trustee: the opening it remembers": Fault(
        other_box,
        AlreadySigned,
        "the opening that is shown is not the one",
        drop(signing, "_check_memory", nothing),
    ),
    "trustee: one opening for ever": Fault(
        second_opening,
        AlreadySigned,
        "signs no second",
        drop(signing, "remember_signed", forgetful),
    ),
    "audit: the opening that the closing names": Fault(
        closing_of_another_opening,
        BadCheckpoint,
        "differs from the record at: opening",
        leave_out(evidence, "differs from the record at: opening"),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_check_that_is_left_out_lets_a_forgery_through(
    name: str, monkeypatch: pytest.MonkeyPatch
):
    """Noticed by name; without the one check, not."""
    fault = FAULTS[name]
    if "seen" in name:
        monkeypatch.setattr(vote.VoterFiles, "opening", lambda _: "0" * 64)
    with pytest.raises(fault.noticed, match=fault.words):
        fault.forgery()

    fault.plant(monkeypatch)

    fault.forgery()


# --- The page --------------------------------------------------------------------------------


PAGE_CHECKS = {
    "signature": ("  note.check([key]);\n", ""),
    "salt": ("saltCommitment(moment, member.key, salt) !== commitment(member, moment)", "false"),
    "number": ("  if (owners.length < enough) return null;\n", ""),
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """As it is."""
    with started(tmp_path_factory.mktemp("page")) as page:
        yield page


@pytest.mark.parametrize("what", PAGE_CHECKS)
def test_a_page_that_leaves_out_a_check_shows_a_code(page: Page, tmp_path: Path, what: str):
    """Of what the committee has not signed, at whatever moment; as the page is, it shows none."""
    forge, _ = FORGED[what]
    asked = []
    for state in STATES:
        notes = files().notes() | {state: forge(files().checkpoints[state])}
        asked.append(told({s: signed.encode() for s, signed in notes.items()}, state))

    for question in asked:
        if what == "number":  # the page tells waiting from an alarm
            assert page.ask("committee_code", **question)["code"] is None
        else:
            page.refuses("bad_checkpoint", "committee_code", **question)
    sources = altered(tmp_path / "sources", "record/checkpoint.ts", *PAGE_CHECKS[what])
    with started(tmp_path / "program", sources) as careless:
        for question in asked:
            assert careless.ask("committee_code", **question)["code"] is not None


# --- The box ---------------------------------------------------------------------------------


@pytest.fixture
async def books(tmp_path: Path) -> AsyncIterator[Books]:
    """Both books of a new data directory."""
    async with opened(hall.datadir(tmp_path)) as both_books:
        yield both_books


@pytest.mark.parametrize("what", ["signature", "salt"])
async def test_a_box_that_does_not_check_counts_what_nobody_signed(
    books: Books, what: str, monkeypatch: pytest.MonkeyPatch
):
    """A line that does not hold is refused when it comes; else the box would open by it."""
    made = await proposed(books)
    uuid, text = made.uuid, await text_of(books, made, State.OPEN)
    elsewhere = note.parse(committee.signature(uuid, Moment.OPENING, TRUSTEES[0], text + "x\n"))
    lines = {
        "signature": Note(text, elsewhere.signatures).encode(),
        "salt": other_salt(TRUSTEES[0], uuid, text),
    }
    _, words = FORGED[what]
    with pytest.raises(BadCheckpoint, match=words):
        await collecting.take_signature(books.registrar, uuid, Moment.OPENING, 1, lines[what])

    monkeypatch.setattr(collecting, "checkpoint", without(words))

    await collecting.take_signature(books.registrar, uuid, Moment.OPENING, 1, lines[what])
    await signed_by(books, made, Moment.OPENING, 2, 3)
    assert (await books.session(uuid)).state == State.OPEN


async def test_an_office_that_does_not_wait_opens_what_nobody_signed(
    books: Books, monkeypatch: pytest.MonkeyPatch
):
    """Before a quorum has signed no share is looked at; else the next check is the first."""
    made = await proposed(books)
    await signed_by(books, made, Moment.OPENING, 1, 2, 3)
    await steps.close(books, made.uuid)
    row = await books.session(made.uuid)
    with pytest.raises(NotSigned, match="0 of 3 trustees have signed the close"):
        await electronic.count(books, row, check_here)

    async def at_once(*_: object) -> None:
        """In the place of `require_signed_closing`."""

    monkeypatch.setattr(electronic, "require_signed_closing", at_once)

    with pytest.raises(TooFewBallots):
        await electronic.count(books, row, check_here)
