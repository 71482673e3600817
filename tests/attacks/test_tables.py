"""The tables of attacks, of bad input and of the field name tests that there are."""

import ast
import re
from pathlib import Path

import pytest

from tests import attacks, field

TESTS = Path(__file__).parents[1]
TABLES = f"{attacks.__doc__}{field.__doc__}"
NAMED = re.findall(r"^    (\S.+)\n {8}(\S+)::(\w+)$", TABLES, re.MULTILINE)


def test_every_line_of_the_tables_is_read():
    """A line that names no test would be no twin."""
    lines = re.findall(r"^    \S.*$", TABLES, re.MULTILINE)

    assert len(lines) == len(NAMED) > 50


@pytest.mark.parametrize(("file", "name"), sorted({(file, name) for _, file, name in NAMED}))
def test_a_named_test_is_there(file: str, name: str):
    """Under this name, in this file."""
    tree = ast.parse((TESTS / f"{file}.py").read_text("utf-8"))
    functions = ast.FunctionDef, ast.AsyncFunctionDef

    assert name in {node.name for node in ast.walk(tree) if isinstance(node, functions)}
