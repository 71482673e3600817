"""The facts of a meeting that people enter for its documents: ``papers.toml``, from draft to print.

They are read with the draft, taken over at the seal, and completed by hand where they are not
known. Nothing of them is in the record.
"""

from dataclasses import replace
from pathlib import Path
from typing import Final

from admin.documents.facts import MeetingFacts
from admin.prepare import draft as drafts
from admin.prepare import papers_form
from admin.prepare.draft import Examined
from admin.record import files
from admin.rules.cells import Problem
from admin.session.datadir import DataDir

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
        raise drafts.refusal(problems, "en")
    return facts


def examined(draft: Path, report: Examined) -> Examined:
    """The report on a draft, with the problems of its papers.toml."""
    source, problems = draft / papers_form.FILE, list[Problem]()
    if source.exists():
        papers_form.read(source, problems)
    if not problems:
        return report
    return replace(report, draft=None, problems=(*report.problems, *problems))


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
