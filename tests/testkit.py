"""An honest session with every secret at hand, and the means to redo it around one deviation.

A record whose hashes are broken is refused for its hashes, and shows nothing about the checks
behind them. So a test alters one part and then lets everyone who is not the victim of the
deviation link, sum and sign again: `Parts` are the files before they are linked, `Session.sign`
is what registrar, box and chair together can do, `Session.open` is what the trustees can.
"""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from admin.record import bundle, results
from admin.record.session_file import SessionFile
from crypto import ballot, blind, ceremony, checkpoint, note, tally, token
from crypto.archive import Writer
from crypto.audit import evidence
from crypto.audit.archive import SHARES, encode_credentials
from crypto.audit.evidence import Issuance, PaperBallots
from crypto.blind import IssuerSecret
from crypto.checkpoint import MOMENT_OF, Amendment, Checkpoint
from crypto.committee import Moment
from crypto.encoding import b64_sha256, canonical, sha256
from crypto.group import Element, G, random_scalar
from crypto.keyfile import TrusteeState
from crypto.lifecycle import State
from crypto.note import SeedSigner, Signer, TrusteeSigner
from crypto.session import Election, Level, Official, Parameters, Policy, define, roster_mac
from crypto.tally import Share, Tally
from crypto.trustees import Trustees
from tests.crypto import figures, room

UUID = "Phieu1Kin2Test3A"
TIMESTAMP = 1_700_000_000
REGIME = "nq96-2023"
NAMES = ("Nguyễn Văn Ân", "Trần Thị Bích", "Lê Hữu Đức", "Phạm Quang Êm", "Võ Út")
LABELS = ("Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp", "Không rõ", "Khác")
KEYS = ("high", "medium", "low", "none", "other")

HUMAN = SessionFile(UUID, "Hội đồng nhân dân", "Lấy phiếu tín nhiệm", "2026-01-02", "", 15)

# Nine ballots on three officials: every level, blank lines, one wholly blank ballot.
VOTES: tuple[tuple[int | None, ...], ...] = (
    (0, 0, 2), (0, 1, 2), (0, 2, 2), (0, 0, None), (1, 1, 2), (1, 0, 1), (2, 0, 2),
    (None, None, None), (0, 0, 2),
)  # fmt: skip
TOTALS = [[5, 2, 1], [5, 2, 1], [0, 1, 6]]
# Each number is another, so that no comparison can be made with the wrong one.
ROSTER, PRESENT, ISSUED, REGISTERED, CAST = 13, 12, 11, 10, 9

Choices = Sequence[int | None]


@dataclass(frozen=True)
class Parts:
    """The files of a record, not yet linked to each other by an archive and a manifest."""

    election: bytes
    trustees: bytes
    credentials: bytes
    ballots: tuple[bytes, ...]
    tally: bytes
    sized: bytes
    shares: tuple[tuple[bytes, bytes], ...]
    result: bytes
    side: dict[str, bytes]
    timestamp: int = TIMESTAMP

    @property
    def archive(self) -> bytes:
        """The whole chain of events, linked anew."""
        writer = Writer(self.timestamp)
        written = [writer.head(), writer.setup(self.election, self.trustees, self.credentials)]
        written += [writer.ballot(raw) for raw in self.ballots]
        written += [writer.end_ballots(), writer.encrypted_tally(self.tally, self.sized)]
        written += [writer.partial_decryption(share, owned) for share, owned in self.shares]
        return b"".join([*written, writer.result(self.result)])

    @property
    def notes(self) -> list[bytes]:
        """The checkpoints, one by one."""
        return checkpoint.split(self.side[evidence.CHECKPOINTS])

    def with_side(self, **files: bytes) -> "Parts":
        """Other side files, named like the constants of crypto/audit/evidence.py in lower case."""
        names = {"results": bundle.RESULTS, "shares": SHARES} | {
            name: getattr(evidence, name.upper())
            for name in ("session", "tokens", "ceremony", "issuance", "checkpoints")
        }
        return replace(self, side=self.side | {names[n]: raw for n, raw in files.items()})

    def with_notes(self, notes: Sequence[bytes]) -> "Parts":
        return self.with_side(checkpoints=checkpoint.join(notes))

    def with_ballot(self, index: int, raw: bytes) -> "Parts":
        """One ballot replaced, and all of them in order again."""
        return self.with_ballots([*self.ballots[:index], raw, *self.ballots[index + 1 :]])

    def with_ballots(self, ballots: Iterable[bytes]) -> "Parts":
        return replace(self, ballots=tuple(sorted(ballots, key=b64_sha256)))

    def with_tally(self, raw: bytes, cast: int | None = None) -> "Parts":
        """Another encrypted tally, with its own size beside it."""
        size = len(self.ballots) if cast is None else cast
        head = {"num_tallied": size, "total_weight": size, "encrypted_tally": sha256(raw)}
        return replace(self, tally=raw, sized=canonical(head))

    def with_share(self, index: int, raw: bytes, owner: int | None = None) -> "Parts":
        """One share replaced, and its owner's note made for it."""
        owner = (1, 3)[index] if owner is None else owner
        made = raw, canonical({"owner": owner, "payload": sha256(raw)})
        return replace(self, shares=(*self.shares[:index], made, *self.shares[index + 1 :]))


@dataclass(frozen=True)
class Session:
    """Everyone's secrets, and the record that honest people made with them."""

    room: room.Room
    issuer: IssuerSecret
    registrar: SeedSigner
    box: SeedSigner
    chair: SeedSigner
    election: Election
    human: SessionFile
    present: int
    issued: int
    secrets: tuple[int, ...]  # of the registered credentials; the first ones voted
    paper: PaperBallots = field(default_factory=PaperBallots)
    amendments: tuple[Amendment, ...] = ()

    @property
    def phi(self) -> str:
        return self.election.phi

    @property
    def parameters(self) -> Parameters:
        assert self.election.parameters is not None
        return self.election.parameters

    @property
    def issuance(self) -> Issuance:
        channels = {"cli": self.issued} if self.issued else {}
        return Issuance(self.present, channels, self.paper, self.amended)

    @property
    def amended(self) -> tuple[str, ...]:
        """The amendments of the roster, signed by registrar and chair."""
        signers = [self.registrar, self.chair]
        bodies = [amendment.body(self.election.uuid, self.phi) for amendment in self.amendments]
        return tuple(note.sign(body, signers).encode().decode() for body in bodies)

    @property
    def roster(self) -> int:
        """How many are on the roster after its amendments."""
        changes = sum(amendment.added - amendment.removed for amendment in self.amendments)
        return self.parameters.roster_size + changes

    @property
    def trustees(self) -> Trustees:
        return self.room.trustees

    @cached_property
    def code(self) -> str:
        """The session code."""
        fixed = checkpoint.make(
            self.election, State.SEALED, (self.parameters.roster_size,), self.trustees.encode()
        )
        return checkpoint.check_committee(
            note.parse(self.note(fixed)), self.election, self.parameters
        )

    @cached_property
    def credentials(self) -> list[Element]:
        """The registered ones, in the order of `secrets`."""
        return [G**secret for secret in self.secrets]

    @cached_property
    def tokens(self) -> dict[Element, bytes]:
        return {credential: self.token(credential) for credential in self.credentials}

    def token(self, credential: Element) -> bytes:
        """What the registrar gives for any credential, when it does not ask whose it is."""
        made = token.request_token(self.issuer.public, self.phi, credential)
        answer = blind.blind_sign(self.issuer, made.blinded_message)
        return token.receive_token(self.issuer.public, self.phi, credential, answer, made)

    def vote(self, index: int, choices: Choices) -> bytes:
        """The ballot of one of the registered voters."""
        return ballot.prepare(self.election, self.secrets[index], choices)[0]

    def share(self, index: int, opened: Tally) -> Share:
        return tally.decrypt(self.election, opened, index, self.state(index).secret)

    def state(self, index: int) -> TrusteeState:
        return self.room.states[index - 1]

    def archived(self, ballots: Iterable[bytes], owners: Sequence[int] = (1, 3)) -> Parts:
        """Everything from honest ballots on: the tally, shares, result; nothing signed yet."""
        raws = tuple(sorted(ballots, key=b64_sha256))
        opened = product(self.election, raws)
        shares = [self.share(owner, opened) for owner in owners]
        partials = [share.partial for share in shares]
        totals = tally.combine(self.election, self.trustees, opened, len(raws), partials)
        return Parts(
            self.election.raw,
            self.trustees.encode(),
            encode_credentials(self.credentials),
            raws,
            opened.encode(),
            tally.sized(opened, len(raws)),
            tuple((partial.encode(), partial.owned()) for partial in partials),
            tally.encode_result(totals),
            {SHARES: tally.encode_statements(shares)},
        )

    def signer(self, party: str) -> SeedSigner:
        return {"registrar": self.registrar, "box": self.box, "chair": self.chair}[party]

    def trustee_signer(self, owner: int, moment: Moment) -> TrusteeSigner:
        key = checkpoint.trustee_key(self.election, self.parameters, owner)
        state = self.state(owner)
        return TrusteeSigner(key.name, state.signing_secret, state.salt(moment))

    def signers(self, state: State, owners: Sequence[int] = (1, 2, 3)) -> list[Signer]:
        """The parties who sign the checkpoint of a state, and these trustees where they do."""
        signers: list[Signer] = [self.signer(party) for party in checkpoint.SIGNERS[state]]
        if state in MOMENT_OF:
            signers += [self.trustee_signer(owner, MOMENT_OF[state]) for owner in owners]
        return signers

    def checkpoints(self, parts: Parts) -> dict[State, Checkpoint]:
        """What the checkpoints say of the record."""
        registered, cast, paper = len(self.secrets), len(parts.ballots), self.paper
        roster = self.parameters.roster_size
        trackers = evidence.encode_trackers([b64_sha256(raw) for raw in parts.ballots])
        opened = self.roster, self.present, self.issued, registered, paper.opening
        opening = checkpoint.make(
            self.election,
            State.OPEN,
            opened,
            parts.credentials,
            issuance=self.issuance.at_opening,
        )
        closed = registered, cast, paper.present, paper.late
        made = (
            checkpoint.make(self.election, State.SEALED, (roster,), parts.trustees),
            opening,
            checkpoint.make(self.election, State.CLOSED, closed, trackers, opening=opening.body),
            checkpoint.make(self.election, State.TALLIED, (cast, cast), parts.result),
        )
        return {fixed.state: fixed for fixed in made}

    def sign(self, parts: Parts, counted: Parameters | None = None) -> Parts:
        """The record with every side file made to fit what is in the archive.

        Args:
            counted: by which the results are written, if not by the definition's.
        """
        notes = [self.note(fixed) for fixed in self.checkpoints(parts).values()]
        totals = tally.decode_result(parts.result, self.election)
        cast, roster = len(parts.ballots), self.roster
        counted = counted or self.parameters
        made = results.document(counted, totals, cast=cast, session_file=self.human, roster=roster)
        return parts.with_side(
            session=self.human.encode(),
            tokens=evidence.encode_tokens(self.tokens),
            ceremony=canonical(ceremony.transcript(self.room.ones, self.room.twos)),
            issuance=self.issuance.encode(),
            results=results.encode(made),
        ).with_notes(notes)

    def note(self, fixed: Checkpoint, owners: Sequence[int] = (1, 2, 3)) -> bytes:
        """A checkpoint with the signatures of everyone, or of these trustees."""
        return note.sign(fixed.body, self.signers(fixed.state, owners)).encode()

    def bundle(self, parts: Parts) -> bytes:
        """The zip, with a manifest that the chair signs for whatever is in it."""
        target = io.BytesIO()
        archive = io.BytesIO(parts.archive)
        bundle.write(target, self.election.uuid, archive, parts.side, self.chair)
        return target.getvalue()


@cache
def issuer_pkcs8() -> bytes:
    """`issuer_secret` as the server keeps it; encoding it anew checks its primes at length."""
    return issuer_secret().to_pkcs8()


@cache
def issuer_secret() -> IssuerSecret:
    """One fixed key for all sessions of the tests."""
    return IssuerSecret.from_pkcs8(base64.b64decode(figures.load("own/issuer_key.json")["pkcs8"]))


@cache
def committee() -> room.Room:
    """Two of three open the totals; all three sign."""
    return room.hold(3, 2)


def seal(
    *,
    officials: int = 3,
    levels: int = 3,
    invalid: str = "line",
    channels: tuple[str, ...] = ("browser", "cli"),
    min_ballots: int = 5,
    registered: int = REGISTERED,
    description: str = "",
    human: SessionFile = HUMAN,
    held: room.Room | None = None,
    rehearsal: bool = True,
) -> Session:
    """A sealed session, with its voters registered already."""
    held = held or committee()
    parties = ("registrar", "box", "chair")
    registrar, box, chair = (
        SeedSigner(f"phieukin/{human.uuid}/{party}", sha256(party.encode())[:32].encode())
        for party in parties
    )
    policy = Policy(
        tuple(Level(k, name) for k, name in zip(KEYS[:levels], LABELS[:levels], strict=True)),
        channels, min_ballots, REGIME, invalid, "public", "none", rehearsal=rehearsal,
    )  # fmt: skip
    parameters = Parameters(
        held.trustees.digest,
        held.committee,
        sha256(human.encode()),
        issuer_secret().public.spki,
        registrar.key.public,
        box.key.public,
        chair.key.public,
        ROSTER,
        roster_mac(bytes(32), b"[]"),
        tuple(Official(name, "Ủy viên") for name in NAMES[:officials]),
        policy,
    )
    election = define(
        name=human.name,
        description=description,
        uuid=human.uuid,
        trustees=held.trustees,
        parameters=parameters,
    )
    secrets = tuple(random_scalar() for _ in range(registered))
    return Session(
        held, issuer_secret(), registrar, box, chair, election, human, PRESENT, ISSUED, secrets
    )


@cache
def session() -> Session:
    """The one session that most tests look at."""
    return seal()


@cache
def honest() -> Parts:
    """Its record: nine ballots on three officials, opened by trustees 1 and 3."""
    made = session()
    return made.sign(made.archived(made.vote(i, choices) for i, choices in enumerate(VOTES)))


@cache
def honest_bundle() -> bytes:
    return session().bundle(honest())


def voter_of(parts: Parts, index: int) -> int:
    """Whose ballot stands at this place: its index in `secrets`."""
    made = session()
    credential = ballot.decode(parts.ballots[index], made.election).credential
    return made.credentials.index(credential)


def product(election: Election, ballots: Iterable[bytes]) -> Tally:
    """The encrypted tally of some ballots."""
    result = tally.empty(election)
    for raw in ballots:
        answers = ballot.decode(raw, election).answers
        result = result * Tally(tuple(answer.choices for answer in answers))
    return result
