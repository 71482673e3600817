"""Single operations on one core: to make and to check a ballot, to multiply, to open.

Each beside the same operation of belenios-tool on the same ballots, in turn; and beside a start of
the tool for nothing, which is to be taken off.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Final

from crypto import ballot, tally
from crypto.archive import Kind
from crypto.audit.ballots import check_batch
from crypto.session import Election
from tests.bench import archives
from tests.bench.archives import Count
from tests.bench.cost import Cost, Worker, command, in_turn, worker
from tests.bench.prepared import Prepared
from tests.bench.results import Results, backends
from tests.interop import belenios
from tests.interop.test_tool import THREE, question, set_up

RUNS: Final = 3


def run(results: Results, session: Prepared) -> None:
    """All operations with the first ballots of this session."""
    size = f"{len(session.ballots)}x{session.officials}"
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        workers = {backend: stack.enter_context(worker(on)) for backend, on in backends().items()}
        counted = archives.count(session)
        tool = _tool(session, counted, Path(name)) if belenios.find() else {}
        seconds = RUNS * 0.07 * session.officials
        for operation, ours in _ours(session, counted).items():
            variants: dict[str, Callable[[], Cost]] = {
                backend: partial(_cost, where, ours) for backend, where in workers.items()
            }
            if operation in tool:
                variants["tool"] = tool[operation]
                variants["tool_start"] = partial(command, [belenios.tool(), "--version"])
            results.take(
                f"{operation}/{size}",
                seconds,
                partial(_measure, session, variants),
            )


def _measure(session: Prepared, variants: dict[str, Callable[[], Cost]]) -> dict[str, object]:
    costs = in_turn(RUNS, variants)
    return {"ballots": len(session.ballots), "officials": session.officials, "costs": costs}


def _cost(where: Worker, work: Callable[[], object]) -> Cost:
    return where.time(work)


# --- Ours, in a worker --------------------------------------------------------------------


def _ours(session: Prepared, counted: Count) -> dict[str, Callable[[], object]]:
    """Each operation as a call that a worker can be handed."""
    election, ballots = session.election.raw, session.ballots
    choices = tuple(i % 3 for i in range(session.officials))
    return {
        "make": partial(_make, election, session.secrets[0].secret, choices),
        "check": partial(check_batch, election, 1, ballots[:1]),
        "tally": partial(_tally, election, ballots),
        "share": partial(_share, election, counted, session.trustees[0].secret),
        "combine": partial(_combine, election, counted, len(ballots)),
    }


def _make(election: bytes, secret: int, choices: tuple[int, ...]) -> None:
    ballot.prepare(Election.decode(election), secret, choices)


def _tally(election: bytes, ballots: list[bytes]) -> None:
    tally.of_ballots(Election.decode(election), ballots)


def _share(election: bytes, counted: Count, secret: int) -> None:
    tally.decrypt(Election.decode(election), counted.tally, 1, secret)


def _combine(election_raw: bytes, counted: Count, cast: int) -> None:
    """Checks the shares first, as the tool does."""
    election = Election.decode(election_raw)
    for share in counted.shares:
        tally.check_share(election, counted.trustees, counted.tally, share)
    partials = [share.partial for share in counted.shares]
    tally.combine(election, counted.trustees, counted.tally, cast, partials)


# --- The stock tool -----------------------------------------------------------------------


def _tool(session: Prepared, counted: Count, folder: Path) -> dict[str, Callable[[], Cost]]:
    """The same operations of the tool."""
    sealed = archives.write(session, counted, Kind.SETUP, folder / "sealed").parent
    ended = archives.write(session, counted, Kind.END_BALLOTS, folder / "ended").parent
    shared = archives.write(session, counted, Kind.PARTIAL_DECRYPTION, folder / "shared").parent
    (credential,) = belenios.credentials(sealed, session.uuid, 1)
    choices = [[int(i % 3 == level) for level in range(3)] for i in range(session.officials)]
    belenios.generate_ballot(sealed, credential, choices)  # leaves the two files that it reads
    (sealed / "ballot.json").write_bytes(session.ballots[0])
    made = ("--privcred", "privcred", "--choice", "choice.json")
    return {
        "make": partial(_ask, sealed, "generate-ballot", *made),
        "check": partial(_ask, sealed, "verify-ballot", "--ballot", "ballot.json"),
        "tally": partial(_ask, ended, "compute-encrypted-tally"),
        "share": _tool_share(session.officials, folder / "own"),
        "combine": partial(_ask, shared, "compute-result"),
    }


def _tool_share(officials: int, folder: Path) -> Callable[[], Cost]:
    """A share of an election of the tool's own: it reads no key of our ceremony."""
    folder.mkdir()
    secret = belenios.trustee_key(folder)
    questions = [question(i, THREE) for i in range(1, officials + 1)]
    own = set_up(folder, questions, ours=1, theirs=0)
    raw, _ = ballot.prepare(own.election, own.secrets[0], tuple(i % 3 for i in range(officials)))
    belenios.add_event(folder, "Ballot", raw + b"\n")
    belenios.add_event(folder, "EndBallots")
    belenios.add_event(folder, "EncryptedTally", belenios.encrypted_tally(folder))
    belenios.decrypt(folder, secret, 1)  # leaves the key's file
    return partial(_ask, folder, "decrypt", "--privkey", "trustee.privkey", "--trustee-id", "1")


def _ask(folder: Path, operation: str, *arguments: str) -> Cost:
    return command([belenios.tool(), "election", operation, "--dir", ".", *arguments], folder)
