"""A whole session whose server is killed again and again while its voters go on asking."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, cycle
from pathlib import Path

import pytest

from admin.client.server import Box, Patience, Registrar, Server
from admin.lifecycle import signing
from admin.record.audit import AuditOptions, audit_file
from crypto import note
from crypto.committee import Moment
from crypto.encoding import b64_sha256, parse
from crypto.lifecycle import State
from tests import testkit
from tests.fault.hall import Meeting, meeting
from tests.fault.lives import DEAD, Chance, Life, Lives, Plan, chance
from tests.fault.people import PATIENCE, Onlooker, Person
from tests.worlds.committee import signature

pytestmark = pytest.mark.slow
OPENED = 4  # boundaries of opening the books
LONGEST = 0.3  # seconds of a life that ends at random
CLOSING: tuple[tuple[int, str], ...] = (
    (1, "before BoxBook.move"), (1, "after BoxBook.move"), (1, "after RegistrarBook.move"),
    (1, "before rename"), (1, "after rename"), (1, "after BoxBook.rewrite"), (1, "before VACUUM"),
    (1, "after RegistrarBook.forget"), (2, "after VACUUM"), (1, "after BoxBook.put_note"),
    (1, "before RegistrarBook.put_note"),
)  # fmt: skip
Work = Callable[[], object]


def sides(*names: str) -> list[Plan]:
    """Before and after the first commit of each call."""
    return [(1, f"{side} {name}") for name in names for side in ("before", "after")]


@dataclass
class Site:
    """The meeting, and a server for it that never lives long."""

    met: Meeting
    lives: Lives
    chance: Chance
    port: int
    failed: list[BaseException] = field(default_factory=list)

    @property
    def server(self) -> Server:
        return Server(f"http://127.0.0.1:{self.port}", PATIENCE)

    def start(self, at: Plan = None) -> Life:
        return self.lives.start(self.met.data, "serve", "--listen", f"127.0.0.1:{self.port}", at=at)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """A server that is killed when the block ends."""
        life = self.start()
        assert life.served(), life.said()
        yield
        life.kill()
        life.wait()

    def plans(self) -> Iterator[Plan]:
        """Now at a boundary soon after the start, now after a while."""
        for boundary in cycle((True, True, False)):
            yield (OPENED + 1 + int(self.chance.below(16)), "") if boundary else None

    def storm(self, works: Iterable[Work], plans: Iterable[Plan]) -> None:
        """Does all works, each by somebody of its own, with servers that are killed as planned.

        A plan without a boundary is a life of random length. The last server is killed too.
        """
        threads = [threading.Thread(target=self._try, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for plan in chain(plans, self.plans()):
            life = self.start(plan)
            if plan is None:
                life.served()
                time.sleep(self.chance.below(LONGEST))
                life.kill()
            while not life.ended and any(thread.is_alive() for thread in threads):
                time.sleep(0.005)
            life.kill()
            life.wait()
            if not any(thread.is_alive() for thread in threads):
                break
        for thread in threads:
            thread.join()
        assert self.failed == []

    def _try(self, work: Work) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  shown by the test
            self.failed.append(error)

    def step(self, name: str, *options: str, kills: int = 2) -> None:
        """A command of the chair, killed at random and repeated until it is done."""
        command = ("session", name, self.met.uuid, *options)
        for _ in range(kills):
            self.lives.run(self.met.data, *command, seconds=self.chance.below(LONGEST))
        assert self.lives.run(self.met.data, *command) in {0, 5}, self.lives.said()


def free_port() -> int:
    """Below those that the kernel gives to clients: they must not find themselves there."""
    for port in range(20_000 + time.time_ns() % 10_000, 32_000):
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


@pytest.fixture
def site(tmp_path: Path, living: Lives, monkeypatch: pytest.MonkeyPatch) -> Site:
    (tmp_path / "data").mkdir()
    session = meeting(tmp_path / "data", monkeypatch, recovery="phone")
    return Site(session, living, chance("test_server"), free_port())


@pytest.fixture
def people(site: Site) -> list[Person]:
    session = site.met.sealed
    votes = [*testkit.VOTES, *testkit.VOTES][: testkit.ISSUED]
    return [
        Person(site.server, site.met.uuid, code, choices)
        for code, choices in zip(session.voters, votes, strict=False)
    ]


@pytest.fixture
def onlooker(site: Site) -> Iterator[Onlooker]:
    patience = Patience(attempts=1)
    watcher = Onlooker(Box(Server(site.server.origin, patience), site.met.uuid))
    thread = threading.Thread(target=watcher.look)
    thread.start()
    yield watcher
    watcher.stopped = True
    thread.join()


def check_in(site: Site, people: list[Person]) -> None:
    """Eleven tokens, ten credentials; afterwards everyone gets the same answers again."""
    site.step("checkin")
    calls = ("RegistrarBook.add_login", "RegistrarBook.put_recovery", "RegistrarBook.issue")
    site.storm([people[0].register], sides(*calls, "BoxBook.register"))
    site.storm([person.register for person in people[1 : testkit.REGISTERED]], [])
    site.storm([people[-1].get_token], [])
    with site.serving():
        for person in people:
            person.get_token()
    site.step("present", "--count", str(testkit.PRESENT))


def vote(site: Site, people: list[Person]) -> None:
    """The opening, which the committee seals, and nine ballots."""
    with site.serving():
        site.step("open", "--yes")
    committee_signs(site, people, Moment.OPENING, sides("RegistrarBook.move", "BoxBook.move"))
    site.storm([people[0].cast], sides("BoxBook.cast"))
    site.lives.light = False
    site.storm([person.cast for person in people[1 : testkit.CAST]], [])
    site.lives.light = True


def committee_signs(
    site: Site, people: list[Person], moment: Moment, plans: Iterable[Plan]
) -> None:
    """Three trustees sign, each asking twice, until everybody sees that the quorum has."""
    made, kind, state = site.met.sealed, signing.MESSAGE[moment], signing.NOTE_OF[moment]
    proposed = site.met.with_books(lambda books: books.registrar.notes(made.uuid))
    text = note.parse(proposed[state]).text

    def sign(owner: int) -> None:
        registrar = Registrar.login(site.server, made.uuid, made.trustees[owner - 1])
        signed = signature(made.uuid, moment, made.insider.state(owner), text)
        for _ in range(2):
            registrar.put(made.uuid, kind, signed)

    def wait_until_signed() -> None:
        while (public := people[0].box.session())["waiting"] or public["state"] != state:
            time.sleep(0.05)

    calls = ("RegistrarBook.put_message", "BoxBook.put_note", "RegistrarBook.put_note")
    works: list[Work] = [wait_until_signed, *(partial(sign, owner) for owner in (1, 2, 3))]
    site.storm(works, [*sides(*calls), *plans])


def close(site: Site, people: list[Person]) -> None:
    """The chair announces the end and is gone; the server closes, the chair repeats the command.

    Then the committee signs, and two trustees hand in their shares.
    """
    uuid, announced = site.met.uuid, (1, "after BoxBook.set_closing")
    command = ("session", "close", uuid, "--in", "0", "--yes")
    assert site.lives.run(site.met.data, *command, at=announced) == DEAD

    def wait_until_closed() -> None:
        while people[0].session().state != State.CLOSED:
            time.sleep(0.05)

    site.storm([wait_until_closed], CLOSING)
    site.step("close", "--in", "0", "--yes", kills=1)
    committee_signs(site, people, Moment.CLOSING, [])
    shares = site.met.shares()

    def hand_in(owner: int) -> None:
        code = site.met.sealed.trustees[owner - 1]
        registrar = Registrar.login(site.server, uuid, code)
        for _ in range(2):
            registrar.put(uuid, "share", shares[owner])

    for owner in shares:
        site.storm([partial(hand_in, owner)], sides("RegistrarBook.put_message"))


def check_record(site: Site, people: list[Person]) -> None:
    """The record has exactly what was acknowledged."""
    made, place = site.met.sealed, site.met.datadir
    outcome = audit_file(place.bundle(made.uuid), AuditOptions(made.insider.phi))
    assert outcome.error is None
    assert outcome.to_json()["counts"] == {
        "roster": testkit.ROSTER,
        "present": testkit.PRESENT,
        "issued": len([person for person in people if person.answer]),
        "registered": len({person.credential for person in people if person.credential}),
        "cast": len([person for person in people if person.promises]),
        "tallied": testkit.CAST,
    }
    archive = place.archive(made.uuid).read_bytes()
    with site.serving():
        box = people[0].box
        session = people[0].session()
        trackers = parse(box.trackers(), "trackers", limit=1 << 20)
        registered = parse(box.credentials(), "credentials", limit=1 << 20)
        for one in [person for person in people if person.promises]:
            assert one.raw in archive
            one.recast(session)
            one.check_counted()
    assert sorted(trackers) == sorted(b64_sha256(person.raw) for person in people if person.raw)
    assert sorted(registered) == sorted(person.credential for person in people if person.credential)


def test_a_session_whose_server_is_killed_again_and_again(
    site: Site, people: list[Person], onlooker: Onlooker
):
    """What a voter was told is in the record, once; nobody ever saw a state or count go back."""
    check_in(site, people)
    vote(site, people)
    close(site, people)
    with site.serving():
        site.step("publish", "--yes", kills=4)
    check_record(site, people)
    onlooker.stopped = True
    onlooker.check()
    print(f"{site.lives.kills.total()} kills: {dict(site.lives.kills)}")  # noqa: T201

    assert site.met.states() == (State.PUBLISHED, State.PUBLISHED)
    kept = ("bel", "phieukin.zip", "shares.json")
    assert sorted(site.met.files()) == [f"{site.met.uuid}.{kind}" for kind in kept]
    assert site.lives.kills.total() >= 40
