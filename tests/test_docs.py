"""docs/ says what the program does: examples, codes, checks, sections, walks, command lines."""

import ast
import inspect
import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from admin.cli.main import COMMANDS, program
from admin.record import belenios
from admin.record.audit import AuditOptions, audit_file
from admin.record.bundle import MANIFEST, RESULTS
from admin.record.session_file import SessionFile
from admin.rules import regime
from admin.rules.compute import percentage
from crypto import audit, checkpoint, errors, keyfile, note
from crypto.archive import FILES, Kind
from crypto.audit import evidence
from crypto.audit.archive import SHARES
from crypto.audit.evidence import Issuance
from crypto.checkpoint import MOMENT_OF
from crypto.committee import Moment
from crypto.encoding import b64_sha256, canonical, sha256
from crypto.errors import ProtocolError
from crypto.group import IDENTITY, G, element
from crypto.keyfile import TrusteeState
from crypto.lifecycle import NEXT
from crypto.sigma import hash_to_scalar
from crypto.token import token_message
from tests import testkit
from tests.bench import document, phones
from tests.vectors.own import maker

ROOT = Path(__file__).parents[1]
PARTS = [
    (ROOT / "docs" / name).read_text("utf-8") for name in ("protocol.md", "protocol-results.md")
]
PROTOCOL = "".join(PARTS)
EXAMPLES = re.findall(r"^```example (.+)\n((?:.*\n)*?)^```$", PROTOCOL, re.MULTILINE)
HEADINGS = re.findall(r"^##+ ([0-9]+(?:\.[0-9]+)?)\.? ", PROTOCOL, re.MULTILINE)
VECTORS = ROOT / "tests" / "vectors" / "own"


def vectors(name: str) -> dict[str, dict[str, Any]]:
    """The vectors of one file by their names."""
    found = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["vectors"]
    return {vector["name"]: vector for vector in found}


def table(text: str) -> dict[str, str]:
    """Lines of a key, spaces and a value."""
    return dict(line.split(maxsplit=1) for line in text.splitlines())


# ---- examples, each checked by the function of its name


def compared(text: str) -> None:
    made = vectors("checkpoint")
    assert text.splitlines() == [
        f"session code  {made['sealed']['output']['code']}",
        f"opening code  {made['open']['output']['code']}",
        f"closing code  {made['closed']['output']['code']}",
    ]


def closed(text: str) -> None:
    assert text == vectors("checkpoint")["closed"]["input"]["note"]


def elements(text: str) -> None:
    said = table(text)
    assert said == {"g": G.hex, "g^2": (G**2).hex, "identity": IDENTITY.hex}


def hashed(text: str) -> None:
    said = table(text)
    members = [element(e, "element") for e in said["elements"].split(",")]
    assert str(hash_to_scalar(said["prefix"], members)) == said["H"]


def session(text: str) -> None:
    raw = text.rstrip("\n").encode()
    assert SessionFile.decode(raw).encode() == raw


def keys(text: str) -> None:
    said = table(text)
    seed = said["seed"]
    assert said["verification"] == (G ** keyfile.signing_scalar(seed)).hex
    assert said["encryption"] == (G ** keyfile.decryption_scalar(seed)).hex


def info(text: str) -> None:
    assert text == vectors("transport")["accept"]["output"]["info"]


def state(text: str) -> None:
    value = json.loads(text)
    assert canonical(TrusteeState.from_json(value, "state").to_json()) == text.rstrip("\n").encode()
    assert canonical(TrusteeState(maker.TRUSTEE_SEED, 1, 1, 1).to_json()) == canonical(value)


def message(text: str) -> None:
    credential = G ** maker.number("s")
    assert text == token_message(maker.LINE.phi, credential).decode() + "\n"


def states(text: str) -> None:
    said: dict[tuple[str, str], str] = {}
    for line in text.splitlines():
        step, _, change = line.partition(": ")
        before, _, after = change.partition(" → ")
        said |= {(one, step): after for one in before.split()}
    assert said == NEXT


def promise(text: str) -> None:
    parameters = maker.LINE.parameters
    assert parameters is not None
    tracker = vectors("promise")["accept"]["input"]["tracker"]
    checkpoint.check_promise(note.parse(text.encode()), maker.LINE, parameters, tracker)


def percentages(text: str) -> None:
    for line in text.strip().split(" · "):
        fraction, _, said = line.partition(" = ")
        count, _, denominator = fraction.partition("/")
        assert percentage(int(count), int(denominator)) == said


def issuance(text: str) -> None:
    raw = text.rstrip("\n").encode()
    assert Issuance.decode(raw).encode() == raw


CHECKED: dict[str, Callable[..., None]] = {
    "codes": compared,
    "closed": closed,
    "elements": elements,
    "H": hashed,
    "session.json": session,
    "keys": keys,
    "info": info,
    "state": state,
    "token": message,
    "states": states,
    "promise": promise,
    "issuance.json": issuance,
    "percentages": percentages,
}


@pytest.mark.parametrize(
    ("name", "text"), [pytest.param(*example, id=example[0]) for example in EXAMPLES]
)
def test_example(name: str, text: str):
    """What the document shows is what the program makes or reads."""
    kind, *more = name.split()
    CHECKED[kind](text, *more)


def test_every_example_is_there():
    """No check above is without its example."""
    assert [name.split()[0] for name, _ in EXAMPLES] == list(CHECKED)


# ---- codes, checks, files


def codes() -> list[str]:
    """The code of every error."""
    found = [member for _, member in inspect.getmembers(errors, inspect.isclass)]
    return sorted({error.code for error in found if issubclass(error, ProtocolError)})


def section(number: str) -> str:
    """The text under one heading, up to the next."""
    start = re.search(rf"^##+ {re.escape(number)}\.? .*\n", PROTOCOL, re.MULTILINE)
    assert start is not None
    return re.split(r"^##", PROTOCOL[start.end() :], maxsplit=1, flags=re.MULTILINE)[0]


def test_every_error_has_its_line():
    """Each code stands once in the table, and no other does."""
    listed = re.findall(
        r"`([a-z_]+)`", "".join(re.findall(r"^\|([^|]*)", section("9.2"), re.MULTILINE))
    )

    assert sorted(listed) == codes()


def listed_checks() -> list[tuple[str, str]]:
    """(number or letter, id) of each check, in the order of the document."""
    return re.findall(r"^\| ([0-9a-z]+) \| `([a-z_]+)` \|", section("9.1"), re.MULTILINE)


def test_checks_are_made_in_the_order_of_the_list(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An audit of an honest record makes every check of the list, in its order."""
    monkeypatch.setattr(belenios, "verify", lambda *_: "all checks passed")
    path = tmp_path / "record.zip"
    path.write_bytes(testkit.honest_bundle())
    sealed, phi = testkit.session(), testkit.session().phi
    tracker = b64_sha256(testkit.honest().ballots[0])
    promised = note.sign(checkpoint.promise_body(testkit.UUID, phi, tracker), [sealed.box])
    promise_path = tmp_path / "promise"
    promise_path.write_bytes(promised.encode())
    options = AuditOptions(fingerprint=phi, promises=(promise_path,), belenios=True)
    outcome = audit_file(path, options)

    assert outcome.error is None
    *listed, last = [name for _, name in listed_checks()]
    assert [check.id for check in outcome.report.checks] == listed
    assert last == "auditor"  # with a bundle of one's own: tests/admin/cli/test_record.py


def test_checks_are_listed_as_in_the_code():
    """The list in the docstring of the audit is that of the document."""
    numbered = re.findall(r"^ +([0-9]+|[abc]) ([a-z_]+) ", audit.__doc__ or "", re.MULTILINE)

    assert numbered == listed_checks()


def test_every_check_is_marked_where_it_is_made():
    """`# (5) ballots: why` stands above `report.check("ballots")`, and so for every check."""
    sources = [*(ROOT / "crypto" / "audit").glob("*.py"), ROOT / "admin" / "record" / "audit.py"]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    made = r'( *#.*\n)* *with (?:outcome\.)?report\.check\("([a-z_]+)"\)'
    marked = re.findall(rf"^ *# \(([0-9abc]+)\) ([a-z_]+)\b.*\n{made}", text, re.MULTILINE)

    assert {(number, name) for number, name, *_ in marked} == set(listed_checks())
    assert [name for _, name, *_, check in marked if check != name] == []
    assert len(marked) == text.count("report.check(")


def test_record_lists_every_file():
    """The table of the bundle has its files, ascending; that of the archive its events."""
    names = re.findall(r"^\| `([^`]+)` \|", section("8.2"), re.MULTILINE)
    kinds = re.findall(r"^\| `([A-Za-z]+)`", section("8.1"), re.MULTILINE)

    assert sorted(names[:-1]) == names[:-1] == sorted([MANIFEST, RESULTS, SHARES, *evidence.FILES])
    assert names[-1] == "<uuid>.bel"
    assert kinds == list(Kind) == list(FILES)


def test_checkpoints_are_listed_with_counts_and_signers():
    """The table of the checkpoints is that of the code."""
    rows = re.findall(
        r"^\| `([a-z]+)` \| ([^|]+) \| [^|]+ \| ([^|]+) \|", section("6.2"), re.MULTILINE
    )
    said = {name: (tuple(counts.split(", ")), signers) for name, counts, signers in rows}

    trustees = {Moment.DEFINITION: ", every trustee"}
    assert said == {
        state: (
            checkpoint.COUNTS[state],
            ", ".join(signers)
            + (trustees.get(MOMENT_OF[state], ", a quorum") if state in MOMENT_OF else ""),
        )
        for state, signers in checkpoint.SIGNERS.items()
    }


# ---- references


def references() -> list[tuple[str, str]]:
    """(file, section) of each mention of the document in the program and its vectors."""
    found = []
    for folder in ("crypto", "admin", "bot", "storage", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" in path.parts:
                continue
            text = path.read_text("utf-8")
            cited = re.findall(r"protocol(?:\.md)? §([0-9]+(?:\.[0-9]+)?)", text)
            found += [(str(path.relative_to(ROOT)), number) for number in cited]
    return found


def test_references_lead_somewhere():
    """Each §N that the code cites is a heading, and so is each that the document cites."""
    own = re.findall(r"(?<!RFC 8032 )(?<!RFC 7748 )(?<!RFC 4648 )§([0-9.]*[0-9])", PROTOCOL)

    assert len(references()) > 10
    assert [(path, number) for path, number in references() if number not in HEADINGS] == []
    assert [number for number in own if number not in HEADINGS] == []


def test_document_can_be_read_in_one_sitting():
    """Numbered without gaps, and neither part longer than 600 lines."""
    chapters = [int(number) for number in HEADINGS if "." not in number]

    assert chapters == list(range(1, len(chapters) + 1))
    assert max(len(part.splitlines()) for part in PARTS) <= 600


def test_the_regimes_that_are_published():
    """A stranger who has the data of this hash computes what this program computes."""
    rows = re.findall(
        r"^\| `([a-z0-9-]+)` \| (party|state) \| (\w+) \| ([^|]*) \| `([0-9a-f]{64})` \|$",
        section("12.2"),
        re.MULTILINE,
    )
    published = json.loads(
        (ROOT / "bot/miniapp/src/protocol/results/rules.json").read_text("utf-8")
    )

    assert [name for name, *_ in rows] == list(regime.builtin_ids()) == list(published)
    for name, kind, denominator, findings, digest in rows:
        assert digest == sha256(canonical(published[name])), f"{name}: say its new hash in §12.2"
        rules = regime.from_json(published[name], name)
        assert (kind, denominator) == (rules.kind, rules.denominator.kind)
        assert rules.blank.policy == "invalid_line"
        said = [
            f"{f.code} {'>' if f.strict else '≥'} {f.threshold[0]}/{f.threshold[1]}"
            for f in rules.findings
        ]
        assert findings.split(", ") == said


def test_every_requirement_has_its_line():
    """All 76, once; what is there says where, and the files it names are there."""
    text = (ROOT / "docs" / "requirements.md").read_text("utf-8")
    rows = re.findall(
        r"^\| ([0-9]+)(?:–([0-9]+))? \| [^|]+ \| ([a-z ]+) \| ?([^|]*) ?\|$", text, re.MULTILINE
    )
    covered = [n for first, last, *_ in rows for n in range(int(first), int(last or first) + 1)]

    assert covered == list(range(1, 77))
    assert {state for *_, state, _ in rows} <= {"there", "partly", "left out", "people"}
    assert all(where.strip() for *_, state, where in rows if state != "people")


@pytest.mark.parametrize("name", ["requirements", "threat-model", "phone-page"])
def test_files_that_stand_behind_a_statement_are_there(name: str):
    """Each file of the code or of the tests that a document names exists."""
    text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    named = re.findall(r"`((?:admin|bot|crypto|storage|tests|docs)/[^` ]+)`", text)

    assert named != []
    assert [path for path in named if not (ROOT / path).exists()] == []


# ---- architecture

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
# A link to a file, and the names in code font that follow it.
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)((?:,? (?:and )?`[A-Za-z_][\w.]*`)*)")


def names_of(path: Path) -> set[str]:
    """What a file defines on its top level, and `Class.method`."""
    text = path.read_text("utf-8")
    if path.suffix == ".ts":
        return set(
            re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", text, re.MULTILINE)
        )
    names = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{part.name}" for part in node.body if hasattr(part, "name")}
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def test_the_walks_lead_through_files_and_functions_that_are_there():
    """Each link leads to a file without a line, and each name after it is defined there."""
    for link, names in LINK.findall(ARCHITECTURE):
        path = (ROOT / "docs" / link).resolve()

        assert path.exists(), link
        named = set(re.findall(r"`([^`]+)`", names))
        assert not named or named - names_of(path) == set(), link


def test_the_walks_name_functions():
    """The pattern above finds them; the document is one sitting long."""
    named = [name for _, names in LINK.findall(ARCHITECTURE) for name in re.findall("`", names)]

    assert len(named) > 2 * 70
    assert len(ARCHITECTURE.splitlines()) <= 150


# ---- command lines

PROGRAM = program(COMMANDS)
# "phieukin token v1" and the like are domains of hashes.
TYPED = re.compile(r"(?:`|^)(?:[A-Z_]+=\S+ )?phieukin (?!\w+ v1)([^`\n]*)", re.MULTILINE)


def told_commands() -> Iterator[tuple[str, list[str]]]:
    """(file, words) of every `phieukin …` in a code block or in backticks, up to a comment."""
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]:
        for line in TYPED.findall(path.read_text("utf-8").replace("\\|", "|")):
            yield path.name, shlex.split(line, comments=True)


def unknown(words: list[str]) -> str | None:
    """The first word of a command line that names no command or no option of it."""
    command: click.Command = PROGRAM
    for word in words:
        if word == "…":
            return None
        if isinstance(command, click.Group) and not word.startswith("-"):
            if wrong := [name for name in word.split("|") if name not in command.commands]:
                return wrong[0]
            command = command.commands[word.split("|")[0]]
        elif re.match(r"--?[a-z]", word):
            known = {opt for param in command.params for opt in param.opts} | {"--help"}
            if word.partition("=")[0] not in known:
                return word
    return None


def test_every_command_line_can_be_typed():
    """What README and docs/ tell people to type has only commands and options that exist."""
    told = list(told_commands())

    assert len(told) > 100
    assert [(name, wrong) for name, words in told if (wrong := unknown(words))] == []
    assert unknown(["session", "close", "UUID", "--soon"]) == "--soon"
    assert unknown(["session", "reopen", "UUID"]) == "reopen"


# ---- benchmarks


def test_the_benchmarks_are_those_of_their_figures():
    """Text and plot are what `python -m tests.bench.document` writes out of benchmarks.json."""
    figures = document.read()

    assert document.TEXT.read_text("utf-8") == document.markdown(figures)
    assert document.PLOT.read_text("utf-8") == document.picture(figures)


def test_the_phones_of_make_load_try_again_as_the_page_does():
    """The page's numbers are where tests/bench/phones.py reads them."""
    rules = phones.rules()

    assert 503 in rules.later
    assert 0 < rules.first_pause < rules.longest_pause < rules.timeout
    assert rules.attempts > 1
