"""admin/demo/one_process.py: a whole session, small, from seal to an audited record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from admin.demo import one_process, scenario
from admin.demo.scenario import Scenario
from admin.record.audit import AuditOptions, Outcome, audit_file
from admin.record.pool import workers
from admin.rules import regime
from admin.rules.compute import OfficialCounts
from crypto.errors import Malformed
from tests.interop import belenios
from tests.verdicts import audited

pytestmark = pytest.mark.slow

RULES = regime.load("nq96-2023")
TABLE = b"""stt,ho_ten,chuc_vu,cao,tin_nhiem,thap,trong
1,A,x,3,2,1,0
2,B,y,0,5,0,1
3,C,,0,0,6,0
"""


@dataclass
class Stages:
    """Remembers which stages were shown, and how far each went."""

    shown_in_order: list[tuple[str, int]] = field(default_factory=list)
    steps: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def show(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        self.shown_in_order.append((name, total))
        self.steps[name] = 0

        def step(n: int) -> None:
            self.steps[name] += n

        yield step


@dataclass
class Played:
    scenario: Scenario
    folder: Path
    bundle: Path
    stages: Stages

    def audit(self) -> Outcome:
        return audit_file(self.bundle, AuditOptions())


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder, stages = tmp_path_factory.mktemp("demo"), Stages()
    vote = scenario.replay(TABLE, "t.csv", RULES, body="Hội đồng", date="2026-01-01")
    with workers(1) as pool:
        bundle = one_process.play(vote, folder, pool, stages.show)
    return Played(vote, folder, bundle, stages)


def test_counts_come_out(played: Played):
    """The record audits clean, and its totals are those of the table."""
    outcome = played.audit()

    assert outcome.error is None
    audit = outcome.to_json()
    assert [list(o["counts"].values()) for o in audit["results"]] == [
        [3, 2, 1, 0], [0, 5, 0, 1], [0, 0, 6, 0],
    ]  # fmt: skip
    assert [o["name"] for o in audit["results"]] == ["A", "B", "C"]
    assert audit["counts"] == dict.fromkeys(audit["counts"], 6)


def test_what_is_left_in_the_folder(played: Played):
    """The archive and exactly one bundle of the same session."""
    names = sorted(path.name for path in played.folder.iterdir())

    assert names == [f"{played.bundle.name[:16]}.bel", played.bundle.name]
    assert audited((played.folder / names[0]).read_bytes()).result == [
        [3, 2, 1], [0, 5, 0], [0, 0, 6],
    ]  # fmt: skip


def test_stages_are_told(played: Played):
    """Every stage is shown and goes to its end."""
    assert [name for name, _ in played.stages.shown_in_order] == [
        "seal", "checkin", "vote", "close", "tally", "publish",
    ]  # fmt: skip
    assert played.stages.steps == dict(played.stages.shown_in_order)


def test_it_says_that_it_is_an_exercise(played: Played):
    """A record of a demo cannot be taken for one of a real session."""
    setup = played.audit().report.setup
    assert setup is not None
    assert setup.election.parameters is not None

    assert setup.election.parameters.policy.rehearsal


def test_nobody_is_named_in_the_record(played: Played):
    """Neither in the archive nor beside it."""
    assert b"delegate " not in played.bundle.read_bytes()


@pytest.mark.tool
@pytest.mark.usefixtures("belenios_tool")
def test_stock_tool_agrees(played: Played):
    """The stock tool accepts the archive."""
    assert belenios.accepts(next(played.folder.glob("*.bel")))


def test_two_plays_have_nothing_in_common(played: Played, tmp_path: Path):
    """Everything is made afresh: uuid, keys, ballots."""
    with workers(1) as pool:
        second_bundle = one_process.play(played.scenario, tmp_path, pool, Stages().show)

    assert second_bundle.name != played.bundle.name
    first, second = (
        audit_file(path, AuditOptions()).report for path in (second_bundle, played.bundle)
    )
    assert first.setup is not None
    assert second.setup is not None
    assert first.setup.trustees.public_key != second.setup.trustees.public_key
    assert not {*first.setup.credentials} & {*second.setup.credentials}


def test_official_twice_is_refused(tmp_path: Path):
    """Two officials whom nobody could tell apart cannot be sealed; nothing is left behind."""
    twice = (OfficialCounts("A", "x", (5, 0, 0)), OfficialCounts("A", "x", (5, 0, 0)))
    vote = Scenario("b", "2026-01-01", RULES, twice, ((0, 0),) * 5)

    with workers(1) as pool, pytest.raises(Malformed, match=r"officials: .* stands twice"):
        one_process.play(vote, tmp_path, pool, Stages().show)

    assert list(tmp_path.iterdir()) == []
