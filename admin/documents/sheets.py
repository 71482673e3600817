"""The results as a workbook: the table of the report, and the numbers of ballots."""

from admin.documents import consolidated, parts
from admin.documents.consolidated import Cell
from admin.documents.minutes import Minutes
from admin.documents.wording import Voice
from admin.words import words


def xlsx(minutes: Minutes) -> bytes:
    """A sheet of officials, counts as numbers and percentages as published; a sheet of ballots."""
    say = parts.voice(minutes.style, minutes.regime)
    return consolidated.workbook(
        [
            (say("sheets.results"), _heads(minutes, say), _rows(minutes)),
            (say("sheets.ballots"), _ballot_heads(minutes, say), _ballots(minutes, say)),
        ]
    )


def _heads(minutes: Minutes, say: Voice) -> list[str]:
    heads = [say("sheets.block")] if minutes.blocks else []
    heads += [say(f"table.{key}") for key in ("number", "name", "position")]
    for key in minutes.regime.level_keys:
        label = words(f"levels.{key}", "vi")
        heads += [label, f"{label} (%)"]
    return [*heads, say("table.blank"), say("sheets.finding"), say("sheets.rule")]


def _rows(minutes: Minutes) -> list[list[Cell]]:
    headings = {
        i: block.heading
        for block, span in zip(minutes.blocks, minutes.spans, strict=False)
        for i in span
    }
    rows: list[list[Cell]] = []
    for i, line in enumerate(minutes.results["officials"]):
        row: list[Cell] = [headings[i]] if headings else []
        row += [i + 1, line["name"], line["position"]]
        for key in minutes.regime.level_keys:
            row += [line["counts"][key], line["percent"][key]]
        said = line["finding"]
        row += [line["counts"]["blank"], said and said["text"], said and said["rule"]]
        rows.append(row)
    return rows


def _ballot_heads(minutes: Minutes, say: Voice) -> list[str]:
    names = [name for name in ("electronic", "paper") if getattr(minutes, name) is not None]
    total = ["total"] if len(names) > 1 else []
    return [say("ballots.what"), *(say(f"ballots.{name}") for name in [*names, *total])]


def _ballots(minutes: Minutes, say: Voice) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for block in range(len(minutes.piles)):
        if minutes.blocks:
            rows.append([minutes.blocks[block].heading])
        rows += [[say(f"ballots.{key}"), *line] for key, line in parts.numbers(minutes, block)]
    rows += [
        [say("sheets.body"), minutes.body],
        [say("sheets.title"), minutes.title],
        [say("sheets.day"), minutes.day.strftime("%d/%m/%Y")],
    ]
    if minutes.seal is not None:
        rows.append([say("sheets.phi"), minutes.seal.phi])
    width = 1 + len(minutes.columns) + (len(minutes.columns) > 1)
    return [row + [None] * (max(width, 2) - len(row)) for row in rows]
