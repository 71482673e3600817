"""The results as a workbook: the table of the report, and the numbers of ballots."""

from decimal import Decimal

from admin.documents import parts, spreadsheet
from admin.documents.minutes import Minutes
from admin.documents.spreadsheet import Cell
from admin.documents.wording import Phrases


def xlsx(count: Minutes) -> bytes:
    """A sheet of officials, counts as numbers and percentages as published; a sheet of ballots."""
    phrase = parts.phrases(count.style, count.regime, count.session_file.body)
    return spreadsheet.workbook(
        [
            (phrase("sheets.results"), _heads(count, phrase), _rows(count)),
            (phrase("sheets.ballots"), _ballot_heads(count, phrase), _ballots(count, phrase)),
        ]
    )


def _heads(count: Minutes, phrase: Phrases) -> list[str]:
    heads = [phrase("sheets.block")] if count.blocks else []
    heads += [phrase(f"table.{key}") for key in ("number", "name", "position")]
    for label in count.regime.labels_in("vi"):
        heads += [label, f"{label} (%)"]
    return [*heads, phrase("table.blank"), phrase("sheets.finding"), phrase("sheets.rule")]


def _rows(count: Minutes) -> list[list[Cell]]:
    headings = {
        i: block.heading
        for block, span in zip(count.blocks, count.spans, strict=False)
        for i in span
    }
    rows: list[list[Cell]] = []
    for i, line in enumerate(count.results["officials"]):
        row: list[Cell] = [headings[i]] if headings else []
        row += [i + 1, line["name"], line["position"]]
        for key in count.regime.level_keys:
            row += [line["counts"][key], share(line["percent"][key])]
        finding = line["finding"]
        if finding and not count.regime.states(finding["code"]):
            finding = None
        row += [line["counts"]["blank"], finding and finding["text"], finding and finding["rule"]]
        rows.append(row)
    return rows


def share(percent: str | None) -> Decimal | None:
    """A percentage as a number, as it was published."""
    return None if percent is None else Decimal(percent.replace(",", "."))


def _ballot_heads(count: Minutes, phrase: Phrases) -> list[str]:
    names = [name for name in ("electronic", "paper") if getattr(count, name) is not None]
    total = ["total"] if len(names) > 1 else []
    return [phrase("ballots.what"), *(phrase(f"ballots.{name}") for name in [*names, *total])]


def _ballots(count: Minutes, phrase: Phrases) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for block in range(len(count.piles)):
        if count.blocks:
            rows.append([count.blocks[block].heading])
        rows += [[phrase(f"ballots.{key}"), *line] for key, line in parts.numbers(count, block)]
    rows += _stock(count, phrase)
    rows += [
        [phrase("sheets.body"), count.session_file.body],
        [phrase("sheets.title"), count.session_file.title],
        [phrase("sheets.day"), count.day],
    ]
    if count.seal is not None:
        seal = count.seal
        rows.append([phrase("verification.code"), seal.code])
        rows.append([phrase("verification.opening"), seal.opening.code])
        rows.append([phrase("verification.closing"), seal.closing.code])
    width = 1 + len(count.channels) + (len(count.channels) > 1)
    return [row + [None] * (max(width, 2) - len(row)) for row in rows]


def _stock(count: Minutes, phrase: Phrases) -> list[list[Cell]]:
    """Sheets of paper once, whatever their khối."""
    if count.paper is None:
        return []
    kinds, printed = len(count.piles), count.facts.printed
    numbers = (
        ("printed", None if printed is None else printed * kinds),
        ("exchanged", count.paper.exchanged),
        ("left", count.left),
    )
    return [[phrase(f"ballots.{key}"), number] for key, number in numbers]
