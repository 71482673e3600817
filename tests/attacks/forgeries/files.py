"""Each field of each file altered, moved or gone; each list and order; each byte's spelling.

What is expected of a file stands beside the tests of crypto/audit (tests/crypto/test_audit.py).
"""

import json
import re
from collections.abc import Iterator
from functools import partial

from admin.record.bundle import manifest_text
from crypto import note
from crypto.audit.archive import SHARES
from crypto.checkpoint import SIGNERS
from crypto.encoding import canonical, sha256
from crypto.lifecycle import State
from tests.admin.record.test_stored import write
from tests.attacks.forgeries import By, Forgery
from tests.attacks.forgeries.world import bundled, honest, world
from tests.crypto import test_audit as archives
from tests.crypto import test_evidence as side_files
from tests.crypto.test_evidence_checkpoints import SIGNED, STATES, failed
from tests.mutants import Mutant, mutants, spellings
from tests.testkit import UUID, Parts
from tests.verdicts import Rules, positions

ISSUANCE: Rules = [
    (r"\.(present|paper\.[a-z]+|channels\.[a-z]+) .*", r"\w+ at (counts|checkpoints)"),
    (r"\.amendments (removed|emptied)", "BadCheckpoint at checkpoints"),
    (r".*", "(Malformed|BadCounts|BadCheckpoint) at counts"),
]
SIDE: dict[str, Rules] = {
    "session": side_files.FILES["session"],
    "ceremony": side_files.FILES["ceremony"],
    "issuance": ISSUANCE,
    "results": [(r".*", "BadRecord at results")],
    "shares": archives.STATEMENTS,
}
SPELLED = archives.SPELLED | {
    "session": "BadDefinition at session",
    "ceremony": "Malformed at ceremony",
    "issuance": "Malformed at counts",
    "results": "BadRecord at results",
    "shares": "Malformed at statements",
}
# Whose file it is: who could have written it so, while all others did as they should.
AUTHORS = {"ballot": By.VOTER, "shares": By.TRUSTEE, "owner": By.TRUSTEE} | {
    f"share {number}": By.TRUSTEE for number in (1, 3)
}


def bundle_of(parts: Parts) -> bytes:
    """The record, the chair's manifest made for it."""
    return world().bundle(parts)


def altered_files() -> Iterator[Forgery]:
    """The files of the archive and those beside it, and a manifest that the chair signed so."""
    for name, (read, _, rules) in archives.FILES.items():
        raw = read(honest())
        for mutant in mutants(raw):
            if _worth_trying(name, mutant):
                record = partial(_linked, name, mutant.raw)
                yield _forgery(name, str(mutant), _meant(mutant, rules), record)
        for what, other in spellings(raw) if name in SPELLED else ():
            yield _forgery(name, what, SPELLED[name], partial(_linked, name, other))
    for name, rules in SIDE.items():
        raw = honest().side[f"{name}.json"]
        for mutant in mutants(raw):
            record = partial(_beside, name, mutant.raw)
            yield _forgery(name, str(mutant), _meant(mutant, rules), record)
        for what, other in spellings(raw):
            yield _forgery(name, what, SPELLED[name], partial(_beside, name, other))


def _worth_trying(name: str, mutant: Mutant) -> bool:
    """Not a voter who stayed away, whom an archive alone can lack; of a ballot, one line."""
    if name == "credentials":
        hexes = [credential.hex for credential in world().credentials]
        idle = sorted(hexes).index(hexes[-1])
        return mutant.place != " removed" and mutant.path != f"[{idle}]"
    return name != "ballot" or not re.match(r"\.answers\[[12]\]", mutant.path)


def _meant(mutant: Mutant, rules: Rules) -> str:
    return next(meant for pattern, meant in rules if re.fullmatch(pattern, mutant.place))


def _forgery(name: str, what: str, expected: str, record: "partial[bytes]") -> Forgery:
    author = AUTHORS.get(name, By.CHAIR)
    return Forgery(f"{name}: {what.strip()}", author, expected, record)


def _linked(name: str, raw: bytes) -> bytes:
    _, link, _ = archives.FILES[name]
    return bundle_of(link(honest(), raw))


def _beside(name: str, raw: bytes) -> bytes:
    return bundle_of(honest().with_side(**{name: raw}))


# --- Lists and orders


def tokens() -> Iterator[Forgery]:
    """Each token gone, altered, in another place."""
    lines = honest().side["tokens.jsonl"].splitlines(keepends=True)
    places = range(len(lines))
    changes = {f"without line {i}": [*lines[:i], *lines[i + 1 :]] for i in places}
    changes |= {f"line {i} twice": [*lines[: i + 1], *lines[i:]] for i in places}
    for i in places[:-1]:
        changes[f"lines {i} swapped"] = [*lines[:i], lines[i + 1], lines[i], *lines[i + 2 :]]
    changes |= {"empty": [], "one line not ended": [*lines[:-1], lines[-1][:-1]]}
    for what, changed in changes.items():
        raw = b"".join(changed)
        record = partial(_beside, "tokens", raw)
        yield Forgery(f"tokens: {what}", By.CHAIR, "(BadToken|Malformed) at tokens", record)
    for i, line in enumerate(lines):
        for mutant in mutants(line.rstrip()):
            raw = b"".join([*lines[:i], mutant.raw + b"\n", *lines[i + 1 :]])
            record = partial(_beside, "tokens", raw)
            yield Forgery(
                f"tokens: line {i}{mutant}", By.CHAIR, "(BadToken|Malformed) at tokens", record
            )


def checkpoints() -> Iterator[Forgery]:
    """Each line of each note, with the server's and the chair's signatures made for it."""
    for place, state in enumerate(STATES):
        body = note.parse(honest().notes[place]).text.splitlines()
        for i, line in enumerate(body):
            for what, text in _other_lines(body, i):
                name = f"checkpoints: {state}: {line[:24]!r} {what}"
                record = partial(_signed_otherwise, place, state, text)
                yield Forgery(name, By.OPERATOR, "BadCheckpoint at checkpoints", record)
        for what, notes in _orders(place):
            record = partial(_noted, notes)
            name = f"checkpoints: {state} {what}"
            yield Forgery(name, By.CHAIR, "BadCheckpoint at checkpoints", record)
    for place, index in SIGNED:
        record = partial(_unsigned, place, index)
        name = f"checkpoints: {STATES[place]} without signature {index}"
        yield Forgery(name, By.CHAIR, f"BadCheckpoint at {failed(place, index)}", record)


def _other_lines(body: list[str], i: int) -> Iterator[tuple[str, str]]:
    line, following = body[i], body[i + 1 :]
    number = re.fullmatch(r"(.* )([0-9]+)", line)
    changed = f"{number[1]}{int(number[2]) + 1}" if number else line[:-1] + "z"
    yield "altered", "\n".join([*body[:i], changed, *following, ""])
    yield "removed", "\n".join([*body[:i], *following, ""])
    yield "twice", "\n".join([*body[:i], line, line, *following, ""])
    if following:
        yield "moved", "\n".join([*body[:i], following[0], line, *following[1:], ""])


def _signed_otherwise(place: int, state: State, text: str) -> bytes:
    """The text is wrong before anybody asks whether the committee signed it."""
    notes = honest().notes
    notes[place] = note.sign(text, [world().signer(party) for party in SIGNERS[state]]).encode()
    return _noted(notes)


def _orders(place: int) -> Iterator[tuple[str, list[bytes]]]:
    notes = honest().notes
    yield "missing", [*notes[:place], *notes[place + 1 :]]
    yield "twice", [*notes[: place + 1], *notes[place:]]
    if place + 1 < len(notes):
        swapped = [notes[place + 1], notes[place]]
        yield "after the next", [*notes[:place], *swapped, *notes[place + 2 :]]


def _unsigned(place: int, index: int) -> bytes:
    notes = honest().notes
    whole = note.parse(notes[place])
    signatures = (*whole.signatures[:index], *whole.signatures[index + 1 :])
    notes[place] = note.Note(whole.text, signatures).encode()
    return _noted(notes)


def _noted(notes: list[bytes]) -> bytes:
    return bundle_of(honest().with_notes(notes))


# --- Without a key


def containers() -> Iterator[Forgery]:
    """Bytes of the zip, and files exchanged under the manifest of the honest record."""
    raw = bundled()
    for place in positions("forged", 40, len(raw)):
        flipped = bytearray(raw)
        flipped[place] ^= 1 << (place % 8)
        name = f"zip: bit at {place}"
        yield Forgery(name, By.OUTSIDER, "BadRecord at container", partial(bytes, bytes(flipped)))
    for place in (0, 1, len(raw) - 1, *positions("forged cut", 10, len(raw))):
        cut = partial(bytes, raw[:place])
        yield Forgery(f"zip: cut at {place}", By.OUTSIDER, "BadRecord at container", cut)
    yield Forgery("zip: more behind", By.OUTSIDER, "BadRecord at container", lambda: raw + b"\0")
    for name in (*side_names(), SHARES):
        first = next(iter(mutants(honest().side[name])), None) if name.endswith(".json") else None
        other = first.raw if first else honest().side[name][:-1] + b"z"
        expected = r"(Malformed at statements|BadRecord at manifest)"
        record = partial(_exchanged, name, other)
        yield Forgery(f"zip: {name} exchanged", By.OUTSIDER, expected, record)
        record = partial(_exchanged, name, None)
        yield Forgery(f"zip: without {name}", By.OUTSIDER, "BadRecord at manifest", record)


def side_names() -> list[str]:
    return sorted(set(honest().side) - {SHARES})


def _exchanged(name: str, raw: bytes | None) -> bytes:
    """One file of the zip replaced or gone; the manifest is the honest one."""
    manifest = _manifest()
    contents = {**honest().side, f"{UUID}.bel": honest().archive, "MANIFEST": manifest}
    changed = {file: data for file, data in contents.items() if file != name}
    return write(changed if raw is None else {**changed, name: raw})


def _manifest() -> bytes:
    digests = {name: sha256(raw) for name, raw in honest().side.items()}
    digests[f"{UUID}.bel"] = sha256(honest().archive)
    return note.sign(manifest_text(UUID, digests), [world().chair]).encode()


def stripped() -> Forgery:
    """The definition without our parameters: a stock election, of which no record can be made."""
    value = json.loads(honest().election)
    del value["phieukin"]
    record = partial(_linked, "election", canonical(value))
    return Forgery("election: a stock one", By.CHAIR, "BadBallot at ballots", record)
