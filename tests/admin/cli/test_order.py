"""The session before: refused, asked about, or passed by."""

import io
from pathlib import Path

import click
import pytest

from admin.cli import session
from admin.lifecycle.steps import Reason
from tests.worlds.office import THRESHOLD, TRUSTEES, Office, checked_in, lived_in

OTHER = "Phieu1Kin2Test3A"


@pytest.mark.parametrize("kind", ["unknown", "cancelled"])
def test_a_script_must_say_yes_where_the_session_before_is_not_known(
    kind: str, monkeypatch: pytest.MonkeyPatch, capsys
):
    """Nobody is there to answer: that is no yes."""
    reasons = {f"before_{kind}": Reason(f"before_{kind}", {"before": OTHER})}
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(click.UsageError):
        session._confirmed_order(reasons, "u", yes=False)

    assert session._confirmed_order(reasons, "u", yes=True) is True
    assert capsys.readouterr().err.count(OTHER) == 2


@pytest.mark.parametrize("yes", [True, False])
def test_without_a_session_before_nothing_is_asked(yes: bool, capsys):
    assert session._confirmed_order({}, "u", yes=yes) is yes
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_the_council_votes_before_the_committee(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Sealed with the council's session before it: refused until that one is closed."""
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    office = Office(tmp_path, capsys)
    office.run("init", str(office.data))
    council = tmp_path / "council"
    office.run("session", "new", str(council), "--electronic")
    lived_in(council)
    office.run("session", "seal", str(council))
    first = (council / "session.toml").read_text("utf-8").split('uuid = "')[1].split('"')[0]
    office.run("session", "new", str(office.draft), "--electronic")
    lived_in(office.draft)
    office.change(trustees=str(TRUSTEES), threshold=str(THRESHOLD))
    form = office.draft / "session.toml"
    form.write_text(form.read_text("utf-8").replace('# after = ""', f'after = "{first}"'), "utf-8")
    checked_in(office)
    status, stdout, err = office.session("open", "--yes")

    assert (status, stdout) == (5, "")
    assert f"session {first} comes first and is draft" in err
    assert office.state() == "checkin"

    office.run("session", "cancel", first, "--reason", "x", "--yes")
    status, _, err = office.session("open", "--yes")
    assert status == 0
    assert office.waiting() == {"moment": "opening", "signed": 0, "needed": 3, "size": 3}
    assert f"follows session {first}, which was cancelled" in err
