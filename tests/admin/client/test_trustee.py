"""A trustee's program on a server: what comes next, whatever it shows, and the whole day."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from admin.cli import keys, main, room, trustee_day
from admin.cli.keys import KeyFile, OpenKey
from admin.cli.room import Answers
from admin.cli.trustee_desk import Desk
from admin.client import signing, trustee
from admin.client.server import Registrar, Server
from admin.client.signing import ClosedBox
from admin.client.trustee import Next, View
from admin.demo import session as demo
from admin.demo.server import Running
from admin.lifecycle import steps
from admin.record.pool import Workers
from admin.voting import codes
from crypto.committee import Moment
from crypto.encoding import canonical
from crypto.errors import BadDefinition, FaultyTrustee, Malformed, Refused
from crypto.keyfile import Cost, TrusteeState, seal
from crypto.lifecycle import State
from crypto.session import Election
from tests import testkit
from tests.admin.cli.desk import Clock
from tests.admin.client.conftest import VOTERS
from tests.admin.client.hall import Liar, Sitting, sealed
from tests.admin.client.test_signing import archive, files
from tests.crypto.room import Room, hold

PATIENCE = 240.0  # a process starts, opens its key, audits: seconds, minutes on a busy machine
PASSPHRASE = "hoa sen trắng 94"  # noqa: S105


def letter(sitting: Sitting, owner: int) -> bytes:
    """A trustee's letter; it takes the place of an earlier one."""
    return sitting.desk.do(lambda books: demo.role_letter(books, sitting.uuid, "trustee", owner))


def bearer(sitting: Sitting, owner: int) -> Registrar:
    link = letter(sitting, owner).decode().splitlines()[0]
    login = codes.parse(link, sitting.uuid)
    return Registrar.login(sitting.box().server, sitting.uuid, login)


# --- The definition -------------------------------------------------------------------------


def proposing(election: Election) -> View:
    """The view of trustee 1 when the ceremony of tests/testkit.py is finished."""
    return replace(
        at(testkit.committee(), step1=3, step2=3, step3=3),
        uuid=testkit.UUID,
        election=election.raw.decode(),
        session=testkit.HUMAN.encode().decode(),
    )


def test_the_definition_that_is_shown_is_the_one_that_is_signed():
    """The keys are made from the messages, and the signature is of the text made here."""
    session = testkit.session()
    view, key = proposing(session.election), session.state(1)
    signable = trustee.proposed(view, key)
    signed = signing.sign(signing.remembering(key, signable), signable)
    assert signed.text == session.checkpoints(testkit.honest())[State.SEALED].body
    for wrong in (replace(view, uuid="1" * 16), replace(view, election=None)):
        with pytest.raises(BadDefinition):
            trustee.proposed(wrong, key)


def test_messages_that_the_server_exchanged():
    """Other trustees' messages than those that this key has answered are refused."""
    session, room = testkit.session(), hold(3, 2)
    view = proposing(session.election)
    for kind, sent in (("step2", room.twos[1].encode()), ("step3", room.threes[1].encode())):
        messages = {**view.messages, kind: {**view.messages[kind], 2: sent}}
        with pytest.raises(FaultyTrustee, match="trustee 2"):
            trustee.proposed(replace(view, messages=messages), session.state(1))


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
    return View("1" * 16, 1, 3, 2, State.DRAFT, messages, None, None)


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
    view = replace(at(room, step1=3, step2=3, step3=3), election="{}")
    assert trustee.find_step(view, finished) == Next.SIGN


def signed(view: View, **owners: Sequence[int]) -> View:
    """The view with messages of these trustees; what is in them does not matter here."""
    messages = {kind: dict.fromkeys(numbers, b"x") for kind, numbers in owners.items()}
    return replace(view, messages={**view.messages, **messages})


ALL = (1, 2, 3)
# The key's memory while the phones check, and after: of 60 seconds, at second 1000.
CHECKING = {"closing": "0" * 64, "quorum_seen": 941}
CHECKED = {"closing": "0" * 64, "quorum_seen": 940}
DAY: list[tuple[State, dict[str, Sequence[int]], dict[str, Any], Next]] = [
    (State.DRAFT, {}, {}, Next.SIGN),
    (State.DRAFT, {"seal": [1]}, {"definition": "A" * 43}, Next.WAIT_SEAL),
    (State.SEALED, {"seal": ALL}, {"definition": "A" * 43}, Next.WAIT_OPENING),
    (State.CHECKIN, {}, {}, Next.WAIT_OPENING),
    (State.OPENING, {}, {}, Next.SIGN_OPENING),
    (State.OPENING, {"opening": [2, 3]}, {"opening": "0" * 64}, Next.SIGN_OPENING),
    (State.OPENING, {"opening": [1]}, {"opening": "0" * 64}, Next.WAIT_OPENED),
    (State.OPEN, {"opening": ALL}, {"opening": "0" * 64}, Next.WAIT_CLOSE),
    (State.CLOSED, {}, {}, Next.SIGN_CLOSING),
    (State.CLOSED, {"closing": [1, 2]}, {"closing": "0" * 64}, Next.WAIT_CLOSED),
    (State.CLOSED, {"closing": ALL}, {"closing": "0" * 64}, Next.SEE_CLOSED),
    (State.CLOSED, {"closing": ALL}, CHECKING, Next.WAIT_CHECK),
    (State.CLOSED, {"closing": ALL}, CHECKED, Next.SHARE),
    (State.CLOSED, {"closing": ALL, "share": [1]}, CHECKED, Next.WAIT_SHARES),
    # A share that only the server has made: nothing is sent in its place before its time.
    (State.CLOSED, {"share": [1]}, {}, Next.SIGN_CLOSING),
    (State.CLOSED, {"closing": ALL, "share": [1]}, {"closing": "0" * 64}, Next.SEE_CLOSED),
    (State.CLOSED, {"closing": ALL, "share": [1]}, CHECKING, Next.WAIT_CHECK),
    (State.TALLIED, {}, {}, Next.OVER),
    (State.FAILED, {}, {}, Next.OVER),
    (State.CANCELLED, {}, {}, Next.OVER),
]


@pytest.mark.parametrize(("state", "sent", "memory", "expected"), DAY)
def test_the_day_goes_on_wherever_it_stopped(
    state: State, sent: dict[str, Sequence[int]], memory: dict[str, Any], expected: Next
):
    """From the signatures on the server, the key's memory and the clock, here at second 1000."""
    session = testkit.session()
    view = signed(replace(proposing(session.election), state=state), **sent)
    assert trustee.find_step(view, replace(session.state(1), **memory), 1000) == expected


@dataclass
class AtHome(Desk):
    """A trustee with the archive at hand, whose share was made at some second of the clock."""

    sent: list[tuple[str, int]] = field(default_factory=list)

    def closed_box(self, view: View) -> ClosedBox:
        assert view.uuid == testkit.UUID
        return signing.closed_box(self.state, archive(), files().notes())

    def store(self, view: View, state: TrusteeState) -> None:
        assert view.uuid == testkit.UUID
        self.key = replace(self.opened, state=state)

    def put(self, kind: str, message: bytes) -> None:
        assert message
        self.sent.append((kind, room.now()))


def test_a_server_that_shows_another_pause(monkeypatch: pytest.MonkeyPatch):
    """The phones have the time of the signed definition, whatever definition is shown later."""
    clock = Clock(monkeypatch)
    election = json.loads(files().election.raw)
    election["phieukin"]["policy"] |= {"rehearsal": True, "check_seconds": 0}
    view = proposing(Election.decode(canonical(election)))
    view = signed(replace(view, state=State.CLOSED), seal=ALL, opening=ALL, closing=ALL)
    key = replace(files().key(), quorum_seen=clock.seconds)
    code = signing.totals(signing.closed_box(key, archive(), files().notes()))
    answers = Answers(closing=code, settled=True)
    assert trustee.find_step(view, key, clock.seconds) == Next.SHARE
    server = Server("http://nowhere")
    desk = AtHome(server, testkit.UUID, "", None, None, None, answers, 1, key=OpenKey(key, ""))

    trustee_day.share(desk, view)

    seconds = files().session.parameters.policy.check_seconds
    assert desk.sent == [("share", 1_700_000_000 + seconds)]


def test_enough_others_have_signed():
    """Four of five are a quorum for three of five: the fifth signs no more, and goes on."""
    key = TrusteeState("1" * 22, 1, 5, 3)
    messages: dict[str, dict[int, bytes]] = {kind: {} for kind in trustee.KINDS}
    view = View("1" * 16, 1, 5, 3, State.OPENING, messages, None, None)
    others = {"opening": [2, 3, 4, 5], "closing": [2, 3, 4, 5]}
    assert trustee.find_step(view, key) == Next.SIGN_OPENING
    assert trustee.find_step(signed(view, opening=[2, 3, 4]), key) == Next.SIGN_OPENING
    assert trustee.find_step(signed(view, **others), key) == Next.WAIT_OPENED
    closed = replace(signed(view, **others), state=State.CLOSED)
    assert trustee.find_step(closed, key) == Next.SEE_CLOSED


@pytest.mark.parametrize("moment", list(Moment))
def test_a_key_that_does_not_know_of_its_signature(moment: Moment):
    """It was sent under this trustee's name: the file is an older copy, or somebody else signed.

    Where a quorum has signed the closing such a copy opens the totals, as any other.
    """
    session, state = testkit.session(), {"opening": State.OPENING, "closing": State.CLOSED}
    view = replace(proposing(session.election), state=state.get(moment, State.DRAFT))
    view = signed(view, **{trustee.SIGNATURES[moment]: [1]})
    with pytest.raises(Refused, match=f"has signed the {moment}, and this key file does not know"):
        trustee.find_step(view, session.state(1))
    view = signed(replace(view, state=State.CLOSED), seal=ALL, opening=ALL, closing=ALL)
    assert trustee.find_step(view, session.state(1)) == Next.SEE_CLOSED


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


# --- The whole day --------------------------------------------------------------------------


@dataclass(frozen=True)
class Laptop:
    """A trustee's own machine: a folder with the key file, the letter and what it remembers."""

    folder: Path
    sitting: Sitting
    owner: int
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def prepare(self) -> None:
        """The key was made here, and the definition signed."""
        self.folder.mkdir()
        (self.folder / "pass").write_text(PASSPHRASE, encoding="utf-8")
        (self.folder / "code").write_bytes(letter(self.sitting, self.owner))
        with self.patch.context() as patched:
            self._at_home(patched)
            key = self.sitting.keys[self.owner - 1]
            KeyFile(self.folder / "key", None, None).make(key, PASSPHRASE)

    def join(self, *options: str, status: int = 0) -> dict[str, Any]:
        """One run of the command; what it says, with stderr as "told"."""
        self.capture.readouterr()
        with self.patch.context() as patched:
            self._at_home(patched)
            returned = main.run(self._arguments(*options))
        stdout, told = self.capture.readouterr()
        assert returned == status, told
        return {**json.loads(stdout), "told": told}

    @contextmanager
    def waiting(self, *options: str) -> Iterator[subprocess.Popen[bytes]]:
        """A run with --wait, a process of its own that goes on beside everything in the block."""
        with self.patch.context() as patched, (self.folder / "told").open("wb") as told:
            self._at_home(patched)
            process = subprocess.Popen(
                [sys.executable, "-m", "admin.cli.main", *self._arguments("--wait", *options)],
                stdout=subprocess.PIPE,
                stderr=told,
            )
        with process:
            try:
                yield process
            finally:
                process.kill()

    @property
    def told(self) -> str:
        """What the run with --wait has said."""
        return (self.folder / "told").read_text("utf-8")

    def _arguments(self, *options: str) -> list[str]:
        files = {"--code-file": "code", "--key": "key", "--passphrase-file": "pass"}
        named = [part for option, name in files.items() for part in (option, self._path(name))]
        server = ["--server", self.sitting.desk.server.origin, "--workers", "1"]
        return ["trustee", "join", "--json", *server, *named, *options]

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    def _at_home(self, patched: pytest.MonkeyPatch) -> None:
        patched.setenv("PHIEUKIN_LANG", "en")
        patched.setenv("XDG_STATE_HOME", self._path("state"))
        patched.setattr(keys, "seal", partial(seal, cost=Cost(64, 1, 1)))


class Day:
    """The meeting of one session, and the laptops of its three trustees."""

    def __init__(
        self,
        pool: Workers,
        sitting: Sitting,
        folder: Path,
        capture: pytest.CaptureFixture[str],
        patch: pytest.MonkeyPatch,
    ) -> None:
        self.pool, self.sitting = pool, sitting
        self.first, self.second, self.third = (
            Laptop(folder / str(owner), sitting, owner, capture, patch) for owner in (1, 2, 3)
        )
        for machine in (self.first, self.second, self.third):
            machine.prepare()

    def open(self) -> None:
        """Everyone is checked in and counted; the chair opens the vote."""
        desk, uuid = self.sitting.desk, self.sitting.uuid
        self.sitting.made.extend(self.pool.map(demo.check_in, self.sitting.guests))
        desk.do(lambda books: steps.set_present(books, uuid, VOTERS))
        desk.do(lambda books: steps.open_voting(books, uuid))

    def vote_and_close(self) -> None:
        tasks = zip(self.sitting.guests, self.sitting.made, strict=True)
        self.sitting.promises.extend(self.pool.map(demo.vote, tasks))
        self.sitting.desk.close(self.sitting.uuid)

    def until(self, reached: Callable[[dict[str, Any]], bool]) -> None:
        """Waits for the server to take in what the trustees have sent."""
        until = time.monotonic() + PATIENCE
        while not reached(public := self.sitting.box().session()):
            where = f"{public['state']}, waiting {public['waiting']}"
            assert time.monotonic() < until, f"{where}; trustee 2: {self.second.told}"
            time.sleep(0.1)

    def seal_box(self, known: Sequence[str]) -> None:
        """Trustees 1 and 3 sign the opening, once the room has answered."""
        first, code = self.first, known[:2]
        assert first.join()["next"] == "sign_opening"
        assert first.join(*code)["next"] == "sign_opening"
        few = first.join(*code, "--present", str(VOTERS - 1), status=3)
        assert few["code"] == "bad_counts"
        for machine in (first, self.third):
            run = machine.join(*known)
            assert run["done"] == ["sign_opening"]
            assert f"registered {VOTERS}" in run["told"]
        self.until(lambda session: session["state"] == "open")

    def sign_close(self, opening_code: str) -> None:
        """They sign the closing."""
        assert self.first.join()["next"] == "sign_closing"
        for machine in (self.first, self.third):
            run = machine.join("--present", str(VOTERS), "--opening-code", opening_code)
            assert run["done"][0] == "sign_closing"
            assert f"{VOTERS} cast of {VOTERS} registered" in run["told"]
        self.until(lambda session: session["waiting"] is None)

    def open_totals(self, code: str) -> None:
        """Trustees 1 and 2 send their shares, once the room has answered."""
        first, other = self.first, "0000-0000-0000-0000-0000"
        assert first.join("--code", other, "--settled", status=3)["code"] == "bad_checkpoint"
        assert first.join("--code", code)["next"] == "share"
        runs = [
            machine.join("--code", code.lower(), "--settled") for machine in (first, self.second)
        ]
        for run in runs:
            assert (run["done"][-1], run["next"]) == ("share", "wait_shares")
        assert runs[-1]["missing"]["share"] == [3]


def test_a_trustees_day_is_three_runs(
    running: Running,
    pool: Workers,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    """Seal the box, sign the close, open the totals; everything is asked, nothing is assumed.

    The second trustee has one run with --wait, which goes on from one to the next; the third one's
    key file is put back from an older copy on the way; at the end that copy is on another machine.
    """
    day = Day(pool, sealed(running, VOTERS), tmp_path, capsys, monkeypatch)
    run = day.first.join()
    assert (run["next"], run["done"]) == ("wait_opening", [])
    room_answers = ["--fingerprint", run["codes"]["session"], "--present", str(VOTERS)]
    with day.second.waiting("--settled", *room_answers) as patient:
        key_file = day.third.folder / "key"
        older = key_file.read_bytes()

        day.open()
        day.seal_box(room_answers)
        opened = day.first.join(*room_answers)
        assert opened["next"] == "wait_close"
        newer = key_file.read_bytes()
        day.vote_and_close()
        key_file.write_bytes(older)
        assert day.third.join(status=5)["code"] == "refused"
        key_file.write_bytes(newer)
        day.sign_close(opened["codes"]["opening"])
        stdout, _ = patient.communicate(timeout=PATIENCE)
    told, run = day.second.told, json.loads(stdout)
    assert patient.returncode == 0, told
    assert run["done"] == ["sign_opening", "sign_closing", "see_closed"]
    assert run["next"] == "share"  # nobody has said that the closing code is on the hall screen
    assert "The committee is sealing the box: " in told
    day.open_totals(run["codes"]["closing"])
    moved = replace(day.third, folder=tmp_path / "moved")
    shutil.copytree(day.third.folder, moved.folder, ignore=shutil.ignore_patterns("state"))
    (moved.folder / "key").write_bytes(older)
    run = moved.join("--code", run["codes"]["closing"], "--settled")
    assert (run["done"][-1], run["restored"]) == ("share", True)
    assert PASSPHRASE not in told


# --- Answers of no server --------------------------------------------------------------------


HONEST: dict[str, object] = {
    "index": 1,
    "size": 3,
    "threshold": 2,
    "state": "draft",
    "messages": {},
    "election": None,
    "session": None,
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
