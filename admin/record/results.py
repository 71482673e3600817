"""From the totals of an archive to the results document, by the session's regime."""

from collections.abc import Sequence

from admin.record import levels
from admin.record.session_file import SessionFile
from admin.rules import compute
from admin.rules.compute import OfficialCounts, OfficialResults, Results, Turnout
from crypto.encoding import canonical
from crypto.errors import BadRecord, Refused
from crypto.session import Election, Parameters

Totals = Sequence[Sequence[int]]


def document(
    parameters: Parameters,
    totals: Totals,
    *,
    cast: int,
    session_file: SessionFile | None = None,
    roster: int = 0,
) -> Results:
    """The `phieukin.results/1` document of a session.

    Args:
        totals: for each official the count of each level.
        cast: how many ballots were tallied: the number collected.
        session_file: session.json; without it some regimes have no percentages.
        roster: how many are on it from the opening on, where session.json is at hand.

    Raises:
        Incomplete: this program does not know the session's regime.
        BadDefinition: the session's levels are not the regime's.
        BadRecord: more ballots were cast than the body has members.
    """
    rules = levels.check(parameters.policy, session_file)
    officials = [
        OfficialCounts(official.name, official.position, tuple(line), cast - sum(line))
        for official, line in zip(parameters.officials, totals, strict=True)
    ]
    delegates = None if session_file is None else session_file.members(roster)
    try:
        return compute.tabulate(rules, officials, Turnout(delegates=delegates, collected=cast))
    except Refused as error:  # the record contradicts itself: no rule refuses a request
        raise BadRecord(str(error)) from None


def encode(results: Results) -> bytes:
    """results.json."""
    return canonical(results)


def stock(election: Election, totals: Totals, *, cast: int) -> Results:
    """The same for an election that is not ours: counts under its own answers, no regime."""
    lines: list[OfficialResults] = []
    for question, line in zip(election.questions, totals, strict=True):
        counts: dict[str, int | None] = dict(zip(question.answers, line, strict=True))
        counts["blank"] = cast - sum(line)
        lines.append(
            {
                "name": question.question,
                "position": "",
                "counts": counts,
                "percent": dict.fromkeys(question.answers),  # no regime, no denominator
                "finding": None,
            }
        )
    return {
        "schema": compute.SCHEMA,
        "regime": "",
        "denominator": {"kind": "collected", "value": cast},
        "officials": lines,
    }
