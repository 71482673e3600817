"""``phieukin results``: what the regulations say about counts that are already known."""

import sys
from pathlib import Path

import click

from admin.cli import console
from admin.cli.table import results_table
from admin.rules import counts, regime
from admin.rules.compute import Turnout, compute, tabulate
from admin.rules.counts import CountsFile
from admin.rules.infer import LARGEST, Inference, infer
from admin.rules.regime import Regime
from admin.words import language, words


@click.group(help=words("cli.commands.results"))
def command() -> None:
    """The group of commands on results."""


_NUMBER = click.IntRange(min=0)  # a meeting may collect nothing


@command.command("compute", help=words("cli.results.compute"))
@click.option("--regime", "name", required=True, metavar="R", help=words("cli.results.regime"))
@click.option("--counts", "path", required=True, metavar="CSV", help=words("cli.results.counts"))
@click.option(
    "--delegates", type=click.IntRange(min=1), metavar="N", help=words("cli.results.delegates")
)
@click.option("--present", type=_NUMBER, metavar="N", help=words("cli.results.present"))
@click.option("--issued", type=_NUMBER, metavar="N", help=words("cli.results.issued"))
@click.option("--collected", type=_NUMBER, metavar="N", help=words("cli.results.collected"))
@click.option("--infer", "inferring", is_flag=True, help=words("cli.results.infer"))
def compute_command(
    name: str,
    path: str,
    delegates: int | None,
    present: int | None,
    issued: int | None,
    collected: int | None,
    inferring: bool,
) -> None:
    """Percentages and findings from a table of counts."""
    rules = _regime(name)
    turnout = Turnout(delegates, present, issued, collected)
    denominator = turnout.denominator(rules.denominator.kind)
    if denominator is None and not inferring:
        raise click.UsageError(_needs(rules))
    file = counts.decode(_read(path), path, rules)
    for warning in file.warnings:
        console.warn(warning.told(language()))
    inference = _infer(file, path) if inferring else None
    make = tabulate if denominator is None else compute
    results = make(rules, file.officials, turnout)
    if inference and denominator not in (None, *inference.denominators):
        console.warn(words("cli.results.inferred_differs", given=denominator))
    if console.settings().json:
        extra = {"inferred": inference.to_json()} if inference else {}
        console.emit_json({**results, **extra})
        return
    console.show(results_table(results, rules))
    if rules.defaults:
        console.data(unread_law(rules))
    if inference:
        console.data(_sentence(inference))


def _regime(name: str) -> Regime:
    try:
        return regime.load(name)
    except regime.UnknownRegime:
        ids = ", ".join(regime.builtin_ids())
        problem = words("cli.results.unknown_regime", regime=name, known=ids)
        raise click.UsageError(problem) from None


def _needs(rules: Regime) -> str:
    kind = rules.denominator.kind
    return words(
        "cli.results.needs",
        regime=rules.id,
        denominator=words(f"denominators.{kind}"),
        option=f"--{kind} N",
    )


def unread_law(rules: Regime) -> str:
    """What of the regime is a default and was not read in its text: for the secretary alone."""
    names = ", ".join(words(f"cli.results.parts.{part}") for part in rules.defaults)
    return words("cli.results.defaults", instrument=rules.instrument, values=names)


def _read(path: str) -> bytes:
    """The file, or one byte more than is accepted of it."""
    if path == "-":
        return sys.stdin.buffer.read(counts.MAX_FILE + 1)
    with Path(path).open("rb") as file:
        return file.read(counts.MAX_FILE + 1)


def _infer(file: CountsFile, path: str) -> Inference:
    inference = infer(file)
    if not inference.checked:
        raise click.UsageError(words("cli.results.nothing_published", file=path))
    return inference


def _sentence(inference: Inference) -> str:
    number = len(inference.denominators)
    key = "inferred_none" if not number else "inferred_one" if number == 1 else "inferred_many"
    return words(
        f"cli.results.{key}",
        values=", ".join(map(str, inference.denominators)),
        checked=inference.checked,
        largest=LARGEST,
    )
