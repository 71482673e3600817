"""A trustee's program believes neither the server nor a second archive."""

import json
import re
from collections.abc import Callable
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from admin.cli import main
from admin.client import session_view, trustee
from admin.client.server import Registrar, Server
from admin.client.trustee import Next, View
from admin.demo import session as demo
from admin.record import opening
from admin.record.audit import rewinding
from admin.record.opening import ClosedArchive
from admin.voting import codes
from crypto import checkpoint
from crypto.audit.ballots import check_here
from crypto.audit.report import Report
from crypto.encoding import canonical
from crypto.errors import (
    AlreadyDecrypted,
    BadCheckpoint,
    BadCounts,
    BadDefinition,
    FaultyTrustee,
    Malformed,
    Refused,
)
from crypto.keyfile import Cost, TrusteeState, remember, seal
from crypto.lifecycle import State
from crypto.session import Election
from tests.admin.client.hall import Liar, Sitting
from tests.crypto.room import Room, hold

pytestmark = pytest.mark.slow
PASSPHRASE = "hoa sen trắng 94"  # noqa: S105


def letter(sitting: Sitting, owner: int) -> bytes:
    """A trustee's letter; it takes the place of an earlier one."""
    return sitting.desk.do(lambda books: demo.role_letter(books, sitting.uuid, "trustee", owner))


def bearer(sitting: Sitting, owner: int) -> Registrar:
    link = letter(sitting, owner).decode().splitlines()[0]
    login = codes.parse(link, sitting.uuid)
    return Registrar.login(sitting.box().server, sitting.uuid, login)


@pytest.fixture(scope="module")
def views(counted: Sitting) -> list[View]:
    return [trustee.fetch(bearer(counted, owner), counted.uuid) for owner in (1, 2, 3)]


def proposing(view: View, election: Election, text: str | None = None) -> View:
    seal = view.seal or ""
    return replace(view, election=election.raw.decode(), seal=seal if text is None else text)


def changed(view: View, change: Callable[[dict[str, object]], None]) -> Election:
    value = json.loads(view.election or "")
    change(value)
    return Election.decode(canonical(value))


def sealed_text(election: Election) -> str:
    parameters = election.parameters
    assert parameters is not None
    counts = (parameters.roster_size,)
    seal = checkpoint.make(election, State.SEALED, counts, b"")
    return replace(seal, digest=parameters.trustees).body


def test_the_definition_that_was_sealed_is_the_one_that_is_signed(
    counted: Sitting, views: list[View]
):
    """The honest proposal passes for each trustee, and the signature is the trustee's."""
    for view, key in zip(views, counted.keys, strict=True):
        proposal = trustee.proposed(view, key)
        signed = trustee.sign(key, proposal)
        signed.check([checkpoint.trustee_key(proposal.election, proposal.trustees, key.index)])


def test_a_text_to_sign_that_is_not_this_definitions_seal(counted: Sitting, views: list[View]):
    """The server cannot have another text signed than the seal of what is shown."""
    another_seal = sealed_text(changed(views[0], lambda e: e.update(name="Khác")))
    for text in (another_seal, "", (views[0].seal or "") + "\n"):
        with pytest.raises(BadCheckpoint, match="text to be signed"):
            trustee.proposed(replace(views[0], seal=text), counted.keys[0])


def test_a_definition_with_another_committee(counted: Sitting, views: list[View]):
    """The key of the definition is the product of the messages that this trustee saw."""
    stranger = hold(3, 2).trustees

    def swap(election: dict[str, object]) -> None:
        election["public_key"] = stranger.public_key.hex

    election = changed(views[0], swap)
    view = proposing(views[0], election, sealed_text(election))
    with pytest.raises(BadDefinition, match="public_key"):
        trustee.proposed(view, counted.keys[0])


def test_a_definition_of_another_session(counted: Sitting, views: list[View]):
    """The uuid is that of the trustee's letter."""
    election = changed(views[0], lambda e: e.update(uuid="1" * 16))
    view = proposing(views[0], election, sealed_text(election))
    with pytest.raises(BadDefinition, match="another session"):
        trustee.proposed(view, counted.keys[0])


def crossed(election: dict[str, Any]) -> None:
    """Whoever marks “Tín nhiệm thấp” is counted under high; the questions say the same."""
    levels = election["phieukin"]["policy"]["levels"]
    levels[0]["label"], levels[2]["label"] = levels[2]["label"], levels[0]["label"]
    for question in election["questions"]:
        question["answers"].reverse()


def similar(election: dict[str, Any]) -> None:
    label = "Tín nhiệm \u0441ao"
    election["phieukin"]["policy"]["levels"][0]["label"] = label
    for question in election["questions"]:
        question["answers"][0] = label


@pytest.mark.parametrize(("change", "shown"), [(crossed, "“Tín nhiệm thấp”"), (similar, "U+0441")])
def test_levels_that_are_not_those_of_the_regime(
    counted: Sitting, views: list[View], change: Callable[[dict[str, object]], None], shown: str
):
    """Nothing that is counted under another key than it reads is signed."""
    election = changed(views[0], change)
    view = proposing(views[0], election, sealed_text(election))
    with pytest.raises(BadDefinition, match=re.escape(shown)) as caught:
        trustee.proposed(view, counted.keys[0])
    assert "policy.levels[0]" in str(caught.value)


@pytest.mark.parametrize("session", [None, "", "{}"])
def test_another_session_json_than_the_definitions(
    counted: Sitting, views: list[View], session: str | None
):
    """Rules of the body's own stand in it: without the very file nothing is signed."""
    with pytest.raises(BadDefinition, match=r"session[.]json: its hash"):
        trustee.proposed(replace(views[0], session=session), counted.keys[0])


def test_messages_that_the_server_exchanged(counted: Sitting, views: list[View]):
    """Other trustees' messages than those that this key has answered are refused."""
    room = hold(3, 2)
    for kind, sent in (("step2", room.twos[1].encode()), ("step3", room.threes[1].encode())):
        messages = {**views[0].messages, kind: {**views[0].messages[kind], 2: sent}}
        with pytest.raises(FaultyTrustee, match="trustee 2"):
            trustee.proposed(replace(views[0], messages=messages), counted.keys[0])


# --- What comes next ------------------------------------------------------------------------


def at(room: Room, **sent: int) -> View:
    """Trustee 1's view when so many messages of each kind are there."""
    sets: dict[str, list[Any]] = {"step1": room.ones, "step2": room.twos, "step3": room.threes}
    messages = {
        kind: {
            message.index: message.encode() for message in sets.get(kind, [])[: sent.get(kind, 0)]
        }
        for kind in trustee.KINDS
    }
    return View("1" * 16, 1, 3, 2, State.DRAFT, messages, None, None, None)


def test_the_ceremony_goes_on_wherever_it_stopped():
    """The next step follows from what is on the server and in the key file."""
    room = hold(3, 2)
    fresh, waiting, finished = room.fresh[0], room.waiting[0], room.states[0]
    steps: list[tuple[dict[str, int], TrusteeState | None, Next]] = [
        ({}, None, Next.MAKE_KEY),
        ({}, fresh, Next.STEP1),
        ({"step1": 1}, fresh, Next.WAIT_STEP1),
        ({"step1": 3}, fresh, Next.STEP2),
        ({"step1": 3}, waiting, Next.STEP2),
        ({"step1": 3, "step2": 1}, waiting, Next.WAIT_STEP2),
        ({"step1": 3, "step2": 3}, waiting, Next.STEP3),
        ({"step1": 3, "step2": 3}, finished, Next.STEP3),
        ({"step1": 3, "step2": 3, "step3": 1}, waiting, Next.STEP3),
        ({"step1": 3, "step2": 3, "step3": 3}, finished, Next.WAIT_PROPOSAL),
    ]
    for sent, key, expected in steps:
        assert trustee.find_step(at(room, **sent), key) == expected
    view = replace(at(room, step1=3, step2=3, step3=3), election="{}", seal="")
    assert trustee.find_step(view, finished) == Next.SIGN
    assert trustee.find_step(replace(view, state=State.CHECKIN), finished) == Next.WAIT_CLOSE
    assert trustee.find_step(replace(view, state=State.CLOSED), finished) == Next.SHARE
    assert trustee.find_step(replace(view, state=State.PUBLISHED), finished) == Next.OVER


def test_a_key_that_does_not_belong_here_is_refused():
    """Another trustee's key, no key after one was sent, or a key of an earlier ceremony."""
    room, elsewhere = hold(3, 2), hold(3, 2)
    with pytest.raises(Refused, match="is of trustee 2"):
        trustee.find_step(at(room), room.fresh[1])
    with pytest.raises(Refused, match="sent a key already"):
        trustee.find_step(at(room, step1=1), None)
    with pytest.raises(FaultyTrustee, match="another key of yours"):
        trustee.find_step(at(room, step1=1), elsewhere.fresh[0])
    with pytest.raises(Refused, match="started again"):
        trustee.find_step(at(room), room.states[0])


# --- The totals -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archive(counted: Sitting) -> ClosedArchive:
    with counted.desk.datadir.archive(counted.uuid).open("rb") as file:
        return opening.audit_closed(rewinding(file), Report(), check_here)


def test_the_committees_head_count_bounds_all_other_numbers(
    counted: Sitting, archive: ClosedArchive
):
    """Another head count than the one the opening checkpoint has stops the decryption."""
    opened = session_view.fetch_note(counted.box(), State.OPEN)
    size = len(counted.guests)
    trustee.check_present(archive, opened, size)
    for present in (size - 1, size + 1, 0):
        with pytest.raises(BadCounts, match="present"):
            trustee.check_present(archive, opened, present)


def test_another_note_is_not_the_opening_checkpoint(counted: Sitting, archive: ClosedArchive):
    """The opening is signed by registrar, box and chair, and is of this archive's list."""
    size = len(counted.guests)
    honest = session_view.fetch_note(counted.box(), State.OPEN)
    bare = replace(honest, signatures=honest.signatures[:2])
    more = replace(honest, text=honest.text.replace(f"present {size}", f"present {size + 1}"))
    for lie, present in ((bare, size), (more, size + 1)):
        with pytest.raises(BadCheckpoint):
            trustee.check_present(archive, lie, present)
    with pytest.raises(BadCheckpoint):
        trustee.check_present(archive, session_view.fetch_note(counted.box(), State.CLOSED), size)


def test_a_key_opens_one_tally_of_a_session(counted: Sitting, archive: ClosedArchive):
    """Shown a second archive of the same φ, the key refuses."""
    phi, code = archive.setup.election.phi, archive.checkpoint.short_code
    once = remember(counted.keys[0], phi, code, archive.cast.tally.digest)
    assert remember(once, phi, code, archive.cast.tally.digest) == once
    with pytest.raises(AlreadyDecrypted):
        remember(once, phi, code, "0" * 64)


def run(folder: Path, *args: str) -> int:
    with chdir(folder):
        return main.run(["trustee", "join", *args, "--passphrase-file", "pass"])


def test_join_sends_no_share_of_what_the_room_did_not_see(
    counted: Sitting, archive: ClosedArchive, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A wrong code or head count ends the command before the key file remembers or sends."""
    (tmp_path / "pass").write_text(PASSPHRASE, encoding="utf-8")
    raw = seal(counted.keys[2], PASSPHRASE, Cost(memory_kib=64, iterations=1, lanes=1))
    (tmp_path / "key").write_bytes(raw)
    (tmp_path / "code").write_bytes(letter(counted, 3))
    url = counted.desk.server.origin
    where = ["--server", url, "--code-file", "code", "--key", "key", "--workers", "1"]
    code, size = archive.checkpoint.short_code, len(counted.guests)
    assert run(tmp_path, *where, "--code", "0000-0000", "--present", str(size)) == 3
    assert run(tmp_path, *where, "--code", code, "--present", str(size + 1)) == 3
    assert run(tmp_path, *where) == 0
    assert (tmp_path / "key").read_bytes() == raw
    view = trustee.fetch(bearer(counted, 3), counted.uuid)
    assert view.own("share") is None
    (tmp_path / "code").write_bytes(letter(counted, 3))
    assert run(tmp_path, *where, "--code", code.lower(), "--present", str(size)) == 0
    view = trustee.fetch(bearer(counted, 3), counted.uuid)
    assert view.own("share") is not None
    assert (tmp_path / "key").read_bytes() != raw
    assert PASSPHRASE not in "".join(capsys.readouterr())


HONEST: dict[str, object] = {
    "index": 1,
    "size": 3,
    "threshold": 2,
    "state": "draft",
    "messages": {},
    "election": None,
    "seal": None,
}


@pytest.mark.parametrize(
    "lie",
    [
        {"index": 4}, {"threshold": 4}, {"state": "ended"}, {"messages": []},
        {"messages": {"step1": {"4": ""}}}, {"messages": {"step1": {"1": "?"}}}, {"election": 7},
    ],
)  # fmt: skip
def test_a_view_that_no_server_shows(counted: Sitting, lie: dict[str, object]):
    """Numbers, states and messages out of bounds are malformed."""
    liar = Liar(f"/committee/{counted.uuid}", lambda _: canonical(HONEST | lie))
    server = Server(counted.desk.server.origin, transport=liar.transport)
    honest = bearer(counted, 2)
    assert trustee.fetch(honest, counted.uuid).index == 2
    with pytest.raises(Malformed, match="committee"):
        trustee.fetch(Registrar(server, honest.bearer), counted.uuid)
