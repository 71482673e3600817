"""The parts that several documents share: masthead, numbers of ballots, results, verification."""

from collections.abc import Sequence
from typing import Final

from admin.documents.elements import (
    Banner,
    Closing,
    Element,
    GroupRow,
    Head,
    Heading,
    Masthead,
    Paragraph,
    SignaturePlace,
    Table,
    TableColumn,
    Title,
    Verification,
)
from admin.documents.facts import MeetingFacts, Participant
from admin.documents.layout import Style
from admin.documents.minutes import Minutes, RecordSeal
from admin.documents.wording import Phrases, amount, bare, padded
from admin.documents.wording import issuer as issued_by
from admin.record.session_file import SessionFile
from admin.rules.compute import DenominatorValue, Finding, OfficialResults
from admin.rules.regime import Regime
from admin.words import words

_NUMBER, _NAME, _COUNT, _SHARE, _BLANK = 10.0, 31.0, 12.0, 12.0, 14.5  # millimetres of columns
_FIGURE, _POINT = "\u2007", "\u2008"  # spaces as wide as a digit and as a comma
_DECIMALS: Final = 2
_FEW: Final = 2  # khối whose ballots are told in lines
_BALLOTS: Final = 22.0  # millimetres of a column of ballots
_BRIEF: Final = ("issued", "collected", "valid")  # for the public
_HASH_GROUP: Final = 8
_WHOLE: Final = 5  # khối whose ballots stand in one table, on one page
# How the heading of a khối begins that names an office, or offices, and no body.
_OFFICES: Final = (
    *("Chủ tịch", "Phó ", "Ủy viên", "Trưởng ", "Chủ nhiệm", "Thủ tướng", "Bộ trưởng", "Chánh "),
    *("Viện trưởng", "Tổng ", "Bí thư", "Giám đốc"),
)
_RATING, _CONFIDENCE = "lấy phiếu", "bỏ phiếu"  # how the title of rules begins
CONFERENCE: Final = "Hội nghị"  # how the name of a body begins that is itself a meeting
_ASSEMBLIES: Final = ("Quốc hội", "Hội đồng nhân dân")
# Whose members are counted, by how the name of a Party body begins.
_MEMBERS: Final = {
    "Ban Chấp hành": "executive",
    "Tỉnh ủy": "executive",
    "Thành ủy": "executive",
    "Đảng ủy": "executive",
    "Ban Thường vụ": "standing",
}


def phrases(style: Style, regime: Regime, body: str) -> Phrases:
    """The words of this session's documents."""
    assembly = style == "state" and body.startswith(_ASSEMBLIES)
    return Phrases(style, three=rates(regime), assembly=assembly)


def rates(regime: Regime) -> bool:
    """Whether the vote is called lấy phiếu, as the rules' title says; else by their levels."""
    called = regime.title.vi.casefold()
    return called.startswith(_RATING) or (
        "high" in regime.level_keys and not called.startswith(_CONFIDENCE)
    )


def issuer(facts: MeetingFacts, body: str, style: Style) -> tuple[str, str]:
    """The organisation above the body, empty where nobody has said; by what name the body issues.

    A conference is no office: its papers are those of the organisation that called it.
    """
    if facts.parent and body.startswith(CONFERENCE):
        return "", facts.parent
    name = issued_by(body, style)
    above = "" if facts.issuer else facts.parent or ""
    return ("" if above.casefold() == name.casefold() else above), name


def masthead(
    phrase: Phrases, facts: MeetingFacts, *, parent: str, issuer: str, number: str | None, date: str
) -> Masthead:
    """The top of a document; without a number if None, without place and date if `date` is empty.

    Minutes have no place and date at the top: their text says when and where.
    """
    motto = words("letter.nation.motto", "vi") if phrase.style == "state" else ""
    return Masthead(
        parent=parent.upper(),
        issuer=issuer.upper(),
        star=phrase("star") if phrase.style == "party" else "",
        number="" if number is None else phrase(f"number_{phrase.style}", number=number),
        nation=words(f"letter.nation.{phrase.style}", "vi").upper(),
        motto=motto,
        date=phrase("place_date", place=facts.town or phrase("short_blank"), date=date)
        if date
        else "",
    )


def top(
    phrase: Phrases, masthead: Masthead, name: str, about: tuple[str, ...], *, rehearsal: bool
) -> list[Element]:
    """Masthead and title; over them a banner where the vote was only an exercise.

    Args:
        name: the key of the document's name.
        about: lines under the name.
    """
    *banner, title_of = title(phrase, name, about, rehearsal=rehearsal)
    return [*banner, masthead, title_of]


def title(phrase: Phrases, name: str, about: tuple[str, ...], *, rehearsal: bool) -> list[Element]:
    """The same without a masthead, over a text that is only read aloud."""
    banner = [Banner(words("cli.audit.rehearsal", "vi"))] if rehearsal else []
    dashes = phrase("dashes") if phrase.style == "party" else ""
    return [*banner, Title(phrase(name).upper(), about, dashes)]


def numbered(
    phrase: Phrases, headings: str, chapters: Sequence[tuple[str, list[Element]]]
) -> list[Element]:
    """The chapters that have content, each after its heading with a Roman number.

    Args:
        headings: the table of the catalogue that has the headings, by the chapters' keys.
    """
    full = [(key, elements) for key, elements in chapters if elements]
    return [
        element
        for number, (key, elements) in enumerate(full, start=1)
        for element in (Heading(phrase.chapter(number, f"{headings}.{key}")), *elements)
    ]


def attendance(count: Minutes, phrase: Phrases) -> list[Element]:
    """Delegates, summoned, present, absent; the excused by name."""
    excused = count.facts.excused or ()
    facts = {"number": padded(count.absent), "excused": padded(len(excused))}
    if not excused:
        lines = [phrase(f"delegates.absent_{phrase.style}", **facts)]
    elif phrase.style == "state":
        lines = [
            phrase("delegates.absent_excused_state", **facts),
            phrase("delegates.excused_state", people=phrase.reasons(excused)),
        ]
    else:
        all_of_them = "all" if len(excused) == count.absent else "some"
        key = f"delegates.absent_{all_of_them}_party"
        lines = [phrase(key, people=phrase.reasons(excused), **facts)]
    return [*turnout(count, phrase), *map(Paragraph, lines)]


def turnout(count: Minutes, phrase: Phrases) -> list[Element]:
    """How many there are, were called and came."""
    body = count.session_file.body
    if phrase.style == "party":
        names = (key for start, key in _MEMBERS.items() if body.startswith(start))
        whose = phrase(f"delegates.members.{next(names, 'others')}")
        everybody = phrase("delegates.all_party", number=padded(count.members), members=whose)
    else:
        key = f"delegates.all_{phrase.gathers}"
        everybody = phrase(key, number=padded(count.members), body=body)
    late = "_late" if count.late else ""
    numbers = {"number": padded(count.attending), "late": padded(count.late)}
    lines = (
        everybody,
        phrase(f"delegates.summoned_{phrase.style}", number=padded(count.summoned)),
        phrase(f"delegates.present{late}_{phrase.style}", **numbers),
    )
    return [Paragraph(line) for line in lines]


def ballots(count: Minutes, phrase: Phrases, *, brief: bool = False) -> list[Element]:
    """How many ballots were issued, collected, valid: lines, or a table of the ways of voting.

    Each khối has ballots of its own; where their numbers are the same they are told once. What
    became of the printed ballots is told once for all of them.

    Args:
        brief: only what was issued, collected and valid.
    """
    lines: list[Element] = []
    if len(set(zip(*(channel.piles for channel in count.channels), strict=True))) == 1:
        lines += _ballots(count, 0, phrase, brief=brief)
    elif len(count.blocks) > _FEW or (len(count.channels) > 1 and not brief):
        lines += _by_block(count, phrase, brief=brief)
    else:
        for number, block in enumerate(count.blocks):
            text = phrase("ballots.of_block", number=number + 1, heading=whom(block.heading))
            lines.append(Paragraph(text, sticky=True))
            lines += _ballots(count, number, phrase, brief=brief)
    if count.uncounted:
        text = phrase("ballots.uncounted", number=padded(count.uncounted))
        lines.append(Paragraph(text))
    return lines if brief else [*lines, *stock(count, phrase)]


def whom(heading: str) -> str:
    """Whom a khối's ballot is about, after *đối với*: an office by its name, others as a khối."""
    name = heading.removeprefix("Khối ").removeprefix("khối ")
    return name if name.startswith(_OFFICES) else f"khối {name}"


def stock(count: Minutes, phrase: Phrases) -> list[Element]:
    """Ballots printed, issued, spoiled and left: every sheet of paper once, whatever its khối."""
    paper = count.paper
    if paper is None:
        return []
    kinds, left = len(count.piles), count.left
    printed, blank = count.facts.printed, phrase("short_blank")
    text = phrase(
        "ballots.stock" if kinds == 1 else "ballots.stock_of_all",
        kinds=padded(kinds),
        printed=blank if printed is None else padded(printed * kinds),
        issued=padded(paper.issued * kinds),
        spoiled=phrase("ballots.spoiled", number=padded(paper.exchanged))
        if paper.exchanged
        else "",
        left=blank if left is None else padded(left),
    )
    lines = [Paragraph(text)]
    if paper.unused:
        lines.append(Paragraph(phrase("ballots.returned", number=padded(paper.unused))))
    return [*lines]


def counted(count: Minutes, phrase: Phrases) -> list[Element]:
    """What ties these numbers to the result file for the office above; nothing without paper.

    An electronic session is tied to its record.
    """
    if count.paper is None or not count.counts:
        return []
    return [Paragraph(phrase("ballots.counts", digest=grouped(count.counts)), kind="note")]


def numbers(count: Minutes, block: int) -> list[tuple[str, list[int | None]]]:
    """What was issued, collected, valid and invalid of one khối: each way of voting, their sum.

    With one way of voting there is no sum.
    """
    channels = count.channels
    rows: list[tuple[str, list[int | None]]] = [
        ("issued", [channel.issued for channel in channels]),
        ("collected", [channel.piles[block].collected for channel in channels]),
        ("valid", [channel.piles[block].valid for channel in channels]),
        ("invalid", [channel.piles[block].invalid for channel in channels]),
    ]
    if len(channels) == 1:
        return rows
    return [(key, [*line, sum(number or 0 for number in line)]) for key, line in rows]


def _ballots(count: Minutes, block: int, phrase: Phrases, *, brief: bool) -> list[Element]:
    rows = [row for row in numbers(count, block) if not brief or row[0] in _BRIEF]
    if len(count.channels) == 1 or brief:
        texts = [(phrase(f"ballots.{key}"), padded(line[-1] or 0)) for key, line in rows]
        return [Paragraph(phrase("ballots.line", what=what, number=n)) for what, n in texts]
    widths = (
        TableColumn(0),
        TableColumn(32, "right"),
        TableColumn(32, "right"),
        TableColumn(32, "right"),
    )
    heads = tuple(
        Head(phrase(f"ballots.{key}")) for key in ("what", "electronic", "paper", "total")
    )
    cells = tuple(
        (phrase(f"ballots.{key}"), *(_cell(number, phrase) for number in line))
        for key, line in rows
    )
    note = Paragraph(phrase("ballots.paper_note"), kind="note")
    return [Table(widths, (heads,), cells), note]


def _by_block(count: Minutes, phrase: Phrases, *, brief: bool) -> list[Element]:
    """The same as one table for many khối, or for some with several ways of voting."""
    ways = [name for name in ("electronic", "paper") if getattr(count, name) is not None]
    rows: list[tuple[str, ...] | GroupRow] = []
    for number, block in enumerate(count.blocks):
        lines = [line for key, line in numbers(count, number) if not brief or key in _BRIEF]
        heading = phrase("group", number=number + 1, heading=block.heading)
        if brief or len(ways) == 1:
            rows.append((heading, *(_cell(line[-1], phrase) for line in lines)))
            continue
        rows.append(GroupRow(heading))
        # The last row names its kind of ballot: it may be the first on a page.
        labels = [phrase(f"ballots.{way}") for way in ways]
        labels.append(phrase("ballots.total_of", number=number + 1))
        for label, cells in zip(labels, zip(*lines, strict=True), strict=True):
            rows.append((label, *(_cell(amount_of, phrase) for amount_of in cells)))
    keys = [key for key, _ in numbers(count, 0) if not brief or key in _BRIEF]
    heads = [phrase("ballots.kind"), *(phrase(f"ballots.short.{key}") for key in keys)]
    columns = (TableColumn(0), *(TableColumn(_BALLOTS, "right") for _ in keys))
    whole = len(rows) <= _WHOLE
    table = Table(columns, (tuple(map(Head, heads)),), tuple(rows), whole=whole)
    if brief or count.paper is None or count.electronic is None:
        return [table]
    return [table, Paragraph(phrase("ballots.paper_note"), kind="note")]


def results(count: Minutes, phrase: Phrases, *, blanks: bool = True) -> list[Element]:
    """The table of officials, and what its percentages are of.

    Args:
        blanks: whether there is a column of blank lines, where they are not counted as no or
            there are some.
    """
    officials = count.results["officials"]
    of_their_own = count.regime.blank.policy != "counts_as_no"
    blanks = blanks and (of_their_own or any(line["counts"]["blank"] for line in officials))
    rows: list[tuple[int, OfficialResults] | GroupRow] = []
    starts = _starts(count, phrase)
    for number, line in enumerate(officials, start=1):
        if number in starts:
            rows.append(GroupRow(starts[number]))
        rows.append((number, _addressed(count, phrase, number, line)))
    table = table_of(rows, count.regime, phrase, blanks=blanks)
    of = Paragraph(
        denominator(count.results["denominator"], count.regime, phrase), kind="note", sticky=True
    )
    return [of, table]


def table_of(
    lines: Sequence[tuple[int, OfficialResults] | GroupRow],
    rules: Regime,
    phrase: Phrases,
    *,
    who: str = "table.name",
    blanks: bool = True,
) -> Table:
    """Numbered lines of results under the levels of their vote.

    Args:
        who: the words over the names.
        rules: whose levels these are.
        blanks: whether there is a column of blank lines.
    """
    keys = rules.level_keys
    columns = [TableColumn(_NUMBER, "center"), TableColumn(_NAME), TableColumn(0)]
    for _ in keys:
        columns += [TableColumn(_COUNT, "right"), TableColumn(_SHARE, "right")]
    top = [Head(phrase(key), down=2) for key in ("table.number", who, "table.position")]
    top += [Head(label, across=2) for label in rules.labels_in("vi")]
    below = [Head(phrase(f"table.{key}")) for _ in keys for key in ("count", "percent")]
    if blanks:
        columns.append(TableColumn(_BLANK, "right"))
        top.append(Head(phrase("table.blank"), down=2))
    rows = [
        line if isinstance(line, GroupRow) else _row(*line, keys, phrase, blank=blanks)
        for line in lines
    ]
    return Table(tuple(columns), (tuple(top), tuple(below)), tuple(rows))


def _addressed(
    count: Minutes, phrase: Phrases, number: int, line: OfficialResults
) -> OfficialResults:
    """The line with Ông or Bà before the name; in the Party everybody would be the same."""
    honorifics = count.session_file.honorifics
    if phrase.style == "party" or not honorifics:
        return line
    return line | {"name": f"{honorifics[number - 1]} {line['name']}".lstrip()}


def denominator(of: DenominatorValue, regime: Regime, phrase: Phrases) -> str:
    """What the percentages are of, with the rule that says so, if it was read."""
    rules = regime.denominator
    kind = words(f"denominators.{of['kind']}", "vi")
    rule = " " + phrase("table.by_rule", rule=rules.rule) if rules.verified else ""
    if of["value"] is None:
        return phrase("table.denominator_of_block", kind=kind, rule=rule)
    return phrase("table.denominator", kind=kind, value=amount(of["value"]), rule=rule)


def findings(count: Minutes, phrase: Phrases) -> list[Element]:
    """Who a rule speaks of, in the words of the rule; the program decides nothing.

    Nothing at all where the rules have a finding that papers may not state.
    """
    rules = count.regime
    if not all(rules.states(finding.code) for finding in rules.findings):
        return []
    lines: list[Element] = []
    honorifics = count.session_file.honorifics or ("",) * len(count.officials)
    for number, line in enumerate(count.results["officials"], start=1):
        if (finding := line["finding"]) is None:
            continue
        person = phrase.named(Participant(line["name"], "", honorifics[number - 1]))
        text = rule_text(finding, count.session_file.body)
        facts = {"number": number, "person": person, "rule": finding["rule"]}
        lines.append(Paragraph(phrase("findings.line", text=text, **facts)))
    return lines or [Paragraph(phrase("findings.none", instrument=rules.instrument))]


def rule_text(finding: Finding, body: str) -> str:
    """What a rule says, inside a sentence; one on both kinds of assemblies names only this one."""
    text = _lower(finding["text"].rstrip("."))
    both = ", ".join(_ASSEMBLIES)
    names = (name for name in _ASSEMBLIES if body.startswith(name))
    return text.replace(both, next(names, both))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def excluded(session_file: SessionFile, phrase: Phrases) -> list[Element]:
    """Who of the list was not rated, with the reasons."""
    return [
        Paragraph(
            phrase(
                "excluded.line",
                person=phrase.person(
                    Participant(official.name, official.position, official.honorific)
                ),
                reason=_lower(official.reason.rstrip(".")),
            )
        )
        for official in session_file.excluded
    ]


def verification(count: Minutes, phrase: Phrases) -> list[Element]:
    """By what the document is compared with the record; nothing where all voted on paper."""
    seal = count.seal
    if seal is None:
        return []
    digest = phrase("verification.not_published") if seal.record is None else grouped(seal.record)
    lines = [
        (phrase("verification.code"), seal.code),
        *_signed(seal, phrase),
        (phrase("verification.record"), digest),
    ]
    if seal.address:
        lines.append((phrase("verification.address"), seal.address))
    how = Paragraph(phrase("verification.how"), kind="note")
    return [Verification(tuple(lines), seal.address or seal.code), how]


def _signed(seal: RecordSeal, phrase: Phrases) -> list[tuple[str, str]]:
    """The codes of the sealed and of the closed box, each with who of the committee signed."""
    moments = (("opening", seal.opening), ("closing", seal.closing))
    return [
        (
            phrase(
                "verification.signed",
                moment=phrase(f"verification.{name}"),
                signed=len(signature.trustees),
                trustees=seal.trustees,
                numbers=", ".join(map(str, signature.trustees)),
            ),
            signature.code,
        )
        for name, signature in moments
    ]


def closing(facts: MeetingFacts, phrase: Phrases) -> Closing:
    """Recipients, and who signs: by default the committee's head."""
    if facts.signatory is not None:
        lines, name = facts.signatory.lines, bare(facts.signatory.name) or phrase.blank
    else:
        lines = (phrase(f"roles.for_committee_{phrase.style}"), phrase("roles.head"))
        name = bare(facts.committee[0].name) if facts.committee else phrase.blank
    upper = tuple(line.upper() for line in lines)
    strong = 1 if phrase.style == "party" else len(upper)
    signature = SignaturePlace(upper, name, strong)
    return Closing(phrase("recipients.label"), _recipients(facts, phrase), signature)


def presided(facts: MeetingFacts, phrase: Phrases, chair: SignaturePlace) -> Closing:
    """The end of minutes: recipients, and beside them who presided."""
    return Closing(phrase("recipients.label"), _recipients(facts, phrase), chair)


def _recipients(facts: MeetingFacts, phrase: Phrases) -> tuple[str, ...]:
    *names, last = [name.rstrip(";.") for name in facts.recipients] or [phrase.blank]
    lines = [phrase("recipients.line", name=name) for name in names]
    return (*lines, phrase("recipients.last", name=last))


def _starts(count: Minutes, phrase: Phrases) -> dict[int, str]:
    """The headings of the khối, by the number of their first official."""
    spans = zip(count.blocks, count.spans, strict=False)
    return {
        span.start + 1: phrase("group", number=number, heading=block.heading)
        for number, (block, span) in enumerate(spans, start=1)
    }


def _row(
    number: int, line: OfficialResults, keys: Sequence[str], phrase: Phrases, *, blank: bool
) -> tuple[str, ...]:
    cells = [str(number), line["name"], line["position"]]
    for key in keys:
        percent = line["percent"][key]
        cells.append(_cell(line["counts"][key], phrase))
        cells.append(phrase("table.unknown") if percent is None else _aligned(percent))
    return (*cells, _cell(line["counts"]["blank"], phrase)) if blank else tuple(cells)


def _cell(number: int | None, phrase: Phrases) -> str:
    return phrase("table.unknown") if number is None else amount(number)


def _aligned(percent: str) -> str:
    """With spaces for the decimals that are not written: commas stand under each other."""
    whole, comma, decimals = percent.partition(",")
    if not comma and len(whole) > _DECIMALS:  # 100 is as wide as the column
        return whole
    spaces = _FIGURE * (_DECIMALS - len(decimals))
    return f"{whole}{comma or _POINT}{decimals}{spaces}"


def grouped(digest: str) -> str:
    """A hash in groups of eight digits."""
    pieces = range(0, len(digest), _HASH_GROUP)
    return " ".join(digest[start : start + _HASH_GROUP] for start in pieces)
