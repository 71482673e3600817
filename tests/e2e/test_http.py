"""A whole session on a real server, by the commands that people type."""

import re
import stat
from pathlib import Path

import pytest

from tests.e2e.site import Site, recording

VOTERS = 6
IDENTITIES = (b"authorization", b"cookie", b"referer", b"telegram", b"x-forwarded", b"origin:")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("site"), VOTERS)
    site.prepare()
    return site


@pytest.mark.slow
def test_a_session_from_two_spreadsheets_to_an_audited_record(site: Site):
    """Trustees, voters and the chair use a server; the record passes every check.

    What voters send to the box says nothing about who they are, and what they keep says nothing
    about what they chose.
    """
    with site.serving():
        site.seal()
        links = site.letters()
        site.run("session", "checkin", site.uuid)
        with recording(site.url) as (url, sent):
            voters = [site.start(*site.voting(i, link, url=url)) for i, link in enumerate(links)]
            site.reach(VOTERS, "registered", voters)
            site.run("session", "present", site.uuid, "--count", str(VOTERS))
            site.run("session", "open", site.uuid, "--yes")
            session_code = site.join(1)["codes"]["session"]
            counted = ("--present", str(VOTERS))
            site.committee_signs("sign_opening", "--fingerprint", session_code, *counted)
            site.reach(VOTERS, "cast", voters)
            site.run("session", "close", site.uuid, "--in", "0", "--yes")
            site.committee_signs("sign_closing", *counted)
            ended = [(voter.communicate(timeout=60), voter.returncode) for voter in voters]
        assert [status for _, status in ended] == [0] * VOTERS, ended
        assert all(b'"done": "counted"' in stdout for (stdout, _), _ in ended)
        _check_sent(sent, links)
        _check_kept(site.folder)
        code = site.join(1)["codes"]["closing"]
        for owner in (1, 3):
            assert site.join(owner, "--code", code, "--settled")["done"][-1] == "share"
        site.run("session", "publish", site.uuid, "--yes")
        assert site.join(2)["next"] == "over"
    bundle = site.data / "archives" / f"{site.uuid}.phieukin.zip"
    audit = site.run("audit", bundle, "--json").document
    assert audit["ok"]
    assert set(audit["counts"].values()) == {VOTERS}


def _check_sent(sent: list[bytes], links: list[str]) -> None:
    """Bytes to the box: no identity, one call on each connection, every client alike."""
    box = [data for data in sent if b"/api/v1/box/" in data.split(b"\r\n", 1)[0]]
    posts = [data for data in box if data.startswith(b"POST")]
    assert len(posts) == 2 * VOTERS
    codes = [re.sub(r"[^0-9A-Z]", "", link.partition("#c=")[2].partition("&")[0]) for link in links]
    for data in box:
        head = data.partition(b"\r\n\r\n")[0].lower()
        assert not [name for name in IDENTITIES if name in head], head
        assert b"connection: close" in head
        assert data.count(b" HTTP/1.1\r\n") == 1
    shapes = {_shape(data) for data in posts}
    assert len(shapes) == 2
    # A code goes to the registrar only.
    for code in codes:
        assert len(code) == 16
        assert code.encode() in b"".join(sent)
        assert code.encode() not in b"".join(box)


def _shape(data: bytes) -> tuple[bytes, ...]:
    """The head of a request without its length, which is that of the body."""
    lines = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return tuple(
        line for line in lines if not line.lower().startswith((b"content-length", b"host"))
    )


def _check_kept(folder: Path) -> None:
    """Each voter has a promise that only they can read; the ballots that waited are gone."""
    promises = list(folder.glob("*.promise"))
    assert len(promises) == VOTERS
    assert {stat.S_IMODE(path.stat().st_mode) for path in promises} == {0o600}
    assert [*folder.glob("*.ballot"), *folder.glob("*.secrets")] == []
