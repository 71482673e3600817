"""Checks 10 to 17: the files that stand beside the archive in a record (docs/protocol.md §9.1).

Nothing here needs a file of ours to be believed: each is checked against the archive or
against a key in election.json.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

from crypto import checkpoint, note, tally
from crypto.audit.report import Cast, Report, Setup
from crypto.blind import IssuerKey
from crypto.ceremony import check_transcript
from crypto.encoding import (
    Fields,
    base64_bytes,
    canonical,
    integer,
    parse,
    sha256,
    string,
    to_base64,
)
from crypto.errors import BadCheckpoint, BadCounts, BadDefinition, BadToken, Incomplete, Malformed
from crypto.group import Element, element
from crypto.lifecycle import State
from crypto.note import Note
from crypto.session import CHANNELS, Election, Parameters
from crypto.token import check_token

SESSION, TOKENS, CEREMONY = "session.json", "tokens.jsonl", "ceremony.json"
ISSUANCE, CHECKPOINTS = "issuance.json", "checkpoints.txt"
FILES = (SESSION, TOKENS, CEREMONY, ISSUANCE, CHECKPOINTS)

ISSUANCE_LIMIT = 1 << 20  # bytes
_BY_TOKEN = tuple(channel for channel in CHANNELS if channel != "paper")
TOKENS_LIMIT = 256 << 20  # bytes; 200,000 voters


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there were at each step of the session."""

    roster: int
    present: int
    issued: int
    registered: int
    cast: int
    tallied: int

    def check(self) -> None:
        """Raises BadCounts naming the two numbers that contradict each other."""
        steps = ["roster", "present", "issued", "registered", "cast"]
        for more, fewer in pairwise(steps):
            if getattr(self, more) < getattr(self, fewer):
                raise BadCounts(f"{fewer} {getattr(self, fewer)} > {more} {getattr(self, more)}")
        if self.tallied != self.cast:
            raise BadCounts(f"tallied {self.tallied} ≠ cast {self.cast}")


@dataclass(frozen=True, slots=True)
class PaperBallots:
    """How many ballots on paper were given out.

    Attributes:
        opening: until the opening.
        present: until the close, to people whom the head count has.
        late: to people who came after the opening.
    """

    opening: int = 0
    present: int = 0
    late: int = 0

    def check(self, counts: Counts) -> None:
        """Raises BadCounts: more ballots than people, on paper and by token together."""
        if self.opening > self.present:
            raise BadCounts(
                f"paper {self.opening} at the opening > paper {self.present} at the end"
            )
        if counts.issued + self.present > counts.present:
            raise BadCounts(
                f"issued {counts.issued} + paper {self.present} > present {counts.present}"
            )
        if counts.present + self.late > counts.roster:
            raise BadCounts(f"present {counts.present} + late {self.late} > roster {counts.roster}")


@dataclass(frozen=True, slots=True)
class Issuance:
    """issuance.json: how many were present, how many tokens each channel got.

    `amendments` are the signed changes of the roster after the seal, oldest first.
    """

    present: int
    channels: Mapping[str, int]
    paper: PaperBallots = PaperBallots()
    amendments: tuple[str, ...] = ()

    @property
    def issued(self) -> int:
        return sum(self.channels.values())

    def encode(self) -> bytes:
        body = {
            "schema": "phieukin.issuance/2",
            "present": self.present,
            "issued": self.issued,
            "channels": self._by_channel,
            "paper": asdict(self.paper),
            "amendments": list(self.amendments),
        }
        return canonical(body)

    @property
    def at_opening(self) -> bytes:
        """What the opening fixes of it (docs/protocol.md §6.2), so that nobody changes it later."""
        return canonical({"channels": self._by_channel, "amendments": list(self.amendments)})

    @property
    def _by_channel(self) -> dict[str, int]:
        return {c: self.channels[c] for c in CHANNELS if c in self.channels}

    @classmethod
    def decode(cls, raw: bytes) -> "Issuance":
        """Raises Malformed naming the field, BadCounts for a wrong sum."""
        names = ("schema", "present", "issued", "channels", "paper", "amendments")
        fields = Fields(parse(raw, ISSUANCE, limit=ISSUANCE_LIMIT), ISSUANCE, *names)
        fields.read("schema", string, "phieukin[.]issuance/2")
        path = fields.at("channels")
        channels = Fields(fields["channels"], path, *_BY_TOKEN, optional=_BY_TOKEN)
        paper = fields.inside("paper", "opening", "present", "late")
        issuance = cls(
            present=fields.read("present", integer),
            channels={c: channels.read(c, integer, low=1) for c in _BY_TOKEN if c in channels},
            paper=PaperBallots(
                *(paper.read(name, integer) for name in ("opening", "present", "late"))
            ),
            amendments=fields.each(
                "amendments",
                lambda text, at: string(text, at, r"(?s).{1,8192}"),
                high=checkpoint.MAX_AMENDMENTS,
            ),
        )
        if fields.read("issued", integer) != issuance.issued:
            raise BadCounts(f"{ISSUANCE}.issued: not the sum of the channels")
        return issuance


def check_evidence(
    files: Mapping[str, bytes],
    setup: Setup,
    cast: Cast,
    result: Sequence[Sequence[int]],
    report: Report,
) -> Counts:
    """Makes checks 10 to 17 on the files of a record.

    Raises:
        Rejected, Malformed: a check fails.
        Incomplete: a file is not there.
    """
    parameters = setup.election.parameters
    if parameters is None:
        raise BadDefinition("election.phieukin: a record needs it")
    # (10) session: what people call it was fixed by φ before anybody voted.
    with report.check("session"):
        missing = [name for name in FILES if name not in files]
        if missing:
            raise Incomplete(f"the record lacks {', '.join(missing)}")
        if sha256(files[SESSION]) != parameters.session:
            raise BadDefinition(f"{SESSION}: its hash is not the one in election.json")
    # (11) tokens: no credential that the registrar did not sign, so no ballots of the box's own.
    with report.check("tokens") as facts:
        check_tokens(files[TOKENS], setup.election, parameters, setup.credentials)
        facts["tokens"] = len(setup.credentials)
    # (12) ceremony: no trustee chose his part of the key after seeing the others'.
    with report.check("ceremony"):
        check_transcript(files[CEREMONY], setup.trustees, parameters.committee)
    # (13) counts: no more tokens and paper than people who were there, no more ballots than tokens.
    with report.check("counts") as facts:
        issuance = Issuance.decode(files[ISSUANCE])
        counts = _counts(issuance, setup, parameters, cast)
        counts.check()
        issuance.paper.check(counts)
        _check_channels(issuance, parameters)
        facts.update(asdict(counts))
    # (14) checkpoints: what the server signed on the way is what the record says now.
    with report.check("checkpoints"):
        lists = _lists(setup, cast, result)
        notes = check_checkpoints(files[CHECKPOINTS], setup, parameters, (counts, issuance), lists)
    # So that they are what everybody was shown, and not only what the server says, the committee
    # signed them (§6.4), and people compared the codes of its salts.
    # (15) definition_signed: every trustee saw the definition before anybody relied on it.
    with report.check("definition_signed") as facts:
        facts.update(_committee(notes[State.SEALED], setup, parameters))
    # (16) opening_signed: nobody was let in after a quorum had seen the empty box and its list.
    with report.check("opening_signed") as facts:
        facts.update(_committee(notes[State.OPEN], setup, parameters))
    # (17) closing_signed: nothing was put in or taken out after a quorum had checked the ballots.
    with report.check("closing_signed") as facts:
        facts.update(_committee(notes[State.CLOSED], setup, parameters))
    return counts


def _committee(signed: Note, setup: Setup, parameters: Parameters) -> dict[str, str]:
    code = checkpoint.check_committee(signed, setup.election, parameters)
    owners = checkpoint.signers(signed, setup.election, parameters)
    return {"code": code, "trustees": ", ".join(str(owner) for owner in owners)}


def encode_tokens(tokens: Mapping[Element, bytes]) -> bytes:
    """tokens.jsonl: one line for each credential, in ascending order."""
    ordered = sorted(tokens.items(), key=lambda pair: pair[0].hex)
    lines = [canonical({"credential": c.hex, "token": to_base64(token)}) for c, token in ordered]
    return b"".join(line + b"\n" for line in lines)


def check_tokens(
    raw: bytes, election: Election, parameters: Parameters, credentials: Sequence[Element]
) -> None:
    """Raises BadToken naming the first line that is wrong, missing or too many."""
    if raw and not raw.endswith(b"\n"):
        raise Malformed(f"{TOKENS}: the last line does not end")
    number = raw.count(b"\n")  # before the file is split: a million short lines fill the memory
    if number != len(credentials):
        raise BadToken(f"{TOKENS}: {number} tokens for {len(credentials)} credentials")
    lines = raw.split(b"\n")[:-1]
    key = IssuerKey.from_spki(parameters.issuer)
    for number, (line, credential) in enumerate(zip(lines, credentials, strict=True), start=1):
        path = f"{TOKENS}, line {number}"
        value = parse(line, path, limit=4096)
        fields = Fields(value, path, "credential", "token", joint=", ")
        if fields.read("credential", element) != credential:
            raise BadToken(f"{path}: not the credential registered in this place")
        token = fields.read("token", base64_bytes)
        check_token(key, election.phi, credential, token)


def check_checkpoints(
    raw: bytes,
    setup: Setup,
    parameters: Parameters,
    numbers: tuple[Counts, Issuance],
    lists: Mapping[State, bytes],
) -> dict[State, Note]:
    """Checks what the four notes say against the record, and the server's signatures.

    Raises:
        BadCheckpoint: a note is missing, says something else, or lacks a signature.
    """
    split = checkpoint.split(raw)
    if len(split) != len(lists):
        raise BadCheckpoint(f"{CHECKPOINTS}: {len(split)} notes, expected {len(lists)}")
    notes: dict[State, Note] = {}
    for raw_note, (state, final_list) in zip(split, lists.items(), strict=True):
        counts, issuance = _signed_counts(state, parameters, *numbers), numbers[1]
        expected = checkpoint.make(
            setup.election,
            state,
            counts,
            final_list,
            opening=notes[State.OPEN].text if state == State.CLOSED else "",
            issuance=issuance.at_opening,
        )
        keys = checkpoint.party_keys(setup.election, parameters, state)
        try:
            notes[state] = note.parse(raw_note)
            checkpoint.check(notes[state], expected, keys)
        except (BadCheckpoint, Malformed) as error:
            raise BadCheckpoint(f"{CHECKPOINTS}, {state}: {error}") from None
    return notes


def _signed_counts(
    state: State, parameters: Parameters, counts: Counts, issuance: Issuance
) -> tuple[int, ...]:
    """The numbers of the checkpoint of a state, by name, in the order of COUNTS."""
    paper = issuance.paper
    numbers = asdict(counts) | {"paper": paper.present, "late": paper.late}
    if state == State.SEALED:
        # An amendment comes after the seal, which signed the roster as it was then.
        numbers["roster"] = parameters.roster_size
    if state == State.OPEN:
        numbers["paper"] = paper.opening
    return tuple(numbers[name] for name in checkpoint.COUNTS[state])


def encode_trackers(trackers: Sequence[str]) -> bytes:
    """The tracker list that the closing checkpoint fixes."""
    return canonical(sorted(trackers))


def _counts(issuance: Issuance, setup: Setup, parameters: Parameters, cast: Cast) -> Counts:
    registered, ballots = len(setup.credentials), len(cast.trackers)
    numbers = (issuance.present, issuance.issued, registered, ballots, ballots)
    roster = checkpoint.check_amendments(issuance.amendments, setup.election, parameters, ISSUANCE)
    return Counts(roster, *numbers)


def _check_channels(issuance: Issuance, parameters: Parameters) -> None:
    used = [*issuance.channels, *(["paper"] if issuance.paper != PaperBallots() else [])]
    for channel in used:
        if channel not in parameters.policy.channels:
            raise BadCounts(f"{ISSUANCE}: the policy does not allow the channel {channel!r}")


def _lists(setup: Setup, cast: Cast, result: Sequence[Sequence[int]]) -> dict[State, bytes]:
    return {
        State.SEALED: setup.trustees.encode(),
        State.OPEN: setup.credentials_file,
        State.CLOSED: encode_trackers(cast.trackers),
        State.TALLIED: tally.encode_result(result),
    }
