"""Elections that the stock tool sets up, with ballots and trustees of its own and of ours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from admin.record.audit import AuditOptions, Outcome, audit_file
from crypto import ballot, ceremony, tally
from crypto.audit.archive import encode_credentials
from crypto.encoding import canonical
from crypto.errors import BadSignature
from crypto.group import G, random_scalar
from crypto.keyfile import TrusteeState, new_seed
from crypto.session import Election
from crypto.tally import Tally
from crypto.trustees import Trustees
from tests.crypto.room import Room, hold
from tests.interop import belenios
from tests.testkit import Choices, product

pytestmark = [pytest.mark.tool, pytest.mark.usefixtures("belenios_tool")]

Question = Mapping[str, object]

THREE = ["Tín nhiệm cao", "Tín nhiệm", "Tín nhiệm thấp"]
TWO = ["Tín nhiệm", "Không tín nhiệm"]


def question(n: int, answers: list[str], fewest: int = 0) -> Question:
    return {"answers": answers, "min": fewest, "max": 1, "question": f"Bà số {n} – Ủy viên"}


# The last line must be filled in; in the others a blank is allowed.
QUESTIONS = [question(1, THREE), question(2, TWO), question(3, THREE, fewest=1)]
OURS: list[Choices] = [(0, 1, 2), (None, None, 0), (2, 0, 1)]
THEIRS: list[Choices] = [(0, None, 2), (1, 1, 2), (None, 0, 0)]


def marks(choices: Choices, questions: Sequence[Question]) -> list[list[int]]:
    """Choices as the tool takes them: a 0 or 1 for each answer."""
    return [
        [int(choice == j) for j in range(len(answers))]
        for choice, question_ in zip(choices, questions, strict=True)
        if isinstance(answers := question_["answers"], list)
    ]


def counted(votes: Sequence[Choices], questions: Sequence[Question]) -> list[list[int]]:
    """The totals by plain addition."""
    ballots = [marks(choices, questions) for choices in votes]
    return [
        [sum(column) for column in zip(*lines, strict=True)] for lines in zip(*ballots, strict=True)
    ]


@dataclass(frozen=True)
class Setting:
    """An election just set up: credentials s of ours and private ones of the tool's."""

    folder: Path
    election: Election
    trustees: Trustees
    secrets: list[int]
    voters: list[str]

    def open(self, shares: Sequence[bytes]) -> list[list[int]]:
        """The tool takes the shares and computes and publishes the totals."""
        for share in shares:
            belenios.add_event(self.folder, "PartialDecryption", share)
        opened = belenios.result(self.folder)
        belenios.add_event(self.folder, "Result", opened)
        totals: list[list[int]] = json.loads(opened)["result"]
        return totals

    @property
    def archive(self) -> Path:
        return self.folder / f"{self.election.uuid}.bel"


def set_up(folder: Path, questions: Sequence[Question], ours: int, theirs: int) -> Setting:
    """The rest of a set-up by the tool, once the trustees' keys lie in the folder."""
    uuid = belenios.new_uuid(folder)
    (folder / "public_keys.jsons").touch()  # `make-trustees` wants it even if it is empty
    belenios.make_election(folder, uuid, questions)
    secrets = [random_scalar() for _ in range(ours)]
    voters = belenios.credentials(folder, uuid, theirs) if theirs else {}
    public = [(G**s).hex for s in secrets] + list(voters.values())
    belenios.write_public_credentials(folder, public)
    archive = belenios.init_archive(folder)
    assert archive.name == f"{uuid}.bel"
    return Setting(
        folder,
        Election.decode((folder / "election.json").read_bytes().rstrip(b"\n")),
        Trustees.decode((folder / "trustees.json").read_bytes().rstrip(b"\n")),
        secrets,
        list(voters),
    )


def cast(setting: Setting, questions: Sequence[Question]) -> list[bytes]:
    """Everyone votes; each side checks what the other made; the ballots in the archive."""
    ballots = []
    for secret, choices in zip(setting.secrets, OURS, strict=True):
        raw, opening = ballot.prepare(setting.election, secret, choices)
        ballot.check_opening(raw, setting.election, opening)
        refusal = belenios.verify_ballot(setting.folder, raw)
        assert refusal.returncode == 0, refusal.stderr.decode()
        ballots.append(raw)
    for voter, choices in zip(setting.voters, THEIRS, strict=True):
        plain = marks(choices, questions)
        raw = belenios.generate_ballot(setting.folder, voter, plain)
        decoded = ballot.decode(raw, setting.election)
        ballot.check(decoded, setting.election)
        assert ballot.encode(decoded) == raw
        ballots.append(raw)
    for raw in ballots:
        belenios.add_event(setting.folder, "Ballot", raw + b"\n")
    return ballots


def close(setting: Setting, ballots: Sequence[bytes]) -> Tally:
    """Ends the ballots; the tool's tally must be ours, byte for byte."""
    belenios.add_event(setting.folder, "EndBallots")
    lines = belenios.encrypted_tally(setting.folder)
    total = product(setting.election, ballots)
    assert lines == total.encode() + b"\n" + tally.sized(total, len(ballots)) + b"\n"
    belenios.add_event(setting.folder, "EncryptedTally", lines)
    return total


def audited(setting: Setting) -> Outcome:
    """Our audit of the tool's archive, the tool's own opinion included."""
    outcome = audit_file(setting.archive, AuditOptions(belenios=True))
    assert outcome.error is None, outcome.error
    return outcome


def levels(outcome: Outcome) -> list[list[int | None]]:
    """The totals in the report of an audit, blank lines left out."""
    return [list(official["counts"].values())[:-1] for official in outcome.results]


@pytest.mark.parametrize("holders", ["single", "threshold", "both"])
def test_mixed_ballots_give_the_plain_counts(tmp_path: Path, holders: str):
    """Ballots of both programs in one election; both programs accept ballots and archive.

    Lines have two or three answers, some may stay blank, one must be filled in. The tool's
    trustees open the totals.
    """
    single = belenios.trustee_key(tmp_path) if holders != "threshold" else None
    members: list[belenios.ThresholdKey] = []
    if holders != "single":
        members = belenios.threshold_ceremony(tmp_path, threshold=2, size=3)
    setting = set_up(tmp_path, QUESTIONS, len(OURS), len(THEIRS))

    close(setting, cast(setting, QUESTIONS))
    before = 0 if single is None else 1
    shares = [] if single is None else [belenios.decrypt(tmp_path, single, 1)]
    for member in (2, 3) if members else ():
        keys, owner = members[member - 1], before + member
        shares.append(belenios.decrypt_threshold(tmp_path, keys, owner))
    totals = setting.open(shares)

    assert totals == counted([*OURS, *THEIRS], QUESTIONS)
    outcome = audited(setting)
    assert levels(outcome) == totals
    assert [official["counts"]["blank"] for official in outcome.results] == [2, 2, 0]


def our_threshold(folder: Path) -> Room:
    """A ceremony of ours; its outcome where the tool looks for one."""
    room = hold(3, 2)
    (folder / "threshold.json").write_bytes(canonical(room.item.to_json()[1]) + b"\n")
    return room


@pytest.mark.parametrize("owners", [(1, 2), (3, 1)])
def test_our_trustees_open_a_tally_of_the_tool(tmp_path: Path, owners: tuple[int, int]):
    """The tool takes our trustees.json and computes the totals from our shares."""
    room = our_threshold(tmp_path)
    setting = set_up(tmp_path, QUESTIONS, len(OURS), len(THEIRS))
    assert setting.trustees.encode() == room.trustees.encode()

    total = close(setting, cast(setting, QUESTIONS))
    shares = []
    for owner in owners:
        secret = room.states[owner - 1].secret
        share = tally.decrypt(setting.election, total, owner, secret).partial
        shares.append(share.encode() + b"\n" + share.owned() + b"\n")

    assert setting.open(shares) == counted([*OURS, *THEIRS], QUESTIONS)
    audited(setting)


def test_our_single_key_beside_a_threshold_of_the_tool(tmp_path: Path):
    """Owners are numbered through the items: one of ours and two of the tool's open the totals."""
    state = TrusteeState(new_seed(), 1, 1, 1)
    (tmp_path / "public_keys.jsons").write_bytes(
        canonical(ceremony.single(state).item.key.to_json()) + b"\n"
    )
    members = belenios.threshold_ceremony(tmp_path, threshold=2, size=3)
    setting = set_up(tmp_path, QUESTIONS, len(OURS), len(THEIRS))

    total = close(setting, cast(setting, QUESTIONS))
    ours = tally.decrypt(setting.election, total, 1, state.secret).partial
    shares = [
        ours.encode() + b"\n" + ours.owned() + b"\n",
        belenios.decrypt_threshold(tmp_path, members[0], 2),
        belenios.decrypt_threshold(tmp_path, members[2], 4),
    ]

    assert setting.open(shares) == counted([*OURS, *THEIRS], QUESTIONS)
    audited(setting)


def test_a_tally_of_blank_lines_only(tmp_path: Path):
    """Totals of zero are the identity: what libsodium cannot return, both programs handle."""
    questions = [question(1, THREE), question(2, TWO)]
    single = belenios.trustee_key(tmp_path)
    setting = set_up(tmp_path, questions, 5, 0)

    ballots = []
    for secret in setting.secrets:
        raw, _ = ballot.prepare(setting.election, secret, [None, None])
        belenios.add_event(tmp_path, "Ballot", raw + b"\n")
        ballots.append(raw)
    close(setting, ballots)

    assert setting.open([belenios.decrypt(tmp_path, single, 1)]) == [[0, 0, 0], [0, 0]]
    assert levels(audited(setting)) == [[0, 0, 0], [0, 0]]


def test_both_refuse_the_same_ballots(tmp_path: Path):
    """One altered digit of the signature, an unknown credential: neither program takes them."""
    belenios.trustee_key(tmp_path)
    setting = set_up(tmp_path, QUESTIONS, 1, 0)
    raw, _ = ballot.prepare(setting.election, setting.secrets[0], (0, 0, 0))
    response = json.loads(raw)["signature"]["proof"]["response"]
    altered = raw.replace(response.encode(), str(int(response) - 1).encode())
    stranger, _ = ballot.prepare(setting.election, random_scalar(), (0, 0, 0))

    assert belenios.verify_ballot(tmp_path, raw).returncode == 0
    assert belenios.verify_ballot(tmp_path, altered).returncode != 0
    with pytest.raises(BadSignature):
        ballot.check(ballot.decode(altered, setting.election), setting.election)
    assert belenios.verify_ballot(tmp_path, stranger).returncode != 0
    assert encode_credentials([G ** setting.secrets[0]]) == (
        (tmp_path / "public_creds.json").read_bytes()
    )
