"""The result file: what a session counted, on its way to the office above."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from admin.record import consolidate, result_file, stored
from admin.record.audit import AuditOptions
from admin.record.count import Cadre, Count
from admin.record.paper_definition import PaperDefinition
from admin.record.session_file import SessionFile
from admin.rules.channel import ChannelCount, Marks, Pile
from crypto.errors import (
    BadCheckpoint,
    BadCounts,
    BadDefinition,
    BadRecord,
    Malformed,
    ProtocolError,
    Refused,
)
from crypto.note import SeedSigner
from crypto.session import Level, Official
from tests.worlds.paper import Body, signed

UUID = "Phieu1Kin2Test3A"
OFFICIALS = (Official("Lê Văn An", "Bí thư"), Official("Vũ Bình", "Chủ tịch"))
HUMAN = SessionFile(UUID, "Đảng bộ xã A", "Lấy phiếu tín nhiệm", "2026-12-04", "", 15)
XA = Body(HUMAN, OFFICIALS, ((6, 3, 1), (1, 2, 6)))
SCAN = b"%PDF-1.7 signed by hand"


def read(path: Path) -> result_file.ResultFile:
    with path.open("rb") as file:
        return result_file.read(file, AuditOptions())


def test_it_says_what_was_counted(tmp_path: Path):
    """Percentages of the ballots collected, the invalid one included; its bytes are the same."""
    path = signed(tmp_path / "a.result.zip", UUID, XA.files() | {"scan-01.pdf": SCAN})
    again = signed(tmp_path / "b.result.zip", UUID, XA.files() | {"scan-01.pdf": SCAN})
    result = read(path)

    assert path.read_bytes() == again.read_bytes()
    assert result.session_file == HUMAN
    assert result.count == XA.count
    assert [*result.scans] == ["scan-01.pdf"]
    low = result.results["officials"][1]
    assert low["counts"] == {"high": 1, "medium": 2, "low": 6, "blank": 2}
    assert low["percent"]["low"] == "54,55"
    assert low["finding"] is not None


def test_khoi_are_counted_apart(tmp_path: Path):
    """Without a common denominator where they have other numbers of ballots."""
    human = SessionFile.decode(HUMAN.encode().replace(b'"delegates":15', (
        b'"delegates":15,"blocks":[{"heading":"A","officials":1},{"heading":"B","officials":1}]'
    )))  # fmt: skip
    body = replace(XA, session_file=human, lines=((6, 3, 1), (2, 2, 6)))
    count = body.count
    assert count.paper is not None
    paper = replace(count.paper, piles=(Pile(11, 1), Pile(10, 0)))
    results = read(
        body.send(tmp_path, **{"count.json": replace(count, paper=paper).encode()})
    ).results

    assert results["denominator"]["value"] is None
    assert [line["percent"]["low"] for line in results["officials"]] == ["9,09", "60"]


# --- What is refused ---------------------------------------------------------------------------

Change = Callable[[dict[str, bytes]], dict[str, bytes]]


def counted(change: Callable[[Count], Count]) -> Change:
    return lambda files: files | {"count.json": change(Count.decode(files["count.json"])).encode()}


def on_paper(**changes: object) -> Change:
    def change(count: Count) -> Count:
        assert count.paper is not None
        return replace(count, paper=replace(count.paper, **changes))  # type: ignore[arg-type]

    return counted(change)


def sealed(**changes: object) -> Change:
    """Another definition, to which the count refers."""

    def change(files: dict[str, bytes]) -> dict[str, bytes]:
        paper = replace(PaperDefinition.decode(files["paper.json"]), **changes)  # type: ignore[arg-type]
        count = replace(Count.decode(files["count.json"]), definition=paper.digest)
        return files | {"paper.json": paper.encode(), "count.json": count.encode()}

    return change


TEN = Marks((6, 3, 1), 0)
OTHER = SessionFile("Phieu1Kin2Test3B", "Đảng bộ xã B", "Lấy phiếu", "2026-12-04", "", 15)
LEVELS = XA.definition.policy.levels
REFUSED: list[tuple[Change, type[ProtocolError], str]] = [
    # of another body
    (lambda f: f | {"session.json": OTHER.encode()}, BadRecord, "session.json: not the one"),
    (sealed(session="0" * 64), BadRecord, "session.json: not the one that was sealed"),
    (counted(lambda c: replace(c, definition="0" * 64)), BadRecord, "of another definition"),
    (counted(lambda c: replace(c, uuid=OTHER.uuid)), BadRecord, "MANIFEST"),
    # numbers that contradict each other
    (counted(lambda c: replace(c, present=16)), BadCounts, "present 16 is more than summoned 15"),
    (counted(lambda c: replace(c, present=10)), BadCounts, "issued 11 is more than present 10"),
    (on_paper(issued=10), BadCounts, "paper collected 11 is more than paper issued 10"),
    (on_paper(piles=(Pile(11, 12),)), BadCounts, "paper invalid 12 is more than paper coll"),
    (on_paper(piles=(Pile(11, 0),)), BadCounts, "Lê Văn An: levels and invalid lines make 10"),
    (on_paper(piles=(Pile(11, 1),) * 2), BadCounts, "paper: 2 piles of ballots, but 1 blocks"),
    (on_paper(officials=(TEN,)), BadCounts, "paper: 1 officials are counted, 2 are rated"),
    (on_paper(officials=(TEN, Marks((9, 1), 0))), BadCounts, "Vũ Bình: not one count for each"),
    (counted(lambda c: replace(c, entered=("An",))), BadCounts, "not entered by two people"),
    (counted(lambda c: replace(c, entered=("An", "An"))), BadCounts, "by two people"),
    (counted(lambda c: replace(c, uncounted=1)), BadCounts, "too few to be counted"),
    (counted(lambda c: replace(c, paper=None)), BadCounts, "neither electronic nor paper"),
    (counted(lambda c: replace(c, cadres=(Cadre("1970"),))), BadCounts, "1 cadres, 2 on the"),
    (
        counted(lambda c: replace(c, electronic=ChannelCount(1, (Pile(1),), (TEN, TEN)))),
        BadCounts,
        "electronic ballots of a session that votes on paper only",
    ),
    (counted(lambda c: replace(c, roster=16)), BadCounts, "roster 16, but 15 were sealed"),
    (
        sealed(policy=replace(XA.definition.policy, channels=("cli", "paper"))),
        BadRecord,
        "paper.json: a session that votes on paper and otherwise has a record",
    ),
    # of another regulation
    (
        sealed(policy=replace(XA.definition.policy, levels=(*LEVELS[:2], Level("low", "Kém")))),
        BadDefinition,
        "levels",
    ),
    # other files
    (lambda f: {k: v for k, v in f.items() if k != "paper.json"}, BadRecord, "either paper.json"),
    (lambda f: f | {"more.json": b"{}"}, BadRecord, "more.json: no result file has such a file"),
    (lambda f: f | {"scan-01.exe": b"MZ"}, BadRecord, "scan-01.exe: no result file has such"),
    (lambda f: f | {"scan-01.pdf": b""}, BadRecord, "scan-01.pdf: 0 bytes"),
    (lambda f: f | {f"scan-{i:02}.pdf": b"x" for i in range(21)}, BadRecord, "21 scans"),
    (lambda f: f | {"count.json": f["count.json"] + b" "}, Malformed, "count.json"),
    (lambda f: f | {"count.json": b"x" * (1 << 20 | 1)}, BadRecord, "count.json: 1048577 bytes"),
]


@pytest.mark.parametrize(("change", "error", "detail"), REFUSED)
def test_what_contradicts_itself_is_refused(
    tmp_path: Path, change: Change, error: type[ProtocolError], detail: str
):
    """Although the chair signed it; `consolidate` names the file before the reason."""
    path = signed(tmp_path / "xa.result.zip", UUID, change(XA.files()))
    with pytest.raises(error, match=detail.replace(".", "[.]")):
        read(path)
    with pytest.raises(error, match=r"^xa[.]result[.]zip: "):
        consolidate.gather([path], AuditOptions())


def test_whole_ballots_are_invalid_where_a_ballot_has_one_name(tmp_path: Path):
    """A blank line there is no line, but the ballot (QĐ 96-QĐ/TW, Article 6 paragraph 3)."""
    body = replace(XA, officials=OFFICIALS[:1], lines=((6, 3, 1),))
    assert read(body.send(tmp_path)).results["officials"][0]["counts"]["blank"] == 1
    with pytest.raises(BadCounts, match="Lê Văn An: 1 blank lines"):
        read(replace(body, lines=((6, 3, 0),)).send(tmp_path))


def altered(path: Path, name: str, raw: bytes) -> Path:
    """The same zip with other bytes in one of its files."""
    with zipfile.ZipFile(path) as opened:
        contents = {n: opened.read(n) for n in opened.namelist()} | {name: raw}
    with path.open("wb") as target:
        stored.write(target, [(n, io.BytesIO(contents[n])) for n in sorted(contents)])
    return path


def test_whoever_has_not_the_key_alters_nothing(tmp_path: Path):
    """Neither a number nor the scan; nor puts a key of his own in."""
    files = XA.files() | {"scan-01.pdf": SCAN}
    path = tmp_path / "xa.result.zip"
    count = replace(XA.count, entered=("Nguyễn An", "Lê Khác"))
    for name, raw in (("count.json", count.encode()), ("scan-01.pdf", b"%PDF-1.7 another")):
        altered(signed(path, UUID, files), name, raw)
        with pytest.raises(BadRecord, match="MANIFEST: differs"):
            read(path)
    own = SeedSigner("x", b"x" * 32).key.public
    signed(path, UUID, sealed(chair=own)(files))
    with pytest.raises(BadCheckpoint, match="MANIFEST: "):
        read(path)


def test_one_session_comes_once_and_one_scan_belongs_to_one_session(tmp_path: Path):
    """Under whatever name; the other file is named."""
    first = XA.send(tmp_path, **{"scan-01.pdf": SCAN})
    twice = tmp_path / "again.result.zip"
    twice.write_bytes(first.read_bytes())
    with pytest.raises(Refused, match=r"again.result.zip: the same session as Phieu1Kin2Test3A"):
        consolidate.gather([first, twice], AuditOptions())
    other = replace(XA, session_file=OTHER, officials=(Official("Đỗ Chi", "Bí thư"),), lines=(
        (6, 3, 1),
    ))  # fmt: skip
    strange = other.send(tmp_path, **{"scan-02.pdf": SCAN})
    with pytest.raises(Refused, match=r"3B.result.zip: scan-02.pdf is the minutes of Phieu1Kin2"):
        consolidate.gather([first, strange], AuditOptions())


def test_a_result_file_is_known_by_what_is_in_it(tmp_path: Path):
    """Under the name of a record, too; what is no zip of ours is no result file."""
    path = XA.send(tmp_path)
    renamed = path.rename(tmp_path / "xa.phieukin.zip")
    (record,) = consolidate.gather([renamed], AuditOptions())
    assert record.session_file.uuid == XA.session_file.uuid
    renamed.write_bytes(b"PK\x03\x04" + bytes(40))
    with pytest.raises(BadRecord, match=r"xa[.]phieukin[.]zip: "):
        consolidate.gather([renamed], AuditOptions())
