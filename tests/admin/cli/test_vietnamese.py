"""With PHIEUKIN_LANG=vi the command line says nothing in English, and names commands that work."""

import os
import re
import shlex
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import click
import pytest

from admin.cli import main
from admin.cli.main import COMMANDS, program
from admin.prepare import papers_form, session_form
from admin.rules.regime import builtin_ids
from admin.rules.toml_form import TomlTable
from admin.words import LANGUAGES, catalogue
from tests.admin.vietnamese import english

# For the person at the terminal; the chat also names languages in their own words.
TERMINAL = (
    *("address.", "audit.", "cli.", "denominators.", "errors.", "findings.", "gathered."),
    *("lookup.", "papers.", "sheet.", "states.", "table."),
)


@pytest.fixture(autouse=True)
def _vietnamese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    monkeypatch.setenv("COLUMNS", "400")  # no word is cut


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, *path, name)


TREE = dict(commands(program(COMMANDS)))


# Of files that people fill in, and other programs.
KEYS = """
    addressees adopted after basis browser complaints copies delegates denominator done dossiers end
    founding instrument issuer kind listen numbers opening organ printed recipients signatory start
    threshold tier title town trustees venue witnesses
    body thap utc windows
    cargo kernel make page pem save set shift timedatectl unikey usb web workbook text pynacl STT
"""


def same_everywhere() -> set[str]:
    """Names of commands, values of options, keys: what is not translated."""
    kinds = [parameter.type for command in TREE.values() for parameter in command.params]
    choices = [str(c) for kind in kinds if isinstance(kind, click.Choice) for c in kind.choices]
    names = [name for path in TREE for name in path]
    forms: set[type[TomlTable]] = {TomlTable}
    for _ in range(3):  # how deep they are derived
        forms |= {derived for form in forms for derived in form.__subclasses__()}
    names += [name for form in forms for name in form.model_fields]
    texts = (*names, *choices, *builtin_ids(), *KEYS.split())
    return {word.lower() for text in texts for word in re.split(r"\W", text)}


FORMS = (papers_form, session_form)  # whose tables' keys stand in sentences
SAME = same_everywhere()


def in_english(text: str) -> list[str]:
    return [word for word in english(text) if word.lower() not in SAME]


# The words of a help text are those of the language in which its module was imported.
HELP = """
from tests.admin.cli.test_vietnamese import TREE, main
for path in TREE:
    main.run([*path, "--help"])
"""


def test_the_help_of_every_command_is_vietnamese():
    environment = {**os.environ, "PHIEUKIN_LANG": "vi", "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", HELP]
    help_texts = subprocess.run(
        command, env=environment, capture_output=True, check=True
    ).stdout.decode()
    assert help_texts.count("Cách dùng:") == len(TREE)
    assert in_english(re.sub(r"-\n\s+", "-", help_texts)) == []  # lines break behind a hyphen


def test_the_words_of_the_terminal_are_vietnamese():
    left = {}
    for key, sentence in catalogue("vi").items():
        words = in_english(re.sub(r"\{[^}]*\}", "7", sentence))
        if key.startswith(TERMINAL) and words:
            left[key] = words
    assert left == {}


REFUSALS = """
    nothing
    audti
    --nothing
    audit
    audit no-such-file.zip
    audit .
    audit text.txt
    audit --workers many text.txt
    audit --workers 0 text.txt
    audit --fingerprint
    audit --quiet=yes text.txt
    audit text.txt text.txt
    audit --fingerprint short text.txt
    audit text.txt --promise no-such-file
    session show
    session show not-a-uuid
    session show {uuid}
    session opne {uuid}
    session new .
    session new d --template club
    session check .
    session check no-such-folder
    session seal .
    session plan . --today tomorrow
    session present {uuid} --count none
    session close {uuid} --in soon
    roster list .
    roster import . text.txt
    roster import . no-such-file.csv
    roster letters {uuid} -o letters.txt
    enrol {uuid}
    enrol {uuid} --role chair
    enrol {uuid} --role king -o code.txt
    init text.txt
    serve --listen nowhere
    serve --listen 127.0.0.1:99999
    doctor
    doctor --data text.txt
    doctor --data no-such-folder
    backup
    backup -o copy.zip
    restore copy text.txt
    restore copy no-such-file
    trustee step1 --index 1 --of 3 --threshold 1 --key k -o o
    trustee step1 --index 9 --of 3 --threshold 2 --key k -o o
    trustee step2 --key text.txt text.txt -o o
    trustee check --key text.txt --passphrase-file text.txt
    trustee check --key no-such-file
    trustee decrypt --key text.txt text.txt text.txt -o o
    trustee join --server http://example.vn --code-file text.txt --key k
    trustee join --server https://127.0.0.1:1 --code-file text.txt --key k
    vote --server nowhere --uuid {uuid} --code-file text.txt --choices text.txt
    vote --server http://127.0.0.1:{closed} --uuid {uuid} --code-file code.txt --choices c.json
    vote --server http://127.0.0.1:1 --uuid u --code-file empty.txt --choices c.json
    tally combine {uuid} text.txt
    tally combine no text.txt
    record export {uuid} -o record.zip
    record attach {uuid} text.txt
    results compute --regime nq96-2023 --counts text.txt
    results compute --regime none --counts counts.csv
    results compute --regime nq96-2023 --counts counts.csv
    results compute --regime nq96-2023 --counts counts.csv --collected few
    results compute --regime rules.toml --counts counts.csv
    consolidate
    consolidate text.txt -o out.xlsx
    consolidate text.txt -o out.xlsx --report NAME
    minutes {uuid} -o minutes.pdf
    report {uuid} -o report.pdf
    questions list {uuid}
    paper enter {uuid} --by An
    paper issue {uuid} An
    paper log {uuid}
    demo --replay no-such-file
    demo --voters none
    demo --voters 3 --replay counts.csv
    auditor evidence {uuid} --key text.txt
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.txt").write_text("không phải tệp cần đọc\n", "utf-8")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "code.txt").write_text("7KQ2-M4XW-9RTB-0VJN-5CDE\n")
    (tmp_path / "c.json").write_text("[null]")
    (tmp_path / "rules.toml").write_text('id = "x"\n', "utf-8")
    (tmp_path / "counts.csv").write_text("ho_ten,chuc_vu,cao,tin_nhiem,thap\nAn,,x,1,1\n")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("line", [line.strip() for line in REFUSALS.strip().splitlines()])
def test_a_refusal_is_vietnamese(capsys: pytest.CaptureFixture[str], line: str):
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    uuid = "5Vg1m1mSbQNPv7vqvGnJ7D"
    status = main.run(shlex.split(line.format(uuid=uuid, closed=closed)))
    output = capsys.readouterr()
    assert status != 0
    assert "Traceback" not in output.err
    assert "LỖI: " in output.err or "Cách dùng:" in output.err
    typed = typed_words(line)
    assert [w for w in in_english(output.out + output.err) if w not in typed] == []


def typed_words(line: str) -> set[str]:
    """What was typed stands in the answer."""
    return set(re.split(r"\W", line))


def command_lines() -> Iterator[tuple[str, str]]:
    """Each command line that a sentence for people names, and where that stands."""
    details = tomllib.loads(resources.files("admin").joinpath("details.toml").read_text("utf-8"))
    sources: dict[str, Mapping[str, str]] = {name: catalogue(name) for name in LANGUAGES}
    for source, sentences in (sources | {"details": details}).items():
        for key, sentence in sentences.items():
            text = re.sub(r"\{[^}]*\}|</?code>", " X ", sentence)
            for line in re.findall(r"phieukin [a-z][^`\n.,;:)]*", text):
                yield f"{source}: {key}", line.removeprefix("phieukin ")
            # Without the program's name only what is known to be a command is one.
            for line in re.findall(r"`([a-z][^`]*)`", text):
                if line.split()[0] in COMMANDS:
                    yield f"{source}: {key}", line


def fault_of(line: str) -> str | None:
    """Why a command line does not work; its options are those of the command that it names."""
    words = line.split()
    path = next((tuple(words[:n]) for n in (2, 1) if tuple(words[:n]) in TREE), ())
    if not path:
        return "there is no such command"
    command = TREE[path]
    options = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    unknown = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", line)) - options - {"--help"}
    return f"it has no {unknown}" if unknown else None


def test_a_sentence_names_only_commands_that_work():
    lines = list(command_lines())
    assert len(lines) > 50
    assert {(key, line): why for key, line in lines if (why := fault_of(line))} == {}
