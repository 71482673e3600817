"""The shape of the program: short functions, short files, plain names, nothing of a machine."""

import ast
import html
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "crypto", "storage", "admin")
LINES_OF_FUNCTION = 60
LINES_OF_FILE = 600
FILES_OF_FOLDER = 25
COMMANDS = ROOT / "admin" / "cli"  # one file a command
VAGUE_BINDINGS = frozenset(
    [
        *("all_", "asked", "data_", "done", "found", "given", "got", "heard", "here", "held"),
        *("kept", "known", "listed", "made", "met", "mine", "one", "other", "others", "rest"),
        *("said", "seen", "shown", "stuff", "there", "thing", "things", "told", "wanted"),
    ]
)
MOST_VAGUE = 0.02
VAGUE = {"helper", "helpers", "manager", "managers", "service", "services", "util", "utils"}

# A bracket in each needle keeps this file from containing what it looks for.
FORBIDDEN = re.compile(
    r"py[p]i\.org|python[h]osted\.org|registry\.npm[j]s"
    r"|(deb|security|ftp)\.d[e]bian\.org|(archive|security|ports)\.u[b]untu\.com"
    r"|(^|[^.a-zA-Z])/w[o]rk/|/f[a]rm/",
    re.MULTILINE,
)


@cache
def files() -> list[Path]:
    """What is or is about to be in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def modules() -> list[Path]:
    """The Python files."""
    return [path for path in files() if path.suffix == ".py"]


@cache
def trees(package: str) -> dict[Path, ast.Module]:
    """A package's Python files, parsed."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in modules()
        if path.relative_to(ROOT).parts[0] == package
    }


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body; a docstring is free."""
    has_docstring = ast.get_docstring(function) is not None
    body = function.body[1:] if has_docstring else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    """No function of the program is longer than a screen."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {body_lines(node)} lines"
        for package in PACKAGES
        for path, tree in trees(package).items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and body_lines(node) > LINES_OF_FUNCTION
    ]

    assert long == []


def test_files_are_short():
    """Every Python file can be read in one sitting."""
    long = [
        f"{path.relative_to(ROOT)} has {count} lines"
        for path in modules()
        if (count := len(path.read_text("utf-8").splitlines())) > LINES_OF_FILE
    ]

    assert long == []


def test_folders_are_rooms_not_halls():
    """No folder has more files than one looks through; the commands are a list."""
    sources = [path for path in files() if path.suffix in {".py", ".ts", ".tsx"}]
    sizes = Counter(
        path.parent for path in sources if path.stem != "__init__" and "test" not in path.parts
    )
    halls = {
        str(folder.relative_to(ROOT)): size
        for folder, size in sizes.items()
        if size > FILES_OF_FOLDER and folder.relative_to(ROOT).parts[0] in PACKAGES
    }

    assert halls.keys() <= {str(COMMANDS.relative_to(ROOT))}


def test_the_picture_of_the_layers_is_of_this_program():
    """Each folder in it exists, each folder of the program is in it, and the drawing is current."""
    source = (ROOT / "docs" / "architecture.dot").read_text("utf-8")
    drawing = (ROOT / "docs" / "images" / "architecture.svg").read_text("utf-8")
    labels = [
        part for label in re.findall(r'label="([^"]+)"', source) for part in label.split("\\n")
    ]
    drawn = {html.unescape(text) for text in re.findall(r">([^<>]+)</text>", drawing)}
    folders = {label for label in labels if re.fullmatch(r"(admin|bot)/[a-z]+", label)}
    rooms = {
        f"{package}/{folder.name}"
        for package in ("admin", "bot")
        for folder in (ROOT / package).iterdir()
        if folder.is_dir() and any(folder.glob("*.py"))
    }

    assert set(labels) <= drawn
    assert folders - {"bot/miniapp"} == rooms - {"bot/miniapp"}


def bindings(tree: ast.AST) -> Iterator[str]:
    """The names that are assigned or taken as arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


@pytest.mark.parametrize("package", PACKAGES)
def test_names_say_what_they_hold(package: str):
    """At most two bindings of a hundred are named after nothing in particular."""
    names = Counter(name for tree in trees(package).values() for name in bindings(tree))
    vague = {name: count for name, count in names.items() if name in VAGUE_BINDINGS}

    assert sum(vague.values()) <= MOST_VAGUE * names.total(), vague


@pytest.mark.parametrize("package", PACKAGES)
def test_a_class_name_stands_for_one_thing(package: str):
    """No two modules of a package have a public class of the same name."""
    names = Counter(
        node.name
        for tree in trees(package).values()
        for node in tree.body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    assert [name for name, count in names.items() if count > 1] == []


def test_modules_say_what_they_are():
    """A module is named after a thing of the domain, never after a drawer."""
    vague = [path for path in modules() if {path.stem, path.parent.name} & VAGUE]

    assert vague == []


def test_nothing_of_the_machine_is_kept():
    """No package registry and no path of a developer's machine stands in a file."""
    found = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit[0]!r}" for hit in FORBIDDEN.finditer(text)]

    assert found == []


@pytest.mark.parametrize("sample", ["https://py_pi.org/simple", "see /wo_rk/x", "deb_.debian.org"])
def test_needles_find_what_they_are_for(sample: str):
    """The search above is not empty."""
    assert FORBIDDEN.search(sample.replace("_", ""))


def keys(table: dict[str, object], prefix: str = "") -> set[str]:
    """Every dotted key of a TOML table."""
    found = set()
    for name, value in table.items():
        found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
    return found


def test_every_language_says_everything():
    """Each text for people exists in each language."""
    said: dict[str, set[str]] = {}
    for path in sorted((ROOT / "admin" / "locales").rglob("*.toml")):
        said.setdefault(path.stem, set()).update(keys(tomllib.loads(path.read_text("utf-8"))))
    everything: set[str] = set().union(*said.values())
    missing = {
        language: sorted(everything - present)
        for language, present in said.items()
        if present != everything
    }

    assert missing == {}


def test_every_module_of_the_bot_but_the_ballot_is_kept_from_knowing_both():
    """A new one must be added to the contract, or say why not."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (named,) = [one["source_modules"] for one in contracts if one["name"].startswith("Of the bot")]
    modules = {f"bot.chat.{path.stem}" for path in (ROOT / "bot" / "chat").glob("[a-z]*.py")}

    assert modules - set(named) == {"bot.chat.ballot"}
