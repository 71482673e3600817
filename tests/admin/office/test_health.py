"""What `doctor` says of the databases."""

import pytest

from admin.office import health
from admin.session.datadir import DataDir, Settings


class _Book:
    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("database", "detail"),
    [
        ("box.db", "box.db"),
        (
            "postgresql+asyncpg://box:geheim@db.example.vn:5432/box?x=geheim",
            "postgresql+asyncpg://db.example.vn/box",
        ),
    ],
)
async def test_no_password_of_a_database_is_shown(tmp_path, monkeypatch, database, detail):
    async def reached(url: str) -> _Book:
        assert database in url
        return _Book()

    monkeypatch.setattr(health, "open_box", reached)
    place = DataDir(tmp_path, Settings(box_db=database))

    assert await health._box(place) == detail
