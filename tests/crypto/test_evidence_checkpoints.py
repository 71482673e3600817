"""crypto/audit/evidence.py, the four checkpoints: who signed what, line by line."""

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from crypto import checkpoint, note
from crypto.audit.evidence import check_evidence
from crypto.audit.report import Report
from crypto.checkpoint import MOMENT_OF, SIGNERS
from crypto.committee import Moment
from crypto.lifecycle import State
from crypto.note import SeedSigner
from tests import testkit
from tests.testkit import honest, session
from tests.verdicts import audited, judge_evidence

STATES = [State.SEALED, State.OPEN, State.CLOSED, State.TALLIED]


@pytest.mark.parametrize("copies", [0, 2])
@pytest.mark.parametrize("place", range(4))
def test_all_four_states_are_signed_once(place: int, copies: int):
    """None is missing, and none stands twice."""
    notes = honest().notes
    notes[place : place + 1] = [notes[place]] * copies

    verdict = judge_evidence(honest().with_notes(notes))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert f"{3 + copies} notes, expected 4" in str(verdict.error)


@pytest.mark.parametrize("place", range(3))
def test_checkpoints_in_another_order(place: int):
    """They stand in the order of the states; the first that is not is named."""
    notes = honest().notes
    notes[place], notes[place + 1] = notes[place + 1], notes[place]

    verdict = judge_evidence(honest().with_notes(notes))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert f", {STATES[place]}: differs from the record at: {STATES[place]}" in str(verdict.error)


def lacking(place: int, index: int) -> bytes:
    """One checkpoint without one of its signatures."""
    whole = note.parse(honest().notes[place])
    return note.Note(
        whole.text, (*whole.signatures[:index], *whole.signatures[index + 1 :])
    ).encode()


SIGNED = [
    (place, index)
    for place, state in enumerate(STATES)
    for index in range(len(SIGNERS[state]) + (3 if state in MOMENT_OF else 0))
]


def failed(place: int, index: int) -> str:
    """The check that looks at a signature: the server's first, then the committee's."""
    if index < len(SIGNERS[STATES[place]]):
        return "checkpoints"
    return f"{MOMENT_OF[STATES[place]]}_signed"


@pytest.mark.parametrize(("place", "index"), SIGNED)
def test_checkpoint_that_somebody_did_not_sign(place: int, index: int):
    """Each party that must sign is missed by name; of the committee, how many did."""
    name = session().signers(STATES[place])[index].key.name
    notes = honest().notes
    notes[place] = lacking(place, index)

    verdict = judge_evidence(honest().with_notes(notes))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", failed(place, index))
    if verdict.failed == "checkpoints":
        assert f"{STATES[place]}: note: not signed by {name}" in str(verdict.error)
    else:
        assert "is signed by 2 of 3 trustees, not by 3" in str(verdict.error)


@pytest.mark.parametrize(("place", "index"), SIGNED)
def test_checkpoint_signed_by_a_stranger_in_somebodys_name(place: int, index: int):
    """The right name with another key is nobody's signature."""
    whole = note.parse(honest().notes[place])
    stranger = SeedSigner(whole.signatures[index].name, b"x" * 32)
    (false,) = note.sign(whole.text, [stranger]).signatures
    claimed = replace(false, key_id=whole.signatures[index].key_id)
    notes = honest().notes

    for forged, failure in ((false, "not signed by"), (claimed, "wrong signature of")):
        signatures = [*whole.signatures]
        signatures[index] = forged
        notes[place] = note.Note(whole.text, tuple(signatures)).encode()
        verdict = judge_evidence(honest().with_notes(notes))
        assert (verdict.kind, verdict.failed) == ("BadCheckpoint", failed(place, index))
        few = "signed by 2 of 3 trustees" if "trustee" in stranger.name else ""
        why = few if few and forged is false else f"{failure} {stranger.name}"
        assert why in str(verdict.error)


@pytest.mark.parametrize("place", range(3))
def test_salt_that_a_trustee_had_not_committed_to(place: int):
    """The code on screens and in minutes would be another, or one that a trustee chose."""
    state = STATES[place]
    signers = session().signers(state)
    signers[-1] = replace(session().trustee_signer(3, MOMENT_OF[state]), salt=bytes(32))
    notes = honest().notes
    notes[place] = note.sign(note.parse(notes[place]).text, signers).encode()

    verdict = judge_evidence(honest().with_notes(notes))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", f"{MOMENT_OF[state]}_signed")
    assert "salt that trustee 3 revealed" in str(verdict.error)


def test_codes_in_the_report():
    """An auditor reads the three codes that people compared, and whose signatures made them."""
    report = Report()
    archive = audited(honest().archive)
    check_evidence(honest().side, archive.setup, archive.cast, archive.result, report)
    facts = {check.id: check.facts for check in report.checks}

    for raw, moment in zip(honest().notes, Moment, strict=False):
        code = checkpoint.check_committee(note.parse(raw), session().election, session().parameters)
        assert facts[f"{moment}_signed"] == {"code": code, "trustees": "1, 2, 3"}


def test_closing_of_another_opening():
    """What the phones saw at the opening is what the close follows, though all signed both."""
    fixed = session().checkpoints(honest())
    another = replace(fixed[State.OPEN], counts=(13, 12, 11, 10, 1))
    closing = replace(fixed[State.CLOSED], opening=checkpoint.digest_of(another.body))
    notes = honest().notes
    notes[2] = session().note(closing)

    verdict = judge_evidence(honest().with_notes(notes))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert "closed: differs from the record at: opening" in str(verdict.error)


def changed_lines() -> Iterable[tuple[int, str, str]]:
    """(place, what was done, text) for each line of each checkpoint."""
    for place, raw in enumerate(testkit.honest().notes):
        body = note.parse(raw).text.splitlines()
        for i, line in enumerate(body):
            number = re.fullmatch(r"(.* )([0-9]+)", line)
            changed = f"{number[1]}{int(number[2]) + 1}" if number else line[:-1] + "z"
            following = body[i + 1 :]
            yield place, f"{line} altered", "\n".join([*body[:i], changed, *following])
            yield place, f"{line} removed", "\n".join([*body[:i], *following])
            yield place, f"{line} twice", "\n".join([*body[:i], line, line, *following])
            if following:
                yield (
                    place,
                    f"{line} moved",
                    "\n".join([*body[:i], following[0], line, *following[1:]]),
                )


@pytest.mark.slow
def test_every_line_of_every_checkpoint():
    """Another text is refused though all who must have signed it, trustees included."""
    wrong, tried = [], 0
    for place, what, text in changed_lines():
        notes = honest().notes
        notes[place] = note.sign(text + "\n", session().signers(STATES[place])).encode()
        verdict = judge_evidence(honest().with_notes(notes))
        tried += 1
        if (verdict.kind, verdict.failed) != ("BadCheckpoint", "checkpoints"):
            wrong.append(f"{STATES[place]}: {what}: {verdict}")

    assert wrong == []
    assert tried > 80


def test_observers_may_sign_too():
    """Other signatures are left alone: they prove nothing to the record, and harm nothing."""
    notes = honest().notes
    whole = note.parse(notes[2])
    notes[2] = note.join(
        [whole, note.sign(whole.text, [SeedSigner("observer", b"o" * 32)])]
    ).encode()

    assert judge_evidence(honest().with_notes(notes)).error is None


@pytest.mark.parametrize("state", STATES)
def test_checkpoint_of_another_session(state: State):
    """The same people signed it for another definition."""
    another_session = testkit.seal(description="another")
    place = STATES.index(state)
    notes = honest().notes
    notes[place] = another_session.note(another_session.checkpoints(honest())[state])

    verdict = judge_evidence(honest().with_notes(notes))

    assert verdict.kind == "BadCheckpoint"
    assert f"{state}: differs from the record at: phi" in str(verdict.error)
