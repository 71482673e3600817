"""The long run: forged records before every program that must refuse them.

    python -m tests.attacks.forgeries [--number 600] [--seed 1] [--record]

What was judged already with the same seed is kept. Ends with 1 where a forgery passes, or is
refused by another check than it should be.
"""

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from admin.record import belenios
from crypto.encoding import sha256
from crypto.errors import Incomplete
from tests import evidence
from tests.attacks.forgeries import By, Forgery, judges
from tests.attacks.forgeries.catalogue import chosen, every
from tests.attacks.forgeries.world import bundled, honest
from tests.interop.page import VITE, Page, started
from tests.testkit import UUID

PART: Final = "forgeries"
ABSENT: Final = "–"
EVERY: Final = 20  # a line of progress after so many


def main() -> int:
    arguments = _arguments()
    lines = evidence.Lines(f"{PART}-{arguments.seed}")
    forgeries = every()
    wanted = chosen(arguments.number, arguments.seed, forgeries)
    with tempfile.TemporaryDirectory(prefix="phieukin-") as folder:
        if shutil.which("node") is None or not VITE.exists():
            print("forgeries: no node, or no packages of the page: the page judges nothing")
            _run(wanted, lines, None, Path(folder))
        else:
            with started(Path(folder) / "exchange") as page:
                _run(wanted, lines, page, Path(folder))
    wrong = [line for line in lines.lines.values() if not right(line)]
    for line in wrong:
        print("WRONG", line)
    if arguments.record:
        evidence.record(PART, _document(lines, len(forgeries), arguments.seed))
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.forgeries", description=__doc__)
    parser.add_argument("--number", type=int, default=600, help="of forgeries")
    parser.add_argument("--seed", type=int, default=1, help="that chooses them")
    parser.add_argument("--record", action="store_true", help="write docs/evidence.md")
    return parser.parse_args()


def _run(wanted: Sequence[Forgery], lines: evidence.Lines, page: Page | None, folder: Path) -> None:
    same, tool = sha256(honest().archive), _tool()
    path = folder / f"{UUID}.phieukin.zip"
    path.write_bytes(bundled())
    accepted = judge(bundled(), path, page)
    refusals = {verdict for verdict in accepted.values() if verdict not in (ABSENT, judges.HOLDS)}
    assert not refusals, f"the honest record is refused: {accepted}"
    for number, forgery in enumerate(wanted, start=1):
        kept = lines.lines.get(forgery.name)
        if kept and (kept["stranger"] != ABSENT or not judges.stranger_is_there()):
            continue
        began, raw = time.monotonic(), forgery.record()
        path.write_bytes(raw)
        if kept:  # judged before there was a stranger
            kept |= {"stranger": judges.by_stranger(path)}
            lines.add(kept | {"seconds": round(kept["seconds"] + time.monotonic() - began, 2)})
            continue
        line = {"name": forgery.name, "by": forgery.by.name, "expected": forgery.expected}
        line |= judge(raw, path, page) | {"tool": judges.by_tool(raw, same) if tool else ABSENT}
        lines.add(line | {"seconds": round(time.monotonic() - began, 2)})
        if number % EVERY == 0 or not right(line):
            print(f"{number} of {len(wanted)}", "" if right(line) else line, flush=True)


def judge(raw: bytes, path: Path, page: Page | None, *, stranger: bool = True) -> dict[str, str]:
    """What each program says of one record."""
    asked = stranger and judges.stranger_is_there()
    by_stranger = judges.by_stranger(path) if asked else ABSENT
    by_page = judges.by_page(page, path) if page else ABSENT
    return {"python": judges.by_python(raw), "page": by_page, "stranger": by_stranger}


def right(line: evidence.Line) -> bool:
    """Refused by each that judged it, at the check that was meant."""
    outcome = str(line["python"])
    check = outcome.rpartition(" ")[2]
    others = {line["page"], line["stranger"]} - {ABSENT}
    return bool(re.fullmatch(line["expected"], outcome)) and others <= {check}


def _verdicts(line: evidence.Line) -> list[str]:
    return [line[judge_] for judge_ in ("python", "page", "stranger")]


def _tool() -> bool:
    try:
        belenios.find()
    except Incomplete as error:
        print(f"forgeries: {error}: nothing is said of the stock tool")
        return False
    return True


# --- docs/evidence.md


def _document(lines: evidence.Lines, known: int, seed: int) -> list[str]:
    judged = list(lines.lines.values())
    seconds = sum(line["seconds"] for line in judged)
    text = evidence.heading(seed, seconds)
    passed = sum(judges.HOLDS in _verdicts(line) for line in judged)
    elsewhere = [line["name"] for line in judged if not right(line)]
    text += [
        (
            f"{len(judged)} of {known} forgeries were judged; {passed} passed a program of those "
            f"that must refuse, {len(elsewhere)} were refused by one of them at another check than "
            f"was meant: {', '.join(f'`{name}`' for name in elsewhere) or ABSENT}."
        ),
        "",
    ]
    head = ("who forges", "records", "our audit refuses", "the page", "the stranger")
    rows = [(by.value, *_refused(line for line in judged if line["by"] == by.name)) for by in By]
    text += evidence.table(head, rows)
    return text + _stock(judged)


def _refused(lines: Iterable[evidence.Line]) -> list[object]:
    those = list(lines)
    columns: list[object] = [len(those)]
    for judge_ in ("python", "page", "stranger"):
        asked = [line for line in those if line[judge_] != ABSENT]
        refused = sum(line[judge_] != judges.HOLDS for line in asked)
        columns.append(f"{refused} of {len(asked)}" if asked else ABSENT)
    return columns


def _stock(judged: Sequence[dict[str, Any]]) -> list[str]:
    """What `belenios-tool` says, by the check of ours that refuses."""
    rows = []
    checks = dict.fromkeys(str(line["python"]).rpartition(" ")[2] for line in judged)
    for check in sorted(checks):
        those = [line for line in judged if str(line["python"]).endswith(f" at {check}")]
        verdicts = [line["tool"] for line in those]
        numbers = [verdicts.count(word) for word in ("refuses", "passes", "same archive")]
        others = len(verdicts) - sum(numbers)
        rows.append((f"`{check}`", len(those), *numbers, others))
    passed = sorted(line["name"] for line in judged if line["tool"] == "passes")
    names = [f"- `{name}`" for name in passed]
    head = ("our check", "records", "the tool refuses", "it passes", "outside its archive", "none")
    return [
        (
            "What `belenios-tool election verify` and `verify-ballot` say of the archive in the "
            "same records. *Outside its archive*: the forged file is one that it does not read. "
            "*None*: there is no archive to show it."
        ),
        "",
        *evidence.table(head, rows),
        f"Archives that the tool passes and we refuse ({len(passed)}):",
        "",
        *names,
    ]


if __name__ == "__main__":
    sys.exit(main())
