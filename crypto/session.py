"""The definition of a session: election.json, its fingerprint φ, and our own parameters.

election.json is a Belenios v1 election whose last field, `phieukin`, holds what Belenios does
not know: keys, roster, officials, policy (docs/protocol.md §3). φ, the hash of its bytes, is the
identity of the session; every proof, token and checkpoint contains it. A definition without that
field is a stock Belenios election: it can be audited, but has no tokens and no checkpoints.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from crypto.blind import IssuerKey
from crypto.committee import Committee
from crypto.encoding import (
    BASE58,
    Fields,
    Json,
    b64_sha256,
    base64_bytes,
    boolean,
    canonical,
    hex_digest,
    integer,
    parse,
    string,
    text,
    to_base64,
    uuid,
)
from crypto.errors import BadDefinition, Malformed
from crypto.group import Element, element, element_bytes
from crypto.trustees import Trustees

LIMIT = 1 << 20  # bytes of an election.json; 200 officials need about 60 kB
MAX_OFFICIALS = 200  # several ballot papers together; the National Assembly rated 50
MAX_LEVELS = 5
MIN_BALLOTS_FLOOR = 5  # fewer ballots cannot hide who cast them, whatever a policy says
CHECK_SECONDS = 60  # trustees wait so long for the phones' check before they open the totals
CHECK_SECONDS_FLOOR, CHECK_SECONDS_MOST = 30, 3600  # a rehearsal may do without

CHANNELS = ("miniapp", "browser", "chat", "cli", "paper")
_KEY = r"(?!blank$)[a-z][a-z_]{0,31}"  # results.json counts blank lines under "blank"
_REGIME = r"[a-z0-9][a-z0-9-]{0,31}"
_STOCK_FIELDS = ("administrator", "credential_authority")


@dataclass(frozen=True, slots=True)
class Level:
    """One answer: its key in our files and the legal wording on the ballot."""

    key: str
    label: str

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Level":
        fields = Fields(value, path, "key", "label")
        return cls(fields.read("key", string, _KEY), fields.read("label", text))


@dataclass(frozen=True, slots=True)
class Official:
    """A person who is rated."""

    name: str
    position: str

    @property
    def question(self) -> str:
        """The text of the question as any Belenios program shows it."""
        return f"{self.name} – {self.position}" if self.position else self.name

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Official":
        fields = Fields(value, path, "name", "position")
        return cls(fields.read("name", text), fields.read("position", text, empty=True))


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of the session that everyone must be able to rely on.

    Attributes:
        levels: the answers, in legal order.
        channels: ways of voting that are open, from CHANNELS.
        min_ballots: no total is opened under this number of ballots.
        regime: the id of the regulation (a folder of admin/rules).
        invalid: "line", a line may stay blank, or "ballot", every line must be filled.
        publication: "public" or "members", who may download the record.
        recovery: "phone", a code that the phone makes lets another one go on, or "none".
        rehearsal: whether this is only an exercise.
        check_seconds: how long each trustee waits between the closing and the totals.
    """

    levels: tuple[Level, ...]
    channels: tuple[str, ...]
    min_ballots: int
    regime: str
    invalid: str
    publication: str
    recovery: str
    rehearsal: bool
    check_seconds: int = CHECK_SECONDS

    @property
    def fewest(self) -> int:
        """The least number of marks on a line: 0 where it may stay blank, else 1."""
        return 1 if self.invalid == "ballot" else 0

    def to_json(self) -> dict[str, Json]:
        return {
            "levels": [{"key": level.key, "label": level.label} for level in self.levels],
            "channels": list(self.channels),
            "min_ballots": self.min_ballots,
            "regime": self.regime,
            "invalid": self.invalid,
            "publication": self.publication,
            "recovery": self.recovery,
            "rehearsal": self.rehearsal,
            "check_seconds": self.check_seconds,
        }

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Policy":
        names = ("levels", "channels", "min_ballots", "regime", "invalid", "publication")
        fields = Fields(value, path, *names, "recovery", "rehearsal", "check_seconds")
        rehearsal = fields.read("rehearsal", boolean)
        shortest = 0 if rehearsal else CHECK_SECONDS_FLOOR
        return cls(
            levels=_levels(fields),
            channels=_channels(fields),
            min_ballots=fields.read("min_ballots", integer, low=MIN_BALLOTS_FLOOR),
            regime=fields.read("regime", string, _REGIME),
            invalid=fields.read("invalid", string, "line|ballot"),
            publication=fields.read("publication", string, "public|members"),
            recovery=fields.read("recovery", string, "phone|none"),
            rehearsal=rehearsal,
            check_seconds=fields.read(
                "check_seconds", integer, low=shortest, high=CHECK_SECONDS_MOST
            ),
        )


@dataclass(frozen=True, slots=True)
class Parameters:
    """The `phieukin` field.

    Attributes:
        trustees: SHA-256 of trustees.json, hex.
        committee: the trustees' keys and what they committed to.
        session: SHA-256 of session.json, the human data beside the archive, hex.
        issuer: the token issuer's RSA key, SubjectPublicKeyInfo in DER.
        registrar, box, chair: Ed25519 keys, 32 bytes each.
        roster_size, roster_mac: how many are on the roster, and its `roster_mac`.
        officials: who is rated, in the order of the questions.
        policy: the rules.
    """

    trustees: str
    committee: Committee
    session: str
    issuer: bytes
    registrar: bytes
    box: bytes
    chair: bytes
    roster_size: int
    roster_mac: str
    officials: tuple[Official, ...]
    policy: Policy

    def to_json(self) -> dict[str, Json]:
        return {
            "version": 2,
            "trustees": self.trustees,
            "committee": self.committee.to_json(),
            "session": self.session,
            "issuer": to_base64(self.issuer),
            "registrar": to_base64(self.registrar),
            "box": to_base64(self.box),
            "chair": to_base64(self.chair),
            "roster": {"size": self.roster_size, "mac": self.roster_mac},
            "officials": [{"name": o.name, "position": o.position} for o in self.officials],
            "policy": self.policy.to_json(),
        }

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Parameters":
        names = ("version", "trustees", "committee", "session", "issuer")
        parties = ("registrar", "box", "chair")
        fields = Fields(value, path, *names, *parties, "roster", "officials", "policy")
        fields.read("version", integer, low=2, high=2)
        roster = fields.inside("roster", "size", "mac")
        committee = fields.read("committee", Committee.from_json)
        keys = [fields.read(party, _public_key) for party in parties]
        everyone = [*keys, *(member.key for member in committee.members)]
        if len(set(everyone)) != len(everyone):
            raise Malformed(f"{path}: registrar, box, chair and trustees need keys of their own")
        registrar, box, chair = keys
        return cls(
            trustees=fields.read("trustees", hex_digest),
            committee=committee,
            session=fields.read("session", hex_digest),
            issuer=fields.read("issuer", _issuer_key),
            registrar=registrar,
            box=box,
            chair=chair,
            roster_size=roster.read("size", integer, low=1),
            roster_mac=roster.read("mac", hex_digest),
            officials=_officials(fields),
            policy=fields.read("policy", Policy.from_json),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the ballot: of `answers` at least `low` and at most `high` are marked."""

    answers: tuple[str, ...]
    low: int
    high: int
    question: str

    def to_json(self) -> dict[str, Json]:
        return {
            "answers": list(self.answers),
            "min": self.low,
            "max": self.high,
            "question": self.question,
        }

    @classmethod
    def from_json(cls, value: Json, path: str) -> "Question":
        fields = Fields(value, path, "answers", "min", "max", "question")
        return cls(
            answers=fields.each("answers", text, low=1, high=MAX_LEVELS),
            low=fields.read("min", integer, low=0, high=1),
            high=fields.read("max", integer, low=1, high=1),
            question=fields.read("question", text),
        )


@dataclass(frozen=True)
class Election:
    """A decoded election.json. Made by `decode` or `define` only."""

    raw: bytes
    description: str
    name: str
    public_key: Element
    questions: tuple[Question, ...]
    uuid: str
    parameters: Parameters | None

    @cached_property
    def phi(self) -> str:
        """φ, the fingerprint: SHA-256 of the bytes, 43 characters of base64."""
        return b64_sha256(self.raw)

    @property
    def min_ballots(self) -> int:
        return self.parameters.policy.min_ballots if self.parameters else MIN_BALLOTS_FLOOR

    @classmethod
    def decode(cls, raw: bytes) -> "Election":
        """Raises Malformed naming the field, BadDefinition where two fields disagree."""
        names = ("version", "description", "name", "group", "public_key", "questions", "uuid")
        optional = (*_STOCK_FIELDS, "phieukin")
        value = parse(raw, "election", limit=LIMIT)
        fields = Fields(value, "election", *names, *optional, optional=optional)
        for name in _STOCK_FIELDS:
            fields.read_or("", name, text)
        fields.read("version", integer, low=1, high=1)
        fields.read("group", string, "Ed25519")
        election = cls(
            raw=raw,
            description=fields.read("description", text, empty=True),
            name=fields.read("name", text),
            public_key=fields.read("public_key", element),
            questions=fields.each("questions", Question.from_json, low=1, high=MAX_OFFICIALS),
            uuid=fields.read("uuid", uuid),
            parameters=fields.read_or(None, "phieukin", Parameters.from_json),
        )
        stock = next((name for name in _STOCK_FIELDS if name in fields), None)
        if stock is not None and election.parameters is not None:
            raise Malformed(f"{fields.at(stock)}: only of an election without phieukin")
        election._check_questions()
        return election

    def check_trustees(self, trustees: Trustees) -> None:
        """Raises BadDefinition unless these trustees hold this election's key."""
        if self.public_key != trustees.public_key:
            raise BadDefinition("election.public_key: not the product of the trustees' keys")
        if self.parameters is None:
            return
        if self.parameters.trustees != trustees.digest:
            raise BadDefinition("election.phieukin.trustees: not the hash of trustees.json")
        if trustees.named:
            raise BadDefinition("election.phieukin.trustees: a key has a name")
        committee = self.parameters.committee
        keys = [member.key for member in committee.members]
        if keys != [key.raw for key in trustees.signing_keys]:
            raise BadDefinition("election.phieukin.committee: not the keys of trustees.json")
        if committee.threshold != trustees.needed:
            raise BadDefinition("election.phieukin.committee: not the threshold of trustees.json")

    def _check_questions(self) -> None:
        if self.parameters is None:
            return
        policy = self.parameters.policy
        if len(self.parameters.officials) != len(self.questions):
            raise BadDefinition("election.questions: not one for each official")
        labels = tuple(level.label for level in policy.levels)
        for i, (official, q) in enumerate(
            zip(self.parameters.officials, self.questions, strict=True)
        ):
            expected = Question(labels, policy.fewest, 1, official.question)
            if q != expected:
                raise BadDefinition(
                    f"election.questions[{i}]: not what the official and the policy say"
                )


def define(
    *, name: str, description: str, uuid: str, trustees: Trustees, parameters: Parameters
) -> Election:
    """Writes the election.json of a session and reads it back.

    Raises:
        Malformed, BadDefinition: a parameter is not acceptable; the path names it.
    """
    labels = tuple(level.label for level in parameters.policy.levels)
    questions = [
        Question(labels, parameters.policy.fewest, 1, official.question)
        for official in parameters.officials
    ]
    value = {
        "version": 1,
        "description": description,
        "name": name,
        "group": "Ed25519",
        "public_key": trustees.public_key.hex,
        "questions": [question.to_json() for question in questions],
        "uuid": uuid,
        "phieukin": parameters.to_json(),
    }
    election = Election.decode(canonical(value))
    election.check_trustees(trustees)
    return election


def _levels(fields: Fields) -> tuple[Level, ...]:
    levels = fields.each("levels", Level.from_json, low=2, high=MAX_LEVELS)
    _distinct([level.key for level in levels], fields.at("levels"))
    _distinct([level.label for level in levels], fields.at("levels"))
    return levels


def _channels(fields: Fields) -> tuple[str, ...]:
    channels = fields.each("channels", _channel, low=1, high=len(CHANNELS))
    _distinct(channels, fields.at("channels"))
    if list(channels) != [channel for channel in CHANNELS if channel in channels]:
        raise Malformed(f"{fields.at('channels')}: not in the order {', '.join(CHANNELS)}")
    return channels


def _channel(value: Json, path: str) -> str:
    return string(value, path, "|".join(CHANNELS))


def _officials(fields: Fields) -> tuple[Official, ...]:
    officials = fields.each("officials", Official.from_json, low=1, high=MAX_OFFICIALS)
    _distinct([official.question for official in officials], fields.at("officials"))
    return officials


def _issuer_key(value: Json, path: str) -> bytes:
    return IssuerKey.from_spki(base64_bytes(value, path), path).spki


def _public_key(value: Json, path: str) -> bytes:
    return element_bytes(base64_bytes(value, path, size=32), path).raw


def _distinct(values: Sequence[str], path: str) -> None:
    repeated = next((v for i, v in enumerate(values) if v in values[:i]), None)
    if repeated is not None:
        raise Malformed(f"{path}: {repeated!r} stands twice")


def new_uuid() -> str:
    """A random uuid of 16 Base58 characters (93 bits)."""
    return "".join(secrets.choice(BASE58) for _ in range(16))


def roster_mac(salt: bytes, roster: bytes) -> str:
    """HMAC-SHA-256 of the roster under a 32-byte salt that only auditors get, hex.

    Without the salt nobody can try whether a name is on the roster.
    """
    return hmac.new(salt, roster, hashlib.sha256).hexdigest()
