"""`phieukin trustee sign`: definition, opening and closing from files, shown first, signed once."""

from dataclasses import replace

import pytest

from crypto import checkpoint, note
from crypto.audit.archive import encode_credentials
from crypto.checkpoint import Checkpoint
from crypto.lifecycle import State
from crypto.session import define
from tests import testkit
from tests.admin.cli.desk import Carried, Desk, carried, hold_here, read_out
from tests.testkit import CAST, PRESENT, REGISTERED

pytestmark = pytest.mark.slow
DEFINITION = ("election", "trustees", "session")
OPENING = ("election", "credentials", "proposed")
CLOSING = ("bel", "checkpoints")


@pytest.fixture
def brought(desk: Desk) -> Carried:
    """An honest session's files in the folder, nothing signed by trustees but the definition."""
    files = carried()
    desk.put(**files.files())
    return files


def check_note(desk: Desk, files: Carried, owner: int, state: State) -> None:
    """The note that was written has the honest text and this trustee's line alone."""
    signed = note.parse(desk.raw(f"note{owner}"))
    assert signed.text == files.checkpoints[state].body
    assert len(signed.signatures) == 1
    checkpoint.check_trustee(signed, files.election, files.session.parameters, owner)


def test_the_definition_is_shown_and_signed(desk: Desk, brought: Carried):
    """Whoever gives φ in full has everything on the screen that the signature stands for."""
    desk.keep(brought.session.state(1))
    status, stdout, err = desk.sign(1, *DEFINITION, "--fingerprint", brought.election.phi)

    assert status == 0
    check_note(desk, brought, 1, State.SEALED)
    for fact in (
        *(
            "Lấy phiếu tín nhiệm",
            "Nguyễn Văn Ân – Ủy viên",
            "Tín nhiệm cao = high, Tín nhiệm = medium, ",
        ),
        *(
            "Regulation: Nghị quyết số 96/2023/QH15 (nq96-2023)",
            "under 5 ballots",
            "On the roster: 13",
            "browser",
        ),
        *("3 trustees, 2 open the totals, 3 sign", brought.election.phi, "60 seconds"),
    ):
        assert fact in err
    assert "Trustee 1 of 3" in stdout
    assert desk.key("k1").definition == brought.election.phi
    assert desk.sign(1, *DEFINITION, "--fingerprint", brought.election.phi)[0] == 0


def test_nobody_signs_a_definition_unread(desk: Desk, brought: Carried):
    """Without a terminal and without φ it is refused, and so with another φ or a code."""
    desk.keep(brought.session.state(1))
    before = desk.raw("k1")
    status, _, err = desk.sign(1, *DEFINITION)
    assert (status, "a person must read the above" in err) == (5, True)
    for other in ("A" * 43, brought.code(State.SEALED)):
        status, _, err = desk.sign(1, *DEFINITION, "--fingerprint", other)
        assert (status, "not the one you gave" in err) == (3, True)
    assert desk.raw("k1") == before


def test_a_second_definition_is_refused(desk: Desk, brought: Carried):
    """The key has signed one; the hint says what it means."""
    desk.keep(replace(brought.session.state(1), definition="A" * 43))
    status, _, err = desk.sign(1, *DEFINITION, "--fingerprint", brought.election.phi)

    assert (status, "signed another definition of the session" in err) == (5, True)
    assert "has shown two texts" in err


def test_the_sealed_box_is_signed(desk: Desk, brought: Carried):
    """With the session code that was read out, and the head count."""
    hold_here(desk, [1, 2])
    for owner, answer in ((1, brought.code(State.SEALED).lower()), (2, brought.election.phi)):
        status, _, err = desk.sign(
            owner, *OPENING, "--present", str(PRESENT), "--fingerprint", answer
        )
        assert status == 0, err
        check_note(desk, brought, owner, State.OPEN)
        assert f"present {PRESENT}, issued 11, registered {REGISTERED}, paper 0" in err
        assert f"Session code: {brought.code(State.SEALED)}" in err
    assert desk.key("k1").opening == brought.checkpoints[State.OPEN].signed_digest


@pytest.mark.parametrize(
    ("options", "status", "reason"),
    [
        ((), 5, "one trustee reads out the session code"),
        (("--present", str(PRESENT)), 5, "one trustee reads out the session code"),
        (("--fingerprint", "CODE"), 5, "--present, the committee's own head count"),
        (
            ("--fingerprint", "0000-0000-0000-0000-0000", "--present", str(PRESENT)),
            3,
            "the session code here is",
        ),
        (
            ("--fingerprint", "CODE", "--present", str(REGISTERED - 1)),
            3,
            "registered 10 + paper 0 > 9, the committee's head count",
        ),
        (
            ("--fingerprint", "CODE", "--present", str(PRESENT - 1)),
            3,
            "the opening says present 12, the committee 11",
        ),
    ],
)
def test_a_box_that_nobody_in_the_room_knows(
    desk: Desk, brought: Carried, options: tuple[str, ...], status: int, reason: str
):
    """Nothing is assumed, and nothing remembered, without code and head count."""
    hold_here(desk, [1])
    before = desk.raw("k1")
    code = brought.code(State.SEALED)
    result = desk.sign(1, *OPENING, *(code if option == "CODE" else option for option in options))

    assert (result[0], reason in result[2]) == (status, True), result[2]
    assert desk.raw("k1") == before
    assert not (desk.folder / "note1").exists()


def test_a_second_opening_is_refused(desk: Desk, brought: Carried):
    """Another list for the same session, signed by the whole server."""
    hold_here(desk, [1])
    answers = ["--present", "12", "--fingerprint", brought.election.phi]
    assert desk.sign(1, *OPENING, *answers)[0] == 0
    opened = brought.checkpoints[State.OPEN]
    other = replace(opened, counts=(13, 12, 10, 10, 0))
    sealed = brought.notes(State.SEALED)
    desk.put(proposed=checkpoint.join([sealed, brought.session.note(other, ())]))
    status, _, err = desk.sign(1, *OPENING, *answers)

    assert (status, "opening that is shown is not the one this key has signed" in err) == (5, True)
    assert "has shown two texts" in err


def test_a_session_that_was_not_signed_by_all(desk: Desk, brought: Carried):
    """One signature of the definition is missing."""
    hold_here(desk, [1])
    opened = brought.session.note(brought.checkpoints[State.OPEN], ())
    sealed = brought.notes(State.SEALED, owners=(1, 3))
    desk.put(proposed=checkpoint.join([sealed, opened]))
    status, _, err = desk.sign(1, *OPENING, "--present", "12", "--fingerprint", "0" * 20)

    assert (status, "the definition is signed by 2 of 3 trustees" in err) == (3, True)


def test_the_closed_box_is_signed(desk: Desk, brought: Carried):
    """After the audit of the archive; cast stands beside registered."""
    hold_here(desk, [3])
    status, _, err = desk.sign(3, *CLOSING, "--present", str(PRESENT))

    assert status == 0, err
    check_note(desk, brought, 3, State.CLOSED)
    assert f"{CAST} cast of {REGISTERED} registered" in err
    assert f"Opening code (sealed box): {brought.code(State.OPEN)}" in err
    assert desk.key("k3").closing == brought.checkpoints[State.CLOSED].signed_digest


def test_a_closed_box_without_a_sealed_one(desk: Desk, brought: Carried):
    """Fewer than a quorum on the opening: its ballots may be anybody's."""
    hold_here(desk, [1])
    opened = brought.session.note(brought.checkpoints[State.OPEN], (1, 2))
    closed = brought.session.note(brought.checkpoints[State.CLOSED], ())
    desk.put(checkpoints=checkpoint.join([brought.notes(State.SEALED), opened, closed]))
    status, _, err = desk.sign(1, *CLOSING, "--present", str(PRESENT))

    assert (status, "the opening is signed by 2 of 3 trustees" in err) == (3, True)


def test_a_second_closing_is_refused(desk: Desk, brought: Carried):
    """Another closing of the session, or no head count."""
    desk.keep(replace(brought.session.state(1), definition=brought.election.phi, closing="0" * 64))
    status, _, err = desk.sign(1, *CLOSING, "--present", str(PRESENT))
    assert (status, "closing that is shown is not the one this key has signed" in err) == (5, True)

    hold_here(desk, [2])
    status, _, err = desk.sign(2, *CLOSING)
    assert (status, "--present, the committee's own head count" in err) == (5, True)
    status, _, err = desk.sign(2, *CLOSING, "--present", "9")
    assert (status, "the committee's head count" in err) == (3, True)


def deviations() -> dict[str, tuple[dict[str, bytes], tuple[str, ...], str]]:
    """What a dishonest server hands out: the changed files, what they are of, the refusal."""
    brought = carried()
    session, sealed = brought.session, brought.notes(State.SEALED)
    opened, closed = brought.checkpoints[State.OPEN], brought.checkpoints[State.CLOSED]
    members = brought.session.parameters.committee.members
    other = replace(members[1], salts=("0" * 64, "1" * 64, "2" * 64))
    committee = replace(session.parameters.committee, members=(members[0], other, members[2]))
    salted = define(
        name=testkit.HUMAN.name,
        description="",
        uuid=session.election.uuid,
        trustees=session.trustees,
        parameters=replace(session.parameters, committee=committee),
    )

    def proposing(opening: Checkpoint) -> dict[str, bytes]:
        return {"proposed": checkpoint.join([sealed, session.note(opening, ())])}

    def closing(fixed: Checkpoint) -> dict[str, bytes]:
        notes = [sealed, session.note(opened), session.note(fixed, ())]
        return {"checkpoints": checkpoint.join(notes)}

    fewer = encode_credentials(session.credentials[1:])
    stranger = replace(opened, uuid="1" * 16)
    return {
        "salts": ({"election": salted.raw}, DEFINITION, "other salts of trustee 2"),
        "list": ({"credentials": fewer}, OPENING, "differs from the record at"),
        "replayed": (proposing(stranger), OPENING, "differs from the record at"),
        "another opening": (
            closing(replace(closed, opening="0" * 64)),
            CLOSING,
            "the closing names another opening than the one that a quorum signed",
        ),
        "other ballots": (closing(replace(closed, digest="0" * 64)), CLOSING, "at: list"),
        "few": (
            {
                "bel": session.archived(
                    [session.vote(i, testkit.VOTES[i]) for i in range(4)]
                ).archive
            },
            CLOSING,
            "4 ballots; under 5 none are opened",
        ),
    }


@pytest.mark.parametrize(
    "deviation", ["salts", "list", "replayed", "another opening", "other ballots", "few"]
)
def test_what_a_dishonest_server_hands_out(desk: Desk, brought: Carried, deviation: str):
    """Each is refused by name, with exit status 3, and the key is as it was."""
    files, kinds, reason = deviations()[deviation]
    desk.keep(brought.session.state(1))
    if kinds != DEFINITION:
        hold_here(desk, [1])
    desk.put(**files)
    before, phi = desk.raw("k1"), brought.election.phi
    status, _, err = desk.sign(1, *kinds, "--fingerprint", phi, "--present", str(PRESENT))

    assert (status, reason in err) == (3, True), err
    assert desk.raw("k1") == before
    assert not (desk.folder / "note1").exists()


@pytest.mark.parametrize(
    ("files", "status", "reason"),
    [
        (("election",), 4, "trustees.json is missing; there are: election"),
        (("election", "trustees"), 4, "session.json is missing; there are: election, trustees"),
        (("credentials", "proposed"), 4, "election.json is missing"),
        (("credentials", "election"), 4, "checkpoints.txt is missing"),
        (("bel",), 4, "checkpoints.txt is missing; there are: archive"),
        (("election", "election"), 2, "named twice"),
        (("pass", "checkpoints"), 3, ""),
    ],
)
def test_files_of_no_moment(
    desk: Desk, brought: Carried, files: tuple[str, ...], status: int, reason: str
):
    """What is missing is named; what is no archive is not signed for."""
    hold_here(desk, [1])
    result = desk.sign(1, *files, "--present", str(PRESENT))

    assert (result[0], reason in result[2]) == (status, True), (result, brought)


def test_a_key_without_its_ceremony_signs_nothing(desk: Desk, brought: Carried):
    """Step 2 comes first."""
    desk.keep(brought.session.room.fresh[0])
    status, _, err = desk.sign(1, *DEFINITION, "--fingerprint", brought.election.phi)
    assert (status, "step 2 of the ceremony comes next" in err) == (4, True)


def test_people_answer_at_a_terminal(desk: Desk, brought: Carried):
    """A group of the session code, chosen at random, and the head count; then for the close."""
    hold_here(desk, [1])
    code = brought.code(State.SEALED)

    def answer(screen: str) -> str:
        return read_out(code, screen) if "group" in screen else str(PRESENT)

    named = ["--key", desk.path("k1"), "--passphrase-file", desk.path("pass"), "--workers", "1"]
    files = [desk.path(name) for name in OPENING]
    status, screen = desk.at_terminal(answer, "sign", *named, "-o", desk.path("note1"), *files)
    assert status == 0, screen
    check_note(desk, brought, 1, State.OPEN)

    status, screen = desk.at_terminal(
        lambda _: "WRNG", "sign", *named, "-o", desk.path("note2"), *files
    )
    assert (status, "of the session code here is another" in screen) == (3, True)

    files = [desk.path(name) for name in CLOSING]
    status, screen = desk.at_terminal(
        lambda screen: "y" if "[y/N]" in screen else str(PRESENT),
        *("sign", *named, "-o", desk.path("note1"), "--force", *files),
    )
    assert status == 0, screen
    check_note(desk, brought, 1, State.CLOSED)
