"""What voters read is what is counted: key, label and order of each level come from the regime.

The definition repeats them, because everybody signs it (docs/protocol.md §3.2). This is the one
comparison of both: of the draft and the proposal, of whoever signs, votes and audits.
"""

from itertools import zip_longest

from admin.record.session_file import SessionFile, builtin
from admin.rules import labels
from admin.rules.regime import Regime
from crypto.encoding import sha256
from crypto.errors import BadDefinition
from crypto.session import Election, Parameters, Policy

_Pair = tuple[str, str]  # key and label


def check(policy: Policy, session_file: SessionFile | None) -> Regime:
    """The regime of a policy, whose levels are the policy's to the letter.

    Args:
        session_file: session.json, whose hash the definition holds; None where it is not at hand.

    Raises:
        BadDefinition: names the first level that is not the regime's.
        BadRecord: session.json has rules of another name.
        Incomplete: this program does not know the regime, and session.json is not there.
    """
    name = policy.regime
    rules = builtin(name) if session_file is None else session_file.regime(name)
    levels = [(level.key, level.label) for level in policy.levels]
    expected = [(level.key, level.label.vi) for level in rules.levels]
    for place, (pair, right) in enumerate(zip_longest(levels, expected)):
        if pair != right:
            path = f"election.phieukin.policy.levels[{place}]"
            raise BadDefinition(f"{path}: {_difference(pair, right)} of {rules.id}")
    return rules


def read_with(election: Election, parameters: Parameters, session_json: bytes) -> SessionFile:
    """session.json as the definition fixes it, for whoever signs or votes by both.

    Raises:
        BadDefinition: another file than the one of the definition, or other levels.
        BadRecord: it contradicts the definition.
        Malformed: it does not decode.
    """
    if sha256(session_json) != parameters.session:
        raise BadDefinition("session.json: its hash is not the one in election.json")
    session_file = SessionFile.decode(session_json)
    session_file.check_agrees(election, parameters)
    check(parameters.policy, session_file)
    return session_file


def _difference(pair: _Pair | None, right: _Pair | None) -> str:
    if pair is None or right is None:
        return f"{_shown(pair)}, not {_shown(right)}"
    # Where they look alike, only the number of the character tells what is wrong.
    unlike = next((a for a, b in zip(pair[1], right[1], strict=False) if a != b), None)
    strange = f" ({labels.name(unlike)} in it)" if unlike and not unlike.isascii() else ""
    return f"{_shown(pair)}{strange}, not {_shown(right)}"


def _shown(pair: _Pair | None) -> str:
    return "no level" if pair is None else f"“{pair[1]}” with the key {pair[0]}"
