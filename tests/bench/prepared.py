"""Sessions made beforehand: people have come, the box is sealed, ballots are written, none is cast.

A large one takes minutes to make, so it is kept, in a cache folder outside the repository:

    <cache>/<voters>x<officials>/
        sealed/        a data directory: the letters are out, check-in is open, nobody has come
        open/          the same one later: everybody has come, the committee has sealed the box
        people.json    the letters' codes, the phones' secrets, the trustees' keys
        ballots.txt    one ballot a line, in the order of the people

Whoever measures works on a copy of one of the directories. All of it is made by the product: a
books, the demo's voters and committee.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Final

from admin.client.server import Server
from admin.client.session_view import CHANNEL
from admin.client.voter import Secrets
from admin.demo import committee, scenario, session
from admin.demo.background import in_background
from admin.demo.one_process import LocalSecretary, LocalServer
from admin.demo.scenario import Choices, Scenario
from admin.demo.session import Sealed, Secretary
from admin.lifecycle import steps
from admin.record import files
from admin.record.pool import Workers, workers
from admin.rules import regime
from admin.session.books import opened
from admin.session.datadir import SETTINGS, DataDir
from crypto import ballot
from crypto.blind import IssuerKey
from crypto.encoding import canonical
from crypto.keyfile import TrusteeState
from crypto.session import Election

_PEOPLE: Final = "people.json"
_BALLOTS: Final = "ballots.txt"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared session.

    Attributes:
        folder: where it is kept; nothing in it is ever changed.
        codes: of the letters, as printed.
        secrets: of the phones, in the same order.
        trustees: what the key files hold after the opening.
        ballots: of the phones, in the same order.
    """

    folder: Path
    election: Election
    codes: list[str] = field(repr=False)
    secrets: list[Secrets] = field(repr=False)
    trustees: list[TrusteeState] = field(repr=False)
    ballots: list[bytes] = field(repr=False)

    @property
    def uuid(self) -> str:
        return self.election.uuid

    @property
    def officials(self) -> int:
        return len(self.election.questions)

    def copy(self, stage: str, folder: Path) -> DataDir:
        """A data directory of one's own: `sealed` or `open`."""
        shutil.copytree(self.folder / stage, folder)
        return DataDir.open(folder)

    def played(self, where: DataDir, url: str) -> Sealed:
        """The session as the demo's house and committee go on with it, on a running server."""
        secretary = Secretary(where, Server(url))
        return Sealed(secretary, self.uuid, list(self.trustees), [])


def prepared(cache_folder: Path, voters: int, officials: int, say: Say) -> Prepared:
    """The session of this size, made now if it is not there yet."""
    folder = cache_folder / f"{voters}x{officials}"
    if not (folder / _BALLOTS).exists():
        _make(folder, voters, officials, say)
    return _read(folder)


def _make(folder: Path, voters: int, officials: int, say: Say) -> None:
    """What is whole stays: only the missing steps are made."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _PEOPLE).exists():
        say(f"{voters} × {officials}: {voters} people check in")
        _open(folder, voters, officials)
    say(f"{voters} × {officials}: {voters} ballots are written")
    session_ = _read(folder)
    votes = _played(voters, officials).votes
    exponents = (secrets.secret for secrets in session_.secrets)
    raw = session_.election.raw
    with workers() as pool:
        tasks = ((raw, s, choices) for s, choices in zip(exponents, votes, strict=True))
        ballots = list(pool.map(_write, tasks))
    files.write(folder / _BALLOTS, b"".join(one + b"\n" for one in ballots))


def _played(voters: int, officials: int) -> Scenario:
    names = [(f"Official {i}", "") for i in range(1, officials + 1)]
    return scenario.random(voters, names, regime.load("nq96-2023"), "Bench")


def _unseen(_name: str, _total: int) -> AbstractContextManager[Callable[[int], None]]:
    """A stage whose progress nobody is shown."""
    return nullcontext(lambda _: None)


def _open(folder: Path, voters: int, officials: int) -> None:
    """The session up to the open box; nobody's call leaves this process."""
    work = folder / "work"
    for old in (work, folder / "sealed", folder / "open"):
        shutil.rmtree(old, ignore_errors=True)
    work.mkdir()
    files.write(work / SETTINGS, b"")
    where = DataDir.open(work)
    with _secretary(where) as secretary:
        begun = session.seal_session(_played(voters, officials), secretary, (CHANNEL,), _unseen)
        secretary.do(lambda books: steps.check_in(books, begun.uuid))
    shutil.copytree(work, folder / "sealed")
    with _secretary(where) as secretary, ThreadPoolExecutor(2) as phones:
        sealed = replace(begun, secretary=secretary)
        guests = [replace(guest, server=secretary.server) for guest in begun.guests]
        secrets = list(phones.map(session.check_in, guests))
        secretary.do(lambda books: steps.set_present(books, sealed.uuid, voters))
        secretary.do(lambda books: steps.open_voting(books, sealed.uuid))
        committee.seal_box(sealed, voters)
        election = str(sealed.box.session()["election"])
    work.rename(folder / "open")
    phi = Election.decode(election.encode()).phi
    people = {
        "election": election,
        "codes": [guest.code for guest in guests],
        "secrets": [json.loads(one.encode(phi)) for one in secrets],
        "trustees": [key.to_json() for key in sealed.keys],
    }
    files.write(folder / _PEOPLE, json.dumps(people).encode(), mode=0o600)


@contextmanager
def _secretary(where: DataDir) -> Iterator[LocalSecretary]:
    """Whoever works on the books of this directory, open as long as the block."""
    with ThreadPoolExecutor(1) as checks, in_background("books", opened(where)) as (books, loop):
        local = LocalServer("http://localhost", books=books, loop=loop, workers=Workers(checks, 1))
        yield LocalSecretary(where, local)


def _read(folder: Path) -> Prepared:
    people = json.loads((folder / _PEOPLE).read_bytes())
    election = Election.decode(people["election"].encode())
    if election.parameters is None:
        raise TypeError("a session of ours has our parameters")
    issuer = IssuerKey.from_spki(election.parameters.issuer)
    ballots = folder / _BALLOTS
    return Prepared(
        folder,
        election,
        people["codes"],
        [Secrets.decode(canonical(one), election.phi, issuer) for one in people["secrets"]],
        [TrusteeState.from_json(key, "key") for key in people["trustees"]],
        ballots.read_bytes().splitlines() if ballots.exists() else [],
    )


def _write(task: tuple[bytes, int, Choices]) -> bytes:
    """In a worker: one ballot."""
    raw, secret, choices = task
    return ballot.prepare(_election(raw), secret, choices)[0]


@cache
def _election(raw: bytes) -> Election:
    return Election.decode(raw)
