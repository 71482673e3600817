"""admin/record/opening.py: what a trustee audits, and how shares come onto an archive."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from admin.record import opening
from admin.record.audit import rewinding
from admin.record.opening import CheckedShares, ClosedArchive, OpenedTotals, SentShare
from crypto import ceremony, tally
from crypto.archive import Writer
from crypto.audit.archive import encode_credentials
from crypto.audit.report import Report
from crypto.encoding import parse
from crypto.errors import (
    BadBallot,
    BadResult,
    BadShare,
    BadTally,
    Incomplete,
    ProtocolError,
    TooFewBallots,
    WrongState,
)
from crypto.keyfile import TrusteeState, new_seed
from crypto.session import define
from crypto.tally import Share
from crypto.trustees import Trustees
from tests import testkit
from tests.crypto import room
from tests.forgery import forge_share
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


def files(closed: ClosedArchive, owners: Sequence[int]) -> list[SentShare]:
    return [file_of(session().share(owner, closed.cast.tally)) for owner in owners]


def file_of(share: Share) -> SentShare:
    return SentShare(f"share-{share.owner}.json", share.encode_file(session().phi))


def checked(closed: ClosedArchive, sent: Sequence[SentShare]) -> CheckedShares:
    setup = closed.setup
    return opening.check_shares(setup.election, setup.trustees, closed.cast.tally, sent)


def opened(closed: ClosedArchive, sent: Sequence[SentShare]) -> OpenedTotals:
    return opening.open_totals(closed, checked(closed, sent))


def foreign_share(closed: ClosedArchive, owner: int) -> Share:
    """Made with a key of another committee."""
    secret = room.hold(3, 2).states[owner - 1].secret
    return tally.decrypt(session().election, closed.cast.tally, owner, secret)


def bent_share(closed: ClosedArchive, owner: int) -> Share:
    """Wrong factors under Belenios proofs that hold."""
    secret = session().state(owner).secret
    return forge_share(session().election, closed.cast.tally, owner, secret)


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
    totals = opened(closed, files(closed, owners))
    opening.append(archive, closed, totals)

    assert totals.totals == testkit.TOTALS
    assert judge(archive.read_bytes(), ".bel").error is None
    names = {archive.name, opening.statements_path(archive).name}
    assert {path.name for path in archive.parent.iterdir()} == names
    assert opening.read_statements(archive) == tally.encode_statements(totals.shares)


def test_statements_that_are_gone(closed: ClosedArchive, archive: Path):
    """A record is not written without them; the missing file is named."""
    opening.append(archive, closed, opened(closed, files(closed, (1, 2))))
    opening.statements_path(archive).unlink()

    with pytest.raises(Incomplete, match=r"\.shares\.json is missing"):
        opening.read_statements(archive)


def test_more_shares_than_needed(closed: ClosedArchive, archive: Path):
    """Of three shares the first two given are taken."""
    totals = opened(closed, files(closed, (3, 2, 1)))

    assert [share.owner for share in totals.shares] == [3, 2]
    opening.append(archive, closed, totals)
    assert judge(archive.read_bytes(), ".bel").error is None


@pytest.mark.parametrize("owners", [(), (1,), (3,)])
def test_too_few_shares(closed: ClosedArchive, owners: tuple[int, ...]):
    """With fewer it is incomplete."""
    with pytest.raises(Incomplete, match=f"{len(owners)} of 2"):
        opened(closed, files(closed, owners))


def test_second_share_of_a_trustee(closed: ClosedArchive):
    """The file with the second share is named and left out; it does not count twice."""
    first, second, third = files(closed, (2, 2, 3))
    again = replace(second, path="again.json")

    with pytest.raises(BadShare, match=r"again\.json: a second share of trustee 2 .*1 of 2"):
        opened(closed, [first, again])
    assert opened(closed, [first, again, third]).totals == testkit.TOTALS


WRONG: dict[str, Callable[[ClosedArchive], SentShare]] = {
    "foreign": lambda closed: file_of(foreign_share(closed, 1)),
    "bent": lambda closed: file_of(bent_share(closed, 1)),
    "nonsense": lambda _: SentShare("share-1.json", b"nonsense", 1),
    "another's": lambda closed: replace(files(closed, (2,))[0], owner=1),
}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("foreign", "trustee 1: official 1, level 1: wrong share"),
        ("bent", "trustee 1: wrong share: the proof over all its factors"),
        ("nonsense", "share-1.json: not JSON"),
        ("another's", "share-2.json: says that it is of trustee 2"),
    ],
)
def test_wrong_share_does_not_hold_up_right_ones(closed: ClosedArchive, name: str, why: str):
    """It is named with its trustee and left out; two right ones give the totals."""
    totals = opened(closed, [WRONG[name](closed), *files(closed, (2, 3))])

    assert totals.totals == testkit.TOTALS
    assert [share.owner for share in totals.shares] == [2, 3]
    assert [share.owner for share in totals.wrong] == [1]
    assert str(totals.wrong[0].error).startswith(why)


@pytest.mark.parametrize("name", WRONG)
def test_wrong_share_where_it_is_needed(closed: ClosedArchive, name: str):
    """With one right share nothing is opened; who sent the wrong one is named."""
    sent = [WRONG[name](closed), *files(closed, (3,))]
    named = str(checked(closed, sent).wrong[0].error)

    with pytest.raises(BadShare, match=r"1 of 2 shares are there") as error:
        opened(closed, sent)
    assert str(error.value).startswith(named)


def test_right_share_after_a_wrong_one(closed: ClosedArchive):
    """A trustee's second file is taken where the first is wrong."""
    totals = opened(closed, [file_of(bent_share(closed, 1)), *files(closed, (1, 2))])

    assert [share.owner for share in totals.shares] == [1, 2]
    assert [share.owner for share in totals.wrong] == [1]


@pytest.mark.parametrize("order", [(1, 2, 3), (2, 1, 3), (2, 3, 1)])
def test_wrong_share_that_every_proof_let_through(closed: ClosedArchive, order: Sequence[int]):
    """Should a check fail to find it: another choice is tried, and the one that spoils is named.

    Where the first choice comes out, nobody has to look at the rest.
    """
    shares = {owner: session().share(owner, closed.cast.tally) for owner in (2, 3)}
    shares[1] = bent_share(closed, 1)
    good = CheckedShares([shares[owner] for owner in order], [])

    totals = opening.open_totals(closed, good)

    assert totals.totals == testkit.TOTALS
    assert sorted(share.owner for share in totals.shares) == [2, 3]
    assert [share.owner for share in totals.wrong] == ([] if order == (2, 3, 1) else [1])
    for wrong in totals.wrong:
        assert "totals come out with those of trustees 2, 3" in str(wrong.error)


def test_no_choice_gives_totals(closed: ClosedArchive, archive: Path):
    """Two shares, one of them wrong under every proof: neither is accused, nothing is written."""
    before = archive.read_bytes()
    good = CheckedShares([bent_share(closed, 1), session().share(2, closed.cast.tally)], [])

    with pytest.raises(BadResult, match=r"no choice among the shares of trustees 1, 2"):
        opening.open_totals(closed, good)
    assert archive.read_bytes() == before


@pytest.mark.parametrize("name", ["nonsense", "foreign", "bent"])
def test_wrong_shares_are_found_without_an_audit(closed: ClosedArchive, archive: Path, name: str):
    """What a server asks before it lets a share be replaced: right ones are not among them."""
    sent = [WRONG[name](closed), *files(closed, (2, 3))]

    with archive.open("rb") as file:
        wrong = opening.find_wrong(rewinding(file), sent)

    assert [share.owner for share in wrong] == [1]
    begun = closed_bytes(honest(), counted=False)
    assert opening.find_wrong(lambda: io.BytesIO(begun), sent) == []


@pytest.mark.parametrize("owner", [1, 3])
def test_archive_that_was_opened_already(closed: ClosedArchive, archive: Path, owner: int):
    """Shares are added once; the file stays as it is."""
    totals = opened(closed, files(closed, (owner, 2)))
    opening.append(archive, closed, totals)
    before = archive.read_bytes()

    with pytest.raises(WrongState, match="already ends with Result"):
        opening.append(archive, closed, totals)
    assert archive.read_bytes() == before


def test_nothing_is_written_to_another_archive(closed: ClosedArchive, tmp_path: Path):
    """Totals of one archive do not come onto another, which stays as it is."""
    path = tmp_path / f"{testkit.UUID}.bel"
    path.write_bytes(closed_bytes(session().archived(honest().ballots[1:])))
    before = path.read_bytes()

    with pytest.raises(BadTally, match="not the archive that was audited"):
        opening.append(path, closed, opened(closed, files(closed, (1, 2))))

    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_share_of_another_kind_of_file(closed: ClosedArchive):
    """Another file of the committee's in place of a share is named."""
    step1 = session().room.ones[0].encode()

    wrong = checked(closed, [SentShare("step1.json", step1)]).wrong

    assert "step1.json: a 'phieukin.step1/2' file" in str(wrong[0].error)
    assert (wrong[0].owner, parse(step1, "x", limit=1 << 16)["schema"]) == (
        None,
        "phieukin.step1/2",
    )


# --- A single trustee beside a committee --------------------------------------------------


def mixed() -> tuple[ClosedArchive, dict[int, SentShare], Parts]:
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
        owner: SentShare(
            f"{owner}.json", tally.decrypt(election, total, owner, x).encode_file(election.phi)
        )
        for owner, x in enumerate(secrets, start=1)
    }
    return audit(closed_bytes(parts)), shares, parts


@pytest.fixture(scope="module")
def committees() -> tuple[ClosedArchive, dict[int, SentShare], Parts]:
    return mixed()


@pytest.mark.parametrize(
    "owners", [(1, 2, 3), (2, 3, 1), (4, 1, 2), (2, 3, 4, 1), (1, 2, 3, 4), (4, 3, 2, 1)]
)
def test_single_trustee_beside_a_committee(committees, tmp_path: Path, owners: Sequence[int]):
    """In whatever order shares come, those of the committee never crowd out the single one."""
    closed, files, parts = committees
    path = tmp_path / "a.bel"
    path.write_bytes(closed_bytes(parts))

    totals = opened(closed, [files[owner] for owner in owners])
    opening.append(path, closed, totals)

    assert sum(share.owner == 1 for share in totals.shares) == 1
    assert totals.totals == [[2, 2, 2]]
    assert judge(path.read_bytes(), ".bel").error is None


@pytest.mark.parametrize("owners", [(2, 3), (2, 3, 4), (1, 2), (1,), ()])
def test_single_trustee_is_missing_or_the_committee(committees, owners: Sequence[int]):
    """Three shares of the committee do not replace the single trustee's, nor the reverse."""
    closed, files, _ = committees

    with pytest.raises(Incomplete, match="shares are there"):
        opened(closed, [files[owner] for owner in owners])
