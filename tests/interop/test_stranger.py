"""The stranger's verifier: accepts what is honest, refuses what is altered, as the audit does.

`phieukin audit` is asked as anybody would ask it; records are taken apart and put together here,
by docs/protocol.md.
"""

import base64
import csv
import hashlib
import json
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest
from nacl.signing import SigningKey

from admin.cli import main
from tests.interop import stranger
from tests.interop.stranger import Check, verify
from tests.interop.stranger_formats import (
    EVENTS,
    Refusal,
    b64,
    element,
    element_or_one,
    need,
    read_json,
    scalar,
    sha256,
    spell,
    tar_header,
    unbase64,
)  # fmt: skip
from tests.interop.stranger_parties import (
    DEFINITION,
    check_policy,
    check_questions,
    pss_verifies,
    read_issuer,
    read_members,
    read_trustees,
)  # fmt: skip
from tests.worlds import office as world
from tests.worlds.office import Office

VECTORS = Path(__file__).parents[1] / "vectors" / "own"
VOTERS, OFFICIALS = 9, 3


@pytest.fixture(autouse=True, scope="module")
def _proved_once() -> Iterator[None]:
    """What a test altered is checked anew; the same proof or token need not be."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("proves_one_of", "pss_verifies"):
            judge = getattr(stranger, name)
            patch.setattr(stranger, name, _remembered(judge))
        yield


def _remembered(judge: Callable[..., bool]) -> Callable[..., bool]:
    answers: dict[str, bool] = {}

    def answer(*asked: Any) -> bool:
        key = repr(asked)
        if key not in answers:
            answers[key] = judge(*asked)
        return answers[key]

    return answer


# --- The record: nine ballots on three officials in two khối, an amendment, paper ----------------


def _drafted(office: Office) -> Office:
    office.change(channels='["cli", "paper"]', min_ballots="5")
    path = office.draft / "officials.xlsx"
    book = openpyxl.load_workbook(path)
    head, *rows = book.active.iter_rows()
    block = [cell.value for cell in head].index("Khối")
    for at, row in enumerate(rows):
        row[block].value = "Khối Hội đồng" if at < OFFICIALS - 1 else "Khối Ủy ban"
    book.active.delete_rows(OFFICIALS + 2, len(rows))
    book.save(path)
    return office


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """After the publication."""

    def publish(office: Office) -> None:
        def run(*words: str) -> None:
            assert office.run(words[0], words[1], office.uuid, *words[2:])[0] == 0

        letters = world.sealed(_drafted(office)).folder / "letters.csv"
        run("roster", "letters", "-o", str(letters))
        who = ("--add", "Người Thêm Một", "--add", "Người Thêm Hai", "--remove", "12")
        run("roster", "amend", *who, "--reason", "Bổ sung đại biểu")
        run("session", "checkin")
        with letters.open(encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
        with letters.open("w", encoding="utf-8-sig") as file:
            csv.writer(file).writerows(rows[: VOTERS + 1])
        office.vote(letters, None)
        run("paper", "issue", "11")
        run("session", "present", "--count", "12")
        run("session", "open", "--yes")
        office.seal_box()
        run("paper", "issue", "13")
        run("paper", "issue", "14", "--late")
        office.vote(letters, (0, 1, None))
        run("session", "close", "--in", "0", "--yes")
        office.sign_close()
        office.share(1, 3)
        run("session", "publish", "--yes")

    return world.reach(
        world.new(tmp_path / "office", capsys), "published for the stranger", publish
    )


@pytest.fixture
def files(office: Office) -> dict[str, bytes]:
    """What is in the bundle."""
    data, at = (office.data / "archives" / f"{office.uuid}.phieukin.zip").read_bytes(), 0
    unpacked: dict[str, bytes] = {}
    while data[at : at + 4] == b"PK\3\4":
        size, length = struct.unpack("<IH", data[at + 22 : at + 28])
        start = at + 30 + length
        unpacked[data[at + 30 : start].decode()] = data[start : start + size]
        at = start + size
    assert packed(unpacked) == data
    return unpacked


# --- Taking apart and putting together -----------------------------------------------------------


def packed(files: dict[str, bytes]) -> bytes:
    """§8.2."""
    body = directory = b""
    for name, data in sorted(files.items()):
        sizes = (zlib.crc32(data), len(data), len(data), len(name), 0)
        same = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, *sizes)
        directory += b"PK\1\2" + struct.pack("<H", 20) + same
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(body)) + name.encode()
        body += b"PK\3\4" + same + name.encode() + data
    end = (b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + struct.pack("<4sHHHHIIH", *end)


def events(bel: bytes) -> list[tuple[str, list[bytes]]]:
    """§8.1: the type and the files of each event."""
    at, taken, waiting = 0, [], list[bytes]()
    while at < len(bel):
        name, size = bel[at : at + 100].rstrip(b"\0").decode(), int(bel[at + 124 : at + 135], 8)
        body = bel[at + 512 : at + 512 + size]
        if name.endswith(".data.json"):
            waiting.append(body)
        elif name.endswith(".event.json"):
            taken.append((json.loads(body)["type"], waiting))
            waiting = []
        at += 512 + size + -size % 512
    return taken


def archived(taken: list[tuple[str, list[bytes]]]) -> bytes:
    """§8.1: the archive of these events, every SHA-256 in it made anew."""
    time, parent, height = 1_800_000_000, "", 0

    def entry(name: str, body: bytes) -> bytes:
        return tar_header(name, len(body), time) + body + bytes(-len(body) % 512)

    bel = entry("BELENIOS", spell({"version": 1, "timestamp": str(time)}))
    for kind, files in taken:
        bel += b"".join(entry(f"{sha256(body)}.data.json", body) for body in files)
        event = ({"parent": parent} if parent else {}) | {"height": height, "type": kind}
        event |= {"payload": sha256(files[-1])} if files else {}
        parent, height = sha256(spell(event)), height + 1
        bel += entry(f"{parent}.event.json", spell(event))
    return bel


def line(office: Office, party: str, text: bytes) -> bytes:
    """§6.2: the signature of a party of the server."""
    key = SigningKey((office.data / "keys" / office.uuid / f"{party}.seed").read_bytes())
    name, public = f"phieukin/{office.uuid}/{party}", bytes(key.verify_key)
    key_id = hashlib.sha256(name.encode() + b"\n\1" + public).digest()[:4]
    blob = base64.b64encode(key_id + key.sign(text).signature).decode()
    return f"— {name} {blob}\n".encode()


def by_chair(office: Office, files: dict[str, bytes]) -> dict[str, bytes]:
    """With the manifest that a dishonest chair signs over these files."""
    others = [(name, data) for name, data in sorted(files.items()) if name != "MANIFEST"]
    listed = "".join(f"{sha256(data)}  {name}\n" for name, data in others)
    text = f"phieukin/{office.uuid}\nmanifest\n{listed}".encode()
    return files | {"MANIFEST": text + b"\n" + line(office, "chair", text)}


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


ALTERATIONS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda _: b"",
    "cut": lambda data: data[:-1],
    "doubled": lambda data: data + data,
}


def leaves(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value has something to alter: the first of each list only."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, (*where, name))
    elif isinstance(value, list):
        if len(value) > 1 and value[0] != value[1]:
            yield (*where, "swapped")
        for inner in value[:1]:
            yield from leaves(inner, (*where, 0))
    else:
        yield where


def altered(document: bytes, where: tuple[Any, ...]) -> bytes:
    """This one leaf is another value of its kind, or the first two of a list change places."""
    value = json.loads(document)
    *way, last = where
    holder = value
    for step in way:
        holder = holder[step]
    if last == "swapped":
        holder[0], holder[1] = holder[1], holder[0]
    elif isinstance(holder[last], bool):
        holder[last] = not holder[last]
    elif isinstance(holder[last], int):
        holder[last] += 1
    elif isinstance(holder[last], str):
        before = holder[last]
        holder[last] = before[:-1] + ("1" if before[-1:] != "1" else "2")
    else:
        holder[last] = {}
    return spell(value)


# --- Verdicts ------------------------------------------------------------------------------------


class Bench:
    """Puts records down and asks both for a verdict."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys

    def stranger(self, data: bytes, ending: str) -> Check:
        path = self.folder / f"record{ending}"
        path.write_bytes(data)
        return verify(path)[-1]

    def audit(self, ending: str) -> tuple[int, str]:
        """Exit status and the check that failed, of the record that lies there."""
        self.capsys.readouterr()
        words = ["audit", str(self.folder / f"record{ending}"), "--json", "--workers", "1"]
        status = main.run(words)
        failed = [check["id"] for check in json.loads(self.capsys.readouterr().out)["checks"]
                  if not check["ok"]]  # fmt: skip
        return status, failed[-1] if failed else ""

    def refused(self, data: bytes, ending: str = ".phieukin.zip") -> str:
        """By both, at the same check; which one."""
        check, (status, failed) = self.stranger(data, ending), self.audit(ending)
        assert not check.holds, "the stranger accepts it"
        assert status in {3, 4}
        assert failed == check.id, (failed, check)
        return failed


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bench:
    return Bench(tmp_path, capsys)


def test_accepts_honest_records(office: Office, files: dict[str, bytes], tmp_path: Path):
    bundle = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    bare = tmp_path / "record.bel"
    bare.write_bytes(files[f"{office.uuid}.bel"])
    promise = tmp_path / "promise"
    election = events(bare.read_bytes())[0][1][0]
    tracker = b64(events(bare.read_bytes())[1][1][0])
    text = f"phieukin/{office.uuid}\npromise\nphi {b64(election)}\ntracker {tracker}\n".encode()
    promise.write_bytes(text + b"\n" + line(office, "box", text))

    assert [check.number for check in verify(bundle) if check.holds] == (
        [
            "0",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "8",
            "18",
            "9",
            "0",
            "10",
            "11",
            "12",
            "13",
            "14",
            "15",
            "16",
            "17",
            "19",
            "20",
        ]
    )
    assert [check.number for check in verify(bare) if check.holds] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "19",
        "20",
    ]
    assert [check.holds for check in verify(bare, [promise]) if check.number == "c"] == [True]

    promise.write_bytes(text + b"\n" + line(office, "chair", text))
    assert [check.holds for check in verify(bare, [promise]) if check.number == "c"] == [False]


def test_as_a_command(office: Office, tmp_path: Path):
    bundle = office.data / "archives" / f"{office.uuid}.phieukin.zip"
    broken = tmp_path / "broken.phieukin.zip"
    broken.write_bytes(flipped(bundle.read_bytes()))

    def run(path: Path) -> tuple[int, str, str]:
        words = [sys.executable, "-m", "tests.interop.stranger", str(path)]
        ended = subprocess.run(words, capture_output=True, check=False, text=True)
        return ended.returncode, ended.stdout, ended.stderr

    status, said, errors = run(bundle)
    assert (status, errors) == (0, "")
    assert "REFUSED" not in said
    status, said, errors = run(broken)
    assert (status, errors) == (1, "")
    assert "REFUSED" in said.splitlines()[-1]
    assert run(tmp_path / "absent.bel")[0] == 1


def test_refuses_files_altered_by_anybody(bench: Bench, files: dict[str, bytes]):
    """The manifest, or what lies deeper, tells."""
    for name, data in files.items():
        without = {other: files[other] for other in files if other != name}
        assert not bench.stranger(packed(without), ".phieukin.zip").holds, name
        assert bench.refused(packed(files | {name: flipped(data)})), name


def test_refuses_files_altered_by_the_chair(bench: Bench, office: Office, files: dict[str, bytes]):
    """Who signs the manifest anew is noticed by a check of its own."""
    where = {
        "ceremony.json": "ceremony", "checkpoints.txt": "checkpoints", "issuance.json": "counts",
        "results.json": "results", "session.json": "session", "shares.json": "statements",
        "tokens.jsonl": "tokens",
    }  # fmt: skip
    for name, failed in where.items():
        for alter in ALTERATIONS.values():
            data = packed(by_chair(office, files | {name: alter(files[name])}))
            check = bench.stranger(data, ".phieukin.zip")
            assert (check.holds, check.id) == (False, failed), (name, check)
        without = {other: files[other] for other in files if other != name}
        assert bench.refused(packed(by_chair(office, without)))


@pytest.mark.parametrize("name", ["ceremony.json", "issuance.json", "results.json", "shares.json"])
def test_refuses_every_leaf_altered_by_the_chair(
    bench: Bench, office: Office, files: dict[str, bytes], name: str
):
    for where in leaves(json.loads(files[name])):
        data = packed(by_chair(office, files | {name: altered(files[name], where)}))
        assert not bench.stranger(data, ".phieukin.zip").holds, (name, where)


def test_refuses_every_signature_altered(bench: Bench, office: Office, files: dict[str, bytes]):
    """A digit in the middle of each line of each note."""
    notes = files["checkpoints.txt"].decode()
    lines = list(re.finditer("— .* (.+)\n", notes))
    assert len(lines) == 3 * 6 + 2
    for match in lines:
        middle = match.start(1) + 40
        digit = "A" if notes[middle] != "A" else "B"
        forged = notes[:middle] + digit + notes[middle + 1 :]
        data = packed(by_chair(office, files | {"checkpoints.txt": forged.encode()}))
        check = bench.stranger(data, ".phieukin.zip")
        assert not check.holds, match
        assert check.id.endswith(("checkpoints", "_signed"))
    assert bench.audit(".phieukin.zip") == (3, "checkpoints")


# --- The archive, whose hashes anybody can make anew ----------------------------------------------

PIECES = {
    ("Setup", 0): "definition", ("Setup", 1): "definition", ("Setup", 2): "credentials",
    ("Ballot", 0): "ballots", ("EncryptedTally", 0): "tally", ("EncryptedTally", 1): "tally",
    ("PartialDecryption", 0): "shares", ("PartialDecryption", 1): "shares", ("Result", 0): "result",
}  # fmt: skip


def _with(
    taken: list[tuple[str, list[bytes]]], kind: str, at: int, body: bytes
) -> list[tuple[str, list[bytes]]]:
    """One file of the first event of a type is another; hashes that others have of it follow."""
    others, index = deepcopy(taken), [name for name, _ in taken].index(kind)
    before, others[index][1][at] = others[index][1][at], body
    for _, bodies in others:
        for k, each in enumerate(bodies):
            bodies[k] = each.replace(sha256(before).encode(), sha256(body).encode())
    setup = others[0][1]
    named = zip(("election", "trustees", "credentials"), map(sha256, setup), strict=False)
    setup[3] = spell(dict(named))
    ballots = sorted(
        (event for event in others if event[0] == "Ballot"), key=lambda e: b64(e[1][0])
    )
    return [others[0], *ballots, *(event for event in others[1:] if event[0] != "Ballot")]


@pytest.mark.parametrize(("kind", "at"), PIECES)
def test_refuses_every_leaf_of_the_archive(
    bench: Bench, office: Office, files: dict[str, bytes], kind: str, at: int
):
    taken = events(files[f"{office.uuid}.bel"])
    document = dict(reversed(taken))[kind][at]
    for where in leaves(json.loads(document)):
        body = altered(document, where)
        check = bench.stranger(archived(_with(taken, kind, at, body)), ".bel")
        assert not check.holds, where
    assert bench.refused(archived(_with(taken, kind, at, b"{}")), ".bel") == PIECES[kind, at]


def test_refuses_another_order_of_events(bench: Bench, office: Office, files: dict[str, bytes]):
    taken = events(files[f"{office.uuid}.bel"])
    at = {kind: [name for name, _ in taken].index(kind) for kind in EVENTS}
    assert bench.stranger(archived(taken), ".bel").holds
    for kind, index in at.items():
        without = taken[:index] + taken[index + 1 :]
        twice = taken[: index + 1] + taken[index:]
        assert not bench.stranger(archived(without), ".bel").holds, f"without {kind}"
        assert bench.refused(archived(twice), ".bel")
    unfinished = {"Result": "shares", "EncryptedTally": "tally", "EndBallots": "tally"}
    for kind, failed in unfinished.items():
        assert bench.refused(archived(taken[: at[kind]]), ".bel") == failed


def test_is_not_drowned(bench: Bench):
    """Sizes that a header claims, deep nesting, endless numbers: a refusal, and no trace."""
    deep, long = b"[" * 500_000, b"1" * 500_000
    claims = [
        tar_header("BELENIOS", 8**11 - 1, 0), tar_header("BELENIOS", 2**24 + 1, 0) + bytes(2**24),
        b"", b"PK\3\4", b"PK\3\4" + b"\xff" * 26,
        *(archived([("Setup", [body, body, body, body])]) for body in (deep, long, b"\xff", b"{}")),
    ]  # fmt: skip
    for data in claims:
        for ending in (".bel", ".phieukin.zip"):
            assert not bench.stranger(data, ending).holds


# --- Test vectors --------------------------------------------------------------------------------


def _vectors(name: str) -> list[Any]:
    return [
        pytest.param(vector["input"], vector["expect"], id=vector["name"])
        for vector in json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["vectors"]
    ]


def _accepts(judge: Callable[[], object]) -> bool:
    try:
        return judge() is not False
    except (Refusal, ValueError):
        return False


def _definition(election: str) -> Any:
    read = read_json(election.encode(), DEFINITION, "election.json")
    check_policy(read["phieukin"]["policy"])
    check_questions(read["questions"], read["phieukin"]["policy"], read["phieukin"]["officials"])
    read_members(read)
    read_issuer(read["phieukin"]["issuer"])
    return read


def _definitions() -> list[Any]:
    """Those of our sessions: a stock election has no field `phieukin`."""
    return [each for each in _vectors("definition") if "phieukin" in json.loads(each.values[0])]


@pytest.mark.parametrize(("election", "expected"), _definitions())
def test_definitions(election: str, expected: str):
    assert _accepts(lambda: _definition(election)) == (expected == "ok")


@pytest.mark.parametrize(("given", "expected"), _vectors("committee"))
def test_committees(given: dict[str, str], expected: str):
    def judge() -> None:
        election, trustees = _definition(given["election"]), given["trustees"].encode()
        need(election["phieukin"]["trustees"] == sha256(trustees), "another trustees.json")
        read_trustees(trustees, election)

    assert _accepts(judge) == (expected == "ok")


@pytest.mark.parametrize(("given", "expected"), _vectors("token"))
def test_tokens(given: dict[str, str], expected: str):
    message = f"phieukin token v1\n{given['phi']}\n{given['credential']}".encode()

    def judge() -> bool:
        token = unbase64(given["token"], 384)
        return pss_verifies(read_issuer(given["issuer"]), message, token)

    assert _accepts(judge) == (expected == "ok")


@pytest.mark.parametrize(("given", "expected"), _vectors("element"))
def test_elements(given: dict[str, Any], expected: str):
    judge = element_or_one if given["identity"] else element
    assert _accepts(lambda: judge(given["element"])) == (expected == "ok")


@pytest.mark.parametrize(("given", "expected"), _vectors("scalar"))
def test_scalars(given: Any, expected: str):
    assert scalar(given) == (expected == "ok")
