"""crypto/tally.py: only the sums are opened, by exactly enough trustees, each of them honest."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import tally
from crypto.audit.archive import check_enough
from crypto.elgamal import encrypt
from crypto.encoding import canonical
from crypto.errors import BadResult, BadShare, Incomplete, Malformed, TooFewBallots
from crypto.group import IDENTITY, Element, G, Q, random_scalar
from crypto.session import Election
from crypto.sigma import Proof, prove_powers
from crypto.tally import PartialDecryption, Share, Tally
from tests import testkit
from tests.crypto import room
from tests.forgery import Filled, forge, forge_share
from tests.mutants import accepted, mutants, spellings
from tests.testkit import Choices, honest, product, session
from tests.verdicts import audited, judge_archive


@pytest.fixture(scope="module")
def total() -> Tally:
    return product(session().election, honest().ballots)


@pytest.fixture(scope="module")
def shares(total: Tally) -> dict[int, Share]:
    return {owner: session().share(owner, total) for owner in (1, 2, 3)}


def combine(total: Tally, shares: Sequence[Share], cast: int = testkit.CAST) -> list[list[int]]:
    partials = [share.partial for share in shares]
    return tally.combine(session().election, session().trustees, total, cast, partials)


def check(total: Tally, share: Share) -> None:
    tally.check_share(session().election, session().trustees, total, share)


def plain(election: Election, votes: Sequence[Choices]) -> list[list[int]]:
    """The count that anyone could make with a pencil."""
    return [
        [sum(vote[i] == j for vote in votes) for j in range(len(question.answers))]
        for i, question in enumerate(election.questions)
    ]


# --- The sums -----------------------------------------------------------------------------


@st.composite
def elections(draw: st.DrawFn) -> tuple[int, int, str, list[list[int | None]]]:
    """(officials, levels, where a mark may be missing, votes)."""
    officials, levels = draw(st.integers(1, 3)), draw(st.integers(2, 5))
    invalid = draw(st.sampled_from(["line", "ballot"]))
    choice: st.SearchStrategy[int | None] = st.integers(0, levels - 1)
    if invalid == "line":
        choice = st.none() | choice
    vote = st.lists(choice, min_size=officials, max_size=officials)
    return officials, levels, invalid, draw(st.lists(vote, min_size=5, max_size=7))


@pytest.mark.slow
@settings(max_examples=12)
@given(elections())
def test_totals_are_the_plain_count(drawn: tuple[int, int, str, list[list[int | None]]]):
    """Whatever is voted, the totals that trustees open are the count, and the archive passes."""
    officials, levels, invalid, votes = drawn
    sealed = testkit.seal(officials=officials, levels=levels, invalid=invalid, registered=7)
    parts = sealed.archived(sealed.vote(i, vote) for i, vote in enumerate(votes))

    assert audited(parts.archive).result == plain(sealed.election, votes)


@pytest.mark.parametrize("choice", [None, 0, 1, 2])
def test_everyone_alike(choice: int | None):
    """All blank opens to zeros, the identity; all at one level to the number of ballots."""
    sealed = testkit.seal(officials=1)
    votes = [[choice]] * 6
    parts = sealed.archived(sealed.vote(i, vote) for i, vote in enumerate(votes))

    assert audited(parts.archive).result == plain(sealed.election, votes)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_product_encrypts_the_sum(values: list[int]):
    """Exponential ElGamal: multiply ciphertexts, add numbers."""
    x = random_scalar()
    ciphertexts = [encrypt(G**x, value, random_scalar()) for value in values]
    whole = ciphertexts[0]
    for ciphertext in ciphertexts[1:]:
        whole = whole * ciphertext

    assert whole.beta == whole.alpha**x * G ** sum(values)


def test_empty_tally_changes_nothing(total: Tally):
    """The product starts from the identity."""
    assert tally.empty(session().election) * total == total


def test_tally_decodes_to_itself(total: Tally):
    """Written and read, the identity of an empty tally included."""
    election = session().election
    for encrypted in (total, tally.empty(election)):
        assert Tally.decode(encrypted.encode(), election) == encrypted
    assert total.digest == tally.decode_sized(tally.sized(total, 9))[1]


@pytest.mark.parametrize("weight", [8, 10])
def test_every_ballot_weighs_one(total: Tally, weight: int):
    """Belenios knows weights; a session of ours does not."""
    sized = {"num_tallied": 9, "total_weight": weight, "encrypted_tally": total.digest}

    with pytest.raises(Malformed, match="total_weight"):
        tally.decode_sized(canonical(sized))


# --- The trustees -------------------------------------------------------------------------


@pytest.mark.parametrize("owners", list(permutations((1, 2, 3), 2)))
def test_any_two_of_three(total: Tally, shares: dict[int, Share], owners: tuple[int, int]):
    """Any two trustees in any order open the same totals."""
    assert combine(total, [shares[owner] for owner in owners]) == testkit.TOTALS


@pytest.mark.parametrize("owners", [(), (1,), (2,), (3,)])
def test_too_few_shares(total: Tally, shares: dict[int, Share], owners: tuple[int, ...]):
    """One trustee alone opens nothing."""
    with pytest.raises(Incomplete, match=f"{len(owners)} of 2 shares"):
        combine(total, [shares[owner] for owner in owners])


def test_too_many_shares(total: Tally, shares: dict[int, Share]):
    """Exactly the needed shares are published, so that the record has one form."""
    with pytest.raises(BadShare, match="3 shares where exactly 2"):
        combine(total, list(shares.values()))


@pytest.mark.parametrize("owner", [1, 2, 3])
def test_second_share_of_a_trustee(total: Tally, shares: dict[int, Share], owner: int):
    """Two shares of one trustee are refused, even two good ones; the trustee is named."""
    with pytest.raises(BadShare, match=f"trustee {owner}: two shares"):
        combine(total, [shares[owner], session().share(owner, total)])


@pytest.mark.parametrize("owner", [1, 2, 3])
def test_honest_share(total: Tally, shares: dict[int, Share], owner: int):
    """Every trustee's share passes, and stays the same through its file."""
    share = shares[owner]
    check(total, share)

    raw = share.encode_file(session().phi)
    assert Share.decode_file(raw, "share.json", session().election) == share
    partial = share.partial
    assert PartialDecryption.decode(partial.encode(), owner, session().election) == partial
    assert tally.decode_owned(partial.owned())[0] == owner


Place = tuple[int, int]


def with_factor(share: Share, place: Place, factor: Element) -> Share:
    i, j = place
    lines = [list(line) for line in share.partial.factors]
    lines[i][j] = factor
    return replace(share, partial=replace(share.partial, factors=tuple(map(tuple, lines))))


def with_proof(share: Share, place: Place, proof: Proof) -> Share:
    i, j = place
    lines = [list(line) for line in share.partial.proofs]
    lines[i][j] = proof
    return replace(share, partial=replace(share.partial, proofs=tuple(map(tuple, lines))))


def other_factor(share: Share, place: Place) -> Share:
    return with_factor(share, place, share.partial.factors[place[0]][place[1]] * G)


WRONG: dict[str, Callable[[Share, Place], Share]] = {
    "other factor": other_factor,
    "identity": lambda share, place: with_factor(share, place, IDENTITY),
    "neighbour's factor": lambda share, place: with_factor(
        share, place, share.partial.factors[place[0]][(place[1] + 1) % 3]
    ),
    "proof of zeros": lambda share, place: with_proof(share, place, Proof(0, 0)),
    "neighbour's proof": lambda share, place: with_proof(
        share, place, share.partial.proofs[(place[0] + 1) % 3][place[1]]
    ),
}


@pytest.mark.parametrize("place", [(0, 0), (1, 2), (2, 1)])
@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("owner", [1, 3])
def test_wrong_share_names_trustee_official_and_level(
    total: Tally, shares: dict[int, Share], name: str, owner: int, place: Place
):
    """One wrong factor or proof is found where it is, and whose it is."""
    where = f"trustee {owner}: official {place[0] + 1}, level {place[1] + 1}: wrong share"

    with pytest.raises(BadShare, match=where):
        check(total, WRONG[name](shares[owner], place))


def test_factor_shifted_so_that_totals_would_change(total: Tally, shares: dict[int, Share]):
    """A trustee who moves one mark from low to high is found: that factor has no proof."""
    share = shares[1]
    moved = other_factor(share, (0, 0))
    moved = with_factor(moved, (0, 2), share.partial.factors[0][2] * G**-1)

    with pytest.raises(BadShare, match="trustee 1: official 1, level 1"):
        check(total, moved)


def test_share_of_a_stranger(total: Tally):
    """A share made with a key of another committee is nobody's."""
    stranger = room.hold(3, 2).states[0]
    share = tally.decrypt(session().election, total, 1, stranger.secret)

    with pytest.raises(BadShare, match="trustee 1: official 1, level 1"):
        check(total, share)


@pytest.mark.parametrize(
    ("owner", "why"),
    [
        *((owner, "there is no such trustee") for owner in (0, 4, 32)),
        (2, "official 1, level 1"),
    ],
)
def test_share_under_another_number(total: Tally, shares: dict[int, Share], owner: int, why: str):
    """There are three trustees, and a good share of trustee 1 is not one of trustee 2."""
    with pytest.raises(BadShare, match=f"trustee {owner}: {why}"):
        check(total, replace(shares[1], partial=replace(shares[1].partial, owner=owner)))


def test_share_of_another_session(total: Tally):
    """The same key, the same ciphertexts, another φ: the proofs do not hold, the file says so."""
    another_session = testkit.seal(description="another")
    share = another_session.share(1, total)

    with pytest.raises(BadShare, match="trustee 1"):
        check(total, share)
    with pytest.raises(BadShare, match=r"mine\.json: .* another session"):
        Share.decode_file(share.encode_file(another_session.phi), "mine.json", session().election)


def test_share_of_another_tally(shares: dict[int, Share]):
    """A share opens the one tally it was made for."""
    part = product(session().election, honest().ballots[1:])

    with pytest.raises(BadShare, match="trustee 3"):
        check(part, shares[3])


@pytest.mark.slow
def test_every_change_of_a_share_file_is_refused(total: Tally, shares: dict[int, Share]):
    """Each field altered, gone or moved."""

    def read(raw: bytes) -> None:
        check(total, Share.decode_file(raw, "share.json", session().election))

    raw = shares[2].encode_file(session().phi)
    read(raw)
    changes = ((str(mutant), mutant.raw) for mutant in mutants(raw))

    assert accepted(changes, read, Malformed, BadShare) == []
    assert accepted(spellings(raw), read, Malformed, BadShare) == []


@pytest.mark.parametrize("schema", ["phieukin.step1/1", "phieukin.key/1", "phieukin.share/1"])
def test_another_kind_of_file(shares: dict[int, Share], schema: str):
    """A file of another kind in place of a share says which kind it is."""
    raw = shares[1].encode_file(session().phi).replace(b"phieukin.share/2", schema.encode())

    with pytest.raises(BadShare, match=schema):
        Share.decode_file(raw, "share.json", session().election)


# --- The proof over the whole statement -----------------------------------------------------


@pytest.mark.parametrize("owner", [1, 3])
def test_wrong_share_whose_belenios_proofs_hold(total: Tally, owner: int):
    """The challenge of Belenios' proof leaves out α and the factor: a trustee can bend it.

    Its proofs pass, the totals do not come out; the proof of the statement names the trustee.
    """
    election, trustees = session().election, session().trustees
    wrong = forge_share(election, total, owner, session().state(owner).secret)
    other = session().share(2, total)
    tally.check_partial(election, trustees, total, wrong.partial)
    with pytest.raises(BadResult, match="is not a number from 0 to 9"):
        combine(total, [wrong, other])
    check(total, other)

    with pytest.raises(BadShare, match=f"trustee {owner}: .*over all its factors"):
        check(total, wrong)


OTHER: dict[str, Callable[[Share], Proof]] = {
    "zeros": lambda _: Proof(0, 0),
    "response": lambda share: replace(share.statement, response=(share.statement.response + 1) % Q),
    "challenge": lambda share: replace(
        share.statement, challenge=(share.statement.challenge + 1) % Q
    ),
    "one of Belenios'": lambda share: share.partial.proofs[0][0],
}


@pytest.mark.parametrize("name", OTHER)
def test_another_statement(total: Tally, shares: dict[int, Share], name: str):
    """Right factors with Belenios' proofs, but not the proof over all of them."""
    with pytest.raises(BadShare, match=r"trustee 2: .*over all its factors"):
        check(total, replace(shares[2], statement=OTHER[name](shares[2])))


def _statement(election: Election, total: Tally, owner: int) -> str:
    return f"phieukin share v2|{election.phi}|{owner}|{total.digest}|"


@pytest.mark.parametrize("name", ["session", "owner", "tally", "version"])
def test_statement_is_bound(total: Tally, shares: dict[int, Share], name: str):
    """To session, trustee and encrypted tally; the very same factors prove nothing elsewhere."""
    election, secret = session().election, session().state(2).secret
    right = _statement(election, total, 2)
    wrong = {
        "session": _statement(testkit.seal(description="another").election, total, 2),
        "owner": _statement(election, total, 1),
        "tally": _statement(election, tally.empty(election), 2),
        "version": right.replace("v2", "v1"),
    }[name]
    lines = zip(total.lines, shares[2].partial.factors, strict=True)
    powers = [(c.alpha, f) for line in lines for c, f in zip(*line, strict=True)]
    check(total, replace(shares[2], statement=prove_powers(right, powers, secret)))

    with pytest.raises(BadShare, match=r"trustee 2: .*over all its factors"):
        check(total, replace(shares[2], statement=prove_powers(wrong, powers, secret)))


def test_identity_has_one_power():
    """A tally of blanks: only the identity is a power of the identity, in both proofs."""
    election, empty = session().election, tally.empty(session().election)
    share = session().share(1, empty)
    tally.check_share(election, session().trustees, empty, share)
    moved = with_factor(share, (0, 0), G)

    with pytest.raises(BadShare, match="over all its factors"):
        tally.check_statement(election, session().trustees, empty, moved.partial, share.statement)


def test_statements_decode_to_themselves(shares: dict[int, Share]):
    """shares.json keeps owners and proofs in the order of the archive."""
    raw = tally.encode_statements([shares[3], shares[1]])

    assert tally.decode_statements(raw, "shares.json") == [
        (3, shares[3].statement),
        (1, shares[1].statement),
    ]


# --- The result ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "result",
    [
        [[6, 2, 1], [5, 2, 1], [0, 1, 6]],
        [[5, 2, 1], [5, 2, 1], [6, 1, 0]],
        [[5, 2, 1], [5, 1, 2], [0, 1, 6]],
        [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
        [[5, 2, 1], [5, 2, 1], [0, 1, 1000000000]],
    ],
)
def test_edited_result(result: list[list[int]]):
    """Totals other than those opened are refused, plausible or not."""
    parts = replace(honest(), result=tally.encode_result(result))

    assert judge_archive(parts).outcome == "BadResult at result"


@pytest.mark.parametrize("line", [[10, 0, 0], [5, 5, 0], [3, 3, 4], [0, 0, 11]])
def test_more_marks_than_ballots(line: list[int]):
    """A line's marks are at most the ballots; the official is named."""
    with pytest.raises(BadResult, match=f"{testkit.NAMES[2]}.*{sum(line)} marks on 9 ballots"):
        tally.check_totals(session().election, [[9, 0, 0], [0, 0, 0], line], 9)


@pytest.mark.parametrize("line", [[8, 0, 0], [0, 0, 0], [4, 2, 2], [9, 1, 0]])
def test_fewer_marks_than_ballots_where_none_may_be_blank(line: list[int]):
    """Where every line must be filled, the marks are as many as the ballots."""
    election = testkit.seal(officials=1, invalid="ballot").election
    tally.check_totals(election, [[4, 3, 2]], 9)

    with pytest.raises(BadResult, match="marks on 9 ballots"):
        tally.check_totals(election, [line], 9)


def test_total_that_is_no_count(total: Tally, shares: dict[int, Share]):
    """With fewer ballots than there are marks, the logarithm is not found."""
    with pytest.raises(BadResult, match="total 1 is not a number from 0 to 4"):
        combine(total, [shares[1], shares[2]], cast=4)


def test_overvote_that_nobody_checked():
    """If false ballots were in the product, their line's sum would still give them away."""
    sealed = testkit.seal(officials=1)
    raws = [forge(sealed.election, secret, Filled.of([[1, 1, 0]])) for secret in sealed.secrets[:3]]
    total = product(sealed.election, raws)
    shares = [sealed.share(owner, total).partial for owner in (1, 2)]

    with pytest.raises(BadResult, match="6 marks on 3 ballots"):
        tally.combine(sealed.election, sealed.trustees, total, 3, shares)


@pytest.mark.parametrize("stated", [8, 10])
def test_another_number_of_ballots(stated: int):
    """The number of ballots beside the tally is the number of ballots."""
    verdict = judge_archive(honest().with_tally(honest().tally, cast=stated))

    assert (verdict.kind, verdict.failed) == ("BadTally", "tally")
    assert f"{stated} ballots are said" in str(verdict.error)


def test_tally_of_some_ballots_only():
    """The product without one ballot is refused, whoever opened it."""
    sealed, parts = session(), honest()
    part = product(sealed.election, parts.ballots[1:])

    assert judge_archive(parts.with_tally(part.encode())).kind == "BadTally"
    assert judge_archive(parts.with_tally(part.encode(), cast=8)).kind == "BadTally"


@pytest.mark.parametrize(("cast", "enough"), [(0, False), (1, False), (4, False), (5, True)])
def test_floor(cast: int, enough: bool):
    """Under five ballots nothing is opened, whatever the policy says."""
    if enough:
        check_enough(session().election, cast)
        return
    with pytest.raises(TooFewBallots, match=f"{cast} ballots; under 5"):
        check_enough(session().election, cast)


@pytest.mark.parametrize("owners", [(1,), (1, 2, 3), (1, 1)])
def test_archive_with_other_shares(shares: dict[int, Share], owners: tuple[int, ...]):
    """An archive has exactly the needed shares, of different trustees."""
    partials = [shares[owner].partial for owner in owners]
    published = tuple((partial.encode(), partial.owned()) for partial in partials)

    assert judge_archive(replace(honest(), shares=published)).kind == "BadShare"
