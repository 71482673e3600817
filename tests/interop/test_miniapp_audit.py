"""The page audits records as the command line does: the same checks, and of a defect the same one.

What is forged comes from the tests of Python's own audit: of each long list some, with
PHIEUKIN_FORGERIES=all the whole of it.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from admin.record import auditor, bundle
from admin.record.audit import AuditOptions, audit_file
from admin.record.auditor import Attendance
from crypto import checkpoint, note
from crypto.audit.archive import SHARES
from crypto.audit.evidence import Issuance, PaperBallots
from crypto.encoding import b64_sha256, canonical, sha256
from crypto.group import random_scalar
from crypto.session import define, roster_mac
from crypto.tally import encode_statements
from tests import testkit
from tests.admin.record import test_audit as records
from tests.admin.record import test_bundle as bundles
from tests.admin.record.test_opening import closed_bytes
from tests.admin.record.test_stored import write
from tests.crypto import test_audit as archives
from tests.crypto import test_evidence as side_files
from tests.crypto.test_archive_bytes import FIELDS, offset, with_checksum
from tests.forgery import forge_share
from tests.interop.page import Page
from tests.mutants import mutants, spellings
from tests.testkit import UUID, Parts, honest, honest_bundle, session
from tests.verdicts import positions, remembered

pytestmark = pytest.mark.slow

Json = Any
T = TypeVar("T")
ARCHIVE = ".bel"
FEW = 1 << 30 if os.environ.get("PHIEUKIN_FORGERIES") == "all" else 5
# Both refuse it at the same check; which defect comes first is nobody's business (protocol §9.1).
EITHER = {frozenset({"malformed at definition", "bad_definition at definition"})}


@pytest.fixture
def judged(page: Page, tmp_path: Path) -> Callable[..., list[str]]:
    """Has both programs judge a record, and gives what they say."""

    def judge(raw: bytes, suffix: str = bundle.SUFFIX, **asked: Any) -> list[str]:
        path = tmp_path / f"{UUID}{suffix}"
        path.write_bytes(raw)
        return [by_python(path, asked), by_page(page, path, asked)]

    return judge


def by_python(path: Path, asked: dict[str, Any]) -> str:
    outcome = audit_file(path, AuditOptions(run=remembered, **asked))
    if outcome.error is None:
        return "holds"
    if outcome.error.code == "incomplete":
        return "incomplete"
    return f"{outcome.error.code} at {outcome.report.checks[-1].id}"


def by_page(page: Page, path: Path, asked: dict[str, Any]) -> str:
    options = {"scope": "archive" if path.suffix == ARCHIVE else "bundle"}
    if "fingerprint" in asked:
        options["fingerprint"] = asked["fingerprint"]
    if "promises" in asked:
        options["promises"] = json.dumps([file.read_text("utf-8") for file in asked["promises"]])
    if "auditor" in asked:
        options["auditors"] = str(asked["auditor"])
    report = page.ask("audit", path=str(path), **options)
    if report["verdict"] != "fails":
        return str(report["verdict"])
    return f"{report['checks'][-1]['code']} at {report['checks'][-1]['id']}"


def differing(
    judged: Callable[..., list[str]], forged: Iterable[tuple[str, bytes]], suffix: str
) -> list[str]:
    """The forgeries of which the two say something else, or which one of them lets pass."""
    wrong, count = [], 0
    for what, raw in forged:
        count += 1
        python, typescript = judged(raw, suffix)
        same = python == typescript or frozenset({python, typescript}) in EITHER
        if not same or python == "holds":
            wrong.append(f"{what}: {python}, the page: {typescript}")
    assert count > 0
    return wrong


def a_few(members: Iterable[T]) -> list[T]:
    """From the whole of a list, at equal distances."""
    whole = list(members)
    return whole[:: max(1, len(whole) // FEW)]


# --- What is right --------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [ARCHIVE, bundle.SUFFIX])
def test_honest_record(page: Page, tmp_path: Path, suffix: str):
    """The same checks in the same order, the same totals, counts and code."""
    path = tmp_path / f"{UUID}{suffix}"
    path.write_bytes(honest().archive if suffix == ARCHIVE else honest_bundle())

    report = page.ask("audit", path=str(path))  # of which kind it is, its first bytes say
    outcome = audit_file(path, AuditOptions(run=remembered))

    held = [check["id"] for check in report["checks"] if check["state"] == "holds"]
    assert report["verdict"] == "holds"
    assert held == [check.id for check in outcome.report.checks]
    assert [official["counts"] for official in report["totals"]] == testkit.TOTALS
    assert report["counts"]["cast"] == testkit.CAST
    if suffix != ARCHIVE:
        assert report["codes"]["definition"] == session().code
        assert report["results"] == json.loads(honest().side["results.json"])


def test_archive_at_the_close(page: Page, tmp_path: Path):
    """Checks 1 to 7, as a trustee makes them before it signs; the whole audit misses the shares."""
    path = tmp_path / f"{UUID}.bel"
    path.write_bytes(closed_bytes(honest()))

    assert page.ask("audit", path=str(path), closed="yes")["verdict"] == "holds"
    assert page.ask("audit", path=str(path))["verdict"] == "incomplete"
    path.write_bytes(closed_bytes(honest(), counted=False))
    assert page.ask("audit", path=str(path), closed="yes")["verdict"] == "incomplete"


# --- Archives -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", archives.FILES)
def test_changed_file_of_an_archive(judged: Callable[..., list[str]], name: str):
    """A field altered, moved or gone, and the archive linked anew."""
    read, link, _ = archives.FILES[name]
    parts = honest()
    tried = [m for m in mutants(read(parts)) if archives.worth_trying(name, m)]
    forged = [(str(m), link(parts, m.raw).archive) for m in a_few(tried)]
    spelled = a_few(spellings(read(parts)))
    forged += [(what, link(parts, raw).archive) for what, raw in spelled]

    assert differing(judged, forged, ARCHIVE) == []


def damaged() -> Iterator[tuple[str, bytes]]:
    """Bytes of the container that are others: fields of a header, flipped bits, a cut."""
    raw = honest().archive
    for name, (place, value) in FIELDS.items():
        altered = bytearray(raw)
        altered[offset() + place : offset() + place + len(value)] = value
        with_checksum(altered, offset())
        if bytes(altered) != raw:
            yield name, bytes(altered)
    for place in positions("page", 20, len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << (place % 8)
        yield f"bit at {place}", bytes(altered)
    for place in (0, 1, 512, len(raw) - 1, len(raw) - 512, *positions("page cut", 10, len(raw))):
        yield f"cut at {place}", raw[:place]
    yield "more", raw + bytes(512)


def test_damaged_archive(judged: Callable[..., list[str]]):
    """Not one byte of it is free."""
    assert differing(judged, damaged(), ARCHIVE) == []


def test_archive_that_ends_too_early(page: Page, tmp_path: Path):
    """Both say which check misses something: the shares, and so does a result that is not there."""
    whole = honest().archive
    without_result = whole[: whole.index(f"{sha256(honest().result)}.data.json".encode())]
    path = tmp_path / f"{UUID}.bel"
    for raw in (closed_bytes(honest()), without_result):
        path.write_bytes(raw)
        python = audit_file(path, AuditOptions(run=remembered))
        last = page.ask("audit", path=str(path))["checks"][-1]

        assert python.error is not None
        ended = (python.error.code, python.report.checks[-1].id)
        assert ended == (last["code"], last["id"]) == ("incomplete", "shares")


def crooked() -> Iterator[tuple[str, Parts]]:
    """What voters, box and trustees would forge."""
    sealed, parts = session(), honest()
    first, second, *others = parts.ballots
    yield "order", replace(parts, ballots=(second, first, *others))
    yield "twice", sealed.sign(parts.with_ballots([*parts.ballots, first]))
    yield "one less", parts.with_ballots(parts.ballots[1:])
    stranger = replace(sealed, secrets=(random_scalar(), *sealed.secrets[1:]))
    yield "stranger", parts.with_ballot(0, stranger.vote(0, [0, 0, 0]))
    again = sealed.vote(testkit.REGISTERED - 2, [1, 1, 1])
    yield "second ballot", parts.with_ballots([*parts.ballots, again])
    foreign = testkit.seal(description="x").vote(0, [0, 0, 0])
    yield "another session's", parts.with_ballot(0, foreign)
    yield "too few", sealed.archived(parts.ballots[:4])
    yield "a share twice", replace(parts, shares=(parts.shares[0],) * 2)
    yield "a share too few", replace(parts, shares=parts.shares[:1])
    encrypted = testkit.product(sealed.election, parts.ballots)
    bent = forge_share(sealed.election, encrypted, 3, sealed.state(3).secret)
    statements = encode_statements([sealed.share(1, encrypted), bent])
    yield "weak proof", parts.with_share(1, bent.partial.encode()).with_side(shares=statements)


def test_crooked_parties(judged: Callable[..., list[str]]):
    """Refused alike as an archive and as a bundle that the chair has signed."""
    made = list(crooked())

    assert differing(judged, [(name, p.archive) for name, p in made], ARCHIVE) == []
    bundled = [(name, session().bundle(parts)) for name, parts in made if parts.side.get(SHARES)]
    assert differing(judged, bundled, bundle.SUFFIX) == []


# --- Bundles --------------------------------------------------------------------------------

SIDE = ("session", "ceremony", "issuance", "results", "shares")


@pytest.mark.parametrize("name", SIDE)
def test_changed_side_file(judged: Callable[..., list[str]], name: str):
    """A file beside the archive with a change for which the chair has signed."""
    parts = honest()
    raw = parts.side[f"{name}.json"]
    tried = a_few(mutants(raw))
    forged = [(str(m), session().bundle(parts.with_side(**{name: m.raw}))) for m in tried]
    spelled = a_few(spellings(raw))
    forged += [(w, session().bundle(parts.with_side(**{name: other}))) for w, other in spelled]

    assert differing(judged, forged, bundle.SUFFIX) == []


def notes() -> Iterator[tuple[str, list[bytes]]]:
    """Checkpoints that differ in a line, a signature, their order."""
    made = honest().notes
    for i, signed_note in enumerate(made):
        rest = [*made[:i], *made[i + 1 :]]
        yield f"{i} missing", rest
        yield f"{i} twice", [*made[: i + 1], *made[i:]]
        lines = signed_note.decode().splitlines(keepends=True)
        for line, text in enumerate(lines):
            if not text.strip():
                continue
            gone = "".join(lines[:line] + lines[line + 1 :]).encode()
            yield f"{i} without {text[:40]!r}", [*made[:i], gone, *made[i + 1 :]]


def test_changed_checkpoints(judged: Callable[..., list[str]]):
    """Every line of every note is needed."""
    parts = honest()
    forged = ((what, session().bundle(parts.with_notes(some))) for what, some in a_few(notes()))

    assert differing(judged, forged, bundle.SUFFIX) == []


def signed_so() -> Iterator[tuple[str, Parts]]:
    """Counts that everyone has signed, and tokens that are somebody else's."""
    sealed = session()
    for present, issued in ((14, 11), (10, 11), (12, 9), (0, 0)):
        counted = replace(sealed, present=present, issued=issued)
        yield f"{present} present, {issued} issued", counted.sign(honest())
    for name, (paper, _) in side_files.PAPER.items():
        yield name, replace(sealed, paper=paper).sign(honest())
    yield "paper", replace(sealed, paper=PaperBallots(0, 1, 0)).sign(honest())
    for channel in ("chat", "paper", "miniapp"):
        raw = Issuance(testkit.PRESENT, {channel: testkit.ISSUED}).encode()
        yield f"by {channel}", honest().with_side(issuance=raw)
    for change in (side_files.swap_tokens, side_files.swap_lines, side_files.repeat,
                   side_files.forge, side_files.shorten, side_files.empty):  # fmt: skip
        members = side_files.lines()
        change(members)
        yield change.__name__, side_files.with_lines(members)
    yield "no tokens", honest().with_side(tokens=b"")
    yield "cut tokens", honest().with_side(tokens=honest().side["tokens.jsonl"][:-1])


def test_wrong_counts_and_tokens(judged: Callable[..., list[str]]):
    """Refused alike though registrar, box, chair and committee have signed."""
    forged = ((what, session().bundle(parts)) for what, parts in signed_so())

    assert differing(judged, forged, bundle.SUFFIX) == []


def zips() -> Iterator[tuple[str, bytes]]:
    """Other containers, other files in them, other manifests."""
    for name, made in records.OTHER.items():
        yield name, made()
    raw = honest_bundle()
    for place in positions("page bundle", 20, len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << (place % 8)
        yield f"bit at {place}", bytes(altered)
    contents = bundles.contents()
    for name in ("readme.txt", "zzz", "election.json", "1" * 16 + ".bel"):
        yield f"{name} more", bundles.signed({**contents, name: b"x"})
    for name in bundles.NAMES:
        files = {file: data for file, data in contents.items() if file != name}
        yield f"{name} missing", write(files)
        yield f"{name} exchanged", write({**contents, name: b"{}"})
        if name != "MANIFEST":
            yield f"{name} missing and not listed", bundles.signed(files)
    yield "by the box", bundles.signed(contents, session().box)
    renamed = dict(contents)
    renamed["1" * 16 + ".bel"] = renamed.pop(f"{UUID}.bel")
    yield "another name", bundles.signed(renamed)
    stripped = json.loads(session().election.raw)
    del stripped["phieukin"]
    yield "stock", session().bundle(replace(honest(), election=canonical(stripped)))


def test_other_containers(judged: Callable[..., list[str]]):
    """A zip has one spelling, a record its files, a manifest its lines."""
    assert differing(judged, zips(), bundle.SUFFIX) == []


@pytest.mark.parametrize("name", records.SEALED)
def test_session_file_that_was_sealed_so(judged: Callable[..., list[str]], name: str):
    """A defect of session.json that everyone has signed."""
    forged = name, records.sealed_with(records.SEALED[name][0])

    assert differing(judged, [forged], bundle.SUFFIX) == []


# --- On request -----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [ARCHIVE, bundle.SUFFIX])
def test_fingerprint_that_was_typed(judged: Callable[..., list[str]], suffix: str):
    """The session code, φ in full, and others."""
    raw = honest().archive if suffix == ARCHIVE else honest_bundle()
    code = session().code
    typed = [session().phi, code, code.lower(), "", "A" * 43, "0000-0000-0000-0000-0000"]

    verdicts = [judged(raw, suffix, fingerprint=shown) for shown in typed]

    assert all(python == page for python, page in verdicts), verdicts
    assert [python for python, _ in verdicts].count("holds") == (1 if suffix == ARCHIVE else 3)


def test_promises(judged: Callable[..., list[str]], tmp_path: Path):
    """Of a ballot in the record, of one that is not, and by somebody else."""
    sealed = session()

    def promise(tracker: str, party: str) -> Path:
        path = tmp_path / f"{party}-{tracker[:4].replace('/', '_')}.txt"
        body = checkpoint.promise_body(UUID, sealed.phi, tracker)
        path.write_bytes(note.sign(body, [sealed.signer(party)]).encode())
        return path

    cast = b64_sha256(honest().ballots[0])
    kept = [promise(cast, "box"), promise("A" * 43, "box"), promise(cast, "registrar")]
    verdicts = [judged(honest_bundle(), promises=(path,)) for path in kept]

    assert all(python == page for python, page in verdicts), verdicts
    assert verdicts[0] == ["holds", "holds"]
    assert "holds" not in verdicts[1] + verdicts[2]


SALT = b"s" * 32


@cache
def audited_roster() -> testkit.Session:
    """A session whose roster is one that the auditors get."""
    parameters = replace(session().parameters, roster_mac=roster_mac(SALT, roster(testkit.ROSTER)))
    election = define(
        name=session().election.name,
        description="",
        uuid=UUID,
        trustees=session().trustees,
        parameters=parameters,
    )
    return replace(session(), election=election)


def roster(voters: int) -> bytes:
    rows: list[Json] = [{"name": f"Người {i}", "details": {}} for i in range(voters)]
    return canonical({"schema": "phieukin.roster/1", "uuid": UUID, "voters": rows})


CLI = tuple((line, "cli") for line in range(1, testkit.ISSUED + 1))
FORGED: dict[str, dict[str, Any]] = {
    "": {},
    "paper, too": {"lines": (*CLI, (12, "paper"))},
    "another salt": {"salt": b"x" * 32},
    "short salt": {"salt": b"x"},
    "another roster": {"rosters": [roster(testkit.ROSTER - 1)]},
    "a roster more": {"rosters": [roster(testkit.ROSTER)] * 2},
    "a token less": {"lines": CLI[1:]},
    "by another channel": {"lines": ((1, "browser"), *CLI[1:])},
    "another session": {"uuid": "1" * 16},
    "by the box": {"party": "box"},
    "evidence": {"evidence": [b"a", b"b"]},
    "long evidence": {"evidence": [bytes(5000)]},
}


def test_auditors_bundle(judged: Callable[..., list[str]], tmp_path: Path):
    """Rosters, attendance and signature of what only auditors get."""
    sealed = audited_roster()
    votes = [sealed.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]
    record = sealed.bundle(sealed.sign(sealed.archived(votes)))
    verdicts = {}
    for what, changes in FORGED.items():
        path = tmp_path / "x.auditor.zip"
        attendance = Attendance(changes.get("uuid", UUID), changes.get("lines", CLI))
        rosters = changes.get("rosters", [roster(testkit.ROSTER)])
        salt, evidence = changes.get("salt", SALT), changes.get("evidence", [])
        with path.open("wb") as target:
            chair = sealed.signer(changes.get("party", "chair"))
            auditor.write(target, attendance, rosters, salt, evidence, chair)
        verdicts[what] = judged(record, auditor=path)

    assert {what: both for what, both in verdicts.items() if both[0] != both[1]} == {}
    held = {what for what, both in verdicts.items() if both[0] == "holds"}
    assert held == {"", "paper, too", "evidence"}
