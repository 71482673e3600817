"""The parts that several papers share: masthead, numbers of ballots, results, verification."""

from collections.abc import Sequence
from typing import Final

from admin.documents.blocks import (
    Block,
    Closing,
    Column,
    Group,
    Head,
    Masthead,
    Paragraph,
    Signature,
    Table,
    Verification,
)
from admin.documents.facts import Facts
from admin.documents.layout import Style
from admin.documents.minutes import Minutes
from admin.documents.wording import Voice, amount, bare
from admin.rules.compute import OfficialResults
from admin.rules.regime import Regime
from admin.words import words

_NUMBER, _NAME, _COUNT, _SHARE, _BLANK = 10.0, 31.0, 12.0, 12.0, 14.5  # millimetres of columns
_FIGURE, _POINT = "\u2007", "\u2008"  # spaces as wide as a digit and as a comma
_DECIMALS: Final = 2
_HASH_GROUP: Final = 8


def voice(style: Style, regime: Regime) -> Voice:
    """The words of this session's papers."""
    return Voice(style, three="high" in regime.level_keys)


def masthead(
    say: Voice, facts: Facts, *, parent: str, issuer: str, number: str | None, date: str
) -> Masthead:
    """The top of a paper; without a number if None."""
    motto = words("letter.nation.motto", "vi") if say.style == "state" else ""
    return Masthead(
        parent=parent.upper(),
        issuer=issuer.upper(),
        star=say("star") if say.style == "party" else "",
        number="" if number is None else say(f"number_{say.style}", number=number),
        nation=words(f"letter.nation.{say.style}", "vi").upper(),
        motto=motto,
        date=say("place_date", place=facts.town or say("short_blank"), date=date),
    )


def attendance(minutes: Minutes, say: Voice) -> list[Block]:
    """Delegates, summoned, present, absent; the excused by name."""
    lines, excused = [], minutes.facts.excused
    if excused:
        absent = {"number": amount(minutes.absent), "excused": amount(len(excused))}
        lines.append(say("delegates.absent_excused", **absent))
        lines.append(say("delegates.excused", people=say.reasons(excused)))
    else:
        lines.append(say("delegates.absent", number=amount(minutes.absent)))
    return [*turnout(minutes, say), *(Paragraph(line) for line in lines)]


def turnout(minutes: Minutes, say: Voice) -> list[Block]:
    """How many there are, were called and came."""
    lines = (
        say(f"delegates.all_{say.style}", number=amount(minutes.delegates)),
        say("delegates.summoned", number=amount(minutes.summoned)),
        say("delegates.present", number=amount(minutes.attending))
        if not minutes.late
        else say(
            "delegates.present_late",
            number=amount(minutes.attending),
            late=amount(minutes.late),
        ),
    )
    return [Paragraph(line) for line in lines]


def ballots(minutes: Minutes, say: Voice) -> list[Block]:
    """How many ballots were issued, collected, valid: lines, or a table of the ways of voting.

    Each khối has ballots of its own; where their numbers are the same they are told once.
    """
    made: list[Block] = []
    alike = len(set(zip(*(column.piles for column in minutes.columns), strict=True))) == 1
    shown = minutes.blocks[:1] if alike else minutes.blocks
    for number, block in enumerate(shown or (None,)):
        if block is not None and not alike:
            heading = say("group", number=number + 1, heading=block.heading)
            made.append(Paragraph(f"{heading}:", held=True))
        made += _ballots(minutes, number, say)
    if minutes.uncounted:
        text = say("ballots.uncounted", number=amount(minutes.uncounted))
        made.append(Paragraph(text))
    return made


def numbers(minutes: Minutes, block: int) -> list[tuple[str, list[int | None]]]:
    """What was issued, collected and so on, of one khối: each way of voting, then their sum.

    With one way of voting there is no sum.
    """
    columns = minutes.columns
    rows: list[tuple[str, list[int | None]]] = [
        ("issued", [column.issued for column in columns]),
        ("collected", [column.piles[block].collected for column in columns]),
        ("valid", [column.piles[block].valid for column in columns]),
        ("invalid", [column.piles[block].invalid for column in columns]),
    ]
    if any(column.exchanged for column in columns):
        rows.append(("exchanged", [column.exchanged for column in columns]))
    if any(column.unused is not None for column in columns):
        rows.append(("unused", [column.unused for column in columns]))
    if len(columns) == 1:
        return rows
    return [(key, [*line, sum(number or 0 for number in line)]) for key, line in rows]


def _ballots(minutes: Minutes, block: int, say: Voice) -> list[Block]:
    rows = numbers(minutes, block)
    if len(minutes.columns) == 1:
        texts = [(say(f"ballots.{key}"), _cell(line[0], say)) for key, line in rows]
        return [Paragraph(say("ballots.line", what=what, number=n)) for what, n in texts]
    widths = (Column(0), Column(32, "right"), Column(32, "right"), Column(32, "right"))
    heads = tuple(Head(say(f"ballots.{key}")) for key in ("what", "electronic", "paper", "total"))
    cells = tuple(
        (say(f"ballots.{key}"), *(_cell(number, say) for number in line)) for key, line in rows
    )
    note = Paragraph(say("ballots.paper_note"), kind="note")
    return [Table(widths, (heads,), cells), note]


def results(minutes: Minutes, say: Voice, *, blanks: bool = True) -> list[Block]:
    """The table of officials, and what its percentages are of.

    Args:
        blanks: whether there is a column of blank lines even where there are none.
    """
    found, keys = minutes.results, minutes.regime.level_keys
    officials = found["officials"]
    shown = blanks and minutes.regime.blank.policy != "counts_as_no"
    shown = shown or any(line["counts"]["blank"] for line in officials)
    rows: list[tuple[int, OfficialResults] | Group] = []
    starts = _starts(minutes, say)
    for number, line in enumerate(officials, start=1):
        if number in starts:
            rows.append(Group(starts[number]))
        rows.append((number, line))
    table = table_of(rows, keys, say, blanks=shown)
    made: list[Block] = [Paragraph(denominator(minutes, say), kind="note", held=True), table]
    if minutes.regime.defaults:
        values = "; ".join(say(f"defaults.{name}") for name in minutes.regime.defaults)
        text = say("table.defaults", instrument=minutes.regime.instrument, values=values)
        made.append(Paragraph(text, kind="note"))
    return made


def table_of(
    lines: Sequence[tuple[int, OfficialResults] | Group],
    keys: Sequence[str],
    say: Voice,
    *,
    who: str = "table.name",
    blanks: bool = True,
) -> Table:
    """Numbered lines of results under the levels of their vote.

    Args:
        who: the words over the names.
        keys: of the levels, in the order of the ballot.
        blanks: whether there is a column of blank lines.
    """
    columns = [Column(_NUMBER, "center"), Column(_NAME), Column(0)]
    for _ in keys:
        columns += [Column(_COUNT, "right"), Column(_SHARE, "right")]
    top = [Head(say(key), down=2) for key in ("table.number", who, "table.position")]
    top += [Head(words(f"levels.{key}", "vi"), across=2) for key in keys]
    below = [Head(say(f"table.{key}")) for _ in keys for key in ("count", "percent")]
    if blanks:
        columns.append(Column(_BLANK, "right"))
        top.append(Head(say("table.blank"), down=2))
    rows = [
        line if isinstance(line, Group) else _row(*line, keys, say, blank=blanks) for line in lines
    ]
    return Table(tuple(columns), (tuple(top), tuple(below)), tuple(rows))


def denominator(minutes: Minutes, say: Voice) -> str:
    """What the percentages are of, with the rule that says so."""
    of, rule = minutes.results["denominator"], minutes.regime.denominator.rule
    kind = words(f"denominators.{of['kind']}", "vi")
    if of["value"] is None:
        return say("table.denominator_of_block", kind=kind, rule=rule)
    return say("table.denominator", kind=kind, value=amount(of["value"]), rule=rule)


def findings(minutes: Minutes, say: Voice) -> list[Block]:
    """Who a rule speaks of, in the words of the rule; the program decides nothing."""
    lines: list[Block] = []
    for number, line in enumerate(minutes.results["officials"], start=1):
        if (said := line["finding"]) is not None:
            text, rule = said["text"].rstrip("."), said["rule"]
            name = line["name"]
            line_text = say("findings.line", number=number, name=name, text=text, rule=rule)
            lines.append(Paragraph(line_text))
    return lines or [Paragraph(say("findings.none", instrument=minutes.regime.instrument))]


def excluded(minutes: Minutes, say: Voice) -> list[Block]:
    """Who of the list was not rated, with the reasons."""
    return [
        Paragraph(
            say(
                "excluded.line",
                person=", ".join(part for part in (one.name, one.position) if part),
                reason=one.reason.rstrip("."),
            )
        )
        for one in minutes.excluded
    ]


def verification(minutes: Minutes, say: Voice) -> list[Block]:
    """By what the paper is compared with the record; nothing where all voted on paper."""
    seal = minutes.seal
    if seal is None:
        return []
    said = say("verification.not_published") if seal.record is None else _grouped(seal.record)
    lines = [(say("verification.phi"), seal.phi), (say("verification.record"), said)]
    if seal.address:
        lines.append((say("verification.address"), seal.address))
    how = Paragraph(say("verification.how"), kind="note")
    return [Verification(tuple(lines), seal.address or seal.phi), how]


def closing(facts: Facts, say: Voice) -> Closing:
    """Recipients, and who signs: by default the committee's head."""
    if facts.signatory is not None:
        lines, name = facts.signatory.lines, bare(facts.signatory.name) or say.blank
    else:
        lines = (say(f"roles.for_committee_{say.style}"), say("roles.head"))
        name = bare(facts.committee[0].name) if facts.committee else say.blank
    upper = tuple(line.upper() for line in lines)
    listed = [name.rstrip(";.") for name in facts.recipients] or [say.blank]
    recipients = [say("recipients.line", name=one) for one in listed[:-1]]
    recipients.append(say("recipients.last", name=listed[-1]))
    strong = 1 if say.style == "party" else len(upper)
    signature = Signature(upper, name, strong)
    return Closing(say("recipients.label"), tuple(recipients), signature)


def _starts(minutes: Minutes, say: Voice) -> dict[int, str]:
    """The headings of the ballot papers, by the number of their first official."""
    spans = zip(minutes.blocks, minutes.spans, strict=False)
    return {
        span.start + 1: say("group", number=number, heading=block.heading)
        for number, (block, span) in enumerate(spans, start=1)
    }


def _row(
    number: int, line: OfficialResults, keys: Sequence[str], say: Voice, *, blank: bool
) -> tuple[str, ...]:
    cells = [str(number), line["name"], line["position"]]
    for key in keys:
        percent = line["percent"][key]
        cells.append(_cell(line["counts"][key], say))
        cells.append(say("table.unknown") if percent is None else _aligned(percent))
    return (*cells, _cell(line["counts"]["blank"], say)) if blank else tuple(cells)


def _cell(number: int | None, say: Voice) -> str:
    return say("table.unknown") if number is None else amount(number)


def _aligned(percent: str) -> str:
    """With spaces for the decimals that are not written: commas stand under each other."""
    whole, comma, decimals = percent.partition(",")
    spaces = _FIGURE * (_DECIMALS - len(decimals))
    return f"{whole}{comma or _POINT}{decimals}{spaces}"


def _grouped(digest: str) -> str:
    pieces = range(0, len(digest), _HASH_GROUP)
    return " ".join(digest[start : start + _HASH_GROUP] for start in pieces)
