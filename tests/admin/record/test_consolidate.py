"""Records of several sessions side by side; one that is wrong stops everything."""

from contextlib import contextmanager
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from admin.cli import main
from admin.demo import scenario, session
from admin.record import consolidate
from admin.record.audit import Options
from admin.record.pool import workers
from admin.rules import regime
from crypto.errors import Incomplete, Refused, Rejected

NAMES = [("Nguyễn Thị A", "Chủ tịch"), ("=Trần Văn B", "")]


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three sessions; the first official is rated in each."""
    rules = regime.load("nq96-2023")
    made = []
    with workers(1) as pool:
        for i, names in enumerate([NAMES, NAMES[:1], NAMES[:1]]):
            folder = tmp_path_factory.mktemp(f"record{i}")
            played = scenario.random(5, names, rules, f"Hội đồng {i}")
            made.append(session.play(played, folder, pool, _quiet))
    return made


@contextmanager
def _quiet(_name: str, _size: int):
    yield lambda _: None


def gathered(paths: list[Path]) -> list[consolidate.Record]:
    return consolidate.gather(paths, Options(), rehearsals=True)


def test_two_venues_stand_side_by_side(records: list[Path], tmp_path: Path):
    """Nothing is added up; texts stay texts."""
    out = tmp_path / "all.xlsx"
    args = [*map(str, records[:2]), "-o", str(out), "--rehearsals", "--workers", "1"]
    assert main.run(["consolidate", *args]) == 0
    book = openpyxl.load_workbook(out)
    everybody, twice, _, sessions = book.worksheets

    names = [row[3] for row in everybody.iter_rows(min_row=2, values_only=True)]
    assert sorted(names) == sorted([NAMES[0][0], NAMES[1][0], NAMES[0][0]])
    assert [row[3] for row in twice.iter_rows(min_row=2, values_only=True)] == [NAMES[0][0]] * 2
    assert sessions.max_row == 3
    kinds = {cell.data_type for row in everybody.iter_rows(min_row=2) for cell in row}
    assert "f" not in kinds
    counts = [row[5:12:2] for row in everybody.iter_rows(min_row=2, values_only=True)]
    assert all(isinstance(count[0], int) for count in counts)


def test_a_third_venue_is_refused_by_name(records: list[Path]):
    """At most two, however the names are spelled."""
    with pytest.raises(Refused, match=r"Nguyễn Thị A: rated at 3 venues"):
        gathered(records)


def test_one_session_twice_is_refused(records: list[Path], tmp_path: Path):
    """Under whatever file name."""
    copy = tmp_path / "copy.phieukin.zip"
    copy.write_bytes(records[0].read_bytes())
    with pytest.raises(Refused, match=r"copy\.phieukin\.zip: the same session as"):
        gathered([records[0], copy])


def test_a_rehearsal_is_refused(records: list[Path]):
    """Unless it is asked for."""
    with pytest.raises(Refused, match="rehearsal"):
        consolidate.gather(records[:1], Options())


def test_a_record_that_fails_its_audit_stops_all(records: list[Path], tmp_path: Path):
    """The file is named, and nothing is written."""
    data = bytearray(records[1].read_bytes())
    data[data.index(b'"present":5') + len('"present":')] ^= 1
    bad, out = tmp_path / "bad.phieukin.zip", tmp_path / "all.xlsx"
    bad.write_bytes(data)
    with pytest.raises(Rejected, match=r"^bad\.phieukin\.zip: "):
        gathered([records[0], bad])
    args = [str(records[0]), str(bad), "-o", str(out), "--rehearsals", "--workers", "1"]
    assert main.run(["consolidate", *args]) == 3
    assert not out.exists()


def test_an_archive_alone_is_not_enough(records: list[Path]):
    """It says nothing of the day or the body."""
    archive = next(records[0].parent.glob("*.bel"))
    with pytest.raises((Incomplete, Refused)):
        gathered([archive])
