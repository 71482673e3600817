"""The stock tool does what `tests/interop/belenios.py` says it does."""

import json
from pathlib import Path

import pytest

from tests.interop import belenios

pytestmark = [pytest.mark.tool, pytest.mark.usefixtures("belenios_tool")]

LEVELS = ["Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"]
QUESTIONS = [
    {"answers": LEVELS, "min": 0, "max": 1, "question": f"Ông số {n}"} for n in range(1, 4)
]
FOREIGN = "350e10bc40299226439650e75ed4e0979f682b067ddea67c032097ffea72ce0d"


def test_whole_election_of_the_tool_is_accepted_by_it(tmp_path: Path):
    """One single and two of three threshold trustees open the sums; a blank counts nowhere."""
    uuid = belenios.new_uuid(tmp_path)
    single = belenios.trustee_key(tmp_path)
    members = belenios.threshold_ceremony(tmp_path, threshold=2, size=3)
    belenios.make_election(tmp_path, uuid, QUESTIONS)
    voters = belenios.credentials(tmp_path, uuid, 3)
    belenios.write_public_credentials(tmp_path, [*voters.values(), FOREIGN])
    bel = belenios.init_archive(tmp_path)

    for voter in voters:
        ballot = belenios.generate_ballot(tmp_path, voter, [[1, 0, 0], [0, 0, 1], [0, 0, 0]])
        assert belenios.verify_ballot(tmp_path, ballot).returncode == 0
        belenios.add_event(tmp_path, "Ballot", ballot + b"\n")
    belenios.add_event(tmp_path, "EndBallots")
    belenios.add_event(tmp_path, "EncryptedTally", belenios.encrypted_tally(tmp_path))
    shares = [
        belenios.decrypt(tmp_path, single, 1),
        belenios.decrypt_threshold(tmp_path, members[0], 2),
        belenios.decrypt_threshold(tmp_path, members[2], 4),
    ]
    for share in shares:
        belenios.add_event(tmp_path, "PartialDecryption", share)
    opened = belenios.result(tmp_path)
    belenios.add_event(tmp_path, "Result", opened)

    assert json.loads(opened) == {"result": [[3, 0, 0], [0, 0, 3], [0, 0, 0]]}
    assert belenios.accepts(bel)


def test_tool_refuses_a_truncated_archive(tmp_path: Path):
    """An acceptance means something: half an archive is not accepted."""
    uuid = belenios.new_uuid(tmp_path)
    belenios.trustee_key(tmp_path)
    belenios.make_election(tmp_path, uuid, QUESTIONS)
    belenios.write_public_credentials(tmp_path, [FOREIGN])
    bel = belenios.init_archive(tmp_path)
    assert belenios.accepts(bel)

    bel.write_bytes(bel.read_bytes()[:-1000])

    assert not belenios.accepts(bel)
