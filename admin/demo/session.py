"""The session from seal to record, as DESIGN describes it, with everyone in one process."""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from admin.demo import committee, delegate
from admin.demo.committee import Committee
from admin.demo.delegate import Delegate
from admin.demo.house import Box, Registrar
from admin.demo.scenario import Scenario
from admin.record import bundle, opening, results
from admin.record.audit import rewinding
from admin.record.files import replacing
from admin.record.pool import Workers
from admin.record.session_file import SessionFile
from crypto import checkpoint, note, tally
from crypto.archive import Writer
from crypto.audit import evidence
from crypto.audit.evidence import Issuance
from crypto.audit.report import Report
from crypto.blind import IssuerSecret
from crypto.encoding import b64_sha256, canonical, sha256
from crypto.lifecycle import State
from crypto.note import SeedSigner, Signer
from crypto.session import (
    Election,
    Level,
    Official,
    Parameters,
    Policy,
    define,
    new_uuid,
    roster_mac,
)

CHANNEL = "cli"
MIN_BALLOTS = 10

# stage(name, total) shows a stage of the session; what it yields is told of each step done.
Stage = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]


@dataclass(frozen=True, slots=True)
class Books:
    """Who holds which key in this session."""

    committee: Committee
    issuer: IssuerSecret
    registrar: SeedSigner
    box: SeedSigner
    chair: SeedSigner


@dataclass(frozen=True, slots=True)
class Sealed:
    """A definition that everyone has signed."""

    election: Election
    parameters: Parameters
    human: SessionFile
    books: Books

    @property
    def trustees_file(self) -> bytes:
        return self.books.committee.trustees.encode()


def play(scenario: Scenario, folder: Path, workers: Workers, stage: Stage) -> Path:
    """Plays the session; leaves the archive and the bundle in `folder`.

    Returns:
        The bundle.
    """
    delegates = [
        Delegate(f"delegate {i}", choices) for i, choices in enumerate(scenario.votes, start=1)
    ]
    with stage("seal", 1) as step:
        sealed = _seal(scenario, delegates)
        notes = [_sign(sealed, State.SEALED, (len(delegates),), sealed.trustees_file)]
        step(1)
    election, issuer = sealed.election, sealed.books.issuer
    registrar = Registrar(issuer, [one.name for one in delegates])
    box = Box(election, issuer.public, sealed.books.box)
    with stage("checkin", len(delegates)) as step:
        for one in delegates:
            one.check_in(registrar, box, issuer.public, election.phi)
            step(1)
    credentials = box.open()
    issuance = Issuance(len(delegates), {CHANNEL: registrar.issued})
    counts = (len(delegates), issuance.present, issuance.issued, len(box.tokens))
    notes.append(_sign(sealed, State.OPEN, counts, credentials))
    with stage("vote", len(delegates)) as step:
        _vote(sealed, delegates, box, workers, step)
    archive = folder / f"{election.uuid}.bel"
    with stage("close", len(delegates)) as step:
        trackers = _close(sealed, box, credentials, archive)
        for one in delegates:
            one.find(trackers, election, sealed.parameters)
            step(1)
        listed = evidence.encode_trackers(sorted(trackers))
        notes.append(_sign(sealed, State.CLOSED, (len(box.tokens), len(trackers)), listed))
    with stage("tally", len(committee.OPENING) * len(delegates)) as step:
        totals = _tally(sealed.books.committee, archive, workers, step)
    with stage("publish", 1) as step:
        opened = tally.encode_result(totals)
        notes.append(_sign(sealed, State.TALLIED, (len(trackers), len(trackers)), opened))
        path = _publish(sealed, archive, box, issuance, notes, totals)
        step(1)
    return path


def _house(uuid: str) -> Books:
    def signer(party: str) -> SeedSigner:
        return SeedSigner(f"{checkpoint.origin(uuid)}/{party}", secrets.token_bytes(32))

    return Books(
        committee.make(),
        IssuerSecret.generate(),
        signer("registrar"),
        signer("box"),
        signer("chair"),
    )


def _seal(scenario: Scenario, delegates: list[Delegate]) -> Sealed:
    uuid, regime = new_uuid(), scenario.regime
    books = _house(uuid)
    human = SessionFile(uuid, scenario.body, regime.title.vi, scenario.date, "", len(delegates))
    roster = canonical([one.name for one in delegates])
    policy = Policy(
        levels=tuple(Level(level.key, level.label.vi) for level in regime.levels),
        channels=(CHANNEL,),
        min_ballots=min(MIN_BALLOTS, len(delegates)),
        regime=regime.id,
        invalid="line",
        publication="public",
        recovery="none",
        rehearsal=True,
    )
    parameters = Parameters(
        trustees=books.committee.trustees.digest,
        session=sha256(human.encode()),
        issuer=books.issuer.public.spki,
        registrar=books.registrar.key.public,
        box=books.box.key.public,
        chair=books.chair.key.public,
        roster_size=len(delegates),
        roster_mac=roster_mac(secrets.token_bytes(32), roster),
        officials=tuple(Official(o.name, o.position) for o in scenario.officials),
        policy=policy,
    )
    election = define(
        name=f"{human.title} – {human.body}",
        description="",
        uuid=uuid,
        trustees=books.committee.trustees,
        parameters=parameters,
    )
    return Sealed(election, parameters, human, books)


def _vote(
    sealed: Sealed,
    delegates: list[Delegate],
    box: Box,
    workers: Workers,
    step: Callable[[int], None],
) -> None:
    election = sealed.election
    delegate.test_ballot(election, delegates[0])
    made = workers.map(delegate.vote, ((election, d.secret, d.choices) for d in delegates))
    arrived = workers.map(delegate.receive, ((election, raw) for raw in made))
    for one, (raw, checked) in zip(delegates, arrived, strict=True):
        one.promise = box.cast(raw, checked)
        one.tracker = checked.trackers[0]
        step(1)


def _close(sealed: Sealed, box: Box, credentials: bytes, archive: Path) -> set[str]:
    """Writes the archive up to the encrypted tally; returns all trackers."""
    writer = Writer(int(time.time()))
    ballots = box.close()
    with archive.open("xb") as file:
        file.write(writer.head())
        file.write(writer.setup(sealed.election.raw, sealed.trustees_file, credentials))
        for raw in ballots:
            file.write(writer.ballot(raw))
        file.write(writer.end_ballots())
        sized = tally.sized(box.tally, len(ballots))
        file.write(writer.encrypted_tally(box.tally.encode(), sized))
    return {b64_sha256(raw) for raw in ballots}


def _tally(
    made: Committee, archive: Path, workers: Workers, step: Callable[[int], None]
) -> list[list[int]]:
    """Each trustee audits the archive alone and gives a share; the shares are combined."""
    with archive.open("rb") as file:
        audits = [
            opening.audit_closed(rewinding(file), Report(), workers.checking(step))
            for _ in committee.OPENING
        ]
    election = audits[0].setup.election
    shares = [
        (f"share {owner}", committee.open_totals(made, owner, closed).encode_file(election.phi))
        for owner, closed in zip(committee.OPENING, audits, strict=True)
    ]
    return opening.append(archive, audits[0], opening.check_shares(audits[0], shares))


def _publish(
    sealed: Sealed,
    archive: Path,
    box: Box,
    issuance: Issuance,
    notes: list[bytes],
    totals: list[list[int]],
) -> Path:
    cast = len(box.close())
    made = results.document(sealed.parameters, totals, cast=cast, session_file=sealed.human)
    files = {
        evidence.SESSION: sealed.human.encode(),
        evidence.TOKENS: evidence.encode_tokens(box.tokens),
        evidence.CEREMONY: sealed.books.committee.ceremony,
        evidence.ISSUANCE: issuance.encode(),
        evidence.CHECKPOINTS: checkpoint.join(notes),
        bundle.RESULTS: results.encode(made),
    }
    path = archive.with_suffix(bundle.SUFFIX)
    with archive.open("rb") as source, replacing(path) as target:
        bundle.write(target, sealed.election.uuid, source, files, sealed.books.chair)
    return path


def _sign(sealed: Sealed, state: State, counts: tuple[int, ...], listed: bytes) -> bytes:
    """The checkpoint of a state, signed by all who must."""
    books = sealed.books
    parties = {"registrar": books.registrar, "box": books.box, "chair": books.chair}
    signers: list[Signer] = [parties[party] for party in checkpoint.SIGNERS[state]]
    if state == State.SEALED:
        signers += committee.signers(books.committee, sealed.election)
    made = checkpoint.make(sealed.election, state, counts, listed)
    return note.sign(made.body, signers).encode()
