"""What each insider makes with the keys it holds, everything behind it made to fit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from crypto import ballot, note
from crypto.archive import Writer
from crypto.audit.archive import encode_credentials
from crypto.audit.evidence import encode_tokens
from crypto.checkpoint import MOMENT_OF, SIGNERS
from crypto.encoding import canonical
from crypto.group import G, Q, random_scalar
from crypto.lifecycle import State
from crypto.note import SeedSigner
from crypto.tally import Share, encode_statements
from tests import testkit
from tests.admin.record.test_audit import SEALED
from tests.attacks.forgeries import By, Forgery
from tests.attacks.forgeries.files import bundle_of
from tests.attacks.forgeries.world import AMENDMENT, PAPER, honest, world
from tests.crypto import room
from tests.crypto.test_evidence_checkpoints import STATES
from tests.forgery import Filled, forge, forge_share, marks, opened, signed
from tests.mutants import mutants
from tests.testkit import Parts, product

CHOICES = (0, 1, None)
Choices = tuple[int | None, ...]


def _credential_of(place: int) -> int:
    """The secret behind the ballot in this place."""
    sealed = world()
    credential = ballot.decode(honest().ballots[place], sealed.election).credential
    return sealed.secrets[sealed.credentials.index(credential)]


def _instead(place: int, raw: bytes) -> bytes:
    return bundle_of(honest().with_ballot(place, raw))


# --- Voters

# (what a voter puts into the three ciphertexts of each line, the expected error)
COUNTED: dict[str, list[list[int]]] = {
    "a 2": [[2, 0, 0], [0, 1, 0], [0, 0, 0]],
    "a −1": [[Q - 1, 0, 0], [0, 1, 0], [0, 0, 0]],
    "two marks in a line": [[1, 1, 0], [0, 1, 0], [0, 0, 0]],
    "three marks in a line": [[0, 1, 0], [0, 1, 0], [1, 1, 1]],
    "a mark moved from another": [[1, Q - 1, 1], [0, 0, 0], [0, 0, 0]],
    "many marks": [[1000, 0, 0], [0, 0, 0], [0, 0, 0]],
    "a half": [[pow(2, -1, Q), 0, 0], [0, 0, 0], [0, 0, 0]],
}


def voters() -> Iterator[Forgery]:
    """Ballots that count more than one vote, or are somebody else's."""
    for place in range(len(honest().ballots)):
        for what, values in COUNTED.items():
            record = partial(_counted, place, values)
            name = f"voter {place}: {what}"
            yield Forgery(name, By.VOTER, "(BadProof|Malformed) at ballots", record)
        for what, (expected, make) in _BELONGING.items():
            record = partial(_belonging, place, make)
            yield Forgery(f"voter {place}: {what}", By.VOTER, f"{expected} at ballots", record)
    answers = opened(honest().ballots[2])["answers"]
    for mutant in mutants(canonical(answers[0])):
        record = partial(_signed_anew, 2, mutant.value)
        name = f"voter 2: signed anew: {mutant}"
        yield Forgery(name, By.VOTER, "(BadProof|Malformed) at ballots", record)


def _counted(place: int, values: list[list[int]]) -> bytes:
    return _instead(place, forge(world().election, _credential_of(place), Filled.of(values)))


def _signed_anew(place: int, answer: object) -> bytes:
    value = opened(honest().ballots[place])
    altered = {**value, "answers": [answer, *value["answers"][1:]]}
    return _instead(place, signed(altered, _credential_of(place)))


def _copied(place: int) -> bytes:
    """Another's answers under one's own credential."""
    value = opened(honest().ballots[(place + 1) % len(honest().ballots)])
    secret = _credential_of(place)
    return signed({**value, "credential": (G**secret).hex}, secret)


def _bound(place: int, **bound: str) -> bytes:
    """Proofs that are bound to another session, or to another's credential."""
    filled = Filled.of(marks(world().election, CHOICES))
    return forge(world().election, _credential_of(place), filled, **bound)


def _second(place: int) -> bytes:
    other = _credential_of((place + 1) % len(honest().ballots))
    return ballot.prepare(world().election, other, CHOICES)[0]


def _foreign(place: int) -> bytes:
    election = testkit.seal(description="another").election
    return ballot.prepare(election, _credential_of(place), CHOICES)[0]


def _stranger(_: int) -> bytes:
    return ballot.prepare(world().election, random_scalar(), CHOICES)[0]


_BELONGING = {
    "another's answers": ("BadProof", _copied),
    "another's credential in the proofs": (
        "BadProof", lambda place: _bound(place, credential=(G**7).hex)),
    "another session in the proofs": ("BadProof", lambda place: _bound(place, phi="A" * 43)),
    "a second ballot of another": ("SecondBallot", _second),
    "a ballot of another session": ("BadBallot", _foreign),
    "a credential of its own": ("UnknownCredential", _stranger),
    "another's ballot again": (
        "SecondBallot", lambda place: honest().ballots[(place + 1) % len(honest().ballots)]),
}  # fmt: skip


def _belonging(place: int, make: object) -> bytes:
    assert callable(make)
    return _instead(place, make(place))


# --- Trustees


def trustees() -> Iterator[Forgery]:
    """Shares of one trustee that give another total, or none."""
    for index, owner in enumerate((1, 3)):
        record = partial(_bent, index, owner)
        name = f"trustee {owner}: wrong factors under Belenios proofs that hold"
        yield Forgery(name, By.TRUSTEE, "BadShare at statements", record)
        for what, make in (("another key", _of_another_key), ("of fewer ballots", _of_fewer)):
            record = partial(_sent, index, owner, make)
            name = f"trustee {owner}: a share, {what}"
            yield Forgery(name, By.TRUSTEE, "BadShare at shares", record)
        name = f"trustee {owner}: another statement"
        yield Forgery(name, By.TRUSTEE, "BadShare at statements", partial(_stated, owner))
        name = f"trustee {owner}: takes the place of trustee 2"
        yield Forgery(name, By.TRUSTEE, "BadShare at shares", partial(_posing, index))
    for what, shares in _numbers().items():
        record = partial(bundle_of, replace(honest(), shares=shares))
        yield Forgery(f"shares: {what}", By.CHAIR, r"\w+ at (archive|shares|statements)", record)
    for place, state in enumerate(STATES[:3]):
        for owner in (1, 2, 3):
            record = partial(_other_salt, place, owner)
            expected = f"BadCheckpoint at {MOMENT_OF[state]}_signed"
            yield Forgery(f"trustee {owner}: another salt, {state}", By.TRUSTEE, expected, record)


def _honest_share(owner: int) -> Share:
    return world().share(owner, product(world().election, honest().ballots))


def _with_share(index: int, owner: int, share: Share) -> Parts:
    both = {1: _honest_share(1), 3: _honest_share(3), owner: share}
    statements = encode_statements([both[1], both[3]])
    return honest().with_share(index, share.partial.encode()).with_side(shares=statements)


def _bent(index: int, owner: int) -> bytes:
    encrypted = product(world().election, honest().ballots)
    bent = forge_share(world().election, encrypted, owner, world().state(owner).secret)
    return bundle_of(_with_share(index, owner, bent))


def _of_another_key(owner: int) -> Share:
    held = replace(world(), room=room.hold(3, 2))
    return held.share(owner, product(world().election, honest().ballots))


def _of_fewer(owner: int) -> Share:
    return world().share(owner, product(world().election, honest().ballots[1:]))


def _sent(index: int, owner: int, make: object) -> bytes:
    assert callable(make)
    return bundle_of(_with_share(index, owner, make(owner)))


def _stated(owner: int) -> bytes:
    both = {owner_: _honest_share(owner_) for owner_ in (1, 3)}
    both[owner] = replace(both[owner], statement=_of_fewer(owner).statement)
    return bundle_of(honest().with_side(shares=encode_statements([both[1], both[3]])))


def _posing(index: int) -> bytes:
    raw, _ = honest().shares[index]
    return bundle_of(honest().with_share(index, raw, owner=2))


def _numbers() -> dict[str, tuple[tuple[bytes, bytes], ...]]:
    first, third = honest().shares
    return {"the first twice": (first, first), "one alone": (first,), "none": (),
            "three": (first, third, first)}  # fmt: skip


def _other_salt(place: int, owner: int) -> bytes:
    state = STATES[place]
    signers = world().signers(state)
    number = len(SIGNERS[state]) + owner - 1
    signers[number] = replace(world().trustee_signer(owner, MOMENT_OF[state]), salt=bytes(32))
    notes = honest().notes
    notes[place] = note.sign(note.parse(notes[place]).text, signers).encode()
    return bundle_of(honest().with_notes(notes))


# --- The chair


def chair() -> Iterator[Forgery]:
    """Ballots and files left out, exchanged, in another order; a session.json that all sealed."""
    ballots = honest().ballots
    for place in range(len(ballots)):
        record = partial(_without_ballot, place)
        yield Forgery(f"ballot {place} gone", By.CHAIR, "BadTally at tally", record)
        record = partial(_ballots, (*ballots, ballots[place]))
        yield Forgery(f"ballot {place} twice", By.CHAIR, "SecondBallot at ballots", record)
    for place in range(len(ballots) - 1):
        swapped = (*ballots[:place], ballots[place + 1], ballots[place], *ballots[place + 2 :])
        record = partial(_ballots, swapped)
        yield Forgery(f"ballots {place} swapped", By.CHAIR, "BadBallot at ballots", record)
    expected = r"(BadArchive|Incomplete) at \w+"
    for what in ("no end of ballots", "the tally twice", "the result twice", "no result"):
        record = partial(_events, what)
        yield Forgery(f"events: {what}", By.CHAIR, expected, record)
    for what, (raw, _) in SEALED.items():
        record = partial(_sealed, raw)
        expected = r"\w+ at (session|levels|results)"
        yield Forgery(f"session.json, {what}", By.CHAIR, expected, record)
    for what, amended in _amendments().items():
        record = partial(_amended, amended)
        expected = "(BadCheckpoint|Malformed) at counts|BadCheckpoint at checkpoints"
        yield Forgery(f"amendment: {what}", By.CHAIR, expected, record)


def _without_ballot(place: int) -> bytes:
    ballots = honest().ballots
    return _ballots((*ballots[:place], *ballots[place + 1 :]))


def _ballots(ballots: Sequence[bytes]) -> bytes:
    return bundle_of(replace(honest(), ballots=tuple(ballots)))


class _Events(Parts):
    """The archive with its events in another number."""

    what = ""

    @property
    def archive(self) -> bytes:
        writer = Writer(self.timestamp)
        written = [writer.head(), writer.setup(self.election, self.trustees, self.credentials)]
        written += [writer.ballot(raw) for raw in self.ballots]
        if self.what != "no end of ballots":
            written.append(writer.end_ballots())
        for _ in range(2 if self.what == "the tally twice" else 1):
            written.append(writer.encrypted_tally(self.tally, self.sized))
        written += [writer.partial_decryption(share, owned) for share, owned in self.shares]
        for _ in range({"the result twice": 2, "no result": 0}.get(self.what, 1)):
            written.append(writer.result(self.result))
        return b"".join(written)


def _events(what: str) -> bytes:
    kind = type("_Events", (_Events,), {"what": what})
    fields = {name: getattr(honest(), name) for name in Parts.__dataclass_fields__}
    return bundle_of(kind(**fields))


def _sealed(raw: bytes) -> bytes:
    """A session.json that says what it should not, in a record made for another."""
    return bundle_of(honest().with_side(session=raw))


def _amendments() -> dict[str, tuple[str, ...]]:
    sealed = world()
    (right,) = sealed.amended

    def by(*signers: SeedSigner, **changes: object) -> str:
        amendment = replace(AMENDMENT, **changes)  # type: ignore[arg-type]
        body = amendment.body(sealed.election.uuid, sealed.phi)
        return note.sign(body, signers).encode().decode()

    both, another = (sealed.registrar, sealed.chair), replace(AMENDMENT, number=2)
    second = note.sign(another.body(sealed.election.uuid, sealed.phi), both).encode().decode()
    foreign = note.sign(AMENDMENT.body(sealed.election.uuid, "A" * 43), both).encode().decode()
    return {
        "left out": (),
        "twice": (right, right),
        "by the chair alone": (by(sealed.chair),),
        "by the registrar alone": (by(sealed.registrar),),
        "by box and chair": (by(sealed.box, sealed.chair),),
        "number 2 alone": (second,),
        "another after the opening": (right, second),
        "of another session": (foreign,),
        "three added": (by(*both, added=3),),
        "none removed": (by(*both, removed=0),),
        "another reason": (by(*both, reason="Lý do khác"),),
        "another roster": (by(*both, mac="cd" * 32),),
        "no reason": (by(*both, reason=""),),
        "altered after it was signed": (right.replace("added 2", "added 1"),),
    }


def _amended(amended: tuple[str, ...]) -> bytes:
    raw = replace(world().issuance, amendments=amended).encode()
    return bundle_of(honest().with_side(issuance=raw))


# --- The server, alone and with others


def server() -> Iterator[Forgery]:
    """What its keys can sign, without the chair's: the manifest is the chair's."""
    for what, parts in _stuffed().items():
        record = partial(_by_server, parts)
        yield Forgery(f"server: {what}", By.SERVER, r"\w+ at (shares|manifest)", record)
    for what, parts in _stuffed().items():
        expected = r"BadShare at shares|BadCheckpoint at (checkpoints|\w+_signed)"
        record = partial(_by_operator, parts)
        yield Forgery(f"operator: {what}", By.OPERATOR, expected, record)
    for what, changes in _counts().items():
        record = partial(_recounted, changes)
        expected = r"BadCounts at counts|BadCheckpoint at \w+_signed"
        yield Forgery(f"operator: {what}", By.OPERATOR, expected, record)
    for what, parts in _stuffed(opened_again=True).items():
        expected = r"BadCounts at counts|BadCheckpoint at \w+_signed"
        for owners in ((1, 3), (1, 2), (2, 3)):
            record = partial(_by_operator, parts, owners)
            name = f"operator and trustees {owners}: {what}"
            yield Forgery(name, By.SHORT, expected, record)


def _stuffed(*, opened_again: bool = False) -> dict[str, Parts]:
    """Other ballots, summed; opened by t trustees, or with the shares of the honest tally."""
    sealed, ballots = world(), honest().ballots
    extra = replace(sealed, secrets=(*sealed.secrets, 12345))
    more = {
        f"ballot {place} dropped": [*ballots[:place], *ballots[place + 1 :]] for place in (0, 4)
    }
    stuffed = {what: (sealed, raws) for what, raws in more.items()}
    idle = sealed.vote(len(sealed.secrets) - 1, (2, 2, 2))
    stuffed["a vote for who stayed away"] = (sealed, [*ballots, idle])
    stuffed["a credential of its own"] = (extra, [*ballots, extra.vote(-1, (2, 2, 2))])
    replaced = sealed.vote(sealed.secrets.index(_credential_of(3)), (2, 2, 2))
    stuffed["a ballot replaced"] = (sealed, [*ballots[:3], replaced, *ballots[4:]])
    records = {}
    for what, (session, raws) in stuffed.items():
        parts = session.archived(raws)
        parts = parts if opened_again else replace(parts, shares=honest().shares)
        parts = session.sign(parts)
        records[what] = parts.with_notes(_own_notes(session, parts, ()))
    return records


def _own_notes(session: testkit.Session, parts: Parts, owners: Sequence[int]) -> list[bytes]:
    """The honest note where it says the same, else one that the server and the chair sign."""
    notes = []
    for (state, fixed), old in zip(session.checkpoints(parts).items(), honest().notes, strict=True):
        unchanged = note.parse(old).text == fixed.body
        signers = session.signers(state, owners)
        notes.append(old if unchanged else note.sign(fixed.body, signers).encode())
    return notes


def _by_server(parts: Parts) -> bytes:
    """A manifest by the box in the chair's place."""
    return replace(world(), chair=world().box).bundle(parts)


def _by_operator(parts: Parts, owners: Sequence[int] = ()) -> bytes:
    if not owners:
        return bundle_of(parts)
    cosigned = []
    for raw, state in zip(parts.notes, STATES, strict=True):
        body = note.parse(raw).text
        honest_body = note.parse(honest().notes[STATES.index(state)]).text
        signers = world().signers(state, owners)
        cosigned.append(raw if body == honest_body else note.sign(body, signers).encode())
    return bundle_of(parts.with_notes(cosigned))


def _counts() -> dict[str, dict[str, object]]:
    return {
        "one more present": {"present": testkit.PRESENT + 1},
        "one less present": {"present": testkit.PRESENT - 1},
        "one more token": {"issued": testkit.ISSUED + 1},
        "one token less": {"issued": testkit.ISSUED - 1},
        "fewer tokens than credentials": {"issued": testkit.REGISTERED - 1},
        "no paper": {"paper": replace(PAPER, opening=0, present=0)},
        "paper for all": {"paper": replace(PAPER, present=testkit.PRESENT)},
        "more paper at the opening": {"paper": replace(PAPER, opening=2)},
        "none late": {"paper": replace(PAPER, late=0)},
        "many late": {"paper": replace(PAPER, late=9)},
        "no amendment": {"amendments": ()},
    }


def _recounted(changes: dict[str, object]) -> bytes:
    session = replace(world(), **changes)  # type: ignore[arg-type]
    parts = session.sign(honest())
    return bundle_of(parts.with_notes(_own_notes(session, parts, ())))


def issuer() -> Iterator[Forgery]:
    """Credentials for nobody, with tokens of the right key."""
    extra = G ** random_scalar()
    sealed = world()
    tokens = encode_tokens({**sealed.tokens, extra: sealed.token(extra)})
    listed = encode_credentials([*sealed.credentials, extra])
    parts = replace(honest(), credentials=listed).with_side(tokens=tokens)
    record = partial(bundle_of, parts)
    expected = "BadCounts at counts|BadCheckpoint at checkpoints"
    yield Forgery("issuer: a credential more", By.OPERATOR, expected, record)
    for credential in sealed.credentials:
        others = {c: t for c, t in sealed.tokens.items() if c != credential}
        exchanged = encode_tokens({**others, extra: sealed.token(extra)})
        record = partial(bundle_of, honest().with_side(tokens=exchanged))
        name = f"issuer: token of {sealed.credentials.index(credential)} for another"
        yield Forgery(name, By.OPERATOR, "BadToken at tokens", record)


def missing_quorum() -> Iterator[Forgery]:
    """A note that was signed before and is now signed by fewer, each time a trustee less."""
    for place, state in enumerate(STATES[:3]):
        for owners in ((), (1,), (2,), (3,), (1, 2), (1, 3), (2, 3)):
            record = partial(_fewer, place, state, owners)
            expected = f"BadCheckpoint at {MOMENT_OF[state]}_signed"
            yield Forgery(f"{state}: signed by {owners}", By.SHORT, expected, record)


def _fewer(place: int, state: State, owners: Sequence[int]) -> bytes:
    notes = honest().notes
    body = note.parse(notes[place]).text
    notes[place] = note.sign(body, world().signers(state, owners)).encode()
    return bundle_of(honest().with_notes(notes))
