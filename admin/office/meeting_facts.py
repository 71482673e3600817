"""The facts of a meeting that people enter for its documents: ``papers.toml``, from draft to print.

They are read with the draft, taken over at the seal, and completed by hand where they are not
known. Nothing of them is in the record.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from admin.documents.facts import MeetingFacts
from admin.prepare import draft as drafts
from admin.prepare import papers_form
from admin.prepare.draft import Draft, Examined
from admin.record import files
from admin.rules.cells import Fault, Problem
from admin.session import lookup
from admin.session.datadir import DataDir
from admin.words import language

FOLDER: Final = "papers"


def folder(datadir: DataDir, uuid: str) -> Path:
    """Where the documents of a session, its facts and its scans are kept."""
    return datadir.folder / FOLDER / uuid


def read(path: Path) -> MeetingFacts:
    """The facts in a papers.toml.

    Raises:
        BadDraft: with every problem, one on a line.
        OSError: the file cannot be read.
    """
    problems: list[Problem] = []
    facts = papers_form.read(path, problems)
    if problems:
        raise drafts.refusal(problems, language())
    return facts


def in_draft(folder: Path) -> MeetingFacts:
    """The facts in the papers.toml of a draft; none if there is no such file. Raises BadDraft."""
    path = folder / papers_form.FILE
    return read(path) if path.exists() else MeetingFacts()


def examined(draft: Path, report: Examined) -> Examined:
    """The report on a draft, with what is wrong with its papers.toml or doubtful in it."""
    source, problems = draft / papers_form.FILE, list[Problem]()
    facts = papers_form.read(source, problems) if source.exists() else MeetingFacts()
    if not problems:
        return replace(report, warnings=(*report.warnings, *_rated_counters(facts, report.draft)))
    return replace(report, draft=None, problems=(*report.problems, *problems))


def _rated_counters(facts: MeetingFacts, draft: Draft | None) -> Iterator[Problem]:
    """Members of the counting committee who are rated themselves."""
    rated = {} if draft is None else {lookup.spelled(o.name): o.name for o in draft.officials}
    for member in facts.committee or ():
        if (name := rated.get(lookup.spelled(member.name))) is not None:
            yield Problem(papers_form.FILE, None, None, Fault("counter_rated", name=name))


def drafted(draft: Path) -> MeetingFacts:
    """The facts in the papers.toml of a draft; none if it has no such file. Raises as `read`."""
    source = draft / papers_form.FILE
    return read(source) if source.exists() else MeetingFacts()


def keep(draft: Path, datadir: DataDir, uuid: str) -> bool:
    """Takes the papers.toml of a draft over; whether there was one.

    Raises:
        BadDraft: something in the file is wrong.
    """
    source = draft / papers_form.FILE
    if not source.exists():
        return False
    read(source)
    target = folder(datadir, uuid)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(target / papers_form.FILE, source.read_bytes(), mode=0o600)
    return True


def kept(datadir: DataDir, uuid: str) -> MeetingFacts:
    """The facts that were taken over at the seal; none if there was no papers.toml."""
    path = folder(datadir, uuid) / papers_form.FILE
    return read(path) if path.exists() else MeetingFacts()
