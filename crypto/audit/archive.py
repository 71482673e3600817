"""Checks 1 to 9: what the bytes of a .bel archive prove alone (docs/protocol.md §9.1).

`audit_ballots` makes 1 to 7, which a trustee waits for before he decrypts anything (§7.2);
`audit_archive` makes all nine, and 18 where it is given shares.json, which is not in the archive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from crypto import ballot, tally
from crypto.archive import Event, Kind, Reader, Stream
from crypto.audit.ballots import Run, check_ballots, check_here
from crypto.audit.report import Audited, Cast, Report, Setup
from crypto.encoding import array, canonical, parse, sha256
from crypto.errors import (
    BadCredentials,
    BadResult,
    BadShare,
    BadTally,
    Incomplete,
    Malformed,
    TooFewBallots,
)
from crypto.group import Element, element
from crypto.session import Election
from crypto.tally import PartialDecryption
from crypto.trustees import MAX_TRUSTEES, Trustees

SHARES: Final = "shares.json"
MAX_CREDENTIALS_FILE = 16 << 20  # bytes; 200,000 voters need 14 MB
# Bytes, generously, for `size_limit`: the blocks of a file and its event, a line of credentials,
# what trustees.json has of each, and a share or the tally for each level.
_EVENT, _CREDENTIAL, _TRUSTEE, _SHARE = 4096, 70, 16 << 10, 512


def size_limit(election: Election, registered: int) -> int:
    """No archive of the session is larger, in bytes, if it has so many credentials."""
    levels = sum(len(question.answers) for question in election.questions)
    # Each ballot with its event; the credentials; tally, result and every trustee's share.
    fixed = len(election.raw) + MAX_TRUSTEES * (_TRUSTEE + _SHARE * levels)
    each = ballot.size_limit(election) + _EVENT + _CREDENTIAL
    return _EVENT * (MAX_TRUSTEES + 8) + fixed + registered * each


def audit_ballots(
    open_archive: Callable[[], Stream], report: Report, *, run: Run
) -> tuple[Setup, Cast, Iterator[Event]]:
    """Makes checks 1 to 7: what a trustee sees to before decrypting anything.

    Args:
        open_archive: gives the archive from its start; called twice.
        report: gets a line for each check, and the definition and ballots as checks pass.
        run: how batches of ballots are spread over processes.

    Returns:
        The definition, the ballots, and the events that follow the encrypted tally.

    Raises:
        Rejected, Malformed: a check fails.
        Incomplete: the archive ends before the encrypted tally.
    """
    # (1) archive: all of it is read once before anything in it is believed, so that there
    #     is no second Setup, no ballot after the close and nothing behind the result.
    with report.check("archive") as facts:
        reader = Reader(open_archive())
        ballots = sum(event.kind == Kind.BALLOT for event in reader)
        if reader.last is None:
            raise Incomplete("the archive is empty")
        height, kind = reader.last.height, reader.last.kind
        facts.update({"events": height + 1, "ballots": ballots, "last": str(kind)})
    events = iter(Reader(open_archive()))
    setup = report.setup = _check_setup(next(events), report)
    cast = report.cast = check_ballots(events, setup, report, run)
    size = len(cast.trackers)
    # (6) tally: the product of exactly these ballots, so that none was left out or added
    #     between the box and the trustees, and nothing else is ever decrypted.
    with report.check("tally") as facts:
        if not cast.ended:
            raise Incomplete("the archive ends before the ballots do: the session is not closed")
        event = _expect(events, "encrypted tally")
        tallied, digest = tally.decode_sized(event.files[1])
        if digest != sha256(event.files[0]):
            raise BadTally("the number of ballots is given for another tally")
        if event.files[0] != cast.tally.encode():
            raise BadTally("the published tally is not the product of the ballots")
        if tallied != size:
            raise BadTally(f"{tallied} ballots are said to be tallied, {size} are cast")
        facts["tallied"] = size
    # (7) enough: the totals of too few ballots would show how each of them was filled in.
    with report.check("enough") as facts:
        check_enough(setup.election, size)
        facts.update({"tallied": size, "least": setup.election.min_ballots})
    return setup, cast, events


def audit_archive(
    open_archive: Callable[[], Stream],
    report: Report,
    *,
    run: Run = check_here,
    statements: bytes | None = None,
) -> Audited:
    """Makes checks 1 to 9; arguments and errors as for `audit_ballots`.

    Args:
        statements: shares.json, for check 18; None of a bare archive, which lacks it.
    """
    setup, cast, events = audit_ballots(open_archive, report, run=run)
    election, trustees = setup.election, setup.trustees
    shares: list[PartialDecryption] = []
    # (8) shares: each has Belenios' proofs that it was made with its trustee's key, of this very
    #     tally. A trustee can bend these (§4.3).
    with report.check("shares") as facts:
        event: Event | None = _expect(events, "decryption share")
        while event is not None and event.kind == Kind.PARTIAL_DECRYPTION:
            shares.append(_check_partial(event, setup, cast))
            event = next(events, None)
        owners = [share.owner for share in shares]
        if event is None:
            raise Incomplete(f"the archive has {len(shares)} shares and no result yet")
        _check_owners(trustees, owners)
        facts["owners"] = ", ".join(str(owner) for owner in owners)
    if statements is not None:
        # (18) statements: each share also has one proof that cannot be bent (§4.5): a trustee
        #      who decrypts wrongly is named, and not only seen by totals that do not come out.
        with report.check("statements") as facts:
            check_statements(statements, setup, cast, shares)
            facts["owners"] = ", ".join(str(owner) for owner in owners)
    # (9) result: the totals are what the shares open, and possible with so many ballots.
    with report.check("result") as facts:
        published = tally.decode_result(event.files[0], election)
        result = tally.combine(election, trustees, cast.tally, len(cast.trackers), shares)
        if published != result:
            raise BadResult("the published totals are not what the shares open")
        facts["totals"] = sum(len(line) for line in result)
    return Audited(setup, cast, shares, result)


def _expect(events: Iterator[Event], what: str) -> Event:
    event = next(events, None)
    if event is None:
        raise Incomplete(f"the archive has no {what} yet")
    return event


def _check_setup(event: Event, report: Report) -> Setup:
    election_raw, trustees_raw, credentials_raw, _ = event.files
    # (2) definition: its hash φ is in everything that follows, and it fixes who holds the key.
    with report.check("definition") as facts:
        election, trustees = Election.decode(election_raw), Trustees.decode(trustees_raw)
        election.check_trustees(trustees)
        facts.update({"phi": election.phi, "officials": len(election.questions)})
    # (3) trustees: the key was made so that fewer than `threshold` of them open nothing.
    with report.check("trustees") as facts:
        trustees.check()
        facts.update({"needed": trustees.needed, "trustees": len(trustees.verification_keys)})
    # (4) credentials: who may vote, one ballot each.
    with report.check("credentials") as facts:
        ordered = election.parameters is not None
        credentials = decode_credentials(credentials_raw, ordered=ordered)
        facts["registered"] = len(credentials)
    return Setup(election, trustees, credentials, credentials_raw)


def encode_credentials(credentials: Iterable[Element]) -> bytes:
    """The credential list as the archive holds it, in ascending order (docs/protocol.md §8.1)."""
    return canonical(sorted(credential.hex for credential in credentials))


def decode_credentials(raw: bytes, *, ordered: bool) -> list[Element]:
    """The registered credentials.

    Raises:
        BadCredentials: not elements, one twice, or not ascending although `ordered`.
    """
    try:
        members = array(parse(raw, "credentials", limit=MAX_CREDENTIALS_FILE), "credentials")
        credentials = [element(c, f"credentials[{i}]") for i, c in enumerate(members)]
    except Malformed as error:
        raise BadCredentials(str(error)) from None
    if len(set(credentials)) != len(credentials):
        raise BadCredentials("credentials: one stands twice")
    if ordered and members != sorted(members):
        raise BadCredentials("credentials: not in ascending order")
    return credentials


def check_enough(election: Election, cast: int) -> None:
    """Raises TooFewBallots if the totals of so few ballots may not be opened."""
    if cast < election.min_ballots:
        raise TooFewBallots(f"{cast} ballots; under {election.min_ballots} none are opened")


def _check_partial(event: Event, setup: Setup, cast: Cast) -> PartialDecryption:
    owner, digest = tally.decode_owned(event.files[1])
    if digest != sha256(event.files[0]):
        raise BadShare(f"trustee {owner}: the owner is given for another share")
    partial = PartialDecryption.decode(event.files[0], owner, setup.election)
    tally.check_partial(setup.election, setup.trustees, cast.tally, partial)
    return partial


def check_statements(
    raw: bytes, setup: Setup, cast: Cast, shares: Sequence[PartialDecryption]
) -> None:
    """Raises BadShare naming the trustee whose proof is missing, in another place or wrong."""
    statements = tally.decode_statements(raw, SHARES)
    owners = [share.owner for share in shares]
    if [owner for owner, _ in statements] != owners:
        raise BadShare(f"{SHARES}: not one proof for each share, in the archive's order {owners}")
    for share, (_, proof) in zip(shares, statements, strict=True):
        tally.check_statement(setup.election, setup.trustees, cast.tally, share, proof)


def _check_owners(trustees: Trustees, owners: list[int]) -> None:
    """Raises BadShare unless exactly the needed trustees opened the published result."""
    try:
        tally.owners_weights(trustees, owners)
    except Incomplete as error:
        raise BadShare(f"a result without the shares for it: {error}") from None
