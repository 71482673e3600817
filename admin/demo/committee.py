"""Three trustees make a key of which any two open the totals, and two of them do."""

from dataclasses import dataclass

from admin.record.opening import ClosedArchive
from crypto import ceremony, tally
from crypto.checkpoint import trustee_key
from crypto.encoding import canonical
from crypto.keyfile import TrusteeState, remember
from crypto.note import ScalarSigner
from crypto.session import Election
from crypto.tally import Share
from crypto.trustees import Trustees

SIZE, THRESHOLD = 3, 2
OPENING = (1, 3)  # the trustees who are there when the totals are opened


@dataclass(frozen=True, slots=True)
class Committee:
    """The trustees' secret states, and what they made together."""

    states: tuple[TrusteeState, ...]
    trustees: Trustees
    ceremony: bytes


def make() -> Committee:
    """The whole ceremony: certificates and commitments, polynomials and shares, keys."""
    first = [ceremony.step1(i, SIZE, THRESHOLD) for i in range(1, SIZE + 1)]
    step1s = [message for _, message in first]
    second = [ceremony.step2(state, step1s) for state, _ in first]
    step2s = [message for _, message in second]
    third = [ceremony.step3(state, step2s) for state, _ in second]
    item = ceremony.assemble(step1s, step2s, [message for _, message in third])
    transcript = canonical(ceremony.transcript(step1s, step2s))
    return Committee(tuple(state for state, _ in third), Trustees((item,)), transcript)


def signers(committee: Committee, election: Election) -> list[ScalarSigner]:
    """Everyone's signature key, with which they sign φ at the seal."""
    return [
        ScalarSigner(
            trustee_key(election, committee.trustees, state.index).name, state.signing_secret
        )
        for state in committee.states
    ]


def open_totals(committee: Committee, owner: int, closed: ClosedArchive) -> Share:
    """One trustee's share of an archive that this trustee has audited."""
    election, total = closed.setup.election, closed.cast.tally
    code = closed.checkpoint.short_code
    state = remember(committee.states[owner - 1], election.phi, code, total.digest)
    return tally.decrypt(election, total, owner, state.secret)
