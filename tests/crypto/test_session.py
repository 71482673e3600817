"""crypto/session.py: election.json says one thing in one way, and φ is all of it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import session as definition
from crypto.committee import Committee
from crypto.encoding import BASE58, Json, b64_sha256, canonical, to_base64
from crypto.errors import BadDefinition, Malformed
from crypto.group import G
from crypto.session import (
    CHANNELS,
    Election,
    Level,
    Official,
    Parameters,
    Policy,
    define,
    new_uuid,
    roster_mac,
)
from crypto.trustees import Trustees
from tests import testkit
from tests.crypto import room
from tests.mutants import IDENTITY, accepted, spellings
from tests.testkit import session

SAMPLE = Path(__file__).parents[1] / "interop" / "sample"


@pytest.fixture
def value() -> Json:
    return json.loads(session().election.raw)


def read(value: Json) -> Election:
    return Election.decode(canonical(value))


def made(**changes: object) -> Election:
    """The definition with some parameters replaced, written by `define`."""
    name = str(changes.pop("name", "Lấy phiếu"))
    uuid = str(changes.pop("uuid", testkit.UUID))
    return define(
        name=name, description="", uuid=uuid, trustees=session().trustees,
        parameters=replace(session().parameters, **changes),  # type: ignore[arg-type]
    )  # fmt: skip


def policy(**changes: object) -> Policy:
    return replace(session().parameters.policy, **changes)  # type: ignore[arg-type]


def test_definition_decodes_to_what_was_defined(value: Json):
    """election.json read back holds the same parameters; the trustees are its own."""
    election = Election.decode(session().election.raw)

    assert election.parameters == session().parameters
    assert canonical(value) == election.raw
    election.check_trustees(session().trustees)
    assert election.min_ballots == 5


def test_fingerprint_is_the_hash_of_the_bytes():
    """φ, 43 characters."""
    election = session().election

    assert election.phi == b64_sha256(election.raw)
    assert len(election.phi) == 43


def with_salts(*salts: str) -> Committee:
    """The committee, its last member with other commitments."""
    ours = session().parameters.committee
    last = replace(ours.members[-1], salts=(salts[0], salts[1], salts[2]))
    return replace(ours, members=(*ours.members[:-1], last))


OTHERWISE: dict[str, Callable[[], dict[str, object]]] = {
    "name": lambda: {"name": "Lấy phiếu khác"},
    "uuid": lambda: {"uuid": "Phieu1Kin2Test3B"},
    "session.json": lambda: {"session": "0" * 64},
    "roster size": lambda: {"roster_size": 14},
    "roster mac": lambda: {"roster_mac": "1" * 64},
    "least ballots": lambda: {"policy": policy(min_ballots=6)},
    "rehearsal": lambda: {"policy": policy(rehearsal=False)},
    "time for the phones' check": lambda: {"policy": policy(check_seconds=61)},
    "salts of the committee": lambda: {"committee": with_salts("0" * 64, "1" * 64, "2" * 64)},
    "channels": lambda: {"policy": policy(channels=("cli",))},
    "box key": lambda: {"box": (G**7).raw},
    "order of officials": lambda: {"officials": session().parameters.officials[::-1]},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_fingerprint_covers(name: str):
    """Anything that is defined otherwise gives another φ."""
    assert made().phi == made().phi
    assert made(**OTHERWISE[name]()).phi != made().phi


# --- What no definition may say -----------------------------------------------------------

Change = tuple[str, Callable[[Json], object], str]
BAD_KEY = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def put(*path: object) -> Callable[[Json], object]:
    """Sets the value at a path of keys; the last one is the value."""
    *keys, last, new = path

    def change(value: Json) -> None:
        for key in keys:
            value = value[key]
        value[last] = new

    return change


def members(value: Json) -> Json:
    return value["phieukin"]["committee"]["members"]


MALFORMED = {
    "version": put("version", 2),
    "true is not 1": put("version", True),
    "group": put("group", "RFC-3526-2048"),
    "parameters of a group": put("group", {"g": "2", "p": "23", "q": "11"}),
    "identity as a key": put("public_key", IDENTITY),
    "no question": put("questions", []),
    "201 questions": put("questions", [{}] * 201),
    "six answers": put("questions", 0, "answers", list("abcdef")),
    "two marks": put("questions", 0, "max", 2),
    "min 2": put("questions", 0, "min", 2),
    "negative min": put("questions", 0, "min", -1),
    "empty name": put("name", ""),
    "name of spaces": put("name", "   "),
    "name with a line break": put("name", "a\nb"),
    "name with a bidi mark": put("name", "a\u202eb"),
    "name in NFD": put("name", "Le\u0302"),
    "name with a lone surrogate": put("name", "x"),  # replaced below, JSON cannot hold it
    "name too long": put("name", "x" * 4097),
    "short uuid": put("uuid", "Phieu1Kin2Tes"),
    "long uuid": put("uuid", "1" * 33),
    "uuid with 0": put("uuid", "Phieu1Kin2Test30"),
    "uuid with a slash": put("uuid", "../../etc/passwd1"),
    "null for our field": put("phieukin", None),
    "null for a stock field": put("administrator", None),
    "version of our field": put("phieukin", "version", 1),
    "hash of trustees.json": put("phieukin", "trustees", "0" * 63),
    "issuer not base64": put("phieukin", "issuer", "?"),
    "issuer no key": put("phieukin", "issuer", "AAAA"),
    "one key for two parties": lambda v: put("phieukin", "box", v["phieukin"]["chair"])(v),
    "stock field that is no text": lambda v: put("phieukin", v.pop("phieukin"))(
        put("administrator", [])(v) or v
    ),
    "no committee": lambda v: v["phieukin"].pop("committee"),
    "committee of which two groups share nobody": put("phieukin", "committee", "threshold", 1),
    "one salt for two trustees": lambda v: put(
        "phieukin", "committee", "members", 1, "salts", 0, members(v)[0]["salts"][0]
    )(v),
    "box that is a trustee": lambda v: put("phieukin", "box", members(v)[1]["key"])(v),
    "chair who is a trustee": lambda v: put("phieukin", "chair", members(v)[0]["key"])(v),
    "short box key": put("phieukin", "box", "AAAA"),
    "box key of small order": put("phieukin", "box", BAD_KEY),
    "chair key of small order": put("phieukin", "chair", BAD_KEY),
    "registrar key of small order": put("phieukin", "registrar", BAD_KEY),
    "chair and box with one key": put("phieukin", "chair", to_base64(session().parameters.box)),
    "empty roster": put("phieukin", "roster", "size", 0),
    "roster of floats": put("phieukin", "roster", "size", 13.0),
    "official twice": put("phieukin", "officials", [{"name": "A", "position": "B"}] * 3),
    "no official": put("phieukin", "officials", []),
    "nameless official": put("phieukin", "officials", 0, "name", ""),
    "one level": put("phieukin", "policy", "levels", [{"key": "high", "label": "Cao"}]),
    "level twice": put("phieukin", "policy", "levels", 1, "key", "high"),
    "label twice": put("phieukin", "policy", "levels", 1, "label", "Tín nhiệm cao"),
    "key in capitals": put("phieukin", "policy", "levels", 1, "key", "High"),
    "no channel": put("phieukin", "policy", "channels", []),
    "unknown channel": put("phieukin", "policy", "channels", ["fax"]),
    "channel twice": put("phieukin", "policy", "channels", ["cli", "cli"]),
    "below the floor": put("phieukin", "policy", "min_ballots", 4),
    "regime as a path": put("phieukin", "policy", "regime", "../x.toml"),
    "invalid scope": put("phieukin", "policy", "invalid", "page"),
    "publication": put("phieukin", "policy", "publication", "nobody"),
    "recovery": put("phieukin", "policy", "recovery", "code"),
    "rehearsal as a number": put("phieukin", "policy", "rehearsal", 1),
    "no time for the phones' check": lambda v: v["phieukin"]["policy"].update(
        rehearsal=False, check_seconds=0
    ),
    "too little time for it": lambda v: v["phieukin"]["policy"].update(
        rehearsal=False, check_seconds=29
    ),
    "more than an hour for it": put("phieukin", "policy", "check_seconds", 3601),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_no_definition_says(value: Json, name: str):
    """One value outside its bounds is refused where the file is read."""
    MALFORMED[name](value)
    raw = canonical(value)
    if name == "name with a lone surrogate":
        raw = raw.replace(b'"name":"x"', b'"name":"\\ud800"')

    with pytest.raises(Malformed, match="election"):
        Election.decode(raw)


CONTRADICTIONS = {
    "question less": lambda v: v["questions"].pop(),
    "question more": lambda v: v["questions"].append(v["questions"][0]),
    "officials in another order": lambda v: v["phieukin"]["officials"].reverse(),
    "another name on the ballot": put("questions", 1, "question", "Người khác"),
    "another position": put("phieukin", "officials", 1, "position", "Chủ tịch"),
    "answers in another order": lambda v: v["questions"][2]["answers"].reverse(),
    "an answer less": lambda v: v["questions"][2]["answers"].pop(),
    "another label": put("phieukin", "policy", "levels", 0, "label", "Rất cao"),
    "levels in another order": lambda v: v["phieukin"]["policy"]["levels"].reverse(),
    "min 1 where a line may be blank": put("questions", 0, "min", 1),
    "scope that wants min 1": put("phieukin", "policy", "invalid", "ballot"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_two_fields_that_contradict_each_other(value: Json, name: str):
    """The ballot says what officials and policy say, in their order."""
    CONTRADICTIONS[name](value)

    with pytest.raises(BadDefinition, match=r"election\.questions"):
        read(value)


def test_definition_has_one_spelling():
    """Any other spelling of the same definition is refused, so that it has one φ."""
    assert accepted(spellings(session().election.raw), Election.decode, Malformed) == []


def test_oversized_definition():
    """A megabyte is enough."""
    with pytest.raises(Malformed, match="at most"):
        Election.decode(b" " * (definition.LIMIT + 1))


@pytest.mark.parametrize("depth", [10, 500, 900, 950, 1000, 5000])
@pytest.mark.parametrize("place", ["group", "uuid", "questions", "phieukin"])
def test_deep_nesting_anywhere(value: Json, place: str, depth: int):
    """However deep a value is nested, the answer is the same refusal, no crash."""
    nested = b"[" * depth + b"]" * depth
    raw = canonical(value | {place: "@"}).replace(b'"@"', nested)

    with pytest.raises(Malformed):
        Election.decode(raw)


# --- Trustees -----------------------------------------------------------------------------


def test_trustees_of_another_ceremony():
    """The key must be the product of the trustees' keys."""
    with pytest.raises(BadDefinition, match="public_key"):
        session().election.check_trustees(room.hold(3, 2).trustees)


def test_other_bytes_of_the_same_trustees():
    """The same key from another trustees.json: its hash is not the one in the definition."""
    item = session().room.item
    named = replace(item.keys[0], name="Bà Bích")
    respelled = Trustees((replace(item, keys=(named, *item.keys[1:])),))
    assert respelled.public_key == session().trustees.public_key

    with pytest.raises(BadDefinition, match="not the hash"):
        session().election.check_trustees(respelled)


def test_trustees_with_names():
    """The definition has their hash, and still a key of a session has no name (§5.1)."""
    item = session().room.item
    named = replace(item.keys[0], name="Bà Bích")
    trustees = Trustees((replace(item, keys=(named, *item.keys[1:])),))
    sealed = replace(session().parameters, trustees=trustees.digest)

    with pytest.raises(BadDefinition, match="a key has a name"):
        replace(session().election, parameters=sealed).check_trustees(trustees)


@pytest.mark.parametrize("rehearsal", [False, True])
@pytest.mark.parametrize("seconds", [30, 60, 3600])
def test_time_for_the_phones_check(seconds: int, rehearsal: bool):
    """From half a minute to an hour; only a rehearsal may do without."""
    rules = policy(rehearsal=rehearsal, check_seconds=seconds)

    assert Policy.from_json(rules.to_json(), "policy") == rules
    exercise = policy(rehearsal=True, check_seconds=0)
    assert Policy.from_json(exercise.to_json(), "policy") == exercise


COMMITTEES: dict[str, tuple[Callable[[Committee], Committee], str]] = {
    "in another order": (
        lambda c: replace(c, members=c.members[::-1]), "not the keys of trustees.json"),
    "without one of them": (
        lambda c: replace(c, members=c.members[:2]), "not the keys of trustees.json"),
    "with a stranger's key": (
        lambda c: replace(c, members=(*c.members[:2], replace(c.members[2], key=(G**7).raw))),
        "not the keys of trustees.json"),
    "with another threshold": (
        lambda c: replace(c, threshold=3), "not the threshold of trustees.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMITTEES)
def test_committee_that_is_not_the_one_of_trustees_json(name: str):
    """Who signs the box are those who hold its key, and as many are needed as open it."""
    change, why = COMMITTEES[name]
    with pytest.raises(BadDefinition, match=why):
        made(committee=change(session().parameters.committee))


# --- Stock elections ----------------------------------------------------------------------


def test_stock_election_has_no_parameters():
    """A definition that the stock tool made is read, with the floor as its least number."""
    election = Election.decode((SAMPLE / "election.json").read_bytes().rstrip(b"\n"))

    assert election.parameters is None
    assert election.min_ballots == definition.MIN_BALLOTS_FLOOR


def test_our_field_is_the_last(value: Json):
    """Stock fields are of stock elections only; after ours nothing may come."""
    ours = value.pop("phieukin")
    stock = {**value, "administrator": "x", "credential_authority": "y"}
    assert read(stock).parameters is None
    assert read({**value, "phieukin": ours}).parameters is not None

    for name in ("administrator", "credential_authority"):
        with pytest.raises(Malformed, match=rf"election\.{name}: only of an election without"):
            read({**value, name: "x", "phieukin": ours})
    with pytest.raises(Malformed, match="fields"):
        read({**value, "phieukin": ours, "administrator": "x"})


# --- Small things -------------------------------------------------------------------------


@given(st.integers(2, 5), st.sampled_from(["line", "ballot"]), st.integers(5, 10**9))
def test_policy_round_trip(levels: int, invalid: str, least: int):
    """Every policy stays the same through its JSON."""
    rules = policy(
        levels=tuple(Level(f"k{'_' * i}", f"Mức {i}") for i in range(levels)),
        invalid=invalid,
        min_ballots=least,
        channels=CHANNELS,
    )

    assert Policy.from_json(rules.to_json(), "policy") == rules
    assert rules.fewest == (1 if invalid == "ballot" else 0)


def test_parameters_round_trip():
    """Every parameter stays the same through its JSON."""
    parameters = session().parameters

    assert Parameters.from_json(parameters.to_json(), "p") == parameters


def test_official_without_a_position():
    """The question is then the name alone."""
    assert Official("Lê Đức", "").question == "Lê Đức"
    assert Official("Lê Đức", "Ủy viên").question == "Lê Đức – Ủy viên"


def test_uuids():
    """16 characters that nobody confuses, never twice the same."""
    uuids = {new_uuid() for _ in range(50)}

    assert len(uuids) == 50
    assert all(len(u) == 16 and set(u) <= set(BASE58) for u in uuids)


def test_roster_mac_needs_the_salt():
    """The same roster under another salt has another fingerprint."""
    assert roster_mac(b"a" * 32, b"[]") == roster_mac(b"a" * 32, b"[]")
    assert (
        len({roster_mac(salt * 32, roster) for salt in (b"a", b"b") for roster in (b"", b"x")}) == 4
    )
