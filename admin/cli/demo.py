"""`phieukin demo`: a whole session on this machine, to audited results."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from admin.cli import audit, console
from admin.demo import scenario
from admin.demo.scenario import Scenario
from admin.record.audit import AuditOptions, Outcome, audit_file
from admin.record.pool import Workers, workers
from admin.rules import regime as regimes
from admin.words import words
from crypto.audit.report import Check
from crypto.errors import BadResult, Refused

MARK = ".phieukin-demo"
_MAX_CSV = 1 << 20
_MADE_UP_OFFICIALS, _MADE_UP_VOTERS = 10, 50
_DATE = "2026-01-01"  # of a vote whose day the CSV does not tell
_HTTP, _CHAT, _MINIAPP, _MIXED = "http", "chat", "miniapp", "mixed"

if TYPE_CHECKING:
    from admin.demo.server import Running
    from admin.demo.session import Stage

Player = Callable[[Scenario, Path, Workers, "Stage"], Path]


@click.command("demo", help=words("cli.demo.help"))
@click.option(
    "--replay",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CSV",
    help=words("cli.demo.replay"),
)
@click.option("--voters", type=click.IntRange(1), help=words("cli.demo.voters"))
@click.option("--officials", type=click.IntRange(1), help=words("cli.demo.officials"))
@click.option("--regime", default="nq96-2023", show_default=True, help=words("cli.demo.regime"))
@click.option(
    "--out", type=click.Path(path_type=Path), default="demo-out", help=words("cli.demo.out")
)
@click.option(
    "--channel", type=click.Choice([_HTTP, _CHAT, _MINIAPP, _MIXED]), help=words("cli.demo.channel")
)
@click.option("--serve", is_flag=True, help=words("cli.demo.serve"))
def command(
    replay: Path | None,
    voters: int | None,
    officials: int | None,
    regime: str,
    out: Path,
    channel: str | None,
    serve: bool,
) -> None:
    """Plays a session, audits its record, and compares the totals with what had to come out."""
    if serve and channel != _HTTP:
        raise click.UsageError(words("cli.demo.serve_what"))
    _check_channel(channel)
    audit.say_backend()
    chosen = _scenario(replay, voters, officials, regime)
    _check_replaceable(out)
    console.say(
        words(
            "cli.demo.begin",
            body=chosen.body,
            voters=len(chosen.votes),
            officials=len(chosen.officials),
        )
    )
    if chosen.left_out:
        console.say(words("cli.demo.left_out", number=chosen.left_out))
    started = time.monotonic()
    with ExitStack() as stack:
        work = Path(stack.enter_context(TemporaryDirectory(prefix=".demo-", dir=out.parent)))
        player, running = stack.enter_context(_playing(channel, work / "data"))
        with workers() as pool:
            record, outcome = _play(chosen, work, player, pool)
        reproduced = _check_totals(chosen, outcome)
        printed = _print(record, outcome)
        (record.parent / MARK).touch()
        _replace(record.parent, out)
        took = round(time.monotonic() - started)
        _report(outcome, out / record.name, reproduced, printed, took)
        if running is not None and serve:
            console.say(words("cli.demo.serving", url=running.url))
            with suppress(KeyboardInterrupt):
                running.wait()


def _check_channel(channel: str | None) -> None:
    """Raises BadParameter for a channel through Telegram, for which only a checkout has a stand-in.

    tests/telegram is no part of the wheel.
    """
    if channel not in {_CHAT, _MINIAPP, _MIXED}:
        return
    try:
        import_module("tests.telegram.standin")
    except ModuleNotFoundError as error:
        if error.name not in {"tests", "tests.telegram"}:
            raise
        raise click.BadParameter(
            words("cli.demo.needs_checkout"), param_hint=f"--channel {channel}"
        ) from None


@contextmanager
def _playing(channel: str | None, data: Path) -> Iterator[tuple[Player, "Running | None"]]:
    """How the session is played, and the server that it is played on."""
    # Books and servers are seconds of imports, which --help need not pay.
    from admin.demo import one_process, session  # noqa: PLC0415  as above
    from admin.demo.server import serving  # noqa: PLC0415  as above

    if channel is None:
        yield one_process.play, None
    elif channel == _HTTP:
        with serving(data) as server:
            secretary = server.secretary
            yield (
                lambda vote, folder, pool, stage: session.play(
                    vote, folder, secretary, pool, stage
                ),
                server,
            )
    else:
        from admin.demo import chat, miniapp  # noqa: PLC0415  only a checkout has what they need

        mixed = channel == _MIXED
        with chat.hosting(data) as hall:
            if channel == _MINIAPP:
                yield (
                    lambda vote, folder, pool, stage: miniapp.play(vote, folder, hall, pool, stage),
                    hall.running,
                )
                return
            yield (
                lambda vote, folder, pool, stage: chat.play(
                    vote, folder, hall, pool, stage, mixed=mixed
                ),
                hall.running,
            )


def _play(chosen: Scenario, work: Path, player: Player, pool: Workers) -> tuple[Path, Outcome]:
    """Plays the session in a new folder and audits its record."""
    folder = work / "made"
    folder.mkdir()
    record = player(chosen, folder, pool, console_stage)
    show = _silent if console.settings().json else audit.show_check
    outcome = audit_file(record, AuditOptions(run=pool.checking(), on_check=show))
    if outcome.error is not None:
        raise outcome.error
    return record, outcome


def _print(record: Path, outcome: Outcome) -> list[str]:
    """Prints what the record says, beside it; the names of the files.

    What only people know has dotted lines: committee, hours, signatures.
    """
    # Half a second of imports, which --help need not pay.
    from admin.cli.minutes import MINUTES, REPORTS, drawn  # noqa: PLC0415  as above
    from admin.documents.facts import MeetingFacts  # noqa: PLC0415  as above
    from admin.office import minutes  # noqa: PLC0415  as above

    count = minutes.of_record(record, outcome, MeetingFacts())
    documents = drawn(count, (MINUTES[0], REPORTS[0]))
    for name, content in documents.items():
        (record.parent / name).write_bytes(content)
    return list(documents)


def _report(
    outcome: Outcome, record: Path, reproduced: int, printed: list[str], seconds: int
) -> None:
    if console.settings().json:
        document = {"schema": "phieukin.demo/1", "ok": True, "record": str(record)}
        document |= {"seconds": seconds, "reproduced": reproduced, "papers": printed}
        document |= {"audit": outcome.to_json()}
        console.emit_json(document)
        return
    audit.show_outcome(outcome, compared=True)
    console.data(words("cli.demo.reproduced", number=reproduced, of=reproduced))
    console.data(words("cli.demo.papers", files=", ".join(printed)))
    console.data(words("cli.demo.record", path=record, seconds=seconds))
    console.say(words("cli.demo.next", path=record, code=outcome.code))


def _scenario(
    replay: Path | None, voters: int | None, officials: int | None, regime: str
) -> Scenario:
    try:
        rules = regimes.load(regime)
    except regimes.UnknownRegime:
        builtin = ", ".join(regimes.builtin_ids())
        raise click.BadParameter(
            words("cli.results.unknown_regime", regime=regime, known=builtin), param_hint="--regime"
        ) from None
    if replay is not None and (voters or officials):
        raise click.UsageError(words("cli.demo.either"))
    if replay is not None:
        with replay.open("rb") as file:
            data = file.read(_MAX_CSV)
        return scenario.replay(data, replay.name, rules, body=replay.stem, date=_DATE)
    if voters is None and officials is None:
        return scenario.published(rules)
    count = officials or _MADE_UP_OFFICIALS
    names = [
        (words("cli.demo.official", number=i), words("cli.demo.position", number=i))
        for i in range(1, count + 1)
    ]
    return scenario.random(voters or _MADE_UP_VOTERS, names, rules, words("cli.demo.body"))


def console_stage(name: str, total: int) -> AbstractContextManager[Callable[[int], None]]:
    """A stage of the session as a line of progress."""
    return console.progress(words(f"cli.demo.stages.{name}"), total)


def _check_totals(chosen: Scenario, outcome: Outcome) -> int:
    """Compares every level of every official; returns how many counts there are.

    Raises:
        BadResult: names the official whose totals are not those voted.
    """
    keys = chosen.regime.level_keys
    for official, result in zip(chosen.officials, outcome.results, strict=True):
        counted = tuple(result["counts"][key] for key in keys)
        if (official.name, official.levels) != (result["name"], counted):
            raise BadResult(f"{official.name}: {counted} came out, {official.levels} was voted")
    return len(keys) * len(chosen.officials)


def _check_replaceable(target: Path) -> None:
    """Raises Refused if DIR holds anything that is not an earlier demo's."""
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).exists():
        raise Refused(words("cli.demo.foreign", path=target))
    target.parent.mkdir(parents=True, exist_ok=True)


def _replace(finished: Path, target: Path) -> None:
    if target.exists():
        target.rename(finished.parent / "earlier")
    finished.rename(target)


def _silent(_: Check) -> None:
    return
