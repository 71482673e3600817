"""No paper and no delegate's screen speaks of law that nobody has read; the secretary is told.

Every paper of every regulation, with results that every finding speaks of, and every sentence
that delegates are shown.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

import admin
import bot
from admin.cli import document
from admin.cli import minutes as command
from admin.documents import ballots, compose, sheets
from admin.documents.around import follow_up, forms, resolution, script
from admin.documents.around.forms import NoOpinions
from admin.documents.around.meeting import Meeting
from admin.documents.ballots import BallotHead, BlockBallot
from admin.documents.consolidation import report
from admin.documents.elements import Element, Heading
from admin.documents.facts import MeetingFacts
from admin.documents.forwarding import letter
from admin.documents.minutes import Minutes
from admin.office import meeting as meetings
from admin.prepare import draft, template
from admin.prepare.template import TEMPLATES
from admin.rules import dossiers, regime
from admin.rules.channel import electronic
from admin.rules.regime import Regime
from admin.words import Language
from tests.admin.documents import samples, test_consolidation

# What programs and law reviews say, and papers never.
UNREAD = (
    *("chưa đối chiếu", "chưa kiểm chứng", "chưa được kiểm chứng", "chưa đọc", "đề nghị đối chiếu"),
    *("mặc định của phần mềm", "mặc định của chương trình", "giá trị mặc định"),
    *("was not read", "were not read", "not verified", "no article was checked", "text not read"),
    *("a default of the program", "defaults of the program", "not compared with"),
)
# Instruments that are no longer in force, by the regulation whose papers may name them.
FORMER = {
    "35/2012/QH13": {"nq35-2012"},
    "561/2013": {"nq35-2012"},
    "85/2014/QH13": {"nq85-2014", "two-level-nq85"},
    "262-QĐ/TW": {"qd262-2014"},
}
OF_THE_COUNT: Mapping[str, Callable[[Minutes], Sequence[Element]]] = {
    **compose.COMPOSERS,
    **{name: composed for name, (_, composed) in document.AFTER.items()},
    "notice": lambda count: resolution.notice(count, 0),
    "script": lambda count: script.script(samples.before(count), count),
    "cases": lambda count: [
        element for i in follow_up.cases(count) for element in follow_up.case(count, i)
    ],
}
BEFORE: Mapping[str, Callable[[Meeting], Sequence[Element]]] = {
    **{name: composed for name, (_, composed) in document.BEFORE.items()},
    "script": script.script,
    "incidents": lambda meeting: follow_up.incidents(meeting, ("mất điện hai phút",)),
}


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for part in value.values() for text in texts(part))
    elif isinstance(value, list | tuple):
        yield from (text for part in value for text in texts(part))


def check(name: str, rules: str | None, value: Any) -> None:
    """Raises AssertionError, naming the paper and the words, unless only read law is in it.

    Args:
        rules: of whose vote it is; None of a catalogue, which names all of them.
    """
    whole = "\n".join(texts(value)).casefold()
    former = [law for law, may in FORMER.items() if rules is not None and rules not in may]
    unread_words = [words for words in (*UNREAD, *former) if words.casefold() in whole]
    assert not unread_words, f"{name} of {rules}: {unread_words}"


def counted(rules: Regime) -> Minutes:
    """Four officials under these rules: the last two have what the findings speak of."""
    two = rules.level_keys == regime.TWO_LEVELS
    totals = [(60, 20), (81, 0), (30, 51), (10, 71)] if two else [
        *((60, 15, 5), (81, 0, 0), (20, 16, 45), (10, 11, 60)),
    ]  # fmt: skip
    base = samples.state(4)
    kind = {"facts": samples.PARTY_FACTS} if rules.kind == "party" else {}
    changes: dict[str, Any] = {
        "regime": rules,
        "policy": samples.policy(rules),
        "present": 94,
        "electronic": electronic(rules, 82, 81, totals, (4,)),
        "paper": electronic(rules, 12, 12, [(12, *(0,) * (len(rules.levels) - 1))] * 4, (4,)),
        **kind,
    }
    return samples.entered(replace(base, **changes))


def own() -> Regime:
    """An association's rules, of which nothing is said to have been read."""
    path = Path(admin.__file__).parent / "prepare/templates/association/quy-che.toml"
    return regime.decode(path.read_bytes(), path.name)


REGIMES = {**{name: regime.load(name) for name in regime.builtin_ids()}, "own": own()}


@pytest.mark.parametrize("name", REGIMES)
def test_papers_of_the_count_have_only_law_that_was_read(name: str):
    """Minutes, reports, announcements, resolution, notices, the workbook."""
    count = counted(REGIMES[name])
    for paper, composed in OF_THE_COUNT.items():
        if paper == "resolution" and REGIMES[name].kind == "party":  # a Party body passes none
            continue
        check(paper, name, [asdict(element) for element in composed(count)])
    check("workbook", name, sheets._rows(count))


@pytest.mark.parametrize("name", REGIMES)
def test_papers_before_the_vote_have_only_law_that_was_read(name: str):
    """What is submitted, handed out, read aloud; the ballots themselves."""
    count = counted(REGIMES[name])
    meeting = samples.before(count)
    for paper, composed in BEFORE.items():
        check(paper, name, [asdict(element) for element in composed(meeting)])
    people = tuple((official.name, official.position) for official in count.officials)
    described = count.session_file
    labels = REGIMES[name].labels_in("vi")
    head = BallotHead(described.body, described.title, count.day, labels)
    for whole in (True, False):
        for officials in (people, people[:1]):
            block = BlockBallot("", officials, whole)
            check("ballot", name, ballots._data(head, [block], "vi", 1, tinted=False))


@pytest.mark.parametrize("name", regime.builtin_ids())
def test_the_office_above_gets_only_law_that_was_read(name: str):
    """The report on many bodies, and the letter that it goes with."""
    lines = counted(REGIMES[name]).results["officials"]
    venue = test_consolidation.venue("Hội đồng nhân dân tỉnh", *lines, rules=REGIMES[name])
    many = replace(test_consolidation.MANY, venues=(venue,), twice=(), owed=())

    for paper, composed in (("report", report(many)), ("letter", letter(many, "Tỉnh ủy"))):
        check(f"consolidated {paper}", name, [asdict(element) for element in composed])


@pytest.mark.parametrize("name", TEMPLATES)
def test_self_reports_have_no_talk_of_law(tmp_path: Path, name: str):
    """An official's office gets headings to write under."""
    template.new(tmp_path / "d", name, "2028-12-07", "Phieu1Kin2Test3A")
    meeting = meetings.of_draft(draft.read(tmp_path / "d"), MeetingFacts())
    sections = dossiers.of_regime(meeting.regime.id).outline
    papers = [forms.self_report(meeting, 0, sections)] if sections else []
    with suppress(NoOpinions):
        papers.append(forms.opinions(meeting, 0))
    for paper in papers:
        elements = [asdict(element) for element in paper]
        check("form", meeting.regime.id, elements)
        assert not any("Căn cứ" in text for text in texts(elements))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_delegates_read_nothing_of_law_that_was_not_read(language: Language):
    """All sentences of page, hall and chat, the guidance, letters and ballots."""
    pages = Path(bot.__file__).parent / "miniapp" / "locales"
    files = [path for path in pages.rglob(f"{language}.toml") if path.is_file()]
    locales = Path(admin.__file__).parent / "locales"
    files.append(locales / "chat" / f"{language}.toml")
    assert len(files) == 4  # the phone's, the hall's, the committee's, the chat's
    for path in files:
        check(str(path), None, tomllib.loads(path.read_text("utf-8")))
    parts = ("dossiers", "guidance"), ("paper", "paper"), ("papers", "papers"), ("", "letter")
    for folder, key in parts:
        table = tomllib.loads((locales / folder / f"{language}.toml").read_text("utf-8"))
        check(f"{folder} {key}", None, table[key])


@pytest.mark.parametrize("name", REGIMES)
def test_what_a_finding_says_needs_no_law_that_was_not_read(name: str):
    """Delegates see it on hall screen and page."""
    for finding in REGIMES[name].findings:
        check(finding.code, name, [finding.text.vi, finding.text.en, finding.rule])


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        *(("nq96-2023", True), ("qd96-2023", True), ("nq35-2012", True)),
        *(("two-level-nq96", False), ("two-level-nq85", False), ("own", False)),
    ],
)
def test_a_consequence_is_printed_where_it_was_read_and_never_of_two_levels(
    name: str, *, stated: bool
):
    """Else the chapter is not there: neither a consequence nor that there is none."""
    count = counted(REGIMES[name])
    headings = [element.text for element in compose.report(count) if isinstance(element, Heading)]

    assert any("QUY ĐỊNH" in heading for heading in headings) == stated
    assert any(line["finding"] for line in count.results["officials"])


@pytest.mark.parametrize("name", REGIMES)
def test_the_secretary_is_told_what_the_papers_do_not_say(
    name: str, capsys: pytest.CaptureFixture[str]
):
    """On stderr, each time papers are written."""
    count = counted(REGIMES[name])
    command._unsaid(count, ())
    stderr = capsys.readouterr().err

    assert ("Not read" in stderr) == bool(REGIMES[name].defaults)
    assert ("no consequence" in stderr) == (
        not REGIMES[name].states(REGIMES[name].findings[0].code)
    )
