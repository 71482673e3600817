"""``phieukin results compute``, its table, and the manners every command shares."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from admin.cli import console, main
from admin.cli.results import compute_command
from admin.cli.table import results_table, share_out
from admin.rules import regime
from admin.rules.compute import OfficialCounts, Results, Turnout, compute
from storage.errors import BookHeld
from tests.admin.record.test_levels import own
from tests.admin.rules.test_labels import WORDS

ROOT = Path(__file__).parents[3]
EXAMPLE = str(resources.files("admin") / "examples" / "hdnd_tphcm_2023_12_07.csv")
COMPUTE = ["results", "compute", "--regime", "nq96-2023", "--counts", EXAMPLE]


@pytest.fixture(autouse=True)
def _english(monkeypatch):
    monkeypatch.setenv("PHIEUKIN_LANG", "en")
    monkeypatch.setenv("COLUMNS", "80")


def call(*args: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in this process, as one of its own would end."""
    stdout, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(stdout), redirect_stderr(err):
        for name, value in environment.items():
            patch.setenv(name, value)
        status = main.run(args)
    return subprocess.CompletedProcess(args, status, stdout.getvalue(), err.getvalue())


def example() -> Results:
    document: Results = json.loads(call(*COMPUTE, "--collected", "81", "--json").stdout)
    return document


# -- the command ----------------------------------------------------------------------------------


def test_json_is_the_only_thing_on_stdout():
    command = [sys.executable, "-m", "admin.cli.main", *COMPUTE, "--issued", "81"]
    ran = subprocess.run(
        [*command, "--collected", "81", "--json"], cwd=ROOT, capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    document = json.loads(ran.stdout)
    assert (document["schema"], document["regime"]) == ("phieukin.results/1", "nq96-2023")
    assert document["denominator"] == {"kind": "collected", "value": 81}
    assert len(document["officials"]) == 18
    assert document["officials"][0] == {
        "name": "Nguyễn Thị Lệ",
        "position": "Chủ tịch HĐND",
        "counts": {"high": 73, "medium": 6, "low": 2, "blank": 0},
        "percent": {"high": "90,12", "medium": "7,41", "low": "2,47"},
        "finding": None,
    }


def test_the_document_does_not_depend_on_the_language(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("ho_ten,chuc_vu,cao,tin_nhiem,thap\nA,B,0,0,9\n", encoding="utf-8")
    args = [
        "results",
        "compute",
        "--regime",
        "nq96-2023",
        "--counts",
        str(path),
        "--collected",
        "9",
    ]
    made = [call(*args, "--json", PHIEUKIN_LANG=lang).stdout for lang in ("vi", "en")]
    assert made[0] == made[1]
    assert json.loads(made[0])["officials"][0]["finding"]["code"] == "low_two_thirds"


def test_clicks_own_runner_can_run_it():
    console.begin()
    args = [*COMPUTE, "--collected", "81"]
    result = CliRunner().invoke(main.program(args), args)
    assert result.exit_code == 0, result.output
    assert "Lê Thị Huỳnh Mai" in result.stdout
    assert "\x1b" not in result.stdout


def test_counts_may_come_from_stdin():
    ran = subprocess.run(
        [sys.executable, "-m", "admin.cli.main", *COMPUTE[:-1], "-", "--collected", "81", "--json"],
        cwd=ROOT,
        input=Path(EXAMPLE).read_bytes(),
        capture_output=True,
        check=True,
    )
    assert len(json.loads(ran.stdout)["officials"]) == 18


def test_the_total_behind_published_percentages_is_found(capsys):
    data = Path(__file__).parents[1] / "rules" / "data" / "hdnd_tphcm_2023_12_07.csv"
    published = data.with_name("quoc_hoi_2018_10_25.csv")
    args = ["results", "compute", "--regime", "nq85-2014", "--infer", "--json", "--counts"]
    assert main.run([*args, str(published)]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["inferred"] == {"checked": 47, "denominators": [485]}
    assert document["denominator"] == {"kind": "delegates", "value": None}
    assert {official["percent"]["high"] for official in document["officials"]} == {None}
    assert main.run([*args, str(published), "--delegates", "494"]) == 0
    assert "494 does not reproduce" in capsys.readouterr().err
    assert main.run([*args, str(data)]) == 2
    assert "no pct_… column" in capsys.readouterr().err


def test_a_vote_of_two_levels(tmp_path, capsys):
    path = tmp_path / "c.csv"
    head = "stt,ho_ten,chuc_vu,tin_nhiem,khong_tin_nhiem,trong\n"
    path.write_text(f"{head}1,A,B,20,26,1\n2,C,D,,26,\n", encoding="utf-8")
    args = ["results", "compute", "--regime", "two-level", "--collected", "47", "--counts"]
    assert main.run([*args, str(path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    first, second = document["officials"]
    assert document["regime"] == "two-level-nq96"
    assert first["percent"] == {"confidence": "42,55", "no_confidence": "55,32"}
    assert first["finding"]["code"] == "no_confidence_over_half"
    assert second["counts"] == {"confidence": None, "no_confidence": 26, "blank": None}
    assert main.run([*args, str(path)]) == 0
    assert "what a blank line is" in capsys.readouterr().out
    assert main.run([*args, EXAMPLE]) == 3
    assert "column D (cao): there is no such column; those known are STT" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "status", "code", "told"),
    [
        ([*COMPUTE], 2, "usage", "--collected"),
        ([*COMPUTE, "--delegates", "95"], 2, "usage", "--collected"),
        ([*COMPUTE, "--collected", "-1"], 2, "usage", "--collected"),
        ([*COMPUTE, "--collected", "0"], 5, "refused", "row 2: Nguyễn Thị Lệ: 81 marks"),
        ([*COMPUTE, "--collected", "81", "--regime", "nq00"], 2, "usage", "nq85-2014, nq96-2023"),
        ([*COMPUTE, "--collected", "81", "--bogus"], 2, "usage", "--bogus"),
        (
            [*COMPUTE, "--collected", "81", "--counts", "/nowhere/x.csv"],
            2,
            "unreadable_path",
            "x.csv",
        ),
        ([*COMPUTE, "--collected", "81", "--regime", "no.toml"], 2, "unreadable_path", "no.toml"),
        ([*COMPUTE, "--collected", "81", "--counts", __file__], 3, "bad_table", "row 1"),
        ([*COMPUTE, "--collected", "80"], 5, "refused", "row 2: Nguyễn Thị Lệ: 81 marks"),
        ([*COMPUTE, "--collected", "82", "--issued", "81"], 5, "refused", "issued 81"),
    ],
)
def test_every_no_has_its_status_a_hint_and_a_document(capsys, args, status, code, told):
    assert main.run(args) == status
    stdout, err = capsys.readouterr()
    assert stdout == ""
    assert err.startswith("phieukin: error: ")
    assert told in err
    assert "\nphieukin: hint: " in err
    assert main.run([*args, "--json"]) == status
    printed = json.loads(capsys.readouterr().out)
    assert (printed["schema"], printed["ok"], printed["code"]) == ("phieukin.error/1", False, code)
    assert told in printed["detail"]


# -- the manners of every command -----------------------------------------------------------------


def test_the_global_options_may_stand_before_and_after_the_subcommand(capsys, tmp_path):
    for args in (
        ["--json", "--data", str(tmp_path), *COMPUTE, "--collected", "81"],
        [*COMPUTE, "--collected", "81", "--data", str(tmp_path), "--json"],
        ["results", "--json", "--data", str(tmp_path), *COMPUTE[1:], "--collected", "81"],
    ):
        assert main.run(args) == 0
        json.loads(capsys.readouterr().out)
        assert console.settings().data == tmp_path


def test_an_option_on_the_line_outweighs_the_environment(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("PHIEUKIN_DATA", str(tmp_path))
    assert main.run([*COMPUTE, "--collected", "81"]) == 0
    assert console.settings().data == tmp_path
    assert main.run(["--data", "/else", *COMPUTE, "--collected", "81"]) == 0
    assert console.settings().data == Path("/else")
    capsys.readouterr()


def test_help_ends_with_the_exit_statuses():
    ran = call("--help")
    assert ran.returncode == 0
    assert ran.stdout.rstrip().endswith("6  not reachable")
    assert "\u0110" not in ran.stdout
    assert "Mã thoát" in call("--help", PHIEUKIN_LANG="vi").stdout


def test_the_version_is_told_without_loading_a_subcommand():
    code = (
        "import sys; from admin.cli import main; main.run(['--version']);"
        "sys.exit(any(name in sys.modules for name in ('rich', 'pydantic', 'admin.cli.results')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert ran.returncode == 0
    assert ran.stdout.startswith(b"phieukin ")


def broken(error: Exception) -> Callable[..., None]:
    def fail(**_options: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ValueError("secret 1234"), 1, "internal_error"),
        (ConnectionRefusedError("nobody there"), 6, "not_reachable"),
        (TimeoutError("too slow"), 6, "not_reachable"),
        (BookHeld(110, "secret"), 6, "book_held"),
        (PermissionError(13, "Permission denied", "/x"), 2, "unreadable_path"),
        (OSError(28, "secret No space left on device"), 2, "unreadable_path"),
        (OSError(9, "Bad file descriptor"), 1, "internal_error"),
    ],
)
def test_unexpected_errors_are_told_without_their_text(capsys, monkeypatch, error, status, code):
    monkeypatch.setattr(compute_command, "callback", broken(error))
    assert main.run([*COMPUTE, "--json"]) == status
    stdout, err = capsys.readouterr()
    assert json.loads(stdout)["code"] == code
    assert "secret" not in err
    assert "Traceback" not in err
    assert main.run([*COMPUTE, "--debug"]) == status
    assert "Traceback" in capsys.readouterr().err


def test_progress_is_a_plain_line_where_there_is_no_terminal(capsys):
    console.begin()
    with console.progress("Counting", 3) as advance:
        advance(1)
        advance(2)
    assert capsys.readouterr() == ("", "Counting (3)\n")
    console.configure(quiet=True)
    with console.progress("Counting", 3) as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")


def test_nobody_is_asked_without_a_terminal(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    with pytest.raises(Exception, match="a person at a terminal"):
        console.confirm("Close the session?", "yes")


# -- the table ------------------------------------------------------------------------------------


def drawn(results: Results, width: int, rules: regime.Regime | None = None) -> str:
    screen = Console(file=io.StringIO(), width=width, force_terminal=False)
    with screen.capture() as captured:
        screen.print(results_table(results, rules or regime.load("nq96-2023")))
    return captured.get()


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_table_keeps_every_number_and_bar_whole(monkeypatch, lang, width):
    monkeypatch.setenv("PHIEUKIN_LANG", lang)
    results = example()
    text = drawn(results, width)
    assert max(map(len, text.splitlines())) <= width
    for official in results["officials"]:
        for percent in official["percent"].values():
            assert f"{percent}%" in text
    bars = [line for line in text.splitlines() if "█▓" in line or "█░" in line]
    assert len(bars) == 18
    cells = 14 if width < 110 else 20
    assert all(sum(line.count(glyph) for glyph in "█▓░·") == cells for line in bars)


def test_a_finding_is_marked_and_its_rule_stands_below_once(monkeypatch):
    rows = [OfficialCounts(f"Ông {name}", "Giám đốc", (10, 10, 27)) for name in "AB"]
    results = compute(regime.load("nq96-2023"), rows, Turnout(collected=47))
    text = " ".join(drawn(results, 120).split())
    assert text.count("→ More than half low confidence [1]") == 2
    assert text.count("[1] More than half but less than two thirds") == 1
    assert "Rule: Điều 12 Nghị quyết số 96/2023/QH15." in text
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    assert "có thể xin từ chức" in " ".join(drawn(results, 80).split())


def test_the_words_are_those_of_the_rules(monkeypatch):
    """Of a body's own rules, and of an election that is not ours its answers."""
    monkeypatch.setenv("PHIEUKIN_LANG", "vi")
    rules = own().rules
    assert rules is not None
    results = compute(rules, [OfficialCounts("A", "B", (40, 20, 40))], Turnout(collected=100))
    text = " ".join(drawn(results, 200, rules).split())
    assert all(label in text for label in WORDS.values())
    assert "Tín nhiệm thấp" not in text
    stock = json.loads(json.dumps(results).replace('"low"', '"Không đạt"'))
    screen = Console(file=io.StringIO(), width=200)
    with screen.capture() as captured:
        screen.print(results_table(stock, None))
    assert "Không đạt" in captured.get()


def test_names_are_printed_and_not_interpreted():
    rows = [OfficialCounts("[bold]A[/bold]", "[link=x]B", (3, 0, 0))]
    text = drawn(compute(regime.load("nq96-2023"), rows, Turnout(collected=3)), 100)
    assert "[bold]A[/bold]" in text
    assert "[link=x]B" in text


def test_unknown_counts_have_a_dash_and_no_bar():
    rows = [OfficialCounts("A", "B", (44, None, None))]
    text = drawn(compute(regime.load("nq96-2023"), rows, Turnout(collected=81)), 80)
    assert "–" in text
    assert text.count("█") == 2  # the legend


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=4), st.integers(0, 200), st.integers(8, 40)
)
def test_a_bar_shows_every_part_and_is_as_long_as_its_sum(parts, rest, width):
    whole = sum(parts) + rest
    if whole == 0:
        return
    cells = share_out(parts, whole, width)
    visible = sum(part > 0 for part in parts)
    exact = (2 * sum(parts) * width + whole) // (2 * whole)
    assert all((cell > 0) == (part > 0) for part, cell in zip(parts, cells, strict=True))
    assert sum(cells) == max(exact, visible)
