"""admin/record/audit.py: a file of any bytes gets a verdict, and only a good one passes."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path

import pytest

from admin.record import bundle
from admin.record.audit import SCHEMA, AuditOptions, audit_file
from admin.record.session_file import Block, Excluded, SessionFile
from crypto.archive import Reader
from crypto.audit import evidence
from crypto.encoding import canonical, sha256
from crypto.errors import BadDefinition, Incomplete, Malformed, ProtocolError, Rejected
from crypto.group import backend
from crypto.session import MIN_BALLOTS_FLOOR, Election, define
from tests import testkit
from tests.admin.record.test_bundle import contents
from tests.admin.record.test_stored import stock
from tests.mutants import mutants, spellings
from tests.testkit import honest, honest_bundle, session
from tests.verdicts import (
    Verdict,
    audit_bytes,
    judge,
    judge_bundle,
    positions,
    remembered,
    survivors,
)

pytestmark = pytest.mark.slow

CHECKS = [
    "container", "archive", "definition", "trustees", "credentials", "ballots", "tally", "enough",
    "shares", "statements", "result", "manifest", "session", "tokens", "ceremony", "counts",
    "checkpoints", "definition_signed", "opening_signed", "closing_signed", "levels", "results",
]  # fmt: skip
COUNTS = {
    "roster": 13, "present": 12, "issued": 11, "registered": 10, "cast": 9, "tallied": 9,
}  # fmt: skip


def options(**options_: object) -> AuditOptions:
    return AuditOptions(run=remembered, **options_)  # type: ignore[arg-type]


# --- What it says -------------------------------------------------------------------------


def test_document_of_an_honest_bundle():
    """Every field of phieukin.audit/1, for the scope `bundle`."""
    outcome = audit_bytes(honest_bundle())
    document = json.loads(json.dumps(outcome.to_json()))

    assert list(document) == [
        "schema", "ok", "scope", "fingerprint", "error", "counts", "checks", "results", "backend",
    ]  # fmt: skip
    assert (document["schema"], document["ok"], document["scope"]) == (SCHEMA, True, "bundle")
    assert document["fingerprint"] == session().phi
    assert document["error"] is None
    assert document["backend"] == backend().name
    assert document["counts"] == COUNTS
    assert [check["id"] for check in document["checks"]] == CHECKS
    assert all(check["ok"] and check["detail"] for check in document["checks"])
    assert [list(o["counts"].values())[:3] for o in document["results"]] == testkit.TOTALS
    assert document["results"] == json.loads(honest().side["results.json"])["officials"]


@pytest.mark.parametrize(
    ("kinds", "check"),
    [(("Setup", "Ballot"), "tally"), (("Setup", "Ballot", "EndBallots"), "tally"),
     (("Setup", "Ballot", "EndBallots", "EncryptedTally"), "shares"),
     (("Setup", "Ballot", "EndBallots", "EncryptedTally", "PartialDecryption"), "shares")],
)  # fmt: skip
def test_an_archive_that_is_cut_says_so(kinds: tuple[str, ...], check: str):
    """The check for which something is missing is not ok, and the document has the code."""
    whole = honest().archive
    last = max(event.height for event in Reader(io.BytesIO(whole)) if event.kind in kinds)
    cut = whole[: end_of_event(whole, last)]

    document = audit_bytes(cut, ".bel").to_json()

    assert [made["id"] for made in document["checks"] if not made["ok"]] == [check]
    assert document["checks"][-1]["id"] == check
    assert document["error"]["code"] == "incomplete"
    assert document["error"]["detail"] == document["checks"][-1]["detail"]


def end_of_event(archive: bytes, height: int) -> int:
    """Where an event's entry ends in an archive."""
    position, seen = 0, -1
    while seen < height:
        size = int(archive[position + 124 : position + 135], 8)
        name = archive[position : position + 100].rstrip(b"\0")
        position += 512 + -(-size // 512) * 512
        seen += name.endswith(b".event.json")
    return position


def test_document_of_an_honest_archive():
    """For the scope `archive`: the counts that only the side files know are null."""
    document = audit_bytes(honest().archive, ".bel").to_json()

    assert (document["ok"], document["scope"]) == (True, "archive")
    assert [check["id"] for check in document["checks"]] == [
        *CHECKS[1:9], "result", "levels", "results"
    ]  # fmt: skip
    assert document["counts"] == COUNTS | dict.fromkeys(["roster", "present", "issued"])
    assert [list(o["counts"].values())[:3] for o in document["results"]] == testkit.TOTALS


def test_document_of_a_bad_bundle():
    """After a failure: not ok, the failed check last, and nothing claimed that was not found."""
    document = audit_bytes(session().bundle(honest().with_tally(b"[]"))).to_json()

    assert document["ok"] is False
    assert document["checks"][-1]["id"] == "tally"
    assert [check["ok"] for check in document["checks"]] == [True] * 6 + [False]
    assert document["results"] == []
    assert document["counts"]["cast"] == 9
    assert document["counts"]["tallied"] is None
    assert document["counts"]["present"] is None
    assert document["fingerprint"] == session().phi


def test_document_of_no_record():
    """Of a file that is none, nothing is known."""
    document = audit_bytes(b"no zip").to_json()

    assert (document["ok"], document["fingerprint"], document["results"]) == (False, None, [])
    assert set(document["counts"].values()) == {None}


def test_checks_are_told_as_they_are_made(tmp_path: Path):
    """A person sees each line at once."""
    path = tmp_path / "record.phieukin.zip"
    path.write_bytes(honest_bundle())
    ids: list[str] = []

    audit_file(path, options(on_check=lambda check: ids.append(check.id)))

    assert ids == CHECKS


@pytest.mark.parametrize("name", ["x.bel", "x.phieukin.zip"])
def test_without_workers_it_is_the_same(tmp_path: Path, name: str):
    """The default makes every check itself."""
    path = tmp_path / name
    path.write_bytes(honest().archive if name == "x.bel" else honest_bundle())

    assert audit_file(path, AuditOptions()).error is None


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        (lambda e: e.phi, True), (lambda _: session().code, True),
        (lambda _: session().code.lower(), True), (lambda _: "", False),
        (lambda _: "0000-0000-0000-0000-0000", False), (lambda _: "A" * 43, False),
    ],
    ids=["full", "displayed", "lower case", "empty", "another displayed", "another"],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".bel", bundle.SUFFIX])
def test_fingerprint_that_was_typed(typed: Callable[[Election], str], right: bool, suffix: str):
    """The session code or φ is one check more; another is that of another session.

    An archive alone has no signatures, and so no session code: that is incomplete, and not wrong.
    """
    raw = honest().archive if suffix == ".bel" else honest_bundle()
    given = typed(session().election)

    outcome = audit_bytes(raw, suffix, options(fingerprint=given))

    if suffix == ".bel" and "-" in given:
        assert isinstance(outcome.error, Incomplete)
    elif right:
        assert outcome.error is None
        assert "fingerprint" in [check.id for check in outcome.report.checks]
    else:
        assert isinstance(outcome.error, BadDefinition)
        assert outcome.report.checks[-1].id == "fingerprint"


# --- Files that cannot be read, or are something else -------------------------------------


def test_unreadable_path(tmp_path: Path):
    """What cannot be read is the caller's mistake, not the record's."""
    with pytest.raises(FileNotFoundError):
        audit_file(tmp_path / "none.phieukin.zip", AuditOptions())
    with pytest.raises(IsADirectoryError):
        audit_file(tmp_path, AuditOptions())


OTHER: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"not a zip",
    "JSON": lambda: b"{}",
    "zeros": lambda: bytes(4096),
    "an archive": lambda: honest().archive,
    "stock zip": lambda: stock(zipfile.ZIP_STORED, contents()),
    "deflated zip": lambda: stock(zipfile.ZIP_DEFLATED, contents()),
    "zip with a comment": lambda: honest_bundle()[:-2] + b"\2\0hi",
    "bytes before": lambda: b"\0" + honest_bundle(),
    "bytes after": lambda: honest_bundle() + b"\0",
    "twice": lambda: honest_bundle() * 2,
    "an end record alone": lambda: honest_bundle()[-22:],
}


@pytest.mark.parametrize("name", OTHER)
def test_other_bytes_as_a_bundle(name: str):
    """Anything but a bundle of ours is refused at the container."""
    assert judge(OTHER[name]()).outcome == "BadRecord at container"


@pytest.mark.parametrize("name", sorted(set(OTHER) - {"an archive"}))
def test_other_bytes_as_an_archive(name: str):
    """The same under the name of an archive."""
    assert judge(OTHER[name](), ".bel").outcome == "BadArchive at archive"


@pytest.mark.parametrize("raw", [b"", b"x", bytes(512)])
def test_other_bytes_as_the_archive_in_a_bundle(raw: bytes):
    """The archive inside is looked at in the same way."""
    sealed, target = session(), io.BytesIO()
    bundle.write(target, testkit.UUID, io.BytesIO(raw), honest().side, sealed.chair)

    assert judge(target.getvalue()).outcome == "BadArchive at archive"


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_flipped_bytes(part: int):
    """Of 300 sampled bytes of a bundle none can be altered."""
    raw = honest_bundle()
    for place in positions("bundle", 300, len(raw))[part::10]:
        altered = bytearray(raw)
        altered[place] ^= 1 << (place % 8)
        verdict = judge(bytes(altered))
        assert isinstance(verdict.error, Rejected | Malformed), place
        assert (verdict.kind, verdict.failed) == ("BadRecord", "container"), place


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_flipped_bytes_that_the_chair_signs_for(part: int):
    """Of 100 sampled bytes of the side files none can be altered, checksum and manifest redone.

    What says the same in other bytes is refused as well.
    """
    sealed, parts = session(), honest()
    for name, raw in parts.side.items():
        for place in positions(name, 20, len(raw))[part::5]:
            altered = bytearray(raw)
            altered[place] ^= 1 << (place % 7)
            side = parts.side | {name: bytes(altered)}
            verdict = judge(sealed.bundle(replace(parts, side=side)))
            assert isinstance(verdict.error, Rejected | Malformed), (name, place)


@pytest.mark.slow
def test_cut_anywhere():
    """A bundle that ends early is refused, at the end of an entry as well."""
    raw = honest_bundle()
    entries = [match.start() for match in re.finditer(rb"PK[\1-\6][\1-\6]", raw)]
    assert len(entries) >= 17
    for place in [*positions("cut", 60, len(raw)), *entries, 0, 1, len(raw) - 1]:
        assert judge(raw[:place]).outcome == "BadRecord at container", place


# --- Relinked records ---------------------------------------------------------------------


def test_every_change_of_results_is_refused():
    """results.json is what totals and regime give, byte for byte, whatever the chair signs."""
    parts = honest()
    raw = parts.side["results.json"]

    def judged(raw: bytes) -> Verdict:
        return judge_bundle(parts.with_side(results=raw))

    tried = [m for m in mutants(raw) if not re.match(r"\.officials\[2\]", m.path)]
    assert len(tried) > 100
    assert survivors(tried, [(r".*", "BadRecord at results")], judged) == []
    for what, respelled in spellings(raw):
        assert judged(respelled).outcome == "BadRecord at results", what


@pytest.mark.parametrize("name", ["session", "tokens", "ceremony", "issuance", "checkpoints"])
def test_side_file_of_another_session(name: str):
    """A file of another honest session of the same people does not fit."""
    another_session = testkit.seal(description="another", human=replace(testkit.HUMAN, place="Huế"))
    votes = [another_session.vote(i, choices) for i, choices in enumerate(testkit.VOTES)]
    foreign = another_session.sign(another_session.archived(votes)).side
    file = getattr(evidence, name.upper())

    verdict = judge_bundle(replace(honest(), side=honest().side | {file: foreign[file]}))

    if name in {"ceremony", "issuance"}:  # the same trustees, the same counts
        assert verdict.error is None
    else:
        assert (isinstance(verdict.error, Rejected), verdict.failed) == (True, name)


PAGE = (("assets/voter-B_x-1.js", "1" * 64), ("voter.html", "0" * 64))
OFFICIALS = 2


def with_more(name: str, value: object) -> bytes:
    return canonical(json.loads(testkit.HUMAN.encode()) | {name: value})


SEALED: dict[str, tuple[bytes, str]] = {
    "another uuid": (replace(testkit.HUMAN, uuid="1" * 16).encode(), "BadRecord"),
    "no date": (replace(testkit.HUMAN, date="yesterday").encode(), "Malformed"),
    "no title": (replace(testkit.HUMAN, title="").encode(), "Malformed"),
    "bidi marks": (replace(testkit.HUMAN, place="a\u202eb").encode(), "Malformed"),
    "nobody": (replace(testkit.HUMAN, delegates=0).encode(), "Malformed"),
    "an empty page": (canonical(json.loads(testkit.HUMAN.encode()) | {"page": {}}), "Malformed"),
    "a page out of order": (replace(testkit.HUMAN, page=PAGE[::-1]).encode(), "Malformed"),
    "a path out of the page": (
        replace(testkit.HUMAN, page=(("../x", "0" * 64),)).encode(),
        "Malformed",
    ),
    "no hash of a page": (replace(testkit.HUMAN, page=(("x", "0" * 63),)).encode(), "Malformed"),
    "no block": (with_more("blocks", []), "Malformed"),
    "a block of nobody": (with_more("blocks", [{"heading": "A", "officials": 0}]), "Malformed"),
    "too few in blocks": (replace(testkit.HUMAN, blocks=(Block("A", 1),)).encode(), "BadRecord"),
    "managed by nobody": (with_more("managed", [""] * OFFICIALS), "Malformed"),
    "too few authorities": (replace(testkit.HUMAN, managed=("A",)).encode(), "BadRecord"),
    "guidance too long": (replace(testkit.HUMAN, guidance=("x" * 2001,)).encode(), "Malformed"),
    "guidance in one line": (replace(testkit.HUMAN, guidance=("a\nb",)).encode(), "Malformed"),
    "another title": (replace(testkit.HUMAN, title="Bỏ phiếu").encode(), "BadRecord"),
    "another body": (replace(testkit.HUMAN, body="Đảng bộ").encode(), "BadRecord"),
    "a place of one blank": (replace(testkit.HUMAN, place=" ").encode(), "Malformed"),
    "after itself": (replace(testkit.HUMAN, after=testkit.UUID).encode(), "Malformed"),
    "excluded, and rated": (
        replace(testkit.HUMAN, excluded=(Excluded(testkit.NAMES[1], "Ủy viên", "x"),)).encode(),
        "BadRecord",
    ),
    "after no uuid": (replace(testkit.HUMAN, after="x").encode(), "Malformed"),
    "not JSON": (b"[", "Malformed"),
    "another kind": (canonical({"schema": "phieukin.session/2"}), "Malformed"),
}


@cache
def small() -> testkit.Session:
    """No smaller one opens its totals: of a description, each needs ballots of its own."""
    return testkit.seal(officials=OFFICIALS, registered=MIN_BALLOTS_FLOOR)


def sealed_with(raw: bytes) -> bytes:
    """The bundle of an honest session whose session.json is this."""
    parameters = replace(small().parameters, session=sha256(raw))
    election = define(
        name=testkit.HUMAN.name, description="", uuid=testkit.UUID, trustees=small().trustees,
        parameters=parameters,
    )  # fmt: skip
    sealed = replace(small(), election=election)
    choices = [voted[:OFFICIALS] for voted in testkit.VOTES[:MIN_BALLOTS_FLOOR]]
    parts = sealed.sign(sealed.archived(map(sealed.vote, count(), choices)))
    return sealed.bundle(parts.with_side(session=raw))


@pytest.mark.parametrize("name", SEALED)
def test_session_file_that_was_sealed_so(name: str):
    """A defect of session.json that everyone signed at the seal is found all the same."""
    raw, kind = SEALED[name]
    check = "levels" if kind == "Malformed" else "results"
    assert judge(sealed_with(raw)).outcome == f"{kind} at {check}"


def test_session_file_that_fixes_the_page():
    """The hashes of what voters were given may be in it, or not."""
    human = replace(testkit.HUMAN, page=PAGE)

    assert judge(sealed_with(human.encode())).error is None
    assert judge(sealed_with(testkit.HUMAN.encode())).error is None
    assert SessionFile.decode(human.encode()) == human
    assert json.loads(human.encode())["page"] == dict(PAGE)
    assert b"page" not in testkit.HUMAN.encode()


def test_session_file_says_more_only_where_it_is_set():
    """Old sessions keep their bytes; blocks and authorities fit the ballot."""
    half = OFFICIALS // 2
    human = replace(
        testkit.HUMAN,
        blocks=(Block("Khối 1", half), Block("Khối 2", OFFICIALS - half)),
        guidance=("Mục đích.", "Cách ghi."),
        managed=("Tỉnh ủy", *[""] * (OFFICIALS - 1)),
        after="Phieu1Kin2Test3B",
        tier="commune",
        zone="Europe/Paris",
    )

    assert judge(sealed_with(human.encode())).error is None
    assert SessionFile.decode(human.encode()) == human
    assert b"blocks" not in testkit.HUMAN.encode()
    assert b"after" not in testkit.HUMAN.encode()
    with pytest.raises(Malformed, match=r"session[.]json[.]tier"):
        SessionFile.decode(replace(human, tier="xã").encode())
    for zone in ("Hà Nội", "Asia/Ho_Chi_Minh"):  # none, and the one that is not written
        with pytest.raises(Malformed, match="Asia/Ho_Chi_Minh"):
            SessionFile.decode(human.encode().replace(b"Europe/Paris", zone.encode()))


def test_verdicts_are_of_the_classes_that_have_an_exit_status():
    """Whatever is wrong in a file is Rejected or Malformed; what is absent is Incomplete."""
    parts = honest()
    broken = [
        session().bundle(parts.with_tally(b"")), session().bundle(parts.with_notes([b"", b""])),
        b"", session().bundle(replace(parts, result=b"{}")),
    ]  # fmt: skip

    for raw in broken:
        assert isinstance(judge(raw).error, Rejected | Malformed)
    assert isinstance(judge(parts.archive[:-1536], ".bel").error, ProtocolError)
    assert isinstance(judge(parts.archive[:1024], ".bel").error, Incomplete)
