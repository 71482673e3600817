"""The stock `belenios-tool`, as the tests drive it.

`.ci/setup` installs it. Everything below was tried with 3.0. The tool talks on stderr, prints data
on stdout and ends with 0 or, on any failure, 124 (123 and 125 exist). A folder given as `--dir`
must hold exactly one `.bel`; nothing else in it is read, except where said.

An election of the tool's own, in the order of its steps, each run inside one folder:

    setup generate-token --length 14                             prints a uuid
    setup generate-trustee-key --group Ed25519                   writes ID.privkey, ID.pubkey
    setup generate-trustee-key-threshold --group Ed25519 --step 1..6      see `threshold_ceremony`
    setup make-trustees
        public_keys.jsons, threshold.json (either or both) -> trustees.json
    setup make-election --group Ed25519 --uuid U --template T    the same files -> election.json
    setup generate-credentials --uuid U --group Ed25519 --count N
        writes TIME.privcreds, an object {"1": "XWoR6-NtD28D-9ouAc-s8GZ7T", ...}, and
        TIME.pubcreds, an array of "element,weight,login"
    setup generate-credentials --uuid U --group Ed25519 --derive CRED     prints the public element
    archive init
        election.json, trustees.json, public_creds.json -> U.bel
    election generate-ballot --dir F --privcred FILE --choice FILE        prints the ballot
        privcred: the bare credential, no quotes, with or without a newline; a scalar is refused, so
        only credentials the tool derived can vote with it. choice: [[1,0,0],[0,0,0]], one list
        per question. A credential outside public_creds.json gets a ballot all the same;
        verify-ballot refuses it.
    election verify-ballot --dir F --ballot FILE
    archive add-event --type=Ballot              stdin: the ballot and a newline; checks nothing
    archive add-event --type=EndBallots          stdin empty
    election compute-encrypted-tally --dir F     prints two lines; fails before EndBallots
    archive add-event --type=EncryptedTally      stdin: those two lines
    election decrypt --dir F --privkey FILE --trustee-id K               a Single trustee; two lines
        privkey: the secret scalar as a JSON string, "4406...", so ours can be used
    election decrypt-threshold --dir F --key FILE --decryption-key FILE --trustee-id K
        K is the flattened owner number from 1: a Single counts one, a Pedersen item its members
    archive add-event --type=PartialDecryption   stdin: those two lines
    election compute-result --dir F              prints the result
    archive add-event --type=Result              stdin: that line
    election verify --dir F                      "all checks passed" on stderr

Our own credentials, C = g^s with any s, enter as public_creds.json: a JSON array of bare elements
in ascending order; `archive init` and `verify` need no weight or login column.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
GROUP = ("--group", "Ed25519")
SECONDS = 300  # a hang is a failure; the largest election here takes a fraction of this

Choices = Sequence[Sequence[int]]


class ToolFailed(AssertionError):
    """The stock tool said no where a yes was expected; carries its own words."""


def find() -> Path | None:
    """Where the tool is: ours first, then the machine's."""
    own = ROOT / ".tools" / "bin" / "belenios-tool"
    if os.access(own, os.X_OK):
        return own
    path = shutil.which("belenios-tool")
    return Path(path) if path else None


def tool() -> Path:
    """The tool, or a sentence on how to get it."""
    path = find()
    if path is None:
        raise FileNotFoundError("no belenios-tool: run .ci/setup")
    return path


def run(*args: str, cwd: Path, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the tool in a folder; the caller judges the exit code."""
    return subprocess.run(
        [str(tool()), *args],
        cwd=cwd,
        input=stdin or b"",
        capture_output=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, "TERM": "dumb"},
    )


def ask(*args: str, cwd: Path, stdin: bytes | None = None) -> bytes:
    """Run the tool where it must succeed; what it printed."""
    finished = run(*args, cwd=cwd, stdin=stdin)
    if finished.returncode:
        raise ToolFailed(
            f"{' '.join(args)}: exit {finished.returncode}: {finished.stderr.decode()}"
        )
    return finished.stdout


# ---- an archive, whoever made it


def verify(bel: Path) -> subprocess.CompletedProcess[bytes]:
    """Verify one archive, wherever it lies and whatever lies beside it."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(bel, folder)
        return run("election", "verify", "--dir", ".", cwd=Path(folder))


def accepts(bel: Path) -> bool:
    """True where the tool verifies the archive and says that it did."""
    finished = verify(bel)
    return finished.returncode == 0 and b"all checks passed" in finished.stderr


def init_archive(folder: Path) -> Path:
    """U.bel from election.json, trustees.json and public_creds.json in this folder."""
    ask("archive", "init", cwd=folder)
    (bel,) = folder.glob("*.bel")
    return bel


def add_event(folder: Path, kind: str, lines: bytes = b"") -> None:
    """Append an event: Ballot, EndBallots, EncryptedTally, PartialDecryption or Result."""
    ask("archive", "add-event", f"--type={kind}", cwd=folder, stdin=lines)


def encrypted_tally(folder: Path) -> bytes:
    """Two lines for the event: the ciphertexts, and their count and hash."""
    return ask("election", "compute-encrypted-tally", "--dir", ".", cwd=folder)


def decrypt(folder: Path, private_key: str, owner: int) -> bytes:
    """Two lines for the event, from a Single trustee's scalar."""
    key = folder / "trustee.privkey"
    key.write_text(json.dumps(private_key))
    args = ("--privkey", key.name, "--trustee-id", str(owner))
    return ask("election", "decrypt", "--dir", ".", *args, cwd=folder)


def result(folder: Path) -> bytes:
    """The line `{"result":[[...],...]}` from the partial decryptions in the archive."""
    return ask("election", "compute-result", "--dir", ".", cwd=folder)


# ---- ballots


def generate_ballot(folder: Path, credential: str, choices: Choices) -> bytes:
    """A ballot, without its final newline, for a private credential that the tool derived."""
    (folder / "privcred").write_text(credential)
    (folder / "choice.json").write_text(json.dumps(choices))
    args = ("--privcred", "privcred", "--choice", "choice.json")
    return ask("election", "generate-ballot", "--dir", ".", *args, cwd=folder).rstrip(b"\n")


def verify_ballot(folder: Path, ballot: bytes) -> subprocess.CompletedProcess[bytes]:
    """Check one ballot against the archive in this folder."""
    (folder / "ballot.json").write_bytes(ballot)
    return run("election", "verify-ballot", "--dir", ".", "--ballot", "ballot.json", cwd=folder)


def credentials(folder: Path, uuid: str, count: int) -> dict[str, str]:
    """Fresh credentials of the tool's own: private to public."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        workplace = Path(scratch)
        args = ("--uuid", uuid, *GROUP, "--count", str(count))
        ask("setup", "generate-credentials", *args, cwd=workplace)
        (private,) = workplace.glob("*.privcreds")
        codes = json.loads(private.read_text())
    return {code: derive(folder, uuid, code) for code in codes.values()}


def derive(folder: Path, uuid: str, credential: str) -> str:
    """The public element of a private credential."""
    args = ("--uuid", uuid, *GROUP, "--derive", credential)
    return ask("setup", "generate-credentials", *args, cwd=folder).decode().strip()


def write_public_credentials(folder: Path, elements: Sequence[str]) -> None:
    """public_creds.json, in the tool's order, from anyone's credentials."""
    text = json.dumps(sorted(elements), separators=(",", ":"))
    (folder / "public_creds.json").write_text(text)


# ---- trustees and set-up


def new_uuid(folder: Path) -> str:
    """A uuid as the tool makes them."""
    return ask("setup", "generate-token", "--length", "14", cwd=folder).decode().strip()


def trustee_key(folder: Path) -> str:
    """A Single trustee: adds its public half to public_keys.jsons and returns the scalar."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        workplace = Path(scratch)
        ask("setup", "generate-trustee-key", *GROUP, cwd=workplace)
        (private,) = workplace.glob("*.privkey")
        (public,) = workplace.glob("*.pubkey")
        with (folder / "public_keys.jsons").open("ab") as keys:
            keys.write(public.read_bytes())
        return str(json.loads(private.read_text()))


@dataclass(frozen=True, slots=True)
class ThresholdKey:
    """What one Pedersen trustee keeps: two files, for `decrypt_threshold`."""

    key: Path
    decryption_key: Path


def threshold_ceremony(folder: Path, threshold: int, size: int) -> list[ThresholdKey]:
    """All six steps for all trustees; writes threshold.json, returns the keys in index order."""
    place = folder / "ceremony"
    place.mkdir()
    keys = [_certificate(place, index, threshold, size) for index in range(1, size + 1)]
    certs = _join(place, "certs.jsons", [key.with_suffix(".cert").read_bytes() for key in keys])
    _step(place, 2, *certs)
    polynomials = _join(
        place, "polynomials.jsons", [_step(place, 3, *certs, "--key", key.name) for key in keys]
    )
    _step(place, 4, *certs, *polynomials)
    outputs = []
    for key in keys:
        received = key.with_suffix(".vinput").read_bytes()
        outputs.append(_step(place, 5, *certs, "--key", key.name, stdin=received))
    output = _step(place, 6, *certs, *polynomials, stdin=b"".join(outputs))
    (folder / "threshold.json").write_bytes(output)
    return [ThresholdKey(key, key.with_suffix(".dkey")) for key in keys]


def _step(folder: Path, number: int, *args: str, stdin: bytes = b"") -> bytes:
    command = ("setup", "generate-trustee-key-threshold", *GROUP, "--step", str(number))
    return ask(*command, *args, cwd=folder, stdin=stdin)


def _certificate(folder: Path, index: int, threshold: int, size: int) -> Path:
    before = set(folder.glob("*.key"))
    _step(folder, 1, "--threshold-context", f"{index}/{threshold}/{size}")
    (key_file,) = set(folder.glob("*.key")) - before
    return key_file


def _join(folder: Path, name: str, parts: Sequence[bytes]) -> tuple[str, str]:
    (folder / name).write_bytes(b"".join(parts))
    return f"--{Path(name).stem}", name


def decrypt_threshold(folder: Path, keys: ThresholdKey, owner: int) -> bytes:
    """Two lines for the event, from a Pedersen trustee; owner counts over all items, from 1."""
    args = ("--key", str(keys.key), "--decryption-key", str(keys.decryption_key))
    command = ("election", "decrypt-threshold", "--dir", ".")
    return ask(*command, *args, "--trustee-id", str(owner), cwd=folder)


def make_election(folder: Path, uuid: str, questions: Sequence[Mapping[str, object]]) -> None:
    """trustees.json and election.json from the keys in this folder."""
    template = {"description": "", "name": "interop", "questions": list(questions)}
    (folder / "template.json").write_text(json.dumps(template, ensure_ascii=False), "utf-8")
    ask("setup", "make-trustees", cwd=folder)
    args = (*GROUP, "--uuid", uuid, "--template", "template.json")
    ask("setup", "make-election", *args, cwd=folder)
