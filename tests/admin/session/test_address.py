"""The public address: taken as it can work, or refused with the form that can."""

from pathlib import Path

import pytest

from admin.session.address import public_address
from admin.session.datadir import SETTINGS, DataDir
from crypto.errors import Malformed


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://vote.example.vn", "https://vote.example.vn"),
        (" https://vote.example.vn/ ", "https://vote.example.vn"),
        ("HTTPS://Vote.Example.VN:8443", "https://vote.example.vn:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://[2001:db8::1]:443", "https://[2001:db8::1]:443"),
    ],
)
def test_an_address_that_works(text: str, address: str):
    """Blanks, case and a final slash are nobody's mistake."""
    assert public_address(text) == address


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("vote.example.vn", "https://vote.example.vn"),
        ("vote.example.vn:8443/", "https://vote.example.vn:8443"),
        ("https://vote.example.vn/phieukin", "https://vote.example.vn"),
        ("https://vote.example.vn/?utm_source=zalo", "https://vote.example.vn"),
        ("https://vote.example.vn#top", "https://vote.example.vn"),
        ("https://name:pass@vote.example.vn:8443/x", "https://vote.example.vn:8443"),
        ("ftp://vote.example.vn", None),
        ("https:/vote.example.vn", None),
        ("https://", None),
        ("", None),
        ("https://vote.example.vn:99999", None),
        ("https://vote example.vn", None),
        ("https://vote.\u200bexample.vn", None),
    ],
)
def test_an_address_that_cannot_work(text: str, corrected: str | None, tmp_path: Path):
    """Refused with the corrected form, at `init` and in phieukin.toml alike."""
    with pytest.raises(Malformed) as refusal:
        public_address(text)
    detail = str(refusal.value)
    assert text in detail
    assert corrected is None or detail.endswith(f": {corrected}")
    (tmp_path / SETTINGS).write_text(f'public_url = "{text}"', encoding="utf-8")
    with pytest.raises(Malformed, match="public_url") as refusal:
        DataDir.open(tmp_path)
    assert str(refusal.value).endswith(detail)
