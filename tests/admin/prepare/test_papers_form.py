"""papers.toml: everything may be missing, nothing may be wrong, and every line that is is named."""

from dataclasses import fields
from datetime import date, time

import pytest

from admin.documents.facts import (
    AuthorityNumbers,
    Founding,
    MeetingFacts,
    Participant,
    Signatory,
)
from admin.prepare import papers_form, template
from admin.prepare.template import TEMPLATES
from admin.rules.cells import Problem

WHOLE = """
style = "party"
parent = "Đảng bộ tỉnh"
issuer = "Ban kiểm phiếu"
town = "Huế"
venue = "Hội trường"
date = 2026-12-08
start = "8:05"
end = 10:30:00
printed = 60
copies = 3
adopted = true
complaints = []
basis = ["Quy định số 96-QĐ/TW"]
addressees = ["Ban Thường vụ Tỉnh ủy"]
recipients = ["Ban Bí thư (b/c)", "Lưu VPTU"]
witnesses = []

[numbers]
minutes = "15-BB/BKP"

[[authorities]]
name = "Ban Thường vụ Tỉnh ủy"
report = "45-BC/BTCTU"

[founding]
number = "12-NQ/TU"
date = 2026-12-07
votes = "51/51"

[chair]
name = "Lê Văn C"
honorific = "đồng chí"
position = "Bí thư"

[[committee]]
name = "Nguyễn Văn A"
honorific = "Ông"
role = "Trưởng ban"

[[committee]]
name = "Trần Thị B"

[[excused]]
name = "Phạm D"
reason = "ốm"

[signatory]
lines = ["T/M Ban Thường vụ", "Phó Bí thư Thường trực"]
name = "Lê Văn C"
"""


def read(text: str) -> tuple[MeetingFacts, list[str]]:
    problems = list[Problem]()
    facts = papers_form.decode(text.encode(), "papers.toml", problems)
    return facts, [problem.told("en") for problem in problems]


def test_everything_that_can_be_entered_is_read():
    facts, problems = read(WHOLE)
    assert problems == []
    assert facts == MeetingFacts(
        style="party",
        parent="Đảng bộ tỉnh",
        issuer="Ban kiểm phiếu",
        numbers=(("minutes", "15-BB/BKP"),),
        town="Huế",
        dated=date(2026, 12, 8),
        venue="Hội trường",
        start=time(8, 5),
        end=time(10, 30),
        committee=(Participant("Nguyễn Văn A", "Trưởng ban", "Ông"), Participant("Trần Thị B")),
        witnesses=(),
        chair=Participant("Lê Văn C", "Bí thư", "đồng chí"),
        excused=(Participant("Phạm D", "ốm"),),
        complaints=(),
        printed=60,
        copies=3,
        adopted=True,
        basis=("Quy định số 96-QĐ/TW",),
        addressees=("Ban Thường vụ Tỉnh ủy",),
        authorities=(AuthorityNumbers("Ban Thường vụ Tỉnh ủy", "45-BC/BTCTU"),),
        founding=Founding("12-NQ/TU", date(2026, 12, 7), "51/51"),
        recipients=("Ban Bí thư (b/c)", "Lưu VPTU"),
        signatory=Signatory(("T/M Ban Thường vụ", "Phó Bí thư Thường trực"), "Lê Văn C"),
    )
    assert facts.missing(*(field.name for field in fields(MeetingFacts))) == ()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_says_nothing_but_the_style(name: str):
    """Its examples are comments: nobody signs who was only an example."""
    facts, problems = read(template.papers(name).decode())
    assert problems == []
    assert facts == MeetingFacts(style="party" if name.startswith("party") else "state")


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_examples_of_a_template_are_right_once_they_come_into_force(name: str):
    lines = template.papers(name).decode().splitlines()
    used = [line.removeprefix("# ") if line[:3] in EXAMPLES else line for line in lines]
    facts, problems = read("\n".join(used))
    assert problems == []
    assert (len(facts.committee), facts.copies, facts.signatory is None) == (2, 2, False)


EXAMPLES = {f"# {letter}" for letter in "[abcdefghijklmnopqrstuvwxyz"}


@pytest.mark.parametrize(
    ("line", "problem_text"),
    [
        ('style = "royal"', "row 1, key style: royal is not one of"),
        ('stile = "state"', "row 1, key stile: there is no such key"),
        ("town = 5", "row 1, key town: text"),
        ('town = "A\u202eB"', "row 1, key town: character U+202E"),
        ('start = "25:00"', "row 1, key start: a local time"),
        ("date = 2026-12-07T08:00:00", "row 1, key date:"),
        ("copies = true", "row 1, key copies: a whole number"),
        ("copies = 0", "row 1, key copies: 0 is not"),
        ('adopted = "có"', "row 1, key adopted: true or false"),
        ('complaints = "không"', "row 1, key complaints: must be a list of texts"),
        ("recipients = [1]", "row 1, key recipients: text"),
        ('committee = "An"', "row 1, key committee: must be tables, such as [[committee]]"),
        ('\nchair = "An"', "row 2, key chair: must be a table, such as [chair]"),
        ('[numbers]\npress = "1"', "row 2, key numbers.press: there is no such key"),
        ('[[committee]]\nname = "A"\n[[committee]]\nrole = "B"', "row 3, key committee: the key"),
        ('[[excused]]\nname = ""', "row 2, key excused.name:"),
        ('[[witnesses]]\nname = "A"\nreason = "x"', "row 3, key witnesses.reason: there is no"),
        ("[chair", "papers.toml: not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line: str, problem_text: str):
    _, problems = read(line)
    assert len(problems) == 1
    assert problem_text in problems[0]


def test_all_problems_are_told_at_once_in_the_order_of_their_lines():
    _, problems = read('copies = 0\nstyle = "x"\n[[committee]]\nrole = 3\n')
    assert [problem.split(",")[0] for problem in problems] == [
        f"papers.toml: row {row}" for row in (1, 2, 3, 4)
    ]
