"""crypto/audit/evidence.py: whatever is altered in the files beside an archive is refused by name.

Every deviation comes in a bundle whose manifest the chair has signed for it.
"""

import json
import tracemalloc
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from crypto import note
from crypto.audit.archive import encode_credentials
from crypto.audit.evidence import Counts, Issuance, PaperBallots, check_tokens, encode_tokens
from crypto.checkpoint import Amendment
from crypto.encoding import Json, canonical, to_base64
from crypto.errors import BadCounts, BadToken, Malformed
from crypto.group import G, random_scalar
from tests import testkit
from tests.mutants import mutants, spellings
from tests.testkit import CAST, ISSUED, PRESENT, REGISTERED, ROSTER, Parts, honest, session
from tests.verdicts import Rules, Verdict, audited, judge, judge_bundle, judge_evidence, survivors


def test_honest_evidence_is_accepted():
    """The files that every deviation below starts from pass all eight checks."""
    verdict = judge_evidence(honest())

    assert verdict.error is None
    assert verdict.checks == (
        *("session", "tokens", "ceremony", "counts", "checkpoints"),
        *("definition_signed", "opening_signed", "closing_signed"),
    )
    assert judge_bundle(honest()).error is None


# --- Every field of every file ------------------------------------------------------------

ISSUANCE: Rules = [
    # Possible numbers, but not those that registrar, box and chair signed at the opening.
    (r"\.present [+-]1", "BadCheckpoint at checkpoints"),
    (r"\.issued [+-]1", "BadCounts at counts"),
    (r"\.channels\.cli (missing|[+-]1)", "BadCounts at counts"),
    (r"\.paper\.[a-z]+ \+1", "BadCounts at counts"),  # no ballots on paper in this session
    (r".*", "Malformed at counts"),
]
CEREMONY: Rules = [
    (r"\.trustees swapped", "BadTrustees at ceremony"),
    (r".* (digit|element|identity|torsion|scalar \+1)", "BadTrustees at ceremony"),
    (r".* longer", "(Malformed|BadTrustees) at ceremony"),  # a digit more may be a scalar
    (r".*", "Malformed at ceremony"),
]
FILES: dict[str, Rules] = {
    "session": [(r".*", "BadDefinition at session")],
    "ceremony": CEREMONY,
    "issuance": ISSUANCE,
}


@pytest.mark.parametrize("name", FILES)
def test_every_change_of_a_file_is_refused(name: str):
    """Each field altered, moved or gone is refused by name."""
    parts = honest()
    raw = parts.side[f"{name}.json"]

    wrong = survivors(
        mutants(raw), FILES[name], lambda raw: judge_evidence(parts.with_side(**{name: raw}))
    )

    assert wrong == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [("session", "BadDefinition"), ("ceremony", "Malformed"), ("issuance", "Malformed")],
)
def test_a_value_has_one_spelling(name: str, kind: str):
    """The same value in other bytes is refused."""
    parts = honest()
    for what, raw in spellings(parts.side[f"{name}.json"]):
        assert judge_evidence(parts.with_side(**{name: raw})).kind == kind, what


@pytest.mark.parametrize(
    "name", ["session.json", "tokens.jsonl", "ceremony.json", "issuance.json", "checkpoints.txt"]
)
def test_missing_file_is_incomplete(name: str):
    """A record that lacks a file is not wrong, and not ok; the file is named."""
    parts = honest()
    side = {file: raw for file, raw in parts.side.items() if file != name}

    verdict = judge_evidence(replace(parts, side=side))

    assert verdict.kind == "Incomplete"
    assert name in str(verdict.error)


# --- Tokens -------------------------------------------------------------------------------


def lines() -> list[Json]:
    return [json.loads(line) for line in honest().side["tokens.jsonl"].splitlines()]


def with_lines(members: Iterable[Json]) -> Parts:
    return honest().with_side(tokens=b"".join(canonical(m) + b"\n" for m in members))


@pytest.mark.parametrize("raw", [b"\n" * (4 << 20), b"x\n" * (2 << 20)])
def test_a_million_short_lines_take_no_memory(raw: bytes):
    """They are counted before anything is made of them."""
    parts = honest().with_side(tokens=raw)
    archive = audited(parts.archive)
    tracemalloc.start()
    try:
        with pytest.raises(BadToken, match="tokens for 10 credentials"):
            check_tokens(raw, session().election, session().parameters, archive.setup.credentials)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 1 << 20


def test_tokens_of_a_line():
    """What the defects below are made from is the honest file."""
    assert with_lines(lines()) == honest()
    assert len(lines()) == REGISTERED


@pytest.mark.parametrize("number", range(REGISTERED))
def test_token_missing(number: int):
    """Every credential has a token."""
    members = lines()
    del members[number]

    verdict = judge_evidence(with_lines(members))

    assert (verdict.kind, verdict.failed) == ("BadToken", "tokens")
    assert "9 tokens for 10 credentials" in str(verdict.error)


@pytest.mark.parametrize("instead", [False, True], ids=["too many", "in another's place"])
def test_token_of_an_unregistered_credential(instead: bool):
    """No other credential has a token, and a good one does not stand in for a registered one."""
    extra = G ** random_scalar()
    tokens = {**session().tokens, extra: session().token(extra)}
    if instead:
        del tokens[session().credentials[0]]

    verdict = judge_evidence(honest().with_side(tokens=encode_tokens(tokens)))

    assert (verdict.kind, verdict.failed) == ("BadToken", "tokens")
    assert not instead or "line" in str(verdict.error)


def swap_tokens(members: list[Json]) -> None:
    members[0]["token"], members[1]["token"] = members[1]["token"], members[0]["token"]


def swap_lines(members: list[Json]) -> None:
    members[3], members[4] = members[4], members[3]


def repeat(members: list[Json]) -> None:
    members[5] = members[6]


def forge(members: list[Json]) -> None:
    members[2]["token"] = to_base64(bytes(384))


def shorten(members: list[Json]) -> None:
    members[2]["token"] = to_base64(bytes(383))


def empty(members: list[Json]) -> None:
    members[2]["token"] = ""


def of_another_session(members: list[Json]) -> None:
    """The same registrar, the same credential, another φ."""
    another_session = testkit.seal(description="another")
    credential = next(c for c in session().credentials if c.hex == members[0]["credential"])
    members[0]["token"] = to_base64(another_session.token(credential))


@pytest.mark.parametrize(
    "change", [swap_tokens, swap_lines, repeat, forge, shorten, empty, of_another_session]
)
def test_wrong_token(change: Callable[[list[Json]], None]):
    """A token belongs to one credential of one session, in its place."""
    members = lines()
    change(members)

    assert judge_evidence(with_lines(members)).outcome == "BadToken at tokens"


def test_every_change_of_a_line_is_refused():
    """Each field of one line altered, moved or gone."""
    members = lines()
    rules = [
        (r"\.credential (digit|element)", "(BadToken|Malformed) at tokens"),
        (r"\.token bit", "BadToken at tokens"),
        (r".*", "Malformed at tokens"),
    ]

    def judged(raw: bytes) -> Verdict:
        return judge_evidence(with_lines([*members[:7], json.loads(raw), *members[8:]]))

    assert survivors(mutants(canonical(members[7])), rules, judged) == []


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (b"}\n{", b"}\n\n{", "BadToken"),
        (b"}\n{", b"}\r\n{", "Malformed"),
        (b"}\n{", b"} \n{", "Malformed"),
        (b'":"', b'": "', "Malformed"),
        (b'"token"', b'"credential":"x","token"', "Malformed"),
        (b"}\n{", b"},{", "BadToken"),
    ],
)
def test_tokens_have_one_spelling(before: bytes, after: bytes, kind: str):
    """One line for each, nothing between them."""
    raw = honest().side["tokens.jsonl"]
    assert before in raw

    assert (
        judge_evidence(honest().with_side(tokens=raw.replace(before, after, 1))).outcome
        == f"{kind} at tokens"
    )


@pytest.mark.parametrize("raw", [b"", b"\n", b"{}\n", b"null", b"\xff\n", b"[" * 9000 + b"\n"])
def test_other_bytes_for_tokens(raw: bytes):
    """Anything else is refused, by number or by line."""
    assert judge_evidence(honest().with_side(tokens=raw)).kind in {"BadToken", "Malformed"}


def test_tokens_cut_off():
    """The last line must end."""
    raw = honest().side["tokens.jsonl"]

    assert judge_evidence(honest().with_side(tokens=raw[:-1])).kind == "Malformed"


# --- Counts -------------------------------------------------------------------------------

COUNTS = {
    "roster": ROSTER, "present": PRESENT, "issued": ISSUED, "registered": REGISTERED,
    "cast": CAST, "tallied": CAST,
}  # fmt: skip


def test_counts_in_order():
    """Equal numbers everywhere are as good as falling ones."""
    Counts(**COUNTS).check()
    Counts(*[7] * 6).check()
    Counts(7, 6, 5, 4, 3, 3).check()


@pytest.mark.parametrize(
    ("more", "fewer"),
    [("roster", "present"), ("present", "issued"), ("issued", "registered"),
     ("registered", "cast")],
)  # fmt: skip
def test_each_inequality(more: str, fewer: str):
    """One more than the step before allows: both numbers are named."""
    numbers = dict.fromkeys(COUNTS, 9)
    below = list(COUNTS)[list(COUNTS).index(fewer) :]
    numbers |= dict.fromkeys(below, 10)

    with pytest.raises(BadCounts, match=f"{fewer} 10 > {more} 9"):
        Counts(**numbers).check()


@pytest.mark.parametrize("tallied", [8, 10])
def test_tallied_is_cast(tallied: int):
    """Neither more nor fewer ballots are tallied than cast."""
    with pytest.raises(BadCounts, match=f"tallied {tallied} ≠ cast 9"):
        Counts(**{**COUNTS, "tallied": tallied}).check()


@pytest.mark.parametrize(
    ("present", "issued", "message"),
    [(14, 11, "present 14 > roster 13"), (10, 11, "issued 11 > present 10"),
     (12, 9, "registered 10 > issued 9"), (0, 0, "registered 10 > issued 0"),
     (10, 9, "registered 10 > issued 9")],
)  # fmt: skip
def test_counts_that_everyone_signed(present: int, issued: int, message: str):
    """Impossible counts are refused though everyone signed them, the committee too."""
    sealed = replace(session(), present=present, issued=issued)
    parts = sealed.sign(honest())

    verdict = judge_evidence(parts)

    assert (verdict.kind, verdict.failed) == ("BadCounts", "counts")
    assert message in str(verdict.error)


@pytest.mark.parametrize("counts", [{"present": 13}, {"issued": 12}, {"issued": 10}])
def test_possible_counts_that_everyone_signed(counts: dict[str, int]):
    """Other possible numbers that the server and a quorum have signed: nobody can tell.

    A head count is the word of those who counted; that is what the committee's is for.
    """
    sealed = replace(session(), **counts)  # type: ignore[arg-type]

    assert judge_evidence(sealed.sign(honest())).error is None
    assert judge_evidence(sealed.sign(honest()).with_notes(honest().notes)).kind == "BadCheckpoint"


PAPER: dict[str, tuple[PaperBallots, str]] = {
    "fewer at the end than at the opening": (
        PaperBallots(2, 1, 0), "paper 2 at the opening > paper 1 at the end"),
    "for people who have collected": (PaperBallots(1, 2, 0), "issued 11 + paper 2 > present 12"),
    "for people who are not on the roster": (
        PaperBallots(0, 0, 2), "present 12 + late 2 > roster 13"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAPER)
def test_paper_beyond_the_people(name: str):
    """More ballots than people, on paper and by token together, though everyone signed them."""
    paper, message = PAPER[name]
    verdict = judge_evidence(replace(with_paper(), paper=paper).sign(honest()))

    assert (verdict.kind, verdict.failed) == ("BadCounts", "counts")
    assert message in str(verdict.error)


def with_paper() -> testkit.Session:
    """The session, its policy as it is; the counts are looked at before the channels."""
    return replace(session(), paper=PaperBallots(1, 1, 1))


def test_paper_where_the_policy_has_none():
    """A session without ballots on paper has none."""
    verdict = judge_evidence(with_paper().sign(honest()))

    assert (verdict.kind, verdict.failed) == ("BadCounts", "counts")
    assert "'paper'" in str(verdict.error)


@pytest.mark.parametrize(
    ("paper", "state"),
    [(PaperBallots(1, 1, 0), "open"), (PaperBallots(0, 1, 0), "closed"),
     (PaperBallots(0, 0, 1), "closed")],
)  # fmt: skip
def test_paper_that_was_not_signed(paper: PaperBallots, state: str):
    """How many ballots on paper there were is signed: at the opening, and at the close."""
    sealed = testkit.seal(channels=("cli", "paper"))
    parts = sealed.sign(sealed.archived(sealed.vote(i, c) for i, c in enumerate(testkit.VOTES)))
    raw = Issuance(PRESENT, {"cli": ISSUED}, paper).encode()
    assert judge_bundle_of(sealed, parts).error is None

    verdict = judge_bundle_of(sealed, parts.with_side(issuance=raw))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert f"{state}: differs from the record at: " in str(verdict.error)


def judge_bundle_of(sealed: testkit.Session, parts: Parts) -> Verdict:
    return judge(sealed.bundle(parts))


def test_stuffing_beyond_the_head_count():
    """A registrar that makes credentials for people who are not there is found by the counts."""
    sealed = session()
    stuffed = replace(sealed, secrets=(*sealed.secrets, *(random_scalar() for _ in range(4))))
    votes = [stuffed.vote(i, [0, 0, 0]) for i in range(len(stuffed.secrets))]
    parts = stuffed.archived(votes)

    honestly_counted = judge_bundle(stuffed.sign(parts))
    lying = judge_bundle(replace(stuffed, issued=14).sign(parts))
    lying_more = judge_bundle(replace(stuffed, issued=14, present=14).sign(parts))

    assert "registered 14 > issued 11" in str(honestly_counted.error)
    assert "issued 14 > present 12" in str(lying.error)
    assert "present 14 > roster 13" in str(lying_more.error)


def test_stuffing_with_a_credential_after_the_opening():
    """A credential added later, with a token, is not in the list that was signed at opening."""
    sealed = session()
    stuffed = replace(sealed, secrets=(*sealed.secrets, random_scalar()))
    late = stuffed.archived([stuffed.vote(i, [0, 0, 0]) for i in range(11)])
    parts = stuffed.sign(late)
    notes = [*parts.notes[:1], honest().notes[1], *parts.notes[2:]]

    verdict = judge_bundle(parts.with_notes(notes))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert "open: differs from the record at: registered 11" in str(verdict.error)


@pytest.mark.parametrize("channels", [{"browser": ISSUED}, {"browser": 1, "cli": ISSUED - 1}])
def test_tokens_of_another_channel(channels: dict[str, int]):
    """The committee signed at the opening by which channels tokens went out."""
    raw = Issuance(PRESENT, channels).encode()

    verdict = judge_evidence(honest().with_side(issuance=raw))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert "open: differs from the record at: issuance" in str(verdict.error)


def test_a_roster_that_is_changed_after_the_opening():
    """Registrar and chair exchange one person for another when everybody has voted."""
    sealed = session()
    amendment = Amendment(1, 1, 1, "ab" * 32, "Thay một đại biểu")
    body = amendment.body(sealed.election.uuid, sealed.phi)
    signed = note.sign(body, [sealed.registrar, sealed.chair]).encode().decode()
    raw = replace(sealed.issuance, amendments=(signed,)).encode()

    verdict = judge_evidence(honest().with_side(issuance=raw))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "checkpoints")
    assert "open: differs from the record at: issuance" in str(verdict.error)


def test_paper_and_nothing_are_no_channels_of_tokens():
    """One spelling: a channel without a token is absent, and ballots on paper are counted apart."""
    honest_channels = Issuance(PRESENT, {"cli": ISSUED}).encode()
    for channels in ('{"browser":0,"cli":11}', '{"cli":10,"paper":1}'):
        with pytest.raises(Malformed, match=r"issuance\.json\.channels"):
            Issuance.decode(honest_channels.replace(b'{"cli":11}', channels.encode()))


@pytest.mark.parametrize("channel", ["chat", "miniapp"])
def test_channel_that_the_policy_does_not_open(channel: str):
    """Tokens through a channel that is closed in this session."""
    raw = Issuance(PRESENT, {channel: ISSUED}).encode()

    verdict = judge_evidence(honest().with_side(issuance=raw))

    assert (verdict.kind, verdict.failed) == ("BadCounts", "counts")
    assert channel in str(verdict.error)


def test_issuance_round_trip():
    """Channels stand in the order of the protocol, whatever the order they came in."""
    issuance = Issuance(12, {"cli": 4, "miniapp": 7}, PaperBallots(1, 2, 3))

    assert Issuance.decode(issuance.encode()) == issuance
    assert issuance.encode() == Issuance(12, {"miniapp": 7, "cli": 4}, issuance.paper).encode()
    assert issuance.issued == 11
    with pytest.raises(Malformed, match=r"channels"):
        Issuance.decode(issuance.encode().replace(b'"miniapp":7,"cli":4', b'"cli":4,"miniapp":7'))


def test_credentials_hidden_with_their_tokens():
    """Without the voter who stayed away: the opening checkpoint still has ten."""
    sealed = session()
    fewer = replace(sealed, secrets=sealed.secrets[:CAST])
    parts = replace(honest(), credentials=encode_credentials(fewer.credentials))
    signed = fewer.sign(parts).with_notes(honest().notes)

    assert judge_bundle(signed).outcome == "BadCheckpoint at checkpoints"
