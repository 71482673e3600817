"""Records of ours under the stock tool's eyes, and what it overlooks (docs/protocol.md §8)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from admin.demo import one_process, scenario
from admin.record import belenios as second_opinion
from admin.record.audit import AuditOptions, audit_file, rewinding
from admin.record.pool import workers
from admin.rules import regime
from crypto import tally
from crypto.archive import Kind, Reader, Writer
from crypto.elgamal import Ciphertext
from crypto.encoding import canonical
from crypto.errors import (
    BadArchive,
    BadBallot,
    BadResult,
    BadShare,
    BadSignature,
    BadTally,
    Incomplete,
    ProtocolError,
    SecondBallot,
)
from crypto.group import G
from crypto.session import Election
from crypto.tally import Tally
from tests.interop import belenios

pytestmark = [pytest.mark.tool, pytest.mark.usefixtures("belenios_tool")]

OFFICIALS = [("Bà Ánh", "Chủ tịch"), ("Ông Bình", "")]
VOTERS = 6

Events = list[tuple[Kind, tuple[bytes, ...]]]


@contextmanager
def silent(_name: str, _total: int) -> Iterator[Callable[[int], None]]:
    """A stage of which nobody is told."""
    yield lambda _: None


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The record of a session that was really played."""
    vote = scenario.random(VOTERS, OFFICIALS, regime.load("nq96-2023"), "Hội đồng thử")
    with workers(2) as pool:
        return one_process.play(vote, tmp_path_factory.mktemp("record"), pool, silent)


class Archive:
    """The played archive in parts, to be put together in other ways."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            reader = Reader(file)
            self.events: Events = [(event.kind, event.files) for event in reader]
        self.timestamp = reader.timestamp
        self.setup, *following = self.events
        self.ballots = [event for event in following if event[0] == Kind.BALLOT]
        self.end, self.tally, *self.shares = following[len(self.ballots) : -1]
        self.result = following[-1]
        self.election = Election.decode(self.setup[1][0])
        self.total = Tally.decode(self.tally[1][0], self.election)
        self.tail = [self.tally, *self.shares, self.result]

    def write(self, events: Events) -> bytes:
        """A well-formed chain of these events: only what stands in it can be wrong."""
        writer = Writer(self.timestamp)
        blocks = writer.head()
        for kind, files in events:
            # A set-up is written with its payload, which the writer makes anew.
            blocks += writer._append(kind, *files)
        return blocks


Alter = Callable[[Archive], Events]


@pytest.fixture(scope="module")
def archive(bundle: Path) -> Archive:
    (path,) = bundle.parent.glob("*.bel")
    return Archive(path)


@pytest.fixture
def judged(archive: Archive, tmp_path: Path) -> Callable[[Events], tuple[bool, ProtocolError]]:
    """(whether the tool accepts these events, our auditor's error)."""

    def judge(events: Events) -> tuple[bool, ProtocolError]:
        path = tmp_path / f"{archive.election.uuid}.bel"
        path.write_bytes(archive.write(events))
        error = audit_file(path, AuditOptions()).error
        assert error is not None
        return belenios.accepts(path), error

    return judge


def test_both_accept_the_record(bundle: Path):
    """Our audit of the bundle asks the tool too, and everything passes."""
    outcome = audit_file(bundle, AuditOptions(belenios=True))
    facts = {check.id: check.facts for check in outcome.report.checks}

    assert outcome.error is None
    assert str(facts["belenios"]["said"]).endswith("all checks passed")


def test_parts_put_together_are_the_archive(bundle: Path, archive: Archive):
    """What the tests below alter is the archive itself."""
    (path,) = bundle.parent.glob("*.bel")

    assert archive.write(archive.events) == path.read_bytes()
    assert archive.events == [archive.setup, *archive.ballots, archive.end, *archive.tail]


def test_missing_tool_is_no_verdict(bundle: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Without the tool nothing is said to be wrong: the second opinion is incomplete."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(second_opinion.VARIABLE, raising=False)
    monkeypatch.setattr(second_opinion, "_CHECKOUT", tmp_path / "nothing")
    error = audit_file(bundle, AuditOptions(belenios=True)).error
    assert type(error) is Incomplete

    monkeypatch.setenv(second_opinion.VARIABLE, str(tmp_path / "nothing"))
    error = audit_file(bundle, AuditOptions(belenios=True)).error
    assert type(error) is Incomplete


# ---- what both refuse, and what belenios-tool 3.0 accepts and we refuse


def raised(total: Tally) -> Tally:
    """The tally with one mark more for the first level of the first official."""
    (first, *unchanged), *lines = total.lines
    more = Ciphertext(first.alpha, first.beta * G)
    return Tally(((more, *unchanged), *lines))


def altered_tally(a: Archive) -> Events:
    total = raised(a.total)
    files = (total.encode(), tally.sized(total, VOTERS))
    return [a.setup, *a.ballots, a.end, (Kind.ENCRYPTED_TALLY, files), *a.shares, a.result]


def altered_result(a: Archive) -> Events:
    totals = json.loads(a.result[1][0])["result"]
    totals[0][0] += 1
    return [*a.events[:-1], (Kind.RESULT, (tally.encode_result(totals),))]


def exchanged_owners(a: Archive) -> Events:
    """Each share under the other trustee's number."""
    shares = [
        (kind, (share, canonical({**json.loads(owned), "owner": owner})))
        for (kind, (share, owned)), owner in zip(a.shares, (3, 1), strict=True)
    ]
    return [a.setup, *a.ballots, a.end, a.tally, *shares, a.result]


def test_refusal_of_the_tool_has_a_name(archive: Archive, tmp_path: Path):
    """An archive that only the tool were to refuse would still fail the audit."""
    path = tmp_path / "altered.bel"
    path.write_bytes(archive.write(altered_result(archive)))

    with path.open("rb") as file, pytest.raises(BadArchive, match="belenios-tool refuses the arch"):
        second_opinion.verify(rewinding(file))


def wrong_number(a: Archive) -> Events:
    """One ballot more is said to be tallied than there are."""
    files = (a.tally[1][0], tally.sized(a.total, VOTERS + 1))
    tallied = (Kind.ENCRYPTED_TALLY, files)
    return [a.setup, *a.ballots, a.end, tallied, *a.shares, a.result]


# What the tool refuses, we refuse, by name.
BOTH: dict[str, tuple[Alter, type[ProtocolError]]] = {
    "altered tally": (altered_tally, BadTally),
    "altered result": (altered_result, BadResult),
    "one share": (
        lambda a: [a.setup, *a.ballots, a.end, a.tally, a.shares[0], a.result], BadShare),
    "exchanged owners": (exchanged_owners, BadShare),
}  # fmt: skip
# The tool is a second opinion and not the auditor: each of these it lets pass.
WE_ALONE: dict[str, tuple[Alter, type[ProtocolError]]] = {
    "an EndBallots in the middle": (
        lambda a: [a.setup, *a.ballots[:3], a.end, *a.ballots[3:], a.end, *a.tail], BadArchive),
    "ballots after the end": (
        lambda a: [a.setup, *a.ballots[:3], a.end, *a.ballots[3:], *a.tail], BadArchive),
    "no end": (lambda a: [a.setup, *a.ballots, *a.tail], BadArchive),
    "second setup": (lambda a: [a.setup, a.setup, *a.events[1:]], BadArchive),
    "second tally": (lambda a: [a.setup, *a.ballots, a.end, a.tally, *a.tail], BadArchive),
    "second result": (lambda a: [*a.events, a.result], BadArchive),
    "a ballot that is in the tally and no longer in the archive": (
        lambda a: [a.setup, *a.ballots[1:], a.end, *a.tail], BadTally),
    # The order of the ballots could tell who voted when; ours is that of the trackers.
    "other order": (lambda a: [a.setup, *reversed(a.ballots), a.end, *a.tail], BadBallot),
    "wrong number": (wrong_number, BadTally),
    # Before any share: a trustee who trusted the tool would open this.
    "altered tally, unopened": (lambda a: altered_tally(a)[: -len(a.tail) + 1], BadTally),
    "third share": (lambda a: [*a.events[:-1], a.shares[0], a.result], BadShare),
}  # fmt: skip


@pytest.mark.parametrize("name", [*BOTH, *WE_ALONE])
def test_what_we_refuse(
    name: str, archive: Archive, judged: Callable[[Events], tuple[bool, ProtocolError]]
):
    """By name; the tool says no where both must, and is known to overlook the others."""
    alter, error = (BOTH | WE_ALONE)[name]
    accepted, refusal = judged(alter(archive))

    assert accepted is (name in WE_ALONE)
    assert type(refusal) is error


# ---- what belenios-tool 3.0 refuses by chance
#
# `election verify` checks the ballots beside everything else. When one fails, the checks of the
# others stop, but mostly it still says "all checks passed" and ends with 0: the more idle the
# machine, the surer. `election verify-ballot` is reliable. So nothing is asserted here of the
# tool's verdict on an archive with such a ballot.


def respelled(raw: bytes) -> bytes:
    """Another spelling of the same ballot, with another tracker."""
    return raw.replace(b'"choices":[', b'"choices": [', 1)


def false(raw: bytes) -> bytes:
    """A ballot with another response in one proof."""
    response = json.loads(raw)["answers"][0]["overall_proof"][0]["response"]
    return raw.replace(response.encode(), str(int(response) - 1).encode())


def test_replayed_ballot(archive: Archive, judged: Callable[[Events], tuple[bool, ProtocolError]]):
    """We refuse it always."""
    again = [archive.setup, *archive.ballots, archive.ballots[0], archive.end, *archive.tail]
    _, refusal = judged(again)

    assert type(refusal) is SecondBallot


@pytest.mark.parametrize("alter", [respelled, false])
@pytest.mark.parametrize("finished", [True, False])
def test_bad_ballot(
    alter: Callable[[bytes], bytes],
    finished: bool,
    archive: Archive,
    judged: Callable[[Events], tuple[bool, ProtocolError]],
    tmp_path: Path,
):
    """We refuse the archive always; the tool the ballot, when asked about it alone."""
    kind, (raw,) = archive.ballots[-1]
    bad = alter(raw)
    tail = archive.tail if finished else []
    ballots = [*archive.ballots[:-1], (kind, (bad,))]
    _, refusal = judged([archive.setup, *ballots, archive.end, *tail])
    assert type(refusal) is BadSignature

    path = tmp_path / f"{archive.election.uuid}.bel"
    path.write_bytes(archive.write([archive.setup]))
    assert belenios.verify_ballot(tmp_path, raw).returncode == 0
    assert belenios.verify_ballot(tmp_path, bad).returncode != 0
