"""A server that shows a voter something else is found out, and by name."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from admin.cli import vote
from admin.client import session_view, voter
from admin.client.server import Registrar
from admin.client.voter import Secrets
from admin.voting import codes
from crypto import note
from crypto.blind import IssuerSecret
from crypto.encoding import Json, canonical, to_base64
from crypto.errors import BadCheckpoint, BadCredentials, BadDefinition, BadToken, Malformed
from crypto.note import SeedSigner
from crypto.session import Election
from tests.admin.client.hall import Liar, Sitting

pytestmark = pytest.mark.slow


def in_election(change: Callable[[Json], None]) -> Callable[[bytes], bytes]:
    """Alters the definition in the answer about a session."""

    def alter(honest: bytes) -> bytes:
        answer = json.loads(honest)
        election = json.loads(answer["election"])
        change(election)
        return canonical({**answer, "election": canonical(election).decode()})

    return alter


def another_issuer(election: Json) -> None:
    election["phieukin"]["issuer"] = to_base64(IssuerSecret.generate().public.spki)


def another_name(election: Json) -> None:
    election["name"] += " (2)"


def phi_of(sitting: Sitting) -> str:
    return session_view.look(sitting.box()).election.phi


def login(sitting: Sitting, number: int) -> Registrar:
    code = codes.parse(sitting.links[number], sitting.uuid)
    return Registrar.login(sitting.box().server, sitting.uuid, code)


def test_the_honest_server_raises_no_alarm(checking_in: Sitting, counted: Sitting):
    """Everything below is refused for its lie, not for anything else."""
    session_view.look(checking_in.box(), phi_of(checking_in))
    session = session_view.look(counted.box(), phi_of(counted))
    voter.check_opened(counted.box(), session, counted.made[0])
    voter.check_counted(counted.box(), session, note.parse(counted.promises[0]), None)


@pytest.mark.parametrize("change", [another_issuer, another_name])
@pytest.mark.parametrize("printed", [False, True])
def test_another_definition(checking_in: Sitting, change: Callable[[Json], None], printed: bool):
    """One with another issuer key or name is not what the trustees signed."""
    code = session_view.look(checking_in.box()).code if printed else None
    box = checking_in.box(Liar(checking_in.uuid, in_election(change)).transport)
    with pytest.raises(BadCheckpoint, match="sealed"):
        session_view.look(box, code)


def test_a_code_of_another_session(checking_in: Sitting):
    """What is printed on the letter is the session code; φ in full is taken, too."""
    seen = session_view.look(checking_in.box())
    for printed in (seen.code, seen.code.lower().replace("-", " "), seen.election.phi):
        assert session_view.look(checking_in.box(), printed).code == seen.code
    with pytest.raises(BadDefinition, match="not the one of the letter"):
        session_view.look(checking_in.box(), "0000-0000-0000-0000-0000")


def test_a_definition_that_changes_while_a_voter_waits(checking_in: Sitting):
    """The server cannot exchange the session between two looks."""
    session = session_view.look(checking_in.box())
    box = checking_in.box(Liar(checking_in.uuid, in_election(another_name)).transport)
    with pytest.raises(BadDefinition, match="another definition than before"):
        session_view.wait(box, session, {session.state}, lambda: None)


def test_levels_that_are_counted_under_another_key(checking_in: Sitting, tmp_path: Path):
    """Everybody has signed that “Tín nhiệm thấp” is high: no ballot is made all the same."""

    def cross(election: Json) -> None:
        levels = election["phieukin"]["policy"]["levels"]
        levels[0]["label"], levels[2]["label"] = levels[2]["label"], levels[0]["label"]
        for question in election["questions"]:
            question["answers"].reverse()

    session = session_view.look(checking_in.box())
    registrar = login(checking_in, 2)
    voter.check_levels(registrar, session)
    election = json.loads(session.election.raw)
    cross(election)
    crossed = Election.decode(canonical(election))
    assert crossed.parameters is not None
    lie = replace(session, election=crossed, parameters=crossed.parameters)
    with pytest.raises(BadDefinition, match="“Tín nhiệm thấp” with the key high"):
        voter.check_levels(registrar, lie)
    about = f"/about/{checking_in.uuid}"
    another_file = Liar(about, lambda honest: honest.replace(b'"delegates":', b'"delegates":1'))
    lying = Registrar(checking_in.box(another_file.transport).server, registrar.bearer)
    with pytest.raises(BadDefinition, match=r"session[.]json: its hash"):
        voter.check_levels(lying, session)
    command = checking_in.command(2, tmp_path, another_file.transport)
    with pytest.raises(BadDefinition, match=r"session[.]json: its hash"):
        vote._vote(command, session, list(checking_in.guests[2].choices))
    assert list(tmp_path.iterdir()) == []


def test_a_token_of_another_key(checking_in: Sitting):
    """A registrar that signs with another key than the sealed one gives no token."""
    session = session_view.look(checking_in.box())
    registrar = login(checking_in, 0)
    secrets = Secrets.make(session.issuer, session.election.phi)
    wrong_answer = canonical({"blind_signature": to_base64(bytes(383) + b"\7")})
    liar = Liar("/token", lambda _: wrong_answer, method="POST")
    lying = Registrar(checking_in.box(liar.transport).server, registrar.bearer)
    with pytest.raises(BadToken):
        voter.fetch_token(lying, session, secrets)


def _without(honest: bytes, credential: str) -> bytes:
    return canonical([member for member in json.loads(honest) if member != credential])


@pytest.mark.parametrize(
    ("left_out", "kind", "why"),
    [(0, BadCredentials, "not on the list"), (1, BadCheckpoint, "open")],
    ids=["this voter", "another"],
)
def test_a_list_that_is_not_the_signed_one(
    voting: Sitting, left_out: int, kind: type[Exception], why: str
):
    """A frozen list without this voter is an alarm; another's absence shows at the checkpoint."""
    session, credential = session_view.look(voting.box()), voting.made[left_out].credential.hex
    liar = Liar("/credentials", lambda honest: _without(honest, credential))
    with pytest.raises(kind, match=why):
        voter.check_opened(voting.box(liar.transport), session, voting.made[0])


def promise_for(tracker: str | None, text: Callable[[str], str]) -> Callable[[bytes], bytes]:
    def alter(honest: bytes) -> bytes:
        answer = json.loads(honest)
        return canonical(
            {"tracker": tracker or answer["tracker"], "promise": text(answer["promise"])}
        )

    return alter


def forged(promise: str) -> str:
    """The promise as somebody signs it who is not the box."""
    text, _, signature = promise.partition("\n\n")
    name = signature.split(" ")[1]
    return note.sign(text + "\n", [SeedSigner(name, bytes(32))]).encode().decode()


def for_another_ballot(promise: str) -> str:
    return promise.replace("tracker ", "tracker A", 1)


@pytest.mark.parametrize(
    ("number", "alter", "why"),
    [
        (1, promise_for("A" * 43, str), "another tracker"),
        (2, promise_for(None, for_another_ballot), "not for this ballot"),
        (3, promise_for(None, forged), "not signed by"),
        (4, promise_for(None, lambda _: ""), "promise"),
    ],
)
def test_a_promise_for_something_else(
    voting: Sitting, number: int, alter: Callable[[bytes], bytes], why: str
):
    """The box must promise the very ballot that was sent, under its own key."""
    session = session_view.look(voting.box())
    encrypted = voter.prepare(session, voting.made[number], list(voting.guests[number].choices))
    liar = Liar("/ballots", alter, method="POST")
    with pytest.raises(BadCheckpoint, match=why):
        voter.cast(voting.box(liar.transport), session, encrypted)
    promise = voter.cast(voting.box(), session, encrypted)  # the same again, honestly answered
    assert vote.tracker_of(promise, session) == encrypted.tracker


@pytest.mark.parametrize(
    ("dropped", "why"),
    [(0, "although the box promised it"), (1, "closed")],
    ids=["this voter's ballot", "another's"],
)
def test_a_tracker_list_that_is_not_the_signed_one(counted: Sitting, dropped: int, why: str):
    """It contradicts the box's own promise, or is not the list of the closing checkpoint."""
    session, promise = session_view.look(counted.box()), note.parse(counted.promises[0])
    tracker = vote.tracker_of(note.parse(counted.promises[dropped]), session)
    liar = Liar("/trackers", lambda honest: _without(honest, tracker))
    with pytest.raises(BadCheckpoint, match=why):
        voter.check_counted(counted.box(liar.transport), session, promise, None)


def test_another_opening_than_an_earlier_run_was_shown(tmp_path: Path):
    """The command remembers the first, as the page does; the same again is no second."""
    files = vote.VoterFiles(tmp_path / "voter")
    for _ in range(2):
        files.keep_opening("0" * 64)
    with pytest.raises(BadCheckpoint, match="shown another sealed opening before"):
        files.keep_opening("1" * 64)
    assert files.opening() == "0" * 64


def test_secrets_of_another_definition_are_not_used(checking_in: Sitting, voting: Sitting):
    """What was kept for one φ never makes a credential for another."""
    session, elsewhere = session_view.look(checking_in.box()), session_view.look(voting.box())
    recovery = voting.made[0].encode(elsewhere.election.phi)
    assert (
        Secrets.decode(recovery, elsewhere.election.phi, elsewhere.issuer).secret
        == voting.made[0].secret
    )
    with pytest.raises(BadDefinition, match="another definition"):
        Secrets.decode(recovery, session.election.phi, session.issuer)


def test_choices_are_told_by_their_place_and_never_repeated(checking_in: Sitting):
    """An error in the choices names the official, and says nothing of what stood there."""
    session = session_view.look(checking_in.box())
    read = voter.read_choices(b' ["high", null]\n', "c.json", session)
    assert read == [0, None]
    with pytest.raises(Malformed, match=r"choice 2 \(Lê Văn Bảy\)") as refused:
        voter.read_choices(b'["high", "hgih"]', "c.json", session)
    assert "hgih" not in str(refused.value)
    with pytest.raises(Malformed, match="1 choices for 2 officials"):
        voter.read_choices(b'["high"]', "c.json", session)
