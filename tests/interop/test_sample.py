"""An archive that a stock belenios-tool 3.0 made, read and written by us byte for byte."""

import json
from pathlib import Path

import pytest

from admin.record.audit import AuditOptions, audit_file
from crypto import ballot, tally
from crypto.archive import Event, Kind, Reader, Writer
from crypto.audit.archive import decode_credentials
from crypto.session import Election
from crypto.tally import PartialDecryption, Tally
from crypto.trustees import Trustees
from tests.testkit import product

SAMPLE = Path(__file__).parent / "sample"
ARCHIVE = SAMPLE / "gZgMD1eF54VNm4.bel"
BALLOTS = range(1, 6)


def line(name: str) -> bytes:
    """A file of the sample without its final newline: the bytes that the archive holds."""
    return (SAMPLE / name).read_bytes().removesuffix(b"\n")


@pytest.fixture(scope="module")
def events() -> list[Event]:
    with ARCHIVE.open("rb") as file:
        return list(Reader(file))


@pytest.fixture(scope="module")
def election() -> Election:
    return Election.decode(line("election.json"))


@pytest.fixture(scope="module")
def trustees() -> Trustees:
    return Trustees.decode(line("trustees.json"))


def totals() -> list[list[int]]:
    rows: list[list[int]] = json.loads(line("result.json"))["result"]
    return rows


def test_archive_audits_clean():
    """Checks 1 to 9 pass, and the results are the published ones with their blank lines."""
    outcome = audit_file(ARCHIVE, AuditOptions())
    document = outcome.to_json()

    assert outcome.error is None
    assert (document["ok"], document["scope"]) == (True, "archive")
    assert [check["id"] for check in document["checks"]] == [
        "archive",
        "definition",
        "trustees",
        "credentials",
        "ballots",
        "tally",
        "enough",
        "shares",
        "result",
    ]
    assert document["counts"] == {
        "roster": None,
        "present": None,
        "issued": None,
        "registered": 5,
        "cast": 5,
        "tallied": 5,
    }
    levels = [list(official["counts"].values())[:-1] for official in document["results"]]
    assert levels == totals()
    assert [official["counts"]["blank"] for official in document["results"]] == [0, 1, 1]


def test_plain_choices_add_up_to_the_result():
    """Nothing but the choices behind the ballots went into the totals."""
    choices = [json.loads(line(f"v{i}.json")) for i in BALLOTS]
    summed = [
        [sum(column) for column in zip(*lines, strict=True)] for lines in zip(*choices, strict=True)
    ]

    assert summed == totals()


def test_events_written_again_are_the_archive(events: list[Event]):
    """Our writer makes of the same files the same bytes, container and all."""
    raw = ARCHIVE.read_bytes()
    with ARCHIVE.open("rb") as file:
        reader = Reader(file)
        list(reader)
    writer = Writer(reader.timestamp)
    write = {
        Kind.SETUP: lambda files: writer.setup(*files[:3]),
        Kind.BALLOT: lambda files: writer.ballot(*files),
        Kind.END_BALLOTS: lambda _: writer.end_ballots(),
        Kind.ENCRYPTED_TALLY: lambda files: writer.encrypted_tally(*files),
        Kind.PARTIAL_DECRYPTION: lambda files: writer.partial_decryption(*files),
        Kind.RESULT: lambda files: writer.result(*files),
    }

    assert writer.head() + b"".join(write[e.kind](e.files) for e in events) == raw


def test_archive_holds_the_files_beside_it(events: list[Event]):
    """What is compared below file by file is what the archive holds."""
    setup, *following = events

    assert setup.files[:3] == tuple(
        line(name) for name in ("election.json", "trustees.json", "public_creds.json")
    )
    cast = {event.files[0] for event in following if event.kind == Kind.BALLOT}
    assert cast == {line(f"ballot{i}.json") for i in BALLOTS}
    assert following[-1].files == (line("result.json"),)


def test_shares_combine_to_the_result(events: list[Event], election: Election, trustees: Trustees):
    """The tool's partial decryptions, checked and combined by us, give its result."""
    cast = sum(event.kind == Kind.BALLOT for event in events)
    (total,) = (
        Tally.decode(event.files[0], election)
        for event in events
        if event.kind == Kind.ENCRYPTED_TALLY
    )
    shares = []
    for event in events:
        if event.kind == Kind.PARTIAL_DECRYPTION:
            owner, _ = tally.decode_owned(event.files[1])
            share = PartialDecryption.decode(event.files[0], owner, election)
            tally.check_partial(election, trustees, total, share)
            assert (share.encode(), share.owned()) == event.files
            shares.append(share)

    result = tally.combine(election, trustees, total, cast, shares)

    assert result == totals()
    assert tally.encode_result(result) == line("result.json")


def test_product_of_its_ballots_is_its_tally(events: list[Event], election: Election):
    """Our tally and its size are the tool's, byte for byte."""
    total = product(election, [line(f"ballot{i}.json") for i in BALLOTS])
    (files,) = (event.files for event in events if event.kind == Kind.ENCRYPTED_TALLY)

    assert (total.encode(), tally.sized(total, len(BALLOTS))) == files


@pytest.mark.parametrize("number", BALLOTS)
def test_ballot_is_accepted(number: int, election: Election):
    """A ballot of the tool decodes, its proofs hold, and it re-encodes byte for byte."""
    raw = line(f"ballot{number}.json")
    decoded = ballot.decode(raw, election)
    ballot.check(decoded, election)

    assert ballot.encode(decoded) == raw
    assert decoded.credential.hex in json.loads(line("public_creds.json"))


def test_definition_is_spelled_as_we_spell_it(election: Election, trustees: Trustees):
    """election.json and trustees.json re-encode byte for byte and belong together."""
    trustees.check()
    election.check_trustees(trustees)

    assert trustees.encode() == line("trustees.json")
    assert [q.to_json() for q in election.questions] == json.loads(election.raw)["questions"]
    assert election.phi == json.loads(line("ballot1.json"))["election_hash"]
    credentials = decode_credentials(line("public_creds.json"), ordered=False)
    assert len(credentials) == len(BALLOTS)
