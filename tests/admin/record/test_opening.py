"""admin/record/opening.py: what a trustee audits, and how shares come onto an archive."""

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from admin.record import opening
from admin.record.opening import ClosedArchive
from crypto import ceremony, tally
from crypto.archive import Writer
from crypto.audit.archive import encode_credentials
from crypto.audit.report import Report
from crypto.encoding import parse
from crypto.errors import (
    BadBallot,
    BadShare,
    BadTally,
    Incomplete,
    ProtocolError,
    TooFewBallots,
    WrongState,
)
from crypto.keyfile import TrusteeState, new_seed
from crypto.session import define
from crypto.trustees import Trustees
from tests import testkit
from tests.crypto import room
from tests.testkit import TIMESTAMP, Parts, honest, session
from tests.verdicts import judge, remembered


def closed_bytes(parts: Parts, *, counted: bool = True) -> bytes:
    """The archive as the trustees get it: up to the encrypted tally."""
    writer = Writer(TIMESTAMP)
    events = [writer.head(), writer.setup(parts.election, parts.trustees, parts.credentials)]
    events += [writer.ballot(raw) for raw in parts.ballots]
    if counted:
        events += [writer.end_ballots(), writer.encrypted_tally(parts.tally, parts.sized)]
    return b"".join(events)


def audit(raw: bytes) -> ClosedArchive:
    return opening.audit_closed(lambda: io.BytesIO(raw), Report(), remembered)


@pytest.fixture(scope="module")
def closed() -> ClosedArchive:
    return audit(closed_bytes(honest()))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / f"{testkit.UUID}.bel"
    path.write_bytes(closed_bytes(honest()))
    return path


def files(closed: ClosedArchive, owners: Sequence[int]) -> list[tuple[str, bytes]]:
    shares = [session().share(owner, closed.cast.tally) for owner in owners]
    return [(f"share-{share.owner}.json", share.encode_file(session().phi)) for share in shares]


def foreign_ballot() -> bytes:
    return testkit.seal(description="x").vote(0, [0, 0, 0])


# --- Before decrypting --------------------------------------------------------------------


def test_archive_that_is_not_closed():
    """Before the tally there is nothing to decrypt."""
    with pytest.raises(Incomplete, match="not closed"):
        audit(closed_bytes(honest(), counted=False))


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        (lambda: honest().with_ballots(honest().ballots[1:]), BadTally),
        (lambda: honest().with_tally(b"[]"), BadTally),
        (lambda: session().archived(honest().ballots[:4]), TooFewBallots),
        (lambda: honest().with_ballot(0, foreign_ballot()), BadBallot),
    ],
    ids=["a ballot less", "no tally", "four ballots", "foreign ballot"],
)  # fmt: skip
def test_trustee_decrypts_nothing_else(parts, error: type[ProtocolError]):
    """A trustee makes all checks up to `enough` and stops at the first that fails."""
    with pytest.raises(error):
        audit(closed_bytes(parts()))


# --- Shares -------------------------------------------------------------------------------


@pytest.mark.parametrize("owners", [(1, 2), (2, 1), (3, 1), (2, 3)])
def test_shares_onto_an_archive(closed: ClosedArchive, archive: Path, owners: tuple[int, int]):
    """Any two shares complete the archive, which then passes."""
    shares = opening.check_shares(closed, files(closed, owners))

    assert opening.append(archive, closed, shares) == testkit.TOTALS
    assert judge(archive.read_bytes(), ".bel").error is None
    names = {archive.name, opening.statements_path(archive).name}
    assert {path.name for path in archive.parent.iterdir()} == names
    assert opening.read_statements(archive) == tally.encode_statements(shares)


def test_statements_that_are_gone(closed: ClosedArchive, archive: Path):
    """A record is not written without them; the missing file is named."""
    opening.append(archive, closed, opening.check_shares(closed, files(closed, (1, 2))))
    opening.statements_path(archive).unlink()

    with pytest.raises(Incomplete, match=r"\.shares\.json is missing"):
        opening.read_statements(archive)


def test_more_shares_than_needed(closed: ClosedArchive, archive: Path):
    """Of three shares the first two given are taken."""
    shares = opening.check_shares(closed, files(closed, (3, 2, 1)))

    assert [share.owner for share in shares] == [3, 2]
    opening.append(archive, closed, shares)
    assert judge(archive.read_bytes(), ".bel").error is None


@pytest.mark.parametrize("owners", [(), (1,), (3,)])
def test_too_few_shares(closed: ClosedArchive, owners: tuple[int, ...]):
    """With fewer it is incomplete."""
    with pytest.raises(Incomplete, match=f"{len(owners)} of 2"):
        opening.check_shares(closed, files(closed, owners))


def test_second_share_of_a_trustee(closed: ClosedArchive):
    """The file with the second share is named."""
    first, second = files(closed, (2, 2))

    with pytest.raises(BadShare, match=r"again\.json: a second share of trustee 2"):
        opening.check_shares(closed, [first, ("again.json", second[1])])


def test_wrong_share_is_refused_though_enough_are_right(closed: ClosedArchive):
    """A wrong share is named even where two others would do."""
    stranger = tally.decrypt(
        session().election, closed.cast.tally, 3, room.hold(3, 2).states[2].secret
    )
    wrong = ("share-3.json", stranger.encode_file(session().phi))

    with pytest.raises(BadShare, match="trustee 3: official 1, level 1"):
        opening.check_shares(closed, [*files(closed, (1, 2)), wrong])


@pytest.mark.parametrize("owner", [1, 3])
def test_archive_that_was_opened_already(closed: ClosedArchive, archive: Path, owner: int):
    """Shares are added once; the file stays as it is."""
    shares = opening.check_shares(closed, files(closed, (owner, 2)))
    opening.append(archive, closed, shares)
    before = archive.read_bytes()

    with pytest.raises(WrongState, match="already ends with Result"):
        opening.append(archive, closed, shares)
    assert archive.read_bytes() == before


@pytest.mark.parametrize("owners", [(1,), (1, 2, 3)])
def test_nothing_is_half_written(closed: ClosedArchive, archive: Path, owners: tuple[int, ...]):
    """Where the shares do not open the totals, the archive is untouched."""
    before = archive.read_bytes()
    shares = [session().share(owner, closed.cast.tally) for owner in owners]

    with pytest.raises((Incomplete, BadShare)):
        opening.append(archive, closed, shares)

    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_share_of_another_kind_of_file(closed: ClosedArchive):
    """Another file of the committee's in place of a share is named."""
    step1 = session().room.ones[0].encode()

    with pytest.raises(ProtocolError, match=r"step1\.json"):
        opening.check_shares(closed, [("step1.json", step1)])
    assert parse(step1, "x", limit=1 << 16)["schema"] == "phieukin.step1/2"


# --- A single trustee beside a committee --------------------------------------------------


def mixed() -> tuple[ClosedArchive, dict[int, tuple[str, bytes]], Parts]:
    """One trustee who is always needed, and two of three others; everyone's share file."""
    alone, sealed = TrusteeState(new_seed(), 1, 1, 1), testkit.seal(officials=1)
    single = ceremony.single(alone)
    trustees = Trustees((single.item, sealed.room.item))
    committee = ceremony.committee_of(trustees.needed, [single, *sealed.room.ones])
    parameters = replace(sealed.parameters, trustees=trustees.digest, committee=committee)
    election = define(
        name="x", description="", uuid=testkit.UUID, trustees=trustees, parameters=parameters
    )
    sealed = replace(sealed, election=election)
    raws = [sealed.vote(i, [i % 3]) for i in range(6)]
    total = testkit.product(election, raws)
    parts = replace(
        honest().with_ballots(raws).with_tally(total.encode(), cast=6),
        election=election.raw, trustees=trustees.encode(),
        credentials=encode_credentials(sealed.credentials),
    )  # fmt: skip
    secrets = [alone.secret, *(state.secret for state in sealed.room.states)]
    shares = {
        owner: (f"{owner}.json", tally.decrypt(election, total, owner, x).encode_file(election.phi))
        for owner, x in enumerate(secrets, start=1)
    }
    return audit(closed_bytes(parts)), shares, parts


@pytest.fixture(scope="module")
def committees() -> tuple[ClosedArchive, dict[int, tuple[str, bytes]], Parts]:
    return mixed()


@pytest.mark.parametrize(
    "owners", [(1, 2, 3), (2, 3, 1), (4, 1, 2), (2, 3, 4, 1), (1, 2, 3, 4), (4, 3, 2, 1)]
)
def test_single_trustee_beside_a_committee(committees, tmp_path: Path, owners: Sequence[int]):
    """In whatever order shares come, those of the committee never crowd out the single one."""
    closed, files, parts = committees
    path = tmp_path / "a.bel"
    path.write_bytes(closed_bytes(parts))

    shares = opening.check_shares(closed, [files[owner] for owner in owners])

    assert sum(share.owner == 1 for share in shares) == 1
    assert opening.append(path, closed, shares) == [[2, 2, 2]]
    assert judge(path.read_bytes(), ".bel").error is None


@pytest.mark.parametrize("owners", [(2, 3), (2, 3, 4), (1, 2), (1,), ()])
def test_single_trustee_is_missing_or_the_committee(committees, owners: Sequence[int]):
    """Three shares of the committee do not replace the single trustee's, nor the reverse."""
    closed, files, _ = committees

    with pytest.raises(Incomplete, match="shares are there"):
        opening.check_shares(closed, [files[owner] for owner in owners])
