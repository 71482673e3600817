"""From ballots to totals: the encrypted tally, shares of its decryption, the result.

Belenios v1 (docs/protocol.md §7.1 to §7.3). Only the product of all ballots is ever decrypted. Each
trustee publishes a share of the decryption; any threshold of them gives the totals, and a wrong
share is found and named. A share is what Belenios has, a `PartialDecryption` whose proofs a
trustee can bend (§4.3), and beside it one proof over the whole statement, which cannot be bent:
the archive holds the one, shares.json the other.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeVar

from crypto import ballot
from crypto.dlog import small_logs
from crypto.elgamal import ONE, Ciphertext
from crypto.encoding import (
    Fields,
    Json,
    array,
    canonical,
    hex_digest,
    integer,
    members,
    parse,
    sha256,
    string,
)
from crypto.errors import BadResult, BadShare, Incomplete
from crypto.group import Element, G, element, multiply_rows, public_products
from crypto.session import Election
from crypto.shamir import lagrange
from crypto.sigma import (
    Proof,
    check_equal_logs,
    check_powers,
    confirm,
    prove_equal_logs,
    prove_powers,
)
from crypto.trustees import MAX_TRUSTEES, Trustees

SHARE_SCHEMA: Final = "phieukin.share/2"
STATEMENTS_SCHEMA: Final = "phieukin.shares/1"
LIMIT = 1 << 20  # bytes of any file here; a tally of 200 officials × 5 levels is 160 kB

_Member = TypeVar("_Member")


@dataclass(frozen=True, slots=True)
class Tally:
    """The encrypted totals, one ciphertext for each level of each official."""

    lines: tuple[tuple[Ciphertext, ...], ...]

    def encode(self) -> bytes:
        return canonical([[c.to_json() for c in line] for line in self.lines])

    @property
    def digest(self) -> str:
        return sha256(self.encode())

    @classmethod
    def decode(cls, raw: bytes, election: Election) -> "Tally":
        value = parse(raw, "tally", limit=LIMIT)
        return cls(_matrix(value, "tally", election, _ciphertext))

    def __mul__(self, factor: "Tally") -> "Tally":
        columns = multiply_rows([self._elements(), factor._elements()])
        pairs = iter(zip(columns[::2], columns[1::2], strict=True))
        return Tally(tuple(tuple(Ciphertext(*next(pairs)) for _ in line) for line in self.lines))

    def _elements(self) -> list[Element]:
        return [member for line in self.lines for c in line for member in (c.alpha, c.beta)]


def empty(election: Election) -> Tally:
    """The tally of no ballots."""
    return Tally(tuple((ONE,) * len(question.answers) for question in election.questions))


def of_pairs(election: Election, pairs: Iterable[tuple[Element, Element]]) -> Tally:
    """A tally from (alpha, beta) of each level of each official, one after the other."""
    members = iter([Ciphertext(alpha, beta) for alpha, beta in pairs])
    return Tally(tuple(tuple(islice(members, len(q.answers))) for q in election.questions))


def of_parts(election: Election, votes: Sequence[Sequence[Element]]) -> Tally:
    """The product of ballots, each as alpha and beta of its choices, one after the other."""
    if not votes:
        return empty(election)
    parts = multiply_rows(votes)
    return of_pairs(election, zip(parts[::2], parts[1::2], strict=True))


def of_ballots(election: Election, ballots: Sequence[bytes]) -> Tally:
    """The product of ballots that were checked, byte for byte, when they were cast."""
    return of_parts(election, [ballot.reread(raw, election)[1] for raw in ballots])


def sized(tally: Tally, cast: int) -> bytes:
    """The archive's note of how many ballots a tally holds."""
    return canonical({"num_tallied": cast, "total_weight": cast, "encrypted_tally": tally.digest})


def decode_sized(raw: bytes) -> tuple[int, str]:
    """(number of ballots, SHA-256 of the tally)."""
    names = ("num_tallied", "total_weight", "encrypted_tally")
    fields = Fields(parse(raw, "tally size", limit=1024), "tally size", *names)
    count = fields.read("num_tallied", integer)
    fields.read("total_weight", integer, low=count, high=count)
    return count, fields.read("encrypted_tally", hex_digest)


@dataclass(frozen=True, slots=True)
class PartialDecryption:
    """One trustee's alpha^x and Belenios' proof for each ciphertext: what the archive holds."""

    owner: int
    factors: tuple[tuple[Element, ...], ...]
    proofs: tuple[tuple[Proof, ...], ...]

    def encode(self) -> bytes:
        """As the archive holds it, without the owner."""
        return canonical(
            {
                "decryption_factors": [[f.hex for f in line] for line in self.factors],
                "decryption_proofs": [[p.to_json() for p in line] for line in self.proofs],
            }
        )

    def owned(self) -> bytes:
        """The archive's note of whose it is."""
        return canonical({"owner": self.owner, "payload": sha256(self.encode())})

    @classmethod
    def decode(cls, raw: bytes, owner: int, election: Election) -> "PartialDecryption":
        value = parse(raw, f"share {owner}", limit=LIMIT)
        fields = Fields(value, f"share {owner}", "decryption_factors", "decryption_proofs")
        return cls.read(fields, owner, election)

    @classmethod
    def read(cls, fields: Fields, owner: int, election: Election) -> "PartialDecryption":
        """From the two fields of an object that may have more."""
        return cls(
            owner=owner,
            factors=fields.read("decryption_factors", _matrix, election, _factor),
            proofs=fields.read("decryption_proofs", _matrix, election, Proof.from_json),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """What a trustee hands over: the partial decryption, and one proof of all of it (§7.2)."""

    partial: PartialDecryption
    statement: Proof

    @property
    def owner(self) -> int:
        return self.partial.owner

    def encode_file(self, phi: str) -> bytes:
        """The file a trustee hands over: one JSON object, with φ and the owner."""
        partial = parse(self.partial.encode(), "share", limit=LIMIT)
        head = {"schema": SHARE_SCHEMA, "election_hash": phi, "owner": self.owner}
        return canonical({**head, **partial, "statement": self.statement.to_json()})

    @classmethod
    def decode_file(cls, raw: bytes, path: str, election: Election) -> "Share":
        """Raises BadShare for another kind of file, or another session's share."""
        value = parse(raw, path, limit=LIMIT)
        if isinstance(value, dict) and value.get("schema", SHARE_SCHEMA) != SHARE_SCHEMA:
            raise BadShare(f"{path}: a {value['schema']!r} file, not a share")
        names = ("schema", "election_hash", "owner", "decryption_factors", "decryption_proofs")
        fields = Fields(value, path, *names, "statement")
        if fields["election_hash"] != election.phi:
            raise BadShare(f"{path}: a share for another session (φ differs)")
        owner = fields.read("owner", integer, low=1, high=MAX_TRUSTEES)
        partial = PartialDecryption.read(fields, owner, election)
        return cls(partial, fields.read("statement", Proof.from_json))


def decode_owned(raw: bytes) -> tuple[int, str]:
    """(owner, SHA-256 of the partial decryption)."""
    fields = Fields(parse(raw, "share owner", limit=1024), "share owner", "owner", "payload")
    return fields.read("owner", integer, low=1), fields.read("payload", hex_digest)


def encode_statements(shares: Sequence[Share]) -> bytes:
    """shares.json: the proofs that the archive has no place for, in its order of shares (§8.2)."""
    proofs = [{"owner": share.owner, "proof": share.statement.to_json()} for share in shares]
    return canonical({"schema": STATEMENTS_SCHEMA, "proofs": proofs})


def decode_statements(raw: bytes, path: str) -> list[tuple[int, Proof]]:
    """(owner, proof) of each published share."""
    fields = Fields(parse(raw, path, limit=LIMIT), path, "schema", "proofs")
    fields.read("schema", string, re.escape(STATEMENTS_SCHEMA))

    def decode(value: Json, at: str) -> tuple[int, Proof]:
        entry = Fields(value, at, "owner", "proof")
        owner = entry.read("owner", integer, low=1, high=MAX_TRUSTEES)
        return owner, entry.read("proof", Proof.from_json)

    return list(fields.each("proofs", decode, high=MAX_TRUSTEES))


def decrypt(election: Election, tally: Tally, owner: int, secret: int) -> Share:
    """One trustee's share. The caller has audited the archive that the tally stands in."""
    # F = α^x for each ciphertext, with Belenios' proof that x is the trustee's own (§4.3).
    key = G**secret
    prefix = _prefix(election, key)
    factors = tuple(tuple(c.alpha**secret for c in line) for line in tally.lines)
    proofs = tuple(
        tuple(prove_equal_logs(prefix, c.alpha, secret) for c in line) for line in tally.lines
    )
    partial = PartialDecryption(owner, factors, proofs)
    # One proof whose challenge covers all of the statement (§4.5).
    powers = _powers(tally, partial)
    return Share(partial, prove_powers(_statement_prefix(election, tally, owner), powers, secret))


def check_share(election: Election, trustees: Trustees, tally: Tally, share: Share) -> None:
    """Everything that makes a share acceptable: Belenios' proofs and that of the statement.

    Raises:
        BadShare: names the trustee, and official and level of the first wrong factor if
            Belenios' proofs show it.
    """
    check_partial(election, trustees, tally, share.partial)
    check_statement(election, trustees, tally, share.partial, share.statement)


def check_partial(
    election: Election, trustees: Trustees, tally: Tally, partial: PartialDecryption
) -> None:
    """Belenios' proofs alone. A trustee can make them hold for wrong factors (§4.3).

    Raises:
        BadShare: names the trustee, official and level of a wrong factor.
    """
    owner, key = partial.owner, _verification_key(trustees, partial.owner)
    claims = [
        (
            ciphertext.alpha,
            partial.factors[i][j],
            partial.proofs[i][j],
            BadShare(f"trustee {owner}: official {i + 1}, level {j + 1}: wrong share"),
        )
        for i, line in enumerate(tally.lines)
        for j, ciphertext in enumerate(line)
    ]
    check_equal_logs(_prefix(election, key), key, claims)


def check_statement(
    election: Election,
    trustees: Trustees,
    tally: Tally,
    partial: PartialDecryption,
    statement: Proof,
) -> None:
    """The proof over the whole statement: every factor is α^x with the trustee's own x (§4.5).

    Raises:
        BadShare: names the trustee.
    """
    owner, key = partial.owner, _verification_key(trustees, partial.owner)
    failure = BadShare(f"trustee {owner}: wrong share: the proof over all its factors fails")
    prefix = _statement_prefix(election, tally, owner)
    check_powers(prefix, key, _powers(tally, partial), statement, failure)


def combine(
    election: Election,
    trustees: Trustees,
    tally: Tally,
    cast: int,
    shares: Sequence[PartialDecryption],
) -> list[list[int]]:
    """The totals from exactly the needed shares, which the caller has checked.

    Args:
        cast: the number of ballots; no total is larger.

    Raises:
        BadShare: two shares of one trustee, or more than are needed.
        Incomplete: too few shares.
        BadResult: a total, or a line's sum, is not a number from 0 to `cast`.
    """
    # β / ΠF = g^total, with Lagrange's exponents within a threshold item (§7.3).
    weights = owners_weights(trustees, [share.owner for share in shares])
    rows = []
    for i, line in enumerate(tally.lines):
        for j, ciphertext in enumerate(line):
            opened = [(share.factors[i][j], -weights[share.owner]) for share in shares]
            rows.append([(ciphertext.beta, 1), *opened])
    powers = public_products(rows)
    try:
        logs = iter(small_logs(powers, cast))
    except BadResult:
        confirm(rows, powers)  # no share is called wrong by the kernel alone
        raise
    result = [[next(logs) for _ in line] for line in tally.lines]
    check_totals(election, result, cast)
    return result


def check_totals(election: Election, result: Sequence[Sequence[int]], cast: int) -> None:
    """Raises BadResult if the marks of an official are more than `cast`, or too few."""
    for question, line in zip(election.questions, result, strict=True):
        if not question.low * cast <= sum(line) <= question.high * cast:
            raise BadResult(f"“{question.question}”: {sum(line)} marks on {cast} ballots")


def encode_result(result: Sequence[Sequence[int]]) -> bytes:
    """The archive's last file."""
    return canonical({"result": [list(line) for line in result]})


def decode_result(raw: bytes, election: Election) -> list[list[int]]:
    """The published totals; raises Malformed naming the place."""
    fields = Fields(parse(raw, "result", limit=LIMIT), "result", "result")
    return [list(line) for line in _matrix(fields["result"], "result", election, integer)]


def _prefix(election: Election, key: Element) -> str:
    return f"decrypt|{election.phi}|{key.hex}|"


def _statement_prefix(election: Election, tally: Tally, owner: int) -> str:
    return f"phieukin share v2|{election.phi}|{owner}|{tally.digest}|"


def _powers(tally: Tally, partial: PartialDecryption) -> list[tuple[Element, Element]]:
    """(α, F) of every ciphertext, line by line."""
    lines = zip(tally.lines, partial.factors, strict=True)
    return [(c.alpha, f) for line in lines for c, f in zip(*line, strict=True)]


def _verification_key(trustees: Trustees, owner: int) -> Element:
    if not 1 <= owner <= len(trustees.verification_keys):
        raise BadShare(f"trustee {owner}: there is no such trustee in this session")
    return trustees.verification_keys[owner - 1]


def owners_weights(trustees: Trustees, owners: Sequence[int]) -> Mapping[int, int]:
    """The exponent of each owner's factor: 1 in a single item, Lagrange's in a threshold.

    Raises:
        BadShare: two shares of one owner, or more than are needed.
        Incomplete: too few.
    """
    repeated = next((o for i, o in enumerate(owners) if o in owners[:i]), None)
    if repeated is not None:
        raise BadShare(f"trustee {repeated}: two shares of one trustee")
    weights: dict[int, int] = {}
    first = 1
    # Exactly as many as each item needs, so that a result has one set of shares (§7.3).
    for item in trustees.items:
        size = len(item.verification_keys)
        inside = [owner - first + 1 for owner in owners if first <= owner < first + size]
        if len(inside) > item.threshold:
            raise BadShare(f"{len(inside)} shares where exactly {item.threshold} are published")
        if len(inside) < item.threshold:
            raise Incomplete(f"{len(inside)} of {item.threshold} shares are there")
        weights |= {first - 1 + i: weight for i, weight in lagrange(inside).items()}
        first += size
    return weights


def _ciphertext(value: Json, path: str) -> Ciphertext:
    return Ciphertext.from_json(value, path, identity=True)


def _factor(value: Json, path: str) -> Element:
    return element(value, path, identity=True)


def _matrix(
    value: Json, path: str, election: Election, decode: Callable[[Json, str], _Member]
) -> tuple[tuple[_Member, ...], ...]:
    """A value for each level of each official, line by line."""
    questions = election.questions
    lines = array(value, path, low=len(questions), high=len(questions))
    return tuple(
        members(line, f"{path}[{i}]", decode, low=len(q.answers), high=len(q.answers))
        for i, (line, q) in enumerate(zip(lines, questions, strict=True))
    )
