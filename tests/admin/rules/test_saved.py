"""Our spreadsheets, opened and saved by LibreOffice in each way it offers, come back the same.

`save_templates.py` made them; what is not read is refused with the way to convert it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from admin.prepare import people, template
from tests.admin.rules.save_templates import REFUSED, SAVED, STEMS, TEMPLATE, WAYS

if TYPE_CHECKING:
    from admin.rules.cells import Problem

READERS: Any = {"officials": people.read_officials, "roster": people.read_roster}


def read(stem: str, path: Path) -> tuple[list[Any], list[str], list[str]]:
    problems: list[Problem] = []
    warnings: list[Problem] = []
    rows = list(READERS[stem](path, problems, warnings))
    return rows, [p.fault.code for p in problems], [w.fault.code for w in warnings]


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved") / "d"
    template.new(folder, TEMPLATE, "2026-12-07", "Phieu1Kin2Test3A")
    return folder


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("way", WAYS)
def test_what_libreoffice_saves_comes_back_the_same(draft: Path, stem: str, way: str):
    rows, problems, warnings = read(stem, SAVED / f"{stem}-{way}")

    assert problems == []
    assert warnings == (["read_as"] if way == "windows-1258.csv" else [])
    originals, *_ = read(stem, draft / f"{stem}.xlsx")
    if way == "windows-1258.csv":  # where LibreOffice writes another mark: the warning is right
        assert repr(rows) == repr(originals).replace("ý", "ỳ")
    else:
        assert rows == originals


@pytest.mark.parametrize("way", REFUSED)
@pytest.mark.parametrize("name", ["as it is", "called xlsx", "called csv"])
def test_what_is_not_read_says_how_to_convert_it(tmp_path: Path, way: str, name: str):
    """Whatever somebody calls it."""
    data = (SAVED / f"officials-{way}").read_bytes()
    path = tmp_path / {"called xlsx": "o.xlsx", "called csv": "o.csv"}.get(name, way)
    path.write_bytes(data)

    assert read("officials", path) == ([], ["other_kind"], [])
