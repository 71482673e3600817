"""admin/record/bundle.py: which files a record has, and the manifest that the chair signed."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from admin.record import bundle
from crypto import note
from crypto.errors import BadRecord
from crypto.note import SeedSigner
from tests.admin.record.test_stored import write
from tests.testkit import UUID, honest, honest_bundle, session
from tests.verdicts import judge

NAMES = [
    "MANIFEST", f"{UUID}.bel", "ceremony.json", "checkpoints.txt", "issuance.json", "results.json",
    "session.json", "shares.json", "tokens.jsonl",
]  # fmt: skip


def contents() -> dict[str, bytes]:
    """The files of the honest record."""
    with zipfile.ZipFile(io.BytesIO(honest_bundle())) as stock:
        return {name: stock.read(name) for name in stock.namelist()}


def opened(files: Mapping[str, bytes]) -> bundle.Bundle:
    return bundle.opened(io.BytesIO(write(files)))


def signed(files: Mapping[str, bytes], signer: SeedSigner | None = None) -> bytes:
    """A bundle of these files with a manifest made for them."""
    listed_files = {name: data for name, data in files.items() if name != "MANIFEST"}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in listed_files.items()}
    text = bundle.manifest_text(UUID, digests)
    manifest = note.sign(text, [signer or session().chair]).encode()
    return write({**listed_files, "MANIFEST": manifest})


def with_manifest(text: str, *signers: SeedSigner) -> bytes:
    manifest = note.sign(text, signers or [session().chair]).encode()
    return write({**contents(), "MANIFEST": manifest})


def manifest() -> str:
    return note.parse(contents()["MANIFEST"]).text


def test_files_of_a_record():
    """Nine files in ascending order, readable by any zip program, the archive inside."""
    files = contents()

    assert list(files) == sorted(NAMES)
    assert files[f"{UUID}.bel"] == honest().archive
    assert write(files) == honest_bundle()
    assert signed(files) == honest_bundle()  # Ed25519 signs the same text in the same way


def test_written_twice_is_the_same():
    """The same contents give the same bytes."""
    assert session().bundle(honest()) == honest_bundle()


def test_manifest_is_what_sha256sum_checks():
    """Two lines say whose it is; the others are what `sha256sum` prints of every other file."""
    head, kind, *lines = manifest().splitlines()
    files = contents()
    del files["MANIFEST"]

    assert (head, kind) == (f"phieukin/{UUID}", "manifest")
    assert lines == [f"{hashlib.sha256(data).hexdigest()}  {n}" for n, data in files.items()]


def test_archive_can_be_read_again_and_again():
    """Each stream starts at the archive's first byte and ends at its last."""
    opened = bundle.opened(io.BytesIO(honest_bundle()))
    for size in (1 << 20, 7777):
        stream, data = opened.open_archive(), b""
        while chunk := stream.read(size):
            data += chunk
        assert data == honest().archive


# --- Files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["readme.txt", "A", "zzz", "roster.csv", "election.json", "results.json.bak", "Manifest",
     f"{UUID}.papers.zip", f"{UUID[:-1]}B.bel"],
)  # fmt: skip
def test_file_that_no_record_has(name: str):
    """A file more is refused and named, even if the chair signed for it."""
    verdict = judge(signed({**contents(), name: b"x"}))

    assert (verdict.kind, verdict.failed) == ("BadRecord", "container")
    assert "no record has such a file" in str(verdict.error)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"MANIFEST"}))
def test_missing_file_that_is_not_listed(name: str):
    """A record without one of its files is incomplete, and without its archive none at all."""
    files = {file: data for file, data in contents().items() if file != name}

    verdict = judge(signed(files))

    if name.endswith(".bel"):
        assert verdict.outcome == "BadRecord at container"
        return
    assert verdict.kind == "Incomplete"
    assert verdict.failed == ("manifest" if name == "shares.json" else verdict.failed)
    assert name in str(verdict.error)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"MANIFEST", f"{UUID}.bel"}))
def test_missing_file_that_is_listed(name: str):
    """A file that was there when the chair signed is missed as a defect."""
    files = {file: data for file, data in contents().items() if file != name}

    verdict = judge(write(files))

    assert (verdict.kind, verdict.failed) == ("BadRecord", "manifest")
    assert name in str(verdict.error)


def test_missing_manifest():
    """Without a manifest it is no record: nobody says what belongs to it."""
    files = contents()
    del files["MANIFEST"]

    assert judge(write(files)).outcome == "BadRecord at container"


def test_nothing_but_a_manifest():
    """So is one without an archive."""
    with pytest.raises(BadRecord, match="no archive"):
        opened({"MANIFEST": b""})


@pytest.mark.parametrize("name", sorted(bundle.LIMITS))
def test_a_file_that_is_too_large(name: str, monkeypatch: pytest.MonkeyPatch):
    """By the directory, before any of it is read."""
    size = len(contents()[name])
    monkeypatch.setattr(bundle, "LIMITS", {name: size - 1})

    verdict = judge(write(contents()))

    assert verdict.outcome == "BadRecord at container"
    assert f"{name}: {size} bytes, at most {size - 1} are allowed" in str(verdict.error)


@pytest.mark.parametrize("name", ["x.bel", "0000000000000000.bel", "1" * 33 + ".bel", "Phieu.bel"])
def test_archive_must_be_named_by_a_uuid(name: str):
    """The archive's name is a session's uuid."""
    with pytest.raises(BadRecord, match="archive's name"):
        opened({name: b""})


def test_archive_of_another_name():
    """And that of the session in it."""
    files = contents()
    files["1" * 16 + ".bel"] = files.pop(f"{UUID}.bel")

    verdict = judge(signed(files))

    assert (verdict.kind, verdict.failed) == ("BadRecord", "manifest")
    assert UUID in str(verdict.error)


@pytest.mark.parametrize("name", NAMES)
def test_file_exchanged(name: str):
    """Other contents under the same name are refused."""
    files = {**contents(), name: b"{}"}

    verdict = judge(write(files))

    read_before = {f"{UUID}.bel": "BadArchive at archive", "shares.json": "Malformed at statements"}
    assert verdict.outcome == read_before.get(name, "BadRecord at manifest")


# --- The manifest -------------------------------------------------------------------------


@pytest.mark.slow
def test_every_line_of_the_manifest():
    """Each line altered, removed, doubled or moved: refused although the chair signed it so."""
    lines = manifest().splitlines()
    wrong, tried = [], 0
    for i, line in enumerate(lines):
        altered = line[:5] + ("1" if line[5] != "1" else "2") + line[6:]
        following = lines[i + 1 :]
        changes = {
            "altered": [*lines[:i], altered, *following],
            "removed": [*lines[:i], *following],
            "doubled": [*lines[:i], line, *lines[i:]],
            "spaced": [*lines[:i], line.replace("  ", " *") + " ", *following],
            "upper": [*lines[:i], line.upper(), *following],
        } | ({"moved": [*lines[:i], following[0], line, *following[1:]]} if following else {})
        for what, changed in changes.items():
            tried += 1
            verdict = judge(with_manifest("\n".join(changed) + "\n"))
            if (verdict.kind, verdict.failed) != ("BadRecord", "manifest"):
                wrong.append(f"{line} {what}: {verdict}")

    assert wrong == []
    assert tried > 50


@pytest.mark.parametrize(
    "signer",
    [
        lambda: session().box,
        lambda: session().registrar,
        lambda: SeedSigner(session().chair.name, b"x" * 32),
        lambda: SeedSigner("chair", session().chair.seed),
    ],
    ids=["box", "registrar", "stranger", "other name"],
)
def test_manifest_that_the_chair_did_not_sign(signer: Callable[[], SeedSigner]):
    """Only the chair's key of this session signs for the files."""
    verdict = judge(with_manifest(manifest(), signer()))

    assert verdict.outcome == "BadCheckpoint at manifest"
    assert "not signed by" in str(verdict.error)
    assert str(verdict.error).startswith("MANIFEST")


def test_signature_of_another_text():
    """A signature of the chair under something else does not count."""
    signed_note = note.sign("other\n", [session().chair])
    raw = note.Note(manifest(), signed_note.signatures).encode()

    verdict = judge(write({**contents(), "MANIFEST": raw}))

    assert (verdict.kind, verdict.failed) == ("BadCheckpoint", "manifest")
    assert "wrong signature" in str(verdict.error)


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw[:-1], lambda raw: raw + b"\n", lambda raw: b"\n" + raw,
        lambda raw: raw.replace(b"\n", b"\r\n"), lambda raw: raw.split(b"\n\n")[0],
        lambda _: b"", lambda _: b"\xff", lambda _: b"{}", lambda raw: raw + bytes(1 << 17),
    ],
    ids=["cut", "newline", "newline before", "CRLF", "unsigned", "empty", "no text", "JSON", "big"],
)  # fmt: skip
def test_manifest_that_is_no_note(change: Callable[[bytes], bytes]):
    """Other bytes are refused as a defect of the record."""
    raw = change(contents()["MANIFEST"])

    # One that is too large is refused before anything in the record is read.
    place = "container" if len(raw) > bundle.LIMITS["MANIFEST"] else "manifest"
    assert judge(write({**contents(), "MANIFEST": raw})).outcome == f"BadRecord at {place}"


def test_only_the_chair_signs_the_manifest():
    """Whoever could add a line would make a second record of the same files."""
    observer = SeedSigner("observer", b"o" * 32)

    verdict = judge(with_manifest(manifest(), session().chair, observer))

    assert verdict.outcome == "BadCheckpoint at manifest"
    assert "signatures of others than the chair" in str(verdict.error)


def test_a_definition_stripped_of_our_part_is_another_session():
    """Without our parameters φ differs, so the ballots are for another election."""
    value = json.loads(session().election.raw)
    del value["phieukin"]
    raw = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    parts = replace(honest(), election=raw)

    verdict = judge(session().bundle(parts))

    assert verdict.kind == "BadBallot"
