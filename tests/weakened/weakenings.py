"""Changes of a Python module that make it accept more, or another bound, one at a time."""

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

_LOOSER: Final[dict[type[ast.cmpop], ast.cmpop]] = {
    ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt(),
    ast.NotEq: ast.Gt(),
}  # fmt: skip
_CHECKS: Final = ("check", "require", "verify", "_check")


@dataclass(frozen=True, slots=True)
class Weakening:
    """One change.

    Attributes:
        name: what is done and the line as it stood; the same lines in one module have a number.
        source: the whole module with the change.
    """

    name: str
    source: str


def weakenings(source: str) -> Iterator[Weakening]:
    """All of a module, in the order of its lines."""
    tree, counted = ast.parse(source), dict[str, int]()
    for number, node in enumerate(ast.walk(tree)):
        for what, changed in _changes(node):
            text = ast.unparse(_replaced(tree, number, changed))
            line = " ".join((ast.get_source_segment(source, node) or "").split())[:90]
            name = f"{what}: {line}"
            counted[name] = counted.get(name, 0) + 1
            again = f" ({counted[name]})" if counted[name] > 1 else ""
            yield Weakening(name + again, text)


def _replaced(tree: ast.Module, number: int, changed: ast.AST) -> ast.Module:
    """A copy of the tree in which the node of this number is another."""
    copy = deepcopy(tree)
    old = next(node for i, node in enumerate(ast.walk(copy)) if i == number)
    for parent in ast.walk(copy):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, changed)
            elif isinstance(value, list) and any(member is old for member in value):
                setattr(parent, name, [changed if member is old else member for member in value])
    return ast.fix_missing_locations(copy)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.If(test=test, body=[*_, ast.Raise()]) if not isinstance(test, ast.Constant):
            yield "check left out", ast.If(ast.Constant(value=False), node.body, node.orelse)
            if isinstance(test, ast.BoolOp):
                for member in test.values if isinstance(test.op, ast.Or) else ():
                    rest = [value for value in test.values if value is not member]
                    test_ = rest[0] if len(rest) == 1 else ast.BoolOp(ast.Or(), rest)
                    yield f"without {ast.unparse(member)}", ast.If(test_, node.body, node.orelse)
        case ast.Expr(value=ast.Call(func=function)) if _is_check(function):
            yield "call left out", ast.Pass()
        case ast.Compare(ops=[op], left=left, comparators=right) if type(op) in _LOOSER:
            yield "another comparison", ast.Compare(left, [_LOOSER[type(op)]], right)
        case ast.keyword(arg="low" | "high" | "limit", value=value):
            step = -1 if node.arg == "low" else 1
            moved = ast.BinOp(value, ast.Add(), ast.Constant(value=step))
            yield "bound moved", ast.keyword(node.arg, moved)
        case _:
            return


def _is_check(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return str(name).startswith(_CHECKS)
