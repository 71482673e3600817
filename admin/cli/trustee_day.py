"""What a trustee does with its key on a server: three signatures, and the share of the totals.

Each step says where it stops, if it cannot be taken: people have not answered, or others have
not done their part. What is signed is shown first; the head count is asked for before the
server's numbers are shown, so that nobody copies them (docs/protocol.md §6.4).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from admin.cli import console, room
from admin.cli.trustee_desk import Desk, definition_of
from admin.client import signing, trustee
from admin.client.signing import ClosedBox, Signable
from admin.client.trustee import Next, View
from admin.details import localized
from admin.record import opening
from admin.record.audit import rewinding
from admin.rules import regime
from admin.words import words
from crypto import checkpoint
from crypto.checkpoint import COUNTS
from crypto.committee import Moment
from crypto.errors import BadCounts, BadDefinition
from crypto.keyfile import remember_tally, try_share
from crypto.lifecycle import State
from crypto.session import Election

# A step: None if it was taken, else the step at which this trustee stops for now.
Work = Callable[[Desk, View], Next | None]


# --- The definition -----------------------------------------------------------------------


def sign_definition(desk: Desk, view: View) -> Next | None:
    """Signs φ, once a person has read what it stands for."""
    desk.refuse_restored(view)
    signable = trustee.proposed(view, desk.state)
    show_definition(signable)
    if not read_through(signable.election, desk.answers.fingerprint):
        console.say(words("cli.join.compare_phi"))
        return Next.SIGN
    desk.sign(view, signable)
    return None


def show_definition(signable: Signable) -> None:
    """Everything that a trustee answers for with the signature of φ."""
    parameters, policy = signable.parameters, signable.parameters.policy
    console.say(words("cli.join.session", name=signable.election.name))
    for number, official in enumerate(parameters.officials, start=1):
        console.say(f"{number:>3}. {official.question}")
    facts = {
        "levels": ", ".join(f"{level.label} = {level.key}" for level in policy.levels),
        "channels": ", ".join(words(f"channels.{channel}") for channel in policy.channels),
        "regime": _regulation(policy.regime),
        "min_ballots": policy.min_ballots,
        "roster": parameters.roster_size,
        "check": policy.check_seconds,
    }
    for name, fact in facts.items():
        console.say(words(f"cli.join.shown.{name}", fact=fact))
    committee = parameters.committee
    console.say(
        words(
            "cli.join.shown.committee",
            size=committee.size,
            threshold=committee.threshold,
            quorum=committee.quorum,
        )
    )
    if policy.rehearsal:
        console.warn(words("cli.vote.rehearsal"))
    console.say(words("cli.join.shown.phi", phi=signable.election.phi))


def _regulation(regime_id: str) -> str:
    """A regulation as people call it, with its identifier; a body's own has that alone."""
    if regime_id not in regime.builtin_ids():
        return regime_id
    return f"{regime.load(regime_id).instrument} ({regime_id})"


def read_through(election: Election, fingerprint: str | None) -> bool:
    """Whether a person agrees to sign, or an option names this very φ.

    Raises:
        BadDefinition: the option names another.
        click.Abort: the person says no.
    """
    if fingerprint is None:
        return room.agreed(words("cli.join.ask_sign"))
    if fingerprint != election.phi:
        raise BadDefinition(f"φ is {election.phi}, not the one you gave")
    return True


def see_sealed(desk: Desk, view: View) -> None:
    """The session code, which people compare; and the key is tried, once in a run."""
    if "session" in desk.codes:
        return
    election = definition_of(view)
    code = signing.session_code(election, desk.notes())
    desk.compare("session", code, desk.answers.fingerprint, election.phi)
    try_share(desk.state)
    desk.put("checked", b"")
    console.say(words("cli.join.checked"))


# --- The opening --------------------------------------------------------------------------


def sign_opening(desk: Desk, view: View) -> Next | None:
    """Signs the list of credentials against the committee's own head count."""
    desk.refuse_restored(view)
    notes, election = desk.notes(), definition_of(view)
    if State.OPEN not in notes:
        return Next.WAIT_OPENING
    code = signing.session_code(election, notes)
    if not desk.compare("session", code, desk.answers.fingerprint, election.phi):
        console.say(words("cli.join.needs_session"))
        return Next.SIGN_OPENING
    present = room.head_count(desk.answers)
    if present is None:
        console.say(words("cli.join.needs_present"))
        return Next.SIGN_OPENING
    credentials = desk.box.credentials()
    with _more_than_people(present):
        signable = signing.opening(desk.state, election, notes, credentials, present)
    show_counts(signable)
    desk.sign(view, signable)
    return None


@contextmanager
def _more_than_people(present: int) -> Iterator[None]:
    """Says what a trustee does where more ballots are out than people were counted."""
    try:
        yield
    except BadCounts:
        console.warn(words("cli.join.more_than_people", present=present))
        raise


def show_counts(signable: Signable) -> None:
    """The numbers that a trustee answers for at the box."""
    reached = signable.checkpoint
    numbers = zip(COUNTS[reached.state], reached.counts, strict=True)
    console.say(words(f"cli.join.shown.{signable.moment}", **dict(numbers)))


def see_opened(desk: Desk, view: View) -> None:
    """The opening code, for people to compare with the hall screen, once in a run."""
    if "opening" not in desk.codes:
        code = signing.opening_code(desk.state, definition_of(view), desk.notes())
        desk.compare("opening", code, desk.answers.opening)


# --- The closing --------------------------------------------------------------------------


def sign_closing(desk: Desk, view: View) -> Next | None:
    """Audits the archive, and signs its closing against the head count, taken again."""
    desk.refuse_restored(view)
    box = desk.closed_box(view)
    if box is None:
        return Next.WAIT_CLOSED
    _see_codes(desk, box)
    present = room.head_count(desk.answers)
    if present is None:
        console.say(words("cli.join.needs_present"))
        return Next.SIGN_CLOSING
    with _more_than_people(present):
        signable = signing.closing(box, present)
    show_counts(signable)
    if room.attended():
        room.agreed(words("cli.join.ask_closing"))
    desk.sign(view, signable)
    return None


def _see_codes(desk: Desk, box: ClosedBox) -> None:
    """What the committee signed before; who was not there at the opening compares its code."""
    desk.show_code("session", box.session_code)
    desk.show_code("opening", box.opening_code)
    if desk.answers.opening is not None or desk.state.opening is None:
        desk.compare("opening", box.opening_code, desk.answers.opening)


# --- The totals ---------------------------------------------------------------------------


def see_closed(desk: Desk, view: View) -> Next | None:
    """Stores that a quorum's signatures are there: from now on the phones have time to check."""
    box = desk.closed_box(view)
    if box is None or not has_quorum(box):
        return Next.WAIT_CLOSED
    signing.totals(box)
    desk.store(view, replace(desk.state, quorum_seen=room.now()))
    return None


def has_quorum(box: ClosedBox) -> bool:
    """Whether so many lines stand on the closing; whether they are right, `totals` says."""
    lines = checkpoint.signers(box.note, box.election, box.parameters)
    return len(lines) >= box.parameters.committee.needed(Moment.CLOSING)


def wait_check(desk: Desk, view: View) -> Next | None:
    """Waits for the phones' check, where what comes after it can be done in this run."""
    box = desk.closed_box(view)
    if box is None or not _closing_compared(desk, box):
        return Next.WAIT_CHECK
    if not (desk.answers.settled or room.attended()):
        return Next.WAIT_CHECK
    _pause_for(desk, box)
    return None


def _pause_for(desk: Desk, box: ClosedBox) -> None:
    """As long as the signed definition says: that of the view is the server's word."""
    check_seconds = box.parameters.policy.check_seconds
    pause(signing.seconds_left(desk.state, check_seconds, room.now()))


def pause(seconds: int) -> None:
    """The pause before the totals, as people see it."""
    with console.progress(words("cli.room.pause"), seconds) as advance:
        for _ in range(seconds):
            room.rest(1)
            advance(1)


def _closing_compared(desk: Desk, box: ClosedBox) -> bool:
    return desk.compare("closing", signing.totals(box), desk.answers.closing)


def share(desk: Desk, view: View) -> Next | None:
    """Opens the totals of the closed box that a quorum has signed, after the pause."""
    box = desk.closed_box(view)
    if box is None or not _closing_compared(desk, box):
        console.say(words("cli.join.needs_code"))
        return Next.SHARE
    _pause_for(desk, box)
    if not (desk.answers.settled or room.agreed(words("cli.room.ask_settled"))):
        console.say(words("cli.join.needs_settled"))
        return Next.SHARE
    total = box.archive.cast.tally
    desk.store(view, remember_tally(desk.state, total.digest))
    desk.put("share", signing.share(box, desk.state))
    return None


def resend(desk: Desk, view: View) -> Next | None:
    """Sends the share anew if that which the server shows is wrong (docs/protocol.md §7.2)."""
    sent = opening.of_messages({view.index: view.own("share") or b""})
    wrong = desk.with_archive(view, lambda file: opening.find_wrong(rewinding(file), sent))
    if not wrong:
        return Next.WAIT_SHARES
    console.warn(words("cli.join.wrong_share", why=localized(str(wrong[0].error))))
    return share(desk, view)


WORK: Final[dict[Next, Work]] = {
    Next.SIGN: sign_definition,
    Next.SIGN_OPENING: sign_opening,
    Next.SIGN_CLOSING: sign_closing,
    Next.SEE_CLOSED: see_closed,
    Next.WAIT_CHECK: wait_check,
    Next.SHARE: share,
    Next.WAIT_SHARES: resend,
}
# What is looked at where nothing is to be done.
AT_REST: Final[dict[Next, Callable[[Desk, View], None]]] = {
    Next.WAIT_OPENING: see_sealed,
    Next.WAIT_CLOSE: see_opened,
}
