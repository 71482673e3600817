"""Codes as people type and copy them: taken, or told from another code."""

from pathlib import Path

import click
import pytest

from admin.cli import main
from admin.cli.room import TypedCode, compared
from crypto.errors import BadCheckpoint
from tests.testkit import honest_bundle, session

CODE = "65CK-NG40-6R1W-EC3X-JKHT"  # the same in every process, as the names of tests must be


@pytest.mark.parametrize(
    "typed",
    [
        CODE.replace("-", "\u2013"),
        CODE.replace("-", "\u2011"),
        CODE.replace("-", "\xa0"),
        CODE.replace("-", "\u200b"),
        CODE.replace("-", "").lower(),
        f"φ {CODE}.",
        f"\u201c{CODE}\u201d",
    ],
)
def test_a_code_as_it_is_copied(typed: str):
    """Dashes that Word makes, blanks that nobody sees, a full stop of the sentence."""
    for option in (TypedCode(), TypedCode(phi=True)):
        assert compared("session", CODE, option.convert(typed, None, None))


@pytest.mark.parametrize("typed", ["", "0", CODE[:-1], f"{CODE}0", CODE.replace(CODE[0], "U"), "φ"])
def test_what_has_no_shape_of_a_code(tmp_path: Path, typed: str):
    """A slip of the hand, and no word of a forgery; another whole code is one."""
    for option in (TypedCode(), TypedCode(phi=True)):
        with pytest.raises(click.BadParameter):
            option.convert(typed, None, None)
    record = tmp_path / "record.phieukin.zip"
    record.write_bytes(honest_bundle())
    assert main.run(["audit", str(record), "--fingerprint", typed]) == 2
    other = TypedCode().convert("0000-0000-0000-0000-0000", None, None)
    with pytest.raises(BadCheckpoint):
        compared("session", CODE, other)


def test_phi_in_full_is_taken_where_it_is_shown():
    """Only there."""
    phi = session().phi
    assert TypedCode(phi=True).convert(f"φ: {phi} ", None, None) == phi
    with pytest.raises(click.BadParameter):
        TypedCode().convert(phi, None, None)


def test_a_record_that_a_browser_has_unpacked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """It says what can be done, as for one that was packed again."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    assert main.run(["audit", str(tmp_path)]) == 2
    assert "download the .phieukin.zip again" in capsys.readouterr().err
