"""The command ``phieukin``: finds the subcommand, and alone turns errors into exit statuses.

A subcommand is a click command named ``command`` in a module of its own, or stands in another's
(`_ELSEWHERE`); it is imported when its name is on the line, so that ``phieukin --version`` is
quick. It ends normally (0), returns its own exit status, or raises. The global options stand
before or after its name.
"""

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from io import TextIOWrapper
from os import PathLike
from pathlib import Path
from typing import Final, NoReturn

import click

from admin.cli import console
from admin.cli.help import Context
from admin.rules.cells import BadDraft
from admin.words import words
from crypto.errors import FaultyTrustee, Incomplete, Malformed, ProtocolError, Refused, Rejected
from storage.errors import BookHeld

# Commands that live in the module of another, and are called so there.
_ELSEWHERE: Final = {
    "committee-page": ("committee_page", "command"),
    "enrol": ("roster", "enrol_command"),
    "report": ("minutes", "report_command"),
    "restore": ("backup", "restore_command"),
}
COMMANDS: Final = (
    *("demo", "init", "serve", "session", "roster", "enrol", "trustee", "vote"),
    *("tally", "audit", "auditor", "record", "results", "consolidate", "doctor"),
    *("backup", "restore", "minutes", "report", "document", "paper", "questions"),
    "committee-page",
)

DONE, INTERNAL, USAGE, UNREACHABLE = 0, 1, 2, 6
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
INTERRUPTED = 130  # 128 + SIGINT, as every shell expects; never the program's own answer

_STATUS: Final[tuple[tuple[type[ProtocolError], int], ...]] = (
    (BadDraft, 5),
    (Malformed, 3),
    (Rejected, 3),
    (FaultyTrustee, 3),
    (Incomplete, 4),
    (Refused, 5),
)


def main() -> NoReturn:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # Names are Vietnamese whatever the locale of the machine.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit status; everything it has to say is printed."""
    _dump_no_core()
    console.begin()
    # Seen before parsing, so that an error of parsing is reported as asked for.
    console.configure(json="--json" in args, debug="--debug" in args)
    try:
        status = program(args).main(list(args), prog_name="phieukin", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return USAGE
    except (Exception, click.Abort) as error:  # noqa: BLE001  the one place that may
        return _report(error)
    return status if isinstance(status, int) else DONE


def _dump_no_core() -> None:
    """No file gets the secrets of a command that crashes."""
    try:
        resource = import_module("resource")
    except ImportError:  # on Windows, where a program has no such limit
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def program(args: Sequence[str]) -> click.Group:
    """The command; of its subcommands those named in ``args`` are real, the others only listed."""
    group = click.Group("phieukin", help=words("cli.about"), epilog=_exit_table())
    group.params.append(_version_option())
    for name in COMMANDS:
        summary = words(f"cli.commands.{name}")
        command = _load(name) if name in args else click.Command(name, help=summary)
        group.add_command(command, name)
    _accept_global_options(group)
    data = next(option for option in group.params if option.name == "data")
    data.envvar = "PHIEUKIN_DATA"  # only here, or it would override --data before a subcommand
    return group


def _load(name: str) -> click.Command:
    module, attribute = _ELSEWHERE.get(name, (name, "command"))
    command = getattr(import_module(f"admin.cli.{module}"), attribute)
    if not isinstance(command, click.Command):
        raise TypeError(f"admin.cli.{module}.{attribute} is not a click command")
    return command


def _accept_global_options(
    command: click.Command, options: Sequence[click.Option] | None = None
) -> None:
    """On its own line and on those of all commands in it; `options` are made once for these."""
    command.context_class = Context
    taken = {option for parameter in command.params for option in parameter.opts}
    own = _global_options() if options is None else options
    command.params.extend(option for option in own if not taken.intersection(option.opts))
    if isinstance(command, click.Group):
        shared = _global_options() if options is None else options
        for child in command.commands.values():
            _accept_global_options(child, shared)


def _global_options() -> list[click.Option]:
    folder = click.Path(file_okay=False, path_type=Path)
    return [
        _option("json", "--json", True),
        _option("data", "--data", None, folder),
        _option("quiet", "--quiet", True),
        _option("color", "--no-color", False, text="no_color"),
        _option("debug", "--debug", True),
    ]


def _option(
    field: str,
    flag: str,
    chosen: bool | None,
    kind: click.Path | None = None,
    *,
    text: str | None = None,
) -> click.Option:
    """A global option: sets one field of ``console.GlobalOptions``, is no argument of a command."""

    def remember(_context: click.Context, _parameter: click.Parameter, value: object) -> None:
        if value:
            console.configure(**{field: value if chosen is None else chosen})

    return click.Option(
        [flag],
        is_flag=chosen is not None,
        type=kind,
        metavar=None if kind is None else "DIR",
        expose_value=False,
        is_eager=True,
        callback=remember,
        help=words(f"cli.options.{text or field}"),
    )


def _version_option() -> click.Option:
    def show(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            console.data(f"phieukin {metadata.version('phieukin')}")
            context.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help=words("cli.options.version"),
    )


def _exit_table() -> str:
    rows = [f"  {status}  {words(f'cli.exit.code_{status}')}" for status in range(UNREACHABLE + 1)]
    return "\n".join(["\b", f"{words('cli.exit.title')}:", *rows])


def _report(error: BaseException) -> int:
    """Say what happened and what to do; the exit status that goes with it."""
    if console.settings().debug:
        console.trace(error)
    command = "phieukin"
    if isinstance(error, click.UsageError) and error.ctx:
        command = error.ctx.command_path
    code, detail, status = _translate(error)
    console.fail(code, detail, command=command)
    return status


def _unusable(error: OSError) -> str:
    """What is wrong with a path or a disk; nothing for any other failure."""
    if isinstance(error.filename, str | bytes | PathLike):
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return os.strerror(error.errno) if error.errno in _DISK else ""


def _translate(error: BaseException) -> tuple[str, str, int]:
    match error:
        case ProtocolError():
            status = next((s for kind, s in _STATUS if isinstance(error, kind)), INTERNAL)
            return error.code, str(error), status
        case click.Abort():
            return "interrupted", "", INTERRUPTED
        case click.ClickException():
            return "usage", error.format_message().rstrip("."), USAGE
        case ConnectionError() | TimeoutError():
            code = "book_held" if isinstance(error, BookHeld) else "not_reachable"
            return code, "" if code == "book_held" else str(error), UNREACHABLE
        case OSError() if detail := _unusable(error):
            return "unreadable_path", detail, USAGE
        case _:
            # The text of an unexpected exception may hold anything, even a secret.
            return "internal_error", type(error).__name__, INTERNAL


if __name__ == "__main__":
    main()
