"""How a session ends: published with its record, opened from files of shares, or failed."""

import pytest

from admin.record.audit import AuditOptions, audit_file
from crypto.errors import Incomplete, WrongState
from tests.worlds.office import Office, checked_in, closed

pytestmark = pytest.mark.slow


def test_whole_session(office: Office):
    """Twelve voters, two shares, a record that passes every check; each step in its order."""
    checked_in(office)
    assert office.session("close", "--in", "0")[0] == 5
    assert office.session("open")[0] == 0
    assert office.session("close", "--in", "0")[0] == 5
    assert office.state() == "checkin"
    office.seal_box()
    office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
    assert office.session("publish")[0] == 5
    assert office.state() == "open"
    status, stdout, _ = office.session("close", "--in", "0")
    assert (status, office.state()) == (0, "closed")
    assert office.session("close", "--in", "0") == (0, stdout, "Closing\n")
    assert office.session("cancel", "--reason", "too late")[0] == 5
    office.sign_close(1, 3)
    office.share(1)
    status, _, err = office.session("publish")
    assert (status, "2 of 3 trustees have signed the close" in err) == (5, True)
    assert office.state() == "closed"
    office.sign_close(2)
    status, _, err = office.session("publish")
    assert (status, "1 of 2 shares" in err, office.state()) == (4, True, "closed")
    office.share(3)
    assert office.session("publish")[0] == 0
    assert office.state() == "published"
    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    outcome = audit_file(record, AuditOptions())

    assert outcome.error is None
    assert outcome.counts is not None
    assert (outcome.counts.issued, outcome.counts.cast) == (12, 12)
    assert [tuple(o["counts"].values()) for o in outcome.results] == [
        (12, 0, 0, 0), (0, 12, 0, 0), (0, 0, 12, 0), (0, 0, 0, 12), (12, 0, 0, 0),
    ]  # fmt: skip
    written = record.read_bytes()
    assert office.session("publish")[0] == 0
    assert record.read_bytes() == written


def test_a_closed_session_may_fail(office: Office):
    """Keys are lost: the record shows everything but a result, and an audit says so."""
    checked_in(office)
    assert office.session("fail", "--reason", "too early", "--yes")[0] == 5
    office.session("open")
    office.seal_box()
    office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
    office.session("close", "--in", "0")
    office.sign_close()
    path = office.folder / "failed.phieukin.zip"
    assert office.run("record", "export", office.uuid, "-o", str(path))[0] == 5
    assert office.session("fail")[0] == 2
    assert office.session("fail", "--reason", "mất khóa", "--yes")[0] == 0
    assert office.session("fail", "--reason", "mất khóa", "--yes")[0] == 0
    assert office.state() == "failed"
    with pytest.raises(WrongState):
        office.share(1, 3)
    assert office.session("publish")[0] == 5

    assert office.run("record", "export", office.uuid, "-o", str(path))[0] == 0
    outcome = audit_file(path, AuditOptions())
    assert isinstance(outcome.error, Incomplete)
    assert outcome.to_json()["counts"]["cast"] == 12
    assert outcome.results == []
    entries = office.with_books(lambda books: books.registrar.entries(office.uuid))
    assert entries == ["failed: mất khóa"]


def test_shares_may_come_as_files(office: Office):
    """`tally combine` finds the archive of the server; publishing goes on from there."""
    closed(office)
    paths = []
    for owner, raw in office.shares(1, 3).items():
        path = office.folder / f"share-{owner}.json"
        path.write_bytes(raw)
        paths.append(str(path))
    assert office.run("tally", "combine", office.uuid, *paths)[0] == 0
    assert office.session("publish")[0] == 0

    record = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    assert audit_file(record, AuditOptions()).error is None


def test_a_record_that_does_not_pass_is_not_handed_out(office: Office):
    """It is audited before anybody gets it; the session stays, and may be ended as failed."""
    checked_in(office)
    # What no step of ours would write: a change of the roster that nobody signed.
    office.with_books(lambda books: books.registrar.amend(office.uuid, 1, b"x", b"", [], []))
    assert office.session("open", "--yes")[0] == 0
    office.seal_box()
    office.vote(office.folder / "letters.csv", (0, 1, 2, None, 0))
    assert office.session("close", "--in", "0", "--yes")[0] == 0
    office.sign_close()
    office.share(1, 3)
    archives = office.data / "archives"
    for _ in range(2):
        status, _, err = office.session("publish", "--yes")
        assert (status, "does not pass its own audit" in err) == (3, True)
        assert "check counts: note: text, a blank line" in err
        assert office.state() == "tallied"
        kept = {f"{office.uuid}.bel", f"{office.uuid}.shares.json"}
        assert {path.name for path in archives.iterdir()} == kept

    assert office.session("fail", "--reason", "no sound record", "--yes")[0] == 0
    assert office.state() == "failed"
