"""The only place that prints: data to stdout, everything else to stderr.

The global options are kept here, because printing is what they are about. Nothing is coloured
or drawn over where the output is not a terminal.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from admin.details import localized
from admin.words import words

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


@dataclass(slots=True)
class _Output:
    """What a run has printed; one object, which the tasks of a run share with it."""

    document: bool = False


@dataclass(frozen=True, slots=True)
class GlobalOptions:
    """The global options, wherever on the line they stood.

    Attributes:
        json: stdout carries JSON and nothing else.
        quiet: no progress; warnings and errors stay.
        color: colours, where the output is a terminal.
        debug: errors bring their traceback.
        data: where the data lies; None for the default of the command.
        output: what has been printed: the JSON document, or not yet.
    """

    json: bool = False
    quiet: bool = False
    color: bool = True
    debug: bool = False
    data: Path | None = None
    output: _Output = field(default_factory=_Output)


_SETTINGS: ContextVar[GlobalOptions] = ContextVar("settings")


def settings() -> GlobalOptions:
    """The options of this run."""
    return _SETTINGS.get(GlobalOptions())


def begin() -> None:
    """Forget the options of an earlier run in the same process; NO_COLOR counts if not empty."""
    _SETTINGS.set(GlobalOptions(color=not os.environ.get("NO_COLOR")))


def configure(**changes: Any) -> None:
    """Change some of the options."""
    _SETTINGS.set(replace(settings(), **changes))


def data(text: str) -> None:
    """A line of the command's result."""
    click.echo(text)


def show(renderable: "RenderableType") -> None:
    """A drawn result, such as a table; plain text where stdout is not a terminal."""
    screen = _rich(sys.stdout)
    if screen.is_terminal:
        screen.print(renderable)
        return
    with screen.capture() as captured:
        screen.print(renderable)
    data("\n".join(line.rstrip() for line in captured.get().splitlines()))


def emit_json(document: object) -> None:
    """The command's result as JSON; at most one document per run."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
    settings().output.document = True


def result(document: Mapping[str, object], show: str | Callable[[], None]) -> None:
    """The command's result: with ``--json`` the document, else the text, or what `show` prints."""
    if settings().json:
        emit_json(document)
    elif isinstance(show, str):
        data(show)
    else:
        show()


def say(text: str) -> None:
    """What the command is doing."""
    if not settings().quiet:
        click.echo(text, err=True)


def warn(text: str) -> None:
    """Something to look at, although the command goes on."""
    click.echo(words("cli.warning", detail=text), err=True)


def fail(code: str, detail: str, *, command: str = "phieukin") -> None:
    """What went wrong and what to do; with ``--json`` also as a document on stdout."""
    title = words(f"errors.{code}.title")
    hint = words(f"errors.{code}.hint", command=command)
    problem = f"{title}: {localized(detail)}" if detail else title
    click.echo(words("cli.error", problem=problem), err=True)
    click.echo(words("cli.hint", hint=hint), err=True)
    if settings().json and not settings().output.document:
        emit_json({"schema": "phieukin.error/1", "ok": False, "code": code, "detail": detail})


def trace(error: BaseException) -> None:
    """The traceback, for ``--debug``."""
    click.echo("".join(traceback.format_exception(error)), err=True, nl=False)


def confirm(question: str, expected: str) -> None:
    """Ask the person at the terminal to type ``expected``.

    Raises:
        click.UsageError: stdin is not a terminal, so nobody can answer.
        click.Abort: the answer is another.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(words("cli.no_terminal"))
    click.echo(question, err=True)
    click.echo(words("cli.confirm", expected=expected), err=True, nl=False)
    if sys.stdin.readline().strip() != expected:
        raise click.Abort


def prompt(text: str) -> None:
    """A question whose answer is typed behind it."""
    click.echo(text, err=True, nl=False)


def sure(question: str, expected: str, *, yes: bool) -> None:
    """Before what cannot be undone: a person types `expected`; a script is taken at its word.

    Raises:
        click.Abort: the answer is another.
    """
    if not yes and sys.stdin.isatty():
        confirm(question, expected)


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show how far a long step is; call the result with the number of parts just done.

    On a terminal a bar, without an end if there is no total; elsewhere a line at the start.
    """
    if settings().quiet:
        yield lambda _steps: None
    elif sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
    else:
        say(f"{label} ({total})" if total and total > 1 else label)
        yield lambda _steps: None


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.progress import (  # noqa: PLC0415  rich costs 70 ms, which --version need not pay
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_rich(sys.stderr)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda steps: bar.advance(task, steps)


def _rich(file: IO[str]) -> "Console":
    from rich.console import Console  # noqa: PLC0415  as above

    return Console(file=file, no_color=not settings().color, highlight=False, markup=False)
