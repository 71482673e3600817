"""One reader for every TOML file of ours and of an organiser: regulations, drafts, papers.

A form is a pydantic model; the text under a field is its description: the comment above the key in
a template. A reading finds every fault at once, each with its file, line and key, as
`Problem`s in the reader's language (`decode`) or as one `Malformed` that names the keys (`strict`).
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from itertools import zip_longest
from typing import Annotated, Any, Final, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import ErrorDetails

from admin.rules.cells import Fault, Problem, phrase
from crypto.errors import Malformed

MAX_FILE: Final = 65_536  # bytes; the longest built-in regime has four thousand

_MAX_LINE: Final = 300  # characters
_CODES: Final = {
    "string_type": "text_expected",
    "int_type": "integer_expected",
    "bool_type": "boolean_expected",
}  # pydantic's names of what can be wrong with a value, and ours


class TomlTable(BaseModel):
    """A table of a form: no key but its own, no value taken for one of another type."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        defer_build=True,  # 40 ms, which a command that reads no form need not pay
    )


_Form = TypeVar("_Form", bound=TomlTable)


def _filled(text: str) -> str:
    if not text:
        raise Fault("text_empty")
    return text


Line = Annotated[str, AfterValidator(lambda text: phrase(text, _MAX_LINE))]
"""A text on one line, trimmed, of characters that can be seen."""
Filled = Annotated[Line, AfterValidator(_filled)]
"""Such a text that is not empty."""


def one_of(*options: str) -> BeforeValidator:
    """One of these texts."""

    def check(value: object) -> object:
        if not isinstance(value, str):
            raise Fault("text_expected")
        if value not in options:
            raise Fault("not_an_option", value=value[:40], options=", ".join(options))
        return value

    return BeforeValidator(check)


def between(low: int, high: int) -> AfterValidator:
    """A whole number in this range, ends included."""

    def check(number: int) -> int:
        if not low <= number <= high:
            raise Fault("out_of_range", value=number, low=low, high=high)
        return number

    return AfterValidator(check)


def array(code: str) -> BeforeValidator:
    """TOML's array for a tuple; the code is that of the fault of any other value."""

    def check(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, list):
            raise Fault(code, key=info.field_name)
        return tuple(value)

    return BeforeValidator(check)


def day(value: object) -> date:
    """A day as TOML writes it, or the same as text. Raises Fault."""
    try:
        if isinstance(value, str):
            return date.fromisoformat(value.strip())
    except ValueError:
        pass
    if type(value) is date:
        return value
    raise Fault("date_form")


def decode(
    data: bytes, file: str, model: type[_Form], context: object = None
) -> _Form | list[Problem]:
    """The form in a TOML text, or everything that is wrong with it, from its top to its end.

    Args:
        data: the text.
        file: its name in problems.
        model: the form.
        context: what the validators of the model want to know besides.
    """
    if len(data) > MAX_FILE:
        return [Problem(file, None, None, Fault("file_too_long", limit=MAX_FILE))]
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return [Problem(file, None, None, Fault("toml_not_utf8", byte=error.start))]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        return [Problem(file, None, None, Fault("not_toml", reason=error))]
    try:
        return model.model_validate(table, context=context)
    except ValidationError as error:
        lines = text.split("\n")
        problems = [_problem(file, lines, model, detail) for detail in _details(error)]
        return sorted(problems, key=lambda problem: problem.row or 0)


def strict(data: bytes, file: str, model: type[_Form]) -> _Form:
    """The form in a TOML text.

    Raises:
        Malformed: with the file and every key that is wrong.
    """
    if len(data) > MAX_FILE:
        raise Malformed(f"{file}: longer than {MAX_FILE} bytes")
    try:
        return model.model_validate(_tuples(tomllib.loads(data.decode("utf-8-sig"))))
    except ValidationError as error:
        raise Malformed(f"{file}: {faults(error)}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise Malformed(f"{file}: not TOML: {error}") from None


def faults(error: ValidationError) -> str:
    """The faults on one line: of each its dotted key and pydantic's message."""
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, detail["loc"])), detail["msg"])))
        for detail in _details(error)
    )


def _details(error: ValidationError) -> list[ErrorDetails]:
    details = error.errors(include_url=False)
    # A default made of other values was not made, because one of them is wrong: told there.
    return [detail for detail in details if detail["type"] != "default_factory_not_called"]


def _tuples(value: Any) -> Any:
    """The value with tuples for TOML's arrays: pydantic's strict mode takes nothing for another."""
    if isinstance(value, dict):
        return {key: _tuples(member) for key, member in value.items()}
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    return value


# ---- a fault of pydantic's in our words, at its line


def _problem(
    file: str, lines: Sequence[str], model: type[BaseModel], detail: ErrorDetails
) -> Problem:
    fault, keys = _fault(model, detail), detail["loc"]
    row = _row(lines, keys)
    if fault.code == "key_missing":  # the table it is missing from says where
        keys = keys[:-1]
        row = _row(lines, keys)
    column = ".".join(key for key in keys if isinstance(key, str))
    return Problem(file, row, column if row else None, fault)


def _fault(model: type[BaseModel], detail: ErrorDetails) -> Fault:
    kind, keys = detail["type"], detail["loc"]
    own = detail.get("ctx", {}).get("error")
    if isinstance(own, Fault):
        return own
    if kind == "missing":
        return Fault("key_missing", key=keys[-1])
    if kind == "extra_forbidden":
        return Fault("key_unknown", known=", ".join(_at(model, keys[:-1]).model_fields))
    if kind == "model_type":
        name = next(key for key in reversed(keys) if isinstance(key, str))
        return Fault("table_expected" if keys[-1] == name else "tables_expected", key=name)
    if kind == "too_long":
        context = detail["ctx"]
        most, size = context["max_length"], context["actual_length"]
        return Fault("out_of_range", value=size, low=0, high=most)
    return Fault(_CODES[kind])


def _at(model: type[BaseModel], keys: tuple[int | str, ...]) -> type[BaseModel]:
    """The model of the table at this place."""
    for key in keys:
        if isinstance(key, str):
            model = _model_in(model.model_fields[key].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _row(lines: Sequence[str], keys: tuple[int | str, ...]) -> int | None:
    """The number of the line on which a key stands, or the nearest table around it."""
    row, path = 0, list[str]()
    for key, place in zip_longest(keys, keys[1:]):
        if isinstance(key, str):
            path.append(rf"""["']?{re.escape(key)}["']?\s*""")
            count = place + 1 if isinstance(place, int) else 1
            row = _line(lines, row, path, count) or row
    return row or None


def _line(lines: Sequence[str], after: int, path: Sequence[str], count: int) -> int | None:
    """The line after another that sets a key, or is the so many-th head of its tables.

    Args:
        path: patterns of the names of the tables around the key, and of its own.
    """
    head = r"\s*\[+\s*" + r"\.\s*".join(path) + (r"[.\]]" if count == 1 else r"\]")
    for number, line in enumerate(lines[after:], start=after + 1):
        if re.match(rf"\s*{path[-1]}[.=]", line):
            return number
        if re.match(head, line):
            count -= 1
            if count == 0:
                return number
        elif after and re.match(r"\s*\[", line):  # another table begins
            return None
    return None
