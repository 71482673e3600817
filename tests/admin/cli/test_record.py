"""`phieukin record export` and `audit --auditor`: what is handed out, and what insiders forge."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from admin.record import auditor, stored
from admin.record.auditor import ATTENDANCE, EVIDENCE, SALT, Attendance
from admin.record.bundle import MANIFEST, Window
from admin.session import keys
from admin.session.datadir import DataDir
from tests.worlds.office import Office, sealed

pytestmark = pytest.mark.slow


def published(office: Office) -> Path:
    """A session whose roster was amended: ten came, all voted; returns its record."""
    sealed(office)
    amend = ("roster", "amend", office.uuid, "--reason", "thay người")
    assert office.run(*amend, "--add", "Người Mới", "--remove", "3")[0] == 0
    letters = office.folder / "letters.csv"
    assert office.run("roster", "letters", office.uuid, "-o", str(letters))[0] == 0
    lines = letters.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    letters.write_text("".join(lines[:-2]), encoding="utf-8-sig")
    assert office.session("checkin")[0] == 0
    office.vote(letters, None)
    office.session("present", "--count", "12")
    assert office.session("open", "--yes")[0] == 0
    office.seal_box()
    assert office.run(*export(office, "--auditor"))[0] == 5
    office.vote(letters, (0, 1, 2, None, 0))
    office.session("close", "--in", "0")
    office.sign_close()
    office.share(1, 3)
    assert office.run(*export(office))[0] == 5
    assert office.session("publish")[0] == 0
    assert office.run(*export(office))[0] == 0
    assert office.run(*export(office, "--auditor"))[0] == 0
    return office.folder / "out.zip"


def export(office: Office, *more: str) -> tuple[str, ...]:
    name = "auditor.zip" if more else "out.zip"
    return ("record", "export", office.uuid, *more, "-o", str(office.folder / name))


def contents(path: Path) -> dict[str, bytes]:
    with path.open("rb") as source:
        return {e.name: Window(source, e).read(e.size) for e in stored.read(source)}


def audit(office: Office, record: Path, bundle: Path) -> tuple[int, str, dict[str, Any]]:
    status, stdout, err = office.run("audit", str(record), "--auditor", str(bundle), "--json")
    return status, err, json.loads(stdout)["checks"][-1]


def test_export_and_audit(office: Office):
    """The public record as it was published; for auditors what goes with it, and no forgery."""
    record = published(office)
    bundle = office.folder / "auditor.zip"

    assert record.read_bytes() == DataDir.open(office.data).bundle(office.uuid).read_bytes()
    assert bundle.stat().st_mode & 0o777 == 0o600
    files = contents(bundle)
    assert sorted(files) == [
        MANIFEST,
        ATTENDANCE,
        EVIDENCE,
        "roster-0.json",
        "roster-1.json",
        SALT,
    ]
    assert b"Ng\xc6\xb0\xe1\xbb\x9di M\xe1\xbb\x9bi" in files["roster-1.json"]
    status, _, last = audit(office, record, bundle)
    assert (status, last["id"], last["ok"]) == (0, "auditor", True)
    assert "12 voters" in last["detail"]
    archive = office.data / "archives" / f"{office.uuid}.bel"
    assert office.run("audit", str(archive), "--auditor", str(bundle))[0] == 4

    for forge, detail in FORGERIES:
        false = office.folder / "false.zip"
        forge(office, files, false)
        status, err, last = audit(office, record, false)
        assert (status, last["id"], last["ok"]) == (3, "auditor", False), detail
        assert detail in err


def _made(office: Office, files: dict[str, bytes], false: Path, **changes: Any) -> None:
    """A bundle that the chair's own key signs, with something in it changed."""
    parts = {
        "attendance": Attendance.decode(files[ATTENDANCE], 12),
        "rosters": [files["roster-0.json"], files["roster-1.json"]],
        "salt": files[SALT],
        "evidence": [],
        **changes,
    }
    party = changes.pop("party", "chair")
    parts.pop("party", None)
    signer = keys.signer(DataDir.open(office.data), office.uuid, party)
    with false.open("wb") as target:
        auditor.write(target, chair=signer, **parts)


def _changed(**changes: Any) -> Callable[[Office, dict[str, bytes], Path], None]:
    return lambda office, files, false: _made(office, files, false, **changes)


def _rosters(office: Office, files: dict[str, bytes], false: Path) -> None:
    first, two = files["roster-0.json"], files["roster-1.json"]
    _made(office, files, false, rosters=[first, two.replace(b"\xc6\xb0\xe1\xbb\x9di M", b"a M")])


def _first_alone(office: Office, files: dict[str, bytes], false: Path) -> None:
    _made(office, files, false, rosters=[files["roster-0.json"]])


def _more_rosters(office: Office, files: dict[str, bytes], false: Path) -> None:
    both = [files["roster-0.json"], files["roster-1.json"]]
    _made(office, files, false, rosters=[*both, both[1]])


def _lines(change: Callable[[list[tuple[int, str]]], list[tuple[int, str]]]) -> Any:
    def forge(office: Office, files: dict[str, bytes], false: Path) -> None:
        attendance = Attendance.decode(files[ATTENDANCE], 12)
        changed = Attendance(attendance.uuid, tuple(change(list(attendance.lines))))
        _made(office, files, false, attendance=changed)

    return forge


def _another_session(office: Office, files: dict[str, bytes], false: Path) -> None:
    attendance = Attendance.decode(files[ATTENDANCE], 12)
    _made(office, files, false, attendance=Attendance("1" * 16, attendance.lines))


def _bare(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Any:
    """Without the chair's key: the files changed under the old manifest."""

    def forge(_: Office, files: dict[str, bytes], false: Path) -> None:
        changed_files = sorted(change(dict(files)).items())
        with false.open("wb") as target:
            stored.write(target, [(name, io.BytesIO(raw)) for name, raw in changed_files])

    return forge


FORGERIES: list[tuple[Callable[[Office, dict[str, bytes], Path], None], str]] = [
    (_rosters, "roster-1.json: its HMAC is not the one that was signed"),
    (_first_alone, "the auditors' bundle has no roster-1.json"),
    (_more_rosters, "roster-2.json: no auditors' bundle"),
    (_changed(salt=b"s" * 32), "roster-0.json: its HMAC"),
    (_changed(salt=b"short"), "roster.salt: 5 bytes"),
    (_changed(party="registrar"), "MANIFEST: "),
    (_changed(evidence=[b"x" * 5000]), "evidence.jsonl, line 1: more than"),
    (_changed(evidence=[b"x", b"x"]), "evidence.jsonl: the lines must ascend"),
    (_another_session, "MANIFEST: not of this session"),
    (_lines(lambda said: said[:-1]), "attendance.json: {'cli': 9} tokens"),
    (_lines(lambda said: [*said[:-1], (said[-1][0], "browser")]), "attendance.json: {'cli': 9"),
    (_lines(lambda said: [*said[:-1], said[-2]]), "attendance.json.issued[9].line"),
    (_lines(lambda said: [*said[:-1], (13, "cli")]), "attendance.json.issued[9].line"),
    (_lines(lambda said: [*said[:-1], (11, "post")]), "attendance.json.issued[9].channel"),
    (_bare(lambda files: files | {SALT: b"s" * 32}), "MANIFEST: not of this session, or differs"),
    (_bare(lambda files: files | {"more.json": b"{}"}), "MANIFEST: not of this session"),
    (_bare(lambda files: {SALT: files[SALT]}), "has no MANIFEST"),
]
